//! Dragging lanes by their header.

use domain::{LaneId, Op, Place};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, PointerEvent};

use super::{
    Board,
    press::{self, Draggable, LINE},
};
use crate::platform;

struct Lane {
    board: Board,
    lane: LaneId,
    section: Element,
    header: Element,
    /// Where it would land; `None` where it is already.
    place: Option<Place<LaneId>>,
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
    let Some(target) = platform::target(event) else { return };
    let closest = |selector: &str| target.closest(selector).ok().flatten();
    if closest("button, input, form").is_some() {
        return;
    }
    let (Some(header), Some(section)) = (closest(".lane__header"), closest("[data-lane]")) else { return };
    let Some(lane) = lane_of(&section) else { return };
    press::press(event, Lane { board, lane, section, header, place: None });
}

fn lane_of(section: &Element) -> Option<LaneId> {
    section.get_attribute("data-lane")?.parse().ok()
}

impl Draggable for Lane {
    fn element(&self) -> &Element {
        &self.header
    }

    fn begin(&mut self) -> Option<HtmlElement> {
        let ghost = press::ghost(&self.header, "lane--ghost")?;
        let _ = self.section.class_list().add_1("lane--dragging");
        Some(ghost)
    }

    fn aim(&mut self, at: (f64, f64), elapsed: f64) {
        press::scroll_board(at.0, elapsed);
        let target = target(self.lane, at);
        match &target {
            Some(Target { line: (x, y, height), .. }) => press::show_line(*x, *y, LINE, *height),
            None => press::hide_line(),
        }
        self.place = target.filter(|target| !target.is_here).map(|target| target.place);
    }

    fn end(&mut self) {
        let _ = self.section.class_list().remove_1("lane--dragging");
    }

    fn land(&mut self) {
        if let Some(place) = self.place.take() {
            self.board.move_lane(self.lane, place);
        }
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

impl Board {
    /// Moves a lane, with a notice that takes it back.
    pub(super) fn move_lane(&self, id: LaneId, place: Place<LaneId>) {
        let name = self.room.with(|roadmap| roadmap.lane(id).map(|lane| lane.name.to_string()));
        let label = format!("Moved the lane {}.", name.unwrap_or_default());
        self.room.edit_with_toast(Op::MoveLane { id, place }, label);
    }
}
