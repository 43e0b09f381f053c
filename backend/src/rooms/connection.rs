//! An open page's place in a room: what is queued for it, and what others see of it.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use domain::{
    ClientId, Role, UserId,
    wire::{Peer, Presence, Pushed, ServerMessage, Topic},
};
use tokio::sync::Notify;

use super::{
    Rooms,
    commit::{Job, Push, Reply},
    publish::encode,
    room::{Audience, Encoded, Room, lock},
};
use crate::Error;

/// The most frames that wait for one page. A page that is slower than that is cut and comes back.
const QUEUE: usize = 256;

/// An empty queue with more room than that is given back: there are many, and few are ever full.
const SMALL_QUEUE: usize = 8;

/// From so many waiting frames on, others' presence is left out for the time being.
const QUEUE_FOR_PRESENCE: usize = QUEUE / 4;

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The page does not read as fast as others write.
    Slow,
    /// What the person may do has changed, or the person has left.
    Permissions,
    /// Something went wrong with an operation of this page.
    Trouble,
}

/// An open page.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) number: u64,
    pub(super) user: UserId,
    pub(super) role: Role,
    client: ClientId,
    /// Frames that wait.
    queue: Mutex<VecDeque<Bytes>>,
    presence: Mutex<Presence>,
    /// Pages of which this one has not been told the latest.
    missed: Mutex<BTreeSet<u64>>,
    cut: Mutex<Option<Cut>>,
    /// Something is queued, or the connection is cut.
    wake: Notify,
}

impl Seat {
    /// Queues a frame. Never waits: a page that does not keep up is cut instead.
    pub(super) fn send(&self, frame: Bytes) {
        if !self.queue_below(QUEUE, frame) {
            self.cut(Cut::Slow);
        }
    }

    /// Queues a frame where fewer than so many wait.
    fn queue_below(&self, most: usize, frame: Bytes) -> bool {
        let mut queue = lock(&self.queue);
        let room = queue.len() < most;
        if room {
            queue.push_back(frame);
            drop(queue);
            self.wake.notify_one();
        }
        room
    }

    /// Takes the frame that waits longest.
    fn take(&self) -> Option<Bytes> {
        let mut queue = lock(&self.queue);
        let frame = queue.pop_front();
        if queue.is_empty() && queue.capacity() > SMALL_QUEUE {
            *queue = VecDeque::new();
        }
        frame
    }

    /// Ends the connection. False when that was under way already.
    pub(super) fn cut(&self, why: Cut) -> bool {
        let first = lock(&self.cut).replace(why).is_none();
        self.wake.notify_one();
        first
    }

    /// Whom this page counts as, for entries.
    pub(super) fn audience(&self, entries: &[Encoded]) -> Audience {
        let votes = || entries.iter().filter_map(Encoded::voter);
        if self.role.sees_voters() || votes().next().is_none() {
            Audience::Full
        } else {
            Audience::Masked(votes().any(|voter| voter == self.user).then_some(self.user))
        }
    }

    pub(super) fn peer(&self) -> Peer {
        Peer { connection: self.number, user: self.user, presence: lock(&self.presence).clone() }
    }

    /// Queues news of another page, unless too much waits already; then it is told later, and only the latest.
    pub(super) fn send_presence(&self, of: u64, frame: &Bytes) {
        if !self.queue_below(QUEUE_FOR_PRESENCE, frame.clone()) {
            lock(&self.missed).insert(of);
        }
    }
}

/// What comes next on a connection.
#[derive(Debug)]
pub enum Event {
    /// A text frame to be sent.
    Frame(Bytes),
    /// Say good-bye and close.
    Cut(Cut),
}

/// A page's connection to a room. Dropping it leaves the room.
#[derive(Debug)]
pub struct Connection {
    rooms: Rooms,
    room: Arc<Room>,
    seat: Arc<Seat>,
}

impl Connection {
    /// Takes a place in a room. The caller holds its state, so that nothing is told in between.
    pub(super) fn take(
        rooms: Rooms,
        room: Arc<Room>,
        seats: &mut std::collections::BTreeMap<u64, Arc<Seat>>,
        (user, role): (UserId, Role),
        client: ClientId,
    ) -> Self {
        let number = rooms.next_connection();
        let seat = Arc::new(Seat {
            number,
            user,
            role,
            client,
            queue: Mutex::default(),
            presence: Mutex::default(),
            missed: Mutex::default(),
            cut: Mutex::default(),
            wake: Notify::new(),
        });
        let frame = encode(&ServerMessage::Peer(seat.peer()));
        for other in seats.values() {
            other.send_presence(number, &frame);
        }
        seats.insert(number, seat.clone());
        if let Some(outbox) = rooms.outbox() {
            outbox.tell(room.id, number);
            if seats.len() == 1 {
                outbox.ask(room.id);
            }
        }
        Self { rooms, room, seat }
    }

    /// Waits for the next thing to do. Can be dropped while waiting.
    pub async fn next(&self) -> Event {
        loop {
            if let Some(why) = self.is_cut() {
                return Event::Cut(why);
            }
            if let Some(frame) = self.ready() {
                return Event::Frame(frame);
            }
            self.seat.wake.notified().await;
        }
    }

    /// The next frame, if one waits already.
    pub fn ready(&self) -> Option<Bytes> {
        if self.is_cut().is_some() {
            return None;
        }
        self.seat.take().or_else(|| self.missed_presence())
    }

    /// Waits until the connection is to be ended, for whoever is busy sending.
    pub async fn cut(&self) -> Cut {
        loop {
            if let Some(why) = self.is_cut() {
                return why;
            }
            self.seat.wake.notified().await;
        }
    }

    fn is_cut(&self) -> Option<Cut> {
        *lock(&self.seat.cut)
    }

    /// Hands operations that came in so many bytes to the committer, waiting while it has too much to do. The answers come
    /// as frames; meanwhile the connection goes on.
    ///
    /// # Errors
    /// When the server is shutting down.
    pub fn push(
        &self,
        ops: Vec<Pushed>,
        bytes: usize,
    ) -> impl Future<Output = Result<(), Error>> + Send + use<> {
        let (rooms, room, seat) = (self.rooms.clone(), self.room.clone(), self.seat.clone());
        async move {
            let space = rooms.space_for(&ops, bytes).await?;
            let (user, client) = (seat.user, seat.client);
            let push = Push { room, user, client, ops, reply: Reply::Page(seat), _space: space };
            rooms.submit_job(Job::Push(push)).await
        }
    }

    /// Tells the room's other pages what this one's person looks at or drags.
    pub fn show(&self, presence: Presence) {
        *lock(&self.seat.presence) = presence;
        let frame = encode(&ServerMessage::Peer(self.seat.peer()));
        self.tell_others(&frame);
    }

    /// Tells the page of others who are there, one after the other, when nothing else waits.
    pub(super) fn introduce(&self, others: impl IntoIterator<Item = u64>) {
        lock(&self.seat.missed).extend(others);
    }

    /// The last sequence number that was told.
    pub fn head(&self) -> u64 {
        self.room.state().published.as_ref().map_or(0, |published| published.head)
    }

    fn tell_others(&self, frame: &Bytes) {
        for (number, seat) in &self.room.state().seats {
            if *number != self.seat.number {
                seat.send_presence(self.seat.number, frame);
            }
        }
        if let Some(outbox) = self.rooms.outbox() {
            outbox.tell(self.room.id, self.seat.number);
        }
    }

    fn missed_presence(&self) -> Option<Bytes> {
        let of = lock(&self.seat.missed).pop_first()?;
        Some(self.room.state().frame_of(of))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut state = self.room.state();
        state.seats.remove(&self.seat.number);
        if state.seats.is_empty() {
            // Nobody is left to be told of them; who comes next asks.
            state.elsewhere.clear();
        }
        state.used = std::time::Instant::now();
        drop(state);
        self.tell_others(&encode(&ServerMessage::Left { connection: self.seat.number }));
    }
}

/// Tells every page of a room to fetch something again.
pub(super) fn announce(room: &Room, topic: Topic) {
    let frame = encode(&ServerMessage::Changed { topic });
    for seat in room.state().seats.values() {
        seat.send(frame.clone());
    }
}
