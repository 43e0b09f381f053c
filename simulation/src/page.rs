//! An open page: the browser's own replica, and its connection as `app/src/live/connection.rs` keeps it.

use std::{
    collections::{BTreeSet, VecDeque},
    rc::Rc,
};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{
    ClientId, CommentId, Context, Op, Reject, Replica, Role, Step, TextOf, Timestamp, Undo, UserId, apply,
    wire::{
        ClientMessage, Outcome, PROTOCOL, ServerMessage, Snapshot,
        short::{Reader, Unreadable},
    },
};
use rand::{RngExt as _, rngs::StdRng};

use crate::{disk::Disk, edits, look::Look, sabotage::Sabotage, screen::Screen, witness::Witness};

/// The first and the longest wait before another try to connect, in milliseconds.
pub(crate) const FIRST_WAIT: u64 = 250;
pub(crate) const LONGEST_WAIT: u64 = 15_000;

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) replica: Replica,
    pub(crate) session: Option<Session>,
    /// Whether its machine has a network.
    pub(crate) online: bool,
    /// The server sent it away for good.
    pub(crate) closed: bool,
    /// How long it waits before the next try to connect.
    pub(crate) wait: u64,
    /// Counts the tries, so that of two that are planned only the latest happens.
    pub(crate) attempt: u64,
    /// Whether the server knows it under its present numbers.
    known: bool,
    /// It asks for no frame in short form.
    plain: bool,
    /// Its network loses frames amid a connection.
    pub(crate) unruly: bool,
    /// How wrong its clock is.
    clock: i64,
    undo: Undo,
    /// Texts it was editing that a restored document does not have. Another page may bring them back, and not as they were.
    lost: BTreeSet<TextOf>,
    pub(crate) screen: Screen,
    pub(crate) sabotage: Option<Sabotage>,
}

/// A connection as the page sees it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) link: usize,
    pub(crate) reader: Reader,
    pub(crate) live: bool,
    /// When the server was last heard, and whether it was asked since.
    pub(crate) heard: u64,
    pub(crate) asked: bool,
    /// A document is being loaded; nothing is read meanwhile.
    pub(crate) fetching: bool,
    /// The comments that come with it.
    pub(crate) wanted: Vec<CommentId>,
    pub(crate) unread: VecDeque<Rc<str>>,
    /// The connection broke while a document was being loaded.
    pub(crate) broken: bool,
}

impl Session {
    pub(crate) fn new(link: usize, now: u64) -> Self {
        Self {
            link,
            reader: Reader::default(),
            live: false,
            heard: now,
            asked: false,
            fetching: false,
            wanted: Vec::new(),
            unread: VecDeque::new(),
            broken: false,
        }
    }
}

/// What a page wants after something happened to it.
#[derive(Debug)]
pub(crate) enum Wish {
    Say(ClientMessage),
    Fetch,
    Lost { retry: Option<u64>, was_live: bool },
    Reload,
    Close,
}

/// What became of an edit at the page.
pub(crate) type Done = std::result::Result<(), Reject>;

impl Page {
    pub(crate) fn open(
        snapshot: Snapshot,
        (user, role): (UserId, Role),
        rng: &mut StdRng,
        witness: &mut Witness,
        sabotage: Option<Sabotage>,
    ) -> Result<Self> {
        let client = edits::client(rng);
        witness.begins(client, snapshot.epoch)?;
        // As in a browser, the page is there before its connection draws an identity.
        let mut replica = Replica::new(snapshot, ClientId::NIL, user, role);
        replica.identify(client);
        Ok(Self {
            user,
            role,
            screen: Screen::new(replica.view(), user),
            replica,
            session: None,
            online: true,
            closed: false,
            wait: FIRST_WAIT,
            attempt: 0,
            known: false,
            plain: rng.random_bool(0.1),
            unruly: false,
            clock: rng.random_range(-7_200_000..7_200_000),
            undo: Undo::default(),
            lost: BTreeSet::new(),
            sabotage,
        })
    }

    /// Does an edit that can be taken back.
    pub(crate) fn edit(&mut self, op: Op, now: u64, witness: &mut Witness) -> Result<Done> {
        let done = self.attempt(op.clone(), now, witness)?;
        Ok(done.map(|inverse| {
            if !inverse.is_empty() {
                let step = self.step(op, inverse);
                self.undo.done(step);
            }
        }))
    }

    /// Takes the latest edit back. `None` when there is none.
    pub(crate) fn undo(&mut self, now: u64, witness: &mut Witness) -> Result<Option<Done>> {
        let Some(op) = self.undo.take_undo().map(|step| step.op(self.replica.view())) else {
            return Ok(None);
        };
        let done = self.attempt(op.clone(), now, witness)?;
        Ok(Some(done.map(|inverse| {
            let step = self.step(op, inverse);
            self.undo.undone(step);
        })))
    }

    /// Does again what was taken back last. `None` when there is nothing.
    pub(crate) fn redo(&mut self, now: u64, witness: &mut Witness) -> Result<Option<Done>> {
        let Some(op) = self.undo.take_redo().map(|step| step.op(self.replica.view())) else {
            return Ok(None);
        };
        let done = self.attempt(op.clone(), now, witness)?;
        Ok(Some(done.map(|inverse| {
            let step = self.step(op, inverse);
            self.undo.redone(step);
        })))
    }

    fn attempt(&mut self, op: Op, now: u64, witness: &mut Witness) -> Result<Result<Vec<Op>, Reject>> {
        let before = self.replica.view().clone();
        let at = Timestamp(i64::try_from(now)? + self.clock);
        match self.replica.edit(op.clone(), at) {
            Ok(edited) => {
                self.screen.update(self.replica.view(), &edited.touched);
                let waits = self.replica.pending().last().context("an edit is not pending")?;
                witness.issued(self.replica.client(), waits.cseq, waits.op.clone())?;
                Ok(Ok(edited.inverse))
            }
            Err(reject) => {
                ensure!(*self.replica.view() == before, "{op:?} was refused ({reject}) and changed the view");
                Ok(Err(reject))
            }
        }
    }

    /// An edit as it can be taken back. Nobody reads here what it is called.
    fn step(&self, did: Op, inverse: Vec<Op>) -> Step {
        Step::new(String::new(), did, inverse, self.replica.view())
    }

    /// How many edits can be done again.
    pub(crate) fn undone_steps(&self) -> usize {
        self.undo.undone_steps()
    }

    /// Takes up to `most` edits back, looks, and does them again: afterwards everything is as it was.
    pub(crate) fn excursion(&mut self, most: usize, now: u64, witness: &mut Witness) -> Result<usize> {
        let before = Look::of(self.replica.view());
        let taken_back = self.undo.undone_steps();
        let first = self.replica.pending().count();
        for _ in 0..most {
            if self.undo(now, witness)?.is_none() {
                break;
            }
        }
        let steps = self.undo.undone_steps() - taken_back;
        for _ in 0..steps {
            if !self.redo_taken_back(now, witness)? {
                return Ok(0);
            }
        }
        let done: Vec<Op> = self.replica.pending().skip(first).map(|pending| pending.op.clone()).collect();
        before.compare(Look::of(self.replica.view()), &done).context("taken back and done again")?;
        Ok(steps)
    }

    /// Does again what was taken back last, as must be possible. False when somebody else has changed since what a field may hold
    /// or which items need it.
    pub(crate) fn redo_taken_back(&mut self, now: u64, witness: &mut Witness) -> Result<bool> {
        match self.redo(now, witness)? {
            Some(Ok(())) => Ok(true),
            Some(Err(
                Reject::RetiredField(_)
                | Reject::RequiredField { .. }
                | Reject::UnknownField(_)
                | Reject::InvalidValue(_),
            )) => Ok(false),
            done => bail!("what was taken back cannot be done again: {done:?}"),
        }
    }

    /// What it says first, and whenever something is missing.
    pub(crate) fn hello(&self) -> ClientMessage {
        let mut hello = self.replica.hello();
        if let ClientMessage::Hello { plain, .. } = &mut hello {
            *plain = self.plain;
        }
        hello
    }

    /// Takes a frame.
    pub(crate) fn hear(&mut self, frame: &str, now: u64, witness: &mut Witness) -> Result<Vec<Wish>> {
        let Some(session) = &mut self.session else { return Ok(Vec::new()) };
        (session.heard, session.asked) = (now, false);
        let frame = match session.reader.read(frame, self.replica.confirmed()) {
            Ok(Some(plain)) => plain,
            Ok(None) => return Ok(Vec::new()),
            Err(Unreadable) => {
                ensure!(self.unruly, "a short frame cannot be read, although nothing was lost: {frame}");
                return Ok(vec![Wish::Say(self.hello())]);
            }
        };
        let message: ServerMessage =
            serde_json::from_str(&frame).context("the server speaks another language")?;
        let mut wishes = Vec::new();
        match message {
            ServerMessage::Welcome { protocol, epoch, user, role, slots, .. } => {
                ensure!(protocol == PROTOCOL && user == self.user, "a page is welcomed as somebody else");
                if role != self.role {
                    return Ok(vec![Wish::Reload]);
                }
                if self.sabotage != Some(Sabotage::NeverResend) || !self.known {
                    self.replica.welcomed(epoch);
                }
                witness.remembered(&slots)?;
                session.reader.welcomed(slots);
                session.live = true;
                self.known = epoch == self.replica.epoch();
            }
            ServerMessage::Refetch => return Ok(vec![Wish::Fetch]),
            ServerMessage::Entries { entries } => match self.replica.receive(entries) {
                Ok(touched) => self.screen.update(self.replica.view(), &touched),
                Err(_) if self.sabotage == Some(Sabotage::IgnoreGaps) => {}
                Err(_) => wishes.push(Wish::Say(self.hello())),
            },
            ServerMessage::Ack { results } => {
                let client = self.replica.client();
                if !self.known {
                    // Answers to numbers it had before.
                    let unsaved = self.replica.unsaved();
                    let (_, refused) = self.replica.acknowledge(results);
                    let taken = !refused.is_empty() || self.replica.unsaved() != unsaved;
                    ensure!(!taken, "answers to earlier numbers were taken for answers to new ones");
                    return Ok(Vec::new());
                }
                witness.told(client, &results)?;
                for acked in &results {
                    if let Outcome::Accepted { seq } = acked.outcome {
                        witness.safe(client, acked.cseq, seq);
                    }
                }
                let (touched, refused) = self.replica.acknowledge(results);
                self.screen.update(self.replica.view(), &touched);
                for refusal in refused {
                    let text = refusal.op.edits_text().map(|(text, _)| text);
                    ensure!(
                        refusal.reject != Reject::StaleText
                            || text.is_some_and(|text| self.lost.contains(&text) || witness.has_moved(text)),
                        "what a page made of a text fits it no more"
                    );
                    witness.refused(client, &refusal.op)?;
                    self.undo.refused(&refusal.op);
                }
            }
            ServerMessage::Pong { head }
                if self.replica.lacks(head) && self.sabotage != Some(Sabotage::IgnoreGaps) =>
            {
                wishes.push(Wish::Say(self.hello()));
            }
            ServerMessage::Pong { .. } => {}
            ServerMessage::Bye { retry_ms: None, .. } | ServerMessage::Closed { retry_ms: None, .. } => {
                return Ok(vec![Wish::Close]);
            }
            ServerMessage::Bye { retry_ms, .. } | ServerMessage::Closed { retry_ms, .. } => {
                return Ok(vec![Wish::Lost { retry: retry_ms.map(u64::from), was_live: true }]);
            }
            other => bail!("the simulated server does not send {other:?}"),
        }
        wishes.extend(self.push());
        Ok(wishes)
    }

    /// What waits to be sent, where the connection allows.
    pub(crate) fn push(&mut self) -> Option<Wish> {
        let live = self.session.as_ref().is_some_and(|session| session.live && !session.fetching);
        let ops = live.then(|| self.replica.take_push()).flatten()?;
        Some(Wish::Say(ClientMessage::Push { ops }))
    }

    /// The document that was asked for has come.
    pub(crate) fn fetched(
        &mut self,
        snapshot: &str,
        rng: &mut StdRng,
        witness: &mut Witness,
    ) -> Result<Vec<Wish>> {
        let snapshot: Snapshot = serde_json::from_str(snapshot).context("a document cannot be read")?;
        if snapshot.epoch != self.replica.epoch() && self.sabotage != Some(Sabotage::KeepNumbers) {
            let from = self.replica.client();
            let old: Vec<u64> = self.replica.pending().map(|pending| pending.cseq).collect();
            self.replica.identify(edits::client(rng));
            self.known = false;
            let taken = old.into_iter().zip(self.replica.pending());
            let taken = taken.map(|(old, pending)| (old, pending.cseq, pending.op.clone())).collect();
            witness.renamed(from, self.replica.client(), snapshot.epoch, taken)?;
        }
        let touched = self.replica.replace(snapshot);
        let edited = self.replica.pending().filter_map(|pending| Some(pending.op.edits_text()?.0));
        self.lost.extend(edited.filter(|text| self.replica.view().text(*text).is_none()));
        self.screen.update(self.replica.view(), &touched);
        let mut wishes = vec![Wish::Say(self.hello())];
        wishes.extend(self.push());
        Ok(wishes)
    }

    /// Nothing is pending and nothing is missing.
    pub(crate) fn rests(&self, disk: &Disk) -> bool {
        let end = disk.end();
        let at_end = (self.replica.epoch(), self.replica.head()) == (end.epoch, end.head);
        let listens = self.session.as_ref().is_some_and(|session| session.live && !session.fetching);
        at_end && listens && self.replica.pending().next().is_none() && self.holds_all()
    }

    /// What holds at every moment: the confirmed document is the log's at its place, the view is that with what is
    /// pending, and the screen shows the view.
    pub(crate) fn check(&self, disk: &Disk) -> Result<()> {
        let place = crate::disk::Place { epoch: self.replica.epoch(), head: self.replica.head() };
        let expected = disk.at(place).context("a page is where the log never was")?;
        let expected =
            if self.role.sees_voters() { expected.clone() } else { expected.masked_for(self.user) };
        let held = self.replica.confirmed();
        let expected = expected.holding(|comment| held.comment(comment.id).is_some());
        ensure!(*held == expected, "a page's document is not the log's at {place:?}");
        let mut view = expected;
        for pending in self.replica.pending() {
            let done = apply(&mut view, &pending.op, &Context { actor: self.user, at: pending.at });
            ensure!(done.err() == pending.doomed, "whether {:?} is doomed", pending.op);
        }
        ensure!(*self.replica.view() == view, "view = confirmed + pending");
        ensure!(self.screen == Screen::new(&view, self.user), "the screen missed a change");
        Ok(())
    }
}
