//! Changes of cells: many at once are one operation, which one undo takes back.

use std::sync::Arc;

use domain::{
    Context, Item, ItemChange, ItemId, LaneId, Op, Place, Property, Reject, Roadmap, Title, Value, apply,
    authorise, counted,
};
use leptos::prelude::*;

use super::{
    columns::Column,
    layout::Line,
    span::Span,
    state::{Grid, Spot},
};
use crate::platform;

/// What a cell is to hold, or why it cannot be read.
pub(super) type Wanted = Result<Option<Value>, String>;

/// A cell that could not take what it was to hold: item, property, and the reason.
pub(super) type Refusal = ((ItemId, String), String);

/// What becomes of changes, worked out before anything is changed.
pub(super) struct Draft {
    /// The roadmap as it will be.
    roadmap: Roadmap,
    grid: Grid,
    context: Context,
    pub(super) ops: Vec<Op>,
    pub(super) changed: usize,
    pub(super) refused: Vec<Refusal>,
}

impl Draft {
    pub(super) fn new(grid: Grid) -> Self {
        let room = grid.board.room;
        Self {
            roadmap: room.with(Roadmap::clone),
            grid,
            context: Context { actor: room.user(), at: platform::now() },
            ops: Vec::new(),
            changed: 0,
            refused: Vec::new(),
        }
    }

    /// Does an operation, if it can be done.
    fn perform(&mut self, op: Op) -> Result<(), String> {
        let room = self.grid.board.room;
        authorise(&self.roadmap, &op, room.user(), room.role()).map_err(|reject| reject.to_string())?;
        apply(&mut self.roadmap, &op, &self.context).map_err(|reject| reject.to_string())?;
        // Start and end are set together: what sets both again replaces what set one.
        let days = |op: &Op| match op {
            Op::SetItem { id, change: ItemChange::Schedule { .. }, .. } => Some(*id),
            _ => None,
        };
        if days(&op).is_some() && self.ops.last().and_then(days) == days(&op) {
            self.ops.pop();
        }
        self.ops.push(op);
        Ok(())
    }

    fn item(&self, id: ItemId) -> Option<Arc<Item>> {
        self.roadmap.item(id).cloned()
    }

    fn set_one(&mut self, id: ItemId, property: &Property, to: Option<Value>) -> Result<(), String> {
        let item = self.item(id).ok_or("This item is not there any more.")?;
        let ops = property.set(&self.roadmap, &item, to, self.grid.board.year)?;
        self.changed += usize::from(!ops.is_empty());
        ops.into_iter().try_for_each(|op| self.perform(op))
    }

    /// Sets cells of an item. What one of them cannot be before the others, such as an end before its start, it is after them.
    pub(super) fn set(&mut self, id: ItemId, cells: Vec<(Property, Wanted)>) {
        let mut waiting = Vec::new();
        for (property, wanted) in cells {
            match wanted {
                Ok(to) => {
                    if self.set_one(id, &property, to.clone()).is_err() {
                        waiting.push((property, to));
                    }
                }
                Err(reason) => self.refuse(id, &property, reason),
            }
        }
        for (property, to) in waiting {
            if let Err(reason) = self.set_one(id, &property, to) {
                self.refuse(id, &property, reason);
            }
        }
    }

    pub(super) fn refuse(&mut self, id: ItemId, property: &Property, reason: String) {
        self.refused.push(((id, property.as_str().to_owned()), reason));
    }

    /// Adds an item at a place of a lane.
    pub(super) fn add(&mut self, lane: LaneId, place: Place<ItemId>, title: Title) -> Result<ItemId, String> {
        let (id, fields) = (platform::new_item(), self.grid.board.new_fields(lane, title));
        self.perform(Op::CreateItem { id, lane, place, fields })?;
        Ok(id)
    }

    /// Does all of it in one step. False when it cannot be done; a notice says why then, and nothing is changed.
    pub(super) fn commit(self, label: String, with_toast: bool) -> bool {
        let room = self.grid.board.room;
        if self.ops.is_empty() {
            return true;
        }
        let count = self.ops.len();
        let single = <[Op; 1]>::try_from(self.ops).map(|[op]| op);
        let op = single.unwrap_or_else(Op::batch);
        let edited = match room.try_edit(op.clone()) {
            Ok(edited) => edited,
            Err(Reject::TooLarge | Reject::TooMany { .. }) => {
                let changes = counted(count, "change", "changes");
                room.toasts.error(format!("These {changes} are too many for one step. Take fewer rows."));
                return false;
            }
            Err(reject) => {
                room.toasts.error(reject.to_string());
                return false;
            }
        };
        self.grid.cut.set(Default::default());
        room.remember(label.clone(), op, edited.inverse);
        if with_toast {
            room.toasts.undoable(label, move || room.undo());
        } else {
            room.toasts.announce(label);
        }
        true
    }
}

impl Grid {
    /// Sets cells to one value each, as one step, and says so. The sentence that refused the first of them, if one was.
    pub(super) fn set_cells(self, items: &[ItemId], column: &Column, to: Wanted) -> Result<(), String> {
        let to = to?;
        let mut draft = Draft::new(self);
        for id in items {
            draft.set(*id, vec![(column.property.clone(), Ok(to.clone()))]);
        }
        // Of several cells those that can are set.
        if let Some((_, reason)) = draft.refused.first()
            && draft.ops.is_empty()
        {
            return Err(reason.clone());
        }
        self.refused.set(draft.refused.iter().cloned().collect());
        let what = column.def.in_sentence();
        let label = match items {
            [id] => {
                let title = self.title(*id);
                format!("Changed the {what} of “{title}”.")
            }
            _ => format!("Changed the {what} of {}.", counted(draft.changed, "item", "items")),
        };
        let many = items.len() > 1;
        if draft.commit(label, many) { Ok(()) } else { Err("Nothing was changed.".to_owned()) }
    }

    fn title(self, id: ItemId) -> String {
        self.board
            .room
            .with(|roadmap| roadmap.item(id).map_or_else(String::new, |item| item.fields.title.to_string()))
    }

    /// Empties the selected cells.
    pub(super) fn empty_selected(self) {
        let Some((items, columns)) = self.selected().filter(|_| self.can_edit()) else { return };
        let columns: Vec<Column> = columns.filter_map(|at| self.column(at)).collect();
        let mut draft = Draft::new(self);
        for id in items {
            let cells = columns.iter().map(|column| {
                let wanted = if column.property.is_editable() {
                    Ok(None)
                } else {
                    Err(format!("The {} can’t be changed here.", column.def.in_sentence()))
                };
                (column.property.clone(), wanted)
            });
            draft.set(id, cells.collect());
        }
        self.finish(draft, "Cleared", false, "");
    }

    /// Fills the rest of each selected column with what stands in its first cell; with one row selected, with what is above.
    pub(super) fn fill_down(self) {
        let Some(span) = self.span().filter(|_| self.can_edit()) else { return };
        let layout = self.layout.get_untracked();
        let top = if span.rows() == 1 { span.top.saturating_sub(1) } else { span.top };
        let first = layout.lines.get(top..=span.bottom).unwrap_or_default();
        let from = top + first.iter().position(|line| line.item().is_some()).unwrap_or_default();
        self.fill_from(Span { top: from, ..span }, from);
    }

    /// Fills the lines of a span after one with those up to it, again and again.
    pub(super) fn fill_from(self, span: Span, from: usize) {
        let layout = self.layout.get_untracked();
        let items = |lines: std::ops::RangeInclusive<usize>| -> Vec<ItemId> {
            layout.lines.get(lines).unwrap_or_default().iter().filter_map(|line| line.item()).collect()
        };
        let (sources, rest) = (items(span.top..=from), items(from + 1..=span.bottom));
        if sources.is_empty() || !self.can_edit() {
            return;
        }
        let columns: Vec<Column> = (span.left..=span.right).filter_map(|at| self.column(at)).collect();
        let mut draft = Draft::new(self);
        for (id, source) in rest.into_iter().zip(sources.iter().cycle()) {
            let cells = columns.iter().filter(|column| column.property.is_editable());
            let cells =
                cells.map(|column| (column.property.clone(), Ok(self.value(*source, &column.property))));
            draft.set(id, cells.collect());
        }
        self.finish(draft, "Filled", false, "");
    }

    /// Does what was worked out for a range, marks what was refused, and says how much it was.
    pub(super) fn finish(self, draft: Draft, did: &str, always: bool, note: &str) -> bool {
        let refused = draft.refused.len();
        self.refused.set(draft.refused.iter().cloned().collect());
        let mut label = format!("{did} {}.", counted(draft.changed, "cell", "cells"));
        if refused > 0 {
            label.push_str(&format!(" {} not changed.", counted(refused, "cell was", "cells were")));
        }
        label.push_str(note);
        let many = always || draft.changed > 1 || refused > 0;
        if draft.ops.is_empty() {
            if refused > 0 || always {
                self.board.room.toasts.info(label);
            }
            return true;
        }
        draft.commit(label, many)
    }

    /// Where a new item goes that is typed into this line: to the lane of the item above.
    pub(super) fn place_of_new(self, line: Line) -> Option<(LaneId, Place<ItemId>)> {
        let layout = self.layout.get_untracked();
        let at = layout.at(line)?;
        let above = layout.lines.get(..at)?.iter().rev().find_map(|line| line.item());
        let lane = above.and_then(|above| self.board.room.with(|roadmap| Some(roadmap.item(above)?.lane)));
        match (above, lane) {
            (Some(above), Some(lane))
                if line == Line::Draft || self.board.look.read_untracked().sort.is_empty() =>
            {
                Some((lane, Place::Beside { after: Some(above), before: None }))
            }
            (_, Some(lane)) => Some((lane, Place::Last)),
            _ => Some((self.board.room.lanes.read_untracked().first().copied()?, Place::Last)),
        }
    }

    /// Adds an item of that title.
    pub(super) fn add_item(self, line: Line, title: &str) -> Result<Option<ItemId>, String> {
        let words: Vec<&str> = title.split_whitespace().collect();
        if words.is_empty() {
            return Ok(None);
        }
        let title = Title::parse(&words.join(" ")).map_err(|reason| reason.to_string())?;
        let (lane, place) = self.place_of_new(line).ok_or("Add a lane on the board first.")?;
        let label = format!("Added “{title}”.");
        let mut draft = Draft::new(self);
        let id = draft.add(lane, place, title)?;
        if draft.commit(label, false) { Ok(Some(id)) } else { Err("Nothing was added.".to_owned()) }
    }

    /// Begins to type a new item below another.
    pub(super) fn insert_below(self, id: ItemId) {
        self.board.inserting.set(Some(id));
    }

    /// Begins to type the title of a line for a new item.
    pub(super) fn edit_title_of(self, line: Line) {
        self.type_title_of(line, None);
    }

    /// The same, with what was typed to begin with.
    pub(super) fn type_title_of(self, line: Line, typed: Option<String>) {
        let title = Property::Own(domain::Field::Title);
        let column = self.columns.read_untracked().iter().position(|column| column.property == title);
        self.go(Spot { line, column: column.unwrap_or_default() }, false);
        self.begin(line, title, typed, false);
    }
}
