//! The simulated world: a clock of its own and everything that happens, in order. Whatever is left to chance is drawn
//! from one generator, so a seed is a run.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use anyhow::{Context as _, Result, ensure};
use domain::{
    ClientId, LaneId, Op, Place, RecordId, Timestamp, UserId,
    wire::{ClientMessage, Outcome, Pushed, Snapshot},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::{
    disk::Disk,
    edits,
    figures::Figures,
    network::Link,
    page::Page,
    plans,
    sabotage::Sabotage,
    server::{News, Server},
    stranger::{Request, Stranger},
    threads::Wanted,
    weather::Weather,
    wild,
    witness::Witness,
};

/// How long a room may take to come to rest once nothing goes wrong any more.
const PATIENCE: u64 = 10 * 60_000;

/// More than this never happens unless somebody asks for the same thing for ever.
const MOST_STEPS: u64 = 200_000;

/// How many of the latest events are kept to be shown after a failure.
const KEPT: usize = 40;

pub(crate) struct World {
    pub(crate) rng: StdRng,
    pub(crate) weather: Weather,
    pub(crate) sabotage: Option<Sabotage>,
    /// Milliseconds since the beginning.
    pub(crate) now: u64,
    /// How many things have happened.
    pub(crate) step: u64,
    /// What will happen, by its time and, at one time, in the order in which it was planned.
    agenda: BTreeMap<(u64, u64), Event>,
    planned: u64,
    pub(crate) people: Vec<UserId>,
    pub(crate) server: Server,
    pub(crate) links: Vec<Link>,
    pub(crate) pages: Vec<Page>,
    pub(crate) stranger: Stranger,
    pub(crate) witness: Witness,
    /// The highest version of each record that somebody was told is kept.
    pub(crate) told: BTreeMap<RecordId, u64>,
    pub(crate) figures: Figures,
    /// Nobody edits any more, and nothing goes wrong any more.
    pub(crate) resting: bool,
    /// How wrong the server's clock is.
    pub(crate) clock: i64,
    /// The latest events, where they are to be shown.
    pub(crate) trace: Option<VecDeque<String>>,
}

/// Something that happens.
#[derive(Debug)]
pub(crate) enum Event {
    /// A page's person does something.
    Act(usize),
    /// The stranger does something.
    Stranger,
    /// The next of a kind of fault.
    Fault(usize),
    Connect {
        page: usize,
        attempt: u64,
    },
    Online(usize),
    /// A frame reaches the server, or the page.
    Up {
        link: usize,
        frame: Rc<str>,
    },
    Down {
        link: usize,
        frame: Rc<str>,
    },
    /// The page has heard nothing for long.
    Silence(usize),
    /// One side notices that the connection is broken.
    PageLoses(usize),
    ServerLoses(usize),
    /// The request for a document reaches the server; its answer reaches the page.
    Fetch(usize),
    Fetched {
        link: usize,
        snapshot: Option<Rc<str>>,
    },
    /// Somebody opens an item; the request for its comments reaches a server; the answer reaches the page.
    OpenThread(usize),
    ReadThread {
        page: usize,
        client: ClientId,
        wanted: Wanted,
    },
    TakeThread {
        page: usize,
        client: ClientId,
        thread: Rc<str>,
        tries: usize,
    },
    Commit {
        node: usize,
        life: u64,
    },
    Tell {
        node: usize,
        life: u64,
        news: News,
    },
    Look {
        node: usize,
        life: u64,
    },
    /// A request about a record reaches a process; the process decides it; the answer reaches the page; none came.
    Asked {
        node: usize,
        life: u64,
        request: plans::Request,
    },
    Decide {
        node: usize,
        life: u64,
        request: plans::Request,
    },
    Answered {
        page: usize,
        id: RecordId,
        version: u64,
    },
    AskAgain(plans::Request),
    Start(usize),
    Restore,
    /// Now that all is quiet, one thing more.
    Follow,
}

impl World {
    /// A room with the lanes it begins with, and everybody's pages.
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>) -> Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        let weather = Weather::draw(&mut rng);
        let people: Vec<UserId> = weather.people.iter().map(|_| edits::id(&mut rng, UserId::new)).collect();
        let roles = people.iter().copied().zip(weather.people.iter().copied()).collect();
        let mut witness = Witness::default();
        let mut disk = Disk::new(roles, sabotage);

        let founder = edits::client(&mut rng);
        witness.begins(founder, 1)?;
        for cseq in 1..=weather.lanes as u64 {
            let (id, name) = (edits::id(&mut rng, LaneId::new), edits::lane_name(&mut rng));
            let op = Op::CreateLane { id, name, place: Place::Last };
            witness.issued(founder, cseq, op.clone())?;
            let (answers, decided) =
                disk.decide(people[0], founder, vec![Pushed { cseq, op }], Timestamp(0))?;
            witness.decided(founder, decided, 1)?;
            witness.told(founder, &answers)?;
        }

        let server = Server::new(disk, weather.nodes, weather.limits, sabotage);
        let stranger = Stranger::new(people[1], 1, &mut rng, &mut witness)?;
        let mut world = Self {
            rng,
            sabotage,
            now: 0,
            step: 0,
            agenda: BTreeMap::new(),
            planned: 0,
            people,
            server,
            links: Vec::new(),
            pages: Vec::new(),
            stranger,
            witness,
            told: BTreeMap::new(),
            figures: Figures::default(),
            resting: false,
            clock: 0,
            trace: None,
            weather,
        };
        for person in world.weather.pages.clone() {
            let page = world.open_page(world.people[person])?.context("the server is there")?;
            world.pages.push(page);
        }
        Ok(world)
    }

    /// Keeps the latest events, to show them after a failure.
    pub(crate) fn keep_trace(&mut self) {
        self.trace = Some(VecDeque::new());
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// A sentence that says which promise was broken.
    pub(crate) fn run(&mut self) -> Result<()> {
        for page in 0..self.pages.len() {
            self.plan(1, Event::Connect { page, attempt: 0 });
            self.plan_act(page);
            self.plan(1, Event::OpenThread(page));
        }
        for node in 0..self.weather.nodes {
            self.plan(1_000, Event::Look { node, life: 0 });
        }
        for fault in 0..self.weather.faults.len() {
            self.plan_fault(fault);
        }
        self.plan(1_000, Event::Stranger);
        self.pass(self.weather.turmoil)?;
        self.begin_rest()?;
        if self.weather.unruly > 0 {
            self.pass(60_000)?;
        }
        self.come_to_rest().context("after the turmoil")?;
        self.compare()?;
        self.tour()?;
        self.compare()?;
        self.count();
        Ok(())
    }

    /// Lets some time pass.
    fn pass(&mut self, time: u64) -> Result<()> {
        let end = self.now + time;
        while let Some(next) = self.agenda.first_entry()
            && next.key().0 <= end
        {
            let ((at, _), event) = next.remove_entry();
            self.now = at;
            self.step += 1;
            ensure!(self.step < MOST_STEPS, "somebody asks for ever: {event:?}");
            if let Some(trace) = self.trace.as_mut().filter(|_| !matches!(event, Event::Look { .. })) {
                if trace.len() == KEPT {
                    trace.pop_front();
                }
                trace.push_back(format!("{at:>8} ms  {event:?}"));
            }
            self.happen(event)?;
        }
        self.now = end;
        Ok(())
    }

    /// Waits until every page has everything and nothing is pending.
    pub(crate) fn come_to_rest(&mut self) -> Result<()> {
        let end = self.now + PATIENCE;
        while self.now < end {
            self.pass(200)?;
            if self.pages.iter().all(|page| page.rests(&self.server.disk)) && self.stranger.rests() {
                return Ok(());
            }
        }
        for (index, page) in self.pages.iter().enumerate() {
            let waits: Vec<_> =
                page.replica.pending().map(|pending| (pending.cseq, pending.accepted)).collect();
            let place = (page.replica.epoch(), page.replica.head());
            ensure!(
                page.rests(&self.server.disk),
                "page {index} does not come to rest: it is at {place:?}, the log at {:?}; pending {waits:?}; {:?}",
                self.server.disk.end(),
                page.session
            );
        }
        ensure!(self.stranger.rests(), "the stranger gets no answer");
        Ok(())
    }

    pub(crate) fn plan(&mut self, after: u64, event: Event) {
        self.planned += 1;
        self.agenda.insert((self.now + after, self.planned), event);
    }

    fn plan_act(&mut self, page: usize) {
        let after = self.rng.random_range(0..2 * self.weather.pause);
        self.plan(after, Event::Act(page));
    }

    pub(crate) fn plan_fault(&mut self, index: usize) {
        let mean = self.weather.faults[index].1;
        let after = self.rng.random_range(0..2 * mean);
        self.plan(after, Event::Fault(index));
    }

    fn happen(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Act(page) => self.act(page),
            Event::Stranger => self.act_stranger(),
            Event::Fault(index) => self.fault(index),
            Event::Connect { page, attempt } => self.connect(page, attempt),
            Event::Online(page) => self.back_online(page),
            Event::Up { link, frame } => self.up(link, &frame),
            Event::Down { link, frame } => self.down(link, frame),
            Event::Silence(link) => self.silence(link),
            Event::PageLoses(link) => self.page_loses(link),
            Event::ServerLoses(link) => {
                self.server_loses(link);
                Ok(())
            }
            Event::Fetch(link) => {
                self.fetch(link);
                Ok(())
            }
            Event::Fetched { link, snapshot } => self.fetched(link, snapshot),
            Event::OpenThread(page) => {
                self.open_thread(page);
                Ok(())
            }
            Event::ReadThread { page, client, wanted } => {
                self.read_thread(page, client, wanted);
                Ok(())
            }
            Event::TakeThread { page, client, thread, tries } => {
                self.take_thread(page, client, thread, tries)
            }
            Event::Commit { node, life } => self.commit(node, life),
            Event::Tell { node, life, news } => self.tell(node, life, news),
            Event::Look { node, life } => self.look(node, life),
            Event::Asked { node, life, request } => {
                self.asked(node, life, request);
                Ok(())
            }
            Event::Decide { node, life, request } => self.decide(node, life, request),
            Event::Answered { page, id, version } => {
                self.answered(page, id, version);
                Ok(())
            }
            Event::AskAgain(request) => {
                self.ask_again(request);
                Ok(())
            }
            Event::Start(node) => {
                self.start(node);
                Ok(())
            }
            Event::Restore => self.restore(),
            Event::Follow => self.follow(),
        }
    }

    /// The person at a page edits, takes back, does again, or goes far back and comes again.
    fn act(&mut self, index: usize) -> Result<()> {
        if self.resting {
            return Ok(());
        }
        self.plan_act(index);
        if self.server.disk.end().head > self.weather.entries {
            return Ok(());
        }
        // People work in bursts, and while they are offline, too.
        let burst = if self.rng.random_bool(0.1) { self.rng.random_range(2..12) } else { 1 };
        let page = &mut self.pages[index];
        if self.rng.random_bool(0.03) {
            let steps = page.excursion(self.rng.random_range(1..12), self.now, &mut self.witness)?;
            self.figures.excursions += u64::from(steps > 0);
        }
        for _ in 0..burst {
            let done = match self.rng.random_range(0..100) {
                0..12 => page.undo(self.now, &mut self.witness)?,
                12..20 => page.redo(self.now, &mut self.witness)?,
                20..25 => {
                    let op = wild::random(&mut self.rng, page.replica.view());
                    Some(page.edit(op, self.now, &mut self.witness)?)
                }
                _ => {
                    let op = edits::random(&mut self.rng, page.replica.view(), page.user, page.role);
                    Some(page.edit(op, self.now, &mut self.witness)?)
                }
            };
            match done {
                Some(Ok(())) => self.figures.edits += 1,
                Some(Err(reject)) => self.figures.met(&reject),
                None => {}
            }
        }
        let wish = page.push();
        self.grant(index, wish)
    }

    /// A page as somebody opens it now; `None` when the server is not there, or they are no members.
    pub(crate) fn open_page(&mut self, user: UserId) -> Result<Option<Page>> {
        let Some(role) = self.server.disk.roles.get(&user).copied() else { return Ok(None) };
        let Some(node) = self.some_node() else { return Ok(None) };
        let Some(text) = self.server.snapshot(node, user, &[]) else { return Ok(None) };
        let snapshot: Snapshot = serde_json::from_str(&text)?;
        let mut page = Page::open(snapshot, (user, role), &mut self.rng, &mut self.witness, self.sabotage)?;
        page.unruly = self.weather.unruly > 0;
        Ok(Some(page))
    }

    /// A process that runs.
    pub(crate) fn some_node(&mut self) -> Option<usize> {
        let up: Vec<usize> =
            (0..self.server.nodes.len()).filter(|node| self.server.nodes[*node].up).collect();
        if up.is_empty() { None } else { Some(up[self.rng.random_range(0..up.len())]) }
    }

    /// A transaction begins, unless one is under way or there is nothing to do.
    pub(crate) fn begin_commit(&mut self, node: usize) {
        if self.server.nodes[node].committing || !self.server.has_work(node) {
            return;
        }
        self.server.nodes[node].committing = true;
        let after = self.rng.random_range(0..=self.weather.disk);
        let life = self.server.nodes[node].life;
        self.plan(after, Event::Commit { node, life });
    }

    fn commit(&mut self, node: usize, life: u64) -> Result<()> {
        if self.server.nodes[node].life != life {
            return Ok(());
        }
        self.server.nodes[node].committing = false;
        let mut news = self.server.commit(node, self.wall_clock())?;
        self.write_down(&mut news)?;
        // Told in order, a moment after it is durable; the process may die in between.
        self.plan(1, Event::Tell { node, life, news });
        self.begin_commit(node);
        Ok(())
    }

    /// Has the witness write down what was decided.
    pub(crate) fn write_down(&mut self, news: &mut News) -> Result<()> {
        let epoch = self.server.disk.end().epoch;
        for (client, decided) in std::mem::take(&mut news.decided) {
            self.figures.decided(&decided);
            self.witness.decided(client, decided, epoch)?;
        }
        Ok(())
    }

    fn tell(&mut self, node: usize, life: u64, news: News) -> Result<()> {
        if self.server.nodes[node].life != life {
            return Ok(());
        }
        let (from, to) = (news.from, news.to);
        if from.epoch == to.epoch {
            self.witness.published(self.server.disk.entries(to.epoch, from.head, to.head));
        }
        let (frames, strangers) = self.server.tell(node, news);
        for (link, frame) in frames {
            self.send_down(link, frame);
        }
        for (proper, results) in strangers {
            for acked in &results {
                if let (false, Outcome::Refused(reject)) = (proper, &acked.outcome) {
                    self.figures.met(reject);
                }
            }
            self.stranger.hear(&results, proper, &mut self.witness)?;
        }
        Ok(())
    }

    fn look(&mut self, node: usize, life: u64) -> Result<()> {
        if self.server.nodes[node].life != life || !self.server.nodes[node].up {
            return Ok(());
        }
        self.plan(1_000, Event::Look { node, life });
        for link in self.server.look(node) {
            self.bye(link, Some(0));
        }
        self.begin_commit(node);
        Ok(())
    }

    /// The time by the server's clock.
    pub(crate) fn wall_clock(&self) -> Timestamp {
        Timestamp(i64::try_from(self.now).unwrap_or(i64::MAX).saturating_add(self.clock))
    }

    fn act_stranger(&mut self) -> Result<()> {
        if !self.resting {
            let after = self.rng.random_range(500..20_000);
            self.plan(after, Event::Stranger);
        } else if self.stranger.rests() {
            return Ok(());
        } else {
            self.plan(500, Event::Stranger);
        }
        let Some(node) = self.some_node() else { return Ok(()) };
        let request = self.stranger.act(&self.server.disk, self.resting, &mut self.rng, &mut self.witness)?;
        if let Some(request) = request {
            // As text, like everything that comes over a wire.
            let text = serde_json::to_string(&ClientMessage::Push { ops: request.ops })?;
            if let ClientMessage::Push { ops } = serde_json::from_str(&text)? {
                self.server.push_stranger(node, Request { ops, ..request });
                self.begin_commit(node);
            }
        }
        Ok(())
    }
}
