//! What goes wrong.

use anyhow::Result;
use domain::Role;
use rand::{RngExt as _, seq::IndexedRandom as _};

use crate::{
    weather::Fault,
    world::{Event, World},
};

impl World {
    /// The next of a kind of fault happens.
    pub(crate) fn fault(&mut self, index: usize) -> Result<()> {
        if self.resting {
            return Ok(());
        }
        self.plan_fault(index);
        let page = self.rng.random_range(0..self.pages.len());
        let node = self.rng.random_range(0..self.server.nodes.len());
        let link = self.pages[page].session.as_ref().map(|session| session.link);
        let fault = self.weather.faults[index].0;
        match (fault, link) {
            (Fault::Break, Some(link)) => {
                self.figures.drops += 1;
                let (first, second) = (self.rng.random_range(0..3_000), self.rng.random_range(0..3_000));
                for link in self.beside(link) {
                    self.cut_off(link, false);
                    self.plan(first, Event::PageLoses(link));
                    self.plan(second, Event::ServerLoses(link));
                }
            }
            (Fault::Stall, Some(link)) => {
                let time = self.rng.random_range(100..30_000);
                self.beside(link).into_iter().for_each(|link| self.hold_up(link, time));
            }
            (Fault::Hole, Some(link)) => {
                self.figures.drops += 1;
                self.swallow(link);
            }
            (Fault::Offline, _) if self.pages[page].online => {
                self.figures.offline += 1;
                self.pages[page].online = false;
                if let Some(link) = link {
                    self.swallow(link);
                }
                // Minutes mostly, seconds sometimes, seldom an hour.
                let longest = *[5, 60, 60, 300, 3_600].choose(&mut self.rng).expect("there are spans");
                let time = self.rng.random_range(1_000..longest * 1_000);
                self.plan(time, Event::Online(page));
            }
            (Fault::Leave, _) => self.reload(page)?,
            (Fault::Cut, Some(link)) => self.bye(link, Some(0)),
            (Fault::Kill, _) => self.stop(node, false)?,
            (Fault::Restart, _) => self.stop(node, true)?,
            (Fault::Backup, _) => self.server.disk.back_up(),
            (Fault::Restore, _) => {
                for node in 0..self.server.nodes.len() {
                    self.stop(node, true)?;
                }
                self.plan(1, Event::Restore);
            }
            (Fault::Member, _) => self.change_role(),
            (Fault::Archive, _) => self.server.disk.archived ^= true,
            (Fault::Trouble, _) => {
                for link in self.server.give_back(node) {
                    self.bye(link, Some(1_000));
                }
            }
            (Fault::Carry, _) => self.carry()?,
            (Fault::Plan, _) => self.plan_ahead(),
            (Fault::Clock, _) => self.clock = self.rng.random_range(-3_600_000..3_600_000),
            _ => {}
        }
        Ok(())
    }

    /// A connection swallows everything from now on; each side is left to find out.
    fn swallow(&mut self, link: usize) {
        let after = self.rng.random_range(20_000..65_000);
        for link in self.beside(link) {
            self.cut_off(link, true);
            self.links[link].hole = true;
            self.plan(after, Event::ServerLoses(link));
        }
    }

    /// A page's machine has a network again. Mostly the browser tells the page at once.
    pub(crate) fn back_online(&mut self, index: usize) -> Result<()> {
        self.pages[index].online = true;
        if self.rng.random_bool(0.2) {
            return Ok(());
        }
        match self.pages[index].session.as_ref().map(|session| session.link) {
            // The browser resets what was open.
            Some(link) => self.page_loses(link),
            None => {
                let attempt = self.pages[index].attempt;
                self.connect(index, attempt)
            }
        }
    }

    /// A page is closed, with whatever it had not sent, and opened again.
    pub(crate) fn reload(&mut self, index: usize) -> Result<()> {
        let user = self.pages[index].user;
        let unsaved = self.pages[index].replica.unsaved();
        let Some(mut page) = self.open_page(user)? else {
            // Without the server there is no new page; the old one stays and tries again.
            self.abandon(index);
            self.pages[index].attempt += 1;
            let attempt = self.pages[index].attempt;
            self.plan(5_000, Event::Connect { page: index, attempt });
            return Ok(());
        };
        self.abandon(index);
        self.figures.left_unsaved += unsaved as u64;
        self.witness.left(self.pages[index].replica.client());
        page.online = self.pages[index].online;
        page.attempt = self.pages[index].attempt + 1;
        let attempt = page.attempt;
        self.pages[index] = page;
        self.plan(100, Event::Connect { page: index, attempt });
        Ok(())
    }

    /// A process stops, by its own death or because it was asked to, and is back after a while.
    fn stop(&mut self, node: usize, asked: bool) -> Result<()> {
        if !self.server.nodes[node].up {
            return Ok(());
        }
        self.figures.restarts += 1;
        for link in 0..self.links.len() {
            if self.links[link].node != node || !self.links[link].server_end {
                continue;
            }
            if asked {
                self.bye(link, Some(1_000));
                continue;
            }
            self.cut_off(link, false);
            self.server_loses(link);
            // Where a machine dies, nobody is left to say that the connection is gone.
            if self.rng.random_bool(0.8) {
                let after = self.rng.random_range(0..2_000);
                self.plan(after, Event::PageLoses(link));
            }
        }
        let at = self.wall_clock();
        if let Some(mut written) = self.server.stop(node, asked, at)? {
            self.write_down(&mut written)?;
        }
        let after = self.rng.random_range(200..20_000);
        self.plan(after, Event::Start(node));
        Ok(())
    }

    pub(crate) fn start(&mut self, node: usize) {
        if self.server.nodes[node].up {
            return;
        }
        self.server.start(node);
        let life = self.server.nodes[node].life;
        self.plan(1_000, Event::Look { node, life });
    }

    /// Now that no process runs, a backup takes the place of everything.
    pub(crate) fn restore(&mut self) -> Result<()> {
        if self.server.nodes.iter().any(|node| node.up) {
            return Ok(());
        }
        // What is still under way is of the time before.
        for link in 0..self.links.len() {
            self.cut_off(link, true);
        }
        for session in self.pages.iter_mut().filter_map(|page| page.session.as_mut()) {
            session.unread.clear();
        }
        if let Some(head) = self.server.disk.restore() {
            self.figures.restores += 1;
            self.witness.restored(head, &self.server.disk);
            self.told = self.server.disk.plans.versions();
            let epoch = self.server.disk.end().epoch;
            self.stranger.begin_anew(epoch, &mut self.rng, &mut self.witness)?;
        }
        Ok(())
    }

    /// Somebody gets another role, is removed, or invited again, or the product is hidden from them. The owner stays.
    fn change_role(&mut self) {
        let person = self.rng.random_range(1..self.people.len());
        let roles = [Role::Editor, Role::Editor, Role::Stakeholder, Role::Viewer];
        let role = if self.rng.random_bool(0.2) { None } else { roles.choose(&mut self.rng).copied() };
        let user = self.people[person];
        match role {
            Some(role) => drop(self.server.disk.roles.insert(user, role)),
            None => drop(self.server.disk.roles.remove(&user)),
        }
        if role.is_none() && self.rng.random_bool(0.5) {
            self.server.disk.outside.insert(user);
        } else {
            self.server.disk.outside.remove(&user);
        }
    }
}
