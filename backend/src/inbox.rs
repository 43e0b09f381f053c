//! The inbox: who watches an item, and what they are notified of.
//!
//! A change does not notify anybody itself: a [reader](run) of the logs comes after it, so that an edit takes no longer.
//! What concerns a product that somebody does not see any more is neither shown to them nor counted.

mod facts;
mod mentioned;
mod reader;
mod write;

use std::collections::{HashMap, HashSet};

use domain::{Change, ItemId, NoticeKind, Product, RoadmapId, Role, Timestamp, UserId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use self::{
    facts::{Facts, members},
    write::lock_number,
};
pub(crate) use self::{
    mentioned::Names,
    reader::{Reader, run},
};
use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    codec::{json, parse, unsigned},
    db::padded,
    entity::{item, notice, op_log, watch},
};

/// The most items that are listed, the latest first.
const LISTED: usize = 100;

/// An item with what somebody is notified of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    pub product: Product,
    pub item: ItemId,
    pub number: u32,
    pub title: String,
    pub is_in_bin: bool,
    /// Whether the person said that they do not watch it any more.
    pub has_stopped: bool,
    /// The latest first.
    pub notices: Vec<Notice>,
}

impl InboxItem {
    /// Whether something is new.
    pub fn is_unread(&self) -> bool {
        self.notices.iter().any(|notice| notice.unread > 0)
    }

    /// When something last happened.
    pub fn at(&self) -> Timestamp {
        self.notices.first().map_or(Timestamp(0), |notice| notice.at)
    }
}

/// What happened to an item, once or several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub kind: NoticeKind,
    /// How many times since it was read.
    pub unread: u32,
    /// When it last happened, and by whom.
    pub at: Timestamp,
    pub actor: UserId,
    /// What that was; `None` where it is too large to be shown.
    pub change: Option<Change>,
}

/// Who watches an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemWatch {
    /// Whether the person who asks does.
    pub watching: bool,
    pub watchers: Vec<UserId>,
    /// Members who see the product, and so can be mentioned.
    pub readers: Vec<UserId>,
}

impl Viewer {
    /// How many items have something new for this person, of those on roadmaps of these products.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_unread(&self, products: &[Product]) -> Result<u32, Error> {
        let rows: Vec<(String, String)> = self
            .own_notices()
            .filter(notice::Column::Unread.gt(0))
            .select_only()
            .columns([notice::Column::RoadmapId, notice::Column::ItemId])
            .distinct()
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let seen: HashSet<String> = products.iter().map(|product| product.roadmap.to_string()).collect();
        let count = rows.iter().filter(|(roadmap, _)| seen.contains(roadmap)).count();
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// What this person is notified of, by item, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inbox(&self) -> Result<Vec<InboxItem>, Error> {
        let products: HashMap<RoadmapId, Product> =
            self.products().await?.into_iter().map(|product| (product.roadmap, product)).collect();
        let db = self.backend.db.reader();
        let rows = self.own_notices().order_by_desc(notice::Column::AtMs).all(db).await?;
        let mut groups: Vec<((RoadmapId, ItemId), Vec<notice::Model>)> = Vec::new();
        for row in rows {
            let key = (parse(&row.roadmap_id)?, parse(&row.item_id)?);
            if !products.contains_key(&key.0) {
                continue;
            }
            match groups.iter().position(|(other, _)| *other == key) {
                Some(at) => groups[at].1.push(row),
                None if groups.len() < LISTED => groups.push((key, vec![row])),
                None => {}
            }
        }
        let items = self.item_rows(groups.iter().map(|(key, _)| *key)).await?;
        let places =
            groups.iter().flat_map(|((roadmap, _), rows)| rows.iter().map(|row| (*roadmap, row.seq)));
        let changes = self.changes_at(places.collect()).await?;
        let stopped: Vec<(String, String)> = watch::Entity::find()
            .select_only()
            .columns([watch::Column::RoadmapId, watch::Column::ItemId])
            .filter(watch::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(watch::Column::UserId.eq(self.member.id.to_string()))
            .filter(watch::Column::ItemId.is_in(padded(groups.iter().map(|((_, item), _)| item.to_string()))))
            .filter(watch::Column::Watching.eq(0))
            .into_tuple()
            .all(db)
            .await?;
        let mut inbox = Vec::new();
        for ((roadmap, item), rows) in groups {
            let (Some(product), Some(row)) = (products.get(&roadmap), items.get(&(roadmap, item))) else {
                continue;
            };
            let notice = |row: notice::Model| {
                let kind: NoticeKind = parse(&row.kind)?;
                let changes = changes.get(&(roadmap, row.seq)).map(Vec::as_slice).unwrap_or_default();
                Ok(Notice {
                    kind,
                    unread: u32::try_from(row.unread).unwrap_or(u32::MAX),
                    at: Timestamp(row.at_ms),
                    actor: parse(&row.actor_id)?,
                    change: changes.iter().rev().find(|change| explains(change, item, kind)).cloned(),
                })
            };
            inbox.push(InboxItem {
                product: product.clone(),
                item,
                number: u32::try_from(unsigned(row.number)?).map_err(Error::internal)?,
                title: row.title.clone(),
                is_in_bin: row.deleted_ms.is_some() && row.moved_to.is_none(),
                has_stopped: stopped.contains(&(roadmap.to_string(), item.to_string())),
                notices: rows.into_iter().map(notice).collect::<Result<_, Error>>()?,
            });
        }
        Ok(inbox)
    }

    fn own_notices(&self) -> sea_orm::Select<notice::Entity> {
        notice::Entity::find()
            .filter(notice::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(notice::Column::UserId.eq(self.member.id.to_string()))
    }

    /// The rows of items, in whichever product the person sees them.
    async fn item_rows(
        &self,
        items: impl Iterator<Item = (RoadmapId, ItemId)>,
    ) -> Result<HashMap<(RoadmapId, ItemId), item::Model>, Error> {
        let items: Vec<String> = items.map(|(_, item)| item.to_string()).collect();
        let rows = item::Entity::find()
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::Id.is_in(padded(items)))
            .all(self.backend.db.reader())
            .await?;
        rows.into_iter().map(|row| Ok(((parse(&row.roadmap_id)?, parse(&row.id)?), row))).collect()
    }

    /// What entries changed, by their places in the logs, those aside that are too long to be read here.
    async fn changes_at(
        &self,
        places: Vec<(RoadmapId, i64)>,
    ) -> Result<HashMap<(RoadmapId, i64), Vec<Change>>, Error> {
        let mut by_roadmap: HashMap<RoadmapId, Vec<i64>> = HashMap::new();
        for (roadmap, seq) in places {
            by_roadmap.entry(roadmap).or_default().push(seq);
        }
        let mut changes = HashMap::new();
        for (roadmap, seqs) in by_roadmap {
            let rows: Vec<(i64, String)> = op_log::Entity::find()
                .select_only()
                .column(op_log::Column::Seq)
                .expr_as(reader::short_changes(), "short_changes")
                .filter(op_log::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(op_log::Column::RoadmapId.eq(roadmap.to_string()))
                .filter(op_log::Column::Seq.is_in(padded(seqs)))
                .into_tuple()
                .all(self.backend.db.reader())
                .await?;
            for (seq, text) in rows.into_iter().filter(|(_, text)| !text.is_empty()) {
                changes.insert((roadmap, seq), json(&text)?);
            }
        }
        Ok(changes)
    }

    /// Marks as read what there is about one item, or all that this person sees.
    ///
    /// # Errors
    /// When the database fails, or the session has ended.
    pub async fn read_notices(&self, item: Option<(RoadmapId, ItemId)>) -> Result<(), Error> {
        let seen: Vec<String> = match item {
            Some(_) => Vec::new(),
            None => self.products().await?.into_iter().map(|product| product.roadmap.to_string()).collect(),
        };
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let n = lock_number(tx, &change.workspace.to_string()).await? + 1;
            let mut update = notice::Entity::update_many()
                .col_expr(notice::Column::Unread, Expr::value(0_i64))
                .col_expr(notice::Column::N, Expr::value(n))
                .filter(notice::Column::WorkspaceId.eq(change.workspace.to_string()))
                .filter(notice::Column::UserId.eq(self.member.id.to_string()))
                .filter(notice::Column::Unread.gt(0));
            update = match item {
                Some((roadmap, item)) => update
                    .filter(notice::Column::RoadmapId.eq(roadmap.to_string()))
                    .filter(notice::Column::ItemId.eq(item.to_string())),
                None => update.filter(notice::Column::RoadmapId.is_in(padded(seen.iter()))),
            };
            if update.exec(tx).await?.rows_affected > 0 {
                write::set_number(tx, &change.workspace.to_string(), n).await?;
            }
            Ok(())
        })?;
        self.backend.inbox.wake();
        Ok(())
    }

    /// Watches an item, or stops. After stopping, a person is notified only of mentions and of becoming the owner.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such item for this person.
    pub async fn set_watching(&self, roadmap: RoadmapId, item: ItemId, watching: bool) -> Result<(), Error> {
        self.check_item(roadmap, item).await?;
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let row = watch::ActiveModel {
                workspace_id: Set(change.workspace.to_string()),
                roadmap_id: Set(roadmap.to_string()),
                item_id: Set(item.to_string()),
                user_id: Set(self.member.id.to_string()),
                watching: Set(i64::from(watching)),
                since_ms: Set(change.at.0),
            };
            let conflict = OnConflict::columns([
                watch::Column::WorkspaceId,
                watch::Column::RoadmapId,
                watch::Column::ItemId,
                watch::Column::UserId,
            ])
            .update_columns([watch::Column::Watching, watch::Column::SinceMs])
            .to_owned();
            watch::Entity::insert(row).on_conflict(conflict).exec_without_returning(tx).await?;
            Ok(())
        })
    }

    /// Who watches an item, and who can be mentioned there. What was new about it is read then, if it is `opened`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such item for this person.
    pub async fn item_watch(
        &self,
        roadmap: RoadmapId,
        item: ItemId,
        opened: bool,
    ) -> Result<ItemWatch, Error> {
        self.check_item(roadmap, item).await?;
        let db = self.backend.db.reader();
        if opened {
            let new = self
                .own_notices()
                .filter(notice::Column::RoadmapId.eq(roadmap.to_string()))
                .filter(notice::Column::ItemId.eq(item.to_string()))
                .filter(notice::Column::Unread.gt(0));
            if new.one(db).await?.is_some() {
                self.read_notices(Some((roadmap, item))).await?;
            }
        }
        let room = crate::rooms::RoomId { workspace: self.workspace, roadmap };
        let readers = members(db, room, None).await?;
        let facts = Facts::read(db, room, &HashSet::from([item])).await?;
        let watchers: Vec<UserId> =
            readers.iter().copied().filter(|user| facts.watches(item, *user)).collect();
        Ok(ItemWatch { watching: watchers.contains(&self.member.id), watchers, readers })
    }

    /// That there is this item, and this person sees it.
    async fn check_item(&self, roadmap: RoadmapId, item: ItemId) -> Result<(), Error> {
        let unknown = || Error::NotFound("There is no such item.".to_owned());
        if !self.products().await?.iter().any(|product| product.roadmap == roadmap) {
            return Err(unknown());
        }
        let key = (self.workspace.to_string(), roadmap.to_string(), item.to_string());
        item::Entity::find_by_id(key).one(self.backend.db.reader()).await?.map(drop).ok_or_else(unknown)
    }
}

/// Whether somebody is notified of a kind because of this change of the item.
fn explains(change: &Change, item: ItemId, kind: NoticeKind) -> bool {
    change.item() == Some(item)
        && match kind {
            NoticeKind::Mention => change.mentioning().is_some(),
            NoticeKind::Assigned => change.owners().is_some() || matches!(change, Change::ItemCreated { .. }),
            NoticeKind::Comment | NoticeKind::Change => NoticeKind::of(change) == Some(kind),
        }
}
