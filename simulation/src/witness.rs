//! An outside witness of a run: what every page asked for, what it was told, and what the log made of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{
    ClientId, CommentId, Entry, Op, Reject, TextOf, UserId,
    wire::{Acked, Outcome},
};

use crate::{
    disk::{Decided, Disk},
    same,
};

#[derive(Debug, Default)]
pub(crate) struct Witness {
    pages: BTreeMap<ClientId, Known>,
    /// Every id in what everybody is told.
    told_to_all: BTreeSet<String>,
    /// Comments that came back from another room, perhaps in other words.
    moved: BTreeSet<CommentId>,
    /// Operations that were done again after a restore that had them already.
    pub(crate) redone: u64,
}

/// What is known of one identity under which somebody sent operations.
#[derive(Debug, Default)]
struct Known {
    /// The epoch in which it numbers its operations.
    epoch: u64,
    /// Every operation, by its number.
    issued: BTreeMap<u64, Op>,
    /// What the server decided first, as long as no restore undid it.
    decided: BTreeMap<u64, Outcome>,
    /// What the page was told to be in the log, and what to be refused.
    accepted: BTreeMap<u64, u64>,
    refused: BTreeSet<u64>,
    /// The page has gone, or goes on under another identity: not everything has to be decided any more.
    left: bool,
}

impl Witness {
    /// A page begins to number its operations.
    pub(crate) fn begins(&mut self, client: ClientId, epoch: u64) -> Result<()> {
        let known = Known { epoch, ..Known::default() };
        ensure!(self.pages.insert(client, known).is_none(), "two pages have the same identity");
        Ok(())
    }

    /// An operation waits at a page under a number. An edit of a text may become part of the one before it.
    pub(crate) fn issued(&mut self, client: ClientId, cseq: u64, op: Op) -> Result<()> {
        let known = self.pages.get_mut(&client).context("a page without identity edits")?;
        let expected = known.issued.last_key_value().map_or(1, |(last, _)| last + 1);
        if cseq + 1 == expected
            && op.edits_text().is_some()
            && known.issued.get(&cseq).and_then(Op::edits_text).map(|(text, _)| text)
                == op.edits_text().map(|(text, _)| text)
        {
            ensure!(!known.decided.contains_key(&cseq), "operation {cseq} was changed after it was decided");
            known.issued.insert(cseq, op);
            return Ok(());
        }
        ensure!(cseq == expected, "operation {cseq} was issued where {expected} belongs");
        known.issued.insert(cseq, op);
        Ok(())
    }

    /// Comments come back from another room.
    pub(crate) fn came_back(&mut self, op: &Op) {
        if let Op::ReceiveComments { comments } = op {
            self.moved.extend(comments.iter().map(|comment| comment.id));
        }
    }

    /// Whether a text is of a comment that was in another room.
    pub(crate) fn has_moved(&self, text: TextOf) -> bool {
        matches!(text, TextOf::Comment(id) if self.moved.contains(&id))
    }

    /// Pages are told of entries: each as it is, or of some who votes is for few.
    pub(crate) fn published(&mut self, entries: &[Entry]) {
        for entry in entries.iter().filter(|entry| entry.masked_for(UserId::NIL) == **entry) {
            let text = serde_json::to_string(entry).expect("an entry is plain data");
            self.told_to_all.extend(text.split('"').filter(|text| text.len() == 36).map(str::to_owned));
        }
    }

    /// The server says what it names by slots: nothing that not everybody has been told.
    pub(crate) fn remembered(&self, slots: &[impl ToString]) -> Result<()> {
        let secret = slots.iter().map(ToString::to_string).find(|id| !self.told_to_all.contains(id));
        secret.map_or(Ok(()), |id| bail!("a slot holds {id}, of which not everybody is told"))
    }

    /// A page goes, with whatever it had not sent.
    pub(crate) fn left(&mut self, client: ClientId) {
        if let Some(known) = self.pages.get_mut(&client) {
            known.left = true;
        }
    }

    /// The server decided operations for the first time.
    pub(crate) fn decided(&mut self, client: ClientId, decided: Decided, epoch: u64) -> Result<()> {
        if decided.is_empty() {
            return Ok(());
        }
        let known = self.pages.get_mut(&client).context("somebody unknown was answered")?;
        ensure!(
            known.epoch == epoch,
            "an operation numbered for epoch {} was decided in epoch {epoch}",
            known.epoch
        );
        for (cseq, outcome) in decided {
            let before = known.decided.insert(cseq, outcome);
            ensure!(before.is_none(), "operation {cseq} was decided twice");
        }
        Ok(())
    }

    /// Somebody hears answers.
    pub(crate) fn told(&mut self, client: ClientId, results: &[Acked]) -> Result<()> {
        let known = self.pages.get(&client).context("somebody unknown was answered")?;
        for Acked { cseq, outcome } in results {
            if let Outcome::Refused(reject @ (Reject::OutOfOrder { .. } | Reject::ForeignClient)) = outcome {
                bail!("operation {cseq} was not even looked at: {reject}");
            }
            let first = known.decided.get(cseq);
            ensure!(
                first == Some(outcome),
                "operation {cseq} was answered {outcome:?}, and had been decided as {first:?}"
            );
        }
        Ok(())
    }

    /// A page tells its person that an operation is safe.
    pub(crate) fn safe(&mut self, client: ClientId, cseq: u64, seq: u64) {
        if let Some(known) = self.pages.get_mut(&client) {
            known.accepted.insert(cseq, seq);
        }
    }

    /// A page tells its person that an operation was refused.
    pub(crate) fn refused(&mut self, client: ClientId, op: &Op) -> Result<()> {
        let known = self.pages.get_mut(&client).context("somebody unknown was refused")?;
        let mut refused = known.decided.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Refused(_)));
        let cseq = refused.find(|(cseq, _)| {
            !known.refused.contains(cseq) && known.issued.get(cseq).is_some_and(|issued| same(issued, op))
        });
        let cseq = *cseq.with_context(|| format!("{op:?} is said to be refused, and was not"))?.0;
        known.refused.insert(cseq);
        Ok(())
    }

    /// Somebody who is no page hears that an operation was refused.
    pub(crate) fn refused_number(&mut self, client: ClientId, cseq: u64) {
        if let Some(known) = self.pages.get_mut(&client) {
            known.refused.insert(cseq);
        }
    }

    /// A backup took the place of everything: what came after it is gone, and nobody is to blame.
    pub(crate) fn restored(&mut self, head: u64, disk: &Disk) {
        for (client, known) in &mut self.pages {
            let last = disk.cursors.get(client).map_or(0, |cursor| cursor.last);
            known.decided.retain(|cseq, _| *cseq <= last);
            known.refused.retain(|cseq| *cseq <= last);
            known.accepted.retain(|_, seq| *seq <= head);
        }
    }

    /// A page draws a new identity and takes what is pending with it.
    pub(crate) fn renamed(
        &mut self,
        from: ClientId,
        to: ClientId,
        epoch: u64,
        taken: Vec<(u64, u64, Op)>,
    ) -> Result<()> {
        self.left(from);
        self.begins(to, epoch)?;
        for (old, new, op) in taken {
            let accepted = |known: &Known| matches!(known.decided.get(&old), Some(Outcome::Accepted { .. }));
            self.redone += u64::from(self.pages.get(&from).is_some_and(accepted));
            self.issued(to, new, op)?;
        }
        Ok(())
    }

    /// Compares everything with what is on disk, when all has come to rest.
    ///
    /// # Errors
    /// When an operation is missing, is there twice, or is out of order.
    pub(crate) fn compare(&self, disk: &Disk) -> Result<()> {
        let mut logged: BTreeMap<ClientId, Vec<(u64, u64)>> = BTreeMap::new();
        for (entry, seq) in disk.log().iter().zip(1..) {
            ensure!(entry.seq == seq, "the log has entry {} where {seq} belongs", entry.seq);
            let known = self.pages.get(&entry.client).context("the log has an entry of nobody")?;
            ensure!(
                known.issued.get(&entry.cseq).is_some_and(|issued| same(issued, &entry.op)),
                "entry {seq} is not the operation that was asked for"
            );
            logged.entry(entry.client).or_default().push((entry.cseq, seq));
        }
        for (client, known) in &self.pages {
            let logged = logged.remove(client).unwrap_or_default();
            let last = disk.cursors.get(client).map_or(0, |cursor| cursor.last);
            known.compare(&logged, last).with_context(|| format!("operations of {client}"))?;
        }
        Ok(())
    }
}

impl Known {
    fn compare(&self, logged: &[(u64, u64)], last: u64) -> Result<()> {
        ensure!(
            logged.is_sorted_by(|a, b| a.0 < b.0),
            "the log does not keep a page's order, or has it twice"
        );
        for (cseq, seq) in &self.accepted {
            ensure!(
                logged.contains(&(*cseq, *seq)),
                "operation {cseq} was acknowledged as {seq}, and is lost"
            );
        }
        let refused: BTreeSet<u64> = self
            .decided
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Refused(_)))
            .map(|(cseq, _)| *cseq)
            .collect();
        let mut decided: BTreeSet<u64> = logged.iter().map(|(cseq, _)| *cseq).collect();
        ensure!(decided.is_disjoint(&refused), "an operation is both refused and in the log");
        decided.extend(&refused);
        ensure!(decided.iter().copied().eq(1..=last), "not every operation up to {last} was decided");
        if !self.left {
            let issued = self.issued.len();
            ensure!(
                decided.iter().eq(self.issued.keys()),
                "of {issued} operations only those up to {last} were decided"
            );
            ensure!(self.refused == refused, "told to be refused: {:?}; refused: {refused:?}", self.refused);
        }
        Ok(())
    }
}
