//! Dragging bars and their ends, and what has no days onto the calendar.

use std::{collections::BTreeMap, sync::Arc};

use domain::{ItemId, Part, Snap, Span, wire::Dragging};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, PointerEvent};

use super::{
    changes::Tell,
    connect, sight,
    state::{CANVAS, ROW, SCROLL, Timeline},
};
use crate::{
    board::press::{self, Draggable},
    platform,
};

/// Bars, of which one is held.
struct Bars {
    timeline: Timeline,
    bar: Element,
    id: ItemId,
    part: Part,
    /// Where on the calendar it was pressed.
    from: f64,
    /// What moves: as it was, and by what it snaps.
    items: Vec<(ItemId, Span, Snap)>,
    moved: BTreeMap<ItemId, Span>,
}

/// A pointer went down on the calendar.
pub(super) fn pressed(timeline: Timeline, event: &PointerEvent) {
    timeline.was_cancelled.set_value(false);
    if !can_press(timeline, event) {
        return;
    }
    let Some(target) = platform::target(event) else { return };
    let bar = target.closest("[data-bar]").ok().flatten();
    let id = bar.as_ref().and_then(|bar| bar.get_attribute("data-bar")?.parse().ok());
    let (Some(bar), Some(id), Some(canvas)) = (bar, id, platform::element(CANVAS)) else { return };
    if target.get_attribute("data-part").as_deref() == Some("link") {
        return connect::pressed(timeline, event, bar, id);
    }
    let part = match target.get_attribute("data-part").as_deref() {
        Some("start") => Part::Start,
        Some("end") => Part::End,
        _ => Part::Whole,
    };
    let from = f64::from(event.client_x()) - canvas.get_bounding_client_rect().left();
    let bars = Bars { timeline, bar, id, part, from, items: Vec::new(), moved: BTreeMap::new() };
    press::press(event, bars);
}

/// A pointer went down on the list of what has no days.
pub(super) fn pressed_listed(timeline: Timeline, event: &PointerEvent) {
    if !can_press(timeline, event) {
        return;
    }
    let Some(target) = platform::target(event) else { return };
    let on_control = target.closest("button").ok().flatten().is_some();
    let Some(card) = target.closest("[data-listed]").ok().flatten().filter(|_| !on_control) else { return };
    if let Some(id) = card.get_attribute("data-listed").and_then(|id| id.parse().ok()) {
        press::press(event, Listed { timeline, card, id, items: Vec::new(), spans: Vec::new() });
    }
}

fn can_press(timeline: Timeline, event: &PointerEvent) -> bool {
    event.button() == 0
        && timeline.board.room.can_edit()
        && !event.ctrl_key()
        && !event.meta_key()
        && !event.shift_key()
}

impl Draggable for Bars {
    fn element(&self) -> &Element {
        &self.bar
    }

    fn begin(&mut self) -> Option<HtmlElement> {
        let timeline = self.timeline;
        let items = timeline.board.with_selection(self.id);
        let planned = items.into_iter().map(|id| (id, timeline.span(id), timeline.snap(id)));
        self.items = planned.filter(|(_, span, _)| span.shown().is_some()).collect();
        self.moved = self.items.iter().map(|(id, span, _)| (*id, *span)).collect();
        timeline.moving.set(Some(Arc::new(self.moved.clone())));
        present(timeline, self.items.iter().map(|(id, ..)| *id).collect());
        let class =
            if self.part == Part::Whole { "timeline__grip" } else { "timeline__grip timeline__grip--end" };
        grip(class)
    }

    fn aim(&mut self, (x, y): (f64, f64), elapsed: f64) {
        let timeline = self.timeline;
        // The page may have been left with the bar held.
        if timeline.moving.try_get_untracked().is_none() {
            return;
        }
        scroll(x, y, elapsed, false);
        let Some(canvas) = platform::element(CANVAS) else { return };
        let at = x - canvas.get_bounding_client_rect().left();
        let Some(grid) = untrack(|| timeline.grid()) else { return };
        let days = ((at - self.from) / grid.day).round() as i32;
        let year = timeline.board.year;
        let moved = self
            .items
            .iter()
            .map(|(id, span, snap)| (*id, span.dragged(self.part, *snap, days, year).unwrap_or(*span)));
        let moved: BTreeMap<_, _> = moved.collect();
        if moved != self.moved {
            self.moved = moved;
            timeline.moving.set(Some(Arc::new(self.moved.clone())));
        }
    }

    fn end(&mut self) {
        if self.timeline.moving.try_set(None).is_some() {
            return;
        }
        self.timeline.was_cancelled.set_value(true);
        present(self.timeline, Vec::new());
    }

    fn land(&mut self) {
        self.timeline.was_cancelled.set_value(false);
        // What was held is told of first.
        let room = self.timeline.board.room;
        let was = |id: &ItemId| self.items.iter().find(|(other, ..)| other == id).map(|(_, span, _)| *span);
        // What others made of it while it was held stays, where it was put down as it was taken up.
        let is_moved = |id: &ItemId, span: &Span| {
            let is_live = room.with(|roadmap| roadmap.item(*id).is_some_and(|item| item.deleted.is_none()));
            is_live && was(id) != Some(*span)
        };
        let moved: BTreeMap<ItemId, Span> = self
            .moved
            .iter()
            .filter(|(id, span)| is_moved(id, span))
            .map(|(id, span)| (*id, *span))
            .collect();
        let held = moved.get_key_value(&self.id).into_iter();
        let others = moved.iter().filter(|(id, _)| **id != self.id);
        let spans: Vec<_> = held.chain(others).map(|(id, span)| (*id, *span)).collect();
        self.timeline.plan(&spans, self.part, Tell::Toast);
    }
}

/// Something without days.
struct Listed {
    timeline: Timeline,
    card: Element,
    id: ItemId,
    items: Vec<ItemId>,
    /// What they would be planned for.
    spans: Vec<(ItemId, Span)>,
}

impl Draggable for Listed {
    fn element(&self) -> &Element {
        &self.card
    }

    fn begin(&mut self) -> Option<HtmlElement> {
        let timeline = self.timeline;
        let items = timeline.board.with_selection(self.id).into_iter();
        self.items = items.filter(|id| timeline.span(*id).shown().is_none()).collect();
        present(timeline, self.items.clone());
        press::ghost(&self.card, "timeline__lifted")
    }

    fn aim(&mut self, (x, y): (f64, f64), elapsed: f64) {
        let timeline = self.timeline;
        if timeline.landing.try_get_untracked().is_none() {
            return;
        }
        self.spans = Vec::new();
        let day = over(x, y).and_then(|(x, y)| Some((timeline.day_at(x)?, y)));
        if let Some((day, _)) = day {
            scroll(x, y, elapsed, true);
            let (zoom, year) = (timeline.zoom.get_untracked(), timeline.board.year);
            let put = |id: &ItemId| Some((*id, Span::put(day, timeline.precision(*id), zoom, year)?));
            self.spans = self.items.iter().filter_map(put).collect();
        }
        let landing = day
            .zip(self.spans.first())
            .map(|((_, y), (_, span))| ((y / ROW as f64).floor() * ROW as f64, *span));
        if timeline.landing.get_untracked() != landing {
            timeline.landing.set(landing);
        }
    }

    fn end(&mut self) {
        if self.timeline.landing.try_set(None).is_none() {
            present(self.timeline, Vec::new());
        }
    }

    fn land(&mut self) {
        self.timeline.plan(&self.spans, Part::Whole, Tell::Toast);
    }
}

/// What the pointer carries, which looks like nothing: the bar itself is drawn where it would land.
pub(super) fn grip(class: &str) -> Option<HtmlElement> {
    let grip: HtmlElement = platform::document().create_element("div").ok()?.dyn_into().ok()?;
    grip.set_class_name(class);
    grip.set_attribute("aria-hidden", "true").ok()?;
    platform::document().body()?.append_child(&grip).ok()?;
    Some(grip)
}

/// Where on the calendar a point is, in sight or not.
pub(super) fn on_canvas(x: f64, y: f64) -> Option<(f64, f64)> {
    let canvas = platform::element(CANVAS)?.get_bounding_client_rect();
    Some((x - canvas.left(), y - canvas.top()))
}

/// Tells the others what is dragged.
fn present(timeline: Timeline, items: Vec<ItemId>) {
    let dragging = (!items.is_empty()).then_some(Dragging { items, over: None });
    timeline.board.room.present(|presence| presence.dragging = dragging);
}

/// Where on the calendar a point is, if it is in sight there.
fn over(x: f64, y: f64) -> Option<(f64, f64)> {
    let canvas = platform::element(CANVAS)?.get_bounding_client_rect();
    let (_, sight) = sight::sight()?;
    let (across, down) = (x - canvas.left(), y - canvas.top());
    let holds = (sight.left..sight.left + sight.width).contains(&across)
        && (sight.top..sight.top + sight.height).contains(&down);
    holds.then_some((across, down))
}

/// Scrolls when the pointer is at an edge, as far as in that time, in seconds.
pub(super) fn scroll(x: f64, y: f64, elapsed: f64, down: bool) {
    let (Some(scroll), Some((_, sight))) = (platform::element(SCROLL), sight::sight()) else { return };
    let rect = scroll.get_bounding_client_rect();
    let right = rect.left() + f64::from(scroll.client_width());
    let across = press::speed(right - x) - press::speed(x - (right - sight.width));
    let bottom = rect.top() + f64::from(scroll.client_height());
    let along = if down { press::speed(bottom - y) - press::speed(y - (bottom - sight.height)) } else { 0.0 };
    if across != 0.0 || along != 0.0 {
        scroll.scroll_by_with_x_and_y(across * elapsed, along * elapsed);
    }
}
