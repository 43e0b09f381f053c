//! What one page is shown of the others: some of them, in few and short messages, however many there are and whatever
//! they send.

use std::{collections::BTreeSet, time::Duration};

use domain::wire::{Peer, Presence, ServerMessage};
use tokio::time::Instant;

use super::room::State;

/// The most other pages one page is shown at a time. Pages that open, drag or write something take the places of those
/// that do not.
pub(super) const MAX_SHOWN: usize = 64;

/// The shortest time between two messages about others to one page. What happens meanwhile is shown together, and only its
/// outcome.
pub(super) const PEERS_EVERY: Duration = Duration::from_millis(100);

/// A message about others has at most this many bytes; the rest follows in the next.
const MAX_BYTES: usize = 8 * 1024;

/// The most pages not shown so far that wait to be shown.
const MAX_NEWCOMERS: usize = 2 * MAX_SHOWN;

/// What a page knows of others, and what it is to be told of them.
#[derive(Debug)]
pub(super) struct Others {
    /// Pages it shows.
    shown: Shown,
    /// Pages of which it has not been told the latest.
    news: BTreeSet<u64>,
    /// The page told of last: who comes after it is next, so that nobody is passed over for ever.
    last: u64,
    /// When the next message may be sent.
    due: Instant,
}

impl Others {
    pub(super) fn new(now: Instant) -> Self {
        Self { shown: Shown::default(), news: BTreeSet::new(), last: 0, due: now }
    }

    /// Notes that a page came, changed or left. Returns whether the first thing is now waiting to be told.
    pub(super) fn note(&mut self, page: u64, busy: bool) -> bool {
        let wanted = self.shown.contains(page)
            || (busy || self.shown.len() < MAX_SHOWN) && self.news.len() < MAX_NEWCOMERS;
        let first = self.news.is_empty();
        wanted && self.news.insert(page) && first
    }

    /// When the next message may be sent; `None` while there is nothing to tell.
    pub(super) fn due(&self) -> Option<Instant> {
        (!self.news.is_empty()).then_some(self.due)
    }

    /// Takes the next message for the page of this number: who is new or different, and who is not shown any more.
    pub(super) fn take(&mut self, own: u64, room: &State, now: Instant) -> (Vec<Peer>, Vec<u64>) {
        self.due = now + PEERS_EVERY;
        let gone = |page: &u64| !room.has_page(*page);
        let mut left: Vec<u64> = self.news.iter().copied().filter(gone).collect();
        self.news.retain(|page| !gone(page));
        left.retain(|page| self.shown.remove(*page));
        self.fill(own, room);

        let idle = self.shown.idle().filter(|page| !self.news.contains(page));
        let mut idle = idle.collect::<Vec<u64>>().into_iter();
        let mut here = Vec::new();
        let mut bytes = 0;
        let after = self.news.range(self.last.saturating_add(1)..);
        let order: Vec<u64> = after.chain(self.news.range(..=self.last)).copied().collect();
        for page in order {
            let Some(peer) = room.page(page) else { continue };
            let length = serde_json::to_string(&peer).map_or(0, |text| text.len() + 1);
            if bytes + length > MAX_BYTES && !here.is_empty() {
                break;
            }
            self.news.remove(&page);
            let busy = peer.presence != Presence::default();
            if !self.shown.contains(page) && self.shown.len() >= MAX_SHOWN {
                let Some(other) = busy.then(|| idle.next()).flatten() else { continue };
                self.shown.remove(other);
                left.push(other);
            }
            self.shown.insert(page, busy);
            self.last = page;
            bytes += length;
            here.push(peer);
        }
        if self.news.is_empty() {
            // An emptied set keeps some room, and there are many.
            self.news = BTreeSet::new();
        }
        (here, left)
    }

    /// As [`take`](Self::take), as a message, unless there is nothing to say.
    pub(super) fn message(&mut self, own: u64, room: &State, now: Instant) -> Option<ServerMessage> {
        let (here, left) = self.take(own, room, now);
        (!here.is_empty() || !left.is_empty()).then_some(ServerMessage::Peers { here, left })
    }

    /// Gives free places to pages that were not shown for want of one.
    fn fill(&mut self, own: u64, room: &State) {
        let others = room.pages().filter(|page| *page != own);
        let hidden = others.filter(|page| !self.shown.contains(*page));
        let free = MAX_SHOWN - self.shown.len();
        let hidden: Vec<u64> = hidden.take(free).collect();
        self.news.extend(hidden);
    }
}

/// Pages that are shown. There is one of these for each page in each room, so it is kept small: both lists are sorted.
#[derive(Debug, Default)]
struct Shown {
    pages: Vec<u64>,
    /// Those that did anything when they were last told of.
    busy: Vec<u64>,
}

impl Shown {
    fn len(&self) -> usize {
        self.pages.len()
    }

    fn contains(&self, page: u64) -> bool {
        self.pages.binary_search(&page).is_ok()
    }

    fn idle(&self) -> impl Iterator<Item = u64> {
        self.pages.iter().copied().filter(|page| self.busy.binary_search(page).is_err())
    }

    fn insert(&mut self, page: u64, busy: bool) {
        put(&mut self.pages, page, true);
        put(&mut self.busy, page, busy);
    }

    /// Whether it was shown.
    fn remove(&mut self, page: u64) -> bool {
        put(&mut self.busy, page, false);
        put(&mut self.pages, page, false)
    }
}

/// Has a page in a sorted list or not. Returns whether it was there.
fn put(list: &mut Vec<u64>, page: u64, there: bool) -> bool {
    let place = list.binary_search(&page);
    match place {
        Ok(index) if !there => drop(list.remove(index)),
        Err(index) if there => list.insert(index, page),
        _ => {}
    }
    place.is_ok()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use domain::{ClientId, ItemId, RoadmapId, Role, UserId, WorkspaceId, wire::Dragging, wire::MAX_DRAGGED};

    use super::*;
    use crate::rooms::{Bell, Hello, RoomId, connection::Seat, room::Room};

    fn room() -> Room {
        Room::new(RoomId { workspace: WorkspaceId::NIL, roadmap: RoadmapId::NIL })
    }

    fn enter(state: &mut State, number: u64) {
        let who = (UserId::new(number, [1; 10]), Role::Viewer);
        let client = ClientId::new(number, [2; 10]);
        let hello = Hello { roadmap: RoadmapId::NIL, client, epoch: 1, have: 0, plain: false };
        let seat = Seat::new(number, who, None, hello, Bell::default());
        state.seats.insert(number, Arc::new(seat));
    }

    fn dragging(count: usize) -> Presence {
        let items = vec![ItemId::new(1, [7; 10]); count];
        Presence { dragging: Some(Dragging { items, over: None }), ..Presence::default() }
    }

    /// What a page that follows the messages shows.
    fn follow(shown: &mut BTreeMap<u64, Presence>, (here, left): (Vec<Peer>, Vec<u64>)) {
        for peer in here {
            shown.insert(peer.connection, peer.presence);
        }
        for page in left {
            assert!(shown.remove(&page).is_some(), "{page} was not shown");
        }
    }

    #[test]
    fn a_crowd_is_shown_in_part_and_who_does_something_before_who_does_not() {
        let (room, now) = (room(), Instant::now());
        let mut state = room.state();
        (1..=300).for_each(|number| enter(&mut state, number));
        let mut others = Others::new(now);
        let mut shown = BTreeMap::new();
        follow(&mut shown, others.take(1, &state, now));
        while others.due().is_some() {
            follow(&mut shown, others.take(1, &state, now));
        }
        assert_eq!(shown.len(), MAX_SHOWN);
        assert!(!shown.contains_key(&1), "a page is not shown itself");

        // Who is not shown and does nothing is no news.
        assert!(!others.note(299, false));
        // Who does something takes a place.
        state.seats[&299].set_presence(dragging(1));
        assert!(others.note(299, true));
        follow(&mut shown, others.take(1, &state, now));
        assert_eq!((shown.len(), &shown[&299]), (MAX_SHOWN, &dragging(1)));

        // Who leaves gives the place to another.
        let leaving: Vec<u64> = shown.keys().copied().take(10).collect();
        for number in &leaving {
            state.seats.remove(number);
            others.note(*number, false);
        }
        follow(&mut shown, others.take(1, &state, now));
        assert_eq!(shown.len(), MAX_SHOWN);
        assert!(leaving.iter().all(|number| !shown.contains_key(number)));
        assert_eq!(others.due(), None);
        assert_eq!(shown.keys().copied().collect::<Vec<_>>(), others.shown.pages);
    }

    #[test]
    fn whatever_pages_show_messages_about_them_are_short_and_everybody_has_a_turn() {
        let (room, now) = (room(), Instant::now());
        let mut state = room.state();
        (1..=40).for_each(|number| enter(&mut state, number));
        for seat in state.seats.values() {
            seat.set_presence(dragging(10 * MAX_DRAGGED));
        }
        let mut others = Others::new(now);
        let mut told = BTreeSet::new();
        for round in 0.. {
            let Some(message) = others.message(1, &state, now) else { break };
            assert!(round < 39, "somebody is never told of");
            let text = serde_json::to_string(&message).unwrap();
            assert!(text.len() < 9 * 1024, "{} bytes", text.len());
            let ServerMessage::Peers { here, .. } = message else { panic!("{message:?}") };
            told.extend(here.iter().map(|peer| peer.connection));
            // The first ones never rest, and yet hold up nobody.
            (2..=20).for_each(|number| {
                others.note(number, true);
            });
            if told.len() == 39 {
                break;
            }
        }
        assert_eq!(told.len(), 39);
    }

    #[test]
    fn what_waits_to_be_told_is_bounded() {
        let mut others = Others::new(Instant::now());
        for page in 1..=10_000 {
            others.note(page, true);
        }
        assert_eq!(others.news.len(), MAX_NEWCOMERS);
    }
}
