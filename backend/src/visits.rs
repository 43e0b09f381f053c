//! What has changed on a roadmap since somebody was there.
//!
//! A visit lasts as long as pages of the roadmap are open, and ends when none was for half an hour. Pages report every few minutes that
//! they are open, and when they are left. The first report of a new visit moves the mark to where the visit before ended; what others
//! did behind the mark is new to this person until the visit after this one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Change, HistoryKind, ItemId, Product, ProductKey, RoadmapId, Timestamp, UserId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait, Func, OnConflict},
};

use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    clock::now,
    codec::{json, parse},
    db::padded,
    entity::{log_item, op_log, roadmap, visit},
};

/// After so many milliseconds without an open page the next one begins a new visit.
const AWAY_MS: i64 = 30 * 60 * 1_000;

/// The newest entries of a log that are read for one answer.
const MOST_ENTRIES: u64 = 2_000;

/// The most characters of an entry that is read. Of what is longer, as an import is, the items are looked up.
const LONGEST: i32 = 4 * 1024;

/// The most roadmaps that one page shows.
const MOST_ROADMAPS: usize = 60;

/// What a person finds new on a roadmap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visited {
    /// When the visit before ended; `None` during the first.
    pub since: Option<Timestamp>,
    /// Items that others have changed since, those in the bin too.
    pub changed: BTreeSet<ItemId>,
    /// Whether there was too much to read all of it: older changes are missing.
    pub more: bool,
}

impl Viewer {
    /// Notes that the person is at these roadmaps, and returns what others have changed on each since the visit before. Votes do not
    /// count.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of the products does not exist for this person, [`Error::Invalid`] for more than 60 of them.
    pub async fn visit(&self, keys: &[ProductKey]) -> Result<Vec<Visited>, Error> {
        if keys.len() > MOST_ROADMAPS {
            return Err(Error::Invalid(format!("Ask for at most {MOST_ROADMAPS} products at once.")));
        }
        let products = self.products().await?;
        let mut visited = Vec::with_capacity(keys.len());
        for key in keys {
            let product = products.iter().find(|product| product.key == *key);
            visited.push(product.ok_or_else(|| crate::products::unknown(key))?);
        }
        let ids = padded(visited.iter().map(|product| product.roadmap.to_string()));
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let heads: Vec<(String, i64)> = roadmap::Entity::find()
            .select_only()
            .columns([roadmap::Column::Id, roadmap::Column::Head])
            .filter(roadmap::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(roadmap::Column::Id.is_in(ids.clone()))
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let heads: HashMap<String, i64> = heads.into_iter().collect();
        let at = now();
        let marks: BTreeMap<String, visit::Model> = change!(self.backend, |tx| {
            let rows = visit::Entity::find()
                .filter(visit::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(visit::Column::UserId.eq(self.member.id.to_string()))
                .filter(visit::Column::RoadmapId.is_in(ids.clone()))
                .all(tx)
                .await?;
            // Rows are written in one order, so that two reports of a person never wait for each other.
            let mut marks: BTreeMap<String, visit::Model> =
                rows.into_iter().map(|row| (row.roadmap_id.clone(), row)).collect();
            for product in &visited {
                let id = product.roadmap.to_string();
                let head = heads.get(&id).copied().unwrap_or_default();
                let next = following(marks.remove(&id), self.row(&id, head, at), at);
                marks.insert(id, next);
            }
            let rows: Vec<visit::ActiveModel> = marks.values().map(|row| all_set(row.clone())).collect();
            let conflict = OnConflict::columns([
                visit::Column::WorkspaceId,
                visit::Column::UserId,
                visit::Column::RoadmapId,
            ])
            .update_columns([
                visit::Column::SinceSeq,
                visit::Column::SinceMs,
                visit::Column::SeenSeq,
                visit::Column::SeenMs,
            ])
            .to_owned();
            visit::Entity::insert_many(rows).on_conflict(conflict).exec_without_returning(tx).await?;
            Ok(marks)
        })?;
        let mut answers = Vec::with_capacity(visited.len());
        for product in visited {
            let id = product.roadmap.to_string();
            let head = heads.get(&id).copied().unwrap_or_default();
            answers.push(match marks.get(&id) {
                Some(mark) => self.changed_since(product, mark, head).await?,
                None => Visited::default(),
            });
        }
        Ok(answers)
    }

    /// A row of somebody who comes for the first time.
    fn row(&self, roadmap: &str, head: i64, at: Timestamp) -> visit::Model {
        visit::Model {
            workspace_id: self.workspace.to_string(),
            user_id: self.member.id.to_string(),
            roadmap_id: roadmap.to_owned(),
            since_seq: head,
            since_ms: None,
            seen_seq: head,
            seen_ms: at.0,
        }
    }

    async fn changed_since(
        &self,
        product: &Product,
        mark: &visit::Model,
        head: i64,
    ) -> Result<Visited, Error> {
        let since = mark.since_ms.map(Timestamp);
        if since.is_none() || mark.since_seq >= head {
            return Ok(Visited { since, ..Visited::default() });
        }
        let length = Expr::from(Func::char_length(Expr::col(op_log::Column::Changes)));
        let is_short = length.lte(Expr::value(LONGEST));
        let short_changes =
            CaseStatement::new().case(is_short, Expr::col(op_log::Column::Changes)).finally("");
        let rows: Vec<(i64, String)> = op_log::Entity::find()
            .select_only()
            .column(op_log::Column::Seq)
            .expr_as(short_changes, "short_changes")
            .filter(op_log::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(op_log::Column::RoadmapId.eq(product.roadmap.to_string()))
            .filter(op_log::Column::Seq.gt(mark.since_seq))
            .filter(op_log::Column::ActorId.ne(self.member.id.to_string()))
            .order_by_desc(op_log::Column::Seq)
            .limit(MOST_ENTRIES)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let more = rows.len() as u64 == MOST_ENTRIES;
        let mut changed = BTreeSet::new();
        let mut long = Vec::new();
        for (seq, text) in rows {
            if text.is_empty() {
                long.push(seq);
                continue;
            }
            let changes: Vec<Change> = json(&text)?;
            let counts =
                |change: &&Change| matches!(change.kind(), HistoryKind::Items | HistoryKind::Comments);
            changed.extend(changes.iter().filter(counts).filter_map(Change::item));
        }
        if !long.is_empty() {
            changed.extend(self.items_of(product.roadmap, long).await?);
        }
        Ok(Visited { since, changed, more })
    }

    /// The items that entries are about which are too long to be read here.
    async fn items_of(&self, roadmap: RoadmapId, entries: Vec<i64>) -> Result<Vec<ItemId>, Error> {
        let ids: Vec<String> = log_item::Entity::find()
            .select_only()
            .column(log_item::Column::ItemId)
            .filter(log_item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(log_item::Column::RoadmapId.eq(roadmap.to_string()))
            .filter(log_item::Column::Seq.is_in(padded(entries)))
            .distinct()
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        ids.iter().map(|id| parse(id)).collect()
    }
}

/// What is kept after a report: `first` is what is kept of somebody who comes for the first time, now.
fn following(former: Option<visit::Model>, first: visit::Model, at: Timestamp) -> visit::Model {
    let Some(former) = former else { return first };
    let (since_seq, since_ms) = if at.0 - former.seen_ms > AWAY_MS {
        (former.seen_seq, Some(former.seen_ms))
    } else {
        (former.since_seq, former.since_ms)
    };
    visit::Model { since_seq, since_ms, ..first }
}

fn all_set(row: visit::Model) -> visit::ActiveModel {
    visit::ActiveModel {
        workspace_id: Set(row.workspace_id),
        user_id: Set(row.user_id),
        roadmap_id: Set(row.roadmap_id),
        since_seq: Set(row.since_seq),
        since_ms: Set(row.since_ms),
        seen_seq: Set(row.seen_seq),
        seen_ms: Set(row.seen_ms),
    }
}

/// Removes what is kept of a person's visits.
pub(crate) async fn forget_all(change: &RecordTx<'_>, user: UserId) -> Result<(), Error> {
    visit::Entity::delete_many()
        .filter(visit::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(visit::Column::UserId.eq(user.to_string()))
        .exec(change.tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(since: (i64, Option<i64>), seen: (i64, i64)) -> visit::Model {
        visit::Model {
            workspace_id: String::new(),
            user_id: String::new(),
            roadmap_id: String::new(),
            since_seq: since.0,
            since_ms: since.1,
            seen_seq: seen.0,
            seen_ms: seen.1,
        }
    }

    #[test]
    fn a_mark_moves_when_nobody_was_there_for_half_an_hour() {
        let report = |former, head, at| following(former, row((head, None), (head, at)), Timestamp(at));
        let first = report(None, 5, 1_000);
        assert_eq!(first, row((5, None), (5, 1_000)), "nothing is new to who comes first");
        let still = report(Some(first), 9, 1_000 + AWAY_MS);
        assert_eq!(still, row((5, None), (9, 1_000 + AWAY_MS)), "the same visit");
        let again = report(Some(still.clone()), 12, still.seen_ms + AWAY_MS + 1);
        assert_eq!((again.since_seq, again.since_ms), (9, Some(still.seen_ms)), "the visit after it");
        let later = report(Some(again.clone()), 20, again.seen_ms + 1);
        assert_eq!((later.since_seq, later.since_ms), (9, Some(still.seen_ms)), "stays during the visit");
    }
}
