//! The watcher: every second it notices what other processes did to open rooms and to members, and lets go of rooms
//! that nobody looks at.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use domain::{ProductAccess, RoadmapId, Role, Timestamp, wire::Topic};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
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
    for some in open.chunks(AT_ONCE) {
        look_at_heads(rooms, some).await?;
    }
    if roles {
        let accesses = look_at_accesses(rooms).await?;
        if open.iter().any(|room| !room.state().seats.is_empty()) {
            look_at_roles(rooms, &open, &accesses).await?;
        }
    }
    Ok(())
}

/// The products with an access of their own, and the members of the groups that these name.
pub(super) type Seen = (Vec<(RoadmapId, ProductAccess)>, Groups);

/// Reads who sees which product. When it is another than before, those who look at more than rooms are told.
async fn look_at_accesses(rooms: &Rooms) -> Result<Seen, Error> {
    let db = rooms.inner.db.reader();
    let rows = product::Entity::find()
        .filter(product::Column::Access.ne(""))
        .order_by_asc(product::Column::Id)
        .all(db)
        .await?;
    let mut accesses = Vec::with_capacity(rows.len());
    let mut members = Groups::new();
    if let Some(row) = rows.first() {
        for row in &rows {
            accesses.push((parse(&row.roadmap_id)?, access_of(row)?));
        }
        let named = accesses.iter().flat_map(|(_, access)| access.groups());
        // There is one workspace in a database.
        members = groups(db, parse(&row.workspace_id)?, named, None, Locked::No).await?;
    }
    let seen = (accesses, members);
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
async fn look_at_roles(rooms: &Rooms, open: &[Arc<Room>], (accesses, groups): &Seen) -> Result<(), Error> {
    let members = member::Entity::find()
        .filter(member::Column::RemovedMs.is_null())
        .all(rooms.inner.db.reader())
        .await?;
    // Read after the members: who loses both at once is found by one or the other.
    let mut roles: HashMap<(String, String), Role> = HashMap::new();
    for row in members {
        let role = parse(&row.role)?;
        roles.insert((row.workspace_id, row.user_id), role);
    }
    let mut changed = false;
    for room in open {
        let workspace = room.id.workspace.to_string();
        let access = accesses.iter().find(|(roadmap, _)| *roadmap == room.id.roadmap);
        let access = access.map(|(_, access)| access.clone()).unwrap_or_default();
        for seat in room.state().seats.values() {
            let role = roles.get(&(workspace.clone(), seat.user.to_string())).copied();
            if role.and_then(|role| role_in(&access, seat.user, role, groups)) != Some(seat.role) {
                changed |= seat.cut(Cut::Permissions);
            }
        }
    }
    if changed {
        rooms.announce_to_all(Topic::Members);
    }
    Ok(())
}

fn forget_idle(rooms: &Rooms) {
    // Whoever is about to use a room holds it; that the map alone holds it cannot change while the map is locked.
    lock(&rooms.inner.open).retain(|_, room| {
        let state = room.state();
        Arc::strong_count(room) > 1 || !state.seats.is_empty() || state.used.elapsed() < IDLE
    });
}
