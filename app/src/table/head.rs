//! The names of the columns, and what can be done to a column from its menu.

use domain::{Property, SortBy};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, PointerEvent};

use super::{columns::Column, rows::cell_class, state::Grid};
use crate::{
    board::{MenuLine, MenuPart},
    ui::Icon,
};

/// By how much keys make a column wider or narrower, in CSS pixels.
const STEP: i32 = 32;

pub(super) fn head(grid: Grid) -> AnyView {
    let board = grid.board;
    let cell = move |(at, column): (usize, &Column)| {
        let property = column.property.clone();
        let sorted = {
            let property = property.clone();
            move || {
                let look = board.look.read();
                let at = look.sort.iter().position(|by| by.property == property)?;
                Some((at, look.sort.len(), look.sort[at].descending))
            }
        };
        let aria = {
            let sorted = sorted.clone();
            move || {
                let (at, _, descending) = sorted()?;
                (at == 0).then_some(if descending { "descending" } else { "ascending" })
            }
        };
        let mark = move || {
            sorted().map(|(at, count, descending)| {
                let arrow = if descending { "↓" } else { "↑" };
                let number = if count > 1 { (at + 1).to_string() } else { String::new() };
                view! {
                    <span class="grid__sorted" aria-hidden="true">
                        {arrow}
                        {number}
                    </span>
                }
            })
        };
        let resize = move |event: PointerEvent| resize(grid, property.clone(), &event);
        view! {
            <div
                class=cell_class(column, at)
                role="columnheader"
                data-column=at.to_string()
                aria-colindex=(at + 2).to_string()
                aria-sort=aria
                aria-haspopup="menu"
                title=column.heading()
            >
                <span class="grid__heading" dir="auto">
                    {column.heading()}
                </span>
                {mark}
                <span class="grid__edge" aria-hidden="true" on:pointerdown=resize></span>
            </div>
        }
    };
    view! {
        <div class="grid__row grid__head" role="row" aria-rowindex="1">
            <div class="grid__gutter grid__pin" role="columnheader" aria-colindex="1">
                <span class="visually-hidden">"Place"</span>
            </div>
            {move || grid.columns.read().iter().enumerate().map(cell).collect_view()}
        </div>
    }
    .into_any()
}

/// Drags the edge of a column.
fn resize(grid: Grid, property: Property, event: &PointerEvent) {
    event.prevent_default();
    event.stop_propagation();
    let target = event.current_target().and_then(|edge| edge.dyn_into::<HtmlElement>().ok());
    let Some(edge) = target else { return };
    let Ok(Some(head)) = edge.closest("[data-column]") else { return };
    let (width, from) = (head.get_bounding_client_rect().width(), event.client_x());
    let _ = edge.set_pointer_capture(event.pointer_id());
    grid.drag_edge(&edge, move |x| {
        let wide = width + f64::from(x - from);
        grid.resize(&property, wide.max(0.0) as u32);
    });
}

impl Grid {
    /// Opens the menu of a column.
    pub(super) fn open_column_menu(self, at: usize) {
        let (Some(column), Some(head)) = (self.column(at), self.head(at)) else { return };
        self.board.open_face_menu(self.column_menu(at, column, &head), &head);
    }

    fn column_menu(self, at: usize, column: Column, head: &HtmlElement) -> Vec<MenuPart> {
        let (board, property) = (self.board, column.property);
        let look = board.look.get_untracked();
        let sort = |label: &'static str, descending: bool, keep: bool| {
            let by = SortBy { property: property.clone(), descending };
            let is_so = look.sort.iter().position(|other| *other == by) == Some(usize::from(keep));
            let set = move || {
                let by = by.clone();
                board.look.update(|look| {
                    look.sort.retain(|other| other.property != by.property);
                    look.sort.truncate(usize::from(keep));
                    look.sort.push(by);
                });
            };
            MenuLine::new(label, "", set).chosen(is_so)
        };
        let mut order = vec![sort("Sort ascending", false, false), sort("Sort descending", true, false)];
        if look.sort.first().is_some_and(|by| by.property != property) {
            order.push(sort("Then ascending", false, true));
            order.push(sort("Then descending", true, true));
        }
        if !look.sort.is_empty() {
            order.push(MenuLine::new("Stop sorting", "", move || {
                board.look.update(|look| look.sort.clear());
            }));
        }
        let mut groups = Vec::new();
        if board.room.with(|roadmap| property.groups(roadmap)) {
            let (is_so, by) = (look.group.as_ref() == Some(&property), property.clone());
            let set = move || board.look.update(|look| look.group = (!is_so).then(|| by.clone()));
            groups.push(MenuLine::new("Group by this", "", set).chosen(is_so));
        }
        if look.group.is_some() {
            groups.push(MenuLine::new("Stop grouping", "", move || {
                board.look.update(|look| look.group = None);
            }));
        }
        let width = head.offset_width();
        let resize = |label: &'static str, by: i32| {
            let property = property.clone();
            MenuLine::new(label, "", move || {
                self.resize(&property, u32::try_from(width + by).unwrap_or_default());
            })
        };
        let mut lines = vec![resize("Wider", STEP), resize("Narrower", -STEP)];
        if at > 0 {
            lines.push(MenuLine::new("Move left", "", move || self.move_column(at, -1)));
        }
        if at + 1 < self.columns.read_untracked().len() {
            lines.push(MenuLine::new("Move right", "", move || self.move_column(at, 1)));
        }
        if property != Property::Own(domain::Field::Title) {
            let hidden = property.clone();
            lines.push(MenuLine::new("Hide", "", move || self.toggle_column(&hidden)));
        }
        vec![
            MenuPart { heading: "Order", lines: order },
            MenuPart { heading: "Groups", lines: groups },
            MenuPart { heading: "Column", lines },
        ]
    }

    /// All properties, each with whether it has a column.
    fn columns_menu(self) -> Vec<MenuPart> {
        let shown = self.columns.read_untracked();
        let all = self.board.room.with(|roadmap| {
            let all =
                Property::all(roadmap).into_iter().filter(|one| *one != Property::Own(domain::Field::Title));
            all.filter_map(|one| Some((one.def(roadmap)?.label.to_string(), one))).collect::<Vec<_>>()
        });
        let line = |(label, property): (String, Property)| {
            let is_shown = shown.iter().any(|column| column.property == property);
            MenuLine::new(label, "", move || self.toggle_column(&property)).chosen(is_shown)
        };
        let board = self.board;
        let reset = MenuLine::new("Usual columns", "", move || board.look.update(|look| look.shown.clear()));
        vec![
            MenuPart { heading: "Columns", lines: all.into_iter().map(line).collect() },
            MenuPart { heading: "All", lines: vec![reset] },
        ]
    }
}

/// The button that shows and hides columns.
pub(super) fn columns_button(grid: Grid) -> AnyView {
    let open = move |event: web_sys::MouseEvent| {
        let button = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        if let Some(button) = button {
            grid.board.open_face_menu(grid.columns_menu(), &button);
        }
    };
    view! {
        <button type="button" class="grid-face__columns" title="Columns" aria-haspopup="menu" on:click=open>
            <Icon name="settings" />
            <span class="grid-face__label">"Columns"</span>
        </button>
    }
    .into_any()
}
