//! What is marked in the table: the active cell, the selected ones, those that refused what was pasted. Cells are drawn without
//! marks; when these change, only what is drawn is looked at.

use domain::ItemId;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, NodeList};

use super::{layout::Line, span::Span, state::Grid};
use crate::platform;

/// The id of the active cell, while it is drawn.
const ACTIVE: &str = "grid-active";
/// For how long a pasted range is tinted, in milliseconds.
const FLASH: u32 = 900;

/// Keeps the marks as they should be, from now on.
pub(super) fn follow(grid: Grid) {
    // Undoing a paste clears the marks of its refused cells.
    Effect::new(move |before: Option<u64>| {
        let count = grid.board.room.undone.get();
        if before.is_some_and(|before| before != count) {
            grid.refused.set(Default::default());
        }
        count
    });
    Effect::new(move |_| {
        grid.active.track();
        grid.anchor.track();
        grid.near.track();
        grid.layout.track();
        grid.columns.track();
        grid.refused.track();
        grid.cut.track();
        grid.board.room.revision.track();
        platform::after_effects(move || {
            // The page may have been left meanwhile.
            if grid.near.try_get_untracked().is_some() {
                mark(grid);
            }
        });
    });
}

fn elements(list: NodeList) -> impl Iterator<Item = Element> {
    (0..list.length()).filter_map(move |at| list.get(at)?.dyn_into().ok())
}

fn mark(grid: Grid) {
    let Some(element) = grid.element() else { return };
    let Ok(rows) = element.query_selector_all(".grid__row") else { return };
    let active = grid.active.get_untracked();
    let place = active.and_then(|active| grid.place(active));
    let span = grid.span().filter(|span| !span.is_one());
    let layout = grid.layout.get_untracked();
    let refused = grid.refused.read_untracked();
    let columns = grid.columns.read_untracked();
    let cut = grid.cut.read_untracked();
    let mut is_drawn = false;
    let mut next = grid.near.get_untracked().0;
    for row in elements(rows) {
        let is_head = row.class_list().contains("grid__head");
        let key = row.get_attribute("data-line").and_then(|key| key.parse().ok());
        let line = if is_head { Line::Head } else { key.map_or(Line::Head, Line::of_key) };
        // A sticky group stands before the others, though its place is further up.
        let at = match layout.lines.get(next) {
            Some(other) if *other == line => next,
            _ => layout.at(line).unwrap_or(0),
        };
        if !is_head {
            if at == next {
                next += 1;
            }
            set(&row, "aria-rowindex", &(at + 2).to_string());
        }
        let item = line.item().filter(|id| refused.keys().any(|(other, _)| other == id));
        let is_cut_row = line.item().is_some_and(|id| cut.0.contains(&id));
        let in_span = !is_head && span.is_some_and(|span| (span.top..=span.bottom).contains(&at));
        let has_active = match place {
            Some((line, _)) => !is_head && line == at,
            None => is_head && active.is_some_and(|active| active.line == Line::Head),
        };
        let marked = in_span || has_active || is_cut_row || item.is_some();
        if !marked && !row.has_attribute("data-marked") {
            continue;
        }
        let _ = row.toggle_attribute_with_force("data-marked", marked);
        let _ = row.toggle_attribute_with_force("data-active", has_active);
        let Ok(cells) = row.query_selector_all("[data-column]") else { continue };
        for cell in elements(cells) {
            let Some(column) = cell.get_attribute("data-column").and_then(|at| at.parse::<usize>().ok())
            else {
                continue;
            };
            // A group is a single cell.
            let is_group = matches!(line, Line::Group(_));
            let last = columns.len().saturating_sub(1);
            let is_active =
                has_active && active.is_some_and(|active| is_group || active.column.min(last) == column);
            let is_in = in_span && span.is_some_and(|span| span.contains(at, column));
            let is_corner = !is_head
                && match span {
                    Some(span) => at == span.bottom && column == span.right,
                    None => is_active,
                };
            let is_cut =
                is_cut_row && columns.get(column).is_some_and(|column| cut.1.contains(&column.property));
            let classes = cell.class_list();
            for (class, is) in [
                ("grid__cell--active", is_active),
                ("grid__cell--in", is_in),
                ("grid__cell--cut", is_cut),
                ("grid__cell--corner", is_corner && grid.can_edit()),
            ] {
                if classes.contains(class) != is {
                    let _ = classes.toggle_with_force(class, is);
                }
            }
            if is_in || is_active {
                set(&cell, "aria-selected", "true");
            } else if cell.has_attribute("aria-selected") {
                let _ = cell.remove_attribute("aria-selected");
            }
            if is_active {
                is_drawn = true;
                cell.set_id(ACTIVE);
            } else if cell.id() == ACTIVE {
                let _ = cell.remove_attribute("id");
            }
            let reason = item
                .and_then(|id: ItemId| refused.get(&(id, columns.get(column)?.property.as_str().to_owned())));
            match reason {
                Some(reason) => {
                    let _ = classes.add_1("grid__cell--refused");
                    set(&cell, "title", reason);
                    set(&cell, "aria-description", reason);
                }
                None if classes.contains("grid__cell--refused") => {
                    let _ = classes.remove_1("grid__cell--refused");
                    let _ = cell.remove_attribute("title");
                    let _ = cell.remove_attribute("aria-description");
                }
                None => {}
            }
        }
    }
    if is_drawn {
        set(&element, "aria-activedescendant", ACTIVE);
    } else {
        let _ = element.remove_attribute("aria-activedescendant");
    }
}

fn set(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        let _ = element.set_attribute(name, value);
    }
}

/// Tints a range for a moment.
pub(super) fn flash(grid: Grid, span: Span) {
    platform::next_frame(move || {
        let (Some(element), Some(layout)) = (grid.element(), grid.layout.try_get_untracked()) else { return };
        let Ok(rows) = element.query_selector_all("[data-line]") else { return };
        let mut cells = Vec::new();
        for row in elements(rows) {
            let key = row.get_attribute("data-line").and_then(|key| key.parse().ok());
            let Some(at) = key.and_then(|key| layout.at(Line::of_key(key))) else { continue };
            for column in span.left..=span.right {
                if span.contains(at, column)
                    && let Ok(Some(cell)) = row.query_selector(&format!("[data-column='{column}']"))
                {
                    let _ = cell.class_list().add_1("grid__cell--flash");
                    cells.push(cell);
                }
            }
        }
        Timeout::new(FLASH, move || {
            for cell in cells {
                let _ = cell.class_list().remove_1("grid__cell--flash");
            }
        })
        .forget();
    });
}
