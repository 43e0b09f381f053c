//! Dependencies that are drawn: from the end of a bar onto the one that waits for it.

use domain::{ItemId, dependency::DependencyKind};
use leptos::prelude::*;
use web_sys::{Element, HtmlElement, PointerEvent};

use super::{
    bar::{ABOVE, HIGH, extent},
    drag,
    links::way,
    rows::Row,
    state::{ROW, Timeline, px},
};
use crate::board::press::{self, Draggable};

/// How far beside a bar a pointer still means it.
const BESIDE: f64 = 16.0;

/// A dependency that is being drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drawing {
    from: ItemId,
    /// Where the pointer is, from the first day and the first row.
    at: (f64, f64),
    /// The bar under it.
    over: Option<ItemId>,
}

struct Pen {
    timeline: Timeline,
    bar: Element,
    id: ItemId,
    over: Option<ItemId>,
}

/// A pointer went down on the end of a bar from which dependencies are drawn.
pub(super) fn pressed(timeline: Timeline, event: &PointerEvent, bar: Element, id: ItemId) {
    press::press(event, Pen { timeline, bar, id, over: None });
}

impl Draggable for Pen {
    fn element(&self) -> &Element {
        &self.bar
    }

    fn begin(&mut self) -> Option<HtmlElement> {
        drag::grip("timeline__grip timeline__grip--link")
    }

    fn aim(&mut self, (x, y): (f64, f64), elapsed: f64) {
        let timeline = self.timeline;
        // The page may have been left with it held.
        if timeline.drawing.try_get_untracked().is_none() {
            return;
        }
        drag::scroll(x, y, elapsed, true);
        let Some(at) = drag::on_canvas(x, y) else { return };
        self.over = bar_at(timeline, at).filter(|over| *over != self.id);
        timeline.drawing.set(Some(Drawing { from: self.id, at, over: self.over }));
    }

    fn end(&mut self) {
        if self.timeline.drawing.try_set(None).is_none() {
            self.timeline.was_cancelled.set_value(true);
        }
    }

    fn land(&mut self) {
        self.timeline.was_cancelled.set_value(false);
        let Some(over) = self.over else { return };
        let board = self.timeline.board;
        let key = |id| board.key_of(board.item_ref(id));
        board.link_items(key(self.id), DependencyKind::Blocks, key(over), move |wrong| {
            if let Some(wrong) = wrong {
                board.room.toasts.error(wrong);
            }
        });
    }
}

/// The bar at a place.
fn bar_at(timeline: Timeline, (x, y): (f64, f64)) -> Option<ItemId> {
    let row = usize::try_from((y / ROW as f64).floor() as i64).ok()?;
    let id = timeline.rows.read_untracked().get(row).and_then(Row::item)?;
    let (left, right) = extent(untrack(|| timeline.grid())?, timeline.span(id))?;
    (left - BESIDE..=right + BESIDE).contains(&x).then_some(id)
}

/// The curve to the pointer, and a ring around the bar under it.
pub(super) fn drawing(timeline: Timeline) -> AnyView {
    let view = move || {
        let drawing = timeline.drawing.get()?;
        let grid = timeline.grid()?;
        let row = |id: ItemId| timeline.places.read().get(&Row::Item(id)).copied();
        let from = row(drawing.from)? * ROW;
        let (_, end) = timeline.place_of(grid, drawing.from)?;
        let start = (end, from as f64 + ABOVE + HIGH / 2.0);
        let over = drawing.over.and_then(|over| {
            let (left, right) = timeline.place_of(grid, over)?;
            let top = (row(over)? * ROW) as f64 + ABOVE;
            Some(view! {
                <rect
                    class="link__over"
                    x=px(left - 3.0)
                    y=px(top - 3.0)
                    width=px(right - left + 6.0)
                    height=px(HIGH + 6.0)
                    rx="7"
                />
            })
        });
        Some(view! {
            <g class="link link--strong link--drawn">
                <path class="link__way" d=way(start, drawing.at) />
                {over}
            </g>
        })
    };
    view! { <g aria-hidden="true">{view}</g> }.into_any()
}
