//! Connections: frames on their way, in order and with delay, and the many ways in which a connection ends.

use std::rc::Rc;

use anyhow::{Context as _, Result, ensure};
use domain::{
    Role,
    wire::{ClientMessage, MAX_ROOMS, PROTOCOL, ServerMessage, in_room, room_of, short::MARK},
};
use rand::{RngExt as _, seq::IndexedRandom as _};

use crate::{
    page::{FIRST_WAIT, LONGEST_WAIT, Session, Wish},
    sabotage::Sabotage,
    server::{Hello, ROADMAP, encode},
    world::{Event, World},
};

/// After this long without a word the page asks the server, and after as long again it gives up.
const SILENCE: u64 = 20_000;

/// What a good-bye begins with.
const BYE: &str = r#"{"bye""#;

/// How long a page waits for a document before the browser gives up.
const PATIENCE: u64 = 30_000;

/// The time within which a server notices that a page is gone without a word.
const DEAD_AFTER: std::ops::Range<u64> = 20_000..65_000;

/// A page's room on a connection, which may have others.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) page: usize,
    pub(crate) node: usize,
    /// The connection, by the first of its rooms.
    socket: usize,
    /// The number of the room there.
    room: u8,
    /// Whether each side still holds its end.
    pub(crate) page_end: bool,
    pub(crate) server_end: bool,
    /// Whoever is on the page's end may do, once that was asked: `Some(None)` for nobody.
    viewer: Option<Option<Role>>,
    /// It swallows everything.
    pub(crate) hole: bool,
    /// What arrives later than this is lost.
    up_until: u64,
    down_until: u64,
    /// When the last frame arrives: later ones do not overtake it.
    up_last: u64,
    down_last: u64,
}

impl Link {
    /// Whether nothing has happened to it yet.
    fn is_whole(&self) -> bool {
        let arrives = self.up_until == u64::MAX && self.down_until == u64::MAX;
        self.page_end && self.server_end && !self.hole && arrives
    }
}

impl World {
    pub(crate) fn delay(&mut self) -> u64 {
        self.weather.latency + self.rng.random_range(0..=self.weather.jitter)
    }

    /// Whether something happens that does so in so many of a thousand cases.
    fn in_thousand(&mut self, share: u32) -> bool {
        self.rng.random_range(0..1_000) < share
    }

    /// A page tries to connect.
    pub(crate) fn connect(&mut self, index: usize, attempt: u64) -> Result<()> {
        let page = &self.pages[index];
        if page.closed || page.session.is_some() || page.attempt != attempt {
            return Ok(());
        }
        let (link, companion) = (self.links.len(), self.companion(index));
        let node = match companion {
            Some(other) => Some(self.links[other].node),
            None if self.pages[index].online => self.some_node(),
            None => None,
        };
        let Some(node) = node else { return self.lost(index, None, false) };
        let socket = companion.map_or(link, |other| self.links[other].socket);
        let open = if companion.is_some() { self.now } else { self.now + self.delay() };
        // No number comes twice on one connection: what is under way is of the room that had it.
        let taken: Vec<u8> = self.on_socket(socket).map(|link| self.links[link].room).collect();
        let free: Vec<u8> = (0..MAX_ROOMS).filter(|room| !taken.contains(room)).collect();
        let room = if self.rng.random() { free.first() } else { free.choose(&mut self.rng) };
        let Some(room) = room.copied() else { return self.lost(index, None, false) };
        self.figures.shared += u64::from(companion.is_some());
        self.links.push(Link {
            page: index,
            node,
            socket,
            room,
            page_end: true,
            server_end: true,
            viewer: None,
            hole: false,
            up_until: u64::MAX,
            down_until: u64::MAX,
            up_last: open,
            down_last: open,
        });
        self.figures.connections += 1;
        self.pages[index].session = Some(Session::new(link, self.now));
        self.plan(SILENCE, Event::Silence(link));
        let hello = self.pages[index].hello();
        self.grant(index, [Wish::Say(hello)])
    }

    /// A room that the page's person has open, on whose connection there is place for another.
    fn companion(&mut self, index: usize) -> Option<usize> {
        if !self.pages[index].online || self.rng.random() {
            return None;
        }
        let user = self.pages[index].user;
        let theirs = self.pages.iter().filter(|page| page.user == user && page.online);
        let mut live = theirs.filter_map(|page| page.session.as_ref().filter(|session| session.live));
        live.find(|session| self.links[session.link].is_whole()).map(|session| session.link)
    }

    /// The rooms of a connection, those that were left too.
    pub(crate) fn on_socket(&self, socket: usize) -> impl Iterator<Item = usize> + use<'_> {
        (socket..self.links.len()).filter(move |link| self.links[*link].socket == socket)
    }

    /// The rooms of a room's connection that are still open at either end.
    pub(crate) fn beside(&self, link: usize) -> Vec<usize> {
        let open = |link: &usize| self.links[*link].page_end || self.links[*link].server_end;
        self.on_socket(self.links[link].socket).filter(open).collect()
    }

    /// The room of a connection that a frame is about, and what the frame says.
    fn addressed<'a>(&self, link: usize, frame: &'a str) -> Result<(usize, &'a str)> {
        let (number, text) = room_of(frame).context("there is no such room")?;
        let socket = self.links[link].socket;
        if self.sabotage == Some(Sabotage::MixRooms) {
            return Ok((socket, text));
        }
        // A good-bye is about the connection, which has no other room then.
        let is_bye = text.starts_with(BYE);
        let room = self.on_socket(socket).find(|room| self.links[*room].room == number && !is_bye);
        ensure!(is_bye || room.is_some(), "a frame is about a room that nobody opened");
        Ok((room.unwrap_or(link), text))
    }

    /// Does what a page wants.
    pub(crate) fn grant(&mut self, index: usize, wishes: impl IntoIterator<Item = Wish>) -> Result<()> {
        for wish in wishes {
            match wish {
                Wish::Say(message) => self.send_up(index, &message),
                Wish::Fetch => {
                    let page = &mut self.pages[index];
                    if let Some(session) = &mut page.session {
                        session.fetching = true;
                        session.wanted = page.replica.held_comments();
                        let link = session.link;
                        self.figures.refetches += 1;
                        let after = self.delay();
                        self.plan(after, Event::Fetch(link));
                    }
                }
                Wish::Lost { retry, was_live } => return self.lost(index, retry, was_live),
                Wish::Reload => return self.reload(index),
                // Everybody is a member by then, and opens the page again.
                Wish::Close if self.resting => return self.reload(index),
                Wish::Close => {
                    self.abandon(index);
                    self.pages[index].closed = true;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn send_up(&mut self, index: usize, message: &ClientMessage) {
        let Some(session) = &mut self.pages[index].session else { return };
        if let ClientMessage::Hello { .. } = message {
            session.reader.said_hello();
        }
        let link = session.link;
        let text = serde_json::to_string(message).expect("a message is plain data");
        let frame: Rc<str> = in_room(self.links[link].room, &text).into();
        let twice = matches!(message, ClientMessage::Push { .. }) && self.in_thousand(self.weather.doubled);
        self.figures.doubled += u64::from(twice);
        for _ in 0..=usize::from(twice) {
            let at = (self.now + self.delay()).max(self.links[link].up_last);
            self.links[link].up_last = at;
            if !self.links[link].hole {
                self.plan(at - self.now, Event::Up { link, frame: frame.clone() });
            }
        }
    }

    pub(crate) fn send_down(&mut self, link: usize, frame: Rc<str>) {
        if !self.links[link].server_end || self.links[link].hole {
            return;
        }
        let is_short = frame.starts_with(MARK);
        self.figures.short += u64::from(is_short);
        let has_entries = is_short || frame.starts_with(r#"{"entries""#);
        let unruly = has_entries && !self.resting && self.in_thousand(self.weather.unruly);
        let room = if frame.starts_with(BYE) { 0 } else { self.links[link].room };
        let frame: Rc<str> = in_room(room, &frame).into();
        let at = (self.now + self.delay()).max(self.links[link].down_last);
        if unruly {
            // No network does this. But whatever happens, a page must notice that something is missing.
            self.figures.unruly += 1;
            match self.rng.random_range(0..3) {
                0 => {}
                // What overtakes a frame in short form may be a welcome, which says other slots.
                1 if !is_short => {
                    let late = at + self.rng.random_range(0..2_000);
                    self.plan(late - self.now, Event::Down { link, frame });
                }
                _ => {
                    self.links[link].down_last = at;
                    self.plan(at - self.now, Event::Down { link, frame: frame.clone() });
                    self.plan(at - self.now, Event::Down { link, frame });
                }
            }
            return;
        }
        self.links[link].down_last = at;
        self.plan(at - self.now, Event::Down { link, frame });
    }

    /// A frame reaches the server.
    pub(crate) fn up(&mut self, link: usize, frame: &str) -> Result<()> {
        let (link, frame) = self.addressed(link, frame)?;
        let Link { page, node, server_end, up_until, .. } = self.links[link];
        if !server_end || self.now > up_until {
            return Ok(());
        }
        let user = self.pages[page].user;
        let member = self.server.disk.roles.get(&user).copied();
        let Some(role) = *self.links[link].viewer.get_or_insert(member) else {
            self.bye(link, None);
            return Ok(());
        };
        match serde_json::from_str(frame).context("a page speaks another language")? {
            ClientMessage::Hello { protocol, roadmap, client, epoch, have, plain } => {
                ensure!(protocol == PROTOCOL && roadmap == ROADMAP, "a page came to the wrong room");
                let hello = Hello { client, epoch, have, plain };
                for frame in self.server.hello(node, link, (user, role), hello) {
                    self.send_down(link, frame);
                }
            }
            ClientMessage::Push { ops } => {
                let known = |cursor: &crate::disk::Cursor| {
                    ops.iter().filter(|pushed| pushed.cseq <= cursor.last).count() as u64
                };
                let client = self.pages[page].replica.client();
                self.figures.resent += self.server.disk.cursors.get(&client).map_or(0, known);
                ensure!(self.server.push(node, link, ops), "a page pushed before it said hello");
                self.begin_commit(node);
            }
            ClientMessage::Ping => {
                let head = self.server.head(node);
                self.send_down(link, encode(&ServerMessage::Pong { head }));
            }
            ClientMessage::Presence(_) | ClientMessage::Records { .. } | ClientMessage::Leave => {}
        }
        Ok(())
    }

    /// A frame reaches the page.
    pub(crate) fn down(&mut self, link: usize, frame: Rc<str>) -> Result<()> {
        let (link, _) = self.addressed(link, &frame)?;
        let Link { page, page_end, down_until, .. } = self.links[link];
        if !page_end || self.now > down_until {
            return Ok(());
        }
        let Some(session) = &mut self.pages[page].session else { return Ok(()) };
        if session.fetching {
            session.unread.push_back(frame);
            return Ok(());
        }
        self.hear(page, &frame)
    }

    fn hear(&mut self, index: usize, frame: &str) -> Result<()> {
        let (_, frame) = room_of(frame).context("there is no such room")?;
        let wishes = self.pages[index].hear(frame, self.now, &mut self.witness)?;
        self.grant(index, wishes)?;
        // Looked at now and then: it takes long, and what is wrong mostly stays wrong.
        if self.in_thousand(25) {
            self.check_page(index)?;
        }
        Ok(())
    }

    /// The request for a document reaches the server.
    pub(crate) fn fetch(&mut self, link: usize) {
        let page = self.links[link].page;
        let online = self.pages[page].online && !self.links[link].hole;
        let snapshot = match self.some_node() {
            Some(node) if online => {
                let page = &self.pages[page];
                let wanted = page.session.as_ref().map_or(&[][..], |session| &session.wanted);
                self.server.snapshot(node, page.user, wanted)
            }
            _ => None,
        };
        let after = if online { self.delay() } else { PATIENCE };
        self.plan(after, Event::Fetched { link, snapshot });
    }

    /// The document reaches the page, or the news that there is none.
    pub(crate) fn fetched(&mut self, link: usize, snapshot: Option<Rc<str>>) -> Result<()> {
        let index = self.links[link].page;
        let Some(session) = self.pages[index].session.as_mut().filter(|session| session.link == link) else {
            return Ok(());
        };
        session.fetching = false;
        let Some(snapshot) = snapshot else { return self.lost(index, None, false) };
        let wishes = self.pages[index].fetched(&snapshot, &mut self.rng, &mut self.witness)?;
        self.grant(index, wishes)?;
        // What came meanwhile is read now, up to where a document has to be loaded once more.
        while let Some(session) = self.pages[index].session.as_mut().filter(|session| session.link == link)
            && !session.fetching
        {
            if let Some(frame) = session.unread.pop_front() {
                self.hear(index, &frame)?;
            } else if session.broken {
                let was_live = session.live;
                return self.lost(index, None, was_live);
            } else {
                break;
            }
        }
        Ok(())
    }

    /// The page has heard nothing for long: it asks, and gives up when that helps nothing.
    pub(crate) fn silence(&mut self, link: usize) -> Result<()> {
        let index = self.links[link].page;
        let now = self.now;
        let Some(session) = self.pages[index].session.as_mut().filter(|session| session.link == link) else {
            return Ok(());
        };
        let due = session.heard + SILENCE;
        if now < due || session.fetching {
            let after = due.saturating_sub(now).max(1_000);
            self.plan(after, Event::Silence(link));
            return Ok(());
        }
        if session.asked {
            let was_live = session.live;
            return self.lost(index, None, was_live);
        }
        (session.asked, session.heard) = (true, now);
        self.plan(SILENCE, Event::Silence(link));
        self.grant(index, [Wish::Say(ClientMessage::Ping)])
    }

    /// The page notices that the connection is broken.
    pub(crate) fn page_loses(&mut self, link: usize) -> Result<()> {
        let index = self.links[link].page;
        let Some(session) = self.pages[index].session.as_mut().filter(|session| session.link == link) else {
            return Ok(());
        };
        if session.fetching {
            session.broken = true;
            return Ok(());
        }
        let was_live = session.live;
        self.lost(index, None, was_live)
    }

    /// The server notices that the connection is broken.
    pub(crate) fn server_loses(&mut self, link: usize) {
        let end = &mut self.links[link];
        if std::mem::take(&mut end.server_end) {
            let node = end.node;
            self.server.leave(node, link);
        }
    }

    /// The connection is over for the page, which tries again after a while.
    fn lost(&mut self, index: usize, retry: Option<u64>, was_live: bool) -> Result<()> {
        self.abandon(index);
        let page = &mut self.pages[index];
        page.wait = if was_live { FIRST_WAIT } else { (page.wait * 2).min(LONGEST_WAIT) };
        let wait = retry.unwrap_or(page.wait);
        page.attempt += 1;
        let attempt = page.attempt;
        let after = wait / 2 + self.rng.random_range(0..=wait);
        self.plan(after.max(1), Event::Connect { page: index, attempt });
        Ok(())
    }

    /// The page lets go of its connection. Of what it said last, the beginning may still arrive.
    pub(crate) fn abandon(&mut self, index: usize) {
        let Some(session) = self.pages[index].session.take() else { return };
        let arrives = if self.rng.random() { self.rng.random_range(0..2_000) } else { 0 };
        let link = &mut self.links[session.link];
        link.page_end = false;
        link.up_until = link.up_until.min(self.now + arrives);
        if link.server_end {
            let after = if link.hole { self.rng.random_range(DEAD_AFTER) } else { arrives + 1 };
            self.plan(after, Event::ServerLoses(session.link));
        }
    }

    /// The server says good-bye to a page. Where its connection has other rooms, it only closes this one.
    pub(crate) fn bye(&mut self, link: usize, retry_ms: Option<u32>) {
        let reason = "Good-bye.".to_owned();
        let message = if self.on_socket(self.links[link].socket).nth(1).is_some() {
            ServerMessage::Closed { code: 503, reason, retry_ms }
        } else {
            ServerMessage::Bye { reason, retry_ms }
        };
        self.send_down(link, encode(&message));
        self.server_loses(link);
        // Should the good-bye get lost, the page notices by the silence.
    }

    /// The page's network or its server has gone: from now on nothing arrives any more.
    pub(crate) fn cut_off(&mut self, link: usize, lost_at_once: bool) {
        let arrives = if lost_at_once { 0 } else { self.rng.random_range(0..1_000) };
        let link = &mut self.links[link];
        link.up_until = link.up_until.min(self.now + arrives);
        link.down_until = link.down_until.min(self.now + arrives);
    }

    /// What is under way arrives later by so much, and so does everything after it.
    pub(crate) fn hold_up(&mut self, link: usize, time: u64) {
        let link = &mut self.links[link];
        link.up_last = link.up_last.max(self.now + time);
        link.down_last = link.down_last.max(self.now + time);
    }
}
