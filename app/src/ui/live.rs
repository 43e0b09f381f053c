//! What changes within a view, as one kind of view for all: each closure of its own is compiled into kinds of views and attributes
//! of its own, some two kilobytes each. None of it is owned by the page: a view that is about to go is asked once more.

use leptos::prelude::*;

/// A text that changes.
pub(crate) fn text(read: impl Fn() -> String + Send + Sync + 'static) -> ArcSignal<String> {
    ArcSignal::derive(read)
}

/// Whether something holds.
pub(crate) fn flag(read: impl Fn() -> bool + Send + Sync + 'static) -> ArcSignal<bool> {
    ArcSignal::derive(read)
}

/// A word that is there or not, as of an attribute.
pub(crate) fn word(
    read: impl Fn() -> Option<&'static str> + Send + Sync + 'static,
) -> ArcSignal<Option<&'static str>> {
    ArcSignal::derive(read)
}

/// What a click does.
pub(crate) fn click(does: impl FnMut(web_sys::MouseEvent) + 'static) -> Box<dyn FnMut(web_sys::MouseEvent)> {
    Box::new(does)
}
