//! The simulated server: processes that share a disk, each with what is in memory only. It follows `docs/PROTOCOL.md`
//! and, step by step, what the rooms of `backend` do: decide, make durable, tell.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use anyhow::Result;
use domain::{
    ClientId, CommentId, Document, Roadmap, RoadmapId, Role, Timestamp, UserId,
    wire::{Acked, PROTOCOL, Pushed, ServerMessage, Snapshot, short::Writer},
};

use crate::{
    carry::Carried,
    disk::{Decided, Disk, Place},
    frames::{self, Audience, Encoded, Short},
    sabotage::Sabotage,
    stranger::Request,
    threads::part,
};

pub(crate) const ROADMAP: RoadmapId = RoadmapId::NIL;

/// What the server does not do without end. Far less than the real limits, so that each is met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Entries kept in memory for pages that come back.
    pub(crate) ring: u64,
    /// The longest tail that is read from the log.
    pub(crate) tail: u64,
    /// Bytes of entries in a frame.
    pub(crate) frame: usize,
    /// Bytes of an entry that is not sent; pages load the document instead.
    pub(crate) longest: usize,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) disk: Disk,
    pub(crate) nodes: Vec<Node>,
    limits: Limits,
    seats: u64,
    sabotage: Option<Sabotage>,
}

/// A process.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) up: bool,
    /// Counts its lives, so that what was under way in an earlier one is nothing in this.
    pub(crate) life: u64,
    /// Whether a transaction is under way.
    pub(crate) committing: bool,
    pub(crate) inbox: VecDeque<Push>,
    /// Somebody else may have written.
    catch_up: bool,
    /// What the committer knows to be on disk, and what has been told.
    committed: Place,
    published: Place,
    /// The number of the first entry in memory.
    ring: u64,
    /// Pages by their connection.
    seats: BTreeMap<usize, Seat>,
    /// Writes what they are told in short form.
    writer: Writer,
}

#[derive(Clone, Copy, Debug)]
struct Seat {
    number: u64,
    user: UserId,
    role: Role,
    client: ClientId,
    /// The history that its page goes on with.
    epoch: u64,
    /// It is told nothing in short form.
    plain: bool,
}

/// A page's greeting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hello {
    pub(crate) client: ClientId,
    pub(crate) epoch: u64,
    pub(crate) have: u64,
    pub(crate) plain: bool,
}

/// Operations that wait for the committer.
#[derive(Debug)]
pub(crate) struct Push {
    user: UserId,
    client: ClientId,
    ops: Vec<Pushed>,
    /// The history for which a page numbered them.
    epoch: Option<u64>,
    reply: Reply,
}

/// Where answers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// To a connection, if the page there is still the one that asked.
    Seat { link: usize, number: u64 },
    /// To the stranger; whether it has a right to a verdict.
    Stranger { proper: bool },
}

/// What pages are to be told after a commit.
#[derive(Debug)]
pub(crate) struct News {
    /// Without answers where a push was numbered for another history.
    answers: Vec<(Reply, Option<Vec<Acked>>)>,
    /// What was decided for the first time.
    pub(crate) decided: Vec<(ClientId, Decided)>,
    pub(crate) from: Place,
    pub(crate) to: Place,
}

/// A frame for a connection.
pub(crate) type Frame = (usize, Rc<str>);

impl Server {
    pub(crate) fn new(disk: Disk, nodes: usize, limits: Limits, sabotage: Option<Sabotage>) -> Self {
        let place = disk.end();
        let node = || Node {
            up: true,
            life: 0,
            committing: false,
            inbox: VecDeque::new(),
            catch_up: false,
            committed: place,
            published: place,
            ring: place.head + 1,
            seats: BTreeMap::new(),
            writer: Writer::default(),
        };
        Self { nodes: (0..nodes).map(|_| node()).collect(), disk, limits, seats: 0, sabotage }
    }

    /// Gives a page its place, and what it missed.
    pub(crate) fn hello(
        &mut self,
        node: usize,
        link: usize,
        (user, role): (UserId, Role),
        Hello { client, epoch, have, plain }: Hello,
    ) -> Vec<Rc<str>> {
        self.seats += 1;
        let seat = Seat { number: self.seats, user, role, client, epoch, plain };
        let Place { epoch: current, head } = self.nodes[node].published;
        let ring = self.nodes[node].ring;
        self.nodes[node].seats.insert(link, seat);
        let mut frames = vec![encode(&ServerMessage::Welcome {
            protocol: PROTOCOL,
            build: String::new(),
            epoch: current,
            head,
            user,
            role,
            peers: Vec::new(),
            slots: if plain { Vec::new() } else { self.nodes[node].writer.slots() },
        })];
        if epoch != current || have > head {
            frames.push(encode(&ServerMessage::Refetch));
        } else if have < head {
            if have + 1 < ring && head - have > self.limits.tail {
                frames.push(encode(&ServerMessage::Refetch));
            } else {
                let missed = Encoded::all(self.disk.entries(current, have, head));
                let audience = audience(seat, true, self.sabotage);
                frames.extend(frames::plain(&missed, audience, self.limits));
            }
        }
        frames
    }

    /// Queues a push. Without a place in a room there is nothing to push to: the connection is at fault then.
    pub(crate) fn push(&mut self, node: usize, link: usize, ops: Vec<Pushed>) -> bool {
        let Some(seat) = self.nodes[node].seats.get(&link).copied() else { return false };
        let Seat { number, user, client, epoch, .. } = seat;
        let reply = Reply::Seat { link, number };
        self.nodes[node].inbox.push_back(Push { user, client, ops, epoch: Some(epoch), reply });
        true
    }

    /// Queues a push of a program that is no page.
    pub(crate) fn push_stranger(&mut self, node: usize, request: Request) {
        let Request { user, client, ops, proper } = request;
        let reply = Reply::Stranger { proper };
        self.nodes[node].inbox.push_back(Push { user, client, ops, epoch: None, reply });
    }

    /// Whether a process has something to write, or to read again.
    pub(crate) fn has_work(&self, node: usize) -> bool {
        !self.nodes[node].inbox.is_empty() || self.nodes[node].catch_up
    }

    /// Decides all that waits and makes it durable.
    ///
    /// # Errors
    /// When a refusal changes the document.
    pub(crate) fn commit(&mut self, node: usize, at: Timestamp) -> Result<News> {
        self.disk.commit_begins();
        let from = self.nodes[node].committed;
        let mut answers = Vec::new();
        let mut decided = Vec::new();
        let current = self.disk.end().epoch;
        for Push { user, client, ops, epoch, reply } in std::mem::take(&mut self.nodes[node].inbox) {
            if epoch.is_some_and(|epoch| epoch != current) {
                answers.push((reply, None));
                continue;
            }
            let (results, new) = self.disk.decide(user, client, ops, at)?;
            answers.push((reply, Some(results)));
            decided.push((client, new));
        }
        let to = self.disk.end();
        let node = &mut self.nodes[node];
        (node.committed, node.catch_up) = (to, false);
        Ok(News { answers, decided, from, to })
    }

    /// Moves an item between the room and another, and makes that durable.
    ///
    /// # Errors
    /// When it cannot be done.
    pub(crate) fn carry(
        &mut self,
        node: usize,
        by: (UserId, ClientId),
        carried: Carried,
        at: Timestamp,
    ) -> Result<News> {
        self.disk.commit_begins();
        let from = self.nodes[node].committed;
        let decided = vec![(by.1, self.disk.carry(by, carried, at)?)];
        let to = self.disk.end();
        let node = &mut self.nodes[node];
        (node.committed, node.catch_up) = (to, false);
        Ok(News { answers: Vec::new(), decided, from, to })
    }

    /// Gives back what waits, undecided: the database was not there. Returns the connections that are cut for it.
    pub(crate) fn give_back(&mut self, node: usize) -> Vec<usize> {
        let pushes = std::mem::take(&mut self.nodes[node].inbox);
        let links = pushes.into_iter().filter_map(|push| match push.reply {
            Reply::Seat { link, number } => self.seat(node, link, number).map(|_| link),
            Reply::Stranger { .. } => None,
        });
        links.collect()
    }

    /// Tells pages what was committed, answers first. Answers to strangers are handed back.
    pub(crate) fn tell(&mut self, node: usize, news: News) -> (Vec<Frame>, Vec<(bool, Vec<Acked>)>) {
        let mut frames = Vec::new();
        let mut strangers = Vec::new();
        for (reply, results) in news.answers {
            match reply {
                Reply::Seat { link, number } if self.seat(node, link, number).is_some() => {
                    let answer =
                        results.map_or(ServerMessage::Refetch, |results| ServerMessage::Ack { results });
                    frames.push((link, encode(&answer)));
                }
                Reply::Seat { .. } => {}
                Reply::Stranger { proper } => strangers.push((proper, results.unwrap_or_default())),
            }
        }
        let (from, to) = (news.from, news.to);
        if from == to {
            return (frames, strangers);
        }
        self.nodes[node].published = to;
        if from.epoch != to.epoch {
            self.nodes[node].ring = to.head + 1;
            frames.extend(self.nodes[node].seats.keys().map(|link| (*link, encode(&ServerMessage::Refetch))));
            return (frames, strangers);
        }
        let entries = self.disk.entries(to.epoch, from.head, to.head);
        let (encoded, limits) = (Encoded::all(entries), self.limits);
        let known = match self.sabotage {
            Some(Sabotage::EarlyNumbers) => u32::MAX,
            _ => self.disk.at(from).map_or(0, Roadmap::last_number),
        };
        let number = |id| {
            let number = self.disk.at(to)?.item(id)?.number;
            (number <= known).then_some(number)
        };
        let Node { seats, writer, .. } = &mut self.nodes[node];
        let short = if seats.values().any(|seat| !seat.plain) {
            Short::all(&encoded, writer, number, limits, self.sabotage)
        } else {
            // Nobody knows the slots.
            writer.clear();
            None
        };
        let mut made: BTreeMap<(Audience, bool), Vec<Rc<str>>> = BTreeMap::new();
        for (link, seat) in &*seats {
            let own = entries.iter().any(|entry| entry.actor == seat.user);
            let audience = audience(*seat, own, self.sabotage);
            let short = short.as_ref().filter(|_| !seat.plain);
            let told = made.entry((audience, short.is_some())).or_insert_with(|| match short {
                Some(short) => frames::short(&encoded, short, audience, limits),
                None => frames::plain(&encoded, audience, limits),
            });
            frames.extend(told.iter().map(|frame| (*link, frame.clone())));
        }
        let oldest = (to.head + 1).saturating_sub(self.limits.ring);
        self.nodes[node].ring = self.nodes[node].ring.max(oldest);
        (frames, strangers)
    }

    /// Looks for what other processes did. Returns the connections of people whose role is no longer what it was.
    pub(crate) fn look(&mut self, node: usize) -> Vec<usize> {
        let end = self.disk.end();
        let roles = &self.disk.roles;
        let node = &mut self.nodes[node];
        node.catch_up |= node.committed != end;
        let changed = node.seats.iter().filter(|(_, seat)| roles.get(&seat.user) != Some(&seat.role));
        changed.map(|(link, _)| *link).collect()
    }

    pub(crate) fn leave(&mut self, node: usize, link: usize) {
        self.nodes[node].seats.remove(&link);
    }

    /// The memory of a process is gone. One that was asked to stop first writes what it had taken in.
    ///
    /// # Errors
    /// When a refusal changes the document.
    pub(crate) fn stop(&mut self, node: usize, asked: bool, at: Timestamp) -> Result<Option<News>> {
        let written = if asked && self.has_work(node) { Some(self.commit(node, at)?) } else { None };
        if !asked {
            self.disk.crash();
        }
        let node = &mut self.nodes[node];
        node.up = false;
        node.life += 1;
        node.committing = false;
        node.inbox.clear();
        node.seats.clear();
        node.writer.clear();
        Ok(written)
    }

    /// The process begins with what is on disk.
    pub(crate) fn start(&mut self, node: usize) {
        let end = self.disk.end();
        let node = &mut self.nodes[node];
        node.up = true;
        node.catch_up = false;
        (node.committed, node.published, node.ring) = (end, end, end.head + 1);
    }

    /// The document as a process hands it out over HTTP.
    pub(crate) fn snapshot(&self, node: usize, user: UserId, comments: &[CommentId]) -> Option<Rc<str>> {
        let role = self.disk.roles.get(&user)?;
        let place = self.nodes[node].published;
        let document = Document::from(self.disk.document_for(place, user, role.sees_voters())?);
        let snapshot = Snapshot { roadmap: ROADMAP, epoch: place.epoch, head: place.head, document };
        let snapshot = part(snapshot, comments);
        Some(serde_json::to_string(&snapshot).expect("a document is plain data").into())
    }

    pub(crate) fn head(&self, node: usize) -> u64 {
        self.published(node).head
    }

    pub(crate) fn published(&self, node: usize) -> Place {
        self.nodes[node].published
    }

    fn seat(&self, node: usize, link: usize, number: u64) -> Option<&Seat> {
        self.nodes[node].seats.get(&link).filter(|seat| seat.number == number)
    }
}

/// What somebody may see of entries, their own among them or not.
fn audience(seat: Seat, own: bool, sabotage: Option<Sabotage>) -> Audience {
    if seat.role.sees_voters() || sabotage == Some(Sabotage::TellVoters) {
        Audience::Full
    } else {
        Audience::Masked(own.then_some(seat.user))
    }
}

pub(crate) fn encode(message: &ServerMessage) -> Rc<str> {
    serde_json::to_string(message).expect("a message is plain data").into()
}
