//! The published record of a session, and counting it again.

use std::collections::BTreeSet;

use domain::voting::{
    Ballot, Candidate, CountedBallot, Mode, PublishedBallot, Receipt, RecordOfVoting, Rules, Tally,
    VotingDraft, tally,
};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use super::{
    Memory,
    sealed::Content,
    secret::{hex, unhex},
    session::{self, Session},
};
use crate::Error;

/// Digits of a receipt: 80 bits, in groups that people can read out.
const RECEIPT_DIGITS: usize = 20;

/// A ballot's receipt: the beginning of SHA-256 over the nonce and the ballot as JSON, items in order of their ids.
pub(super) fn receipt(nonce: &[u8], ballot: &Ballot) -> String {
    let mut hasher = Sha256::new();
    hasher.update(nonce);
    hasher.update(serde_json::to_vec(ballot).expect("a ballot is always JSON"));
    let digits = hex(&hasher.finalize());
    let groups: Vec<&str> = (0..RECEIPT_DIGITS).step_by(4).map(|start| &digits[start..start + 4]).collect();
    groups.join("-")
}

/// A ballot as it is published.
pub(super) fn published(content: &Content) -> PublishedBallot {
    PublishedBallot {
        receipt: Receipt(content.receipt()),
        nonce: hex(&content.nonce),
        choices: content.choices.clone(),
        weight: content.weight,
        group: content.group,
    }
}

/// The record of a session in which these ballots are all.
pub(super) fn of(draft: &VotingDraft, mut ballots: Vec<PublishedBallot>) -> RecordOfVoting {
    ballots.sort_by(|one, other| one.receipt.cmp(&other.receipt));
    RecordOfVoting {
        title: draft.title.clone(),
        rules: draft.rules,
        weighted: draft.weighted,
        candidates: draft.candidates.clone(),
        tally: tally_of(&draft.rules, &draft.candidates, &ballots, draft.weighted),
        ballots,
    }
}

/// What the record of an open session would be if it were closed now.
///
/// # Errors
/// [`Error::Conflict`] where this process does not have the key.
pub(super) async fn standing(
    db: &impl ConnectionTrait,
    memory: &Memory,
    session: &Session,
) -> Result<RecordOfVoting, Error> {
    let contents = session::contents(db, memory, session).await?;
    Ok(of(&session.draft, contents.iter().map(published).collect()))
}

/// Ballots as they are counted: without what they gave to withdrawn candidates.
pub(super) fn counted(
    mode: Mode,
    candidates: &[Candidate],
    ballots: &[PublishedBallot],
) -> Vec<CountedBallot> {
    let withdrawn: Vec<_> = candidates.iter().filter(|candidate| candidate.withdrawn).collect();
    let choices = |ballot: &PublishedBallot| {
        withdrawn
            .iter()
            .fold(ballot.choices.clone(), |ballot, candidate| ballot.without(candidate.item, mode))
    };
    ballots
        .iter()
        .map(|ballot| CountedBallot { choices: choices(ballot), weight: ballot.weight, group: ballot.group })
        .collect()
}

fn tally_of(rules: &Rules, candidates: &[Candidate], ballots: &[PublishedBallot], weighted: bool) -> Tally {
    tally(rules, candidates, &counted(rules.mode, candidates, ballots), weighted)
}

/// Counts a published record again, and lists what is wrong with it: receipts that are not those of their ballots,
/// ballots that the rules do not allow, a tally that differs.
pub fn recount(record: &RecordOfVoting) -> (Tally, Vec<String>) {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let open: Vec<Candidate> = record
        .candidates
        .iter()
        .map(|candidate| Candidate { withdrawn: false, ..candidate.clone() })
        .collect();
    for ballot in &record.ballots {
        let Receipt(text) = &ballot.receipt;
        if unhex(&ballot.nonce).is_none_or(|nonce| receipt(&nonce, &ballot.choices) != *text) {
            problems.push(format!("Receipt {text} is not that of its ballot."));
        }
        if !seen.insert(text) {
            problems.push(format!("Receipt {text} is there twice."));
        }
        // It was cast before anything was withdrawn.
        if let Err(refusal) = record.rules.check(&ballot.choices, &open) {
            problems.push(format!("The ballot of receipt {text} breaks the rules: {refusal}"));
        }
    }
    let again = tally_of(&record.rules, &record.candidates, &record.ballots, record.weighted);
    if again != record.tally {
        problems.push("The tally in the file is not what its ballots add up to.".to_owned());
    }
    (again, problems)
}
