//! Who watches items: it follows from what people did there, unless they said otherwise.

use std::collections::{HashMap, HashSet};

use domain::{ItemId, Role, Timestamp, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Error,
    access::product::{Locked, Reach},
    codec::parse,
    db::padded,
    entity::{comment, item, member, mention, watch},
    rooms::RoomId,
};

/// Items asked about in one query.
const AT_ONCE: usize = 500;

/// What decides who watches some items.
#[derive(Debug, Default)]
pub(super) struct Facts(HashMap<ItemId, ItemFacts>);

/// The same of one item.
#[derive(Debug, Default)]
struct ItemFacts {
    owner: Option<UserId>,
    /// Author, owner, those who commented, those who are mentioned: since when.
    involved: HashMap<UserId, i64>,
    /// Whether people chose to watch, and since when.
    choices: HashMap<UserId, (bool, i64)>,
}

impl ItemFacts {
    fn involve(&mut self, user: UserId, since: i64) {
        let earliest = self.involved.entry(user).or_insert(since);
        *earliest = since.min(*earliest);
    }

    /// Nobody is notified of what happened before they began to watch.
    fn watches_at(&self, user: UserId, at: Timestamp) -> bool {
        match self.choices.get(&user) {
            Some((false, _)) => false,
            Some((true, since)) if *since <= at.0 => true,
            _ => self.involved.get(&user).is_some_and(|since| *since <= at.0),
        }
    }
}

impl Facts {
    pub(super) async fn read(
        db: &impl ConnectionTrait,
        room: RoomId,
        items: &HashSet<ItemId>,
    ) -> Result<Self, Error> {
        let (workspace, roadmap) = (room.workspace.to_string(), room.roadmap.to_string());
        let all: Vec<String> = items.iter().map(ToString::to_string).collect();
        let mut facts = Self::default();
        for some in all.chunks(AT_ONCE) {
            let ids = || padded(some.iter().cloned());
            let rows: Vec<(String, String, Option<String>)> = item::Entity::find()
                .select_only()
                .columns([item::Column::Id, item::Column::CreatedBy, item::Column::OwnerId])
                .filter(item::Column::WorkspaceId.eq(&workspace))
                .filter(item::Column::RoadmapId.eq(&roadmap))
                .filter(item::Column::Id.is_in(ids()))
                .into_tuple()
                .all(db)
                .await?;
            for (id, author, owner) in rows {
                let of = facts.0.entry(parse(&id)?).or_default();
                of.owner = owner.as_deref().map(parse).transpose()?;
                of.owner.into_iter().chain([parse(&author)?]).for_each(|user| of.involve(user, i64::MIN));
            }
            let commenters: Vec<(String, String, i64)> = comment::Entity::find()
                .select_only()
                .columns([comment::Column::ItemId, comment::Column::CreatedBy])
                .expr_as(comment::Column::CreatedMs.min(), "since_ms")
                .group_by(comment::Column::ItemId)
                .group_by(comment::Column::CreatedBy)
                .filter(comment::Column::WorkspaceId.eq(&workspace))
                .filter(comment::Column::RoadmapId.eq(&roadmap))
                .filter(comment::Column::ItemId.is_in(ids()))
                .filter(comment::Column::DeletedMs.is_null())
                .into_tuple()
                .all(db)
                .await?;
            let mentioned: Vec<(String, String)> = mention::Entity::find()
                .select_only()
                .columns([mention::Column::ItemId, mention::Column::UserId])
                .distinct()
                .filter(mention::Column::WorkspaceId.eq(&workspace))
                .filter(mention::Column::RoadmapId.eq(&roadmap))
                .filter(mention::Column::ItemId.is_in(ids()))
                .into_tuple()
                .all(db)
                .await?;
            // Who is mentioned is written down when it was read.
            let mentioned = mentioned.into_iter().map(|(item, user)| (item, user, i64::MIN));
            for (item, user, since) in commenters.into_iter().chain(mentioned) {
                facts.0.entry(parse(&item)?).or_default().involve(parse(&user)?, since);
            }
            let said = watch::Entity::find()
                .filter(watch::Column::WorkspaceId.eq(&workspace))
                .filter(watch::Column::RoadmapId.eq(&roadmap))
                .filter(watch::Column::ItemId.is_in(ids()))
                .all(db)
                .await?;
            for row in said {
                let of = facts.0.entry(parse(&row.item_id)?).or_default();
                of.choices.insert(parse(&row.user_id)?, (row.watching != 0, row.since_ms));
            }
        }
        Ok(facts)
    }

    pub(super) fn owner(&self, item: ItemId) -> Option<UserId> {
        self.0.get(&item)?.owner
    }

    pub(super) fn watches(&self, item: ItemId, user: UserId) -> bool {
        self.0.get(&item).is_some_and(|of| of.watches_at(user, Timestamp(i64::MAX)))
    }

    pub(super) fn has_stopped(&self, item: ItemId, user: UserId) -> bool {
        self.0.get(&item).is_some_and(|of| matches!(of.choices.get(&user), Some((false, _))))
    }

    /// Who watched an item at a moment.
    pub(super) fn watchers(&self, item: ItemId, at: Timestamp) -> impl Iterator<Item = UserId> + '_ {
        let of = self.0.get(&item);
        let all = of.into_iter().flat_map(|of| of.involved.keys().chain(of.choices.keys())).copied();
        all.filter(move |user| of.is_some_and(|of| of.watches_at(*user, at)))
    }
}

/// The members who see the product of a room: all, or those of some people.
pub(super) async fn members(
    db: &impl ConnectionTrait,
    room: RoomId,
    some: Option<&HashSet<UserId>>,
) -> Result<Vec<UserId>, Error> {
    let mut query = member::Entity::find()
        .filter(member::Column::WorkspaceId.eq(room.workspace.to_string()))
        .filter(member::Column::RemovedMs.is_null());
    if let Some(some) = some.filter(|some| some.len() <= AT_ONCE) {
        query = query.filter(member::Column::UserId.is_in(padded(some.iter().map(ToString::to_string))));
    }
    let mut who: Vec<(UserId, Role)> = Vec::new();
    for row in query.all(db).await? {
        who.push((parse(&row.user_id)?, parse(&row.role)?));
    }
    who.retain(|(user, _)| some.is_none_or(|some| some.contains(user)));
    let reaches = Reach::of_each(db, room.workspace, &who, Some(vec![room.roadmap]), Locked::No).await?;
    let seen = who.into_iter().zip(reaches).filter(|(_, reach)| reach.least([room.roadmap]).is_some());
    Ok(seen.map(|((user, _), _)| user).collect())
}
