//! Something to be copied and passed on.

use leptos::{html, prelude::*};
use wasm_bindgen_futures::JsFuture;

use super::Toasts;
use crate::platform;

/// A link that is shown once, with a button that copies it.
#[component]
pub(crate) fn LinkToPassOn(
    #[prop(into)] id: String,
    link: String,
    #[prop(into, default = "Link to pass on".to_owned())] label: String,
    /// For how long it is good, and for whom.
    #[prop(optional)]
    hint: Option<&'static str>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let input = NodeRef::<html::Input>::new();
    let copy = move |_| {
        if let Some(input) = input.get_untracked() {
            input.select();
            // Browsers give the clipboard to secure pages only; elsewhere the link is selected to be copied by hand.
            if platform::window().is_secure_context() {
                let copying = platform::window().navigator().clipboard().write_text(&input.value());
                leptos::task::spawn_local(async move {
                    match JsFuture::from(copying).await {
                        Ok(_) => toasts.info("The link was copied."),
                        Err(_) => toasts.error("The browser can't copy. Copy the selected link by hand."),
                    }
                });
            }
        }
    };
    let described = hint.map(|_| format!("{id}-hint"));
    let hint = hint.map(|hint| view! { <p class="field__hint" id=described.clone()>{hint}</p> });
    view! {
        <div class="field link-to-pass-on">
            <label for=id.clone() dir="auto">
                {label}
            </label>
            <div class="row">
                <input id=id readonly value=link node_ref=input aria-describedby=described />
                <button type="button" class="button needs-life" on:click=copy>
                    "Copy"
                </button>
            </div>
            {hint}
        </div>
    }
}
