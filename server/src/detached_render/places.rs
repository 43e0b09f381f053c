//! Places for pages that are made at the same time.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
};

use tokio::sync::oneshot;

use crate::{shares::Shares, visitor::Share};

/// The most pages of members that wait, are made, or are not read to their end.
const OF_MEMBERS: usize = 2_048;

/// Of one member.
const OF_MEMBER: usize = 64;

/// The most refusals that are held back: of all members, of all strangers, and of one visitor.
const HELD_BACK: usize = 2_048;
const HELD_BACK_OF_ONE: usize = 1_024;

/// The same for strangers, guests of voting sessions among them.
const OF_STRANGERS: usize = 2_048;

/// And for those of one network address.
const OF_NETWORK: usize = 1_024;

/// Who makes and who reads pages now. Cheap to clone.
///
/// Pages take the processor. As many are made at a time for members as there are processors, half of them for one member: who
/// asks for pages without end leaves half the processors to others, not only places in which to share them. There are more
/// threads, so that there is always one for what is quick: the live channel, the questions whether the server is well.
#[derive(Clone, Debug)]
pub(crate) struct Renders {
    at_once: AtOnce,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy, Debug)]
struct AtOnce {
    members: usize,
    strangers: usize,
    member: usize,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Waiter>,
    made: Shares,
    /// Waiting, made, or not read to the end.
    asked: Shares,
    /// Refused, and not told yet.
    held_back: Shares,
}

#[derive(Debug)]
struct Waiter {
    share: Share,
    come: oneshot::Sender<Place>,
}

/// A page that waits for its place.
#[derive(Debug)]
pub(crate) struct Waiting {
    reader: Reader,
    come: oneshot::Receiver<Place>,
}

/// Held while a page is made.
#[derive(Debug)]
pub(crate) struct Place {
    renders: Renders,
    share: Share,
}

/// Held until a page is read.
#[derive(Debug)]
pub(crate) struct Reader {
    renders: Renders,
    share: Share,
}

/// Held while a refusal is held back.
#[derive(Debug)]
pub(crate) struct HeldBack {
    renders: Renders,
    share: Share,
}

impl AtOnce {
    fn for_processors(processors: usize) -> Self {
        let members = processors.max(2);
        let half = members / 2;
        Self { members, strangers: half, member: half }
    }
}

/// How many threads the program has: one more than pages take.
pub fn threads() -> usize {
    let AtOnce { members, strangers, .. } = AtOnce::for_processors(processors());
    members + strangers + 1
}

fn processors() -> usize {
    available_parallelism().map_or(2, usize::from)
}

impl Default for Renders {
    fn default() -> Self {
        Self::new(AtOnce::for_processors(processors()))
    }
}

impl Renders {
    fn new(at_once: AtOnce) -> Self {
        Self { at_once, state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues for a place; `None` when too many do.
    pub(crate) fn wait(&self, share: Share) -> Option<Waiting> {
        let mut state = self.lock();
        let (all, own) = state.asked.of(share);
        let (most, most_own) = match share {
            Share::Member(_) => (OF_MEMBERS, OF_MEMBER),
            Share::Network(_) => (OF_STRANGERS, OF_NETWORK),
            Share::Unknown => (OF_STRANGERS, OF_STRANGERS),
        };
        if all >= most || own >= most_own {
            return None;
        }
        state.asked.add(share, 1);
        let (sender, come) = oneshot::channel();
        state.queue.push_back(Waiter { share, come: sender });
        drop(state);
        self.call();
        Some(Waiting { reader: Reader { renders: self.clone(), share }, come })
    }

    /// Whether a refusal may be held back for a while: `None` when too many are already.
    pub(crate) fn hold_back(&self, share: Share) -> Option<HeldBack> {
        let mut state = self.lock();
        let (all, own) = state.held_back.of(share);
        if all >= HELD_BACK || own >= HELD_BACK_OF_ONE {
            return None;
        }
        state.held_back.add(share, 1);
        Some(HeldBack { renders: self.clone(), share })
    }

    /// Gives what places there are to those who have waited longest and may have one.
    fn call(&self) {
        loop {
            let mut state = self.lock();
            let State { queue, made, .. } = &mut *state;
            queue.retain(|waiter| !waiter.come.is_closed());
            let next = queue.iter().position(|waiter| self.at_once.admits(made, waiter.share));
            let Some(waiter) = next.and_then(|next| queue.remove(next)) else { return };
            made.add(waiter.share, 1);
            drop(state);
            let place = Place { renders: self.clone(), share: waiter.share };
            // Given back when its reader has just left.
            drop(waiter.come.send(place));
        }
    }
}

impl AtOnce {
    fn admits(self, made: &Shares, share: Share) -> bool {
        let (all, own) = made.of(share);
        match share {
            Share::Member(_) => all < self.members && own < self.member,
            Share::Network(_) | Share::Unknown => all < self.strangers,
        }
    }
}

impl Waiting {
    /// Waits for the place.
    pub(crate) async fn place(self) -> (Place, Reader) {
        let Self { reader, come } = self;
        let place = come.await.expect("a waiter stays in the queue until it has its place");
        (place, reader)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.renders.lock().made.remove(self.share, 1);
        self.renders.call();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.renders.lock().asked.remove(self.share, 1);
    }
}

impl Drop for HeldBack {
    fn drop(&mut self) {
        self.renders.lock().held_back.remove(self.share, 1);
    }
}

#[cfg(test)]
mod tests {
    use domain::UserId;
    use futures::FutureExt as _;

    use super::*;

    const FEW: AtOnce = AtOnce { members: 2, strangers: 1, member: 1 };

    fn member(number: u64) -> Share {
        Share::Member(UserId::new(number, [1; 10]))
    }

    fn now(waiting: Waiting) -> Option<(Place, Reader)> {
        waiting.place().now_or_never()
    }

    #[test]
    fn one_member_leaves_places_for_others_and_strangers_have_their_own() {
        let renders = Renders::new(FEW);
        let first = now(renders.wait(member(1)).unwrap()).unwrap();
        let mut again = renders.wait(member(1)).unwrap();
        assert!(again.come.try_recv().is_err(), "one at a time");
        let other = now(renders.wait(member(2)).unwrap()).unwrap();
        let third = renders.wait(member(3)).unwrap();
        let stranger = now(renders.wait(Share::Unknown).unwrap()).unwrap();
        // The place that is given back goes to who has waited longest and may have it.
        drop(other.0);
        let third = now(third).unwrap();
        drop(first.0);
        let again = now(again).unwrap();
        drop((first.1, other.1, again, third, stranger));
        let state = renders.lock();
        assert_eq!((state.made.members, state.asked.members, state.queue.len()), (0, 0, 0));
        assert!(state.asked.each.is_empty() && state.made.each.is_empty());
    }

    #[test]
    fn readers_who_leave_before_their_turn_take_no_place() {
        let renders = Renders::new(FEW);
        let held = now(renders.wait(member(1)).unwrap()).unwrap();
        for _ in 0..1_000 {
            drop(renders.wait(member(1)).unwrap());
        }
        let last = renders.wait(member(1)).unwrap();
        drop(held);
        assert!(now(last).is_some());
    }

    #[test]
    fn pages_that_are_not_read_count_until_they_are() {
        let renders = Renders::new(FEW);
        let mut readers = Vec::new();
        for _ in 0..OF_MEMBER {
            readers.push(now(renders.wait(member(1)).unwrap()).unwrap().1);
        }
        assert!(renders.wait(member(1)).is_none());
        assert!(renders.wait(member(2)).is_some());
        readers.pop();
        assert!(renders.wait(member(1)).is_some());
    }

    #[test]
    fn refusals_are_held_back_up_to_a_number_of_each_visitor() {
        let renders = Renders::new(FEW);
        let mut held: Vec<_> = (0..HELD_BACK_OF_ONE).map(|_| renders.hold_back(member(1)).unwrap()).collect();
        assert!(renders.hold_back(member(1)).is_none());
        assert!(renders.hold_back(member(2)).is_some());
        held.pop();
        assert!(renders.hold_back(member(1)).is_some());
        drop(held);
        assert!(renders.lock().held_back.each.is_empty());
    }
}
