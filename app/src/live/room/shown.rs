//! What cards and lanes show of the replica, as signals that change only with what is shown.

use std::{collections::BTreeSet, num::NonZeroU16, sync::Arc};

use domain::{
    Computed, Item, ItemFields, ItemId, Lane, LaneId, LaneName, Status, Touched, dependency::Linked,
};
use leptos::prelude::*;

use super::State;

/// What a card shows. Where it stands is not among that: it is the lane's to show, and a card that only moved is not
/// redrawn.
#[derive(Clone, Debug)]
pub(crate) struct CardView {
    item: Arc<Item>,
    pub(crate) votes: u32,
    pub(crate) voted: bool,
    pub(crate) comments: usize,
    /// What it waits for, and what for it.
    linked: Linked,
    computed: Computed,
}

impl CardView {
    pub(crate) fn number(&self) -> u32 {
        self.item.number
    }

    pub(crate) fn item(&self) -> &Item {
        &self.item
    }

    pub(crate) fn fields(&self) -> &ItemFields {
        &self.item.fields
    }

    pub(crate) fn in_bin(&self) -> bool {
        self.item.deleted.is_some()
    }

    fn shows_the_same(&self, other: &CardView) -> bool {
        let shown = |view: &CardView| (view.votes, view.voted, view.comments, view.in_bin());
        shown(self) == shown(other)
            && (self.linked, self.computed) == (other.linked, other.computed)
            && (Arc::ptr_eq(&self.item, &other.item) || self.item.fields == other.item.fields)
    }
}

/// What a lane's header shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LaneView {
    pub(crate) name: LaneName,
    /// What it sets.
    pub(crate) status: Option<Status>,
    /// How many items people mean to have there.
    pub(crate) limit: Option<NonZeroU16>,
}

impl LaneView {
    fn of(lane: &Lane) -> Self {
        Self { name: lane.name.clone(), status: lane.status, limit: lane.limit }
    }
}

impl State {
    fn card_view(&self, id: ItemId) -> Option<CardView> {
        let view = self.replica.view();
        Some(CardView {
            item: view.item(id)?.clone(),
            votes: view.vote_count(id),
            voted: view.has_voted(id, self.replica.user()),
            comments: view.comment_count(id),
            linked: view.linked(id),
            computed: view.computed(id),
        })
    }

    pub(super) fn card(&mut self, id: ItemId) -> Option<ArcRwSignal<CardView>> {
        if let Some(card) = self.cards.get(&id) {
            return Some(card.clone());
        }
        let card = ArcRwSignal::new(self.card_view(id)?);
        self.cards.insert(id, card.clone());
        Some(card)
    }

    pub(super) fn lane(&mut self, id: LaneId) -> Option<(ArcRwSignal<LaneView>, ArcRwSignal<Vec<ItemId>>)> {
        if let Some(lane) = self.lanes.get(&id) {
            return Some(lane.clone());
        }
        let view = self.replica.view();
        let header = LaneView::of(view.lane(id)?);
        let lane = (ArcRwSignal::new(header), ArcRwSignal::new(view.lane_items(id).to_vec()));
        self.lanes.insert(id, lane.clone());
        Some(lane)
    }

    pub(super) fn project(&mut self, touched: &Touched) {
        let cards: BTreeSet<ItemId> = touched
            .items
            .iter()
            .copied()
            .chain(touched.votes.iter().map(|(item, _)| *item))
            .chain(touched.threads.iter().copied())
            .collect();
        for id in cards {
            let Some(signal) = self.cards.get(&id) else { continue };
            match self.card_view(id) {
                Some(card) if !signal.read_untracked().shows_the_same(&card) => signal.set(card),
                Some(_) => {}
                None => {
                    self.cards.remove(&id);
                }
            }
        }
        let view = self.replica.view();
        for id in touched.lanes.iter().chain(&touched.orders) {
            let Some((header, items)) = self.lanes.get(id) else { continue };
            if let Some(lane) = view.lane(*id) {
                let lane = LaneView::of(lane);
                if *header.read_untracked() != lane {
                    header.set(lane);
                }
            }
            let order = view.lane_items(*id);
            if items.read_untracked().as_slice() != order {
                items.set(order.to_vec());
            }
        }
    }
}
