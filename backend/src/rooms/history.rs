//! Reading the log: what happened on a roadmap, or to one of its items.

use domain::{Change, ItemId, Reason, RoadmapId, Timestamp, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::rows::{RoomId, entry_from, json, signed};
use crate::{
    Error, Viewer,
    entity::{log_item, op_log},
};

/// The most lines read at once.
const MOST: u64 = 500;

/// Lines of history, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub lines: Vec<HistoryLine>,
    /// Whether there are older ones.
    pub more: bool,
}

/// What an operation changed, in facts for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    pub seq: u64,
    pub at: Timestamp,
    /// [`UserId::NIL`] for another's vote, when the reader may not know who votes.
    pub actor: UserId,
    pub changes: Vec<Change>,
    /// Why it was done, where that was said.
    pub reason: Option<Reason>,
}

impl Viewer {
    /// What happened on a roadmap before a place in its log, the latest first; `limit` lines, but never more than
    /// 500. With an item, only what happened to it; one in the bin has its history too.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn history(
        &self,
        roadmap: RoadmapId,
        before: Option<u64>,
        item: Option<ItemId>,
        limit: u64,
    ) -> Result<History, Error> {
        let id = RoomId { workspace: self.workspace(), roadmap };
        self.rooms().open(id).await?;
        let (workspace, key) = (id.workspace.to_string(), id.roadmap.to_string());
        let before = before.map_or(i64::MAX, signed);
        let limit = limit.min(MOST);
        let reader = self.backend.db.reader();
        let mut query = op_log::Entity::find()
            .filter(op_log::Column::WorkspaceId.eq(&workspace))
            .filter(op_log::Column::RoadmapId.eq(&key))
            .filter(op_log::Column::Seq.lt(before));
        if let Some(item) = item {
            let numbers: Vec<i64> = log_item::Entity::find()
                .select_only()
                .column(log_item::Column::Seq)
                .filter(log_item::Column::WorkspaceId.eq(&workspace))
                .filter(log_item::Column::RoadmapId.eq(&key))
                .filter(log_item::Column::ItemId.eq(item.to_string()))
                .filter(log_item::Column::Seq.lt(before))
                .order_by_desc(log_item::Column::Seq)
                .limit(limit + 1)
                .into_tuple()
                .all(reader)
                .await?;
            query = query.filter(op_log::Column::Seq.is_in(numbers));
        }
        let rows = query.order_by_desc(op_log::Column::Seq).limit(limit + 1).all(reader).await?;
        let more = rows.len() as u64 > limit;
        let lines = rows.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).map(|row| {
            let mut entry = entry_from(row)?;
            if !self.role().sees_voters() {
                entry = entry.masked_for(self.member().id);
            }
            let mut changes: Vec<Change> = json(&row.changes)?;
            if let Some(item) = item {
                changes.retain(|change| change.item() == Some(item));
            }
            let reason = entry.op.reason().cloned();
            Ok(HistoryLine { seq: entry.seq, at: entry.at, actor: entry.actor, changes, reason })
        });
        Ok(History { lines: lines.collect::<Result<_, Error>>()?, more })
    }
}
