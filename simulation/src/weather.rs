//! What a seed's day is like: who is there, how fast they work, how good the network is and what goes wrong how often.
//! No two seeds are alike, so that rare things meet each other.

use domain::{
    Role,
    wire::{
        MAX_FRAME,
        short::{CLOSE, OPEN},
    },
};
use rand::{Rng, RngExt as _, seq::IndexedRandom as _};

use crate::server::Limits;

#[derive(Debug)]
pub(crate) struct Weather {
    /// The people, by role. The first is an owner, the second an editor.
    pub(crate) people: Vec<Role>,
    /// Whose page each is.
    pub(crate) pages: Vec<usize>,
    pub(crate) nodes: usize,
    pub(crate) lanes: usize,
    /// Whether it is a full room, with somebody of every role.
    pub(crate) crowd: bool,
    /// With so many entries in the log people do nothing more: a seed is one of many.
    pub(crate) entries: u64,
    /// How long things go wrong, in milliseconds.
    pub(crate) turmoil: u64,
    /// The mean pause between two edits of a person.
    pub(crate) pause: u64,
    /// How long a frame takes at least, and how much longer it may take.
    pub(crate) latency: u64,
    pub(crate) jitter: u64,
    /// How long a commit takes at most.
    pub(crate) disk: u64,
    /// How many frames of a thousand are sent twice, and how many frames with entries are held up or lost.
    pub(crate) doubled: u32,
    pub(crate) unruly: u32,
    pub(crate) limits: Limits,
    /// What goes wrong, and the mean time between two of it.
    pub(crate) faults: Vec<(Fault, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A connection breaks; what is under way is lost, or part of it.
    Break,
    /// Nothing passes on a connection for a while.
    Stall,
    /// A connection swallows everything, and nobody is told.
    Hole,
    /// A page's machine loses the network.
    Offline,
    /// A page is closed and opened again.
    Leave,
    /// The server sends a page away for a moment.
    Cut,
    /// A process of the server dies.
    Kill,
    /// A process is stopped as it should be.
    Restart,
    /// A backup is made.
    Backup,
    /// The server is stopped, and a backup takes the place of everything.
    Restore,
    /// Somebody gets another role, leaves, or comes back.
    Member,
    /// The product is archived or comes back.
    Archive,
    /// The database does not answer: what waits is given back.
    Trouble,
    /// The server's clock is set.
    Clock,
    /// An item goes to another room, or comes back from there.
    Carry,
    /// Somebody makes, changes or removes a dependency or a view.
    Plan,
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

impl Weather {
    pub(crate) fn draw(rng: &mut impl Rng) -> Self {
        let crowd = rng.random_bool(0.05);
        let others = [Role::Editor, Role::Editor, Role::Stakeholder, Role::Stakeholder, Role::Viewer];
        let mut people = vec![Role::Owner, Role::Editor];
        if crowd {
            people.extend(&others[1..]);
        } else {
            people.extend((0..rng.random_range(1..4)).filter_map(|_| others.choose(rng).copied()));
        }
        let mut pages: Vec<usize> = (0..people.len()).collect();
        let more = if crowd { 2 } else { rng.random_range(0..3) };
        pages.extend((0..more).map(|_| rng.random_range(0..people.len())));
        let mut faults = Vec::new();
        for (fault, share, least, most) in [
            (Fault::Break, 0.7, 5, 120),
            (Fault::Stall, 0.4, 5, 60),
            (Fault::Hole, 0.3, 20, 180),
            (Fault::Offline, 0.6, 20, 180),
            (Fault::Leave, 0.4, 20, 180),
            (Fault::Cut, 0.3, 10, 120),
            (Fault::Kill, 0.5, 15, 180),
            (Fault::Restart, 0.3, 15, 180),
            (Fault::Backup, 0.3, 10, 120),
            (Fault::Restore, 0.3, 60, 240),
            (Fault::Member, 0.3, 20, 180),
            (Fault::Archive, 0.2, 20, 180),
            (Fault::Trouble, 0.3, 10, 120),
            (Fault::Clock, 0.3, 10, 120),
            (Fault::Carry, 0.5, 2, 40),
            (Fault::Plan, 0.5, 1, 20),
        ] {
            if rng.random_bool(share) {
                faults.push((fault, rng.random_range(least..most) * SECOND));
            }
        }
        if faults.iter().any(|(fault, _)| *fault == Fault::Restore) {
            // Something to restore.
            faults.push((Fault::Backup, 30 * SECOND));
        }
        let mut often = |share: f64, most: u32| {
            if rng.random_bool(share) { rng.random_range(1..most) } else { 0 }
        };
        let (doubled, unruly) = (often(0.4, 100), often(0.3, 40));
        Self {
            people,
            pages,
            nodes: if rng.random_bool(0.3) { 2 } else { 1 },
            lanes: rng.random_range(1..5),
            crowd,
            entries: if crowd { 1_000 } else { 200 },
            turmoil: rng.random_range(2 * MINUTE..10 * MINUTE),
            pause: *[1_000, 3_000, 8_000, 20_000].choose(rng).expect("there are paces"),
            latency: *[1, 20, 100, 300].choose(rng).expect("there are distances"),
            jitter: *[1, 10, 100, 1_000].choose(rng).expect("there are networks"),
            disk: *[2, 10, 50, 500].choose(rng).expect("there are disks"),
            doubled,
            unruly,
            limits: Limits {
                ring: rng.random_range(0..30),
                tail: rng.random_range(5..60),
                frame: rng.random_range(500..4_000),
                longest: *[1_500, 3_000, MAX_FRAME - OPEN.len() - CLOSE.len()]
                    .choose(rng)
                    .expect("there are limits"),
            },
            faults,
        }
    }
}
