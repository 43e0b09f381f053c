//! The published record of a session: all that is needed to count it again.

use serde::{Deserialize, Serialize};

use super::{
    Ballot, Candidate, CountedBallot, Receipt, Rules, Secrecy, Tally, Turnout, Weight, tally::tally_by,
};
use crate::{SegmentId, SegmentName, VotingId, VotingTitle};

/// In which way a session is counted and its receipts are made. It is that of its opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Edition(u32);

impl Edition {
    /// Receipts are of nonce and choices. Means are compared as they are rounded, blank ballots are counted, and places
    /// that are shared leave no gap in a ranking.
    pub const FIRST: Edition = Edition(1);
    /// Receipts bind the set-up as well. Means are compared exactly.
    pub const NOW: Edition = Edition(2);

    pub(super) fn compares_rounded(self) -> bool {
        self < Self::NOW
    }

    pub(super) fn counts_blank(self) -> bool {
        self < Self::NOW
    }

    pub(super) fn leaves_no_gaps(self) -> bool {
        self < Self::NOW
    }

    /// Whether receipts are those of a set-up.
    pub fn binds(self) -> bool {
        self >= Self::NOW
    }

    /// Whether this program knows it.
    pub fn is_known(self) -> bool {
        self >= Self::FIRST && self <= Self::NOW
    }
}

/// What was published before there were editions is of the first.
impl Default for Edition {
    fn default() -> Self {
        Self::FIRST
    }
}

/// A ballot as anybody may recount it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedBallot {
    pub receipt: Receipt,
    /// What was hashed with the ballot, in hexadecimal.
    pub nonce: String,
    pub choices: Ballot,
    pub weight: Weight,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<SegmentId>,
}

/// A segment as its ballots are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub segment: SegmentId,
    pub name: SegmentName,
    pub weight: Weight,
}

/// What cannot change while a session is open, and every receipt is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundSetup {
    pub voting: VotingId,
    pub rules: Rules,
    pub secrecy: Secrecy,
    pub weighted: bool,
    /// In percent; 0 for none.
    pub quorum: u32,
    /// The segments by which votes are split, with the weights they had when the session opened.
    pub segments: Vec<Share>,
    /// In ballot order, with their titles and prices, before any was withdrawn.
    pub candidates: Vec<Candidate>,
}

/// All that is needed to count a session again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordOfVoting {
    #[serde(default)]
    pub edition: Edition,
    #[serde(default = "nil")]
    pub voting: VotingId,
    pub title: VotingTitle,
    pub rules: Rules,
    #[serde(default = "not_secret")]
    pub secrecy: Secrecy,
    pub weighted: bool,
    #[serde(default)]
    pub quorum: u32,
    #[serde(default)]
    pub turnout: Turnout,
    #[serde(default)]
    pub segments: Vec<Share>,
    pub candidates: Vec<Candidate>,
    /// By receipt, so that the order says nothing about who came when.
    pub ballots: Vec<PublishedBallot>,
    pub tally: Tally,
    /// SHA-256 of what every receipt is of, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub setup: String,
    /// SHA-256 of all of the above, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

fn nil() -> VotingId {
    VotingId::NIL
}

fn not_secret() -> Secrecy {
    Secrecy::Sealed
}

impl RecordOfVoting {
    /// What its receipts are of.
    pub fn bound(&self) -> BoundSetup {
        let whole = |candidate: &Candidate| Candidate { withdrawn: false, ..candidate.clone() };
        BoundSetup {
            voting: self.voting,
            rules: self.rules,
            secrecy: self.secrecy,
            weighted: self.weighted,
            quorum: self.quorum,
            segments: self.segments.clone(),
            candidates: self.candidates.iter().map(whole).collect(),
        }
    }

    /// Its ballots as they are counted: without what they gave to withdrawn candidates.
    pub fn counted(&self) -> Vec<CountedBallot> {
        let withdrawn: Vec<_> = self.candidates.iter().filter(|candidate| candidate.withdrawn).collect();
        let choices = |ballot: &PublishedBallot| {
            withdrawn.iter().fold(ballot.choices.clone(), |ballot, candidate| {
                ballot.without(candidate.item, self.rules.mode)
            })
        };
        self.ballots
            .iter()
            .map(|ballot| CountedBallot {
                choices: choices(ballot),
                weight: ballot.weight,
                group: ballot.group,
            })
            .collect()
    }

    /// What its ballots add up to.
    pub fn count(&self) -> Tally {
        self.count_of(&self.counted())
    }

    /// What some of its ballots add up to.
    pub fn count_of(&self, ballots: &[CountedBallot]) -> Tally {
        tally_by(self.edition, &self.rules, &self.candidates, ballots, self.weighted)
    }
}
