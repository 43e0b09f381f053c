//! Who has a room open in other processes. Told by `NOTIFY` like the words of [`wake`](crate::wake), never stored, and lost
//! without harm: every process repeats what it has, and what nobody repeats is forgotten.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::{
    RoadmapId, WorkspaceId,
    wire::{Peer, Presence},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::{
    RoomId, WeakRooms,
    room::{Room, State, lock},
};
use crate::{Database, wake};

/// What is done within this time is told together, and only its outcome.
const PACE: Duration = Duration::from_millis(100);

/// How often everything is told again.
const REPEAT: Duration = Duration::from_secs(10);

/// A page nobody has told of for so long is gone, and its process, too.
const FORGET: Duration = Duration::from_secs(30);

/// How often pages to be forgotten are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// The most pages of other processes a room knows of, and the most of its own that a process tells of.
const MAX_PAGES: usize = 512;

/// The longest message in bytes: PostgreSQL takes less than 8,000, the sender's name included.
const MAX_MESSAGE: usize = 7_500;

/// What one process says of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    workspace: WorkspaceId,
    roadmap: RoadmapId,
    /// Pages that came, or look at something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    peers: Vec<Peer>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left: Vec<u64>,
    /// Asks the others to tell of all their pages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ask: bool,
}

impl Said {
    fn of(room: RoomId) -> Self {
        Self {
            workspace: room.workspace,
            roadmap: room.roadmap,
            peers: Vec::new(),
            left: Vec::new(),
            ask: false,
        }
    }

    fn room(&self) -> RoomId {
        RoomId { workspace: self.workspace, roadmap: self.roadmap }
    }
}

/// What is to be told. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    waiting: Arc<Mutex<BTreeMap<RoomId, Waiting>>>,
    wake: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Pages whose state is to be told, whatever it is by then.
    pages: BTreeSet<u64>,
    ask: bool,
}

impl Outbox {
    /// Something about a page of this process is new.
    pub(super) fn tell(&self, room: RoomId, page: u64) {
        lock(&self.waiting).entry(room).or_default().pages.insert(page);
        self.wake.notify_one();
    }

    /// The first page of this process has come to a room: who is there elsewhere?
    pub(super) fn ask(&self, room: RoomId) {
        lock(&self.waiting).entry(room).or_default().ask = true;
        self.wake.notify_one();
    }

    fn take(&self) -> BTreeMap<RoomId, Waiting> {
        std::mem::take(&mut *lock(&self.waiting))
    }
}

/// Pages of a room in other processes, by the numbers of their connections.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    pages: BTreeMap<u64, (Peer, Instant)>,
}

impl Elsewhere {
    pub(super) fn pages(&self) -> impl Iterator<Item = u64> {
        self.pages.keys().copied()
    }

    pub(super) fn get(&self, page: u64) -> Option<&Peer> {
        self.pages.get(&page).map(|(peer, _)| peer)
    }

    pub(super) fn clear(&mut self) {
        self.pages.clear();
    }

    /// Takes in what was said. Returns the pages of which this is news.
    fn hear(&mut self, said: Said, now: Instant) -> Vec<u64> {
        let mut news = Vec::new();
        for peer in said.peers {
            let number = peer.connection;
            let known = self.pages.get(&number);
            if known.is_none() && self.pages.len() >= MAX_PAGES {
                continue;
            }
            if known.is_none_or(|(known, _)| *known != peer) {
                news.push(number);
            }
            self.pages.insert(number, (peer, now));
        }
        news.extend(said.left.into_iter().filter(|number| self.pages.remove(number).is_some()));
        news
    }

    /// Forgets pages that nobody tells of any more, and returns them.
    fn sweep(&mut self, now: Instant) -> Vec<u64> {
        let gone = |heard: &Instant| now.saturating_duration_since(*heard) >= FORGET;
        let old: Vec<u64> =
            self.pages.iter().filter(|(_, (_, heard))| gone(heard)).map(|(number, _)| *number).collect();
        self.pages.retain(|_, (_, heard)| !gone(heard));
        old
    }
}

/// Tells other processes of this one's pages, and forgets theirs in time, until the rooms end.
pub(crate) async fn run(rooms: WeakRooms, db: Database, own: Arc<str>) {
    let Some(outbox) = rooms.upgrade().and_then(|rooms| rooms.inner.outbox.clone()) else { return };
    let mut sweep = tokio::time::interval(SWEEP);
    let mut repeated = Instant::now();
    loop {
        tokio::select! {
            () = outbox.wake.notified() => tokio::time::sleep(PACE).await,
            _ = sweep.tick() => {}
        }
        let Some(rooms) = rooms.upgrade() else { return };
        let repeat = repeated.elapsed() >= REPEAT;
        if repeat {
            repeated = Instant::now();
        }
        let mut waiting = outbox.take();
        for room in rooms.all_open() {
            let mut state = room.state();
            let old = state.elsewhere.sweep(Instant::now());
            old.into_iter().for_each(|page| state.note(page));
            if repeat && !state.seats.is_empty() {
                waiting.entry(room.id).or_default().pages.extend(state.seats.keys().take(MAX_PAGES));
            }
        }
        let said: Vec<Said> = waiting
            .into_iter()
            .flat_map(|(id, waiting)| say(id, waiting, rooms.get_open(id).as_deref()))
            .collect();
        // Held no longer than this, or the rooms would never end.
        drop(rooms);
        for said in said {
            let text = serde_json::to_string(&said).expect("presence has nothing that JSON cannot hold");
            wake::notify(&db, &own, &format!("{} {text}", wake::PRESENCE)).await;
        }
    }
}

/// What waits of a room, in messages that are short enough.
fn say(id: RoomId, waiting: Waiting, room: Option<&Room>) -> Vec<Said> {
    let mut peers = Vec::new();
    let mut left = Vec::new();
    {
        let state = room.map(Room::state);
        for number in waiting.pages {
            match state.as_ref().and_then(|state| state.seats.get(&number)) {
                Some(seat) => peers.push(seat.peer()),
                None => left.push(number),
            }
        }
    }
    let length = |peer: &Peer| serde_json::to_string(peer).map_or(0, |text| text.len() + 1);
    let mut said = vec![Said { ask: waiting.ask, ..Said::of(id) }];
    let mut bytes = 0;
    // A message without pages takes less than this.
    let room_for_pages = MAX_MESSAGE - 300;
    let add = |said: &mut Vec<Said>, bytes: &mut usize, more: usize| {
        if *bytes + more > room_for_pages {
            said.push(Said::of(id));
            *bytes = 0;
        }
        *bytes += more;
    };
    for peer in peers {
        add(&mut said, &mut bytes, length(&peer));
        said.last_mut().expect("there is one").peers.push(peer);
    }
    for number in left {
        add(&mut said, &mut bytes, number.to_string().len() + 1);
        said.last_mut().expect("there is one").left.push(number);
    }
    said
}

impl State {
    /// Notes for every page of this process that a page, here or elsewhere, came, changed or left.
    pub(super) fn note(&self, page: u64) {
        let busy = self.page(page).is_some_and(|peer| peer.presence != Presence::default());
        for seat in self.seats.values().filter(|seat| seat.number != page) {
            seat.note(page, busy);
        }
    }

    /// How a page is now, here or elsewhere; `None` when it has left.
    pub(super) fn page(&self, page: u64) -> Option<Peer> {
        let here = self.seats.get(&page).map(|seat| seat.peer());
        here.or_else(|| self.elsewhere.get(page).cloned())
    }

    pub(super) fn has_page(&self, page: u64) -> bool {
        self.seats.contains_key(&page) || self.elsewhere.get(page).is_some()
    }

    /// The numbers of all open pages, here and elsewhere.
    pub(super) fn pages(&self) -> impl Iterator<Item = u64> {
        self.seats.keys().copied().chain(self.elsewhere.pages())
    }
}

impl super::Rooms {
    /// Takes in what another process says of a room.
    pub(crate) fn hear_of_presence(&self, said: Said) {
        let id = said.room();
        let Some(room) = self.get_open(id) else { return };
        let mut state = room.state();
        if state.seats.is_empty() {
            return;
        }
        if said.ask
            && let Some(outbox) = &self.inner.outbox
        {
            for page in state.seats.keys().take(MAX_PAGES) {
                outbox.tell(id, *page);
            }
        }
        let news = state.elsewhere.hear(said, Instant::now());
        news.into_iter().for_each(|page| state.note(page));
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ItemId, UserId,
        wire::{Dragging, MAX_DRAGGED},
    };

    use super::*;

    fn room() -> RoomId {
        RoomId { workspace: WorkspaceId::NIL, roadmap: RoadmapId::NIL }
    }

    fn peer(connection: u64) -> Peer {
        Peer { connection, user: UserId::new(connection, [1; 10]), presence: Presence::default() }
    }

    #[test]
    fn what_is_repeated_is_no_news_and_what_is_not_repeated_is_forgotten() {
        let (mut elsewhere, start) = (Elsewhere::default(), Instant::now());
        let said =
            |peers: &[u64]| Said { peers: peers.iter().map(|n| peer(*n)).collect(), ..Said::of(room()) };
        assert_eq!(elsewhere.hear(said(&[1, 2]), start), [1, 2]);
        let later = start + FORGET / 2;
        assert_eq!(elsewhere.hear(said(&[2]), later), [0; 0]);
        assert_eq!(elsewhere.sweep(start + FORGET), [1]);
        assert_eq!(elsewhere.sweep(later + FORGET), [2]);
        assert_eq!(elsewhere.hear(Said { left: vec![2], ..Said::of(room()) }, later), [0; 0]);
    }

    #[test]
    fn a_room_knows_of_no_more_pages_than_it_can_bear() {
        let mut elsewhere = Elsewhere::default();
        let peers = (0..2 * MAX_PAGES as u64).map(peer).collect();
        elsewhere.hear(Said { peers, ..Said::of(room()) }, Instant::now());
        assert_eq!(elsewhere.pages().count(), MAX_PAGES);
    }

    #[test]
    fn no_message_is_longer_than_the_database_takes() {
        let items = (0..MAX_DRAGGED).map(|n| ItemId::new(n as u64, [7; 10])).collect();
        let dragging = Some(Dragging { items, over: None });
        let presence = Presence { dragging, ..Presence::default() };
        let long = Peer { presence, ..peer(u64::MAX) };
        let text = |said: &Said| serde_json::to_string(said).unwrap();
        assert!(text(&Said { peers: vec![long], ask: true, ..Said::of(room()) }).len() < MAX_MESSAGE);

        let pages = (u64::MAX - 3_000..u64::MAX).collect();
        let said = say(room(), Waiting { pages, ask: true }, None);
        assert!(said.len() > 1 && said.iter().all(|said| text(said).len() < MAX_MESSAGE));
        assert_eq!(said.iter().map(|said| said.left.len()).sum::<usize>(), 3_000);
    }
}
