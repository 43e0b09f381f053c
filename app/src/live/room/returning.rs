//! What became of the changes that were made without a server, once all of them are answered.

use std::collections::BTreeSet;

use domain::{
    ClientId, Replica,
    wire::{Acked, Outcome},
};

use super::{Number, needs_attention};

/// Changes that were made offline, or by a page that is gone, and are not answered yet.
#[derive(Debug, Default)]
pub(super) struct Returning {
    waiting: BTreeSet<Number>,
    saved: usize,
    refused: usize,
}

impl Returning {
    /// Whatever waits now was made without a server.
    pub(super) fn begin(&mut self, replica: &Replica) {
        let waiting = replica.pending().filter(|pending| pending.accepted.is_none());
        self.waiting.extend(waiting.map(|pending| (pending.client, pending.cseq)));
    }

    /// The numbers were given anew.
    pub(super) fn renumber(&mut self, replica: &Replica) {
        if !self.waiting.is_empty() {
            self.waiting.clear();
            self.begin(replica);
        }
    }

    /// Whether answers to such changes are awaited: they are told of together.
    pub(super) fn is_awaited(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes answers to the page that sends. Returns what to say once the last has come: well, or as something that needs
    /// the person.
    pub(super) fn answered(&mut self, sender: ClientId, results: &[Acked]) -> Option<Result<String, String>> {
        for Acked { cseq, outcome } in results {
            if self.waiting.remove(&(sender, *cseq)) {
                match outcome {
                    Outcome::Refused(reject) if needs_attention(reject) => self.refused += 1,
                    _ => self.saved += 1,
                }
            }
        }
        if !self.waiting.is_empty() || self.saved + self.refused == 0 {
            return None;
        }
        let Self { saved, refused, .. } = std::mem::take(self);
        let made = domain::counted(saved + refused, "change", "changes");
        Some(match refused {
            0 if saved == 1 => Ok(format!("{made} made offline: saved.")),
            0 => Ok(format!("{made} made offline: all saved.")),
            _ => Err(format!("{made} made offline: {saved} saved, {refused} to review.")),
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::Reject;

    use super::*;

    fn returning(numbers: &[u64]) -> (Returning, ClientId) {
        let client = ClientId::new(1, [1; 10]);
        let waiting = numbers.iter().map(|number| (client, *number)).collect();
        (Returning { waiting, ..Returning::default() }, client)
    }

    fn saved(cseq: u64) -> Acked {
        Acked { cseq, outcome: Outcome::Accepted { seq: cseq } }
    }

    fn refused(cseq: u64) -> Acked {
        Acked { cseq, outcome: Outcome::Refused(Reject::UnknownItem) }
    }

    /// Refused, and yet as it was wanted.
    fn so_already(cseq: u64) -> Acked {
        Acked { cseq, outcome: Outcome::Refused(Reject::AlreadyUpvoted) }
    }

    #[test]
    fn what_was_made_offline_is_told_when_the_last_answer_has_come() {
        let (mut all, client) = returning(&[1, 2, 3]);
        assert_eq!(all.answered(client, &[saved(1), refused(2)]), None);
        assert!(all.is_awaited());
        // Made since, and by another page.
        assert_eq!(all.answered(client, &[saved(4)]), None);
        assert_eq!(all.answered(ClientId::new(2, [2; 10]), &[saved(3)]), None);
        let told = all.answered(client, &[refused(3), saved(5)]);
        assert_eq!(told, Some(Err("3 changes made offline: 1 saved, 2 to review.".to_owned())));
        assert_eq!(all.answered(client, &[saved(6)]), None);
        assert!(!all.is_awaited());

        let (mut one, client) = returning(&[7]);
        let told = one.answered(client, &[so_already(7)]);
        assert_eq!(told, Some(Ok("1 change made offline: saved.".to_owned())));
    }
}
