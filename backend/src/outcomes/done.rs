//! When items were done: read from the log of their roadmaps.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Change, Date, Field, ItemId, RoadmapId, Status, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, sea_query::ExprTrait,
};

use crate::{
    Error, Viewer,
    codec::{json, parse},
    db::padded,
    entity::{log_item, op_log},
};

/// Items, and entries of logs, that are asked about in one query.
const AT_ONCE: usize = 500;

/// An item that is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DoneItem {
    pub(crate) id: ItemId,
    /// When it was added, in milliseconds.
    pub(crate) created: i64,
    pub(crate) end: Option<Date>,
}

impl DoneItem {
    /// When it was done, where its log does not say: it was added as done. That is the day on which it was added, or its planned end where
    /// that had passed.
    fn at_least(&self) -> Date {
        let added = Timestamp(self.created).utc().date;
        self.end.map_or(added, |end| end.min(added))
    }
}

impl Viewer {
    /// The days on which items became done, the last time. `roadmaps` are those whose logs are read: an item that moved was perhaps done in
    /// another than the one where it is.
    pub(crate) async fn done_dates(
        &self,
        roadmaps: &[RoadmapId],
        items: &[DoneItem],
    ) -> Result<HashMap<ItemId, Date>, Error> {
        let mut dates: HashMap<ItemId, Date> = items.iter().map(|item| (item.id, item.at_least())).collect();
        let mut last: HashMap<ItemId, i64> = HashMap::new();
        for some in items.chunks(AT_ONCE) {
            let entries = self.candidates(roadmaps, some).await?;
            let all: Vec<(RoadmapId, i64)> = entries.into_iter().collect();
            for entries in all.chunks(AT_ONCE) {
                for (at, changes) in self.entries(entries).await? {
                    for change in changes {
                        if let Some(item) = becomes_done(&change)
                            && dates.contains_key(&item)
                        {
                            let known = last.entry(item).or_insert(at);
                            *known = Ord::max(at, *known);
                        }
                    }
                }
            }
        }
        dates.extend(last.into_iter().map(|(item, at)| (item, Timestamp(at).utc().date)));
        Ok(dates)
    }

    /// Entries that say of one of these items something, and of some item that it became done.
    async fn candidates(
        &self,
        roadmaps: &[RoadmapId],
        items: &[DoneItem],
    ) -> Result<BTreeSet<(RoadmapId, i64)>, Error> {
        let mut entries = BTreeSet::new();
        if items.is_empty() || roadmaps.is_empty() {
            return Ok(entries);
        }
        let log = log_item::Entity::belongs_to(op_log::Entity)
            .from((log_item::Column::WorkspaceId, log_item::Column::RoadmapId, log_item::Column::Seq))
            .to((op_log::Column::WorkspaceId, op_log::Column::RoadmapId, op_log::Column::Seq))
            .into();
        let done = format!("%\"field\":\"status\"%\"after\":{{\"text\":\"{}\"}}%", Status::Done.label());
        let rows: Vec<(String, i64)> = log_item::Entity::find()
            .select_only()
            .columns([log_item::Column::RoadmapId, log_item::Column::Seq])
            .distinct()
            .join(JoinType::InnerJoin, log)
            .filter(log_item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(log_item::Column::RoadmapId.is_in(padded(roadmaps.iter().map(ToString::to_string))))
            .filter(log_item::Column::ItemId.is_in(padded(items.iter().map(|item| item.id.to_string()))))
            .filter(op_log::Column::Changes.like(done))
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        for (roadmap, seq) in rows {
            entries.insert((parse(&roadmap)?, seq));
        }
        Ok(entries)
    }

    /// What entries changed, and when.
    async fn entries(&self, entries: &[(RoadmapId, i64)]) -> Result<Vec<(i64, Vec<Change>)>, Error> {
        let mut by_roadmap: BTreeMap<RoadmapId, Vec<i64>> = BTreeMap::new();
        for (roadmap, seq) in entries {
            by_roadmap.entry(*roadmap).or_default().push(*seq);
        }
        let mut wanted = Condition::any();
        for (roadmap, seqs) in by_roadmap {
            let of_roadmap = op_log::Column::RoadmapId.eq(roadmap.to_string());
            wanted = wanted.add(of_roadmap.and(op_log::Column::Seq.is_in(padded(seqs))));
        }
        let rows: Vec<(i64, String)> = op_log::Entity::find()
            .select_only()
            .columns([op_log::Column::AtMs, op_log::Column::Changes])
            .filter(op_log::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(wanted)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        rows.into_iter().map(|(at, changes)| Ok((at, json(&changes)?))).collect()
    }
}

/// The item that a change makes done.
fn becomes_done(change: &Change) -> Option<ItemId> {
    match change {
        Change::ItemSet { item, field: Field::Status, after, .. } if after.text() == Status::Done.label() => {
            Some(*item)
        }
        _ => None,
    }
}
