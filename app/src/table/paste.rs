//! Copying ranges, and pasting those of spreadsheets.

use domain::{FieldKind, ItemId, Place, Property, Title};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;

use super::{
    columns::Column,
    dates,
    edit::{Draft, Wanted},
    layout::Line,
    marks, read,
    span::{Span, filled},
    state::Grid,
    tsv,
};
use crate::platform;

/// Hears of copying and pasting while the table has the focus. The event goes to where the text cursor is, wherever that is.
pub(super) fn listen(grid: Grid) {
    let is_here = move || platform::focused().is_some() && platform::focused() == grid.element();
    let copy = move |event: &web_sys::ClipboardEvent, is_cut: bool| {
        if is_here()
            && let Some((text, data)) = grid.copied().zip(event.clipboard_data())
        {
            event.prevent_default();
            let _ = data.set_data("text/plain", &text);
            grid.cut_text.set_value(if is_cut { text } else { String::new() });
            grid.mark_cut(is_cut);
        }
    };
    let copied = window_event_listener(ev::copy, move |event| {
        if let Some(event) = event.dyn_ref() {
            copy(event, false);
        }
    });
    let cut = window_event_listener(ev::cut, move |event| {
        if let Some(event) = event.dyn_ref() {
            copy(event, true);
        }
    });
    let pasted = window_event_listener(ev::paste, move |event| {
        let Some(event) = event.dyn_ref::<web_sys::ClipboardEvent>().filter(|_| is_here()) else { return };
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            event.prevent_default();
            grid.paste(&text);
        }
    });
    on_cleanup(move || {
        copied.remove();
        cut.remove();
        pasted.remove();
    });
}

impl Grid {
    /// The selected cells as text. Groups are not among them.
    fn copied(self) -> Option<String> {
        let (items, columns) = self.selected()?;
        let columns: Vec<Column> = columns.filter_map(|at| self.column(at)).collect();
        let items = self
            .board
            .room
            .with(|roadmap| items.iter().filter_map(|id| roadmap.item(*id).cloned()).collect::<Vec<_>>());
        let rows: Vec<Vec<String>> = items
            .iter()
            .map(|item| columns.iter().map(|column| self.text(item, &column.property, &column.def)).collect())
            .collect();
        if rows.is_empty() {
            return None;
        }
        let cells = domain::counted(rows.len() * columns.len(), "cell", "cells");
        self.board.room.toasts.announce(format!("Copied {cells}."));
        Some(tsv::write(&rows))
    }

    /// Marks the selected cells as cut, or what was marked no more.
    fn mark_cut(self, is_cut: bool) {
        let selected = self.selected().filter(|_| is_cut && self.can_edit());
        let cut = selected.map(|(items, columns)| {
            (items, columns.filter_map(|at| self.column(at)).map(|column| column.property).collect())
        });
        self.cut.set(cut.unwrap_or_default());
    }

    /// Puts a copied range where the selection begins, as one step.
    pub(super) fn paste(self, text: &str) {
        let room = self.board.room;
        if !self.can_edit() {
            room.toasts.info("Only editors can change items here.");
            return;
        }
        let rows = match tsv::read(text) {
            Ok(rows) => rows,
            Err(sentence) => {
                room.toasts.error(sentence);
                return;
            }
        };
        let Some(span) = self.span() else { return };
        let width = rows.first().map_or(0, Vec::len);
        if width == 0 {
            return;
        }
        let lines = self.layout.get_untracked().lines.clone();
        // Groups among the lines take nothing, and neither does the line for a new item.
        let height = self.selected().map_or(1, |(items, _)| items.len().max(1));
        let (height, across) = filled((rows.len(), width), (height, span.columns()));
        if height.saturating_mul(across) > tsv::MAX_CELLS {
            room.toasts.error(format!("At most {} cells can be pasted. Select fewer.", tsv::MAX_CELLS));
            return;
        }
        let columns: Vec<Column> = (span.left..span.left + across).filter_map(|at| self.column(at)).collect();
        let order = |at: usize| dates::order(rows.iter().filter_map(|row| row.get(at)).map(String::as_str));
        let orders: Vec<_> = (0..width).map(order).collect();
        let members = room.members.get_untracked();
        // Of a row of what is pasted: what each cell is to hold.
        let cells = |at: usize| -> Vec<(Column, String, Wanted)> {
            let row = &rows[at % rows.len()];
            let cells = columns.iter().enumerate().map(|(at, column)| {
                let text = &row[at % width];
                let order = orders[at % width].filter(|_| matches!(column.def.kind, FieldKind::Date));
                let wanted = read::read(&column.property, &column.def, text, &members, order);
                (column.clone(), text.clone(), wanted)
            });
            cells.collect()
        };
        let mut draft = Draft::new(self);
        let mut pasted = 0;
        let is_new = matches!(lines.get(span.top), Some(Line::New | Line::Draft));
        if is_new {
            let title = Property::Own(domain::Field::Title);
            if !columns.iter().any(|column| column.property == title) {
                room.toasts.error("New items need a title. Paste into the Title column.");
                return;
            }
            let Some((lane, mut place)) = self.place_of_new(lines[span.top]) else { return };
            for at in 0..rows.len() {
                let cells = cells(at);
                let typed = cells.iter().find(|(column, ..)| column.property == title);
                let Some(text) = typed.map(|(_, text, _)| text).filter(|text| !text.trim().is_empty()) else {
                    continue;
                };
                let words: Vec<&str> = text.split_whitespace().collect();
                let added = Title::parse(&words.join(" ")).map_err(|reason| reason.to_string());
                match added.and_then(|title| draft.add(lane, place, title)) {
                    Ok(id) => {
                        if place != Place::Last {
                            place = Place::Beside { after: Some(id), before: None };
                        }
                        pasted += 1;
                        let rest = cells.into_iter().filter(|(column, ..)| column.property != title);
                        self.put(&mut draft, id, rest.collect());
                    }
                    Err(reason) => {
                        room.toasts.error(format!("Row {}: {reason}", at + 1));
                        return;
                    }
                }
            }
            let items = domain::counted(pasted, "item", "items");
            self.board.inserting.set(None);
            let label = match draft.refused.len() {
                0 => format!("Added {items}."),
                left => format!("Added {items}. {} stayed empty.", domain::counted(left, "cell", "cells")),
            };
            let refused = draft.refused.iter().cloned().collect();
            if draft.commit(label, true) {
                self.refused.set(refused);
            }
            return;
        }
        // What was cut moves: where it was it is emptied.
        let (items, properties) = self.cut.get_untracked();
        if self.cut_text.with_value(|cut| cut == text) {
            for id in items {
                let cells = properties.iter().filter(|property| property.is_editable());
                draft.set(id, cells.map(|property| (property.clone(), Ok(None))).collect());
            }
        }
        let mut last = span.top;
        for (at, line) in lines.iter().enumerate().skip(span.top) {
            if pasted == height {
                break;
            }
            if let Line::Item(id) = line {
                self.put(&mut draft, *id, cells(pasted));
                pasted += 1;
                last = at;
            }
        }
        let note = match height - pasted {
            0 => String::new(),
            beyond => {
                format!(" {} did not fit: paste at “New item”.", domain::counted(beyond, "row", "rows"))
            }
        };
        if self.finish(draft, "Pasted", true, &note) {
            let right = span.left + columns.len() - 1;
            let (Some(first), Some(corner)) = (lines.get(span.top), lines.get(last)) else { return };
            let spot = |line: &Line, column| super::state::Spot { line: *line, column };
            self.anchor.set(Some(spot(corner, right)));
            self.active.set(Some(spot(first, span.left)));
            marks::flash(self, Span { bottom: last, right, ..span });
        }
    }

    /// Sets the cells of an item to what was pasted. What cannot be set here may stay as it is.
    fn put(self, draft: &mut Draft, id: ItemId, cells: Vec<(Column, String, Wanted)>) {
        let item = self.board.room.with(|roadmap| roadmap.item(id).cloned());
        let mut set = Vec::new();
        for (column, text, wanted) in cells {
            if column.property.is_editable() {
                set.push((column.property, wanted));
                continue;
            }
            let same = item
                .as_ref()
                .is_some_and(|item| self.text(item, &column.property, &column.def).trim() == text.trim());
            // A new item has what it has, whatever stood there in the spreadsheet.
            if !same && item.is_some() {
                let reason = format!("The {} can’t be changed here.", column.def.in_sentence());
                draft.refuse(id, &column.property, reason);
            }
        }
        draft.set(id, set);
    }
}
