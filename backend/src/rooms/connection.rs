//! An open page's place in a room: what is queued for it, and what others see of it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use domain::{
    ClientId, Role, UserId,
    wire::{MAX_DRAGGED, Peer, Presence, Pushed, ServerMessage, Topic},
};
use tokio::time::{Instant, sleep_until};

use super::{
    Bell, Hello, Rooms,
    commit::{Job, Push, Reply},
    presence::Others,
    publish::encode,
    room::{Audience, Encoded, Room, State, lock},
};
use crate::{Error, Viewer, people::channels::SessionHash};

/// The most frames that wait for one page. A page that is slower than that is cut and comes back.
const QUEUE: usize = 256;

/// An empty queue with more room than that is given back: there are many, and few are ever full.
const SMALL_QUEUE: usize = 8;

/// Why a page loses its place in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The page does not read as fast as others write.
    Slow,
    /// What the person may do has changed, or the person has left.
    Permissions,
    /// The session that opened the page has ended.
    SignedOut,
    /// Something went wrong with an operation of this page.
    Trouble,
    /// There is no room for an operation of this page where the database is.
    Full,
}

/// An open page.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) number: u64,
    pub(super) user: UserId,
    pub(super) role: Role,
    /// The session that opened the page.
    session: Option<SessionHash>,
    client: ClientId,
    /// The history that its page goes on with.
    epoch: u64,
    /// Whether it is told of entries in plain form.
    pub(super) plain: bool,
    /// Frames that wait.
    queue: Mutex<VecDeque<Bytes>>,
    /// `None` while the page's person does nothing, as most.
    presence: Mutex<Option<Box<Presence>>>,
    others: Mutex<Others>,
    cut: Mutex<Option<Cut>>,
    /// Rings when something is queued, or the connection is cut.
    bell: Bell,
}

impl Seat {
    pub(super) fn new(
        number: u64,
        (user, role): (UserId, Role),
        session: Option<SessionHash>,
        Hello { client, epoch, plain, .. }: Hello,
        bell: Bell,
    ) -> Self {
        Self {
            number,
            user,
            role,
            session,
            client,
            epoch,
            plain,
            queue: Mutex::default(),
            presence: Mutex::default(),
            others: Mutex::new(Others::new(Instant::now())),
            cut: Mutex::default(),
            bell,
        }
    }

    /// Queues a frame. Never waits: a page that does not keep up is cut instead.
    pub(super) fn send(&self, frame: Bytes) {
        let mut queue = lock(&self.queue);
        if queue.len() < QUEUE && self.bell.add() {
            queue.push_back(frame);
            drop(queue);
            self.bell.ring();
        } else {
            drop(queue);
            self.cut(Cut::Slow);
        }
    }

    /// Takes the frame that waits longest.
    fn take(&self) -> Option<Bytes> {
        let mut queue = lock(&self.queue);
        let frame = queue.pop_front();
        self.bell.remove(usize::from(frame.is_some()));
        if queue.is_empty() && queue.capacity() > SMALL_QUEUE {
            *queue = VecDeque::new();
        }
        frame
    }

    /// Takes the place away. False when that was under way already.
    pub(super) fn cut(&self, why: Cut) -> bool {
        let first = lock(&self.cut).replace(why).is_none();
        self.bell.ring();
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
        let presence = lock(&self.presence).as_deref().cloned().unwrap_or_default();
        Peer { connection: self.number, user: self.user, presence }
    }

    /// Replaces what others see of this page. Of a drag of very many cards they see some.
    pub(super) fn set_presence(&self, mut presence: Presence) {
        if let Some(dragging) = &mut presence.dragging {
            dragging.items.truncate(MAX_DRAGGED);
        }
        *lock(&self.presence) = (presence != Presence::default()).then(|| Box::new(presence));
    }

    /// Notes that another page came, changed or left; its own page is told when its time comes.
    pub(super) fn note(&self, page: u64, busy: bool) {
        if lock(&self.others).note(page, busy) {
            self.bell.ring();
        }
    }

    /// Takes the first of what a page that comes is told of those who are there already.
    pub(super) fn meet(&self, room: &State) -> Vec<Peer> {
        lock(&self.others).take(self.number, room, Instant::now()).0
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.bell.remove(lock(&self.queue).len());
    }
}

/// What comes next on a connection with one room.
#[derive(Debug)]
pub enum Event {
    /// A text frame to be sent.
    Frame(Bytes),
    /// Say good-bye and close.
    Cut(Cut),
}

/// A page's place in a room. Dropping it leaves the room.
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
        (viewer, role): (&Viewer, Role),
        hello: Hello,
        bell: Bell,
    ) -> Self {
        let number = rooms.next_connection();
        let who = (viewer.member().id, role);
        let session = viewer.session.map(|session| session.hash);
        let seat = Arc::new(Seat::new(number, who, session, hello, bell));
        for other in seats.values() {
            other.note(number, false);
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

    /// Waits for the next thing to do where the connection has one room. Can be dropped while waiting.
    pub async fn next(&self) -> Event {
        loop {
            if let Some(why) = self.is_cut() {
                return Event::Cut(why);
            }
            if let Some(frame) = self.ready() {
                return Event::Frame(frame);
            }
            tokio::select! {
                () = self.seat.bell.heard() => {}
                () = at(self.due()) => {}
            }
        }
    }

    /// When something is [ready](Self::ready), although no bell rings: what is new about others has to wait at times.
    pub fn due(&self) -> Option<Instant> {
        lock(&self.seat.others).due()
    }

    /// The next frame, if one waits already.
    pub fn ready(&self) -> Option<Bytes> {
        if self.is_cut().is_some() {
            return None;
        }
        self.seat.take().or_else(|| self.news_of_others())
    }

    /// Whether the place is taken away, and why.
    pub fn is_cut(&self) -> Option<Cut> {
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
            let (user, session, client, epoch) = (seat.user, seat.session, seat.client, Some(seat.epoch));
            let push = Push {
                room,
                user,
                session,
                client,
                past: None,
                ops,
                epoch,
                reply: Reply::Page(seat),
                running: None,
                moving: None,
                _space: space,
            };
            rooms.submit_job(Job::Push(push)).await
        }
    }

    /// Shows the room's other pages what this one's person looks at or drags.
    pub fn show(&self, presence: Presence) {
        self.seat.set_presence(presence);
        self.note_to_others(&self.room.state());
    }

    /// Takes the first of what the page is told of those who are there already.
    pub(super) fn meet(&self, room: &State) -> Vec<Peer> {
        self.seat.meet(room)
    }

    /// The last sequence number that was told.
    pub fn head(&self) -> u64 {
        self.room.state().published.as_ref().map_or(0, |published| published.head)
    }

    fn note_to_others(&self, state: &State) {
        state.note(self.seat.number);
        if let Some(outbox) = self.rooms.outbox() {
            outbox.tell(self.room.id, self.seat.number);
        }
    }

    /// What is new about others, when something is and its time has come.
    fn news_of_others(&self) -> Option<Bytes> {
        let now = Instant::now();
        if self.due().is_none_or(|due| due > now) {
            return None;
        }
        let state = self.room.state();
        let message = lock(&self.seat.others).message(self.seat.number, &state, now);
        message.as_ref().map(encode)
    }
}

/// Waits until then, or for ever.
async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
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
        self.note_to_others(&state);
    }
}

/// Tells every page of a room to fetch something again.
pub(super) fn announce(room: &Room, topic: Topic) {
    announce_to(room, |_| true, topic);
}

/// The same for the pages of some people.
pub(super) fn announce_to(room: &Room, is_meant: impl Fn(UserId) -> bool, topic: Topic) {
    let frame = encode(&ServerMessage::Changed { topic });
    for seat in room.state().seats.values().filter(|seat| is_meant(seat.user)) {
        seat.send(frame.clone());
    }
}
