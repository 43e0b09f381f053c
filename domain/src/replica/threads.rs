//! Threads: a page holds the comments of items that were opened, and counts the others.

use std::collections::BTreeSet;

use super::{CommentId, Context, Entry, Op, Pending, Replica, TextOf, Touched, apply};
use crate::{Roadmap, wire::Thread};

/// How many entries about comments are remembered, to bring a thread up to date.
const RECENT: usize = 64;

/// The most comments a page asks for with a fresh document.
pub(super) const MOST_HELD: usize = 256;

/// Why a thread cannot be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// The page lacks entries that the thread has: try again once they have come.
    Later,
    /// It is of another epoch, or too old: load it again.
    Stale,
}

impl Replica {
    /// Takes in comments that this page counted so far.
    ///
    /// # Errors
    /// When the thread and the confirmed document cannot be brought together as they are.
    pub fn load_thread(&mut self, thread: &Thread) -> Result<Touched, Unready> {
        if thread.epoch != self.epoch || thread.seq < self.recent_after {
            return Err(Unready::Stale);
        }
        if thread.seq > self.head {
            return Err(Unready::Later);
        }
        let mut part = Roadmap::default();
        part.hold(thread.comments.iter().cloned());
        for entry in self.recent.iter().filter(|entry| entry.seq > thread.seq) {
            let context = Context { actor: entry.actor, at: entry.at };
            for op in steps(&entry.op) {
                // What it did to other comments is refused, and changes nothing here.
                let _ = apply(&mut part, op, &context);
            }
        }
        self.confirmed.hold(part.comments.into_values());
        Ok(self.rebuild())
    }

    /// The comments that a fresh document has to bring along, those with pending edits first.
    pub fn held_comments(&self) -> Vec<CommentId> {
        let mut seen = BTreeSet::new();
        let edited = self.pending.iter().flat_map(|pending| pending.op.named_comments());
        let held = self.confirmed.comments.keys().rev().copied();
        edited.map(|(id, _)| id).chain(held).filter(|id| seen.insert(*id)).take(MOST_HELD).collect()
    }

    /// Whether pending edits wait for the comments they were made on: a fresh document with the
    /// [held comments](Self::held_comments) is needed.
    pub fn lacks_comments(&self) -> bool {
        !self.missing.is_empty()
    }

    /// What takes back a step about a comment that this page only counts. The server decides such a step: the page shows
    /// nothing of it but the count.
    pub(super) fn edit_unheld(&self, op: &Op) -> Option<Vec<Op>> {
        let (id, inverse) = match op {
            Op::DeleteComment { id } => (*id, Op::RestoreComment { id: *id }),
            Op::RestoreComment { id } => (*id, Op::DeleteComment { id: *id }),
            _ => return None,
        };
        (self.role.permits(op) && self.view.comment(id).is_none()).then(|| vec![inverse])
    }

    /// Remembers the texts that edits taken over were made on, where the page does not hold them.
    pub(super) fn keep_missing(&mut self, on: &[(TextOf, String)]) {
        for (text, before) in on {
            if matches!(text, TextOf::Comment(_)) && self.begins(*text).is_none() {
                self.missing.entry(*text).or_insert_with(|| before.clone());
            }
        }
    }

    /// An edit of a text that the page does not hold is confirmed: what comes after it was made on what it made.
    pub(super) fn carry_missing(&mut self, mine: Option<&Pending>) {
        if let Some((text, delta)) = mine.and_then(|mine| mine.op.edits_text())
            && let Some(before) = self.missing.get_mut(&text)
            && let Some(after) = delta.apply(before)
        {
            *before = after;
        }
    }

    pub(super) fn keep_recent(&mut self, entry: Entry) {
        if entry.items.is_empty() {
            return;
        }
        self.recent.push_back(entry);
        if self.recent.len() > RECENT
            && let Some(oldest) = self.recent.pop_front()
        {
            self.recent_after = oldest.seq;
        }
    }
}

fn steps(op: &Op) -> &[Op] {
    match op {
        Op::Batch { ops, .. } => ops,
        op => std::slice::from_ref(op),
    }
}
