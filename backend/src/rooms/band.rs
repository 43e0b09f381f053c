//! When the work of a product leaves the band of its target mix, and when it is back within it: recorded in the history of the product
//! as done by the one whose edit it was.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use domain::{Entry, ItemChange, Op, Roadmap, UserId};
use tokio::sync::Notify;

use super::{Inner, RoomId, Rooms, room::lock};
use crate::balance::bands;

/// How long edits are collected before they are looked at. What is put back meanwhile has not left its band.
const PACE: Duration = Duration::from_secs(1);

/// Rooms whose balance may be another. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Bands(Arc<Edited>);

#[derive(Debug, Default)]
struct Edited {
    /// With who edited last.
    waiting: Mutex<BTreeMap<RoomId, UserId>>,
    some: Notify,
}

impl Bands {
    /// Entries were committed to a room.
    pub(super) fn committed(&self, room: RoomId, entries: &[Entry]) {
        let Some(entry) = entries.iter().rev().find(|entry| weighs(&entry.op)) else { return };
        lock(&self.0.waiting).insert(room, entry.actor);
        self.0.some.notify_one();
    }
}

/// Whether an operation changes how much there is of an investment in a quarter.
fn weighs(op: &Op) -> bool {
    match op {
        Op::SetItem { change, .. } => matches!(
            change,
            ItemChange::Investment(_)
                | ItemChange::Effort(_)
                | ItemChange::Schedule { .. }
                | ItemChange::Status(_)
        ),
        // Lanes can set the status of what is moved there.
        Op::MoveItems { .. } | Op::DeleteItems { .. } | Op::RestoreItems { .. } => true,
        Op::CreateItem { .. } | Op::SendItem { .. } | Op::ReceiveItem { .. } => true,
        Op::Batch { ops, .. } => ops.iter().any(weighs),
        _ => false,
    }
}

/// Records what left its band or is back, until there are no rooms any more.
pub(super) async fn run(rooms: Weak<Inner>, bands: Bands) {
    loop {
        if tokio::time::timeout(PACE * 2, bands.0.some.notified()).await.is_err() {
            if rooms.strong_count() == 0 {
                return;
            }
            continue;
        }
        tokio::time::sleep(PACE).await;
        let waiting = std::mem::take(&mut *lock(&bands.0.waiting));
        // Held no longer than a look takes, or the rooms would never end.
        let Some(inner) = rooms.upgrade() else { return };
        let rooms = Rooms { inner };
        for (room, actor) in waiting {
            if let Err(error) = look_at(&rooms, room, actor).await {
                tracing::warn!(
                    ?error,
                    "whether a product is within its band could not be recorded; its next edit tries again"
                );
            }
        }
    }
}

async fn look_at(rooms: &Rooms, id: RoomId, actor: UserId) -> Result<(), crate::Error> {
    let published = rooms.get_open(id).and_then(|room| room.committed());
    let Some(published) = published else { return Ok(()) };
    let roadmap: &Roadmap = &published.roadmap;
    bands::record(&rooms.inner.db, id.workspace, &published.product, roadmap, actor).await
}
