//! Operations: the only way a roadmap changes. They carry what a person meant, never a value derived from it.

use std::{collections::BTreeMap, num::NonZeroU16, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    Change, ClientId, Comment, CommentBody, CommentId, CustomField, Delta, FieldChange, FieldId, FieldKey,
    First, ItemChange, ItemFields, ItemId, ItemKey, LaneId, LaneName, Reaction, Reason, Stamp, Status,
    Timestamp, UserId,
};

/// Where something is put in an ordered list.
///
/// Neighbours are named instead of positions, so that the meaning survives what others did meanwhile. When `after`
/// has gone, `before` decides; when both have gone, the end of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place<Id> {
    First,
    Last,
    Beside {
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        after: Option<Id>,
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        before: Option<Id>,
    },
}

fn none<T>() -> Option<T> {
    None
}

impl<Id: Clone + PartialEq> Place<Id> {
    /// The place at `index` of `list`, named by its neighbours there.
    pub fn at(list: &[Id], index: usize) -> Self {
        match index {
            0 => Place::First,
            _ if index >= list.len() => Place::Last,
            _ => Place::Beside { after: list.get(index - 1).cloned(), before: list.get(index).cloned() },
        }
    }

    /// The index in `list` this place means now.
    pub fn resolve(&self, list: &[Id]) -> usize {
        let find = |id: &Option<Id>| id.as_ref().and_then(|id| list.iter().position(|other| other == id));
        match self {
            Place::First => 0,
            Place::Last => list.len(),
            Place::Beside { after, before } => {
                find(after).map(|i| i + 1).or_else(|| find(before)).unwrap_or(list.len())
            }
        }
    }
}

/// A text that several people may write at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextOf {
    Description(ItemId),
    Comment(CommentId),
}

/// Where `count` items stand that came back from the bin, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    pub lane: LaneId,
    /// The item right before the first of them; `None` when that is the first of its lane.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub after: Option<ItemId>,
    pub count: u32,
}

/// What a person did to a roadmap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    CreateItem {
        id: ItemId,
        lane: LaneId,
        place: Place<ItemId>,
        fields: Box<ItemFields>,
    },
    SetItem {
        id: ItemId,
        change: ItemChange,
        /// The last entry of the log that its author's page had when it was made, so that those whose change it overwrites
        /// unseen can be told. `None` where nobody looked, as in an import.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<u64>,
    },
    /// Puts items, in the given order, next to each other at a place of a lane.
    MoveItems {
        ids: Vec<ItemId>,
        lane: LaneId,
        place: Place<ItemId>,
    },
    /// Puts items into the bin.
    DeleteItems {
        ids: Vec<ItemId>,
    },
    /// Takes items out of the bin, back to where their ranks are among those that stayed; to the end of the first lane where
    /// theirs was deleted.
    RestoreItems {
        ids: Vec<ItemId>,
        /// Where that was, in the log: for clients that keep lists and no ranks. [`apply`](crate::apply) does not look at it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        spots: Vec<Spot>,
    },
    CreateLane {
        id: LaneId,
        name: LaneName,
        place: Place<LaneId>,
    },
    RenameLane {
        id: LaneId,
        name: LaneName,
    },
    /// Says which status items get when they are moved into a lane; without one they keep theirs. See [`Lane::status`](crate::Lane::status).
    SetLaneStatus {
        id: LaneId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<Status>,
    },
    /// Says how many items people mean to have in a lane at most, or that there is no such number. See [`Lane::limit`](crate::Lane::limit).
    SetLaneLimit {
        id: LaneId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<NonZeroU16>,
    },
    MoveLane {
        id: LaneId,
        place: Place<LaneId>,
    },
    /// Removes a lane; its items go to the end of another.
    DeleteLane {
        id: LaneId,
        move_to: LaneId,
    },
    /// Brings a deleted lane back, empty.
    RestoreLane {
        id: LaneId,
        place: Place<LaneId>,
    },
    /// Adds a field of the roadmap's own.
    CreateField {
        id: FieldId,
        field: Box<CustomField>,
    },
    /// Changes a field for all items: what it is called, whether it is used, where it stands.
    SetField {
        field: FieldKey,
        change: FieldChange,
    },
    /// The item goes on in another product's roadmap, under that key. Here it stays in the bin. Only the server does this, in one
    /// transaction with [`ReceiveItem`](Op::ReceiveItem) there.
    SendItem {
        id: ItemId,
        to: ItemKey,
    },
    /// An item comes from another product's roadmap, where it had that key: with a new number, or the one that it had here before.
    ReceiveItem {
        id: ItemId,
        lane: LaneId,
        place: Place<ItemId>,
        fields: Box<ItemFields>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        firsts: BTreeMap<FieldKey, First>,
        created: Stamp,
        from: ItemKey,
    },
    /// Comments of an item that came from another product's roadmap, deleted ones too. Only the server does this.
    ReceiveComments {
        comments: Vec<Arc<Comment>>,
    },
    Upvote {
        item: ItemId,
    },
    WithdrawUpvote {
        item: ItemId,
    },
    AddComment {
        id: CommentId,
        item: ItemId,
        body: CommentBody,
        /// The comment that began the thread this answers in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<CommentId>,
    },
    EditComment {
        id: CommentId,
        body: CommentBody,
    },
    DeleteComment {
        id: CommentId,
    },
    RestoreComment {
        id: CommentId,
    },
    /// Changes what people say about a comment, beside its text.
    SetComment {
        id: CommentId,
        change: CommentChange,
    },
    /// Changes a text as it was at entry `base` of the log. The server carries the change over what others did since, and
    /// the log has what comes of it, made on the text right before it.
    EditText {
        text: TextOf,
        base: u64,
        delta: Delta,
    },
    /// Several operations as one step: all or none. Holds neither batches, votes nor edits of texts. Where it follows from something
    /// outside the roadmap, such as a vote, `reason` says so to those who read the history.
    Batch {
        ops: Vec<Op>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
}

/// What changes about a comment beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentChange {
    /// Whether the thread it began is settled.
    Resolved(bool),
    /// Whether the author of the operation reacts so.
    Reacted { reaction: Reaction, on: bool },
}

impl Op {
    /// A comment that begins a thread.
    pub fn comment(id: CommentId, item: ItemId, body: CommentBody) -> Op {
        Op::AddComment { id, item, body, reply_to: None }
    }

    /// Sets a field of an item; a page adds what it had [seen](Op::SetItem).
    pub fn set(id: ItemId, change: ItemChange) -> Op {
        Op::SetItem { id, change, seen: None }
    }

    /// Takes items out of the bin.
    pub fn restore(ids: Vec<ItemId>) -> Op {
        Op::RestoreItems { ids, spots: Vec::new() }
    }

    /// The operation as the log has it: with the [spots](crate::Effects::spots) where its items came back from the bin.
    pub fn with_spots(self, spots: Vec<Vec<Spot>>) -> Op {
        self.take_spots(&mut spots.into_iter())
    }

    fn take_spots(self, spots: &mut impl Iterator<Item = Vec<Spot>>) -> Op {
        match self {
            Op::RestoreItems { ids, .. } => Op::RestoreItems { ids, spots: spots.next().unwrap_or_default() },
            Op::Batch { ops, reason } => {
                // Not by a closure, whose type would hold itself.
                let mut located = Vec::with_capacity(ops.len());
                for op in ops {
                    located.push(op.take_spots(spots));
                }
                Op::Batch { ops: located, reason }
            }
            op => op,
        }
    }

    /// Several operations as one step.
    pub fn batch(ops: Vec<Op>) -> Op {
        Op::Batch { ops, reason: None }
    }

    /// The text this edits together with others.
    pub fn edits_text(&self) -> Option<(TextOf, &Delta)> {
        match self {
            Op::EditText { text, delta, .. } => Some((*text, delta)),
            _ => None,
        }
    }

    /// What this does to a text of `len` scalars, if it is about that text: as a whole it is deleted and written anew.
    pub fn effect_on(&self, text: TextOf, len: usize) -> Option<Delta> {
        let whole = |new: &str| Some(Delta::replacing(len, new));
        match (self, text) {
            (Op::EditText { text: edited, delta, .. }, _) if *edited == text => Some(delta.clone()),
            (Op::SetItem { id, change: ItemChange::Description(new), .. }, TextOf::Description(item))
                if *id == item =>
            {
                whole(new)
            }
            (Op::ReceiveItem { id, fields, .. }, TextOf::Description(item)) if *id == item => {
                whole(&fields.description)
            }
            (Op::EditComment { id, body }, TextOf::Comment(comment)) if *id == comment => whole(body),
            (Op::Batch { ops, .. }, _) => ops.iter().rev().find_map(|op| op.effect_on(text, len)),
            _ => None,
        }
    }

    /// Whether a comment comes with this from another product, in whatever words it has by then.
    fn brings_back(&self, text: TextOf) -> bool {
        matches!((self, text), (Op::ReceiveComments { comments }, TextOf::Comment(id))
            if comments.iter().any(|comment| comment.id == id))
    }

    /// Carries a page's change of a text over what accepted operations, each with its page and its facts, did to it since.
    /// `None` when it was made on another text than theirs, as that of a comment was whose item has been in another product since.
    pub fn rebase<'a>(
        text: TextOf,
        (client, delta): (ClientId, &Delta),
        since: impl IntoIterator<Item = (ClientId, &'a Op, &'a [Change])>,
    ) -> Option<Delta> {
        let mut delta = delta.clone();
        for (theirs, op, changes) in since {
            if op.brings_back(text) {
                return None;
            }
            if Change::any_of(changes, text)
                && let Some(earlier) = op.effect_on(text, delta.base_len())
            {
                delta = Delta::carry((client, &delta), (theirs, &earlier))?.0;
            }
        }
        Some(delta)
    }

    /// The comments this names without their item and does not create, in order, each with whether it is deleted before.
    pub fn named_comments(&self) -> Vec<(CommentId, bool)> {
        match self {
            Op::EditComment { id, .. }
            | Op::DeleteComment { id }
            | Op::SetComment { id, .. }
            | Op::EditText { text: TextOf::Comment(id), .. } => vec![(*id, false)],
            Op::RestoreComment { id } => vec![(*id, true)],
            Op::Batch { ops, .. } => {
                let creates =
                    |id| ops.iter().any(|op| matches!(op, Op::AddComment { id: new, .. } if *new == id));
                ops.iter().flat_map(Op::named_comments).filter(|(id, _)| !creates(*id)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether only the server does it.
    pub fn is_of_server(&self) -> bool {
        match self {
            Op::SendItem { .. } | Op::ReceiveItem { .. } | Op::ReceiveComments { .. } => true,
            Op::Batch { ops, .. } => ops.iter().any(Op::is_of_server),
            _ => false,
        }
    }

    /// Why it was done, where that was said.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Op::Batch { reason, .. } => reason.as_ref(),
            _ => None,
        }
    }
}

/// A line of a room's log: an operation that was accepted, at its place in the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Place in the order: 1 for the first, without gaps.
    pub seq: u64,
    /// The page that sent it, and its number there.
    pub client: ClientId,
    pub cseq: u64,
    pub actor: UserId,
    pub at: Timestamp,
    pub op: Op,
    /// The items of the comments that the operation names without their item, in its order; see
    /// [`Op::named_comments`]. Only on its way to a page, which may not hold those comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemId>,
}

impl Entry {
    /// The entry as a member sees it who may not know who votes: another person's vote loses its author.
    pub fn masked_for(&self, viewer: UserId) -> Entry {
        match &self.op {
            Op::Upvote { .. } | Op::WithdrawUpvote { .. } if self.actor != viewer => {
                Entry { client: ClientId::NIL, cseq: 0, actor: UserId::NIL, ..self.clone() }
            }
            _ => self.clone(),
        }
    }
}
