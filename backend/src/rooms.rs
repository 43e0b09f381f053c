//! Live rooms: roadmaps that people edit together.
//!
//! A room's content changes only by operations, in one gapless order. The committer makes them durable, many at a
//! time; the publisher tells open pages afterwards; the watcher notices what other processes did. Any process may
//! serve any room: the order is the database's, and what is kept in memory is only ever a copy.

mod bell;
mod check;
mod commit;
mod connection;
mod counts;
mod create;
mod decide;
mod elsewhere;
mod growth;
mod history;
mod linked;
mod moving;
mod names;
mod opening;
mod past;
mod presence;
mod publish;
mod room;
mod rows;
mod store;
mod texts;
mod visit;
mod watch;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use domain::{
    Entry, RoadmapId, UserId,
    wire::{Pushed, Topic},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::{
    Database, Error,
    metrics::Metrics,
    people::tokens::random_bytes,
    wake::{Wakes, Word},
};

pub use bell::{Bell, Bells};
pub use check::Figures;
pub(crate) use check::check;
pub use connection::{Connection, Cut, Event};
pub(crate) use counts::counts;
pub(crate) use create::create;
pub(crate) use elsewhere::run as tell_of_presence;
pub(crate) use growth::{
    MAX_COMMENT_BYTES, MAX_COMMENTS, MAX_COMMENTS_OF_ITEM, MAX_DESCRIPTION_BYTES, MAX_ITEMS,
};
pub use history::{
    EventLine, History, HistoryFilter, HistoryLine, HistoryPlace, JoinedHistory, JoinedLine, OwnItem,
};
pub use moving::MovedItem;
pub(crate) use names::turns_direction;
pub use past::{Changes, Moment, Origin, Past};
pub(crate) use publish::encode;
use room::{Audience, Encoded, Published, Room, frames};
pub(crate) use room::{FRAME, lock, refetch};
pub(crate) use rows::RoomId;
pub(crate) use visit::PastEdit;
pub use visit::{Hello, Joined, View};

/// The most pushes that wait for the committer; beyond that, senders wait.
const WAITING: usize = 1_024;

/// The most that waits for the committer: an operation counts for one, and for as many KiB as it came in. So what waits is done
/// within a second or a few, and takes some megabytes, read eight times as much.
const SPACE: usize = 4 * 1024;

/// As what the largest import counts, which would wait for ever otherwise.
const MOST_SPACE: usize = SPACE / 4;

/// The most entries a page that comes back is sent instead of the whole document.
const LONGEST_TAIL: u64 = 2_000;

/// Every roadmap of the database, those that are open kept in memory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Rooms {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Database,
    open: Mutex<HashMap<RoomId, Arc<Room>>>,
    jobs: mpsc::Sender<commit::Job>,
    /// Room for what waits, see [`SPACE`].
    space: Arc<Semaphore>,
    connections: AtomicU64,
    /// Wakes the watcher before its time.
    look: watch::Calls,
    wakes: Wakes,
    /// Who is here, to be told to other processes where there may be some.
    outbox: Option<elsewhere::Outbox>,
    metrics: Metrics,
    accesses: Accesses,
    linked: linked::Linked,
}

/// Who sees which product, as it was last looked at.
#[derive(Debug, Default)]
struct Accesses {
    /// A number that grows whenever it is another.
    version: tokio::sync::watch::Sender<u64>,
    seen: Mutex<watch::Seen>,
}

/// Live rooms as tasks hold them that shall not keep them alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakRooms(Weak<Inner>);

impl WeakRooms {
    pub(crate) fn upgrade(&self) -> Option<Rooms> {
        self.0.upgrade().map(|inner| Rooms { inner })
    }
}

impl Rooms {
    pub(crate) fn weak(&self) -> WeakRooms {
        WeakRooms(Arc::downgrade(&self.inner))
    }

    /// Starts the committer, the publisher and the watcher.
    pub(crate) fn start(db: Database, wakes: Wakes) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let (news, told) = mpsc::channel(16);
        let look = watch::Calls::default();
        let metrics = Metrics::default();
        let linked = linked::Linked::default();
        let rooms = Self {
            inner: Arc::new(Inner {
                db: db.clone(),
                open: Mutex::default(),
                jobs,
                space: Arc::new(Semaphore::new(SPACE)),
                connections: AtomicU64::new(first_connection(&wakes)),
                look: look.clone(),
                outbox: wakes.are_heard().then(elsewhere::Outbox::default),
                wakes: wakes.clone(),
                metrics: metrics.clone(),
                accesses: Accesses::default(),
                linked: linked.clone(),
            }),
        };
        tokio::spawn(commit::run(db, waiting, commit::Outside { news, wakes, metrics }));
        tokio::spawn(publish::run(told, linked.clone()));
        tokio::spawn(linked::run(Arc::downgrade(&rooms.inner), linked));
        tokio::spawn(watch::run(Arc::downgrade(&rooms.inner), look));
        tokio::spawn(watch::forget_refusals(Arc::downgrade(&rooms.inner)));
        rooms
    }

    /// The tail of the log in frames, or the request to load the document when that is less to send.
    async fn tail(
        &self,
        id: RoomId,
        have: u64,
        room: &Published,
        audience: Audience,
    ) -> Result<Vec<Bytes>, Error> {
        let missed = room.head - have;
        if missed > LONGEST_TAIL {
            return Ok(vec![refetch()]);
        }
        let entries: Vec<Entry> = rows::read_log(self.inner.db.reader(), id, have, missed).await?;
        Ok(frames(&Encoded::all(&entries, &room.roadmap), audience))
    }

    /// Tells every open page that names, roles or membership changed, and ends connections of those whose role did.
    pub fn members_changed(&self) {
        self.hear_of_members();
        self.say(Word::Members);
    }

    /// As [`Rooms::members_changed`], when another process changed them.
    pub(crate) fn hear_of_members(&self) {
        self.announce_to_all(Topic::Members);
        self.inner.look.at_all.notify_one();
    }

    /// Tells other processes what may have changed.
    pub(crate) fn say(&self, word: Word) {
        self.inner.wakes.say(word);
    }

    /// Looks for open pages of people whose role is another by now.
    fn look_at_roles(&self) {
        self.inner.look.at_all.notify_one();
    }

    /// Looks for what other processes wrote to rooms.
    pub(crate) fn look_at_rooms(&self) {
        self.inner.look.at_rooms.notify_one();
    }

    /// Tells the open pages of a roadmap that its product's record changed.
    pub fn product_changed(&self, roadmap: RoadmapId) {
        self.hear_of_product(roadmap);
        self.say(Word::Product(roadmap));
    }

    /// As [`Rooms::product_changed`], when another process changed it.
    pub(crate) fn hear_of_product(&self, roadmap: RoadmapId) {
        for room in self.all_open() {
            if room.id.roadmap == roadmap {
                connection::announce(&room, Topic::Product);
            }
        }
        // Its access may be another.
        self.inner.look.at_all.notify_one();
        self.inner.linked.changed(roadmap);
    }

    /// A dependency between items of two roadmaps changed, or of one: open pages load theirs again.
    pub(crate) fn dependencies_changed(&self, one: RoadmapId, other: RoadmapId) {
        self.hear_of_dependencies(one, other);
        self.say(Word::Dependencies(one, other));
    }

    /// As [`Rooms::dependencies_changed`], when another process changed them.
    pub(crate) fn hear_of_dependencies(&self, one: RoadmapId, other: RoadmapId) {
        self.inner.linked.changed_between(one, other);
    }

    /// Items of a roadmap were rated, or are scored by another model: open pages ask for scores again.
    pub(crate) fn scores_changed(&self, roadmap: RoadmapId) {
        self.hear_of_scores(roadmap);
        self.say(Word::Scores(roadmap));
    }

    /// As [`Rooms::scores_changed`], when another process changed them.
    pub(crate) fn hear_of_scores(&self, roadmap: RoadmapId) {
        self.inner.linked.scored(roadmap);
    }

    /// A number that changes whenever it does who sees which product: what is open is to be looked at again.
    pub(crate) fn accesses(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.accesses.version.subscribe()
    }

    /// Waits until everything that was handed in before is durable and told.
    pub async fn drain(&self) {
        let (done, drained) = oneshot::channel();
        if self.submit_job(commit::Job::Drain(done)).await.is_ok() {
            // An error means that there is nobody left to wait for.
            drop(drained.await);
        }
    }

    /// How many rooms are in memory, and how many places pages have in them.
    pub fn population(&self) -> (usize, usize) {
        let rooms = self.all_open();
        (rooms.len(), rooms.iter().map(|room| room.state().seats.len()).sum())
    }

    /// How many pushes wait for the committer.
    pub(crate) fn waiting(&self) -> usize {
        WAITING - self.inner.jobs.capacity()
    }

    /// How much of [`SPACE`] is taken.
    pub(crate) fn waiting_size(&self) -> usize {
        SPACE - self.inner.space.available_permits()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Tells open pages of these people that their inbox changed.
    pub(crate) fn inbox_changed(&self, users: &HashSet<UserId>) {
        for room in self.all_open() {
            connection::announce_to(&room, |user| users.contains(&user), Topic::Inbox);
        }
    }

    fn announce_to_all(&self, topic: Topic) {
        for room in self.all_open() {
            connection::announce(&room, topic);
        }
    }

    fn all_open(&self) -> Vec<Arc<Room>> {
        lock(&self.inner.open).values().cloned().collect()
    }

    fn outbox(&self) -> Option<&elsewhere::Outbox> {
        self.inner.outbox.as_ref()
    }

    /// The room, if it is in memory.
    fn get_open(&self, id: RoomId) -> Option<Arc<Room>> {
        lock(&self.inner.open).get(&id).cloned()
    }

    fn next_connection(&self) -> u64 {
        self.inner.connections.fetch_add(1, Ordering::Relaxed)
    }

    /// Room for operations that are to wait for the committer, once there is some; `bytes` is what they came in.
    async fn space_for(&self, ops: &[Pushed], bytes: usize) -> Result<OwnedSemaphorePermit, Error> {
        let size = size(ops, bytes);
        self.inner.space.clone().acquire_many_owned(size).await.map_err(|_| shutting_down())
    }

    /// As [`Rooms::space_for`] and [`Rooms::submit_job`], for those who had rather be told that there is no room.
    fn try_submit(
        &self,
        ops: Vec<Pushed>,
        push: impl FnOnce(Vec<Pushed>, OwnedSemaphorePermit) -> commit::Push,
    ) -> Result<(), Error> {
        let bytes = serde_json::to_vec(&ops).expect("operations have nothing that JSON cannot hold").len();
        let space = self.inner.space.clone().try_acquire_many_owned(size(&ops, bytes));
        let space = space.map_err(|_| Error::Busy)?;
        self.inner.jobs.try_send(commit::Job::Push(push(ops, space))).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => shutting_down(),
        })
    }

    async fn submit_job(&self, job: commit::Job) -> Result<(), Error> {
        self.inner.jobs.send(job).await.map_err(|_| shutting_down())
    }

    /// The room, loaded if it was not. Whoever holds it keeps it in memory.
    async fn open(&self, id: RoomId) -> Result<Arc<Room>, Error> {
        let room = lock(&self.inner.open).entry(id).or_insert_with(|| Arc::new(Room::new(id))).clone();
        let loaded = room.committed.get_or_try_init(|| load(&self.inner.db, &room)).await.map(drop);
        match loaded {
            Ok(()) => {
                room.state().used = Instant::now();
                Ok(room)
            }
            Err(error) => {
                let mut open = lock(&self.inner.open);
                if open
                    .get(&id)
                    .is_some_and(|room| room.committed.get().is_none() && Arc::strong_count(room) <= 2)
                {
                    open.remove(&id);
                }
                Err(error)
            }
        }
    }
}

async fn load(db: &Database, room: &Room) -> Result<Mutex<Published>, Error> {
    let tx = db.begin_read().await?;
    let read = rows::read(&tx, room.id).await?;
    tx.rollback().await?;
    let (roadmap, row) = read.ok_or_else(no_roadmap)?;
    let head = rows::Head::of(&row)?;
    let published = Published {
        roadmap: Arc::new(roadmap),
        head: head.seq,
        epoch: head.epoch,
        product: row.product_id.into(),
    };
    room.state().published = Some(published.clone());
    Ok(Mutex::new(published))
}

/// Where a process begins to count its connections. Where there are others, each counts in a range of its own, drawn by
/// chance; a number still is one that JavaScript holds exactly.
fn first_connection(wakes: &Wakes) -> u64 {
    const RANGE: u32 = 21;
    if wakes.are_heard() { (u64::from(u32::from_le_bytes(random_bytes())) >> 1) << RANGE | 1 } else { 1 }
}

/// How much of [`SPACE`] operations take that came in so many bytes.
fn size(ops: &[Pushed], bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024).max(ops.len()).clamp(1, MOST_SPACE)).unwrap_or(u32::MAX)
}

fn no_roadmap() -> Error {
    Error::NotFound("There is no such roadmap.".to_owned())
}

fn not_loaded() -> Error {
    Error::internal("a room was used before it was loaded")
}

fn shutting_down() -> Error {
    Error::Unavailable(sea_orm::DbErr::Custom("the server is shutting down".to_owned()))
}
