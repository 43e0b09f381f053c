//! A press that becomes a drag, with mouse, pen and finger, whatever is pressed.
//!
//! It does after 5 px, or for a finger after resting 250 ms, so that a swipe still scrolls. While something is dragged,
//! everything is read and drawn once per frame.

use std::cell::RefCell;

use domain::Timestamp;
use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent};

use crate::platform;

/// How far a mouse or pen must go before a press becomes a drag, in CSS pixels.
const THRESHOLD: f64 = 5.0;
/// How long a finger must rest before it drags instead of scrolling, in milliseconds.
const LONG_PRESS: u32 = 250;
/// How far a resting finger may tremble.
const TREMBLE: f64 = 8.0;
/// Within this distance of an edge the board or lane scrolls by itself.
const EDGE: f64 = 56.0;
/// How fast that is at the very edge, in pixels a second.
const SPEED: f64 = 1_000.0;
/// A frame that took longer scrolls no further, in seconds: so that nothing is passed unseen.
const LONG_FRAME: f64 = 0.1;

/// How thick the line is that shows where something would land.
pub(crate) const LINE: f64 = 2.0;

/// The id of the line that shows where a card or lane would land.
pub(super) const DROP_LINE: &str = "drop-line";

/// What can be pressed and dragged.
pub(crate) trait Draggable {
    /// Where its copy begins.
    fn element(&self) -> &Element;

    /// The press becomes a drag. Returns the copy that follows the pointer; `None` when there is nothing to drag any more.
    fn begin(&mut self) -> Option<HtmlElement>;

    /// Finds where it would land and shows it there, after so many seconds at the edge of something that scrolls. Once per
    /// frame, and when it is let go.
    fn aim(&mut self, at: (f64, f64), elapsed: f64);

    /// The drag is over, and everything looks as before.
    fn end(&mut self);

    /// It was let go where it was last aimed.
    fn land(&mut self);
}

thread_local! {
    /// The one press or drag of this page.
    static PRESS: RefCell<Option<Press>> = const { RefCell::new(None) };
}

struct Press {
    what: Box<dyn Draggable>,
    pointer: i32,
    touch: bool,
    start: (f64, f64),
    at: (f64, f64),
    flight: Option<Flight>,
    _long_press: Option<Timeout>,
    _listeners: Vec<EventListener>,
}

/// A drag that has begun.
struct Flight {
    ghost: HtmlElement,
    /// From the pointer to the ghost's corner.
    grip: (f64, f64),
    /// When the last frame was.
    frame: Timestamp,
}

/// A pointer went down on something.
pub(crate) fn press(event: &PointerEvent, what: impl Draggable + 'static) {
    cancel();
    let touch = event.pointer_type() == "touch";
    let press = Press {
        what: Box::new(what),
        pointer: event.pointer_id(),
        touch,
        start: place_of(event),
        at: place_of(event),
        flight: None,
        _long_press: touch.then(|| Timeout::new(LONG_PRESS, begin)),
        _listeners: follow(),
    };
    PRESS.with_borrow_mut(|slot| *slot = Some(press));
}

fn place_of(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

fn follow() -> Vec<EventListener> {
    let window = platform::window();
    let pointer = |name: &'static str, run: fn(&PointerEvent)| {
        EventListener::new(&window, name, move |event: &Event| {
            let is_ours = |event: &&PointerEvent| {
                PRESS.with_borrow(|press| {
                    press.as_ref().is_some_and(|press| press.pointer == event.pointer_id())
                })
            };
            if let Some(event) = event.dyn_ref::<PointerEvent>().filter(is_ours) {
                run(event);
            }
        })
    };
    let active = EventListenerOptions { passive: false, ..EventListenerOptions::run_in_capture_phase() };
    let touch = EventListener::new_with_options(&window, "touchmove", active, |event: &Event| {
        // The finger moves what is dragged and not the page.
        if is_flying() {
            event.prevent_default();
        }
    });
    let keys = EventListener::new_with_options(&window, "keydown", active, |event: &Event| {
        let escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
        if escape && is_flying() {
            event.prevent_default();
            event.stop_propagation();
            cancel();
        }
    });
    vec![
        pointer("pointermove", moved),
        pointer("pointerup", dropped),
        pointer("pointercancel", |_| cancel()),
        touch,
        keys,
    ]
}

fn is_flying() -> bool {
    PRESS.with_borrow(|press| press.as_ref().is_some_and(|press| press.flight.is_some()))
}

fn moved(event: &PointerEvent) {
    let (waits, touch, distance) = PRESS.with_borrow_mut(|slot| {
        let Some(press) = slot.as_mut() else { return (false, false, 0.0) };
        press.at = place_of(event);
        let distance = (press.at.0 - press.start.0).hypot(press.at.1 - press.start.1);
        (press.flight.is_none(), press.touch, distance)
    });
    if waits && touch && distance > TREMBLE {
        cancel();
    } else if waits && !touch && distance > THRESHOLD {
        begin();
    }
}

/// The press becomes a drag.
fn begin() {
    let begun = PRESS.with_borrow_mut(|slot| {
        let press = slot.as_mut()?;
        let rect = press.what.element().get_bounding_client_rect();
        let ghost = press.what.begin()?;
        if !press.touch {
            // The pointer looks as over the ghost, wherever it goes. A class on the page would style all of it again.
            let _ = ghost.set_pointer_capture(press.pointer);
        }
        let grip = (rect.left() - press.start.0, rect.top() - press.start.1);
        press.flight = Some(Flight { ghost, grip, frame: platform::now() });
        Some(())
    });
    if begun.is_some() {
        frame();
    }
}

/// Once per frame: move the ghost, and show where what is dragged would land.
fn frame() {
    let flying = PRESS.with_borrow_mut(|slot| {
        let Some(press) = slot.as_mut() else { return false };
        let Some(flight) = press.flight.as_mut() else { return false };
        let (x, y) = press.at;
        let place = format!("{}px {}px", x + flight.grip.0, y + flight.grip.1);
        let _ = flight.ghost.style().set_property("translate", &place);
        let now = platform::now();
        let elapsed = ((now.0 - flight.frame.0) as f64 / 1_000.0).clamp(0.0, LONG_FRAME);
        flight.frame = now;
        press.what.aim((x, y), elapsed);
        true
    });
    if flying {
        platform::next_frame(frame);
    }
}

fn dropped(event: &PointerEvent) {
    // A drop within the frame of the last move must land where the pointer is.
    let is_flying = PRESS.with_borrow_mut(|slot| {
        let press = slot.as_mut().filter(|press| press.flight.is_some());
        press.map(|press| press.what.aim(place_of(event), 0.0)).is_some()
    });
    end(|what| {
        if is_flying {
            swallow_click();
            what.land();
        }
    });
}

/// Ends a press or drag; what was pressed is where it was.
fn cancel() {
    end(|_| {});
}

fn end(then: impl FnOnce(&mut dyn Draggable)) {
    let Some(mut press) = PRESS.with_borrow_mut(Option::take) else { return };
    if let Some(flight) = &press.flight {
        flight.ghost.remove();
        hide_line();
        press.what.end();
    }
    then(&mut *press.what);
    // Dropping a listener from within its own call frees the closure that runs.
    platform::next_frame(move || drop(press));
}

/// The click that ends a drag opens nothing.
fn swallow_click() {
    let options = EventListenerOptions { passive: false, ..EventListenerOptions::run_in_capture_phase() };
    let listener = EventListener::once_with_options(&platform::window(), "click", options, |event| {
        event.prevent_default();
        event.stop_propagation();
    });
    Timeout::new(0, move || drop(listener)).forget();
}

/// A copy of an element, as wide as it is, with nothing by which it would be taken for the element.
pub(crate) fn ghost(element: &Element, class: &str) -> Option<HtmlElement> {
    let ghost: HtmlElement = element.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    for attribute in ["id", "data-item"] {
        ghost.remove_attribute(attribute).ok()?;
    }
    if let Ok(Some(named)) = ghost.query_selector("[id]") {
        named.remove_attribute("id").ok()?;
    }
    ghost.set_attribute("aria-hidden", "true").ok()?;
    ghost.class_list().add_1(class).ok()?;
    let width = element.get_bounding_client_rect().width();
    ghost.style().set_property("width", &format!("{width}px")).ok()?;
    platform::document().body()?.append_child(&ghost).ok()?;
    Some(ghost)
}

/// Scrolls the board when the pointer is at one of its sides, as far as in that time, in seconds.
pub(super) fn scroll_board(x: f64, elapsed: f64) {
    if let Some(board) = platform::element("board") {
        let rect = board.get_bounding_client_rect();
        board.scroll_by_with_x_and_y((speed(rect.right() - x) - speed(x - rect.left())) * elapsed, 0.0);
    }
}

/// How fast it scrolls at this distance from an edge, in pixels a second.
pub(crate) fn speed(distance: f64) -> f64 {
    SPEED * ((EDGE - distance) / EDGE).clamp(0.0, 1.0)
}

/// Shows where something would land: a line from this corner on.
pub(crate) fn show_line(x: f64, y: f64, width: f64, height: f64) {
    let Some(line) = drop_line() else { return };
    line.set_hidden(false);
    let style = line.style();
    let _ = style.set_property("transform", &format!("translate({x}px, {y}px)"));
    let _ = style.set_property("width", &format!("{width}px"));
    let _ = style.set_property("height", &format!("{height}px"));
}

pub(super) fn hide_line() {
    if let Some(line) = drop_line() {
        line.set_hidden(true);
    }
}

fn drop_line() -> Option<HtmlElement> {
    platform::element(DROP_LINE)?.dyn_into().ok()
}
