//! A page's copy of a room: what the server has confirmed, what is on its way, and what people see.
//!
//! `view = confirmed + pending`. An edit shows at once; its operation is sent, numbered, until it is answered; entries
//! from the server are applied in order to what is confirmed, and the view is built anew on top.
//!
//! Pending edits of a text are always changes of the confirmed text, one after the other: what others do to it comes under
//! them, and they are carried over it.

mod texts;
mod threads;

pub use threads::Unready;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{
    Change, ClientId, CommentId, Computed, Context, Delta, Entry, ItemId, Op, Product, Reject, Roadmap,
    RoadmapId, Role, TextOf, Timestamp, Touched, UserId, apply, apply_entry, authorise,
    dependency::Linked,
    wire::{Acked, ClientMessage, MAX_PUSH, MAX_PUSH_BYTES, Outcome, PROTOCOL, Pushed, Snapshot},
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
    /// Whether the server knows this page by its present identity, in the epoch of its document. Otherwise nothing is sent,
    /// and answers and entries are for what it was before.
    known: bool,
    /// How many operations sent on this connection are unanswered.
    sent: usize,
    /// An entry did not apply: only a fresh document helps.
    diverged: bool,
    /// Where the log was at the server's last [word](Self::lacks) about it.
    told: u64,
    /// The latest entries about comments, complete after `recent_after`: a thread read from the server before them is
    /// brought up to date with them.
    recent: VecDeque<Entry>,
    recent_after: u64,
    /// Texts of comments that pending edits were made on and the confirmed document does not hold.
    missing: BTreeMap<TextOf, String>,
}

/// An operation of this page that is not yet in the confirmed document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Under whose number: this page's, or that of a page whose edits it took over.
    pub client: ClientId,
    pub cseq: u64,
    pub op: Op,
    pub at: Timestamp,
    /// Its place in the log, once acknowledged.
    pub accepted: Option<u64>,
    /// Why it would be refused as things stand now; the server has the last word.
    pub doomed: Option<Reject>,
    /// Counts up whenever the operation becomes another, under its number.
    pub revision: u64,
    /// Whether the server may have it.
    sent: bool,
}

/// What a page that is gone had not brought to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub cseq: u64,
    pub op: Op,
    pub at: Timestamp,
    /// The text that it edits, as it was before.
    pub on: Option<String>,
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

/// The entries do not continue this copy: say [`hello`](Replica::hello) again.
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
            recent_after: snapshot.head,
            recent: VecDeque::new(),
            missing: BTreeMap::new(),
            view: confirmed.clone(),
            confirmed,
            pending: VecDeque::new(),
            next_cseq: 1,
            known: false,
            sent: 0,
            diverged: false,
            told: 0,
        }
    }

    /// Shows the roadmaps of products as one. Such a copy follows no room: its parts do, and it is told of their changes.
    pub fn show_joined(&mut self, parts: &[(&Product, &Roadmap)]) {
        let beside = std::mem::take(&mut self.view.beside);
        self.view = Roadmap::joined(parts);
        self.view.beside = beside;
    }

    /// Shows what was counted of dependencies. Returns the items of which that is something else now.
    pub fn show_linked(&mut self, linked: BTreeMap<ItemId, Linked>) -> Touched {
        let before = std::mem::replace(&mut self.view.beside.linked, linked);
        Touched { items: changed(&before, &self.view.beside.linked, PartialEq::eq), ..Touched::default() }
    }

    /// Shows what the server computed. Returns the items of which that is something else now.
    pub fn show_computed(&mut self, computed: BTreeMap<ItemId, Computed>) -> Touched {
        let before = std::mem::replace(&mut self.view.beside.computed, computed);
        Touched { items: changed(&before, &self.view.beside.computed, PartialEq::eq), ..Touched::default() }
    }

    /// Takes over what changed in a part.
    pub fn take_in(&mut self, part: &Roadmap, touched: &Touched) {
        self.view.take_in(part, touched);
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
    pub fn edit(&mut self, mut op: Op, at: Timestamp) -> Result<Edited, Reject> {
        if let Op::SetItem { seen, .. } = &mut op {
            *seen = Some(self.head);
        }
        if let Some(inverse) = self.edit_unheld(&op) {
            self.queue(op, at);
            return Ok(Edited { touched: self.rebuild(), inverse });
        }
        authorise(&self.view, &op, self.user, self.role)?;
        if encoded_len(&op) > MAX_PUSH_BYTES {
            return Err(Reject::TooLarge);
        }
        self.check_text(&op)?;
        let mut effects = apply(&mut self.view, &op, &Context { actor: self.user, at })?;
        if self.join(&op, at) {
            effects.touched.merge(self.rebuild());
        } else {
            self.queue(op, at);
        }
        Ok(Edited { touched: effects.touched, inverse: effects.inverse })
    }

    /// Whether an edit would be done on the view as it is. What edits a text it does not try.
    ///
    /// # Errors
    /// The reason, when it is refused already here.
    pub fn try_on(&self, op: &Op) -> Result<(), Reject> {
        authorise(&self.view, op, self.user, self.role)?;
        if op.edits_text().is_none() {
            apply(&mut self.view.clone(), op, &Context { actor: self.user, at: Timestamp(0) })?;
        }
        Ok(())
    }

    fn queue(&mut self, op: Op, at: Timestamp) {
        let cseq = self.next_cseq;
        self.next_cseq += 1;
        self.pending.push_back(Pending::new(self.client, cseq, op, at));
    }

    /// Takes over what a page that is gone had not brought to the server, in the order of their numbers. It is sent before
    /// what this page does, under the numbers it has: the server may know some of it already. Numbers of another epoch mean
    /// nothing to it, and are given anew. For a page that has said nothing yet. Returns what may look different from before.
    pub fn adopt(&mut self, client: ClientId, epoch: u64, left: Vec<Left>) -> Touched {
        let same = epoch == self.epoch;
        let own = self.pending.iter().position(|pending| same && pending.client == self.client);
        let own = self.pending.split_off(own.unwrap_or(self.pending.len()));
        let first = self.pending.len();
        let mut on = Vec::new();
        for Left { cseq, op, at, on: before } in left {
            on.extend(op.edits_text().map(|(text, _)| text).zip(before));
            if same {
                self.pending.push_back(Pending { sent: true, ..Pending::new(client, cseq, op, at) });
            } else {
                self.queue(op, at);
            }
        }
        self.keep_missing(&on);
        self.insert(first, on, own);
        self.rebuild()
    }

    /// As whom the page has to be known to the server to send what waits first. Says [`hello`](Self::hello) again when it is
    /// somebody else than before.
    pub fn sender(&self) -> ClientId {
        let waiting = self.pending.iter().find(|pending| pending.accepted.is_none());
        waiting.map_or(self.client, |pending| pending.client)
    }

    /// The next operations to send as [`sender`](Self::sender), or none while some are under way, nothing waits, or the page is
    /// not [welcome](Self::welcomed).
    pub fn take_push(&mut self) -> Option<Vec<Pushed>> {
        if self.sent > 0 || !self.known {
            return None;
        }
        let (sender, mut bytes) = (self.sender(), 0);
        // What an edit of a text was made on must be confirmed, so that its base says all about it.
        let alone = (0..self.pending.len()).take_while(|index| !self.waits(*index)).count();
        let ops: Vec<Pushed> = self
            .pending
            .iter_mut()
            .take(alone)
            .filter(|pending| pending.accepted.is_none())
            .take_while(|pending| pending.client == sender)
            .take(MAX_PUSH)
            .take_while(|pending| {
                bytes += encoded_len(&pending.op);
                bytes <= MAX_PUSH_BYTES
            })
            .map(|pending| {
                pending.sent = true;
                let mut op = pending.op.clone();
                if let Op::EditText { base, .. } = &mut op {
                    *base = self.head;
                }
                Pushed { cseq: pending.cseq, op }
            })
            .collect();
        self.sent = ops.len();
        (!ops.is_empty()).then_some(ops)
    }

    /// Takes the identity under which this page sends, everything that waits included: before anything is sent, and before
    /// [`replace`](Self::replace) with a document of another epoch, whose server may not know the numbers given so far.
    pub fn identify(&mut self, client: ClientId) {
        self.client = client;
        self.next_cseq = 1;
        for pending in &mut self.pending {
            pending.client = client;
            pending.cseq = self.next_cseq;
            pending.sent = false;
            self.next_cseq += 1;
        }
        self.known = false;
        self.sent = 0;
    }

    /// What to say first on a new connection, and again where entries did not continue this copy.
    pub fn hello(&self) -> ClientMessage {
        ClientMessage::Hello {
            protocol: PROTOCOL,
            roadmap: self.roadmap,
            client: self.sender(),
            // No room has epoch 0: the answer is `refetch`.
            epoch: if self.diverged { 0 } else { self.epoch },
            have: self.head,
            plain: false,
        }
    }

    /// The server has answered [`hello`](Self::hello), in this epoch: everything unanswered must be sent again. Where the
    /// epoch is another one, first the document comes, and after it another welcome: the numbers given so far mean nothing
    /// there.
    pub fn welcomed(&mut self, epoch: u64) {
        self.known = epoch == self.epoch && !self.diverged;
        self.sent = 0;
        self.told = 0;
    }

    /// Takes the server's word where the log is. Whether entries got lost: they were there at its last word, and have not come
    /// since. Then say [`hello`](Self::hello) again.
    pub fn lacks(&mut self, head: u64) -> bool {
        std::mem::replace(&mut self.told, head) > self.head
    }

    /// Takes the server's answers. Refused operations leave the view and are handed back.
    pub fn acknowledge(&mut self, results: Vec<Acked>) -> (Touched, Vec<Refusal>) {
        if !self.known {
            return (Touched::default(), Vec::new());
        }
        let sender = self.sender();
        let mut refused = Vec::new();
        let mut stale = false;
        for Acked { cseq, outcome } in results {
            let of_sender = |pending: &Pending| pending.client == sender && pending.cseq == cseq;
            let Some(index) = self.pending.iter().position(of_sender) else { continue };
            let pending = &mut self.pending[index];
            if pending.accepted.is_none() {
                self.sent = self.sent.saturating_sub(1);
            }
            match outcome {
                Outcome::Accepted { seq } if seq > self.head => pending.accepted = Some(seq),
                // The document it was loaded with had it already.
                Outcome::Accepted { .. } => {
                    self.take_out(index);
                    stale = true;
                }
                Outcome::Refused(reject) => {
                    refused.push(Refusal { op: pending.op.clone(), reject });
                    self.take_out(index);
                    stale = true;
                }
            }
        }
        let touched = if stale { self.rebuild() } else { Touched::default() };
        (touched, refused)
    }

    /// Applies committed entries. Ones this copy already has are skipped, and so are all before the page is
    /// [welcome](Self::welcomed): they are of a connection that began with another document.
    ///
    /// # Errors
    /// [`Gap`] when they do not continue this copy or do not apply to it; the view stays as it was.
    pub fn receive(&mut self, entries: Vec<Entry>) -> Result<Touched, Gap> {
        if !self.known {
            return Ok(Touched::default());
        }
        let entries: Vec<Entry> = entries.into_iter().filter(|entry| entry.seq > self.head).collect();
        for (head, entry) in (self.head..).zip(&entries) {
            if entry.seq != head + 1 {
                return Err(Gap { head, got: entry.seq });
            }
        }
        let quiet = self.pending.is_empty();
        let mut touched = Touched::default();
        for entry in entries {
            let texts = self.edited_texts();
            let Ok(effects) = apply_entry(&mut self.confirmed, &entry) else {
                self.diverged = true;
                return Err(Gap { head: self.head, got: entry.seq });
            };
            self.head = entry.seq;
            touched.merge(effects.touched);
            let is_this = |pending: &Pending| (pending.client, pending.cseq) == (entry.client, entry.cseq);
            let mut mine = None;
            if let Some(index) = self.pending.iter().position(is_this) {
                if self.pending[index].accepted.is_none() {
                    self.sent = self.sent.saturating_sub(1);
                }
                mine = self.pending.remove(index);
            }
            self.carry_over(&texts, &entry, &effects.changes, mine.as_ref());
            self.carry_missing(mine.as_ref());
            self.keep_recent(entry);
        }
        if quiet {
            self.view.take_over(&self.confirmed, &touched);
        } else {
            touched.merge(self.rebuild());
        }
        Ok(touched)
    }

    /// Continues from a fresh document; pending operations are kept and done again on top of it. Returns what may look
    /// different from before.
    pub fn replace(&mut self, snapshot: Snapshot) -> Touched {
        let same = snapshot.epoch == self.epoch;
        let head = snapshot.head;
        let included = |pending: &Pending| same && pending.accepted.is_some_and(|seq| seq <= head);
        let texts = self.texts_with(included);
        if same {
            self.pending.retain(|pending| !included(pending));
        } else {
            // An acknowledgement of another epoch says nothing about this document.
            self.pending.iter_mut().for_each(|pending| pending.accepted = None);
        }
        self.epoch = snapshot.epoch;
        self.head = snapshot.head;
        self.confirmed = Roadmap::from(snapshot.document);
        self.recent.clear();
        self.recent_after = head;
        self.sent = 0;
        self.diverged = false;
        self.merge(&texts);
        self.missing.clear();
        self.rebuild()
    }

    /// `view = confirmed + pending`. Returns what may look different from before.
    fn rebuild(&mut self) -> Touched {
        let mut before = std::mem::replace(&mut self.view, self.confirmed.clone());
        self.view.beside = std::mem::take(&mut before.beside);
        for pending in &mut self.pending {
            let context = Context { actor: self.user, at: pending.at };
            pending.doomed = apply(&mut self.view, &pending.op, &context).err();
        }
        differences(&before, &self.view)
    }
}

/// Bytes of an operation on the wire.
fn encoded_len(op: &Op) -> usize {
    serde_json::to_vec(op).expect("operations are plain data").len()
}

/// What differs between two documents. Rows are shared between copies, so most comparisons are of two pointers.
fn differences(before: &Roadmap, after: &Roadmap) -> Touched {
    let comments = changed(&before.comments, &after.comments, Arc::ptr_eq);
    let mut threads = changed(&before.threads, &after.threads, PartialEq::eq);
    threads.extend(changed(&before.more_comments, &after.more_comments, PartialEq::eq));
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
        fields: !Arc::ptr_eq(&before.fields, &after.fields),
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

#[cfg(test)]
mod tests;
