//! What has to hold, at every moment and when all has come to rest.

use anyhow::{Context as _, Result, ensure};
use domain::{Context as Told, Document, LaneId, Op, Place, Replica, Roadmap, Role, apply, wire::Snapshot};

use crate::{
    carry, edits,
    lists::Lists,
    look::Look,
    server::ROADMAP,
    world::{Event, World},
};

/// After so many entries a client that keeps lists is looked at.
const LOOKED_AT: u64 = 16;

/// How many edits are taken back and done again at the end.
const TOUR: usize = 12;

impl World {
    /// A page at any moment. One that has yet to learn of a new role is left alone: it will begin again.
    pub(crate) fn check_page(&self, index: usize) -> Result<()> {
        let page = &self.pages[index];
        if self.server.disk.roles.get(&page.user) == Some(&page.role) {
            page.check(&self.server.disk).with_context(|| format!("page {index} ({})", page.role))?;
        }
        Ok(())
    }

    /// Nobody edits any more, everybody is a member and has a network, and the server runs.
    pub(crate) fn begin_rest(&mut self) -> Result<()> {
        self.resting = true;
        self.server.disk.archived = false;
        for (user, role) in self.people.iter().zip(&self.weather.people) {
            self.server.disk.roles.entry(*user).or_insert(*role);
        }
        for node in 0..self.server.nodes.len() {
            self.start(node);
        }
        for index in 0..self.pages.len() {
            if self.pages[index].closed {
                self.reload(index)?;
            }
            let page = &mut self.pages[index];
            page.online = true;
            page.attempt += 1;
            let attempt = page.attempt;
            self.plan(1, Event::Connect { page: index, attempt });
        }
        self.plan(1, Event::Stranger);
        // Entries that got lost on a connection that goes on are only missed when another follows.
        if self.weather.unruly > 0 {
            self.plan(60_000, Event::Follow);
        }
        Ok(())
    }

    /// The owner does one thing more, at the first page.
    pub(crate) fn follow(&mut self) -> Result<()> {
        let (id, name) = (edits::id(&mut self.rng, LaneId::new), edits::lane_name(&mut self.rng));
        let op = Op::CreateLane { id, name, place: Place::Last };
        let done = self.pages[0].edit(op, self.now, &mut self.witness)?;
        ensure!(done.is_ok(), "an owner cannot make a lane: {done:?}");
        let wish = self.pages[0].push();
        self.grant(0, wish)
    }

    /// Everything is compared with everything.
    pub(crate) fn compare(&self) -> Result<()> {
        let disk = &self.server.disk;
        self.witness.compare(disk)?;
        let mut folded = Roadmap::default();
        let mut lists = Lists::default();
        for entry in disk.log() {
            let told = Told { actor: entry.actor, at: entry.at };
            apply(&mut folded, &entry.op, &told).context("what is in the log does not apply")?;
            lists.apply(&serde_json::to_value(&entry.op)?);
            let looked_at = entry.seq.is_multiple_of(LOOKED_AT);
            ensure!(
                !looked_at || lists.shows(&folded),
                "a client that keeps lists shows another order after {entry:?}"
            );
        }
        let document = serde_json::to_value(Document::from(folded.clone()))?;
        ensure!(lists == Lists::of(&document), "a client that keeps lists shows another order");
        ensure!(folded == *disk.roadmap(), "the document is not the log's fold");
        carry::compare(&folded, &disk.elsewhere)?;
        disk.check_plans()?;
        disk.plans.compare(&self.told)?;
        ensure!(Roadmap::from(Document::from(folded.clone())) == folded, "the rows do not hold everything");
        for (index, page) in self.pages.iter().enumerate() {
            self.check_page(index)?;
            let sees = page.role.sees_voters();
            let expected = if sees { folded.clone() } else { folded.masked_for(page.user) };
            // Of deleted comments a page holds only those that were there when they were deleted.
            let held = page.replica.view();
            let seen = expected.holding(|it| it.deleted.is_none() || held.comment(it.id).is_some());
            ensure!(
                bytes(held) == bytes(&seen),
                "page {index} ({}) does not show the server's document, byte for byte",
                page.role
            );
            self.check_newcomer(index, &expected)?;
        }
        Ok(())
    }

    /// A page that begins with nothing and is told the whole log comes to the same document.
    fn check_newcomer(&self, index: usize, expected: &Roadmap) -> Result<()> {
        let (user, role) = (self.pages[index].user, self.pages[index].role);
        let epoch = self.server.disk.end().epoch;
        let nothing = Snapshot { roadmap: ROADMAP, epoch, head: 0, document: Document::default() };
        let mut newcomer = Replica::new(nothing, domain::ClientId::NIL, user, role);
        newcomer.welcomed(epoch);
        let entries = self.server.disk.log().iter().cloned();
        let entries = entries.map(|entry| if role.sees_voters() { entry } else { entry.masked_for(user) });
        newcomer.receive(entries.collect()).context("the log does not apply from nothing")?;
        ensure!(newcomer.view() == expected, "the log, as {role} is told it, gives another document");
        Ok(())
    }

    /// Somebody takes much back, lets everybody see it, and does it again: afterwards everything is as it was.
    pub(crate) fn tour(&mut self) -> Result<()> {
        let Some(index) = self.pages.iter().position(|page| page.role >= Role::Editor) else { return Ok(()) };
        let before = Look::of(self.server.disk.roadmap());
        let head = self.server.disk.end().head;
        let known = self.pages[index].undone_steps();
        for _ in 0..TOUR {
            if self.pages[index].undo(self.now, &mut self.witness)?.is_none() {
                break;
            }
            let wish = self.pages[index].push();
            self.grant(index, wish)?;
        }
        self.come_to_rest().context("after taking back")?;
        let steps = self.pages[index].undone_steps() - known;
        for _ in 0..steps {
            if !self.pages[index].redo_taken_back(self.now, &mut self.witness)? {
                return self.come_to_rest();
            }
            let wish = self.pages[index].push();
            self.grant(index, wish)?;
        }
        self.come_to_rest().context("after doing again")?;
        let end = self.server.disk.end();
        let entries = self.server.disk.entries(end.epoch, head, end.head);
        let done: Vec<Op> = entries.iter().map(|entry| entry.op.clone()).collect();
        let compared = before.compare(Look::of(self.server.disk.roadmap()), &done);
        compared.context("taken back and done again, with everybody watching")?;
        self.figures.tours += u64::from(steps > 0);
        Ok(())
    }

    /// Counts what the log holds.
    pub(crate) fn count(&mut self) {
        self.figures.seeds = 1;
        self.figures.crowds = u64::from(self.weather.crowd);
        self.figures.milliseconds = self.now;
        self.figures.entries = self.server.disk.end().head;
        self.figures.redone = self.witness.redone;
        for entry in self.server.disk.log() {
            self.figures.applied(&entry.op);
        }
    }
}

fn bytes(roadmap: &Roadmap) -> Vec<u8> {
    serde_json::to_vec(&Document::from(roadmap.clone())).expect("a document is plain data")
}
