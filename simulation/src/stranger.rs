//! A program that speaks the protocol without a page: it asks for what makes no sense, repeats itself, leaves numbers out
//! and takes others' identities. The server has to stay right.

use anyhow::{Result, ensure};
use domain::{
    ClientId, Reject, UserId,
    wire::{Acked, Outcome, Pushed},
};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{disk::Disk, edits, wild, witness::Witness};

#[derive(Debug)]
pub(crate) struct Stranger {
    /// Who it says it is: an editor.
    user: UserId,
    client: ClientId,
    next: u64,
    /// What it asked for and has no answer to.
    waiting: Vec<Pushed>,
    /// What it asked for last, to ask for it again.
    answered: Vec<Pushed>,
}

/// What it asks for.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) user: UserId,
    pub(crate) client: ClientId,
    pub(crate) ops: Vec<Pushed>,
    /// Whether it has a right to a verdict. Otherwise it is to be refused unseen.
    pub(crate) proper: bool,
}

impl Stranger {
    pub(crate) fn new(user: UserId, epoch: u64, rng: &mut StdRng, witness: &mut Witness) -> Result<Self> {
        let client = edits::client(rng);
        witness.begins(client, epoch)?;
        Ok(Self { user, client, next: 1, waiting: Vec::new(), answered: Vec::new() })
    }

    /// Whether it waits for nothing.
    pub(crate) fn rests(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A restored server may not know its numbers: it begins again.
    pub(crate) fn begin_anew(&mut self, epoch: u64, rng: &mut StdRng, witness: &mut Witness) -> Result<()> {
        witness.left(self.client);
        *self = Self::new(self.user, epoch, rng, witness)?;
        Ok(())
    }

    /// What it pushes next: what was not answered, or something new unless all come to rest.
    pub(crate) fn act(
        &mut self,
        disk: &Disk,
        resting: bool,
        rng: &mut StdRng,
        witness: &mut Witness,
    ) -> Result<Option<Request>> {
        if self.waiting.is_empty() {
            if resting {
                return Ok(None);
            }
            match rng.random_range(0..10) {
                0 => {
                    let ops = vec![Pushed { cseq: self.next + 1, op: wild::random(rng, disk.roadmap()) }];
                    return Ok(Some(Request { user: self.user, client: self.client, ops, proper: false }));
                }
                1 => {
                    let foreign = disk.cursors.iter().filter(|(_, cursor)| cursor.user != self.user);
                    let client = foreign.map(|(client, _)| *client).next().unwrap_or(ClientId::NIL);
                    let ops = vec![Pushed { cseq: 1, op: wild::random(rng, disk.roadmap()) }];
                    return Ok(Some(Request { user: self.user, client, ops, proper: false }));
                }
                2 | 3 => self.waiting.clone_from(&self.answered),
                _ => {
                    for _ in 0..*[1, 1, 2, 5].choose(rng).expect("there are numbers") {
                        let op = wild::random(rng, disk.roadmap());
                        witness.issued(self.client, self.next, op.clone())?;
                        self.waiting.push(Pushed { cseq: self.next, op });
                        self.next += 1;
                    }
                }
            }
        }
        let ops = self.waiting.clone();
        Ok(Some(Request { user: self.user, client: self.client, ops, proper: true }))
    }

    /// Takes answers.
    pub(crate) fn hear(&mut self, results: &[Acked], proper: bool, witness: &mut Witness) -> Result<()> {
        if !proper {
            let unseen = |acked: &Acked| {
                matches!(acked.outcome, Outcome::Refused(Reject::OutOfOrder { .. } | Reject::ForeignClient))
            };
            ensure!(results.iter().all(unseen), "what must not be looked at was decided: {results:?}");
            return Ok(());
        }
        witness.told(self.client, results)?;
        for acked in results {
            match &acked.outcome {
                Outcome::Accepted { seq } => witness.safe(self.client, acked.cseq, *seq),
                Outcome::Refused(_) => witness.refused_number(self.client, acked.cseq),
            }
        }
        let numbers = |ops: &[Pushed]| ops.first().map(|pushed| pushed.cseq);
        if numbers(&self.waiting) == results.first().map(|acked| acked.cseq) {
            self.answered = std::mem::take(&mut self.waiting);
        }
        Ok(())
    }
}
