//! Dependencies between items, as pages hear of them: that they changed, and that items of other rooms did on which theirs depend.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use domain::{
    Entry, ItemChange, Op, RoadmapId, WorkspaceId,
    wire::{ServerMessage, Topic},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use tokio::sync::Notify;

use super::{Inner, Rooms, connection::announce, publish::encode, room::lock, watch::look_at_accesses};
use crate::{Error, codec::parse, entity::record_item};

/// How long changes are collected before others are told.
const PACE: Duration = Duration::from_millis(500);

/// What pages are to load again. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Linked(Arc<Changes>);

#[derive(Debug, Default)]
struct Changes {
    waiting: Mutex<Waiting>,
    some: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Rooms whose items changed as others see them.
    rooms: BTreeSet<RoadmapId>,
    /// Pairs of rooms between whose items dependencies changed.
    pairs: BTreeSet<(RoadmapId, RoadmapId)>,
    /// Rooms whose items were rated, or are scored by another model.
    scored: BTreeSet<RoadmapId>,
}

impl Linked {
    /// Entries were committed to a room.
    pub(super) fn committed(&self, roadmap: RoadmapId, entries: &[Entry]) {
        if entries.iter().any(|entry| is_seen_elsewhere(&entry.op)) {
            self.changed(roadmap);
        }
    }

    /// Something of a room is to be looked at again by those that depend on it.
    pub(super) fn changed(&self, roadmap: RoadmapId) {
        lock(&self.0.waiting).rooms.insert(roadmap);
        self.0.some.notify_one();
    }

    /// Items of a room were rated, or are scored by another model.
    pub(super) fn scored(&self, roadmap: RoadmapId) {
        lock(&self.0.waiting).scored.insert(roadmap);
        self.0.some.notify_one();
    }

    /// A dependency between items of two rooms changed, or of one.
    pub(super) fn changed_between(&self, one: RoadmapId, other: RoadmapId) {
        lock(&self.0.waiting).pairs.insert((one.min(other), one.max(other)));
        self.0.some.notify_one();
    }
}

/// Whether an operation changes what pages of other products show of an item: its title, plan and status.
fn is_seen_elsewhere(op: &Op) -> bool {
    match op {
        Op::SetItem { change, .. } => match change {
            ItemChange::Title(_) | ItemChange::Schedule { .. } | ItemChange::Status(_) => true,
            ItemChange::Value { field, .. } => &**field == "precision",
            _ => false,
        },
        // Lanes can set the status of what is moved there.
        Op::MoveItems { .. } | Op::DeleteItems { .. } | Op::RestoreItems { .. } => true,
        Op::SendItem { .. } | Op::ReceiveItem { .. } => true,
        Op::Batch { ops, .. } => ops.iter().any(is_seen_elsewhere),
        _ => false,
    }
}

/// Tells those rooms, until there are no rooms any more.
pub(super) async fn run(rooms: Weak<Inner>, linked: Linked) {
    loop {
        if tokio::time::timeout(PACE * 4, linked.0.some.notified()).await.is_err() {
            if rooms.strong_count() == 0 {
                return;
            }
            continue;
        }
        tokio::time::sleep(PACE).await;
        let waiting = std::mem::take(&mut *lock(&linked.0.waiting));
        // Held no longer than a look takes, or the rooms would never end.
        let Some(inner) = rooms.upgrade() else { return };
        if let Err(error) = notify_pages(&Rooms { inner }, &waiting).await {
            tracing::warn!(
                ?error,
                "pages could not be told of items that theirs depend on; it is tried again"
            );
            let mut later = lock(&linked.0.waiting);
            later.rooms.extend(waiting.rooms);
            later.pairs.extend(waiting.pairs);
            later.scored.extend(waiting.scored);
            linked.0.some.notify_one();
        }
    }
}

/// Has pages load their dependencies again: in each room of a pair those of people who see the other. For others nothing happened.
async fn notify_pages(rooms: &Rooms, waiting: &Waiting) -> Result<(), Error> {
    let open = rooms.all_open();
    if open.iter().all(|room| room.state().seats.is_empty()) {
        return Ok(());
    }
    for room in open.iter().filter(|room| waiting.scored.contains(&room.id.roadmap)) {
        announce(room, Topic::Scores);
    }
    let mut pairs = waiting.pairs.clone();
    let workspaces: BTreeSet<WorkspaceId> = open.iter().map(|room| room.id.workspace).collect();
    for workspace in workspaces {
        for one in waiting.rooms.iter().copied() {
            let others = linked_with(rooms, workspace, one).await?.into_iter().filter(|other| *other != one);
            pairs.extend(others.map(|other| (one.min(other), one.max(other))));
        }
    }
    if pairs.is_empty() {
        return Ok(());
    }
    let seen = look_at_accesses(rooms).await?;
    let frame = encode(&ServerMessage::Changed { topic: Topic::Dependencies });
    let directed: BTreeSet<(RoadmapId, RoadmapId)> =
        pairs.into_iter().flat_map(|(one, other)| [(one, other), (other, one)]).collect();
    for (here, there) in directed {
        for room in open.iter().filter(|room| room.id.roadmap == here) {
            for seat in room.state().seats.values().filter(|seat| seen.is_seen(there, seat.user)) {
                seat.send(frame.clone());
            }
        }
    }
    Ok(())
}

/// The rooms with whose items those of one are linked.
async fn linked_with(rooms: &Rooms, workspace: WorkspaceId, one: RoadmapId) -> Result<Vec<RoadmapId>, Error> {
    let workspace = workspace.to_string();
    let records = record_item::Entity::find()
        .select_only()
        .column(record_item::Column::RecordId)
        .filter(record_item::Column::WorkspaceId.eq(&workspace))
        .filter(record_item::Column::RoadmapId.eq(one.to_string()))
        .into_query();
    let linked: Vec<String> = record_item::Entity::find()
        .select_only()
        .column(record_item::Column::RoadmapId)
        .distinct()
        .filter(record_item::Column::WorkspaceId.eq(&workspace))
        .filter(record_item::Column::RecordId.in_subquery(records))
        .into_tuple()
        .all(rooms.inner.db.reader())
        .await?;
    linked.iter().map(|roadmap| parse(roadmap)).collect()
}
