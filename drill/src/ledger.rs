//! What an outside witness wrote down: every operation that was sent, and every answer it got. Compared with the log,
//! it tells what the server lost, did twice or did out of order.

use std::collections::BTreeMap;

use domain::{
    ClientId, Entry, Op,
    wire::{Acked, Outcome, Pushed},
};

use simulation::same;

/// An operation by the page that sent it and its number there.
type Number = (ClientId, u64);

/// How many things went wrong, by kind; a sentence for each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// Acknowledged, but not in the log; or never answered at all.
    pub(crate) lost: usize,
    /// More than once in the log, or there although refused.
    pub(crate) doubled: usize,
    /// At another place than was acknowledged, or before an earlier one of the same page.
    pub(crate) reordered: usize,
    pub(crate) sentences: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Sent since the log was last compared.
    sent: BTreeMap<Number, Op>,
    /// The first answer to each operation that was ever sent.
    answers: BTreeMap<Number, Outcome>,
    /// The last number of each page in the log.
    last: BTreeMap<ClientId, u64>,
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    /// Operations that were sent again because their answer had not come.
    pub(crate) resent: usize,
    pub(crate) faults: Faults,
}

impl Faults {
    fn say(&mut self, sentence: String) {
        self.sentences.push(sentence);
    }
}

impl Ledger {
    pub(crate) fn sent(&mut self, client: ClientId, ops: &[Pushed]) {
        for Pushed { cseq, op } in ops {
            match self.sent.insert((client, *cseq), op.clone()) {
                None => {}
                Some(known) if same(&known, op) => self.resent += 1,
                Some(_) => self.faults.say(format!("the drill sent two operations as {cseq} of {client}")),
            }
        }
    }

    pub(crate) fn answered(&mut self, client: ClientId, answers: &[Acked]) {
        for Acked { cseq, outcome } in answers {
            let number = (client, *cseq);
            match self.answers.get(&number) {
                Some(first) if first == outcome => {}
                Some(first) => {
                    let sentence = format!("{cseq} of {client} was answered {first:?}, then {outcome:?}");
                    self.faults.doubled += 1;
                    self.faults.say(sentence);
                }
                None if !self.sent.contains_key(&number) => {
                    self.faults.say(format!("an answer to {cseq} of {client}, which was not sent"));
                }
                None => {
                    match outcome {
                        Outcome::Accepted { .. } => self.accepted += 1,
                        Outcome::Refused(_) => self.refused += 1,
                    }
                    self.answers.insert(number, outcome.clone());
                }
            }
        }
    }

    /// Compares what was sent with the part of the log written since, and begins a new page.
    pub(crate) fn compare(&mut self, log: &[Entry]) {
        let mut places: BTreeMap<Number, u64> = BTreeMap::new();
        let faults = &mut self.faults;
        for entry in log {
            let Entry { seq, client, cseq, .. } = entry;
            if let Some(first) = places.insert((*client, *cseq), *seq) {
                faults.doubled += 1;
                faults.say(format!("{cseq} of {client} is in the log at {first} and at {seq}"));
            }
            let last = self.last.entry(*client).or_default();
            if cseq <= last {
                faults.reordered += 1;
                faults.say(format!("{cseq} of {client} comes after {last} in the log, at {seq}"));
            }
            *last = *cseq;
            match self.sent.get(&(*client, *cseq)) {
                Some(op) if same(op, &entry.op) => {}
                Some(_) => faults.say(format!("entry {seq} holds another operation than was sent")),
                None => faults.say(format!("entry {seq} was sent by nobody")),
            }
        }
        for number in std::mem::take(&mut self.sent).into_keys() {
            let (client, cseq) = number;
            match (self.answers.get(&number), places.get(&number)) {
                (Some(Outcome::Accepted { seq }), Some(place)) if seq == place => {}
                (Some(Outcome::Accepted { seq }), Some(place)) => {
                    faults.reordered += 1;
                    faults
                        .sentences
                        .push(format!("{cseq} of {client}: acknowledged at {seq}, found at {place}"));
                }
                (Some(Outcome::Accepted { seq }), None) => {
                    faults.lost += 1;
                    faults
                        .sentences
                        .push(format!("{cseq} of {client}: acknowledged at {seq}, gone from the log"));
                }
                (Some(Outcome::Refused(_)), None) => {}
                (Some(Outcome::Refused(reject)), Some(place)) => {
                    faults.doubled += 1;
                    faults
                        .sentences
                        .push(format!("{cseq} of {client}: refused ({reject}), found at {place}"));
                }
                (None, _) => {
                    faults.lost += 1;
                    faults.say(format!("{cseq} of {client} was never answered"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{ItemId, Timestamp, UserId};

    use super::*;

    fn client() -> ClientId {
        ClientId::new(1, [1; 10])
    }

    fn op(n: u8) -> Op {
        Op::Upvote { item: ItemId::new(1, [n; 10]) }
    }

    fn entry(seq: u64, cseq: u64) -> Entry {
        let n = u8::try_from(cseq).unwrap();
        Entry {
            seq,
            client: client(),
            cseq,
            actor: UserId::NIL,
            at: Timestamp(0),
            op: op(n),
            items: Vec::new(),
        }
    }

    fn ledger(answers: &[(u64, u64)]) -> Ledger {
        let mut ledger = Ledger::default();
        for (cseq, seq) in answers {
            let n = u8::try_from(*cseq).unwrap();
            ledger.sent(client(), &[Pushed { cseq: *cseq, op: op(n) }]);
            ledger.answered(client(), &[Acked { cseq: *cseq, outcome: Outcome::Accepted { seq: *seq } }]);
        }
        ledger
    }

    fn counts(ledger: &Ledger) -> (usize, usize, usize) {
        (ledger.faults.lost, ledger.faults.doubled, ledger.faults.reordered)
    }

    #[test]
    fn a_log_that_holds_everything_once_and_in_order_has_no_faults() {
        let mut ledger = ledger(&[(1, 1), (2, 2)]);
        ledger.compare(&[entry(1, 1), entry(2, 2)]);
        assert_eq!(ledger.faults, Faults::default());
    }

    #[test]
    fn what_is_gone_is_lost() {
        let mut ledger = ledger(&[(1, 1), (2, 2)]);
        ledger.compare(&[entry(1, 1)]);
        assert_eq!(counts(&ledger), (1, 0, 0));
    }

    #[test]
    fn what_was_never_answered_is_lost() {
        let mut ledger = Ledger::default();
        ledger.sent(client(), &[Pushed { cseq: 1, op: op(1) }]);
        ledger.compare(&[]);
        assert_eq!(counts(&ledger), (1, 0, 0));
    }

    #[test]
    fn what_is_there_twice_is_doubled_and_out_of_order() {
        let mut ledger = ledger(&[(1, 1)]);
        ledger.compare(&[entry(1, 1), entry(2, 1)]);
        assert_eq!(ledger.faults.doubled, 1);
    }

    #[test]
    fn another_answer_to_the_same_operation_is_a_fault() {
        let mut ledger = ledger(&[(1, 1)]);
        ledger.answered(client(), &[Acked { cseq: 1, outcome: Outcome::Accepted { seq: 2 } }]);
        assert_eq!(counts(&ledger), (0, 1, 0));
    }

    #[test]
    fn an_answer_may_come_again_when_the_log_has_been_compared() {
        let mut ledger = ledger(&[(1, 1)]);
        ledger.compare(&[entry(1, 1)]);
        ledger.answered(client(), &[Acked { cseq: 1, outcome: Outcome::Accepted { seq: 1 } }]);
        assert_eq!(ledger.faults, Faults::default());
        ledger.answered(client(), &[Acked { cseq: 2, outcome: Outcome::Accepted { seq: 2 } }]);
        assert_eq!(ledger.faults.sentences.len(), 1);
    }

    #[test]
    fn a_later_operation_before_an_earlier_one_is_reordered_even_across_comparisons() {
        let mut ledger = ledger(&[(2, 1)]);
        ledger.compare(&[entry(1, 2)]);
        ledger.sent(client(), &[Pushed { cseq: 1, op: op(1) }]);
        ledger.answered(client(), &[Acked { cseq: 1, outcome: Outcome::Accepted { seq: 2 } }]);
        ledger.compare(&[entry(2, 1)]);
        assert_eq!(counts(&ledger), (0, 0, 1));
    }
}
