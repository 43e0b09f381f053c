//! Live rooms: roadmaps that people edit together.
//!
//! A room's content changes only by operations, in one gapless order. The committer makes them durable, many at a
//! time; the publisher tells open pages afterwards; the watcher notices what other processes did. Any process may
//! serve any room: the order is the database's, and what is kept in memory is only ever a copy.

mod check;
mod commit;
mod connection;
mod counts;
mod create;
mod decide;
mod history;
mod publish;
mod room;
mod rows;
mod store;
mod watch;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use domain::{
    ClientId, Document, Entry, Op, Roadmap, RoadmapId,
    wire::{Acked, Peer, Pushed, Snapshot, Topic},
};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{Database, Error, Viewer, clock::new_id};

pub use check::Figures;
pub(crate) use check::check;
pub use connection::{Connection, Cut, Event};
pub(crate) use counts::counts;
pub(crate) use create::create;
pub use history::LogEntry;
use room::{Audience, Encoded, Published, Room, frames, lock, refetch};
pub(crate) use rows::RoomId;

/// The most pushes that wait for the committer; beyond that, senders wait.
const WAITING: usize = 1_024;

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
    connections: AtomicU64,
    /// Wakes the watcher before its time.
    look: Arc<Notify>,
}

/// A roadmap as its reader may see it, at a place in its log.
#[derive(Clone, Debug)]
pub struct View {
    pub roadmap: Arc<Roadmap>,
    pub head: u64,
    pub epoch: u64,
}

/// What a page has of a room when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    pub roadmap: RoadmapId,
    pub client: ClientId,
    pub epoch: u64,
    pub have: u64,
}

/// What a page gets when it comes.
#[derive(Debug)]
pub struct Joined {
    pub connection: Connection,
    pub head: u64,
    pub epoch: u64,
    /// Everybody else who is there.
    pub peers: Vec<Peer>,
    /// Frames with what the page missed, or the request to load the document again; to be sent before any other.
    pub tail: Vec<Bytes>,
}

impl Rooms {
    /// Starts the committer, the publisher and the watcher.
    pub(crate) fn start(db: Database) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let (news, told) = mpsc::channel(16);
        let look = Arc::new(Notify::new());
        let rooms = Self {
            inner: Arc::new(Inner {
                db: db.clone(),
                open: Mutex::default(),
                jobs,
                connections: AtomicU64::new(1),
                look: look.clone(),
            }),
        };
        tokio::spawn(commit::run(db, waiting, news));
        tokio::spawn(publish::run(told));
        tokio::spawn(watch::run(Arc::downgrade(&rooms.inner), look));
        rooms
    }

    /// The roadmap as the viewer may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn view(&self, viewer: &Viewer, roadmap: RoadmapId) -> Result<View, Error> {
        let room = self.open(RoomId { workspace: viewer.workspace(), roadmap }).await?;
        let published = told(&room)?;
        let roadmap = if viewer.role().sees_voters() {
            published.roadmap
        } else {
            Arc::new(published.roadmap.masked_for(viewer.member().id))
        };
        Ok(View { roadmap, head: published.head, epoch: published.epoch })
    }

    /// The roadmap as a page starts from it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn snapshot(&self, viewer: &Viewer, roadmap: RoadmapId) -> Result<Snapshot, Error> {
        let view = self.view(viewer, roadmap).await?;
        let document = Document::from(Arc::unwrap_or_clone(view.roadmap));
        Ok(Snapshot { roadmap, epoch: view.epoch, head: view.head, document })
    }

    /// Does operations for a member without a page, such as an import. Each is decided by itself, as if the member
    /// had pushed it; the answers are in order. Returns when they are durable.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap, [`Error::Unavailable`] when the database is not there.
    pub async fn submit(
        &self,
        viewer: &Viewer,
        roadmap: RoadmapId,
        ops: Vec<Op>,
    ) -> Result<Vec<Acked>, Error> {
        let room = self.open(RoomId { workspace: viewer.workspace(), roadmap }).await?;
        let (reply, answers) = oneshot::channel();
        let push = commit::Push {
            room,
            user: viewer.member().id,
            client: new_id(ClientId::new),
            ops: (1..).zip(ops).map(|(cseq, op)| Pushed { cseq, op }).collect(),
            reply: commit::Reply::Caller(reply),
        };
        self.submit_job(commit::Job::Push(push)).await?;
        answers.await.map_err(|_| shutting_down())?
    }

    /// Gives a page its place in a room, and what it missed.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn join(&self, viewer: &Viewer, hello: Hello) -> Result<Joined, Error> {
        let room = self.open(RoomId { workspace: viewer.workspace(), roadmap: hello.roadmap }).await?;
        let who = (viewer.member().id, viewer.role());
        let audience =
            if viewer.role().sees_voters() { Audience::Full } else { Audience::Masked(Some(who.0)) };
        // First the place, then the tail: what is committed from now on is queued.
        let (connection, published, peers, tail) = {
            let mut state = room.state();
            let published = state.published.clone().ok_or_else(not_loaded)?;
            let peers = state.seats.values().map(|seat| seat.peer()).collect();
            let tail = if hello.epoch != published.epoch || hello.have > published.head {
                Some(vec![refetch()])
            } else if hello.have == published.head {
                Some(Vec::new())
            } else {
                state.ring.after(hello.have).map(|entries| frames(entries, audience))
            };
            let connection =
                Connection::take(self.clone(), room.clone(), &mut state.seats, who, hello.client);
            (connection, published, peers, tail)
        };
        let tail = match tail {
            Some(tail) => tail,
            None => self.tail(room.id, hello.have, published.head, audience).await?,
        };
        Ok(Joined { connection, head: published.head, epoch: published.epoch, peers, tail })
    }

    /// The tail of the log in frames, or the request to load the document when that is less to send.
    async fn tail(&self, id: RoomId, have: u64, head: u64, audience: Audience) -> Result<Vec<Bytes>, Error> {
        if head - have > LONGEST_TAIL {
            return Ok(vec![refetch()]);
        }
        let entries: Vec<Entry> = rows::read_log(self.inner.db.reader(), id, have, head - have).await?;
        let encoded: Vec<Encoded> = entries.iter().map(Encoded::new).collect();
        Ok(frames(&encoded, audience))
    }

    /// Tells every open page that names, roles or membership changed, and ends connections of those whose role did.
    pub fn members_changed(&self) {
        self.announce_to_all(Topic::Members);
        self.inner.look.notify_one();
    }

    /// Tells the open pages of a roadmap that its product's record changed.
    pub fn product_changed(&self, roadmap: RoadmapId) {
        for room in self.all_open() {
            if room.id.roadmap == roadmap {
                connection::announce(&room, Topic::Product);
            }
        }
    }

    /// Waits until everything that was handed in before is durable and told.
    pub async fn drain(&self) {
        let (done, drained) = oneshot::channel();
        if self.submit_job(commit::Job::Drain(done)).await.is_ok() {
            // An error means that there is nobody left to wait for.
            drop(drained.await);
        }
    }

    /// How many rooms are in memory, and how many pages are connected.
    pub fn population(&self) -> (usize, usize) {
        let rooms = self.all_open();
        (rooms.len(), rooms.iter().map(|room| room.state().seats.len()).sum())
    }

    fn announce_to_all(&self, topic: Topic) {
        for room in self.all_open() {
            connection::announce(&room, topic);
        }
    }

    fn all_open(&self) -> Vec<Arc<Room>> {
        lock(&self.inner.open).values().cloned().collect()
    }

    fn next_connection(&self) -> u64 {
        self.inner.connections.fetch_add(1, Ordering::Relaxed)
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
    let (roadmap, row) = read.ok_or_else(|| Error::NotFound("There is no such roadmap.".to_owned()))?;
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

fn told(room: &Room) -> Result<Published, Error> {
    room.state().published.clone().ok_or_else(not_loaded)
}

fn not_loaded() -> Error {
    Error::internal("a room was used before it was loaded")
}

fn shutting_down() -> Error {
    Error::Unavailable(sea_orm::DbErr::Custom("the server is shutting down".to_owned()))
}
