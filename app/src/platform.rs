//! What the browser gives that the domain must not take for itself: the clock and randomness.
//!
//! Only called from event handlers and effects, which do not run while a page is rendered on the server.

use domain::{CastId, ClientId, CommentId, InvalidText, ItemId, LaneId, Tag, Timestamp, Unicode};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, Document, Element, Event, FocusOptions, HtmlElement, KeyboardEvent, Node, Url, Window};

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

/// The element that an event is of.
pub(crate) fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The element that an event is within, by a selector.
pub(crate) fn within(event: &Event, selector: &str) -> Option<Element> {
    target(event)?.closest(selector).ok()?
}

/// The element that has the focus. Where that is SVG, it has what an HTML element has for that: it takes and gives the focus.
pub(crate) fn focused() -> Option<HtmlElement> {
    document().active_element().map(|element| element.unchecked_into())
}

/// An address at which the browser has a text as a file, for a minute: long enough to save it.
pub(crate) fn file_address(text: &str) -> Option<String> {
    blob_address(&Blob::new_with_str_sequence(&js_sys::Array::of1(&text.into())).ok()?)
}

/// As [`file_address`], of what the browser has already.
pub(crate) fn blob_address(blob: &Blob) -> Option<String> {
    let address = Url::create_object_url_with_blob(blob).ok()?;
    let over = address.clone();
    let free = move || drop(Url::revoke_object_url(&over));
    gloo_timers::callback::Timeout::new(60_000, free).forget();
    Some(address)
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
    new_cast CastId;
    new_client ClientId;
    new_comment CommentId;
    new_item ItemId;
    new_lane LaneId;
}

#[cfg(not(target_family = "wasm"))]
const UNICODE: Unicode = domain::NATIVE;

/// What the browser knows of Unicode, without its tables in the program.
#[cfg(target_family = "wasm")]
const UNICODE: Unicode = Unicode {
    composed: |text| js_sys::JsString::from(text).normalize("NFC").into(),
    compatible: |text| js_sys::JsString::from(text).normalize("NFKC").into(),
    lower: |text| js_sys::JsString::from(text).to_lower_case().into(),
};

/// A text to compare others with: what looks the same is the same.
pub(crate) fn fold(text: &str) -> String {
    domain::fold(text, &UNICODE)
}

/// Parses a tag that somebody typed.
///
/// # Errors
/// Why it is none, in a sentence.
pub(crate) fn parse_tag(text: &str) -> Result<Tag, InvalidText> {
    Tag::parse_by(text, &UNICODE)
}

/// The key of an event as shortcuts name it: where the layout has other letters than Latin ones, by its place on the keyboard.
pub(crate) fn shortcut(event: &KeyboardEvent) -> String {
    let key = event.key();
    if key.is_ascii() || key.chars().nth(1).is_some() {
        return key;
    }
    let code = event.code();
    match code.strip_prefix("Key") {
        Some(letter) => letter.to_ascii_lowercase(),
        None if code == "Slash" => (if event.shift_key() { "?" } else { "/" }).to_owned(),
        None => key,
    }
}

/// What the browser keeps under a name, beyond this page.
pub(crate) fn kept(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a text. Where that is forbidden, or there is no room, it is not kept.
pub(crate) fn keep(name: &str, text: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, text);
    }
}

pub(crate) fn forget(name: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(name);
    }
}

/// The name under which the page's script keeps a draft (`shell/early.js`).
fn draft(key: &str) -> String {
    format!("cairn-draft-{key}")
}

/// Whether something was typed under this name and neither sent nor emptied.
pub(crate) fn has_draft(key: &str) -> bool {
    kept(&draft(key)).is_some()
}

/// A draft was sent, or is not wanted any more.
pub(crate) fn forget_draft(key: &str) {
    forget(&draft(key));
}

/// The form that was sent last was accepted: its draft is not wanted any more.
pub(crate) fn forget_sent() {
    if let Ok(Some(session)) = window().session_storage()
        && let Ok(Some(name)) = session.get_item("cairnSent")
    {
        forget(&name);
    }
}

/// Goes to another page of this site, as a whole new one.
pub(crate) fn go(path: &str) {
    // Fails only for an address that cannot be parsed, and ours can.
    let _ = window().location().assign(path);
}

/// Runs something right after the signals set so far have brought the DOM up to date, still within the same task of the
/// browser: before any other input is handled.
pub(crate) fn after_effects(run: impl FnOnce() + 'static) {
    // Effects are woken when a signal is set, and run in the order in which they were woken; this comes after them.
    leptos::task::spawn_local(async { run() });
}

/// Runs something once the next frame has been painted.
pub(crate) fn after_frame(run: impl FnOnce() + 'static) {
    next_frame(|| {
        gloo_timers::callback::Timeout::new(0, run).forget();
    });
}

/// Puts a child elsewhere among its siblings. It keeps the focus, and its state where the browser can do that.
pub(crate) fn move_before(parent: &Node, child: &Node, before: Option<&Node>) {
    let place = before.map_or(JsValue::NULL, JsValue::from);
    let method = js_sys::Reflect::get(parent, &JsValue::from_str("moveBefore"));
    let method = method.ok().and_then(|method| method.dyn_into::<js_sys::Function>().ok());
    if method.is_some_and(|method| method.call2(parent, child, &place).is_ok()) {
        return;
    }
    let focused = focused().filter(|focused| child.contains(Some(focused)));
    if parent.insert_before(child, before).is_ok()
        && let Some(focused) = focused
    {
        focus(&focused);
    }
}

/// Focuses an element without scrolling to it. One that cannot take the focus leaves it where it is.
pub(crate) fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// Gives the focus to the first control within the element of that id.
pub(crate) fn focus_first(id: &str) {
    let control = format!("#{id} :is(input, select, textarea)");
    if let Ok(Some(control)) = document().query_selector(&control) {
        let _ = control.dyn_into::<HtmlElement>().map(|control| focus(&control));
    }
}

/// Runs something before the next frame is painted, once the DOM has been brought up to date.
pub(crate) fn next_frame(run: impl FnOnce() + 'static) {
    leptos::prelude::request_animation_frame(run);
}
