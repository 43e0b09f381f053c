//! The options of a choice.

use leptos::prelude::*;

use super::flag;

/// Options by key and name, of which one is chosen.
pub(crate) fn options(all: Signal<Vec<(String, String)>>, chosen: Signal<String>) -> impl IntoView {
    move || {
        let option = |(key, name): (String, String)| {
            let first = key == *chosen.read_untracked();
            let this = key.clone();
            // The attribute is for the page as it comes. An option that was chosen once takes no notice of it.
            view! {
                <option value=key selected=first prop:selected=flag(move || *chosen.read() == this)>
                    {name}
                </option>
            }
        };
        all.get().into_iter().map(option).collect_view()
    }
}
