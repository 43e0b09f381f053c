//! What a page's signals show: brought up to date with nothing but the ids that are said to be touched.

use std::{collections::BTreeMap, sync::Arc};

use domain::{Comment, CommentId, Item, ItemId, Lane, LaneId, Roadmap, Touched, UserId};

#[derive(Debug, PartialEq)]
pub(crate) struct Screen {
    user: UserId,
    items: BTreeMap<ItemId, Arc<Item>>,
    lanes: BTreeMap<LaneId, Lane>,
    orders: BTreeMap<LaneId, Vec<ItemId>>,
    lane_order: Vec<LaneId>,
    /// How many upvotes, and whether one is this person's.
    votes: BTreeMap<ItemId, (u32, bool)>,
    threads: BTreeMap<ItemId, (Vec<CommentId>, u32)>,
    comments: BTreeMap<CommentId, Arc<Comment>>,
}

impl Screen {
    /// Everything, as a page shows it first.
    pub(crate) fn new(view: &Roadmap, user: UserId) -> Self {
        let mut screen = Self {
            user,
            items: BTreeMap::new(),
            lanes: BTreeMap::new(),
            orders: BTreeMap::new(),
            lane_order: Vec::new(),
            votes: BTreeMap::new(),
            threads: BTreeMap::new(),
            comments: BTreeMap::new(),
        };
        let items = || view.items().map(|item| item.id);
        screen.update(
            view,
            &Touched {
                items: items().collect(),
                lanes: view.lanes().map(|lane| lane.id).collect(),
                comments: view.comments().map(|comment| comment.id).collect(),
                votes: items().map(|item| (item, UserId::NIL)).collect(),
                threads: items().collect(),
                orders: view.lanes().map(|lane| lane.id).collect(),
                lane_order: true,
                fields: true,
            },
        );
        screen
    }

    pub(crate) fn update(&mut self, view: &Roadmap, touched: &Touched) {
        for id in &touched.items {
            set(&mut self.items, *id, view.item(*id).cloned());
        }
        for id in &touched.lanes {
            set(&mut self.lanes, *id, view.lane(*id).cloned());
        }
        for id in &touched.comments {
            set(&mut self.comments, *id, view.comment(*id).cloned());
        }
        for (id, _) in &touched.votes {
            let votes = (view.vote_count(*id), view.has_voted(*id, self.user));
            set(&mut self.votes, *id, Some(votes).filter(|(count, _)| *count > 0));
        }
        for id in &touched.threads {
            let thread: Vec<CommentId> = view.thread(*id).map(|comment| comment.id).collect();
            let thread = (thread, view.more_comments(*id));
            set(
                &mut self.threads,
                *id,
                Some(thread).filter(|(thread, more)| !thread.is_empty() || *more > 0),
            );
        }
        for id in &touched.orders {
            let order = view.lane_items(*id).to_vec();
            set(&mut self.orders, *id, Some(order).filter(|order| !order.is_empty()));
        }
        if touched.lane_order {
            self.lane_order = view.lane_order().to_vec();
        }
    }
}

fn set<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}
