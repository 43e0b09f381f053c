//! What the parts of an open table share.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{FieldDef, Item, ItemId, Property, Value};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::{
    columns::{self, Column, Widths},
    layout::{Layout, Line, Plan},
    read,
    span::{Span, stepped},
};
use crate::{board::Board, platform};

/// How high a line is where the style does not say so yet, in CSS pixels.
const LINE: f64 = 32.0;
/// Lines that the page renders: about what a high screen shows.
pub(super) const FIRST: usize = 40;
/// The id of what scrolls.
const GRID: &str = "grid";

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) line: Line,
    pub(super) column: usize,
}

/// What is edited, and how it began.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Editing {
    pub(super) line: Line,
    pub(super) property: Property,
    /// What was typed to begin with; it replaces the value.
    pub(super) typed: Option<String>,
    /// Whether it began with the pointer: what can be chosen is offered at once then.
    pub(super) by_pointer: bool,
}

/// An open table.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) board: Board,
    pub(super) columns: Memo<Arc<Vec<Column>>>,
    pub(super) layout: Memo<Arc<Layout>>,
    /// The lines that are drawn: the first, and the one after the last.
    pub(super) near: RwSignal<(usize, usize)>,
    pub(super) active: RwSignal<Option<Spot>>,
    /// The corner of the selection that stays.
    pub(super) anchor: RwSignal<Option<Spot>>,
    /// Where the active cell was, for when its line goes.
    pub(super) last: StoredValue<usize>,
    pub(super) editing: RwSignal<Option<Editing>>,
    /// Cells that could not take what was pasted, each with the reason.
    pub(super) refused: RwSignal<BTreeMap<(ItemId, String), String>>,
    /// Cells that were cut, by items and properties: they keep what they have until something else is put there.
    pub(super) cut: RwSignal<(Vec<ItemId>, Vec<Property>)>,
    /// What was cut, as it lies on the clipboard.
    pub(super) cut_text: StoredValue<String>,
    pub(super) collapsed: RwSignal<BTreeSet<String>>,
    pub(super) widths: RwSignal<Widths>,
}

impl Grid {
    pub(super) fn new(board: Board) -> Self {
        let collapsed = RwSignal::new(BTreeSet::new());
        let columns = Memo::new(move |_| columns::columns(board));
        let layout = Memo::new(move |_| Arc::new(lay_out(board, &columns.read(), &collapsed.read())));
        Self {
            board,
            columns,
            layout,
            near: RwSignal::new((0, FIRST)),
            active: RwSignal::new(None),
            anchor: RwSignal::new(None),
            last: StoredValue::new(0),
            editing: RwSignal::new(None),
            refused: RwSignal::default(),
            cut: RwSignal::default(),
            cut_text: StoredValue::default(),
            collapsed,
            widths: RwSignal::default(),
        }
    }

    /// What scrolls, and has the focus.
    pub(super) fn element(self) -> Option<HtmlElement> {
        platform::element(GRID)?.dyn_into().ok()
    }

    /// How high a line is, in CSS pixels: as high as the head, and higher for fingers.
    pub(super) fn line_height(self) -> f64 {
        let head = self.element().and_then(|element| element.query_selector(".grid__head").ok().flatten());
        let head = head.and_then(|head| head.dyn_into::<HtmlElement>().ok());
        head.map(|head| f64::from(head.offset_height())).filter(|height| *height > 0.0).unwrap_or(LINE)
    }

    pub(super) fn can_edit(self) -> bool {
        self.board.room.can_edit()
    }

    pub(super) fn focus(self) {
        if let Some(element) = self.element() {
            platform::focus(&element);
        }
    }

    /// The place of a cell, by line and column. `None` for the head, and for what is not there any more.
    pub(super) fn place(self, spot: Spot) -> Option<(usize, usize)> {
        let last = self.columns.read_untracked().len().checked_sub(1)?;
        self.layout.read_untracked().at(spot.line).map(|line| (line, spot.column.min(last)))
    }

    /// The selected cells. One at least, where a cell is active.
    pub(super) fn span(self) -> Option<Span> {
        let active = self.place(self.active.get_untracked()?)?;
        let anchor = self.anchor.get_untracked().and_then(|anchor| self.place(anchor));
        Some(Span::between(anchor.unwrap_or(active), active))
    }

    /// The selected items, and the places of the selected columns.
    pub(super) fn selected(self) -> Option<(Vec<ItemId>, std::ops::RangeInclusive<usize>)> {
        let span = self.span()?;
        let layout = self.layout.read_untracked();
        let items = layout.lines.get(span.top..=span.bottom)?.iter().filter_map(|line| line.item());
        Some((items.collect(), span.left..=span.right))
    }

    pub(super) fn column(self, at: usize) -> Option<Column> {
        self.columns.read_untracked().get(at).cloned()
    }

    /// Makes a cell the active one; the selection then is it alone, or reaches to it.
    pub(super) fn go(self, spot: Spot, extend: bool) {
        if !extend || self.anchor.get_untracked().is_none() {
            self.anchor.set(Some(spot));
        }
        if self.active.get_untracked() != Some(spot) {
            self.active.set(Some(spot));
        }
        if let Some(at) = self.layout.read_untracked().at(spot.line) {
            self.last.set_value(at);
        }
        self.reveal(spot);
    }

    /// Goes so many lines and columns further.
    pub(super) fn step(self, lines: isize, columns: isize, extend: bool) {
        let Some(spot) = self.active.get_untracked() else { return };
        let layout = self.layout.read_untracked();
        let count = layout.lines.len();
        let column = stepped(spot.column, columns, self.columns.read_untracked().len());
        let line = match layout.at(spot.line) {
            Some(0) if lines < 0 && !extend => Line::Head,
            Some(at) if lines != 0 => layout.lines[stepped(at, lines, count)],
            None if spot.line == Line::Head && lines > 0 && count > 0 => {
                layout.lines[stepped(0, lines - 1, count)]
            }
            _ => spot.line,
        };
        drop(layout);
        self.go(Spot { line, column }, extend);
    }

    /// The active cell, where there is one; else the title of the first item.
    pub(super) fn ensure_active(self) {
        let lines = self.layout.read_untracked();
        let is_there = self
            .active
            .get_untracked()
            .is_some_and(|spot| spot.line == Line::Head || lines.at(spot.line).is_some());
        let most = self.columns.read_untracked().len().saturating_sub(1);
        if is_there {
            // Its column may have been hidden.
            if let Some(spot) = self.active.get_untracked().filter(|spot| spot.column > most) {
                self.active.set(Some(Spot { column: most, ..spot }));
            }
            return;
        }
        let column = self.active.get_untracked().map_or(1, |spot| spot.column);
        let at = self.last.get_value().min(lines.lines.len().saturating_sub(1));
        let line = lines.lines.get(at).copied().unwrap_or(Line::Head);
        drop(lines);
        let spot = Spot { line, column: column.min(self.columns.read_untracked().len().saturating_sub(1)) };
        self.active.set(Some(spot));
        self.anchor.set(Some(spot));
    }

    /// Scrolls as little as is needed to have a cell in sight.
    pub(super) fn reveal(self, spot: Spot) {
        let Some(element) = self.element() else { return };
        let line = self.line_height();
        if let Some(at) = self.layout.read_untracked().at(spot.line) {
            let (top, height) = (at as f64 * line, f64::from(element.client_height()) - line);
            let scrolled = f64::from(element.scroll_top());
            // Below the head, and a sticky group.
            let above = if self.layout.read_untracked().groups.is_empty() { 0.0 } else { line };
            if top - above < scrolled {
                element.set_scroll_top((top - above).max(0.0) as i32);
            } else if top + line > scrolled + height {
                element.set_scroll_top((top + line - height).ceil() as i32);
            }
            self.look();
        }
        let Some(head) = self.head(spot.column) else { return };
        if is_sticky(&head) {
            return;
        }
        let (left, width) = (f64::from(head.offset_left()), f64::from(head.offset_width()));
        let pinned = self.pinned_width();
        let scrolled = f64::from(element.scroll_left());
        let inner = f64::from(element.client_width());
        if left - pinned < scrolled {
            element.set_scroll_left((left - pinned).max(0.0) as i32);
        } else if left + width > scrolled + inner {
            element.set_scroll_left((left + width - inner).ceil() as i32);
        }
    }

    /// The heading of a column.
    pub(super) fn head(self, column: usize) -> Option<HtmlElement> {
        let selector = format!(".grid__head .grid__cell[data-column='{column}']");
        self.element()?.query_selector(&selector).ok().flatten()?.dyn_into().ok()
    }

    /// How much of the left the columns take that stay in sight.
    fn pinned_width(self) -> f64 {
        let Some(element) = self.element() else { return 0.0 };
        let Ok(pinned) = element.query_selector_all(".grid__head .grid__pin") else { return 0.0 };
        let sticky = (0..pinned.length()).filter_map(|at| pinned.get(at)?.dyn_into::<HtmlElement>().ok());
        sticky.filter(is_sticky).map(|one| f64::from(one.offset_width())).sum()
    }

    /// Sees which lines are near what is in sight.
    pub(super) fn look(self) {
        const BEYOND: usize = 12;
        const STEP: usize = 8;
        let Some(element) = self.element() else { return };
        let count = self.layout.read_untracked().lines.len();
        let high = self.line_height();
        let line = |pixels: f64| (pixels / high) as usize;
        let (top, height) = (f64::from(element.scroll_top()), f64::from(element.client_height()));
        let first = line(top).saturating_sub(BEYOND) / STEP * STEP;
        let end = (line(top + height) + BEYOND).div_ceil(STEP) * STEP;
        let near = (first.min(count.saturating_sub(1)), end.max(FIRST.min(end)));
        if self.near.get_untracked() != near {
            self.near.set(near);
        }
    }

    /// The line that an element belongs to.
    pub(super) fn line_of(self, element: &Element) -> Option<Line> {
        let row = element.closest(".grid__row").ok().flatten()?;
        if row.class_list().contains("grid__head") {
            return Some(Line::Head);
        }
        Some(Line::of_key(row.get_attribute("data-line")?.parse().ok()?))
    }

    /// The cell that an element belongs to.
    pub(super) fn spot_of(self, element: &Element) -> Option<Spot> {
        let cell = element.closest("[data-column]").ok().flatten()?;
        let column = cell.get_attribute("data-column")?.parse().ok()?;
        Some(Spot { line: self.line_of(&cell)?, column })
    }

    /// The element of a cell, where it is drawn.
    pub(super) fn cell(self, spot: Spot) -> Option<HtmlElement> {
        let row = match spot.line {
            Line::Head => ".grid__head".to_owned(),
            line => format!("[data-line='{}']", line.key()),
        };
        let selector = format!("{row} [data-column='{}']", spot.column);
        self.element()?.query_selector(&selector).ok().flatten()?.dyn_into().ok()
    }

    /// What an item has in a column, as text.
    pub(super) fn text(self, item: &Item, property: &Property, def: &FieldDef) -> String {
        let (room, year) = (self.board.room, self.board.year);
        let members = room.members.read_untracked();
        room.with(|roadmap| {
            let key = self.board.product_key(roadmap, item);
            read::copied(property, def, roadmap, item, year, &key, &members)
        })
    }

    /// What an item has in a column.
    pub(super) fn value(self, id: ItemId, property: &Property) -> Option<Value> {
        let year = self.board.year;
        self.board.room.with(|roadmap| property.get(roadmap, &**roadmap.item(id)?, year))
    }
}

/// Whether a column stays in sight: in a narrow table fewer do.
fn is_sticky(head: &HtmlElement) -> bool {
    let style = platform::window().get_computed_style(head).ok().flatten();
    style.and_then(|style| style.get_property_value("position").ok()).as_deref() == Some("sticky")
}

/// The lines, from the roadmap and the look.
fn lay_out(board: Board, columns: &[Column], collapsed: &BTreeSet<String>) -> Layout {
    let own: Vec<ItemId> = board.room.track(|roadmap| roadmap.board_order().collect());
    let shown = board.visible(&own);
    let group = board.look.with(|look| look.group.clone());
    let summed: Vec<Property> =
        columns.iter().filter(|column| column.is_summed).map(|column| column.property.clone()).collect();
    let draft = board.inserting.get();
    let has_new = board.room.can_edit() && !board.room.lanes.read().is_empty();
    board.room.with(|roadmap| {
        let plan = Plan {
            roadmap,
            year: board.year,
            fold: platform::fold,
            person: &|user| board.room.person(user),
            group: group.as_ref().filter(|group| group.groups(roadmap)),
            summed: &summed,
            collapsed,
            draft,
            has_new,
        };
        plan.layout(&own, &shown)
    })
}
