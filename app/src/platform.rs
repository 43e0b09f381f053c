//! What the browser gives that the domain must not take for itself: the clock and randomness.
//!
//! Only called from event handlers and effects, which do not run while a page is rendered on the server.

use domain::{ClientId, CommentId, ItemId, LaneId, Timestamp};
use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, HtmlElement, Window};

pub(crate) fn window() -> Window {
    web_sys::window().expect("only called in a browser")
}

pub(crate) fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The element with this id, if it is on the page.
pub(crate) fn element(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// The element that has the focus.
pub(crate) fn focused() -> Option<HtmlElement> {
    document().active_element().and_then(|element| element.dyn_into().ok())
}

pub(crate) fn now() -> Timestamp {
    // Whole milliseconds fit: a float is exact far beyond the year 200,000.
    Timestamp(js_sys::Date::now() as i64)
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let crypto = window().crypto().expect("every supported browser has Web Crypto");
    crypto.get_random_values_with_u8_array(&mut bytes).expect("up to 65,536 bytes are always given");
    bytes
}

macro_rules! new_id {
    ($($function:ident $id:ident;)*) => {$(
        pub(crate) fn $function() -> $id {
            $id::new(now().0.unsigned_abs(), random())
        }
    )*};
}

new_id! {
    new_client ClientId;
    new_comment CommentId;
    new_item ItemId;
    new_lane LaneId;
}

/// Runs something before the next frame is painted, once the DOM has been brought up to date.
pub(crate) fn next_frame(run: impl FnOnce() + 'static) {
    leptos::prelude::request_animation_frame(run);
}
