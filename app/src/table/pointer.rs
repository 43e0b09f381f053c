//! The table by pointer: selecting, filling, and moving items by their handles.

use domain::{ItemId, LaneId, Place};
use gloo_events::EventListener;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, PointerEvent};

use super::{
    layout::Line,
    state::{Grid, Spot},
};
use crate::{
    board::{Subject, Tell, press},
    platform,
};

/// How near the corner of a cell is its fill handle, in CSS pixels.
const HANDLE: f64 = 9.0;

/// What a pointer that is down does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Selecting,
    /// Filling down from a selection that ends here.
    Filling {
        from: usize,
    },
}

/// The state of the pointer.
#[derive(Clone, Copy)]
pub(super) struct Pointer {
    grid: Grid,
    doing: StoredValue<Option<Doing>>,
}

fn element_of(event: &web_sys::Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn within(element: &Element, selector: &str) -> bool {
    element.closest(selector).is_ok_and(|found| found.is_some())
}

impl Pointer {
    pub(super) fn new(grid: Grid) -> Self {
        Self { grid, doing: StoredValue::new(None) }
    }

    pub(super) fn down(self, event: &PointerEvent) {
        let grid = self.grid;
        let Some(target) = element_of(event).filter(|_| event.button() == 0) else { return };
        if within(&target, "button, input, select, textarea, .grid__editor, .grid__edge") {
            return;
        }
        if within(&target, "[data-handle]") {
            if let Some(Line::Item(id)) = grid.line_of(&target) {
                lift(grid, event, &target, id);
            }
            return;
        }
        let Some(spot) = grid.spot_of(&target) else { return };
        // A finger scrolls; what it taps is chosen by the click.
        if event.pointer_type() == "touch" || spot.line == Line::Head {
            return;
        }
        if self.is_on_corner(&target, event) {
            event.prevent_default();
            let from = grid.span().map_or(0, |span| span.bottom);
            self.begin(event, Doing::Filling { from });
            return;
        }
        grid.go(spot, event.shift_key());
        if within(&target, "a, [data-toggle]") {
            return;
        }
        self.begin(event, Doing::Selecting);
    }

    fn begin(self, event: &PointerEvent, doing: Doing) {
        self.doing.set_value(Some(doing));
        if let Some(element) = self.grid.element() {
            platform::focus(&element);
            let _ = element.set_pointer_capture(event.pointer_id());
        }
    }

    /// Whether the pointer is on the small square at the end of the selection.
    fn is_on_corner(self, target: &Element, event: &PointerEvent) -> bool {
        let Ok(Some(cell)) = target.closest(".grid__cell--corner") else { return false };
        let rect = cell.get_bounding_client_rect();
        let near = |edge: f64, at: i32| (edge - f64::from(at)).abs() < HANDLE;
        near(rect.right(), event.client_x()) && near(rect.bottom(), event.client_y())
    }

    pub(super) fn moved(self, event: &PointerEvent) {
        let grid = self.grid;
        let Some(doing) = self.doing.get_value() else { return };
        let Some(element) = grid.element() else { return };
        let outer = element.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let Some(at) = line_at(grid, &element, y) else { return };
        let Some(line) = grid.layout.read_untracked().lines.get(at).copied() else { return };
        let Some(now) = grid.active.get_untracked() else { return };
        let column = match doing {
            Doing::Selecting => column_at(grid, x.clamp(outer.left(), outer.right())).unwrap_or(now.column),
            Doing::Filling { .. } => now.column,
        };
        let to = Spot { line, column };
        match doing {
            Doing::Selecting => {
                if to != now {
                    grid.go(to, true);
                }
            }
            // The far end grows; where the selection begins stays.
            Doing::Filling { from } => {
                let end = grid.layout.read_untracked().lines.get(at.max(from)).copied();
                if let (Some(line), Some(span)) = (end, grid.span()) {
                    let first = grid.layout.read_untracked().lines.get(span.top).copied();
                    if let Some(first) = first {
                        grid.anchor.set(Some(Spot { line: first, column: span.left }));
                        grid.active.set(Some(Spot { line, column: span.right }));
                        grid.reveal(Spot { line, column: span.right });
                    }
                }
            }
        }
    }

    pub(super) fn up(self) {
        let Some(doing) = self.doing.get_value() else { return };
        self.doing.set_value(None);
        if let Doing::Filling { from } = doing
            && let Some(span) = self.grid.span().filter(|span| span.bottom > from)
        {
            self.grid.fill_from(span, from);
        }
    }

    /// A click: of a finger chooses, and chooses again to edit; of a mouse it opens menus and groups.
    pub(super) fn click(self, event: &web_sys::MouseEvent) {
        let grid = self.grid;
        let Some(target) = element_of(event) else { return };
        if within(&target, "button, a, input, select, textarea, .grid__edge") {
            return;
        }
        let Some(spot) = grid.spot_of(&target) else { return };
        match spot.line {
            Line::Head => {
                grid.go(spot, false);
                grid.focus();
                grid.open_column_menu(spot.column);
            }
            Line::Group(group) if within(&target, "[data-toggle]") => grid.toggle_group(group),
            Line::New | Line::Draft => self.edit(spot, true),
            _ if is_touch(event) => {
                if grid.active.get_untracked() == Some(spot) {
                    self.edit(spot, true);
                } else {
                    grid.go(spot, false);
                    grid.focus();
                }
            }
            _ => {}
        }
    }

    pub(super) fn double_click(self, event: &web_sys::MouseEvent) {
        let Some(target) =
            element_of(event).filter(|target| !within(target, "button, a, input, select, textarea"))
        else {
            return;
        };
        if let Some(spot) = self.grid.spot_of(&target) {
            self.edit(spot, true);
        }
    }

    fn edit(self, spot: Spot, by_pointer: bool) {
        let grid = self.grid;
        match grid.column(spot.column) {
            _ if matches!(spot.line, Line::New | Line::Draft) => grid.edit_title_of(spot.line),
            Some(column) => grid.begin(spot.line, column.property, None, by_pointer),
            None => {}
        }
    }

    /// The menu of a line, by the other button of the mouse.
    pub(super) fn menu(self, event: &web_sys::MouseEvent) {
        let grid = self.grid;
        let target = element_of(event).filter(|target| !within(target, "input, select, textarea"));
        let Some(target) = target.filter(|_| grid.can_edit()) else { return };
        let Some(Line::Item(id)) = grid.line_of(&target) else { return };
        event.prevent_default();
        if let Some(spot) = grid.spot_of(&target) {
            let is_in = grid
                .place(spot)
                .zip(grid.span())
                .is_some_and(|((line, column), span)| span.contains(line, column));
            if !is_in {
                grid.go(spot, false);
            }
        }
        grid.focus();
        grid.board.open_menu_at_point(
            Subject::Item(id),
            f64::from(event.client_x()),
            f64::from(event.client_y()),
        );
    }
}

fn is_touch(event: &web_sys::MouseEvent) -> bool {
    event.dyn_ref::<PointerEvent>().is_some_and(|event| event.pointer_type() == "touch")
}

/// The place of the line at a height of the window.
fn line_at(grid: Grid, element: &HtmlElement, y: f64) -> Option<usize> {
    let line = grid.line_height();
    let count = grid.layout.read_untracked().lines.len();
    let top = element.get_bounding_client_rect().top() + line;
    let at = (y - top + f64::from(element.scroll_top())) / line;
    count.checked_sub(1).map(|last| (at.max(0.0) as usize).min(last))
}

/// The column at a place of the window: one that stays in sight, or else the one below it.
fn column_at(grid: Grid, x: f64) -> Option<usize> {
    let columns = grid.columns.read_untracked().len();
    let holds = |at: &usize| {
        grid.head(*at).is_some_and(|head| {
            let rect = head.get_bounding_client_rect();
            (rect.left()..rect.right()).contains(&x)
        })
    };
    (0..columns).find(holds)
}

impl Grid {
    /// Follows a pointer that drags an edge until it is let go.
    pub(super) fn drag_edge(self, edge: &HtmlElement, moved: impl Fn(i32) + 'static) {
        let follow = EventListener::new(edge, "pointermove", move |event| {
            if let Some(event) = event.dyn_ref::<PointerEvent>() {
                moved(event.client_x());
            }
        });
        let end = EventListener::once(edge, "lostpointercapture", move |_| drop(follow));
        end.forget();
    }
}

/// An item that is dragged by its handle.
struct Lifted {
    grid: Grid,
    row: Element,
    id: ItemId,
    target: Option<(LaneId, Place<ItemId>)>,
}

fn lift(grid: Grid, event: &PointerEvent, handle: &Element, id: ItemId) {
    if !grid.can_edit() {
        return;
    }
    if !grid.board.look.read_untracked().sort.is_empty() {
        grid.board.room.toasts.info("The table is sorted. Stop sorting to move items.");
        return;
    }
    if let Ok(Some(row)) = handle.closest(".grid__row") {
        event.prevent_default();
        press::press(event, Lifted { grid, row, id, target: None });
    }
}

impl press::Draggable for Lifted {
    fn element(&self) -> &Element {
        &self.row
    }

    fn begin(&mut self) -> Option<HtmlElement> {
        let title = self.grid.board.room.with(|roadmap| {
            roadmap.item(self.id).map_or_else(String::new, |item| item.fields.title.to_string())
        });
        let ghost: HtmlElement = platform::document().create_element("div").ok()?.dyn_into().ok()?;
        ghost.set_class_name("card card--ghost grid__ghost");
        ghost.set_text_content(Some(&title));
        ghost.set_attribute("aria-hidden", "true").ok()?;
        platform::document().body()?.append_child(&ghost).ok()?;
        let _ = self.row.class_list().add_1("grid__row--dragging");
        Some(ghost)
    }

    fn aim(&mut self, (_, y): (f64, f64), elapsed: f64) {
        let grid = self.grid;
        let Some(element) = grid.element() else { return };
        let high = grid.line_height();
        let outer = element.get_bounding_client_rect();
        let speed = press::speed(outer.bottom() - y) - press::speed(y - outer.top() - high);
        if speed != 0.0 {
            element.scroll_by_with_x_and_y(0.0, speed * elapsed);
        }
        let layout = grid.layout.get_untracked();
        let top = outer.top() + high - f64::from(element.scroll_top());
        let gap = (((y - top) / high).round().max(0.0) as usize).min(layout.lines.len());
        let items = |range: &[Line]| range.iter().rev().find_map(|line| line.item());
        let before = items(&layout.lines[..gap]);
        let after = layout.lines[gap..].iter().find_map(|line| line.item());
        let lane = |id: Option<ItemId>| {
            let id = id?;
            grid.board.room.with(|roadmap| roadmap.item(id).map(|item| (item.lane, id)))
        };
        // Between two lanes it goes to the end of the upper one, unless it is above the line of a group.
        let is_below_group = gap > 0 && matches!(layout.lines.get(gap - 1), Some(Line::Group(_)));
        self.target = match (lane(before), lane(after)) {
            (Some((lane, id)), _) if !is_below_group => {
                Some((lane, Place::Beside { after: Some(id), before: None }))
            }
            (_, Some((lane, id))) => Some((lane, Place::Beside { after: None, before: Some(id) })),
            (Some((lane, id)), None) => Some((lane, Place::Beside { after: Some(id), before: None })),
            (None, None) => None,
        };
        let line = (top + gap as f64 * high).clamp(outer.top() + high, outer.bottom());
        press::show_line(outer.left(), line - 1.0, outer.width(), press::LINE);
    }

    fn end(&mut self) {
        let _ = self.row.class_list().remove_1("grid__row--dragging");
    }

    fn land(&mut self) {
        let Some((lane, place)) = self.target else { return };
        let itself = Place::Beside { after: Some(self.id), before: None };
        if place != itself && place != (Place::Beside { after: None, before: Some(self.id) }) {
            self.grid.board.move_items(vec![self.id], lane, place, Tell::Toast);
        }
    }
}
