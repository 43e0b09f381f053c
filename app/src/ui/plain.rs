//! HTML that the server made.

use leptos::prelude::*;

/// HTML the server made, as it is.
#[component]
pub(crate) fn PlainPart(#[prop(into)] html: Signal<String>) -> impl IntoView {
    view! { <div class="plain" inner_html=move || html.get()></div> }
}
