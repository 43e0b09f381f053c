//! A roadmap as it was: at any place in its log, and what changed between two of them.

mod baselines;
mod folds;

use std::{collections::HashMap, sync::Arc};

use domain::{
    Baseline, Change, Date, ItemId, Reason, Roadmap, RoadmapId, Timestamp, UserId,
    compare::{Comparison, Difference, ItemDifference},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

pub(super) use folds::{Folds, last_before};

use crate::codec::{json, signed};
use crate::{Error, Viewer, entity::op_log};

/// Log lines read at once.
const PAGE: u64 = 1_000;

/// Somewhere in a roadmap's past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// After so many entries of its log.
    Seq(u64),
    /// After the entries that were there at a time of the clock.
    Time(Timestamp),
}

/// A roadmap at a place in its log.
#[derive(Clone, Debug)]
pub struct Past {
    /// As the reader may see it.
    pub roadmap: Arc<Roadmap>,
    pub seq: u64,
    /// When its last entry was made; `None` before the first.
    pub at: Option<Timestamp>,
    /// Who made that entry; [`UserId::NIL`] for another's vote, when the reader may not know who votes.
    pub actor: UserId,
}

impl Past {
    /// Start and end of every item that had either then and was not in the bin.
    pub fn dates(&self) -> Vec<(ItemId, Option<Date>, Option<Date>)> {
        let live = self.roadmap.items().filter(|item| item.deleted.is_none());
        let dates = live.map(|item| (item.id, item.fields.start, item.fields.end));
        dates.filter(|(_, start, end)| start.is_some() || end.is_some()).collect()
    }
}

/// What is different at a later place in a log, and what is known about why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub comparison: Comparison,
    /// By the place of the difference in the comparison.
    pub origins: HashMap<usize, Origin>,
}

/// The entry behind a difference; the last, where there were several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub at: Timestamp,
    pub actor: UserId,
    /// Why it was done, where that was said.
    pub reason: Option<Reason>,
}

impl Viewer {
    /// The roadmap at a moment, one after its last entry being the present.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn past(&self, roadmap: RoadmapId, moment: Moment) -> Result<Past, Error> {
        let (room, role) = self.enter(roadmap).await?;
        let reader = self.backend.db.reader();
        let head = room.state().published.as_ref().map_or(0, |published| published.head);
        let seq = match moment {
            Moment::Seq(seq) => seq.min(head),
            Moment::Time(time) => folds::last_before(reader, room.id, head, time).await?,
        };
        let roadmap = self.as_seen(role, folds::at(reader, &room, seq).await?);
        let entry = folds::entry(reader, room.id, seq).await?.map(|entry| self.entry_as_seen(role, entry));
        let (at, actor) = (entry.as_ref().map(|entry| entry.at), entry.map(|entry| entry.actor));
        Ok(Past { roadmap, seq, at, actor: actor.unwrap_or(UserId::NIL) })
    }

    /// What is different on a roadmap at the later of two places in its log, with what is known about why.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn changes_between(
        &self,
        roadmap: RoadmapId,
        from: &Past,
        to: &Past,
    ) -> Result<Changes, Error> {
        let id = self.enter(roadmap).await?.0.id;
        let comparison = Comparison::between(&from.roadmap, &to.roadmap);
        let mut wanted: HashMap<ItemId, Vec<(usize, &Difference)>> = HashMap::new();
        for (index, ItemDifference { item, what, .. }) in comparison.items.iter().enumerate() {
            wanted.entry(*item).or_default().push((index, what));
        }
        let mut origins = HashMap::new();
        // From the latest back: the first that is found for a difference is the last there was.
        let mut before = to.seq + 1;
        while origins.len() < comparison.items.len() && before > from.seq + 1 {
            let page = (before - from.seq - 1).min(PAGE);
            let rows = op_log::Entity::find()
                .filter(op_log::Column::WorkspaceId.eq(id.workspace.to_string()))
                .filter(op_log::Column::RoadmapId.eq(id.roadmap.to_string()))
                .filter(op_log::Column::Seq.gte(signed(before - page)))
                .filter(op_log::Column::Seq.lt(signed(before)))
                .order_by_desc(op_log::Column::Seq)
                .all(self.backend.db.reader())
                .await?;
            before -= page;
            for row in rows {
                let changes: Vec<Change> = json(&row.changes)?;
                for change in &changes {
                    let of_item = change.item().and_then(|item| wanted.get(&item)).into_iter().flatten();
                    for (index, _) in of_item.filter(|(_, what)| what.is_of(change)) {
                        if !origins.contains_key(index) {
                            origins.insert(*index, origin(&row)?);
                        }
                    }
                }
            }
        }
        Ok(Changes { comparison, origins })
    }

    /// Moments of a roadmap that were given names, the latest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn baselines(&self, roadmap: RoadmapId) -> Result<Vec<Baseline>, Error> {
        self.enter(roadmap).await?;
        baselines::all(self.backend.db.reader(), self.workspace(), roadmap).await
    }
}

fn origin(row: &op_log::Model) -> Result<Origin, Error> {
    let entry = super::rows::entry_from(row)?;
    Ok(Origin { at: entry.at, actor: entry.actor, reason: entry.op.reason().cloned() })
}
