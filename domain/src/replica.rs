//! A page's copy of a room: what the server has confirmed, what is on its way, and what people see.
//!
//! `view = confirmed + pending`. An edit shows at once; its operation is sent, numbered, until it is answered; entries
//! from the server are applied in order to what is confirmed, and the view is built anew on top.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{
    ClientId, Context, Entry, Op, Reject, Roadmap, RoadmapId, Role, Timestamp, Touched, UserId, apply, authorise,
    wire::{Acked, ClientMessage, MAX_PUSH, Outcome, PROTOCOL, Pushed, Snapshot},
};

/// A page's copy of a room.
#[derive(Clone, Debug)]
pub struct Replica {
    roadmap: RoadmapId,
    client: ClientId,
    user: UserId,
    role: Role,
    epoch: u64,
    head: u64,
    confirmed: Roadmap,
    pending: VecDeque<Pending>,
    view: Roadmap,
    next_cseq: u64,
    /// How many pending operations, from the front, were sent on this connection.
    sent: usize,
}

/// An operation of this page that is not yet in the confirmed document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub cseq: u64,
    pub op: Op,
    pub at: Timestamp,
    /// Its place in the log, once acknowledged.
    pub accepted: Option<u64>,
    /// Why it would be refused as things stand now; the server has the last word.
    pub doomed: Option<Reject>,
}

/// What a local edit did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edited {
    pub touched: Touched,
    /// Operations that take it back.
    pub inverse: Vec<Op>,
}

/// A local edit the server refused. It has been taken out of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub op: Op,
    pub reject: Reject,
}

/// The entries do not continue this copy: say hello again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {got} does not follow {head}")]
pub struct Gap {
    pub head: u64,
    pub got: u64,
}

impl Replica {
    pub fn new(snapshot: Snapshot, client: ClientId, user: UserId, role: Role) -> Self {
        let confirmed = Roadmap::from(snapshot.document);
        Self {
            roadmap: snapshot.roadmap,
            client,
            user,
            role,
            epoch: snapshot.epoch,
            head: snapshot.head,
            view: confirmed.clone(),
            confirmed,
            pending: VecDeque::new(),
            next_cseq: 1,
            sent: 0,
        }
    }

    /// What people see.
    pub fn view(&self) -> &Roadmap {
        &self.view
    }

    /// What the server has confirmed.
    pub fn confirmed(&self) -> &Roadmap {
        &self.confirmed
    }

    /// The last sequence number in the confirmed document.
    pub fn head(&self) -> u64 {
        self.head
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    pub fn client(&self) -> ClientId {
        self.client
    }

    pub fn user(&self) -> UserId {
        self.user
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// Operations that are not acknowledged yet.
    pub fn unsaved(&self) -> usize {
        self.pending.iter().filter(|pending| pending.accepted.is_none()).count()
    }

    pub fn pending(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter()
    }

    /// Does an edit on the view at once, and queues it for the server.
    ///
    /// # Errors
    /// The reason, when it is refused already here; nothing is queued then.
    pub fn edit(&mut self, op: Op, at: Timestamp) -> Result<Edited, Reject> {
        authorise(&self.view, &op, self.user, self.role)?;
        let effects = apply(&mut self.view, &op, &Context { actor: self.user, at })?;
        let cseq = self.next_cseq;
        self.next_cseq += 1;
        self.pending.push_back(Pending { cseq, op, at, accepted: None, doomed: None });
        Ok(Edited { touched: effects.touched, inverse: effects.inverse })
    }

    /// The next operations to send, or none while some are under way or nothing waits.
    pub fn take_push(&mut self) -> Option<Vec<Pushed>> {
        if self.sent > 0 {
            return None;
        }
        let ops: Vec<Pushed> = self
            .pending
            .iter()
            .filter(|pending| pending.accepted.is_none())
            .take(MAX_PUSH)
            .map(|pending| Pushed { cseq: pending.cseq, op: pending.op.clone() })
            .collect();
        self.sent = ops.len();
        (!ops.is_empty()).then_some(ops)
    }

    /// Takes the identity under which this page sends, before anything is sent.
    pub fn identify(&mut self, client: ClientId) {
        self.client = client;
    }

    /// What to say first on a new connection.
    pub fn hello(&self) -> ClientMessage {
        ClientMessage::Hello {
            protocol: PROTOCOL,
            roadmap: self.roadmap,
            client: self.client,
            epoch: self.epoch,
            have: self.head,
        }
    }

    /// The connection is a new one: everything unanswered must be sent again.
    pub fn reconnected(&mut self) {
        self.sent = 0;
    }

    /// Takes the server's answers. Refused operations leave the view and are handed back.
    pub fn acknowledge(&mut self, results: Vec<Acked>) -> (Touched, Vec<Refusal>) {
        let mut refused = Vec::new();
        let mut gone = Touched::default();
        for Acked { cseq, outcome } in results {
            let Some(index) = self.pending.iter().position(|pending| pending.cseq == cseq) else { continue };
            if self.pending[index].accepted.is_none() {
                self.sent = self.sent.saturating_sub(1);
            }
            match outcome {
                // A repetition of what has come in already.
                Outcome::Accepted { seq } if seq <= self.head => {
                    self.pending.remove(index);
                    gone.lane_order = true;
                }
                Outcome::Accepted { seq } => self.pending[index].accepted = Some(seq),
                Outcome::Refused(reject) => {
                    if let Some(pending) = self.pending.remove(index) {
                        refused.push(Refusal { op: pending.op, reject });
                    }
                }
            }
        }
        let mut touched = Touched::default();
        if !refused.is_empty() || gone != Touched::default() {
            touched = self.rebuild();
        }
        (touched, refused)
    }

    /// Applies committed entries. Ones this copy already has are skipped.
    ///
    /// # Errors
    /// [`Gap`] when they do not continue this copy, or do not apply to it; nothing of the view is lost.
    pub fn receive(&mut self, entries: Vec<Entry>) -> Result<Touched, Gap> {
        let mut touched = Touched::default();
        let mut own = false;
        for entry in entries {
            if entry.seq <= self.head {
                continue;
            }
            if entry.seq != self.head + 1 {
                return Err(Gap { head: self.head, got: entry.seq });
            }
            let context = Context { actor: entry.actor, at: entry.at };
            let effects = apply(&mut self.confirmed, &entry.op, &context)
                .map_err(|_| Gap { head: self.head, got: entry.seq })?;
            self.head = entry.seq;
            touched.merge(effects.touched);
            if entry.client == self.client {
                own = true;
                if let Some(index) = self.pending.iter().position(|pending| pending.cseq == entry.cseq) {
                    if self.pending[index].accepted.is_none() {
                        self.sent = self.sent.saturating_sub(1);
                    }
                    self.pending.remove(index);
                }
            }
        }
        if own || !self.pending.is_empty() {
            touched.merge(self.rebuild());
        } else {
            self.view = self.confirmed.clone();
        }
        Ok(touched)
    }

    /// Continues from a fresh document; pending operations are kept and done again on top of it. Returns what may look
    /// different from before.
    pub fn replace(&mut self, snapshot: Snapshot) -> Touched {
        self.epoch = snapshot.epoch;
        self.head = snapshot.head;
        self.confirmed = Roadmap::from(snapshot.document);
        let head = self.head;
        self.pending.retain(|pending| pending.accepted.is_none_or(|seq| seq > head));
        self.sent = 0;
        self.rebuild()
    }

    /// `view = confirmed + pending`. Returns what may look different from before.
    fn rebuild(&mut self) -> Touched {
        let before = std::mem::replace(&mut self.view, self.confirmed.clone());
        for pending in &mut self.pending {
            let context = Context { actor: self.user, at: pending.at };
            pending.doomed = apply(&mut self.view, &pending.op, &context).err();
        }
        differences(&before, &self.view)
    }
}

/// What differs between two documents. Rows are shared between copies, so most comparisons are of two pointers.
fn differences(before: &Roadmap, after: &Roadmap) -> Touched {
    let comments = changed(&before.comments, &after.comments, Arc::ptr_eq);
    let mut threads = changed(&before.threads, &after.threads, PartialEq::eq);
    threads.extend(
        comments
            .iter()
            .filter_map(|id| after.comment(*id).or(before.comment(*id)))
            .map(|comment| comment.item),
    );
    let votes = changed(&before.votes, &after.votes, Arc::ptr_eq);
    Touched {
        items: changed(&before.items, &after.items, Arc::ptr_eq),
        lanes: changed(&before.lanes, &after.lanes, PartialEq::eq),
        comments,
        votes: votes.into_iter().map(|item| (item, UserId::NIL)).collect(),
        threads,
        orders: changed(&before.order, &after.order, PartialEq::eq),
        lane_order: before.lane_order != after.lane_order,
    }
}

fn changed<K: Ord + Copy, V>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
    same: fn(&V, &V) -> bool,
) -> BTreeSet<K> {
    let gone = before.keys().filter(|key| !after.contains_key(key));
    let new = after.iter().filter(|(key, value)| before.get(key).is_none_or(|other| !same(other, value)));
    gone.copied().chain(new.map(|(key, _)| *key)).collect()
}
