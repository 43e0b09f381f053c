//! What the simulated server keeps through a crash: the log, how far each page's operations were decided, and who may do
//! what. Several processes may share it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use domain::{
    Change, ClientId, Context, Entry, Op, Reject, Roadmap, Role, Timestamp, UserId, apply, authorise,
    wire::{Acked, Outcome, Pushed},
};

use crate::{
    carry::{self, Carried},
    plans::Plans,
    sabotage::Sabotage,
};

/// A moment of a room's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) epoch: u64,
    pub(crate) head: u64,
}

#[derive(Debug)]
pub(crate) struct Disk {
    /// Every epoch there was; the last one is in force.
    epochs: Vec<History>,
    pub(crate) cursors: BTreeMap<ClientId, Cursor>,
    /// Who has a role in the product.
    pub(crate) roles: BTreeMap<UserId, Role>,
    /// Members for whom the product does not exist.
    pub(crate) outside: BTreeSet<UserId>,
    pub(crate) archived: bool,
    /// Another room, to which items go.
    pub(crate) elsewhere: Roadmap,
    /// Records beside the rooms.
    pub(crate) plans: Plans,
    backup: Option<Backup>,
    /// The head before the last commit, for a disk that does not keep its word.
    before: Option<Backup>,
    pub(crate) sabotage: Option<Sabotage>,
}

/// The log of an epoch, and the document after each of its entries, beginning with none.
#[derive(Clone, Debug)]
struct History {
    log: Vec<Entry>,
    /// What each entry changed.
    facts: Vec<Vec<Change>>,
    states: Vec<Roadmap>,
}

/// How far a page's operations were decided, and how.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    pub(crate) user: UserId,
    pub(crate) last: u64,
    pub(crate) answers: BTreeMap<u64, Outcome>,
}

#[derive(Clone, Debug)]
struct Backup {
    head: u64,
    cursors: BTreeMap<ClientId, Cursor>,
    elsewhere: Roadmap,
    plans: Plans,
}

/// An operation that was accepted, what it changed, and the document after it.
type Done = (Op, Vec<Change>, Roadmap);

/// Numbers of a page's operations that were decided for the first time, with the answer.
pub(crate) type Decided = Vec<(u64, Outcome)>;

impl Disk {
    pub(crate) fn new(roles: BTreeMap<UserId, Role>, sabotage: Option<Sabotage>) -> Self {
        let history = History { log: Vec::new(), facts: Vec::new(), states: vec![Roadmap::default()] };
        Self {
            epochs: vec![history],
            cursors: BTreeMap::new(),
            roles,
            outside: BTreeSet::new(),
            archived: false,
            elsewhere: carry::elsewhere(),
            plans: Plans::default(),
            backup: None,
            before: None,
            sabotage,
        }
    }

    /// Where the log ends.
    pub(crate) fn end(&self) -> Place {
        Place { epoch: self.epochs.len() as u64, head: self.current().log.len() as u64 }
    }

    /// The log in force.
    pub(crate) fn log(&self) -> &[Entry] {
        &self.current().log
    }

    /// The document in force.
    pub(crate) fn roadmap(&self) -> &Roadmap {
        self.current().states.last().expect("there is a document before the first entry")
    }

    /// The document as it was; `None` for a moment that never was.
    pub(crate) fn at(&self, place: Place) -> Option<&Roadmap> {
        self.history(place.epoch)?.states.get(usize::try_from(place.head).ok()?)
    }

    /// The entries of an epoch after one moment, up to another.
    pub(crate) fn entries(&self, epoch: u64, after: u64, head: u64) -> &[Entry] {
        let range = usize::try_from(after).unwrap_or(usize::MAX)..usize::try_from(head).unwrap_or(usize::MAX);
        self.history(epoch).and_then(|history| history.log.get(range)).unwrap_or_default()
    }

    fn current(&self) -> &History {
        self.epochs.last().expect("there is a first epoch")
    }

    fn history(&self, epoch: u64) -> Option<&History> {
        self.epochs.get(usize::try_from(epoch).ok()?.checked_sub(1)?)
    }

    /// Decides the operations of one push, in order, as the committer does, and says which of them were new.
    ///
    /// # Errors
    /// When a refusal changes the document.
    pub(crate) fn decide(
        &mut self,
        user: UserId,
        client: ClientId,
        ops: Vec<Pushed>,
        at: Timestamp,
    ) -> Result<(Vec<Acked>, Decided)> {
        let fresh = Cursor { user, last: 0, answers: BTreeMap::new() };
        // Taken out while it is changed.
        let mut cursor = self.cursors.remove(&client).unwrap_or(fresh);
        let mut answers = Vec::with_capacity(ops.len());
        let mut decided = Vec::new();
        if cursor.user != user || client == ClientId::NIL {
            let refused =
                |op: Pushed| Acked { cseq: op.cseq, outcome: Outcome::Refused(Reject::ForeignClient) };
            if cursor.last > 0 {
                self.cursors.insert(client, cursor);
            }
            return Ok((ops.into_iter().map(refused).collect(), decided));
        }
        for Pushed { cseq, op } in ops {
            let expected = cursor.last + 1;
            let outcome = if cseq == expected {
                let outcome = match self.attempt(user, client, &op, at)? {
                    Ok((op, changes, roadmap)) => {
                        let history = self.epochs.last_mut().expect("there is a first epoch");
                        let seq = history.log.len() as u64 + 1;
                        let items = op.comment_items(&roadmap);
                        history.log.push(Entry { seq, client, cseq, actor: user, at, op, items });
                        history.facts.push(changes);
                        history.states.push(roadmap);
                        Outcome::Accepted { seq }
                    }
                    Err(reject) => Outcome::Refused(reject),
                };
                cursor.last = cseq;
                cursor.answers.insert(cseq, outcome.clone());
                decided.push((cseq, outcome.clone()));
                outcome
            } else {
                let known = cursor.answers.get(&cseq).cloned();
                match known {
                    Some(Outcome::Refused(_)) if self.sabotage == Some(Sabotage::ForgetRefusals) => self
                        .attempt(user, client, &op, at)?
                        .map_or_else(Outcome::Refused, |_| Outcome::Accepted { seq: self.end().head }),
                    Some(outcome) => outcome,
                    None => Outcome::Refused(Reject::OutOfOrder { expected, got: cseq }),
                }
            };
            answers.push(Acked { cseq, outcome });
        }
        if cursor.last > 0 {
            self.cursors.insert(client, cursor);
        }
        Ok((answers, decided))
    }

    /// Moves an item between the room and the other, as the server does: in both, under a number of its own.
    ///
    /// # Errors
    /// When it cannot be done in one of them.
    pub(crate) fn carry(
        &mut self,
        (user, client): (UserId, ClientId),
        carried: Carried,
        at: Timestamp,
    ) -> Result<Decided> {
        for (actor, op) in carried.there {
            apply(&mut self.elsewhere, &op, &Context { actor, at }).context("in the other room")?;
        }
        let mut cursor = Cursor { user, last: 0, answers: BTreeMap::new() };
        let mut decided = Vec::new();
        for (actor, op) in carried.here {
            let mut roadmap = self.roadmap().clone();
            let effects = apply(&mut roadmap, &op, &Context { actor, at }).context("in the room")?;
            let history = self.epochs.last_mut().expect("there is a first epoch");
            let seq = history.log.len() as u64 + 1;
            cursor.last += 1;
            let items = op.comment_items(&roadmap);
            history.log.push(Entry { seq, client, cseq: cursor.last, actor, at, op, items });
            history.facts.push(effects.changes);
            history.states.push(roadmap);
            cursor.answers.insert(cursor.last, Outcome::Accepted { seq });
            decided.push((cursor.last, Outcome::Accepted { seq }));
        }
        self.cursors.insert(client, cursor);
        Ok(decided)
    }

    /// The operation as it goes into the log, what it changes and the document after it; or why not.
    fn attempt(
        &self,
        user: UserId,
        client: ClientId,
        op: &Op,
        at: Timestamp,
    ) -> Result<Result<Done, Reject>> {
        let outside = if self.outside.contains(&user) { Reject::NoAccess } else { Reject::NotMember };
        let Some(role) = self.roles.get(&user).copied() else { return Ok(Err(outside)) };
        if self.archived {
            return Ok(Err(Reject::Archived));
        }
        let mut roadmap = self.roadmap().clone();
        let done =
            authorise(&roadmap, op, user, role).and_then(|()| self.rebase(client, op)).and_then(|op| {
                let effects = apply(&mut roadmap, &op, &Context { actor: user, at })?;
                Ok((op.with_spots(effects.spots), effects.changes))
            });
        Ok(match done {
            Ok((op, changes)) => Ok((op, changes, roadmap)),
            Err(reject) => {
                ensure!(roadmap == *self.roadmap(), "{op:?} was refused ({reject}) and changed the document");
                Err(reject)
            }
        })
    }

    /// An edit of a text, carried over what others did to the text since the entry it was made on.
    fn rebase(&self, client: ClientId, op: &Op) -> Result<Op, Reject> {
        let Op::EditText { text, base, delta } = op else { return Ok(op.clone()) };
        let head = self.end().head;
        if *base > head {
            return Err(Reject::StaleText);
        }
        if self.sabotage == Some(Sabotage::KeepBase) {
            return Ok(op.clone());
        }
        let History { log, facts, .. } = self.current();
        let since = log.iter().zip(facts).skip(usize::try_from(*base).unwrap_or(usize::MAX));
        let since = since.map(|(entry, changes)| (entry.client, &entry.op, changes.as_slice()));
        let delta = Op::rebase(*text, (client, delta), since).ok_or(Reject::StaleText)?;
        Ok(Op::EditText { text: *text, base: head, delta })
    }

    /// The document as it goes over HTTP to somebody.
    pub(crate) fn document_for(&self, place: Place, user: UserId, sees_voters: bool) -> Option<Roadmap> {
        let roadmap = self.at(place)?;
        let full = sees_voters || self.sabotage == Some(Sabotage::TellVoters);
        Some(if full { roadmap.clone() } else { roadmap.masked_for(user) })
    }

    pub(crate) fn back_up(&mut self) {
        self.backup = Some(self.now());
    }

    /// Puts the backup in place of everything, in a new epoch. Returns the head that came back.
    pub(crate) fn restore(&mut self) -> Option<u64> {
        let Backup { head, cursors, elsewhere, plans } = self.backup.clone()?;
        let restored = self.cut_to(head);
        if self.sabotage == Some(Sabotage::KeepEpoch) {
            self.epochs.pop();
        }
        self.epochs.push(restored);
        (self.cursors, self.elsewhere, self.plans) = (cursors, elsewhere, plans);
        Some(head)
    }

    pub(crate) fn commit_begins(&mut self) {
        if self.sabotage == Some(Sabotage::AnswerBeforeDisk) {
            self.before = Some(self.now());
        }
    }

    pub(crate) fn crash(&mut self) {
        match self.sabotage {
            Some(Sabotage::ForgetNumbers) => self.cursors.clear(),
            Some(Sabotage::AnswerBeforeDisk) => {
                if let Some(Backup { head, cursors, elsewhere, plans }) = self.before.take() {
                    let cut = self.cut_to(head);
                    self.epochs.pop();
                    self.epochs.push(cut);
                    (self.cursors, self.elsewhere, self.plans) = (cursors, elsewhere, plans);
                }
            }
            _ => {}
        }
    }

    /// # Errors
    /// When a record is not as it may be.
    pub(crate) fn check_plans(&self) -> Result<()> {
        self.plans.check(self.roadmap(), &self.elsewhere)
    }

    fn now(&self) -> Backup {
        let (elsewhere, plans) = (self.elsewhere.clone(), self.plans.clone());
        Backup { head: self.end().head, cursors: self.cursors.clone(), elsewhere, plans }
    }

    fn cut_to(&self, head: u64) -> History {
        let mut history = self.current().clone();
        let head = usize::try_from(head).unwrap_or(usize::MAX);
        history.log.truncate(head);
        history.facts.truncate(head);
        history.states.truncate(head.saturating_add(1));
        history
    }
}
