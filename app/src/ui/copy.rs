//! Something to be copied and passed on.

use leptos::{html, prelude::*};
use wasm_bindgen_futures::JsFuture;

use super::Toasts;
use crate::platform;

const BY_HAND: &str = "The browser can't copy here. Copy the link by hand.";
const NOT_HERE: &str = "The browser can't copy here.";

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
            // Where the browser can't copy, the link is selected to be copied by hand.
            input.select();
            copy_link(&input.value(), toasts);
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
                    "Copy link"
                </button>
            </div>
            {hint}
        </div>
    }
}

/// Copies a link. Browsers give the clipboard to secure pages only.
pub(crate) fn copy_link(link: &str, toasts: Toasts) {
    copy(link, "The link was copied.".to_owned(), BY_HAND, toasts);
}

/// Copies a text, and says what was `done`.
pub(crate) fn copy_text(text: &str, done: String, toasts: Toasts) {
    copy(text, done, NOT_HERE, toasts);
}

fn copy(text: &str, done: String, trouble: &'static str, toasts: Toasts) {
    if !platform::window().is_secure_context() {
        toasts.error(trouble);
        return;
    }
    let copying = platform::window().navigator().clipboard().write_text(text);
    leptos::task::spawn_local(async move {
        match JsFuture::from(copying).await {
            Ok(_) => toasts.info(done),
            Err(_) => toasts.error(trouble),
        }
    });
}
