//! The fold of a log up to a place in it, with folds kept on the way, so that the next is near.

use std::{collections::BTreeMap, sync::Arc};

use domain::{Context, Entry, Roadmap, Timestamp, apply};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::PAGE;
use crate::{
    Error,
    codec::signed,
    entity::op_log,
    halving::Halving,
    rooms::{
        room::{Room, lock},
        rows::{self, RoomId, entry_from},
    },
};

/// The most folds a room keeps. They share the rows they have in common.
const KEPT: usize = 48;

/// The least number of entries between two that are kept.
const STEP: u64 = 256;

/// Folds of a room's log by their place in it.
#[derive(Debug, Default)]
pub(in crate::rooms) struct Folds {
    epoch: u64,
    kept: BTreeMap<u64, Arc<Roadmap>>,
}

impl Folds {
    /// The last one at or before a place.
    fn before(&self, epoch: u64, seq: u64) -> Option<(u64, Arc<Roadmap>)> {
        let (place, fold) = self.kept.range(..=seq).next_back().filter(|_| epoch == self.epoch)?;
        Some((*place, fold.clone()))
    }

    fn keep(&mut self, epoch: u64, seq: u64, fold: &Arc<Roadmap>) {
        if epoch != self.epoch {
            *self = Self { epoch, kept: BTreeMap::new() };
        }
        self.kept.insert(seq, fold.clone());
        if self.kept.len() > KEPT {
            // Of two that stand close together one is enough: the one before which least is left to do without it.
            let places: Vec<u64> = self.kept.keys().copied().collect();
            let closest = places.windows(2).min_by_key(|pair| pair[1] - pair[0]).map(|pair| pair[0]);
            self.kept.remove(&closest.unwrap_or(seq));
        }
    }
}

/// The document after so many entries of its log.
pub(super) async fn at(db: &impl ConnectionTrait, room: &Room, seq: u64) -> Result<Arc<Roadmap>, Error> {
    let published = room.state().published.clone().ok_or_else(super::super::not_loaded)?;
    if seq == published.head {
        return Ok(published.roadmap);
    }
    let epoch = published.epoch;
    let (mut done, mut fold) = lock(&room.folds).before(epoch, seq).unwrap_or_default();
    while done < seq {
        // Up to the next place that is worth keeping, in pages of the log.
        let next = seq.min((done / PAGE + 1) * PAGE);
        let mut roadmap = Arc::unwrap_or_clone(fold);
        for entry in rows::read_log(db, room.id, done, next - done).await? {
            let context = Context { actor: entry.actor, at: entry.at };
            apply(&mut roadmap, &entry.op, &context).map_err(Error::internal)?;
            done = entry.seq;
            if done.is_multiple_of(STEP) && done < seq {
                lock(&room.folds).keep(epoch, done, &Arc::new(roadmap.clone()));
            }
        }
        fold = Arc::new(roadmap);
        if done < next {
            return Err(Error::internal("a log ends before its head"));
        }
    }
    lock(&room.folds).keep(epoch, seq, &fold);
    Ok(fold)
}

/// The entry at a place in the log; none at 0, before everything.
pub(super) async fn entry(db: &impl ConnectionTrait, id: RoomId, seq: u64) -> Result<Option<Entry>, Error> {
    let row = op_log::Entity::find()
        .filter(op_log::Column::WorkspaceId.eq(id.workspace.to_string()))
        .filter(op_log::Column::RoadmapId.eq(id.roadmap.to_string()))
        .filter(op_log::Column::Seq.eq(signed(seq)))
        .one(db)
        .await?;
    row.map(|row| entry_from(&row)).transpose()
}

/// The last place in the log at a time: halved until it is found, because no index leads from times to entries. A clock
/// that was set back makes it one of several that are as right.
pub(in crate::rooms) async fn last_before(
    db: &impl ConnectionTrait,
    id: RoomId,
    head: u64,
    time: Timestamp,
) -> Result<u64, Error> {
    let mut search = Halving::up_to(head);
    while let Some(middle) = search.middle() {
        let at: Option<i64> = op_log::Entity::find()
            .select_only()
            .column(op_log::Column::AtMs)
            .filter(op_log::Column::WorkspaceId.eq(id.workspace.to_string()))
            .filter(op_log::Column::RoadmapId.eq(id.roadmap.to_string()))
            .filter(op_log::Column::Seq.eq(signed(middle)))
            .into_tuple()
            .one(db)
            .await?;
        search.answer(at.is_some_and(|at| at <= time.0));
    }
    Ok(search.found())
}
