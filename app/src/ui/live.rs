//! What changes within a view, as one kind of view for all: each closure of its own is compiled into kinds of views and attributes
//! of its own, some two kilobytes each.

use leptos::prelude::*;

/// A text that changes.
pub(crate) fn text(read: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(read)
}

/// Whether something holds.
pub(crate) fn flag(read: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(read)
}

/// A word that is there or not, as of an attribute.
pub(crate) fn word(
    read: impl Fn() -> Option<&'static str> + Send + Sync + 'static,
) -> Signal<Option<&'static str>> {
    Signal::derive(read)
}

/// What a click does.
pub(crate) fn click(does: impl FnMut(web_sys::MouseEvent) + 'static) -> Box<dyn FnMut(web_sys::MouseEvent)> {
    Box::new(does)
}
