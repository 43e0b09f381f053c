//! What an outside witness wrote down of every voter: when a cast was sent, and how it was answered. It follows which
//! ballot may count in the end.
//!
//! A cast takes effect at some moment between being sent and being answered. So of a voter's acknowledged casts those may
//! be the last that no other acknowledged cast was sent after; one of them, and no other, has to be in the count.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::voting::{
    Ballot, Candidate, CastRefusal, Choice, CountedBallot, Receipt, RecordOfVoting, Rules, Secrecy, groups,
    tally,
};

use super::booth::{Answer, Poll};
use crate::page::lock;

/// A cast that was acknowledged.
#[derive(Debug)]
struct Acknowledged {
    sent: u64,
    answered: u64,
    ballot: Ballot,
    receipt: Receipt,
}

/// What became of a cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Counted,
    OverBudget,
    Late,
    /// For another reason.
    Refused,
}

/// What went wrong. Sentences of the first only: a drill is long.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) count: usize,
    pub(super) sentences: Vec<String>,
}

impl Faults {
    /// How many are told in full.
    const SHOWN: usize = 20;

    fn say(&mut self, sentence: String) {
        self.count += 1;
        if self.sentences.len() < Self::SHOWN {
            self.sentences.push(sentence);
        }
    }

    pub(super) fn append(&mut self, mut more: Faults) {
        self.count += more.count;
        more.sentences.truncate(Self::SHOWN.saturating_sub(self.sentences.len()));
        self.sentences.append(&mut more.sentences);
    }
}

#[derive(Debug)]
pub(super) struct Witness {
    rules: Rules,
    secret: bool,
    candidates: Vec<Candidate>,
    /// Counts sendings and answers, so that it is known what came before what.
    clock: AtomicU64,
    /// When somebody first asked for the session to be closed.
    closing: AtomicU64,
    /// Of each voter the casts that may be the last.
    voters: Mutex<Vec<Vec<Acknowledged>>>,
    faults: Mutex<Faults>,
}

impl Witness {
    pub(super) fn new(poll: &Poll, voters: usize) -> Self {
        Self {
            rules: poll.rules,
            secret: poll.secrecy == Secrecy::Secret,
            candidates: poll.candidates.clone(),
            clock: AtomicU64::new(0),
            closing: AtomicU64::new(u64::MAX),
            voters: Mutex::new((0..voters).map(|_| Vec::new()).collect()),
            faults: Mutex::default(),
        }
    }

    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn fault(&self, sentence: String) {
        lock(&self.faults).say(sentence);
    }

    /// What was found so far; it is not told again.
    pub(super) fn faults(&self) -> Faults {
        std::mem::take(&mut *lock(&self.faults))
    }

    /// A cast is about to be sent. Returns the moment.
    pub(super) fn sends(&self) -> u64 {
        self.now()
    }

    /// The session is about to be closed. No cast may be called late that is answered before.
    pub(super) fn closes(&self) {
        self.closing.fetch_min(self.now(), Ordering::SeqCst);
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst) < self.now()
    }

    /// A cast that was sent at a moment has been answered.
    pub(super) fn hears(&self, voter: usize, sent: u64, choices: &[Choice], answer: &Answer) -> Fate {
        let allowed = Ballot::parse(self.rules.mode, choices)
            .and_then(|ballot| self.rules.check(&ballot, &self.candidates).map(|cost| (ballot, cost)));
        match (answer, allowed) {
            (Answer::Counted { spent, receipt }, Ok((ballot, cost))) => {
                if *spent != cost {
                    self.fault(format!("voter {voter}: {cost} was spent, {spent} was told"));
                }
                self.acknowledged(voter, sent, ballot, receipt.clone());
                Fate::Counted
            }
            (Answer::Counted { .. }, Err(refusal)) => {
                self.fault(format!("voter {voter}: counted what has to be refused: {refusal}"));
                Fate::Counted
            }
            (Answer::Refused(sentence), _) if *sentence == CastRefusal::Closed.to_string() => {
                if !self.is_closing() {
                    self.fault(format!("voter {voter}: too late, although nobody closed the session"));
                }
                Fate::Late
            }
            (Answer::Refused(sentence), Err(refusal)) => {
                if *sentence != refusal.to_string() {
                    self.fault(format!("voter {voter}: refused with “{sentence}” instead of “{refusal}”"));
                }
                if matches!(refusal, CastRefusal::OverBudget { .. }) {
                    Fate::OverBudget
                } else {
                    Fate::Refused
                }
            }
            (Answer::Refused(sentence), Ok(_)) => {
                self.fault(format!("voter {voter}: refused without reason: {sentence}"));
                Fate::Refused
            }
        }
    }

    /// Keeps a cast, and lets go of those that cannot be the last any more.
    fn acknowledged(&self, voter: usize, sent: u64, ballot: Ballot, receipt: Receipt) {
        let mut voters = lock(&self.voters);
        let casts = &mut voters[voter];
        casts.push(Acknowledged { sent, answered: self.now(), ballot, receipt });
        let last_sent = casts.iter().map(|cast| cast.sent).max().unwrap_or_default();
        casts.retain(|cast| cast.answered > last_sent);
    }

    /// A cast was sent again, and got the same answer. A session remembers after its close no more than the answers
    /// to the ballots that are counted, a secret one none, and then says that it is closed.
    pub(super) fn repeats(&self, voter: usize, first: &Answer, again: &Answer) {
        let closed = Answer::Refused(CastRefusal::Closed.to_string());
        let forgotten = *again == closed && self.is_closing();
        if first != again && !forgotten {
            self.fault(format!("voter {voter}: a repeated cast was answered {first:?}, then {again:?}"));
        }
    }

    /// Compares what was acknowledged with what was published, and recounts it.
    pub(super) fn compare(&self, record: Option<&RecordOfVoting>) {
        let voters = lock(&self.voters);
        let cast = voters.iter().filter(|casts| !casts.is_empty()).count();
        let too_few = self.secret && (1..groups::LEAST as usize).contains(&cast);
        match record {
            Some(_) if too_few => self.fault(format!("the {cast} ballots of a secret session are published")),
            Some(record) => self.compare_ballots(&voters, cast, record),
            None if too_few => {}
            None => self.fault(format!("{cast} ballots were cast, but nothing is published")),
        }
    }

    fn compare_ballots(&self, voters: &[Vec<Acknowledged>], cast: usize, record: &RecordOfVoting) {
        let mut published: BTreeMap<&Receipt, &Ballot> = BTreeMap::new();
        for ballot in &record.ballots {
            if published.insert(&ballot.receipt, &ballot.choices).is_some() {
                self.fault(format!("receipt {} is published twice", ballot.receipt.0));
            }
            let cost = self.rules.cost(&ballot.choices, &self.candidates);
            if self.rules.has_tokens() && cost > u64::from(self.rules.tokens) {
                self.fault(format!("a ballot costs {cost} of {}", self.rules.tokens));
            }
        }
        if record.ballots.len() != cast {
            self.fault(format!("{} ballots are published, {cast} were cast", record.ballots.len()));
        }
        if record.turnout.cast as usize != cast {
            self.fault(format!("the record says {} voted, and {cast} did", record.turnout.cast));
        }
        if (record.rules, &record.candidates) != (self.rules, &self.candidates) {
            self.fault(
                "the record is of other rules, items or titles than were put to the voters".to_owned(),
            );
        }
        for (voter, casts) in voters.iter().enumerate().filter(|(_, casts)| !casts.is_empty()) {
            let mut found = casts.iter().filter(|cast| published.contains_key(&cast.receipt));
            match (found.next(), found.next()) {
                (Some(cast), None) => {
                    if published.get(&cast.receipt) != Some(&&cast.ballot) {
                        self.fault(format!("voter {voter}: another ballot was counted than was cast"));
                    }
                }
                (one, _) => self.fault(format!(
                    "voter {voter}: {} of the {} ballots that may be the last are counted",
                    if one.is_some() { "several" } else { "none" },
                    casts.len()
                )),
            }
        }
        let ballots: Vec<CountedBallot> = record
            .ballots
            .iter()
            .map(|ballot| CountedBallot {
                choices: ballot.choices.clone(),
                weight: ballot.weight,
                group: ballot.group,
            })
            .collect();
        if tally(&record.rules, &record.candidates, &ballots, record.weighted) != record.tally {
            self.fault("a recount of the published ballots gives another result".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ItemId, RoadmapId, VotingId,
        voting::{Edition, Mode, PublishedBallot, Turnout, Weight},
    };

    use super::*;

    fn witness(secrecy: Secrecy) -> Witness {
        let candidate = |n: u8| Candidate {
            item: item(n),
            roadmap: RoadmapId::new(1, [0; 10]),
            key: format!("ERP-{n}"),
            title: format!("Item {n}").parse().unwrap(),
            cost: 1,
            withdrawn: false,
        };
        let rules = Rules { mode: Mode::Dots, tokens: 5, most: 6 };
        let candidates = vec![candidate(1), candidate(2)];
        Witness::new(&Poll { title: "Test".to_owned(), rules, secrecy, candidates, split: None }, 3)
    }

    fn item(n: u8) -> ItemId {
        ItemId::new(1, [n; 10])
    }

    fn dots(amount: i64) -> [Choice; 1] {
        [Choice { item: item(1), amount }]
    }

    fn counted(spent: u32, receipt: &str) -> Answer {
        Answer::Counted { spent, receipt: Receipt(receipt.to_owned()) }
    }

    fn closed() -> Answer {
        Answer::Refused(CastRefusal::Closed.to_string())
    }

    /// What would be published of ballots which give so much to the first item.
    fn record(witness: &Witness, ballots: &[(i64, &str)]) -> RecordOfVoting {
        let ballots: Vec<PublishedBallot> = ballots
            .iter()
            .map(|(amount, receipt)| PublishedBallot {
                receipt: Receipt((*receipt).to_owned()),
                nonce: String::new(),
                choices: Ballot::parse(Mode::Dots, &dots(*amount)).unwrap(),
                weight: Weight::ONE,
                group: None,
            })
            .collect();
        let count = |ballot: &PublishedBallot| CountedBallot {
            choices: ballot.choices.clone(),
            weight: ballot.weight,
            group: ballot.group,
        };
        let counted: Vec<CountedBallot> = ballots.iter().map(count).collect();
        RecordOfVoting {
            edition: Edition::NOW,
            voting: VotingId::NIL,
            title: "Test".parse().unwrap(),
            rules: witness.rules,
            secrecy: Secrecy::Sealed,
            weighted: false,
            quorum: 0,
            turnout: Turnout { invited: 3, cast: u32::try_from(ballots.len()).unwrap() },
            segments: Vec::new(),
            candidates: witness.candidates.clone(),
            tally: tally(&witness.rules, &witness.candidates, &counted, false),
            ballots,
            setup: String::new(),
            digest: String::new(),
        }
    }

    #[test]
    fn nothing_is_late_before_somebody_closes() {
        let witness = witness(Secrecy::Open);
        let sent = witness.sends();
        assert_eq!(witness.hears(0, sent, &dots(1), &closed()), Fate::Late);
        assert_eq!(witness.faults().count, 1);
        witness.closes();
        assert_eq!(witness.hears(0, sent, &dots(1), &closed()), Fate::Late);
        assert_eq!(witness.faults().count, 0);
    }

    #[test]
    fn what_the_rules_refuse_is_refused_with_their_words() {
        let witness = witness(Secrecy::Open);
        let refusal = CastRefusal::OverBudget { cost: 6, tokens: 5 }.to_string();
        let over = Answer::Refused(refusal);
        assert_eq!(witness.hears(0, witness.sends(), &dots(6), &over), Fate::OverBudget);
        assert_eq!(witness.faults().count, 0);
        assert_eq!(witness.hears(0, witness.sends(), &dots(5), &over), Fate::Refused);
        witness.hears(0, witness.sends(), &dots(6), &counted(6, "a"));
        assert_eq!(witness.faults().count, 2);
    }

    #[test]
    fn a_session_forgets_answers_only_when_closed() {
        for (secrecy, closes, faults) in [
            (Secrecy::Secret, true, 0),
            (Secrecy::Secret, false, 1),
            (Secrecy::Sealed, true, 0),
            (Secrecy::Sealed, false, 1),
        ] {
            let witness = witness(secrecy);
            if closes {
                witness.closes();
            }
            witness.repeats(0, &counted(1, "a"), &counted(1, "a"));
            witness.repeats(0, &counted(1, "a"), &closed());
            assert_eq!(witness.faults().count, faults, "{secrecy:?}, {closes}");
        }
    }

    #[test]
    fn the_last_cast_counts_and_of_two_at_once_either() {
        let witness = witness(Secrecy::Open);
        witness.hears(0, witness.sends(), &dots(1), &counted(1, "first"));
        let (one, other) = (witness.sends(), witness.sends());
        witness.hears(0, one, &dots(2), &counted(2, "one"));
        witness.hears(0, other, &dots(3), &counted(3, "other"));
        for (ballots, faults) in [
            (vec![(2, "one")], 0),
            (vec![(3, "other")], 0),
            (vec![(3, "one")], 1),
            (vec![(1, "first")], 1),
            // Two ballots, and both of one voter.
            (vec![(2, "one"), (3, "other")], 3),
            (vec![], 3),
        ] {
            witness.compare(Some(&record(&witness, &ballots)));
            assert_eq!(witness.faults().count, faults, "{ballots:?}");
        }
        assert_eq!(lock(&witness.voters)[0].len(), 2, "what cannot be the last is not kept");
    }

    #[test]
    fn a_secret_session_with_two_ballots_publishes_nothing() {
        let witness = witness(Secrecy::Secret);
        for (voter, receipt) in [(0, "a"), (1, "b")] {
            witness.hears(voter, witness.sends(), &dots(1), &counted(1, receipt));
        }
        witness.compare(None);
        assert_eq!(witness.faults().count, 0);
        witness.compare(Some(&record(&witness, &[(1, "a"), (1, "b")])));
        assert_eq!(witness.faults().count, 1);
        witness.hears(2, witness.sends(), &dots(1), &counted(1, "c"));
        witness.compare(None);
        assert_eq!(witness.faults().count, 1);
        witness.compare(Some(&record(&witness, &[(1, "a"), (1, "b"), (1, "c")])));
        assert_eq!(witness.faults().count, 0);
    }

    #[test]
    fn a_record_of_other_items_is_a_fault() {
        let witness = witness(Secrecy::Open);
        witness.hears(0, witness.sends(), &dots(1), &counted(1, "a"));
        let mut told = record(&witness, &[(1, "a")]);
        witness.compare(Some(&told));
        assert_eq!(witness.faults().count, 0);
        told.candidates[0].title = "Something else".parse().unwrap();
        witness.compare(Some(&told));
        assert_eq!(witness.faults().count, 1);
    }

    #[test]
    fn another_result_than_the_ballots_add_up_to_is_a_fault() {
        let witness = witness(Secrecy::Open);
        witness.hears(0, witness.sends(), &dots(1), &counted(1, "a"));
        let mut told = record(&witness, &[(1, "a")]);
        told.tally = record(&witness, &[(2, "a")]).tally;
        witness.compare(Some(&told));
        assert_eq!(witness.faults().count, 1);
    }
}
