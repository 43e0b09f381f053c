//! What people do to cards, however they asked for it: by pointer, key or menu.

use std::sync::Arc;

use domain::{Item, ItemChange, ItemFields, ItemId, LaneId, Op, Place, Status, Title};
use leptos::prelude::*;

use super::{Board, focus, incremental};
use crate::platform;

/// Where a card goes by key or menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Up,
    Down,
    Top,
    Bottom,
    LaneBefore,
    LaneAfter,
}

/// Whether the result is shown in a toast or only said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tell {
    Toast,
    Speech,
}

impl Board {
    /// Moves items and says so: `Moved “Single sign-on” to Next, position 2 of 7.`
    pub(crate) fn move_items(&self, ids: Vec<ItemId>, lane: LaneId, place: Place<ItemId>, tell: Tell) {
        let Some(first) = ids.first().copied() else { return };
        incremental::render_all(*self);
        let count = ids.len();
        let before = self.room.with(|roadmap| roadmap.lane_items(lane).to_vec());
        let (op, status) = self.moving(ids, lane, place);
        // The sentence needs the position, and the toast needs the sentence: so the edit comes first.
        let Some(edited) = self.room.edit(op.clone()) else { return };
        let after = self.room.with(|roadmap| roadmap.lane_items(lane).to_vec());
        if before == after {
            return;
        }
        let sentence = self.room.with(|roadmap| {
            let name = roadmap.lane(lane).map_or_else(String::new, |lane| lane.name.to_string());
            let position = after.iter().position(|id| *id == first).map_or(0, |index| index + 1);
            let total = after.len();
            let moved = match (count, roadmap.item(first)) {
                (1, Some(item)) => {
                    format!("Moved “{}” to {name}, position {position} of {total}.", item.fields.title)
                }
                _ => format!("Moved {count} items to {name}, from position {position} of {total}."),
            };
            match status {
                Some(status) => format!("{moved} Status: {}.", status.label()),
                None => moved,
            }
        });
        self.room.remember(sentence.clone(), op, edited.inverse);
        match tell {
            Tell::Speech => self.room.toasts.announce(sentence),
            Tell::Toast => {
                // The card is drawn first: a notice is one more thing to lay out and to draw.
                let room = self.room;
                platform::after_frame(move || room.toasts.undoable(sentence, move || room.undo()));
            }
        }
        focus::card(first);
    }

    /// The edit that moves items, and gives those that come from elsewhere the status their new lane sets; which it is,
    /// where that changes any.
    fn moving(&self, ids: Vec<ItemId>, lane: LaneId, place: Place<ItemId>) -> (Op, Option<Status>) {
        let status = self.status_of(lane);
        let set = self.room.with(|roadmap| {
            let items = ids.iter().filter_map(|id| roadmap.item(*id)).filter(|item| item.lane != lane);
            let change = |item: &Arc<Item>| {
                let status = status.filter(|status| item.fields.status != *status)?;
                Some(Op::set(item.id, ItemChange::Status(status)))
            };
            items.filter_map(change).collect::<Vec<_>>()
        });
        let moved = Op::MoveItems { ids, lane, place };
        if set.is_empty() {
            return (moved, None);
        }
        (Op::batch(std::iter::once(moved).chain(set).collect()), status)
    }

    /// The status that a lane sets.
    fn status_of(&self, lane: LaneId) -> Option<Status> {
        self.room.with(|roadmap| roadmap.lane(lane)?.status)
    }

    /// The fields of an item that is added to a lane.
    pub(crate) fn new_fields(&self, lane: LaneId, title: Title) -> Box<ItemFields> {
        let mut fields = ItemFields::titled(title);
        fields.status = self.status_of(lane).unwrap_or(fields.status);
        Box::new(fields)
    }

    /// Moves a card one step among the cards that are shown.
    pub(crate) fn step(&self, id: ItemId, step: Step) {
        if !self.room.can_edit() {
            return;
        }
        if untrack(|| self.has_columns()) {
            return self.step_cell(id, step);
        }
        let Some((lane, lanes)) = self.room.with(|roadmap| {
            let lane = roadmap.item(id).filter(|item| item.deleted.is_none())?.lane;
            Some((lane, roadmap.lane_order().to_vec()))
        }) else {
            return;
        };
        let order = self.room.with(|roadmap| roadmap.lane_items(lane).to_vec());
        let shown = untrack(|| self.visible(&order));
        let Some(index) = shown.iter().position(|other| *other == id) else { return };
        let lane_index = lanes.iter().position(|other| *other == lane).unwrap_or_default();
        let others: Vec<ItemId> = shown.iter().copied().filter(|other| *other != id).collect();
        let (lane, place) = match step {
            Step::Up if index > 0 => (lane, self.place(&others, index - 1)),
            Step::Down if index + 1 < shown.len() => (lane, self.place(&others, index + 1)),
            Step::Top => (lane, Place::First),
            Step::Bottom => (lane, Place::Last),
            Step::LaneBefore if lane_index > 0 => self.beside(lanes[lane_index - 1], index),
            Step::LaneAfter if lane_index + 1 < lanes.len() => self.beside(lanes[lane_index + 1], index),
            _ => return,
        };
        self.move_items(vec![id], lane, place, Tell::Speech);
    }

    /// The same height in a neighbouring lane.
    fn beside(&self, lane: LaneId, index: usize) -> (LaneId, Place<ItemId>) {
        let order = self.room.with(|roadmap| roadmap.lane_items(lane).to_vec());
        let shown = untrack(|| self.visible(&order));
        (lane, self.place(&shown, index.min(shown.len())))
    }

    /// The place at an index of the cards that are shown. While some are hidden, the ends of what is shown are not the
    /// ends of the lane.
    pub(super) fn place(&self, shown: &[ItemId], index: usize) -> Place<ItemId> {
        if self.filter.read_untracked().is_empty() {
            return Place::at(shown, index);
        }
        match (index.checked_sub(1).and_then(|i| shown.get(i)), shown.get(index)) {
            (None, None) => Place::Last,
            (after, before) => Place::Beside { after: after.copied(), before: before.copied() },
        }
    }

    /// Puts items into the bin, with a toast that takes it back.
    pub(crate) fn delete(&self, ids: Vec<ItemId>) {
        let label = match ids.as_slice() {
            [id] => self.room.with(|roadmap| {
                let title = roadmap.item(*id).map_or_else(String::new, |item| item.fields.title.to_string());
                format!("“{title}” is in the bin.")
            }),
            ids => format!("{} items are in the bin.", ids.len()),
        };
        let next = ids.first().and_then(|id| self.neighbour(*id));
        if self.room.edit_with_toast(Op::DeleteItems { ids }, label) {
            self.clear_selection();
            if let Some(next) = next {
                focus::card(next);
            }
        }
    }

    /// The card that takes the focus when this one goes.
    fn neighbour(&self, id: ItemId) -> Option<ItemId> {
        self.room.with(|roadmap| {
            let list = roadmap.lane_items(roadmap.item(id)?.lane);
            let index = list.iter().position(|other| *other == id)?;
            list.get(index + 1).or_else(|| index.checked_sub(1).and_then(|i| list.get(i))).copied()
        })
    }

    /// Votes for an item, or takes the vote back.
    pub(crate) fn toggle_vote(&self, item: ItemId) {
        if !self.room.can_vote() {
            return;
        }
        let voted = self.room.with(|roadmap| roadmap.has_voted(item, self.room.user()));
        let op = if voted { Op::WithdrawUpvote { item } } else { Op::Upvote { item } };
        if self.room.edit(op).is_some() {
            let said = self.room.with(|roadmap| {
                let title = roadmap.item(item).map_or_else(String::new, |item| item.fields.title.to_string());
                let count = roadmap.vote_count(item);
                let what = if voted { "Withdrew the upvote from" } else { "Upvoted" };
                format!("{what} “{title}”. Votes: {count}.")
            });
            self.room.toasts.announce(said);
        }
    }
}
