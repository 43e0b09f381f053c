//! What changed last on many roadmaps, and what a person has to do there. Reads rows and opens no room.

use std::collections::{HashMap, HashSet};

use domain::{Change, Date, HistoryKind, ItemId, Product, RoadmapId, Status, Timestamp, UserId};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait, Func, Query},
};

use super::HistoryLine;
use crate::{
    Error, Viewer,
    codec::{parse, unsigned},
    entity::{item, op_log, roadmap},
};

/// The newest entries that are read of each log: some are votes, and many become one line.
const READ: u64 = 20;

/// The most roadmaps of which changes are read, for each that is wanted: what changed last on some may have been a vote.
const MORE: usize = 4;

/// The most characters of an entry that is read. An import is longer.
const LONGEST: i32 = 32 * 1024;

/// The most items of a person that are read.
const MOST_ITEMS: u64 = 200;

/// When roadmaps changed, and what changed last on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// When each roadmap last changed.
    pub updated: HashMap<RoadmapId, Timestamp>,
    /// The latest first, and of each item the latest change alone.
    pub lines: Vec<RecentLine>,
}

/// A step of somebody on one of several roadmaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentLine {
    pub roadmap: RoadmapId,
    pub at: Timestamp,
    pub actor: UserId,
    /// The first of its changes; `None` where it changed too much to be read here.
    pub change: Option<Change>,
    /// How many more it made.
    pub more: usize,
    /// The number of the item that it is about, and whether that is in the bin by now.
    pub item: Option<(u32, bool)>,
}

/// An item that somebody owns and that is neither done nor dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnItem {
    pub roadmap: RoadmapId,
    pub number: u32,
    pub title: String,
    pub status: Status,
    pub end: Option<Date>,
}

impl Viewer {
    /// When the roadmaps of these products changed, and at most `limit` changes of their items, the latest first; votes do not
    /// count. However many products there are, one query finds those that changed last, and only some of these are read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recent(&self, products: &[Product], limit: usize) -> Result<Recent, Error> {
        let mut heads = self.heads(products).await?;
        let updated = heads.iter().map(|(product, at)| (product.roadmap, *at)).collect();
        heads.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        let mut lines: Vec<(RecentLine, Option<ItemId>)> = Vec::new();
        let mut known = HashSet::new();
        for (product, at) in heads.into_iter().take(limit * MORE) {
            // Nothing on the rest is later than these.
            if lines.iter().filter(|(line, _)| line.at >= at).count() >= limit {
                break;
            }
            let of_product = self.recent_of(product).await?.into_iter();
            lines.extend(of_product.filter(|(line, item)| known.insert((line.roadmap, *item))));
        }
        lines.sort_by_key(|(line, _)| std::cmp::Reverse(line.at));
        lines.truncate(limit);
        self.add_item_numbers(&mut lines).await?;
        Ok(Recent { updated, lines: lines.into_iter().map(|(line, _)| line).collect() })
    }

    /// The last entry of each log that has one, and when it was made.
    async fn heads<'a>(&self, products: &'a [Product]) -> Result<Vec<(&'a Product, Timestamp)>, Error> {
        let mut last = Query::select();
        last.column(op_log::Column::AtMs).from(op_log::Entity);
        for (own, other) in [
            (op_log::Column::WorkspaceId, roadmap::Column::WorkspaceId),
            (op_log::Column::RoadmapId, roadmap::Column::Id),
            (op_log::Column::Seq, roadmap::Column::Head),
        ] {
            last.and_where(Expr::col((op_log::Entity, own)).equals((roadmap::Entity, other)));
        }
        let rows: Vec<(String, Option<i64>)> = roadmap::Entity::find()
            .select_only()
            .column(roadmap::Column::Id)
            .expr_as(Expr::SubQuery(None, Box::new(last.into())), "at_ms")
            .filter(roadmap::Column::WorkspaceId.eq(self.workspace().to_string()))
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let by_roadmap: HashMap<String, &Product> =
            products.iter().map(|product| (product.roadmap.to_string(), product)).collect();
        let of_known = rows.into_iter().filter_map(|(id, at)| Some((*by_roadmap.get(&id)?, Timestamp(at?))));
        Ok(of_known.collect())
    }

    /// The newest changes of one roadmap, each with the item that it is about.
    async fn recent_of(&self, product: &Product) -> Result<Vec<(RecentLine, Option<ItemId>)>, Error> {
        let (workspace, id) = (self.workspace().to_string(), product.roadmap.to_string());
        let length = |column| Expr::from(Func::char_length(Expr::col(column)));
        let is_short =
            || length(op_log::Column::Op).add(length(op_log::Column::Changes)).lte(Expr::value(LONGEST));
        let unless_long =
            |column| CaseStatement::new().case(is_short(), Expr::col(column)).finally(Expr::value(""));
        type Row = (i64, String, i64, String, i64, String, String);
        let rows: Vec<Row> = op_log::Entity::find()
            .select_only()
            .columns([
                op_log::Column::Seq,
                op_log::Column::ClientId,
                op_log::Column::Cseq,
                op_log::Column::ActorId,
                op_log::Column::AtMs,
            ])
            .expr_as(unless_long(op_log::Column::Op), "short_op")
            .expr_as(unless_long(op_log::Column::Changes), "short_changes")
            .filter(op_log::Column::WorkspaceId.eq(&workspace))
            .filter(op_log::Column::RoadmapId.eq(&id))
            .order_by_desc(op_log::Column::Seq)
            .limit(READ)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let mut lines: Vec<HistoryLine> = Vec::new();
        let mut long = Vec::new();
        for (seq, client_id, cseq, actor_id, at_ms, op, changes) in rows {
            if changes.is_empty() {
                let (actor, at) = (parse(&actor_id)?, Timestamp(at_ms));
                let (roadmap, change) = (product.roadmap, None);
                long.push((RecentLine { roadmap, at, actor, change, more: 0, item: None }, None));
                continue;
            }
            let (workspace_id, roadmap_id) = (workspace.clone(), id.clone());
            let row = op_log::Model {
                workspace_id,
                roadmap_id,
                seq,
                client_id,
                cseq,
                actor_id,
                at_ms,
                op,
                changes,
            };
            let mut line = self.line(product.role, &row, None)?;
            line.changes.retain(|change| matches!(change.kind(), HistoryKind::Items | HistoryKind::Comments));
            if !line.changes.is_empty() && !lines.iter_mut().any(|later| later.join(&line)) {
                lines.push(line);
            }
        }
        let told = lines.into_iter().map(|line| {
            let HistoryLine { at, actor, changes, .. } = line;
            let more = changes.len().saturating_sub(1);
            let change = changes.into_iter().next();
            let item = change.as_ref().and_then(Change::item);
            (RecentLine { roadmap: product.roadmap, at, actor, change, more, item: None }, item)
        });
        Ok(told.chain(long).collect())
    }

    /// Adds to each line the number of its item.
    async fn add_item_numbers(&self, lines: &mut [(RecentLine, Option<ItemId>)]) -> Result<(), Error> {
        let ids: Vec<String> =
            lines.iter().filter_map(|(_, item)| item.map(|item| item.to_string())).collect();
        if ids.is_empty() {
            return Ok(());
        }
        type Row = (String, String, i64, Option<i64>, Option<String>);
        let rows: Vec<Row> = item::Entity::find()
            .select_only()
            .columns([
                item::Column::RoadmapId,
                item::Column::Id,
                item::Column::Number,
                item::Column::DeletedMs,
                item::Column::MovedTo,
            ])
            .filter(item::Column::WorkspaceId.eq(self.workspace().to_string()))
            .filter(item::Column::RoadmapId.is_in(lines.iter().map(|(line, _)| line.roadmap.to_string())))
            .filter(item::Column::Id.is_in(ids))
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        for (roadmap, id, number, deleted, moved_to) in rows {
            let is_in_bin = deleted.is_some() && moved_to.is_none();
            let (roadmap, id): (RoadmapId, ItemId) = (parse(&roadmap)?, parse(&id)?);
            let number = u32::try_from(number).map_err(Error::internal)?;
            let about = lines.iter_mut().filter(|(line, item)| line.roadmap == roadmap && *item == Some(id));
            about.for_each(|(line, _)| line.item = Some((number, is_in_bin)));
        }
        Ok(())
    }

    /// What this person owns on the roadmaps of these products and has to do, what is in progress first; at most 200 items.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_items(&self, products: &[Product]) -> Result<Vec<OwnItem>, Error> {
        if products.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, i64, String, String, Option<String>)> = item::Entity::find()
            .select_only()
            .columns([
                item::Column::RoadmapId,
                item::Column::Number,
                item::Column::Title,
                item::Column::Status,
                item::Column::EndOn,
            ])
            .filter(item::Column::WorkspaceId.eq(self.workspace().to_string()))
            .filter(item::Column::RoadmapId.is_in(products.iter().map(|product| product.roadmap.to_string())))
            .filter(item::Column::OwnerId.eq(self.member().id.to_string()))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::Status.is_not_in([Status::Done, Status::Dropped].map(Status::as_str)))
            .order_by_desc(item::Column::Status.eq(Status::InProgress.as_str()))
            .order_by_asc(item::Column::EndOn.is_null())
            .order_by_asc(item::Column::EndOn)
            .order_by_asc(item::Column::Number)
            .limit(MOST_ITEMS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let item = |(roadmap, number, title, status, end): (String, i64, String, String, Option<String>)| {
            let number = u32::try_from(unsigned(number)?).map_err(Error::internal)?;
            let (roadmap, status) = (parse(&roadmap)?, parse(&status)?);
            let end = end.as_deref().map(parse).transpose()?;
            Ok(OwnItem { roadmap, number, title, status, end })
        };
        rows.into_iter().map(item).collect()
    }
}
