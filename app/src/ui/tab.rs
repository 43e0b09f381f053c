//! Tabs below a title.

use leptos::prelude::*;

/// A part of a page that has an address of its own.
pub(crate) fn tab(label: &'static str, href: String, is_current: bool) -> AnyView {
    view! {
        <a class="tab" href=href aria-current=is_current.then_some("page")>
            {label}
        </a>
    }
    .into_any()
}
