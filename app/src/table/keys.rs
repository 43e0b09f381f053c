//! The table by keyboard.

use domain::{FieldKind, Place, Property, Value};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{
    columns::Column,
    layout::Line,
    state::{Grid, Spot},
};
use crate::{
    board::{Step, Subject, Tell},
    platform,
};

/// Handles a key of the table. What it leaves alone means the same as on the whole page.
pub(super) fn press(grid: Grid, event: &KeyboardEvent) {
    let target = platform::target(event);
    let in_control = target.is_some_and(|target| {
        target.closest("input, select, textarea, button").is_ok_and(|control| control.is_some())
    });
    if event.is_composing() || event.default_prevented() || in_control {
        return;
    }
    grid.ensure_active();
    if handle(grid, event) {
        event.prevent_default();
        event.stop_propagation();
    }
}

fn handle(grid: Grid, event: &KeyboardEvent) -> bool {
    let Some(spot) = grid.active.get_untracked() else { return false };
    let Some(column) = grid.column(spot.column) else { return false };
    let (shift, command) = (event.shift_key(), event.ctrl_key() || event.meta_key());
    // Shortcuts are where they are on the keyboard, whatever its letters.
    let key = if command { platform::shortcut(event) } else { event.key() };
    if event.alt_key() {
        return match (spot.line, key.as_str()) {
            (Line::Item(id), "ArrowUp" | "ArrowDown" | "Home" | "End") => {
                let step = match key.as_str() {
                    "ArrowUp" => Step::Up,
                    "ArrowDown" => Step::Down,
                    "Home" => Step::Top,
                    _ => Step::Bottom,
                };
                move_item(grid, id, step);
                true
            }
            (Line::Head, "ArrowLeft" | "ArrowRight") => {
                let by = if key == "ArrowLeft" { -1 } else { 1 };
                grid.move_column(spot.column, by);
                grid.step(0, by, false);
                true
            }
            _ => false,
        };
    }
    let page = grid
        .element()
        .map_or(10, |element| (f64::from(element.client_height()) / grid.line_height()) as isize - 2);
    let far = isize::MAX / 2;
    let (lines, columns) = match key.as_str() {
        "ArrowUp" if command => (-far, 0),
        "ArrowDown" if command => (far, 0),
        "ArrowLeft" if command => (0, -far),
        "ArrowRight" if command => (0, far),
        "ArrowUp" => (-1, 0),
        "ArrowDown" => (1, 0),
        "ArrowLeft" | "ArrowRight" if matches!(spot.line, Line::Group(_)) => {
            return fold(grid, spot.line, key == "ArrowRight");
        }
        "ArrowLeft" => (0, -1),
        "ArrowRight" => (0, 1),
        "Home" if command => (-far, -far),
        "End" if command => (far, far),
        "Home" => (0, -far),
        "End" => (0, far),
        "PageUp" => (-page, 0),
        "PageDown" => (page, 0),
        _ => return other(grid, event, spot, &column, &key, command),
    };
    // The head is reached by single steps, and left by all.
    let is_far_up = lines < -1 && grid.layout.read_untracked().at(spot.line) == Some(0);
    grid.step(if is_far_up { 0 } else { lines }, columns, shift);
    true
}

fn other(grid: Grid, event: &KeyboardEvent, spot: Spot, column: &Column, key: &str, command: bool) -> bool {
    let shift = event.shift_key();
    let is_key = column.property == Property::Key;
    let is_check = matches!(column.def.kind, FieldKind::Checkbox);
    let last = grid.columns.read_untracked().len().saturating_sub(1);
    match (key, spot.line) {
        // Beyond the ends of a row the focus leaves the table.
        ("Tab", _) if !shift && spot.column < last => grid.step(0, 1, false),
        ("Tab", _) if shift && spot.column > 0 => grid.step(0, -1, false),
        ("Enter" | " " | "F2", Line::Head) => grid.open_column_menu(spot.column),
        ("Enter" | " ", Line::Group(group)) => grid.toggle_group(group),
        ("Enter" | " ", Line::Item(_)) if is_key => open_panel(grid, spot),
        ("Enter" | " ", Line::Item(id)) if is_check && !command => {
            let to = grid.value(id, &column.property).is_none().then_some(Value::Yes);
            if grid.can_edit()
                && let Err(reason) = grid.set_cells(&[id], column, Ok(to))
            {
                grid.board.room.toasts.error(reason);
            }
        }
        ("Enter", _) if shift => grid.step(-1, 0, false),
        ("Enter" | "F2", Line::New | Line::Draft) => grid.edit_title_of(spot.line),
        (_, Line::New | Line::Draft) if !command && is_letter(event) => {
            grid.type_title_of(spot.line, (event.key_code() != 229).then(|| key.to_owned()));
        }
        ("Enter" | "F2", _) => {
            grid.begin(spot.line, column.property.clone(), None, false);
            if !grid.can_edit() && key == "Enter" {
                grid.step(1, 0, false);
            }
        }
        ("Delete" | "Backspace", Line::Item(_)) => grid.empty_selected(),
        ("Escape", _) => {
            let is_range = grid.span().is_some_and(|span| !span.is_one());
            if is_range {
                grid.anchor.set(Some(spot));
            } else if !grid.cut.read_untracked().0.is_empty() {
                grid.cut.set(Default::default());
            } else if !grid.refused.read_untracked().is_empty() {
                grid.refused.set(Default::default());
            } else {
                return false;
            }
        }
        ("ContextMenu", Line::Item(_)) => open_row_menu(grid, spot),
        ("F10", Line::Item(_)) if shift => open_row_menu(grid, spot),
        ("a" | "A", _) if command => grid.select_all(),
        ("d" | "D", _) if command => grid.fill_down(),
        // Letters are typed into a cell, unless nothing can be typed there.
        (_, Line::Item(_))
            if !command && is_letter(event) && column.property.is_editable() && grid.can_edit() =>
        {
            let typed = (event.key_code() != 229).then(|| key.to_owned());
            grid.begin(spot.line, column.property.clone(), typed, false);
        }
        _ => return false,
    }
    true
}

/// Whether a key writes something, or begins to with an input method.
fn is_letter(event: &KeyboardEvent) -> bool {
    event.key().chars().count() == 1 || event.key_code() == 229
}

/// Shows the items of a group, or hides them.
fn fold(grid: Grid, line: Line, open: bool) -> bool {
    let Line::Group(group) = line else { return false };
    let is_open = grid.layout.read_untracked().groups.get(group).is_some_and(|group| !group.is_collapsed);
    if is_open != open {
        grid.toggle_group(group);
    }
    true
}

/// Moves an item up or down its lane. What is sorted stays where its values put it.
fn move_item(grid: Grid, id: domain::ItemId, step: Step) {
    if !grid.can_edit() {
        return;
    }
    if !grid.board.look.read_untracked().sort.is_empty() {
        grid.board.room.toasts.info("The table is sorted. Stop sorting to move items.");
        return;
    }
    if !crosses(grid, id, step) {
        grid.board.step(id, step);
    }
    if let Some(spot) = grid.active.get_untracked() {
        platform::after_effects(move || {
            grid.focus();
            grid.reveal(spot);
        });
    }
}

/// Moves the first or last item of a lane into the lane above or below. False where it has others before it.
fn crosses(grid: Grid, id: domain::ItemId, step: Step) -> bool {
    let beyond = grid.board.room.with(|roadmap| {
        let lane = roadmap.item(id)?.lane;
        let (lanes, items) = (roadmap.lane_order(), roadmap.lane_items(lane));
        let at = lanes.iter().position(|other| *other == lane)?;
        match step {
            Step::Up if items.first() == Some(&id) => {
                Some((lanes.get(at.checked_sub(1)?).copied()?, Place::Last))
            }
            Step::Down if items.last() == Some(&id) => Some((lanes.get(at + 1).copied()?, Place::First)),
            _ => None,
        }
    });
    if let Some((lane, place)) = beyond {
        grid.board.move_items(vec![id], lane, place, Tell::Speech);
    }
    beyond.is_some()
}

pub(super) fn open_panel(grid: Grid, spot: Spot) {
    let link = grid.cell(spot).and_then(|cell| cell.query_selector("a").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        link.click();
    }
}

fn open_row_menu(grid: Grid, spot: Spot) {
    if let (Line::Item(id), Some(cell), true) = (spot.line, grid.cell(spot), grid.can_edit()) {
        grid.board.open_menu_at(Subject::Item(id), &cell);
    }
}

impl Grid {
    fn select_all(self) {
        let layout = self.layout.read_untracked();
        let last = layout.lines.iter().rev().find(|line| line.item().is_some()).copied();
        let first = layout.lines.iter().find(|line| line.item().is_some()).copied();
        let column = self.columns.read_untracked().len().saturating_sub(1);
        if let (Some(first), Some(last)) = (first, last) {
            self.anchor.set(Some(Spot { line: last, column }));
            self.active.set(Some(Spot { line: first, column: 0 }));
        }
    }
}
