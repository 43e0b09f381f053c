//! An item moves to another product: it leaves one room and enters another, in one transaction.

use std::sync::Arc;

use domain::{
    ClientId, Comment, Context, Entry, Item, ItemId, ItemKey, LaneId, Op, Place, ProductKey, Reject, Role,
    Timestamp, UserId, Value, apply,
    dependency::ItemRef,
    wire::{Acked, Outcome, Pushed},
};
use sea_orm::{DatabaseTransaction, EntityTrait, QuerySelect, sea_query::LockType};

use super::{
    decide::{Cursor, Work},
    growth::check_size,
    room::Room,
    rows::RoomId,
};
use crate::{Error, Viewer, dependencies, entity::workspace, voting::is_in_open_vote};

/// Bytes of comments in one entry of the log.
const COMMENTS: usize = 64 * 1024;

/// Where an item goes.
#[derive(Debug)]
pub(super) struct Moving {
    pub(super) to: Arc<Room>,
    pub(super) item: ItemId,
    /// The keys of the products that it leaves and enters. They never change.
    pub(super) keys: (ProductKey, ProductKey),
}

impl Moving {
    /// Keeps the item without dependencies and open votes until the transaction ends: both are made under the workspace's lock,
    /// which is taken before those of rooms.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it has one.
    pub(super) async fn hold_movable(&self, tx: &DatabaseTransaction, from: RoomId) -> Result<(), Error> {
        let row = workspace::Entity::find_by_id(from.workspace.to_string());
        row.lock(LockType::Update).one(tx).await?;
        if dependencies::is_linked(tx, from.workspace, ItemRef { roadmap: from.roadmap, item: self.item })
            .await?
        {
            let sentence = "An item with dependencies can’t move to another product. Remove them first.";
            return Err(Error::Conflict(sentence.to_owned()));
        }
        // One may have opened since it was looked for.
        if is_in_open_vote(tx, from.workspace, from.roadmap, self.item).await? {
            let sentence = "This item is in an open vote. Move it when voting has closed.";
            return Err(Error::Conflict(sentence.to_owned()));
        }
        Ok(())
    }
}

/// An item that was moved to another product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedItem {
    pub key: ItemKey,
    /// What the fields are called whose values stayed behind: the other product has no such field.
    pub left: Vec<String>,
}

impl Work {
    /// Decides that an item moves to another room: in both, or in none.
    pub(super) fn decide_move(
        &mut self,
        moving: Option<(&Moving, &mut Work)>,
        user: UserId,
        client: ClientId,
        ops: &[Pushed],
        at: Timestamp,
    ) -> Vec<Acked> {
        let is_decided = self.cursors.get(&client).is_some_and(|cursor| cursor.last > 0);
        let Some((moving, there)) = moving.filter(|_| !is_decided) else {
            // It was done before the connection to the database was lost.
            return self.decide(user, client, ops, at);
        };
        let mut mover = Mover { user, client, at, cseq: 0 };
        let outcome = match mover.carry(self, there, moving) {
            Ok(seq) => Outcome::Accepted { seq },
            Err(reject) => {
                self.begin_again();
                there.begin_again();
                Outcome::Refused(reject)
            }
        };
        vec![Acked { cseq: 1, outcome }]
    }

    /// Whether this person may move items out of the room, and into it.
    fn check_mover(&self, user: UserId) -> Result<(), Reject> {
        let role: Role = self.roles.get(&user).ok_or(Reject::NotMember)?.ok_or(Reject::NoAccess)?;
        if self.archived {
            return Err(Reject::Archived);
        }
        if !role.can_edit() {
            return Err(Reject::NotAllowed(role));
        }
        if self.restricted {
            // The key of each product stands in the other's history.
            let why =
                "Items can’t move to or from a product with restricted access. Open it to everyone first.";
            return Err(Reject::Limit(why.to_owned()));
        }
        Ok(())
    }

    /// Its key here, as it has one or will get it.
    fn key_of(&self, item: ItemId, product: &ProductKey) -> ItemKey {
        let number = self.roadmap.item(item).map_or(self.roadmap.last_number() + 1, |item| item.number);
        ItemKey { product: product.clone(), number }
    }

    /// The lane of that name, or the first.
    fn lane_like(&self, name: Option<&str>) -> Result<LaneId, Reject> {
        let lanes = self.roadmap.lane_order();
        let is_it = |lane: &&LaneId| self.roadmap.lane(**lane).map(|lane| &*lane.name) == name;
        lanes.iter().find(is_it).or(lanes.first()).copied().ok_or(Reject::UnknownLane)
    }
}

/// Who moves an item, and when.
struct Mover {
    user: UserId,
    client: ClientId,
    at: Timestamp,
    cseq: u64,
}

impl Mover {
    /// Returns the place in the log of the room that the item leaves.
    fn carry(&mut self, here: &mut Work, there: &mut Work, moving: &Moving) -> Result<u64, Reject> {
        here.check_mover(self.user)?;
        there.check_mover(self.user)?;
        let item = here.roadmap.item(moving.item).ok_or(Reject::UnknownItem)?.clone();
        let voters = here.roadmap.votes(item.id).map(|votes| votes.voters.clone()).unwrap_or_default();
        let comments: Vec<Arc<Comment>> =
            here.roadmap.comments().filter(|comment| comment.item == item.id).cloned().collect();
        let from = here.key_of(item.id, &moving.keys.0);
        let to = there.key_of(item.id, &moving.keys.1);
        let lane = here.roadmap.lane(item.lane).map(|lane| lane.name.to_string());
        let lane = there.lane_like(lane.as_deref())?;
        let fields = Box::new(fields(here, there, &item)?);

        self.cseq = 0;
        self.log(here, self.user, Op::SendItem { id: item.id, to })?;
        let seq = here.head;
        self.settle(here);

        self.cseq = 0;
        let (firsts, created) = (item.firsts.clone(), item.created);
        let receive =
            Op::ReceiveItem { id: item.id, lane, place: Place::First, fields, firsts, created, from };
        self.log(there, self.user, receive)?;
        for comments in parts(comments) {
            self.log(there, self.user, Op::ReceiveComments { comments })?;
        }
        for voter in voters {
            self.log(there, voter, Op::Upvote { item: item.id })?;
        }
        self.settle(there);
        Ok(seq)
    }

    /// Does an operation, and writes it into the log. Votes that come along notify nobody.
    fn log(&mut self, work: &mut Work, actor: UserId, op: Op) -> Result<(), Reject> {
        let added = check_size(&mut work.size, &work.roadmap, &op)?;
        let effects = apply(&mut work.roadmap, &op, &Context { actor, at: self.at })?;
        work.size = work.size.map(|size| size.plus(added));
        work.touched.merge(effects.touched);
        let changes =
            if actor == self.user && !matches!(op, Op::Upvote { .. }) { effects.changes } else { Vec::new() };
        self.cseq += 1;
        work.head += 1;
        let entry = Entry {
            seq: work.head,
            client: self.client,
            cseq: self.cseq,
            actor,
            at: self.at,
            op,
            items: Vec::new(),
        };
        work.entries.push((entry, changes));
        Ok(())
    }

    /// The numbers are taken.
    fn settle(&self, work: &mut Work) {
        let cursor = Cursor { user: self.user, last: self.cseq };
        work.cursors.insert(self.client, cursor);
        work.moved.insert(self.client, cursor);
    }
}

/// What an item has where it goes: what the other product has no field for stays behind, and is there when it comes back.
fn fields(here: &Work, there: &Work, item: &Item) -> Result<domain::ItemFields, Reject> {
    let (own, plan) = (here.roadmap.fields(), there.roadmap.fields());
    let mut fields = item.fields.clone();
    fields.values.retain(|key, value| plan.takes(key, value));
    if let Some(left) = there.roadmap.item(item.id) {
        let is_left = |(key, value): &(&domain::FieldKey, &Value)| !own.takes(key, value);
        let left = left.fields.values.iter().filter(is_left);
        fields.values.extend(left.map(|(key, value)| (key.clone(), value.clone())));
    }
    match plan.lacks(fields.status, |key| fields.values.contains_key(key)) {
        Some((key, from)) => {
            let field = plan.find(&key).map_or_else(|| key.to_string(), |def| def.label.to_string());
            Err(Reject::RequiredField { field, from })
        }
        None => Ok(fields),
    }
}

/// Comments in parts that an entry of the log can carry.
fn parts(comments: Vec<Arc<Comment>>) -> Vec<Vec<Arc<Comment>>> {
    let mut parts: Vec<Vec<Arc<Comment>>> = Vec::new();
    let mut bytes = COMMENTS;
    for comment in comments {
        bytes += comment.body.len();
        match parts.last_mut() {
            Some(part) if bytes <= COMMENTS => part.push(comment),
            _ => {
                bytes = comment.body.len();
                parts.push(vec![comment]);
            }
        }
    }
    parts
}

impl Viewer {
    /// Moves an item to another product: with its fields, comments, upvotes and history, under a new key, or the one it had there
    /// before. The old key goes on leading to it. Dependencies and ballots name an item by its product, so an item that has some, or
    /// is being voted on, stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such product or item for this person, [`Error::Conflict`] where it is there already,
    /// has dependencies or is in an open vote, and a [`Reject`] where it cannot be moved; nothing has changed then.
    pub async fn move_item(
        &self,
        from: &ProductKey,
        item: ItemId,
        to: &ProductKey,
    ) -> Result<MovedItem, Error> {
        let (source, target) = (self.product(from).await?, self.product(to).await?);
        if source.id == target.id {
            return Err(Error::Conflict("The item is in this product already.".to_owned()));
        }
        if let Some(title) = self.open_vote_on(source.roadmap, item).await? {
            let vote =
                title.map_or_else(|| "an open vote".to_owned(), |title| format!("the open vote “{title}”"));
            let sentence = format!("This item is in {vote}. Move it when voting has closed.");
            return Err(Error::Conflict(sentence));
        }
        let before = self.view(source.roadmap).await?;
        let (room, _) = self.enter(target.roadmap).await?;
        let moving = Moving { to: room, item, keys: (source.key.clone(), target.key.clone()) };
        let answers = self.submit_move(source.roadmap, moving).await?;
        if let Some(Outcome::Refused(reject)) = answers.into_iter().next().map(|answer| answer.outcome) {
            return Err(reject.into());
        }
        let after = self.view(target.roadmap).await?;
        let moved = after.roadmap.item(item).ok_or_else(|| Error::internal("a moved item is not there"))?;
        let plan = before.roadmap.fields();
        let had = before.roadmap.item(item).map(|item| item.fields.values.clone()).unwrap_or_default();
        let left = had.keys().filter(|key| !moved.fields.values.contains_key(*key));
        let left =
            left.map(|key| plan.find(key).map_or_else(|| key.to_string(), |def| def.label.to_string()));
        Ok(MovedItem { key: ItemKey { product: target.key, number: moved.number }, left: left.collect() })
    }
}
