//! Cells of a board with columns of a property and swimlanes of another: which there are, what stands in them, and what is done
//! to cards that are put into one.

use domain::{Group, ItemId, Op, PersonDays, Property};
use leptos::prelude::*;

use super::{
    Board, focus,
    moves::{Step, Tell},
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
    /// What columns and swimlanes are made of.
    fn axes(&self) -> (Property, Option<Property>) {
        let (columns, group) = self.look.with(|look| (look.columns.clone(), look.group.clone()));
        (self.usable(columns).unwrap_or(Property::Lane), self.usable(group))
    }

    /// All items that are shown, in the order in which they are.
    pub(crate) fn shown(&self) -> Vec<ItemId> {
        let all = self.room.track(|roadmap| {
            let lanes = roadmap.lane_order().iter();
            lanes.flat_map(|lane| roadmap.lane_items(*lane).iter().copied()).collect::<Vec<_>>()
        });
        self.visible(&all)
    }

    pub(super) fn heads(&self, shown: &[ItemId]) -> Heads {
        let (column, row) = self.axes();
        let person = |user| self.room.person(user);
        self.room.track(|roadmap| {
            let groups = |property: &Property| property.groups_of(roadmap, shown, self.year, &person);
            Heads { columns: groups(&column), rows: row.as_ref().map(groups).unwrap_or_default() }
        })
    }

    /// The cell of an item.
    pub(super) fn cell_of(&self, id: ItemId) -> Option<Cell> {
        let (column, row) = self.axes();
        self.room.with(|roadmap| {
            let item = roadmap.item(id)?;
            let group = |property: &Property| property.group_of(roadmap, item, self.year);
            Some(Cell { column: group(&column), row: row.as_ref().and_then(group) })
        })
    }

    /// Sets what items need to stand in a cell, in one step.
    pub(super) fn move_to_cell(&self, ids: &[ItemId], cell: &Cell, tell: Tell) {
        let Some(first) = ids.first().copied() else { return };
        let (column, row) = untrack(|| self.axes());
        let set = self.room.with(|roadmap| {
            let mut ops = Vec::new();
            let wanted = [(Some(column), &cell.column), (row, &cell.row)];
            for item in ids.iter().filter_map(|id| roadmap.item(*id)) {
                for (property, group) in &wanted {
                    let Some(property) = property else { continue };
                    if property.group_of(roadmap, item, self.year) == **group {
                        continue;
                    }
                    let def = property.def(roadmap).ok_or("This roadmap has no such field any more.")?;
                    let value = Property::value_of(group.as_deref(), &def.kind);
                    ops.extend(property.set(roadmap, item, value, self.year)?);
                }
            }
            Ok::<_, String>(ops)
        });
        let ops = match set {
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
        let (Some(cell), heads) = (self.cell_of(id), untrack(|| self.heads(&self.shown()))) else { return };
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

    /// `5 d`, where there is any effort.
    pub(super) fn effort_of(&self, items: &[ItemId]) -> Option<String> {
        let tenths = self.room.with(|roadmap| {
            let items = items.iter().filter_map(|id| roadmap.item(*id));
            items.filter_map(|item| item.fields.effort).map(PersonDays::tenths).sum::<u32>()
        });
        (tenths > 0).then(|| PersonDays::from_tenths(tenths).map(|sum| format!("{sum} d"))).flatten()
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
