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

use domain::voting::{Ballot, Candidate, Choice, CountedBallot, Receipt, RecordOfVoting, Rules, tally};

use super::booth::Answer;
use crate::page::lock;

/// A cast that was acknowledged.
#[derive(Debug)]
struct Acknowledged {
    sent: u64,
    answered: u64,
    ballot: Ballot,
    receipt: Receipt,
}

#[derive(Debug)]
pub(super) struct Witness {
    rules: Rules,
    candidates: Vec<Candidate>,
    /// Counts sendings and answers, so that it is known what came before what.
    clock: AtomicU64,
    voters: Mutex<Vec<Vec<Acknowledged>>>,
    faults: Mutex<Vec<String>>,
}

impl Witness {
    pub(super) fn new(rules: Rules, candidates: Vec<Candidate>, voters: usize) -> Self {
        Self {
            rules,
            candidates,
            clock: AtomicU64::new(0),
            voters: Mutex::new((0..voters).map(|_| Vec::new()).collect()),
            faults: Mutex::default(),
        }
    }

    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn fault(&self, sentence: String) {
        lock(&self.faults).push(sentence);
    }

    /// A cast is about to be sent. Returns the moment.
    pub(super) fn sends(&self) -> u64 {
        self.now()
    }

    /// A cast that was sent at a moment has been answered.
    pub(super) fn hears(&self, voter: usize, sent: u64, choices: &[Choice], answer: &Answer) {
        let answered = self.now();
        let allowed = Ballot::parse(self.rules.mode, choices)
            .and_then(|ballot| self.rules.check(&ballot, &self.candidates).map(|cost| (ballot, cost)));
        match (answer, allowed) {
            (Answer::Counted { spent, receipt }, Ok((ballot, cost))) => {
                if *spent != cost {
                    self.fault(format!("voter {voter}: {cost} was spent, {spent} was told"));
                }
                let receipt = receipt.clone();
                lock(&self.voters)[voter].push(Acknowledged { sent, answered, ballot, receipt });
            }
            (Answer::Counted { .. }, Err(refusal)) => {
                self.fault(format!("voter {voter}: counted what has to be refused: {refusal}"));
            }
            (Answer::Refused(sentence), Err(refusal)) => {
                let late = domain::voting::CastRefusal::Closed.to_string();
                if *sentence != refusal.to_string() && *sentence != late {
                    self.fault(format!("voter {voter}: refused with “{sentence}” instead of “{refusal}”"));
                }
            }
            (Answer::Refused(sentence), Ok(_)) => {
                if *sentence != domain::voting::CastRefusal::Closed.to_string() {
                    self.fault(format!("voter {voter}: refused without reason: {sentence}"));
                }
            }
        }
    }

    /// A cast was sent once more, and answered again. Only closing may change the answer, and only of a refused one.
    pub(super) fn repeats(&self, voter: usize, first: &Answer, again: &Answer) {
        let closed = domain::voting::CastRefusal::Closed.to_string();
        let closed_since = *again == Answer::Refused(closed);
        if first != again && !closed_since {
            self.fault(format!("voter {voter}: a repeated cast was answered {first:?}, then {again:?}"));
        }
    }

    /// Compares what was acknowledged with what was published, and recounts it. Returns a sentence for each fault.
    pub(super) fn compare(self, record: &RecordOfVoting) -> Vec<String> {
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
        let mut counted = 0;
        for (voter, casts) in lock(&self.voters).iter().enumerate() {
            let last_sent = casts.iter().map(|cast| cast.sent).max();
            let final_ones: Vec<&Acknowledged> =
                casts.iter().filter(|cast| last_sent.is_some_and(|last| cast.answered > last)).collect();
            let found: Vec<&&Acknowledged> =
                final_ones.iter().filter(|cast| published.contains_key(&cast.receipt)).collect();
            match found.as_slice() {
                [] if casts.is_empty() => {}
                [cast] => {
                    counted += 1;
                    if published.get(&cast.receipt) != Some(&&cast.ballot) {
                        self.fault(format!("voter {voter}: another ballot was counted than was cast"));
                    }
                }
                found => self.fault(format!(
                    "voter {voter}: {} of the ballots that may be the last are counted, out of {} that were acknowledged",
                    found.len(),
                    casts.len()
                )),
            }
        }
        if counted != record.ballots.len() {
            self.fault(format!(
                "{} ballots are counted, but {counted} voters cast one",
                record.ballots.len()
            ));
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
        self.faults.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
