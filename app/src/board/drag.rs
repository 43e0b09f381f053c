//! Dragging cards with mouse, pen and finger.
//!
//! A press becomes a drag after 5 px, or for a finger after resting 250 ms, so that a swipe still scrolls. While a card
//! is dragged, everything is read and drawn once per frame.

use std::cell::RefCell;

use domain::{ItemId, LaneId, Place, Timestamp, wire::Dragging};
use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent};

use super::{Board, focus, moves::Tell};
use crate::platform;

/// How far a mouse or pen must go before a press becomes a drag, in CSS pixels.
pub(super) const THRESHOLD: f64 = 5.0;
/// How long a finger must rest before it drags instead of scrolling, in milliseconds.
pub(super) const LONG_PRESS: u32 = 250;
/// How far a resting finger may tremble.
pub(super) const TREMBLE: f64 = 8.0;
/// Within this distance of an edge the board or lane scrolls by itself.
const EDGE: f64 = 56.0;
/// How fast that is at the very edge, in pixels a second.
const SPEED: f64 = 1_000.0;
/// How much faster a lane scrolls for each second at its edge, and at most: its end may be a thousand cards away.
const FASTER: f64 = 3.0;
const FASTEST: f64 = 16.0;
/// A frame that took longer scrolls no further, in seconds: so that nothing is passed unseen.
pub(super) const LONG_FRAME: f64 = 0.1;

/// How thick the line is that shows where something would land.
pub(super) const LINE: f64 = 2.0;

/// The id of the line that shows where a card or lane would land.
pub(super) const DROP_LINE: &str = "drop-line";

thread_local! {
    /// The one press or drag of this page.
    static DRAG: RefCell<Option<Drag>> = const { RefCell::new(None) };
}

struct Drag {
    board: Board,
    card: Element,
    item: ItemId,
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
    items: Vec<ItemId>,
    ghost: HtmlElement,
    /// From the pointer to the ghost's corner.
    grip: (f64, f64),
    target: Option<(LaneId, Place<ItemId>)>,
    /// When the last frame was.
    frame: Timestamp,
    /// For how long a lane has been scrolling, in seconds.
    scrolling: f64,
}

/// Watches for presses while the board is open.
pub(super) fn listen(board: Board) {
    let handle = window_event_listener(ev::pointerdown, move |event| press(board, &event));
    on_cleanup(move || handle.remove());
}

/// A pointer went down.
fn press(board: Board, event: &PointerEvent) {
    if event.button() != 0
        || !board.room.can_edit()
        || event.ctrl_key()
        || event.meta_key()
        || event.shift_key()
    {
        return;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let on_control = target.closest("button, input, textarea, select").ok().flatten().is_some();
    let Some(card) = target.closest("[data-item]").ok().flatten().filter(|_| !on_control) else { return };
    let Some(item) = focus::item_of(&card) else { return };
    cancel();
    let touch = event.pointer_type() == "touch";
    let at = (f64::from(event.client_x()), f64::from(event.client_y()));
    let long_press = touch.then(|| Timeout::new(LONG_PRESS, begin));
    let drag = Drag {
        board,
        card,
        item,
        pointer: event.pointer_id(),
        touch,
        start: at,
        at,
        flight: None,
        _long_press: long_press,
        _listeners: follow(),
    };
    DRAG.with_borrow_mut(|slot| *slot = Some(drag));
}

fn follow() -> Vec<EventListener> {
    let window = platform::window();
    let pointer = |name: &'static str, run: fn(&PointerEvent)| {
        EventListener::new(&window, name, move |event: &Event| {
            if let Some(event) = event.dyn_ref::<PointerEvent>() {
                run(event);
            }
        })
    };
    let active = EventListenerOptions { passive: false, ..EventListenerOptions::run_in_capture_phase() };
    let touch = EventListener::new_with_options(&window, "touchmove", active, |event: &Event| {
        // While dragging, the finger moves the card and not the page.
        if DRAG.with_borrow(|drag| drag.as_ref().is_some_and(|drag| drag.flight.is_some())) {
            event.prevent_default();
        }
    });
    let keys = EventListener::new_with_options(&window, "keydown", active, |event: &Event| {
        let escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
        if escape && DRAG.with_borrow(|drag| drag.as_ref().is_some_and(|drag| drag.flight.is_some())) {
            event.prevent_default();
            event.stop_propagation();
            cancel();
        }
    });
    vec![
        pointer("pointermove", moved),
        pointer("pointerup", dropped),
        pointer("pointercancel", |event| {
            if is_ours(event) {
                cancel();
            }
        }),
        touch,
        keys,
    ]
}

fn is_ours(event: &PointerEvent) -> bool {
    DRAG.with_borrow(|drag| drag.as_ref().is_some_and(|drag| drag.pointer == event.pointer_id()))
}

fn moved(event: &PointerEvent) {
    if !is_ours(event) {
        return;
    }
    enum Then {
        Nothing,
        Begin,
        Cancel,
    }
    let then = DRAG.with_borrow_mut(|drag| {
        let Some(drag) = drag.as_mut() else { return Then::Nothing };
        drag.at = (f64::from(event.client_x()), f64::from(event.client_y()));
        let distance = (drag.at.0 - drag.start.0).hypot(drag.at.1 - drag.start.1);
        match (drag.flight.is_some(), drag.touch) {
            (true, _) => Then::Nothing,
            (false, true) if distance > TREMBLE => Then::Cancel,
            (false, false) if distance > THRESHOLD => Then::Begin,
            _ => Then::Nothing,
        }
    });
    match then {
        Then::Nothing => {}
        Then::Begin => begin(),
        Then::Cancel => cancel(),
    }
}

/// The press becomes a drag.
fn begin() {
    let started = DRAG.with_borrow_mut(|slot| {
        let drag = slot.as_mut()?;
        let items = drag.board.with_selection(drag.item);
        let ghost = ghost(&drag.card, items.len())?;
        let rect = drag.card.get_bounding_client_rect();
        if !drag.touch {
            // The pointer looks as over the ghost, wherever it goes. A class on the page would style all of it anew.
            let _ = ghost.set_pointer_capture(drag.pointer);
        }
        let grip = (rect.left() - drag.start.0, rect.top() - drag.start.1);
        drag.flight = Some(Flight {
            items: items.clone(),
            ghost,
            grip,
            target: None,
            frame: platform::now(),
            scrolling: 0.0,
        });
        Some((drag.board, items))
    });
    let Some((board, items)) = started else { return };
    mark(&items, true);
    board.room.present(|presence| presence.dragging = Some(Dragging { items, over: None }));
    frame();
}

/// Once per frame: scroll near an edge, move the ghost, find where it would land.
fn frame() {
    let flying = DRAG.with_borrow_mut(|slot| {
        let Some(drag) = slot.as_mut() else { return false };
        let Some(flight) = drag.flight.as_mut() else { return false };
        let (x, y) = drag.at;
        let _ = flight.ghost.style().set_property(
            "transform",
            &format!("translate({}px, {}px) rotate(2deg)", x + flight.grip.0, y + flight.grip.1),
        );
        let lane = lane_at(x, y);
        let now = platform::now();
        let elapsed = ((now.0 - flight.frame.0) as f64 / 1_000.0).clamp(0.0, LONG_FRAME);
        flight.frame = now;
        let is_scrolling = scroll(lane.as_ref(), (x, y), elapsed, flight.scrolling);
        flight.scrolling = if is_scrolling { flight.scrolling + elapsed } else { 0.0 };
        let target = lane.as_ref().and_then(|lane| target(drag.board, lane, y, &flight.items));
        if target != flight.target {
            flight.target = target;
            let over = target;
            drag.board.room.present(|presence| {
                if let Some(dragging) = &mut presence.dragging {
                    dragging.over = over;
                }
            });
        }
        true
    });
    if flying {
        platform::next_frame(frame);
    }
}

fn dropped(event: &PointerEvent) {
    if !is_ours(event) {
        return;
    }
    // A drop within the frame of the last move must land where the pointer is.
    let landed = DRAG.with_borrow(|slot| {
        let drag = slot.as_ref()?;
        let flight = drag.flight.as_ref()?;
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let target = lane_at(x, y).and_then(|lane| target(drag.board, &lane, y, &flight.items));
        Some((drag.board, flight.items.clone(), target))
    });
    cancel();
    let Some((board, items, target)) = landed else { return };
    swallow_click();
    if let Some((lane, place)) = target {
        board.move_items(items, lane, place, Tell::Toast);
        board.clear_selection();
    }
}

/// Ends a press or drag; the cards are where they were.
fn cancel() {
    let Some(drag) = DRAG.with_borrow_mut(Option::take) else { return };
    if let Some(flight) = &drag.flight {
        flight.ghost.remove();
        mark(&flight.items, false);
        hide_line();
        drag.board.room.present(|presence| presence.dragging = None);
    }
    // Dropping a listener from within its own call frees the closure that runs.
    platform::next_frame(move || drop(drag));
}

/// The click that ends a drag opens nothing.
pub(super) fn swallow_click() {
    let options = EventListenerOptions { passive: false, ..EventListenerOptions::run_in_capture_phase() };
    let listener = EventListener::once_with_options(&platform::window(), "click", options, |event| {
        event.prevent_default();
        event.stop_propagation();
    });
    Timeout::new(0, move || drop(listener)).forget();
}

fn ghost(card: &Element, count: usize) -> Option<HtmlElement> {
    let ghost: HtmlElement = card.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    ghost.remove_attribute("id").ok()?;
    ghost.remove_attribute("data-item").ok()?;
    ghost.set_attribute("aria-hidden", "true").ok()?;
    ghost.class_list().add_1("card--ghost").ok()?;
    let width = card.get_bounding_client_rect().width();
    ghost.style().set_property("width", &format!("{width}px")).ok()?;
    if count > 1 {
        let badge = platform::document().create_element("span").ok()?;
        badge.set_class_name("card__stack");
        badge.set_text_content(Some(&count.to_string()));
        ghost.append_child(&badge).ok()?;
    }
    platform::document().body()?.append_child(&ghost).ok()?;
    Some(ghost)
}

fn mark(items: &[ItemId], dragging: bool) {
    for id in items {
        if let Some(card) = platform::element(&focus::card_id(*id)) {
            let _ = card.class_list().toggle_with_force("card--dragging", dragging);
        }
    }
}

/// The lane at a point, by where the lanes are: to be asked what is there, the browser looks at every card.
fn lane_at(x: f64, y: f64) -> Option<Element> {
    let holds = |element: &Element| {
        let rect = element.get_bounding_client_rect();
        (rect.left()..rect.right()).contains(&x) && (rect.top()..rect.bottom()).contains(&y)
    };
    let board = platform::element("board").filter(holds)?;
    let lanes = board.query_selector_all("[data-lane]").ok()?;
    (0..lanes.length()).filter_map(|at| lanes.get(at)?.dyn_into().ok()).find(holds)
}

/// Where in a lane the cards would land, with the line drawn there. Asked once per frame, so few cards are looked at: they stand
/// below each other in order.
fn target(board: Board, lane: &Element, y: f64, dragged: &[ItemId]) -> Option<(LaneId, Place<ItemId>)> {
    let id: LaneId = lane.get_attribute("data-lane")?.parse().ok()?;
    let list = lane.query_selector(".lane__cards").ok().flatten()?;
    let cards = list.query_selector_all("[data-item]:not([hidden])").ok()?;
    let card = |at: u32| cards.get(at)?.dyn_into::<Element>().ok();
    let below = first(cards.length(), |at| {
        card(at).is_some_and(|card| {
            let rect = card.get_bounding_client_rect();
            y < rect.top() + rect.height() / 2.0
        })
    });
    let standing = |at: u32| {
        let card = card(at)?;
        let item = focus::item_of(&card).filter(|item| !dragged.contains(item))?;
        Some((item, card.get_bounding_client_rect()))
    };
    let before = (below..cards.length()).find_map(standing);
    let after = (0..below).rev().find_map(standing);
    let list = list.get_bounding_client_rect();
    let line = match (&before, &after) {
        (Some((_, rect)), _) => rect.top() - 4.0,
        (None, Some((_, rect))) => rect.bottom() + 4.0,
        (None, None) => list.top() + 4.0,
    };
    show_line(list.left() + 8.0, line.clamp(list.top(), list.bottom()) - 1.0, list.width() - 16.0, LINE);
    let beside: Vec<ItemId> = after.iter().chain(&before).map(|(item, _)| *item).collect();
    Some((id, board.place(&beside, usize::from(after.is_some()))))
}

/// The first of so many of which something is true that is true of all that follow; their number when it is true of none.
fn first(count: u32, is_true: impl Fn(u32) -> bool) -> u32 {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = from.midpoint(to);
        if is_true(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

/// Scrolls what the pointer is at the edge of, as far as in that time; a lane that has been scrolling for so long does it
/// faster. Returns whether a lane does. Times are in seconds.
fn scroll(lane: Option<&Element>, (x, y): (f64, f64), elapsed: f64, scrolling: f64) -> bool {
    scroll_board(x, elapsed);
    let Some(list) = lane.and_then(|lane| lane.query_selector(".lane__cards").ok().flatten()) else {
        return false;
    };
    let rect = list.get_bounding_client_rect();
    let speed = (speed(rect.bottom() - y) - speed(y - rect.top())) * (1.0 + FASTER * scrolling).min(FASTEST);
    list.scroll_by_with_x_and_y(0.0, speed * elapsed);
    speed != 0.0
}

/// Scrolls the board when the pointer is at one of its sides, as far as in that time.
pub(super) fn scroll_board(x: f64, elapsed: f64) {
    if let Some(board) = platform::element("board") {
        let rect = board.get_bounding_client_rect();
        board.scroll_by_with_x_and_y((speed(rect.right() - x) - speed(x - rect.left())) * elapsed, 0.0);
    }
}

/// How fast it scrolls at this distance from an edge, in pixels a second.
fn speed(distance: f64) -> f64 {
    SPEED * ((EDGE - distance) / EDGE).clamp(0.0, 1.0)
}

/// Shows where something would land: a line from this corner on.
pub(super) fn show_line(x: f64, y: f64, width: f64, height: f64) {
    let Some(line) = platform::element(DROP_LINE).and_then(|line| line.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    line.set_hidden(false);
    let style = line.style();
    let _ = style.set_property("transform", &format!("translate({x}px, {y}px)"));
    let _ = style.set_property("width", &format!("{width}px"));
    let _ = style.set_property("height", &format!("{height}px"));
}

pub(super) fn hide_line() {
    if let Some(line) = platform::element(DROP_LINE).and_then(|line| line.dyn_into::<HtmlElement>().ok()) {
        line.set_hidden(true);
    }
}
