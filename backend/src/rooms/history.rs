//! Reading the log: what happened on a roadmap, or to one of its items; [`joined`] with what happened to its product.

mod events;
mod filter;
mod joined;
mod own;

pub use self::{
    filter::HistoryFilter,
    joined::{EventLine, HistoryPlace, JoinedHistory, JoinedLine},
    own::OwnItem,
};

use domain::{Change, ItemId, Reason, RoadmapId, Role, Timestamp, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::rows::{RoomId, entry_from};
use crate::codec::{json, signed};
use crate::{
    Error, Viewer,
    entity::{log_item, op_log},
};

/// The most lines read at once.
const MOST: u64 = 500;

/// The most often a log is read for one answer: where people typed, many entries become one line, and of those that are not
/// asked for none does.
const MOST_READS: usize = 10;

/// What one person types into a text within so many milliseconds is one line.
const SITTING: i64 = 10 * 60 * 1_000;

/// Lines of history, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub lines: Vec<HistoryLine>,
    /// Whether there are older ones.
    pub more: bool,
    /// The place in the log before which they are.
    pub next: u64,
}

/// What an operation changed, in facts for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// Of several entries the first.
    pub seq: u64,
    /// Of several entries the time of the last.
    pub at: Timestamp,
    /// [`UserId::NIL`] for another's vote, when the reader may not know who votes.
    pub actor: UserId,
    pub changes: Vec<Change>,
    /// Why it was done, where that was said.
    pub reason: Option<Reason>,
    /// It was typed into a text that many write, and is joined with what was typed about it.
    typed: bool,
}

impl Viewer {
    /// What happened on a roadmap before a place in its log, the latest first; `limit` lines, but never more than
    /// 500. With an item, only what happened to it; one in the bin has its history too. What a person typed into a text at one
    /// sitting is one line.
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
        let (room, role) = self.enter(roadmap).await?;
        let id = room.id;
        let limit = usize::try_from(limit.min(MOST)).unwrap_or(usize::MAX);
        let mut history = History { next: before.unwrap_or(u64::MAX), ..History::default() };
        for _ in 0..MOST_READS {
            let rows = self.read_history(id, history.next, item, limit as u64 + 1).await?;
            history.more = rows.len() > limit;
            for row in rows.iter().take(limit) {
                if history.lines.len() == limit {
                    history.more = true;
                    break;
                }
                let line = self.line(role, row, item)?;
                history.next = line.seq;
                if !history.lines.iter_mut().any(|later| later.join(&line)) {
                    history.lines.push(line);
                }
            }
            if !history.more || history.lines.len() == limit {
                break;
            }
        }
        Ok(history)
    }

    async fn read_history(
        &self,
        id: RoomId,
        before: u64,
        item: Option<ItemId>,
        limit: u64,
    ) -> Result<Vec<op_log::Model>, Error> {
        let (workspace, key) = (id.workspace.to_string(), id.roadmap.to_string());
        let before = signed(before.min(i64::MAX.unsigned_abs()));
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
                .limit(limit)
                .into_tuple()
                .all(reader)
                .await?;
            query = query.filter(op_log::Column::Seq.is_in(numbers));
        }
        Ok(query.order_by_desc(op_log::Column::Seq).limit(limit).all(reader).await?)
    }

    /// An entry as this person may know it; with an item, only what happened to that.
    fn line(&self, role: Role, row: &op_log::Model, item: Option<ItemId>) -> Result<HistoryLine, Error> {
        let entry = self.entry_as_seen(role, entry_from(row)?);
        let mut changes: Vec<Change> = json(&row.changes)?;
        if let Some(item) = item {
            changes.retain(|change| change.item() == Some(item));
        }
        let reason = entry.op.reason().cloned();
        let typed = entry.op.edits_text().is_some();
        Ok(HistoryLine { seq: entry.seq, at: entry.at, actor: entry.actor, changes, reason, typed })
    }
}

impl HistoryLine {
    /// Makes what the same person typed into the same text shortly before a part of this line.
    fn join(&mut self, earlier: &HistoryLine) -> bool {
        let near = self.typed && earlier.typed && self.actor == earlier.actor;
        if !near || self.at.0 - earlier.at.0 > SITTING {
            return false;
        }
        let (Some(text), [change]) =
            (self.changes.first().and_then(Change::text), earlier.changes.as_slice())
        else {
            return false;
        };
        if change.text() != Some(text) {
            return false;
        }
        if !self.changes.iter_mut().any(|later| later.begin_with(change)) {
            self.changes.insert(0, change.clone());
        }
        self.seq = earlier.seq;
        true
    }
}
