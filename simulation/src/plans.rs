//! What people keep beside the room: dependencies of its items and of the other room's, and views. A process looks for the
//! items, waits for the disk, and decides under the workspace's lock, as the services of `backend` do. A move waits for that lock, too.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow, ensure};
use domain::{
    DEPENDENCY, FieldKey, Item, ItemId, Record, RecordChange, RecordDef, RecordDid, RecordEvent, RecordId,
    Roadmap, RoadmapId, Role, Stamp, Timestamp, UserId, VIEW, Value, Values,
    dependency::{Dependency, DependencyKind, ItemRef, linkable},
    dependency_of, dependency_values,
};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{
    disk::Disk,
    edits,
    sabotage::Sabotage,
    server::ROADMAP,
    world::{Event, World},
};

/// How often somebody asks again after no answer came.
const TRIES: u32 = 3;

/// Few names, so that some are taken.
const NAMES: [&str; 5] = ["Sales", "Development", "Next year", "Risks", "sales"];

const KINDS: [DependencyKind; 3] = [DependencyKind::Blocks, DependencyKind::Needs, DependencyKind::Relates];

/// Records as a disk keeps them: what happened to them, and what they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plans {
    events: Vec<RecordEvent>,
    rows: BTreeMap<RecordId, Row>,
}

#[derive(Clone, Debug)]
struct Row {
    def: &'static RecordDef,
    record: Record,
}

/// What somebody asks of a record.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    def: &'static RecordDef,
    by: UserId,
    id: RecordId,
    did: RecordDid,
    changes: Vec<RecordChange>,
}

/// A request, and how often it was made.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    ask: Ask,
    page: usize,
    tries: u32,
}

/// The id of the other room.
fn there() -> RoadmapId {
    RoadmapId::new(1, [1; 10])
}

fn is_here(item: &&Item) -> bool {
    item.deleted.is_none() && item.moved.is_none()
}

impl Plans {
    fn live(&self, def: &'static RecordDef) -> Vec<Record> {
        let rows = self.rows.values().filter(|row| row.def.kind == def.kind);
        rows.filter(|row| row.record.deleted.is_none()).map(|row| row.record.clone()).collect()
    }

    fn dependencies(&self) -> Vec<Dependency> {
        self.live(&DEPENDENCY).iter().filter_map(dependency_of).collect()
    }

    /// Whether a dependency that is not in the bin names the item.
    pub(crate) fn is_linked(&self, item: ItemId) -> bool {
        self.dependencies().iter().any(|one| one.from.item == item || one.to.item == item)
    }

    /// Does what is asked, or says why not. Returns what the record's version is then.
    fn decide(
        &mut self,
        ask: &Ask,
        role: Role,
        at: Timestamp,
        is_there: impl Fn(ItemRef) -> bool,
    ) -> Result<u64> {
        let stamp = Stamp { by: ask.by, at };
        let former = self.rows.get(&ask.id).map(|row| row.record.clone());
        let is_binned = former.as_ref().is_some_and(|record| record.deleted.is_some());
        let fits = match ask.did {
            RecordDid::Created => former.is_none(),
            RecordDid::Restored => is_binned,
            RecordDid::Changed | RecordDid::Deleted => former.is_some() && !is_binned,
        };
        ensure!(fits, "it isn’t there, or isn’t there any more");
        let was_allowed = former.as_ref().is_none_or(|record| ask.def.may(record, ask.by, role));
        let mut record = former.unwrap_or_else(|| Record {
            id: ask.id,
            product: None,
            version: 0,
            values: Values::new(),
            created: stamp,
            changed: stamp,
            deleted: None,
        });
        record.apply(&ask.changes);
        record.version += 1;
        record.changed = stamp;
        record.deleted = (ask.did == RecordDid::Deleted).then_some(stamp);
        ensure!(was_allowed && ask.def.may(&record, ask.by, role), "not allowed");
        if record.deleted.is_none() {
            let others = self.live(ask.def);
            ask.def.check(&record, &others).map_err(|why| anyhow!(why))?;
            if let Some(dependency) = dependency_of(&record) {
                let ends = [dependency.from, dependency.to];
                ensure!(ends.into_iter().all(is_there), "one of the items is gone");
                let others = self.dependencies().into_iter().filter(|other| other.id != record.id);
                let others: Vec<Dependency> = others.collect();
                linkable(&dependency, &others).map_err(|why| anyhow!(why.sentence(|end| end.to_string())))?;
            }
        }
        self.events.push(RecordEvent {
            record: ask.id,
            product: None,
            by: ask.by,
            at,
            did: ask.did,
            changes: ask.changes.clone(),
            reason: None,
        });
        let version = record.version;
        self.rows.insert(ask.id, Row { def: ask.def, record });
        Ok(version)
    }

    /// What holds at every moment.
    ///
    /// # Errors
    /// When a dependency leads to where its item is not, closes a cycle, or a view is not as views are.
    pub(crate) fn check(&self, here: &Roadmap, elsewhere: &Roadmap) -> Result<()> {
        let links = self.dependencies();
        for link in &links {
            for end in [link.from, link.to] {
                let room = if end.roadmap == ROADMAP { here } else { elsewhere };
                let item = room.item(end.item).context("a dependency leads to an item that never was")?;
                // What is in the bin may come back, and its dependencies with it.
                ensure!(item.moved.is_none(), "a dependency leads to {end}, which has moved away");
            }
            let others: Vec<Dependency> = links.iter().filter(|other| other.id != link.id).cloned().collect();
            linkable(link, &others).map_err(|why| anyhow!("beside the others, {link:?} is {why:?}"))?;
        }
        let views = self.live(&VIEW);
        for view in &views {
            VIEW.check(view, &views).map_err(|why| anyhow!("{view:?}: {why}"))?;
        }
        Ok(())
    }

    /// What holds when all has come to rest: the rows are what happened, and everything is there that anybody was told of.
    ///
    /// # Errors
    /// When something differs, or is lost.
    pub(crate) fn compare(&self, told: &BTreeMap<RecordId, u64>) -> Result<()> {
        let mut events: BTreeMap<RecordId, Vec<&RecordEvent>> = BTreeMap::new();
        for event in &self.events {
            events.entry(event.record).or_default().push(event);
        }
        ensure!(events.len() == self.rows.len(), "there are records that nothing happened to");
        for (id, row) in &self.rows {
            let folded = RecordEvent::fold(events.remove(id).unwrap_or_default());
            ensure!(folded.as_ref() == Some(&row.record), "{:?} is not what happened to it", row.record);
        }
        for (id, version) in told {
            let there = self.rows.get(id).map_or(0, |row| row.record.version);
            ensure!(there >= *version, "somebody was told of version {version} of {id}, which is at {there}");
        }
        Ok(())
    }

    /// The version of each record.
    pub(crate) fn versions(&self) -> BTreeMap<RecordId, u64> {
        self.rows.iter().map(|(id, row)| (*id, row.record.version)).collect()
    }
}

impl World {
    /// Somebody makes, changes or removes a dependency or a view.
    pub(crate) fn plan_ahead(&mut self) {
        let page = self.rng.random_range(0..self.pages.len());
        let by = self.pages[page].user;
        let Some(ask) = ask(&mut self.rng, &self.server.disk, by) else { return };
        self.request(Request { ask, page, tries: 0 });
    }

    /// A request is on its way to a process, where there is one and a network to reach it.
    fn request(&mut self, request: Request) {
        if self.resting || request.tries == TRIES {
            return;
        }
        let after = self.weather.latency + self.rng.random_range(0..=self.weather.jitter);
        match self.some_node().filter(|_| self.pages[request.page].online) {
            Some(node) => {
                let life = self.server.nodes[node].life;
                self.plan(after, Event::Asked { node, life, request });
            }
            None => self.plan(after + 5_000, Event::AskAgain(request)),
        }
    }

    pub(crate) fn ask_again(&mut self, request: Request) {
        let tries = request.tries + 1;
        self.request(Request { tries, ..request });
    }

    /// A request has reached a process, which looks for the items before the transaction.
    pub(crate) fn asked(&mut self, node: usize, life: u64, request: Request) {
        if self.server.nodes[node].life != life || !self.server.nodes[node].up {
            return self.plan(5_000, Event::AskAgain(request));
        }
        let after = self.rng.random_range(0..=self.weather.disk);
        let ends = request.ask.ends();
        if ends.into_iter().flatten().all(|end| self.server.disk.has(end)) {
            self.plan(after, Event::Decide { node, life, request });
        } else {
            self.figures.plans_refused += 1;
        }
    }

    /// The process decides, and what it decided is on disk.
    pub(crate) fn decide(&mut self, node: usize, life: u64, request: Request) -> Result<()> {
        if self.server.nodes[node].life != life {
            self.plan(5_000, Event::AskAgain(request));
            return Ok(());
        }
        let at = self.wall_clock();
        self.server.disk.commit_begins();
        let Request { ask, page, .. } = &request;
        match self.server.disk.plan(ask, at) {
            Ok(version) => {
                self.figures.planned(ask.def.kind);
                self.server.disk.check_plans()?;
                let after = self.weather.latency;
                let (id, page) = (ask.id, *page);
                self.plan(after, Event::Answered { page, id, version });
            }
            Err(_) => self.figures.plans_refused += 1,
        }
        Ok(())
    }

    /// The answer reaches the page, unless it has no network.
    pub(crate) fn answered(&mut self, page: usize, id: RecordId, version: u64) {
        if self.pages[page].online {
            let known = self.told.entry(id).or_default();
            *known = version.max(*known);
        }
    }
}

impl Disk {
    /// Whether an item is where a dependency says, and not in the bin.
    fn has(&self, end: ItemRef) -> bool {
        let room = if end.roadmap == ROADMAP { self.roadmap() } else { &self.elsewhere };
        room.item(end.item).is_some_and(|item| is_here(&&**item))
    }

    fn plan(&mut self, ask: &Ask, at: Timestamp) -> Result<u64> {
        let role = *self.roles.get(&ask.by).context("not a member")?;
        ensure!(!self.archived, "archived");
        let mut plans = std::mem::take(&mut self.plans);
        let trusts = self.sabotage == Some(Sabotage::TrustEnds);
        let decided = plans.decide(ask, role, at, |end| trusts || self.has(end));
        self.plans = plans;
        decided
    }
}

impl Ask {
    /// The items that it names, where it makes a dependency.
    fn ends(&self) -> [Option<ItemRef>; 2] {
        ["from", "to"].map(|key| {
            let change = self.changes.iter().find(|change| *change.field == *key)?;
            match &change.to {
                Some(Value::Text(text)) => text.parse().ok(),
                _ => None,
            }
        })
    }
}

fn key(name: &str) -> FieldKey {
    name.parse().expect("that is a key of the table")
}

/// What it takes to hold these values.
fn differences(former: &Values, wanted: &Values) -> Vec<RecordChange> {
    let keys = former.keys().chain(wanted.keys().filter(|key| !former.contains_key(*key)));
    let change = |key: &FieldKey| RecordChange {
        field: key.clone(),
        was: former.get(key).cloned(),
        to: wanted.get(key).cloned(),
    };
    keys.map(change).filter(|change| change.was != change.to).collect()
}

/// Something to ask for, with what there is.
fn ask(rng: &mut StdRng, disk: &Disk, by: UserId) -> Option<Ask> {
    let def: &'static RecordDef = if rng.random_bool(0.7) { &DEPENDENCY } else { &VIEW };
    let rows: Vec<&Row> = disk.plans.rows.values().filter(|row| row.def.kind == def.kind).collect();
    let known = rows.choose(rng).copied().filter(|_| rng.random_bool(0.5));
    let former = known.map(|row| row.record.values.clone()).unwrap_or_default();
    let did = match known {
        None => RecordDid::Created,
        Some(row) if row.record.deleted.is_some() => RecordDid::Restored,
        Some(_) if rng.random_bool(0.6) => RecordDid::Deleted,
        Some(_) => RecordDid::Changed,
    };
    let id = known.map_or_else(|| edits::id(rng, RecordId::new), |row| row.record.id);
    let is_written = matches!(did, RecordDid::Created | RecordDid::Changed);
    let changes = match (is_written, def.kind == DEPENDENCY.kind) {
        (false, _) => Vec::new(),
        (true, true) => {
            let known = known.and_then(|row| dependency_of(&row.record));
            let dependency = match known {
                Some(known) => Dependency { lag: rng.random_range(-9..9), ..known },
                None => dependency(rng, disk, id)?,
            };
            differences(&former, &dependency_values(&dependency, |end| end.item.to_string()))
        }
        (true, false) => differences(&former, &view(rng)),
    };
    Some(Ask { def, by, id, did, changes })
}

fn dependency(rng: &mut StdRng, disk: &Disk, id: RecordId) -> Option<Dependency> {
    let mut end = || {
        let is_far = rng.random_bool(0.3);
        let (roadmap, room) = if is_far { (there(), &disk.elsewhere) } else { (ROADMAP, disk.roadmap()) };
        let items: Vec<ItemId> = room.items().filter(|item| is_here(&&***item)).map(|item| item.id).collect();
        Some(ItemRef { roadmap, item: *items.choose(rng)? })
    };
    let (from, to) = (end()?, end()?);
    let kind = *KINDS.choose(rng).expect("there are kinds");
    Some(Dependency { id, from, kind, to, lag: 0, note: String::new() })
}

fn view(rng: &mut StdRng) -> Values {
    let name = NAMES.choose(rng).expect("there are names");
    let mut values = Values::from([
        (key("name"), Value::Text((*name).to_owned())),
        (key("face"), Value::Text("board".to_owned())),
    ]);
    values.extend(rng.random_bool(0.6).then(|| (key("shared"), Value::Yes)));
    values.extend(rng.random_bool(0.3).then(|| (key("default"), Value::Yes)));
    values
}
