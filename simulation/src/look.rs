//! What people see of a roadmap: everything but rank keys, stamps of the moment, and what lies in the bin.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use domain::{CommentId, ItemFields, ItemId, LaneId, Op, Roadmap};

#[derive(Debug)]
pub(crate) struct Look {
    lanes: Vec<(LaneId, String, Vec<ItemId>)>,
    items: BTreeMap<ItemId, (u32, ItemFields, u32)>,
    comments: BTreeMap<CommentId, String>,
}

impl Look {
    pub(crate) fn of(roadmap: &Roadmap) -> Self {
        let lanes = roadmap.lane_order().iter().filter_map(|id| roadmap.lane(*id));
        let items = roadmap.items().filter(|item| item.deleted.is_none());
        let comments = roadmap.comments().filter(|comment| comment.deleted.is_none());
        Self {
            lanes: lanes
                .map(|lane| (lane.id, lane.name.to_string(), roadmap.lane_items(lane.id).to_vec()))
                .collect(),
            items: items
                .map(|item| (item.id, (item.number, item.fields.clone(), roadmap.vote_count(item.id))))
                .collect(),
            comments: comments.map(|comment| (comment.id, comment.body.to_string())).collect(),
        }
    }

    /// Compares with what is seen after `steps`, which went back and forth.
    ///
    /// What comes back from the bin stands beside those that stayed, which may be the other side of something that was
    /// moved away and back; and it stands in the first lane, and stays there, where its own was deleted in between.
    ///
    /// # Errors
    /// When they differ in anything else.
    pub(crate) fn compare(mut self, mut other: Self, steps: &[Op]) -> Result<()> {
        if steps.iter().any(|op| contains(op, &is_bin)) {
            for (_, _, items) in self.lanes.iter_mut().chain(&mut other.lanes) {
                items.sort();
                if steps.iter().any(|op| contains(op, &is_lane)) {
                    items.clear();
                }
            }
        }
        let (lanes, others) = (&self.lanes, &other.lanes);
        ensure!(lanes == others, "the board {lanes:?} became {others:?} by {steps:?}");
        ensure!(self.items == other.items, "items differ after {steps:?}");
        ensure!(self.comments == other.comments, "comments differ after {steps:?}");
        Ok(())
    }
}

fn contains(op: &Op, is: &impl Fn(&Op) -> bool) -> bool {
    match op {
        Op::Batch { ops, .. } => ops.iter().any(|op| contains(op, is)),
        op => is(op),
    }
}

fn is_bin(op: &Op) -> bool {
    matches!(op, Op::DeleteItems { .. } | Op::RestoreItems { .. })
}

fn is_lane(op: &Op) -> bool {
    matches!(op, Op::DeleteLane { .. } | Op::RestoreLane { .. })
}
