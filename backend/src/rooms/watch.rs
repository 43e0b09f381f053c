//! The watcher: every second it notices what other processes did to open rooms and to members, and lets go of rooms
//! that nobody looks at.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use domain::{ProductAccess, RoadmapId, Role, Timestamp, UserId, wire::Topic};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::{sync::Notify, time::MissedTickBehavior};

use super::{
    Inner, Rooms,
    commit::Job,
    connection::Cut,
    room::{Room, lock},
    store::forget_old_refusals,
};
use crate::{
    Error,
    access::product::{Groups, Locked, access_of, groups, role_in},
    clock::now,
    codec::{parse, unsigned},
    entity::{member, product, roadmap},
};

const INTERVAL: Duration = Duration::from_secs(1);

/// A room that nobody has used for so long leaves the memory with the next look: within a minute.
const IDLE: Duration = Duration::from_secs(55);

const FORGETTING: Duration = Duration::from_secs(60 * 60);

/// Rooms asked about in one query.
const AT_ONCE: usize = 500;

/// Asks the watcher to look before its time.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    /// At what others wrote to rooms. Comes with every commit of another process, so it asks for no more than that.
    pub(super) at_rooms: Arc<Notify>,
    /// At roles, too.
    pub(super) at_all: Arc<Notify>,
}

pub(super) async fn run(rooms: Weak<Inner>, calls: Calls) {
    let mut every = tokio::time::interval(INTERVAL);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let roles = tokio::select! {
            _ = every.tick() => true,
            () = calls.at_all.notified() => true,
            () = calls.at_rooms.notified() => false,
        };
        // Held no longer than a look takes, or the rooms would never end.
        let Some(inner) = rooms.upgrade() else { return };
        let rooms = Rooms { inner };
        match look(&rooms, roles).await {
            Err(_) if rooms.inner.db.is_closed() => return,
            Err(error) => tracing::warn!(?error, "looking for what others did failed; it is tried again"),
            Ok(()) => {}
        }
        forget_idle(&rooms);
    }
}

impl Rooms {
    /// Forgets refusals that are seven days old, and says how many. A server does so by itself, once an hour.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be reached; those before are forgotten.
    pub async fn forget_refusals(&self, now: Timestamp) -> Result<u64, Error> {
        forget_old_refusals(&self.inner.db, now).await
    }
}

/// Forgets old refusals once an hour.
pub(super) async fn forget_refusals(rooms: Weak<Inner>) {
    let mut every = tokio::time::interval(FORGETTING);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first comes at once, and there is enough to do at the start.
    every.tick().await;
    loop {
        every.tick().await;
        let Some(inner) = rooms.upgrade() else { return };
        let rooms = Rooms { inner };
        match rooms.forget_refusals(now()).await {
            Err(_) if rooms.inner.db.is_closed() => return,
            Err(error) => {
                tracing::warn!(?error, "forgetting old refusals failed; it is tried again in an hour")
            }
            Ok(forgotten) => tracing::debug!(forgotten, "old refusals"),
        }
    }
}

async fn look(rooms: &Rooms, roles: bool) -> Result<(), Error> {
    let open: Vec<Arc<Room>> =
        rooms.all_open().into_iter().filter(|room| room.committed.get().is_some()).collect();
    // Roles first: what others wrote may wait for the committer.
    let is_seen = open.iter().any(|room| !room.state().seats.is_empty());
    if roles && (is_seen || rooms.inner.accesses.version.receiver_count() > 0) {
        let seen = look_at_accesses(rooms).await?;
        cut_changed(rooms, &open, &seen);
    }
    for some in open.chunks(AT_ONCE) {
        look_at_heads(rooms, some).await?;
    }
    Ok(())
}

/// What decides who sees which product, and what they may do there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// In the workspace, of present members. There is one workspace in a database.
    roles: HashMap<UserId, Role>,
    /// Of products that have one of their own.
    accesses: HashMap<RoadmapId, ProductAccess>,
    /// The members of the groups that these name.
    groups: Groups,
}

impl Seen {
    /// Whether a product exists for somebody, by its roadmap.
    pub(super) fn is_seen(&self, roadmap: RoadmapId, user: UserId) -> bool {
        let usual = ProductAccess::default();
        let access = self.accesses.get(&roadmap).unwrap_or(&usual);
        self.roles.get(&user).and_then(|role| role_in(access, user, *role, &self.groups)).is_some()
    }
}

/// Reads who sees which product. When it is another than before, those who look at more than rooms are told.
pub(super) async fn look_at_accesses(rooms: &Rooms) -> Result<Seen, Error> {
    let db = rooms.inner.db.reader();
    let mut seen = Seen::default();
    for row in member::Entity::find().filter(member::Column::RemovedMs.is_null()).all(db).await? {
        seen.roles.insert(parse(&row.user_id)?, parse(&row.role)?);
    }
    let rows = product::Entity::find().filter(product::Column::Access.ne("")).all(db).await?;
    for row in &rows {
        seen.accesses.insert(parse(&row.roadmap_id)?, access_of(row));
    }
    if let Some(row) = rows.first() {
        let named = seen.accesses.values().flat_map(ProductAccess::groups);
        seen.groups = groups(db, parse(&row.workspace_id)?, named, None, Locked::No).await?;
    }
    let mut before = lock(&rooms.inner.accesses.seen);
    if *before != seen {
        before.clone_from(&seen);
        drop(before);
        rooms.inner.accesses.version.send_modify(|version| *version += 1);
    }
    Ok(seen)
}

async fn look_at_heads(rooms: &Rooms, some: &[Arc<Room>]) -> Result<(), Error> {
    let heads: Vec<(String, i64, i64)> = roadmap::Entity::find()
        .select_only()
        .columns([roadmap::Column::Id, roadmap::Column::Head, roadmap::Column::Epoch])
        .filter(roadmap::Column::Id.is_in(some.iter().map(|room| room.id.roadmap.to_string())))
        .into_tuple()
        .all(rooms.inner.db.reader())
        .await?;
    let heads: HashMap<String, (u64, u64)> = heads
        .into_iter()
        .map(|(id, head, epoch)| Ok((id, (unsigned(head)?, unsigned(epoch)?))))
        .collect::<Result<_, Error>>()?;
    for room in some {
        let (Some(known), Some((head, epoch))) = (room.committed(), heads.get(&room.id.roadmap.to_string()))
        else {
            continue;
        };
        if known.head < *head || known.epoch != *epoch {
            rooms.submit_job(Job::CatchUp(room.clone())).await?;
        }
    }
    Ok(())
}

/// Ends the connections of people whose role is no longer what it was when they came.
fn cut_changed(rooms: &Rooms, open: &[Arc<Room>], seen: &Seen) {
    let mut changed = false;
    for room in open {
        let usual = ProductAccess::default();
        let access = seen.accesses.get(&room.id.roadmap).unwrap_or(&usual);
        for seat in room.state().seats.values() {
            let role =
                seen.roles.get(&seat.user).and_then(|role| role_in(access, seat.user, *role, &seen.groups));
            if role != Some(seat.role) {
                changed |= seat.cut(Cut::Permissions);
            }
        }
    }
    if changed {
        rooms.announce_to_all(Topic::Members);
    }
}

fn forget_idle(rooms: &Rooms) {
    // Whoever is about to use a room holds it; that the map alone holds it cannot change while the map is locked.
    lock(&rooms.inner.open).retain(|_, room| {
        let state = room.state();
        Arc::strong_count(room) > 1 || !state.seats.is_empty() || state.used.elapsed() < IDLE
    });
}
