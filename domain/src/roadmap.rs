//! A roadmap: lanes, items, comments and standing upvotes, as plain maps by id.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU16,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::{
    BaselineId, BaselineName, CommentBody, CommentId, FieldPlan, Item, ItemId, LaneId, LaneName, Rank, Stamp,
    Status, TextOf, Touched, UserId, dependency::Linked, joined::Origins, sorted,
};

/// A column of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    pub id: LaneId,
    pub name: LaneName,
    pub rank: Rank,
    /// The status that items get when they are moved here, if any. [`apply`](crate::apply) does not set it: the page that
    /// moves them does, in the same step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How many items people mean to have here at most, if they said so. Nothing is refused beyond it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<NonZeroU16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Stamp>,
}

/// What somebody said about an item, in Markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub id: CommentId,
    pub item: ItemId,
    /// The comment that began the thread; `None` for that one itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<CommentId>,
    pub body: CommentBody,
    pub created: Stamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Stamp>,
    /// Set where the thread it began is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Stamp>,
    /// Who reacted, and how.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reactions: BTreeMap<Reaction, BTreeSet<UserId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Stamp>,
}

impl Comment {
    /// A comment as it is right after it was written.
    pub fn new(id: CommentId, item: ItemId, body: CommentBody, created: Stamp) -> Self {
        Self {
            id,
            item,
            reply_to: None,
            body,
            created,
            edited: None,
            resolved: None,
            reactions: BTreeMap::new(),
            deleted: None,
        }
    }
}

crate::choices! {
    /// An answer to a comment in one sign.
    Reaction {
        Agree = "agree", "Agree";
        Disagree = "disagree", "Disagree";
        Celebrate = "celebrate", "Celebrate";
        Love = "love", "Love";
        Watching = "watching", "Watching";
        Unsure = "unsure", "Unsure";
    }
}

impl Reaction {
    /// The sign as people know it.
    pub fn sign(self) -> &'static str {
        match self {
            Reaction::Agree => "👍",
            Reaction::Disagree => "👎",
            Reaction::Celebrate => "🎉",
            Reaction::Love => "❤️",
            Reaction::Watching => "👀",
            Reaction::Unsure => "🤔",
        }
    }
}

/// Standing upvotes of an item.
///
/// In a full document `voters` names everyone and `count` is their number. A member who may not see who voted holds a
/// masked one, where `voters` names at most that member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    pub count: u32,
    pub voters: BTreeSet<UserId>,
}

/// A moment of a roadmap that was given a name, to come back to and to compare with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    pub id: BaselineId,
    /// Its place in the roadmap's log.
    pub seq: u64,
    pub name: BaselineName,
    pub named: Stamp,
}

/// A roadmap as rows, for storage and the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub lanes: Vec<Lane>,
    pub items: Vec<Arc<Item>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Arc<Comment>>,
    /// How many comments of an item that are not deleted are missing from `comments`. Empty in a full document.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more_comments: BTreeMap<ItemId, u32>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub votes: BTreeMap<ItemId, Arc<Votes>>,
    #[serde(default, skip_serializing_if = "FieldPlan::is_usual")]
    pub fields: Arc<FieldPlan>,
    /// The number the latest item got.
    pub last_number: u32,
}

/// What a page knows of items beside their roadmap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// What the page has counted of dependencies.
    pub(crate) linked: BTreeMap<ItemId, Linked>,
    pub(crate) computed: BTreeMap<ItemId, Computed>,
}

/// What the server computes of an item from what is not in its roadmap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// Its score in hundredths, rounded; `None` where its model finds none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// Whether the items of an objective that it serves cost more than the budget.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over_budget: bool,
}

/// The live state of a roadmap. Cheap to clone: rows are shared until they change.
///
/// Changes only through [`apply`](crate::apply).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Document", into = "Document")]
pub struct Roadmap {
    pub(crate) lanes: BTreeMap<LaneId, Lane>,
    pub(crate) items: BTreeMap<ItemId, Arc<Item>>,
    pub(crate) comments: BTreeMap<CommentId, Arc<Comment>>,
    /// Comments of an item, not deleted, that this copy does not hold; never zero.
    pub(crate) more_comments: BTreeMap<ItemId, u32>,
    pub(crate) votes: BTreeMap<ItemId, Arc<Votes>>,
    pub(crate) fields: Arc<FieldPlan>,
    pub(crate) last_number: u32,
    /// Where several roadmaps are read as one: of which product each lane is.
    pub(crate) origins: Option<Arc<Origins>>,
    /// What is known of items from elsewhere. Nothing stored, and no part of the document.
    pub(crate) beside: Beside,
    /// Derived: live lanes by rank.
    pub(crate) lane_order: Vec<LaneId>,
    /// Derived: live items of each live lane by rank.
    pub(crate) order: BTreeMap<LaneId, Vec<ItemId>>,
    /// Derived: every comment of an item that is held, oldest first, deleted ones too.
    pub(crate) threads: BTreeMap<ItemId, Vec<CommentId>>,
}

impl Roadmap {
    /// Becomes equal to another of which only that is different.
    pub(crate) fn take_over(&mut self, from: &Roadmap, touched: &Touched) {
        copy(&mut self.lanes, &from.lanes, touched.lanes.iter());
        copy(&mut self.items, &from.items, touched.items.iter());
        copy(&mut self.comments, &from.comments, touched.comments.iter());
        copy(&mut self.votes, &from.votes, touched.votes.iter().map(|(item, _)| item));
        copy(&mut self.order, &from.order, touched.orders.iter());
        copy(&mut self.threads, &from.threads, touched.threads.iter());
        copy(&mut self.more_comments, &from.more_comments, touched.threads.iter());
        self.last_number = from.last_number;
        if touched.fields {
            self.fields = from.fields.clone();
        }
        if touched.lane_order {
            self.lane_order.clone_from(&from.lane_order);
        }
    }

    /// How an item depends on others and they on it, as far as the page knows.
    pub fn linked(&self, item: ItemId) -> Linked {
        self.beside.linked.get(&item).copied().unwrap_or_default()
    }

    /// What the server computed of an item, as far as the page has asked.
    pub fn computed(&self, item: ItemId) -> Computed {
        self.beside.computed.get(&item).copied().unwrap_or_default()
    }

    /// Lanes that are not deleted, in board order.
    pub fn lane_order(&self) -> &[LaneId] {
        &self.lane_order
    }

    /// Items of a lane that are not in the bin, in board order.
    pub fn lane_items(&self, lane: LaneId) -> &[ItemId] {
        self.order.get(&lane).map_or(&[], Vec::as_slice)
    }

    /// Every item that is not in the bin, in board order: lane by lane.
    pub fn board_order(&self) -> impl Iterator<Item = ItemId> {
        self.lane_order.iter().flat_map(|lane| self.lane_items(*lane)).copied()
    }

    pub fn lane(&self, id: LaneId) -> Option<&Lane> {
        self.lanes.get(&id)
    }

    pub fn item(&self, id: ItemId) -> Option<&Arc<Item>> {
        self.items.get(&id)
    }

    /// Every item, those in the bin too.
    pub fn items(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.items.values()
    }

    /// The item with this number, in the bin or not.
    pub fn item_numbered(&self, number: u32) -> Option<&Arc<Item>> {
        self.items.values().find(|item| item.number == number)
    }

    /// Every lane, deleted ones too.
    pub fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.values()
    }

    pub fn comment(&self, id: CommentId) -> Option<&Arc<Comment>> {
        self.comments.get(&id)
    }

    /// A text that several people may write at once, also of what was deleted.
    pub fn text(&self, text: TextOf) -> Option<&str> {
        match text {
            TextOf::Description(id) => self.item(id).map(|item| &*item.fields.description),
            TextOf::Comment(id) => self.comment(id).map(|comment| &*comment.body),
        }
    }

    /// Every comment this copy holds, deleted ones too.
    pub fn comments(&self) -> impl Iterator<Item = &Arc<Comment>> {
        self.comments.values()
    }

    /// Comments of an item that this copy holds and that are not deleted, oldest first.
    pub fn thread(&self, item: ItemId) -> impl Iterator<Item = &Arc<Comment>> {
        self.threads
            .get(&item)
            .into_iter()
            .flatten()
            .filter_map(|id| self.comments.get(id))
            .filter(|comment| comment.deleted.is_none())
    }

    pub fn votes(&self, item: ItemId) -> Option<&Arc<Votes>> {
        self.votes.get(&item)
    }

    pub fn vote_count(&self, item: ItemId) -> u32 {
        self.votes.get(&item).map_or(0, |votes| votes.count)
    }

    pub fn has_voted(&self, item: ItemId, user: UserId) -> bool {
        self.votes.get(&item).is_some_and(|votes| votes.voters.contains(&user))
    }

    /// The fields of its items.
    pub fn fields(&self) -> &FieldPlan {
        &self.fields
    }

    pub fn last_number(&self) -> u32 {
        self.last_number
    }

    /// The document a member gets who may not see who voted: counts, and the member's own votes.
    pub fn masked_for(&self, viewer: UserId) -> Roadmap {
        let mut masked = self.clone();
        for votes in masked.votes.values_mut() {
            let voters = votes.voters.iter().copied().filter(|voter| *voter == viewer).collect();
            *votes = Arc::new(Votes { count: votes.count, voters });
        }
        masked
    }
}

impl From<Document> for Roadmap {
    fn from(document: Document) -> Self {
        let mut roadmap = Roadmap {
            votes: document.votes,
            more_comments: document.more_comments,
            fields: document.fields,
            last_number: document.last_number,
            ..Roadmap::default()
        };
        // Not collected: that sorts first, and each kind of map would bring a sort of its own into the browser's program.
        roadmap.lanes.extend(document.lanes.into_iter().map(|lane| (lane.id, lane)));
        roadmap.items.extend(document.items.into_iter().map(|item| (item.id, item)));
        roadmap.comments.extend(document.comments.into_iter().map(|comment| (comment.id, comment)));
        roadmap.votes.retain(|_, votes| votes.count > 0);
        roadmap.more_comments.retain(|_, count| *count > 0);

        let lanes: Vec<&Lane> = roadmap.lanes.values().filter(|lane| lane.deleted.is_none()).collect();
        let lanes = sorted(&lanes, |a, b| a.rank.cmp(&b.rank).then(a.id.cmp(&b.id)));
        roadmap.lane_order = lanes.into_iter().map(|lane| lane.id).collect();

        let items: Vec<&Arc<Item>> = roadmap.items.values().filter(|item| item.deleted.is_none()).collect();
        let items = sorted(&items, |a, b| a.rank.cmp(&b.rank).then(a.id.cmp(&b.id)));
        roadmap.order.extend(roadmap.lane_order.iter().map(|lane| (*lane, Vec::new())));
        for item in items {
            if let Some(order) = roadmap.order.get_mut(&item.lane) {
                order.push(item.id);
            }
        }

        let comments: Vec<&Arc<Comment>> = roadmap.comments.values().collect();
        let comments = sorted(&comments, |a, b| a.created.at.cmp(&b.created.at).then(a.id.cmp(&b.id)));
        for comment in comments {
            roadmap.threads.entry(comment.item).or_default().push(comment.id);
        }
        roadmap
    }
}

impl From<Roadmap> for Document {
    fn from(roadmap: Roadmap) -> Self {
        Document {
            lanes: roadmap.lanes.into_values().collect(),
            items: roadmap.items.into_values().collect(),
            comments: roadmap.comments.into_values().collect(),
            more_comments: roadmap.more_comments,
            votes: roadmap.votes,
            fields: roadmap.fields,
            last_number: roadmap.last_number,
        }
    }
}

/// Has of these keys what the other has.
fn copy<'a, K: Ord + Copy + 'a, V: Clone>(
    to: &mut BTreeMap<K, V>,
    from: &BTreeMap<K, V>,
    keys: impl Iterator<Item = &'a K>,
) {
    for key in keys {
        match from.get(key) {
            Some(value) => drop(to.insert(*key, value.clone())),
            None => drop(to.remove(key)),
        }
    }
}
