//! How an operation changes a roadmap.

mod comments;
mod fields;
mod items;
mod lanes;
mod moves;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeSet;

pub use items::{MAX_TAGS, MAX_VALUES};

use serde::{Deserialize, Serialize};

use crate::{Change, CommentId, ItemId, LaneId, Op, Reject, Roadmap, Spot, Stamp, Timestamp, UserId};

/// What an operation takes from outside the document: who did it and when, as the log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// [`UserId::NIL`] where the author of a vote is withheld.
    pub actor: UserId,
    pub at: Timestamp,
}

impl Context {
    fn stamp(&self) -> Stamp {
        Stamp { by: self.actor, at: self.at }
    }
}

/// What an operation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    pub touched: Touched,
    /// The facts for the history. Empty when everything was already so.
    pub changes: Vec<Change>,
    /// Operations that take it back, in the order to do them. Not for votes, which are taken back by themselves.
    pub inverse: Vec<Op>,
    /// Where items came back from the bin, for each operation that did so.
    pub spots: Vec<Vec<Spot>>,
}

/// Ids of what changed: the rows to store, the signals to set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    pub items: BTreeSet<ItemId>,
    pub lanes: BTreeSet<LaneId>,
    pub comments: BTreeSet<CommentId>,
    pub votes: BTreeSet<(ItemId, UserId)>,
    /// Items whose comment thread changed.
    pub threads: BTreeSet<ItemId>,
    /// Lanes whose order of items changed.
    pub orders: BTreeSet<LaneId>,
    /// Whether the order of lanes changed.
    pub lane_order: bool,
    /// Whether something about the fields of all items changed.
    #[serde(default)]
    pub fields: bool,
}

impl Touched {
    pub fn merge(&mut self, other: Touched) {
        self.items.extend(other.items);
        self.lanes.extend(other.lanes);
        self.comments.extend(other.comments);
        self.votes.extend(other.votes);
        self.threads.extend(other.threads);
        self.orders.extend(other.orders);
        self.lane_order |= other.lane_order;
        self.fields |= other.fields;
    }
}

/// The most things one operation may name; so many ids fit into a frame of the live channel.
pub const MAX_THINGS: usize = 5_000;

/// Does an operation on a roadmap, or refuses it and leaves the roadmap as it was.
///
/// Pure and total: the same roadmap, operation and context give the same result everywhere. Does not ask whether the
/// actor may do it; that is [`authorise`](crate::authorise).
///
/// # Errors
/// A [`Reject`] that tells the person what to do, when the operation makes no sense on the roadmap as it is now.
pub fn apply(roadmap: &mut Roadmap, op: &Op, context: &Context) -> Result<Effects, Reject> {
    let mut effects = Effects::default();
    match op {
        Op::Batch { ops, .. } => apply_batch(roadmap, ops, context, &mut effects)?,
        op => apply_one(roadmap, op, context, &mut effects)?,
    }
    Ok(effects)
}

fn apply_batch(
    roadmap: &mut Roadmap,
    ops: &[Op],
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    if ops.is_empty() {
        return Err(Reject::Nothing);
    }
    at_most(ops.len())?;
    // Rows are shared, so the copy to fall back on costs little.
    let before = roadmap.clone();
    let mut inverses = Vec::with_capacity(ops.len());
    for op in ops {
        let mut step = Effects::default();
        let result = match op {
            Op::Batch { .. } | Op::Upvote { .. } | Op::WithdrawUpvote { .. } | Op::EditText { .. } => {
                Err(Reject::NotInBatch)
            }
            op if op.is_of_server() => Err(Reject::NotInBatch),
            op => apply_one(roadmap, op, context, &mut step),
        };
        if let Err(reject) = result {
            *roadmap = before;
            return Err(reject);
        }
        effects.touched.merge(step.touched);
        effects.changes.extend(step.changes);
        effects.spots.extend(step.spots);
        inverses.push(step.inverse);
    }
    effects.inverse = inverses.into_iter().rev().flatten().collect();
    Ok(())
}

fn apply_one(roadmap: &mut Roadmap, op: &Op, context: &Context, effects: &mut Effects) -> Result<(), Reject> {
    match op {
        Op::CreateItem { id, lane, place, fields } => {
            items::create(roadmap, *id, *lane, place, fields, context, effects)
        }
        Op::SetItem { id, change, .. } => items::set(roadmap, *id, change, context, effects),
        Op::MoveItems { ids, lane, place } => items::move_to(roadmap, ids, *lane, place, effects),
        Op::DeleteItems { ids } => items::delete(roadmap, ids, context, effects),
        Op::RestoreItems { ids, .. } => items::restore(roadmap, ids, effects),
        Op::CreateLane { id, name, place } => lanes::create(roadmap, *id, name, place, effects),
        Op::RenameLane { id, name } => lanes::rename(roadmap, *id, name, effects),
        Op::SetLaneStatus { id, status } => lanes::set_status(roadmap, *id, *status, effects),
        Op::SetLaneLimit { id, limit } => lanes::set_limit(roadmap, *id, *limit, effects),
        Op::MoveLane { id, place } => lanes::move_to(roadmap, *id, place, effects),
        Op::DeleteLane { id, move_to } => lanes::delete(roadmap, *id, *move_to, context, effects),
        Op::RestoreLane { id, place } => lanes::restore(roadmap, *id, place, effects),
        Op::CreateField { id, field } => fields::create(roadmap, *id, field, effects),
        Op::SetField { field, change } => fields::set(roadmap, field, change, effects),
        Op::SendItem { id, to } => moves::send(roadmap, *id, to, context, effects),
        Op::ReceiveItem { id, lane, place, fields, firsts, created, from } => {
            let item = moves::Received { id: *id, fields, firsts, created: *created, from };
            moves::receive(roadmap, &item, *lane, place, effects)
        }
        Op::ReceiveComments { comments } => moves::receive_comments(roadmap, comments, effects),
        Op::Upvote { item } => comments::upvote(roadmap, *item, context, effects),
        Op::WithdrawUpvote { item } => comments::withdraw_upvote(roadmap, *item, context, effects),
        Op::AddComment { id, item, body, reply_to } => {
            comments::add(roadmap, *id, (*item, *reply_to), body, context, effects)
        }
        Op::EditComment { id, body } => comments::edit(roadmap, *id, body, context, effects),
        Op::DeleteComment { id } => comments::delete(roadmap, *id, context, effects),
        Op::RestoreComment { id } => comments::restore(roadmap, *id, effects),
        Op::SetComment { id, change } => comments::set(roadmap, *id, *change, context, effects),
        Op::EditText { text, delta, .. } => texts::edit(roadmap, *text, delta, context, effects),
        Op::Batch { .. } => Err(Reject::NotInBatch),
    }
}

fn at_most(count: usize) -> Result<(), Reject> {
    if count > MAX_THINGS { Err(Reject::TooMany { max: MAX_THINGS, count }) } else { Ok(()) }
}
