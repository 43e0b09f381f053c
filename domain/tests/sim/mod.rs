//! A room with its server and its pages in memory, where everything that can go wrong on the way does.

mod lists;
mod ops;
mod page;
mod random;
mod same;
mod screen;
mod server;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Document, Lane, LaneId, Op, Rank, Roadmap, Role, UserId,
    wire::{ClientMessage, short::MARK},
};

use lists::Lists;
use page::{Loading, Page};
use random::Random;
use same::same;
use server::{Outgoing, Server};

/// What a run came to, to be sure that it went where it should.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) accepted: BTreeMap<String, usize>,
    pub(crate) refused: BTreeMap<String, usize>,
    pub(crate) refetches: usize,
    pub(crate) resent: usize,
    pub(crate) threads: usize,
}

struct World {
    random: Random,
    server: Server,
    pages: Vec<Page>,
    /// Pages that were closed with nothing pending.
    closed: Vec<Page>,
    connections: usize,
    figures: Figures,
}

/// Somebody of every role, and two people with two pages each.
const PEOPLE: [(u8, Role); 8] = [
    (1, Role::Owner),
    (2, Role::Editor),
    (2, Role::Editor),
    (3, Role::Editor),
    (4, Role::Stakeholder),
    (4, Role::Stakeholder),
    (5, Role::Stakeholder),
    (6, Role::Viewer),
];

/// Runs a room for `steps` random steps, lets it come to rest, and checks everything the protocol promises.
pub(crate) fn run(seed: u64, steps: usize) -> Figures {
    let mut world = World::new(seed);
    for _ in 0..steps {
        world.step();
        if world.random.chance(4) {
            world.check_pages();
        }
    }
    world.come_to_rest();
    world.check_log();
    world.check_exactly_once();
    world.check_end();
    world.figures
}

fn user(number: u8) -> UserId {
    UserId::new(1, [number; 10])
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let ranks = Rank::fill(None, None, 3).unwrap();
        let lanes = ["Now", "Next", "Later"].into_iter().zip(ranks).map(|(name, rank)| Lane {
            id: LaneId::new(1, random.bytes()),
            name: name.parse().unwrap(),
            rank,
            status: None,
            deleted: None,
        });
        let document = Document { lanes: lanes.collect(), ..Document::default() };
        let roles = PEOPLE.into_iter().map(|(number, role)| (user(number), role)).collect();
        let server = Server::new(document, roles);
        let pages = PEOPLE
            .into_iter()
            .map(|(number, role)| {
                Page::open(server.snapshot(user(number), &[]), user(number), role, &mut random)
            })
            .collect();
        Self { random, server, pages, closed: Vec::new(), connections: 0, figures: Figures::default() }
    }

    /// One thing happens somewhere.
    fn step(&mut self) {
        let index = self.random.below(self.pages.len());
        match self.random.below(1_000) {
            0..200 => self.pages[index].edit(&mut self.random),
            200..400 => self.pages[index].push(),
            400..580 => self.deliver_up(index),
            580..800 => self.pages[index].hear(),
            800..920 => {
                let outgoing = self.server.commit(&mut self.random);
                self.deliver(outgoing);
            }
            920..960 => self.connect(index),
            960..970 => self.fetch(index),
            970..978 => self.fetch_thread(index),
            978..984 => self.drop_connection(index),
            984..990 => self.repeat(index),
            990..993 => self.server.archived = !self.server.archived && self.random.chance(20),
            993..998 => self.reopen(index),
            _ => {
                // The server dies: what was not committed and every frame under way is lost.
                self.server.crash();
                self.pages.iter_mut().for_each(|page| page.link = None);
            }
        }
    }

    fn connect(&mut self, index: usize) {
        if self.pages[index].link.is_none() {
            self.connections += 1;
            self.pages[index].connect(self.connections);
        }
    }

    fn deliver_up(&mut self, index: usize) {
        let page = &mut self.pages[index];
        let Some(link) = &mut page.link else { return };
        let Some(frame) = link.up.pop_front() else { return };
        let message: ClientMessage = serde_json::from_str(&frame).expect("a page speaks the protocol");
        if let ClientMessage::Push { ops } = &message {
            let known = self.server.cursors.get(&page.replica.client()).map_or(0, |cursor| cursor.last);
            self.figures.resent += ops.iter().filter(|pushed| pushed.cseq <= known).count();
        }
        let outgoing = self.server.receive(link.id, page.user, message);
        self.deliver(outgoing);
    }

    /// Puts frames on their way; those for connections that are gone are lost.
    fn deliver(&mut self, outgoing: Vec<Outgoing>) {
        for (connection, frame) in outgoing {
            let links = self.pages.iter_mut().filter_map(|page| page.link.as_mut());
            if let Some(link) = links.into_iter().find(|link| link.id == connection) {
                link.down.push_back(frame);
            }
        }
    }

    /// The request for a document, or its answer, arrives.
    fn fetch(&mut self, index: usize) {
        let page = &mut self.pages[index];
        match page.link.as_mut().map(|link| &mut link.fetching) {
            Some(Some((asked, answer @ None))) => {
                *answer = Some(self.server.snapshot(page.user, asked));
                self.figures.refetches += 1;
            }
            Some(Some((_, Some(_)))) => page.fetched(),
            _ => {}
        }
    }

    /// The request for a thread, or its answer, arrives; or somebody opens an item.
    fn fetch_thread(&mut self, index: usize) {
        let page = &mut self.pages[index];
        match &mut page.loading {
            None => page.open_some(&mut self.random),
            Some(Loading::Asked(item, before)) => {
                page.loading = Some(Loading::Answered(self.server.thread(*item, *before)));
            }
            Some(Loading::Answered(_)) => self.figures.threads += usize::from(page.loaded()),
        }
    }

    fn drop_connection(&mut self, index: usize) {
        if let Some(link) = self.pages[index].link.take() {
            let commit = self.random.chance(50);
            let outgoing = self.server.disconnect(link.id, commit, &mut self.random);
            self.deliver(outgoing);
        }
    }

    /// A frame arrives twice: a page that sends again what was on its way, a server that repeats its tail.
    fn repeat(&mut self, index: usize) {
        if let Some(link) = &mut self.pages[index].link {
            for queue in [&mut link.up, &mut link.down] {
                let is_repeated = |frame: &&String| {
                    frame.starts_with(MARK) || frame.contains("push") || frame.contains("entries")
                };
                let again = queue.back().filter(is_repeated);
                queue.extend(again.cloned());
            }
        }
    }

    /// A page with nothing pending is closed and opened anew.
    fn reopen(&mut self, index: usize) {
        if self.pages[index].replica.pending().count() == 0 {
            self.drop_connection(index);
            let (user, role) = (self.pages[index].user, self.pages[index].role);
            let page = Page::open(self.server.snapshot(user, &[]), user, role, &mut self.random);
            self.closed.push(std::mem::replace(&mut self.pages[index], page));
        }
    }

    /// Nobody edits any more, nothing is lost any more.
    fn come_to_rest(&mut self) {
        for _ in 0..10_000 {
            for index in 0..self.pages.len() {
                self.connect(index);
                self.pages[index].push();
                self.deliver_up(index);
                self.pages[index].hear();
                self.fetch(index);
                self.fetch_thread(index);
            }
            let outgoing = self.server.commit(&mut self.random);
            self.deliver(outgoing);
            if self.server.idle() && self.pages.iter().all(Page::settled) {
                return;
            }
        }
        panic!("the room does not come to rest");
    }

    /// What holds at every moment.
    fn check_pages(&self) {
        for page in &self.pages {
            page.check_view();
            let here = page.replica.confirmed();
            let there = self.server.state_for(page.user, page.replica.head());
            let there = there.holding(|comment| here.comment(comment.id).is_some());
            assert_eq!(*here, there, "a page's confirmed document is the log's up to its head");
        }
    }

    fn check_log(&mut self) {
        let mut folded = self.server.states[0].clone();
        let mut lists = listed(&folded);
        for (index, entry) in self.server.log.iter().enumerate() {
            assert_eq!(entry.seq, index as u64 + 1, "the log is contiguous");
            let context = domain::Context { actor: entry.actor, at: entry.at };
            domain::apply(&mut folded, &entry.op, &context).expect("what is in the log applies");
            lists.apply(&serde_json::to_value(&entry.op).unwrap());
            assert_eq!(lists, listed(&folded), "a client that keeps lists disagrees after {entry:?}");
            count(&mut self.figures.accepted, &entry.op);
        }
        let last = self.server.states.last().unwrap();
        assert_eq!(folded, *last, "document = fold of the log");
        assert_eq!(Roadmap::from(Document::from(folded.clone())), folded, "rows hold everything");
    }

    fn check_exactly_once(&mut self) {
        let mut owners = BTreeSet::new();
        for page in self.pages.iter().chain(&self.closed) {
            let client = page.replica.client();
            assert!(owners.insert(client));
            let Some(cursor) = self.server.cursors.get(&client) else {
                assert!(page.issued.is_empty(), "edits never reached the server");
                continue;
            };
            let logged: Vec<_> = self.server.log.iter().filter(|entry| entry.client == client).collect();
            assert!(logged.is_sorted_by_key(|entry| entry.cseq), "the log keeps a page's order");
            let numbers: BTreeSet<u64> = logged.iter().map(|entry| entry.cseq).collect();
            assert_eq!(numbers.len(), logged.len(), "an operation is in the log once");
            for entry in &logged {
                let issued = &page.issued[&entry.cseq];
                assert!(same(issued, &entry.op), "{issued:?} is logged as {:?}", entry.op);
            }
            for (cseq, seq) in &page.acked {
                let entry = &self.server.log[*seq as usize - 1];
                assert_eq!((entry.client, entry.cseq), (client, *cseq), "acknowledged means durable");
            }
            let refused: BTreeSet<u64> = cursor.refused.keys().copied().collect();
            let decided: BTreeSet<u64> = numbers.union(&refused).copied().collect();
            let issued: BTreeSet<u64> = page.issued.keys().copied().collect();
            assert_eq!(decided, issued, "every operation is decided");
            assert!(numbers.is_disjoint(&refused), "nothing is both accepted and refused");
            let told: Vec<Op> = refused.iter().map(|cseq| page.issued[cseq].clone()).collect();
            assert!(
                page.refusals.len() == told.len() && page.refusals.iter().zip(&told).all(|(a, b)| same(a, b)),
                "a refusal is told once: {told:?}"
            );
            for reject in cursor.refused.values() {
                *self.figures.refused.entry(kind(reject)).or_default() += 1;
            }
        }
        assert!(self.server.log.iter().all(|entry| owners.contains(&entry.client)));
    }

    fn check_end(&self) {
        self.check_pages();
        for page in &self.pages {
            assert_eq!(page.replica.head(), self.server.head(), "a page at rest has everything");
            assert_eq!(
                page.replica.view(),
                page.replica.confirmed(),
                "a page at rest shows what is confirmed"
            );
            if !page.role.sees_voters() {
                let foreign =
                    page.replica.view().items().filter_map(|item| page.replica.view().votes(item.id));
                for votes in foreign {
                    assert!(votes.voters.iter().all(|voter| *voter == page.user), "votes stay secret");
                }
            }
        }
    }
}

/// A document in the lists of a client that starts with it.
fn listed(roadmap: &Roadmap) -> Lists {
    Lists::of(&serde_json::to_value(Document::from(roadmap.clone())).unwrap())
}

/// Counts an operation, and those of a batch, by kind.
fn count(kinds: &mut BTreeMap<String, usize>, op: &Op) {
    *kinds.entry(kind(op)).or_default() += 1;
    if let Op::Batch { ops, .. } = op {
        ops.iter().for_each(|op| count(kinds, op));
    }
}

/// The name a variant has on the wire.
fn kind(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value).unwrap() {
        serde_json::Value::String(name) => name,
        value => value.as_object().and_then(|object| object.keys().next().cloned()).unwrap(),
    }
}
