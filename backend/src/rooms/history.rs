//! Reading the log: what happened on a roadmap, or to one of its items.

use domain::{Change, Entry, ItemId, RoadmapId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Rooms,
    rows::{RoomId, entry_from, json, signed},
};
use crate::{
    Error, Viewer,
    entity::{log_item, op_log},
};

/// The most entries read at once.
const MOST: u64 = 500;

/// An entry of the log with what it changed, in facts for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Without the author of a vote, when the reader may not know it.
    pub entry: Entry,
    pub changes: Vec<Change>,
}

impl Rooms {
    /// Entries of a roadmap's log before a sequence number, the latest first, at most `limit` and never more than
    /// 500. With an item, only those that tell of it; deleted ones too.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn history(
        &self,
        viewer: &Viewer,
        roadmap: RoadmapId,
        before: Option<u64>,
        item: Option<ItemId>,
        limit: u64,
    ) -> Result<Vec<LogEntry>, Error> {
        let id = RoomId { workspace: viewer.workspace(), roadmap };
        self.open(id).await?;
        let (workspace, key) = (id.workspace.to_string(), id.roadmap.to_string());
        let before = before.map_or(i64::MAX, signed);
        let reader = self.inner.db.reader();
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
                .limit(limit.min(MOST))
                .into_tuple()
                .all(reader)
                .await?;
            query = query.filter(op_log::Column::Seq.is_in(numbers));
        }
        let rows = query.order_by_desc(op_log::Column::Seq).limit(limit.min(MOST)).all(reader).await?;
        rows.iter()
            .map(|row| {
                let mut entry = entry_from(row)?;
                if !viewer.role().sees_voters() {
                    entry = entry.masked_for(viewer.member().id);
                }
                let mut changes: Vec<Change> = json(&row.changes)?;
                if let Some(item) = item {
                    changes.retain(|change| change.item() == Some(item));
                }
                Ok(LogEntry { entry, changes })
            })
            .collect()
    }
}
