//! Cells of a board with columns of a property and swimlanes of another: which there are, what stands in them, and what is done
//! to cards that are put into one.

use domain::{Group, ItemId, Op, Property, Roadmap};
use leptos::prelude::*;

use super::{
    Board, focus,
    moves::{Step, Tell},
    state::Axes,
};
use crate::platform;

/// A place of the board: the group of its column, and that of its swimlane.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub(super) column: Option<String>,
    pub(super) row: Option<String>,
}

/// The columns, and the swimlanes where there are any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heads {
    pub(super) columns: Vec<Group>,
    pub(super) rows: Vec<Group>,
}

impl Board {
    /// All items that are shown, in the order in which they are.
    pub(crate) fn shown(&self) -> Vec<ItemId> {
        self.visible(&self.room.track(|roadmap| roadmap.board_order().collect::<Vec<_>>()))
    }

    pub(super) fn heads(&self, shown: &[ItemId]) -> Heads {
        let Some(Axes { columns, group }) = self.axes.get() else { return Heads::default() };
        let person = |user| self.room.person(user);
        self.room.track(|roadmap| {
            let groups = |property: &Property| property.groups_of(roadmap, shown, self.year, &person);
            Heads { columns: groups(&columns), rows: group.as_ref().map(groups).unwrap_or_default() }
        })
    }

    /// Items with the cell in which each stands.
    pub(super) fn cells_of(&self, items: &[ItemId]) -> Vec<(ItemId, Cell)> {
        let Some(Axes { columns, group }) = self.axes.get() else { return Vec::new() };
        self.room.track(|roadmap| {
            let cell = |id: &ItemId| {
                let item = roadmap.item(*id)?;
                let of = |property: &Property| property.group_of(roadmap, item, self.year);
                Some((*id, Cell { column: of(&columns), row: group.as_ref().and_then(of) }))
            };
            items.iter().filter_map(cell).collect()
        })
    }

    /// Sets what items need to stand in a cell, in one step.
    pub(super) fn move_to_cell(&self, ids: &[ItemId], cell: &Cell, tell: Tell) {
        let Some(first) = ids.first().copied() else { return };
        let Some(Axes { columns, group }) = self.axes.get_untracked() else { return };
        // Another product is another roadmap: the server moves what is put there.
        for (property, to) in [(Some(&columns), &cell.column), (group.as_ref(), &cell.row)] {
            if property == Some(&Property::Product)
                && let Some(to) = to.as_ref().and_then(|to| to.parse::<domain::ProductKey>().ok())
            {
                let is_other = |id: &ItemId| self.at(*id).room.product.read_untracked().key != to;
                self.send(ids.iter().copied().filter(is_other).collect(), to);
            }
        }
        let ops = match self.room.with(|roadmap| self.ops_to_cell(roadmap, ids, cell)) {
            Ok(ops) if ops.is_empty() => return,
            Ok(ops) => ops,
            Err(why) => return self.room.toasts.error(why),
        };
        let place = untrack(|| self.name_of(cell));
        let sentence = self.room.with(|roadmap| match (ids, roadmap.item(first)) {
            ([_], Some(item)) => format!("Moved “{}” to {place}.", item.fields.title),
            _ => format!("Moved {} items to {place}.", ids.len()),
        });
        match tell {
            Tell::Toast => drop(self.room.edit_with_toast(Op::batch(ops), sentence)),
            Tell::Speech => {
                if self.room.edit_undoable(Op::batch(ops), sentence.clone()) {
                    self.room.toasts.announce(sentence);
                }
            }
        }
        focus::card(first);
    }

    /// What items need to stand in a cell, beside going to another product.
    pub(super) fn ops_to_cell(
        &self,
        roadmap: &Roadmap,
        ids: &[ItemId],
        cell: &Cell,
    ) -> Result<Vec<Op>, String> {
        let Some(Axes { columns, group }) = self.axes.get_untracked() else { return Ok(Vec::new()) };
        let mut ops = Vec::new();
        let wanted = [(Some(columns), &cell.column), (group, &cell.row)];
        for item in ids.iter().filter_map(|id| roadmap.item(*id)) {
            for (property, group) in &wanted {
                let Some(property) = property else { continue };
                if *property == Property::Product || property.group_of(roadmap, item, self.year) == **group {
                    continue;
                }
                let def = property.def(roadmap).ok_or("This roadmap has no such field any more.")?;
                let value = Property::value_of(group.as_deref(), &def.kind);
                ops.extend(property.set(roadmap, item, value, self.year)?);
            }
        }
        Ok(ops)
    }

    /// `Done`, or `Done, Payments` where there are swimlanes.
    fn name_of(&self, cell: &Cell) -> String {
        let heads = self.heads(&self.shown());
        let name = |groups: &[Group], key: &Option<String>| {
            groups.iter().find(|group| group.key == *key).map(|group| group.label.clone())
        };
        let names = [name(&heads.columns, &cell.column), name(&heads.rows, &cell.row)];
        names.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Moves a card to the column beside, or to the swimlane above or below.
    pub(super) fn step_cell(&self, id: ItemId, step: Step) {
        let (cell, heads) = untrack(|| (self.cells_of(&[id]).pop(), self.heads(&self.shown())));
        let Some((_, cell)) = cell else { return };
        let beside = |groups: &[Group], key: &Option<String>, by: isize| {
            let at = groups.iter().position(|group| group.key == *key)?;
            groups.get(at.checked_add_signed(by)?).map(|group| group.key.clone())
        };
        let cell = match step {
            Step::LaneBefore => {
                beside(&heads.columns, &cell.column, -1).map(|column| Cell { column, ..cell })
            }
            Step::LaneAfter => beside(&heads.columns, &cell.column, 1).map(|column| Cell { column, ..cell }),
            Step::Up => beside(&heads.rows, &cell.row, -1).map(|row| Cell { row, ..cell }),
            Step::Down => beside(&heads.rows, &cell.row, 1).map(|row| Cell { row, ..cell }),
            Step::Top | Step::Bottom => None,
        };
        match cell {
            Some(cell) => self.move_to_cell(&[id], &cell, Tell::Speech),
            None => self.room.toasts.announce("Can’t move any further."),
        }
    }
}

/// Every list of cards keeps a card that `Tab` reaches, after cards came and went.
pub(super) fn keep_reachable() {
    use wasm_bindgen::JsCast as _;
    let Ok(lists) = platform::document().query_selector_all("#board .lane__cards") else { return };
    for list in (0..lists.length()).filter_map(|at| lists.get(at)?.dyn_into::<web_sys::Element>().ok()) {
        focus::ensure_one_reachable(&list);
    }
}
