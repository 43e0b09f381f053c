//! Dragging lanes by their header, with mouse, pen and finger. A press becomes a drag as that of a card does.

use std::cell::RefCell;

use domain::{LaneId, Op, Place, Timestamp};
use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent};

use super::{
    Board,
    drag::{self, LINE, LONG_FRAME, LONG_PRESS, THRESHOLD, TREMBLE},
};
use crate::platform;

thread_local! {
    /// The one press on a header, or drag of a lane, of this page.
    static DRAG: RefCell<Option<Drag>> = const { RefCell::new(None) };
}

struct Drag {
    board: Board,
    lane: LaneId,
    section: Element,
    header: Element,
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

/// Watches for presses on headers while the board is open.
pub(super) fn listen(board: Board) {
    let handle = window_event_listener(ev::pointerdown, move |event| press(board, &event));
    on_cleanup(move || handle.remove());
}

fn press(board: Board, event: &PointerEvent) {
    if event.button() != 0 || !board.room.can_edit() {
        return;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let closest = |selector: &str| target.closest(selector).ok().flatten();
    if closest("button, input, form").is_some() {
        return;
    }
    let (Some(header), Some(section)) = (closest(".lane__header"), closest("[data-lane]")) else { return };
    let Some(lane) = lane_of(&section) else { return };
    cancel();
    let touch = event.pointer_type() == "touch";
    let at = (f64::from(event.client_x()), f64::from(event.client_y()));
    let drag = Drag {
        board,
        lane,
        section,
        header,
        pointer: event.pointer_id(),
        touch,
        start: at,
        at,
        flight: None,
        _long_press: touch.then(|| Timeout::new(LONG_PRESS, begin)),
        _listeners: follow(),
    };
    DRAG.with_borrow_mut(|slot| *slot = Some(drag));
}

fn lane_of(section: &Element) -> Option<LaneId> {
    section.get_attribute("data-lane")?.parse().ok()
}

fn follow() -> Vec<EventListener> {
    let window = platform::window();
    let pointer = |name: &'static str, run: fn(&PointerEvent)| {
        EventListener::new(&window, name, move |event: &Event| {
            let ours = |event: &&PointerEvent| {
                DRAG.with_borrow(|drag| drag.as_ref().is_some_and(|drag| drag.pointer == event.pointer_id()))
            };
            if let Some(event) = event.dyn_ref::<PointerEvent>().filter(ours) {
                run(event);
            }
        })
    };
    let active = EventListenerOptions { passive: false, ..EventListenerOptions::run_in_capture_phase() };
    let touch = EventListener::new_with_options(&window, "touchmove", active, |event: &Event| {
        // While dragging, the finger moves the lane and not the page.
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
    DRAG.with_borrow(|drag| drag.as_ref().is_some_and(|drag| drag.flight.is_some()))
}

fn moved(event: &PointerEvent) {
    let (waits, touch, distance) = DRAG.with_borrow_mut(|drag| {
        let Some(drag) = drag.as_mut() else { return (false, false, 0.0) };
        drag.at = (f64::from(event.client_x()), f64::from(event.client_y()));
        let distance = (drag.at.0 - drag.start.0).hypot(drag.at.1 - drag.start.1);
        (drag.flight.is_none(), drag.touch, distance)
    });
    if waits && touch && distance > TREMBLE {
        cancel();
    } else if waits && !touch && distance > THRESHOLD {
        begin();
    }
}

/// The press becomes a drag.
fn begin() {
    let begun = DRAG.with_borrow_mut(|slot| {
        let drag = slot.as_mut()?;
        let rect = drag.header.get_bounding_client_rect();
        let ghost = ghost(&drag.header, rect.width())?;
        if !drag.touch {
            let _ = ghost.set_pointer_capture(drag.pointer);
        }
        let _ = drag.section.class_list().add_1("lane--dragging");
        let grip = (rect.left() - drag.start.0, rect.top() - drag.start.1);
        drag.flight = Some(Flight { ghost, grip, frame: platform::now() });
        Some(())
    });
    if begun.is_some() {
        frame();
    }
}

fn ghost(header: &Element, width: f64) -> Option<HtmlElement> {
    let ghost: HtmlElement = header.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    if let Ok(Some(named)) = ghost.query_selector("[id]") {
        named.remove_attribute("id").ok()?;
    }
    ghost.set_attribute("aria-hidden", "true").ok()?;
    ghost.class_list().add_1("lane--ghost").ok()?;
    ghost.style().set_property("width", &format!("{width}px")).ok()?;
    platform::document().body()?.append_child(&ghost).ok()?;
    Some(ghost)
}

/// Once per frame: scroll near an edge, move the ghost, show where the lane would land.
fn frame() {
    let flying = DRAG.with_borrow_mut(|slot| {
        let Some(drag) = slot.as_mut() else { return false };
        let Some(flight) = drag.flight.as_mut() else { return false };
        let (x, y) = drag.at;
        let place = format!("translate({}px, {}px) rotate(1deg)", x + flight.grip.0, y + flight.grip.1);
        let _ = flight.ghost.style().set_property("transform", &place);
        let now = platform::now();
        let elapsed = ((now.0 - flight.frame.0) as f64 / 1_000.0).clamp(0.0, LONG_FRAME);
        flight.frame = now;
        drag::scroll_board(x, elapsed);
        match target(drag.lane, drag.at) {
            Some(target) => drag::show_line(target.line.0, target.line.1, LINE, target.line.2),
            None => drag::hide_line(),
        }
        true
    });
    if flying {
        platform::next_frame(frame);
    }
}

/// Where a lane would land.
struct Target {
    place: Place<LaneId>,
    /// Whether the lane stands there already.
    is_here: bool,
    /// Left end, upper end and height of the line that shows it.
    line: (f64, f64, f64),
}

/// Before the first lane whose middle is to the right of the pointer, else after the last one.
fn target(dragged: LaneId, (x, y): (f64, f64)) -> Option<Target> {
    let board = platform::element("board")?;
    let around = board.get_bounding_client_rect();
    if !(around.left()..around.right()).contains(&x) || !(around.top()..around.bottom()).contains(&y) {
        return None;
    }
    let found = board.query_selector_all("[data-lane]").ok()?;
    let sections = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into::<Element>().ok());
    let all: Vec<_> = sections.filter_map(|section| Some((lane_of(&section)?, section))).collect();
    let now = all.iter().position(|(lane, _)| *lane == dragged)?;
    let others: Vec<_> = all.iter().filter(|(lane, _)| *lane != dragged).collect();
    let rects: Vec<_> = others.iter().map(|(_, section)| section.get_bounding_client_rect()).collect();
    let index = rects.iter().position(|rect| x < rect.left() + rect.width() / 2.0).unwrap_or(rects.len());
    let line = match (rects.get(index), rects.last()) {
        (Some(after), _) => after.left() - 7.0,
        (None, Some(last)) => last.right() + 5.0,
        (None, None) => return None,
    };
    let lanes: Vec<LaneId> = others.iter().map(|(lane, _)| *lane).collect();
    let line = (line.clamp(around.left(), around.right() - LINE), around.top(), around.height() - 12.0);
    Some(Target { place: Place::at(&lanes, index), is_here: index == now, line })
}

fn dropped(event: &PointerEvent) {
    let at = (f64::from(event.client_x()), f64::from(event.client_y()));
    let landed = DRAG.with_borrow(|slot| {
        let drag = slot.as_ref()?;
        drag.flight.as_ref()?;
        Some((drag.board, drag.lane, target(drag.lane, at)))
    });
    cancel();
    let Some((board, lane, target)) = landed else { return };
    drag::swallow_click();
    if let Some(target) = target.filter(|target| !target.is_here) {
        board.move_lane(lane, target.place);
    }
}

/// Ends a press or drag; the lane is where it was.
fn cancel() {
    let Some(drag) = DRAG.with_borrow_mut(Option::take) else { return };
    if let Some(flight) = &drag.flight {
        flight.ghost.remove();
        let _ = drag.section.class_list().remove_1("lane--dragging");
        drag::hide_line();
    }
    // Dropping a listener from within its own call frees the closure that runs.
    platform::next_frame(move || drop(drag));
}

impl Board {
    /// Moves a lane, with a notice that takes it back.
    pub(super) fn move_lane(&self, id: LaneId, place: Place<LaneId>) {
        let name = self.room.with(|roadmap| roadmap.lane(id).map(|lane| lane.name.to_string()));
        let label = format!("Moved the lane {}.", name.unwrap_or_default());
        self.room.edit_with_toast(Op::MoveLane { id, place }, label);
    }
}
