//! The published record of a session, and counting it again.

use std::collections::BTreeSet;

use domain::{
    SegmentId, counted,
    voting::{Ballot, BoundSetup, PublishedBallot, Receipt, RecordOfVoting, Secrecy, Tally, Turnout, Weight},
};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Memory,
    sealed::Content,
    secret::unhex,
    session::{self, Session},
};
use crate::{Error, codec::hex};

/// Digits of a receipt: 80 bits, in groups that people can read out.
const RECEIPT_DIGITS: usize = 20;

/// What a receipt is of beside the nonce and the set-up.
#[derive(Serialize)]
struct Said<'a> {
    choices: &'a Ballot,
    /// Of a secret session neither is known before it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Weight>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<SegmentId>,
}

/// A ballot's receipt: the beginning of SHA-256 over the digest of the set-up, the nonce, and choices, weight and segment as
/// JSON, items in order of their ids. Where there is no digest it is over the nonce and the choices alone.
pub(super) fn receipt(
    setup: Option<&[u8; 32]>,
    secrecy: Secrecy,
    nonce: &[u8],
    (choices, weight, group): (&Ballot, Weight, Option<SegmentId>),
) -> String {
    let mut hasher = Sha256::new();
    match setup {
        Some(setup) => {
            let weighs = secrecy != Secrecy::Secret;
            let said = Said { choices, weight: weighs.then_some(weight), group: group.filter(|_| weighs) };
            hasher.update(setup);
            hasher.update(nonce);
            hasher.update(json_of(&said));
        }
        None => {
            hasher.update(nonce);
            hasher.update(json_of(choices));
        }
    }
    let digits = hex(&hasher.finalize());
    let groups: Vec<&str> = (0..RECEIPT_DIGITS).step_by(4).map(|start| &digits[start..start + 4]).collect();
    groups.join("-")
}

fn json_of(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("what is published is always JSON")
}

/// SHA-256 of a set-up as JSON.
pub(super) fn setup_digest(setup: &BoundSetup) -> [u8; 32] {
    Sha256::digest(json_of(setup)).into()
}

/// SHA-256 of a record as JSON, without the digest itself.
fn digest_of(record: &RecordOfVoting) -> String {
    hex(&Sha256::digest(json_of(&RecordOfVoting { digest: String::new(), ..record.clone() })))
}

/// The record with its digests.
pub(super) fn with_digest(mut record: RecordOfVoting) -> RecordOfVoting {
    record.setup = hex(&setup_digest(&record.bound()));
    record.digest = digest_of(&record);
    record
}

/// A ballot as it is published.
pub(super) fn published(session: &Session, content: &Content) -> PublishedBallot {
    PublishedBallot {
        receipt: Receipt(content.receipt(session)),
        nonce: hex(&content.nonce),
        choices: content.choices.clone(),
        weight: content.weight,
        group: content.group,
    }
}

/// The record of a session in which these ballots are all.
pub(super) fn of(session: &Session, turnout: Turnout, mut ballots: Vec<PublishedBallot>) -> RecordOfVoting {
    ballots.sort_by(|one, other| one.receipt.cmp(&other.receipt));
    let draft = &session.draft;
    let mut record = RecordOfVoting {
        edition: session.edition(),
        voting: session.id,
        title: draft.title.clone(),
        rules: draft.rules,
        secrecy: draft.secrecy,
        weighted: draft.weighted,
        quorum: draft.quorum,
        turnout,
        segments: session.shares(),
        candidates: draft.candidates.clone(),
        ballots,
        tally: Tally::default(),
        setup: String::new(),
        digest: String::new(),
    };
    record.tally = record.count();
    record
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
    let ballots = contents.iter().map(|content| published(session, content)).collect();
    Ok(of(session, Turnout::default(), ballots))
}

/// Counts a published record again, and lists what is wrong with it: receipts that are not those of their ballots, ballots
/// that the rules do not allow or that weigh something else than their segment, more or fewer ballots than were cast, a tally
/// or a digest that differs. A record that was changed as a whole, digest included, is known by its digest alone: it is not
/// the one that the result page shows.
pub fn recount(record: &RecordOfVoting) -> (Tally, Vec<String>) {
    let mut problems = Vec::new();
    if !record.edition.is_known() {
        problems
            .push("A newer version of the program made this record. Recount it with that one.".to_owned());
    }
    let bound = record.bound();
    let digest = setup_digest(&bound);
    let setup = record.edition.binds().then_some(&digest);
    if !record.setup.is_empty() && record.setup != hex(&digest) {
        problems.push(
            "The digest of the set-up is not that of the items, rules and segments in the file.".to_owned(),
        );
    }
    let mut seen = BTreeSet::new();
    for ballot in &record.ballots {
        let Receipt(text) = &ballot.receipt;
        let said = (&ballot.choices, ballot.weight, ballot.group);
        let is_its_own = |nonce: Vec<u8>| receipt(setup, record.secrecy, &nonce, said) == *text;
        if !unhex(&ballot.nonce).is_some_and(is_its_own) {
            problems.push(format!("Receipt {text} is not that of its ballot."));
        }
        if !seen.insert(text) {
            problems.push(format!("Receipt {text} is there twice."));
        }
        // It was cast before anything was withdrawn.
        if let Err(refusal) = record.rules.check(&ballot.choices, &bound.candidates) {
            problems.push(format!("The ballot of receipt {text} breaks the rules: {refusal}"));
        }
        let segment = record.segments.iter().find(|share| Some(share.segment) == ballot.group);
        let weight = segment.map_or(Weight::ONE, |share| share.weight);
        if record.edition.binds() && (weight != ballot.weight || ballot.group.is_some() && segment.is_none())
        {
            problems.push(format!("The ballot of receipt {text} weighs something else than its segment."));
        }
    }
    let (cast, published) = (record.turnout.cast as usize, record.ballots.len());
    if record.edition.binds() && cast != published {
        let ballots = counted(published, "ballot", "ballots");
        problems.push(format!("The file has {ballots}; its turnout says {cast}."));
    }
    let again = record.count();
    if again != record.tally {
        problems.push("The tally in the file is not what its ballots add up to.".to_owned());
    }
    let has_digest = record.edition.binds() || !record.digest.is_empty();
    if has_digest && record.digest != digest_of(record) {
        problems.push("The digest in the file is not that of its content.".to_owned());
    }
    (again, problems)
}
