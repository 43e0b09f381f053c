//! Which cards are selected, to do something to all of them.

use domain::{ItemId, LaneId};
use leptos::prelude::*;

use super::Board;

impl Board {
    /// The selected items in board order. What is in the bin by now is not among them.
    pub(super) fn selection(&self) -> Vec<ItemId> {
        let selected = self.selected.read_untracked();
        if selected.is_empty() {
            return Vec::new();
        }
        self.room.with(|roadmap| roadmap.board_order().filter(|id| selected.contains(id)).collect())
    }

    /// The selected items in board order when this one is among them, else only this one.
    pub(crate) fn with_selection(&self, id: ItemId) -> Vec<ItemId> {
        if self.selected.read_untracked().contains(&id) { self.selection() } else { vec![id] }
    }

    pub(crate) fn toggle_selected(&self, id: ItemId) {
        if !self.room.can_edit() {
            return;
        }
        let is_selected = self.selected.try_update(|selected| {
            let was = selected.remove(&id);
            if !was {
                selected.insert(id);
            }
            !was
        });
        self.range.set_value((is_selected == Some(true)).then_some((id, id)));
        self.announce_selection();
    }

    /// Selects the cards of a lane up to this one: from where the range before began, else from the one that has the focus. That
    /// range is given up, and what else is selected stays.
    pub(super) fn select_to(&self, id: ItemId, focused: Option<ItemId>) {
        let Some(lane) = self.lane_of(id).filter(|_| self.room.can_edit()) else { return };
        let order = self.room.with(|roadmap| roadmap.lane_items(lane).to_vec());
        self.select_among(&untrack(|| self.visible(&order)), id, focused);
    }

    /// As [`Board::select_to`], among items as they are shown.
    pub(crate) fn select_among(&self, shown: &[ItemId], id: ItemId, focused: Option<ItemId>) {
        let in_lane = |id: &ItemId| shown.contains(id);
        let is_begun = |(from, to): &(ItemId, ItemId)| {
            in_lane(from) && in_lane(to) && self.selected.read_untracked().contains(from)
        };
        let (from, end) = self.range.get_value().filter(is_begun).unwrap_or_else(|| {
            let from = focused.filter(in_lane).unwrap_or(id);
            (from, from)
        });
        let (former, range) = (between(shown, from, end), between(shown, from, id));
        self.selected.update(|selected| {
            selected.retain(|id| !former.contains(id));
            selected.extend(range);
        });
        self.range.set_value(Some((from, id)));
        self.announce_selection();
    }

    pub(super) fn clear_selection(&self) {
        self.range.set_value(None);
        self.selected.update(std::collections::BTreeSet::clear);
    }

    pub(super) fn lane_of(&self, id: ItemId) -> Option<LaneId> {
        self.room.with(|roadmap| Some(roadmap.item(id).filter(|item| item.deleted.is_none())?.lane))
    }

    fn announce_selection(&self) {
        self.room.toasts.announce(selected(self.selected.read_untracked().len()));
    }
}

/// `3 selected`.
pub(super) fn selected(count: usize) -> String {
    format!("{count} selected")
}

/// The part of a list from one of its items to another, whichever comes first.
fn between(list: &[ItemId], one: ItemId, other: ItemId) -> &[ItemId] {
    let at = |id| list.iter().position(|other| *other == id);
    match (at(one), at(other)) {
        (Some(one), Some(other)) => &list[one.min(other)..=one.max(other)],
        _ => &[],
    }
}
