//! What pages are told of voting sessions.

use serde::{Deserialize, Serialize};

use super::{
    Ballot, Firmness, Lead, Phase, Rules, Score, Secrecy, Tally, VotingDraft, Weight,
    insight::{Disagreement, Fit, Since},
};
use crate::{
    EntryId, ItemId, Reason, RoadmapId, SegmentId, SegmentName, Source, Timestamp, Title, UserId, VoterId,
    VotingId, VotingTitle, choices,
};

/// How many may vote, and how many have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnout {
    /// Members who could vote at some time since the opening, codes for one person that were not used yet, and the guests
    /// and customers who came in.
    pub invited: u32,
    /// Those of them who cast a ballot, a blank one included.
    pub cast: u32,
}

impl Turnout {
    /// In percent, rounded down.
    pub fn percent(self) -> u32 {
        u32::try_from(u64::from(self.cast) * 100 / u64::from(self.invited.max(1))).unwrap_or(100).min(100)
    }

    /// Whether a quorum in percent was asked for and missed.
    pub fn misses(self, quorum: u32) -> bool {
        self.percent() < quorum
    }
}

/// A session in the list of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VotingSummary {
    pub id: VotingId,
    pub title: VotingTitle,
    pub rules: Rules,
    pub secrecy: Secrecy,
    pub phase: Phase,
    pub candidates: u32,
    /// Of what the items are that are up for vote.
    pub roadmaps: Vec<RoadmapId>,
    pub opens: Option<Timestamp>,
    pub closes: Option<Timestamp>,
    pub turnout: Turnout,
    /// Whether the person asking may vote in it, and whether they have.
    pub invited: bool,
    pub voted: bool,
    /// Whether ballots are counted: it is open, its end has not come, and its key is here.
    pub takes_ballots: bool,
}

impl VotingSummary {
    /// Whether it waits for the vote of the person asking.
    pub fn waits(&self) -> bool {
        self.takes_ballots && self.invited && !self.voted
    }
}

/// What everybody who may see a session is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VotingFacts {
    pub id: VotingId,
    /// As it was set up; `closes` is when it will close, or did.
    pub draft: VotingDraft,
    pub phase: Phase,
    pub turnout: Turnout,
    /// Counts up with every change people should see at once.
    pub revision: u64,
    /// The server lacks the key of the open session, so ballots can neither be cast nor counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keyless: bool,
    /// Traces of the closed session are still being removed from the database's files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removing: bool,
}

/// Proof of having cast a ballot: the hash of the ballot and of a random number, both of which are published after
/// close. Who holds it can look it up there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipt(pub String);

/// A voter's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BallotPage {
    pub facts: VotingFacts,
    /// In whose name the ballot is cast.
    pub voter: String,
    /// The ballot as it was cast last, and its receipt; withheld from a secret session's page once it is closed.
    pub ballot: Ballot,
    pub receipt: Option<Receipt>,
    /// Descriptions of candidates as HTML, made by the server; in the order of the candidates.
    pub descriptions: Vec<String>,
    /// The tally so far, in an open session.
    pub tally: Option<Tally>,
    /// What the receipt is of besides the ballot, see [`BoundSetup`](super::BoundSetup), as SHA-256 in hexadecimal; empty where
    /// it is of nothing else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub setup: String,
}

/// A ballot that was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CastDone {
    /// What it costs; what is left is the rest of [`Rules::tokens`].
    pub spent: u32,
    pub receipt: Receipt,
    /// As it was understood.
    pub ballot: Ballot,
}

/// What open pages are told when something about a session changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VotingNews {
    pub phase: Phase,
    /// When it is another than the page has, the page fetches the session anew.
    pub revision: u64,
    pub turnout: Turnout,
    pub closes: Option<Timestamp>,
    /// The tally so far, in an open session.
    pub tally: Option<Tally>,
}

/// An open session, as the boards show it whose items it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningVote {
    pub id: VotingId,
    pub title: VotingTitle,
    /// What is up for vote, on whatever roadmap, in ballot order.
    pub titles: Vec<(ItemId, Title)>,
    /// Whether the weighted points decide.
    pub weighted: bool,
    /// Whether the person asking may vote, and whether they have.
    pub invited: bool,
    pub voted: bool,
    pub news: VotingNews,
}

choices! {
    /// As what somebody votes who is not a member of the workspace.
    VoterKind {
        Guest = "guest", "Guest";
        Customer = "customer", "Customer";
    }
}

/// Somebody who may vote in a session and is not there as a member, as its facilitators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voter {
    pub id: VoterId,
    pub kind: VoterKind,
    pub name: String,
    pub segment: Option<SegmentId>,
    /// For a customer, where the vote comes from and who enters it.
    pub source: Option<Source>,
    pub entered_by: Option<UserId>,
    /// Whether a ballot was cast. Never told of a secret session.
    pub voted: bool,
}

/// A way for guests to come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: EntryId,
    /// For one person, whose name it says; otherwise for everybody who has the code.
    pub name: Option<String>,
    pub segment: Option<SegmentId>,
    pub used: u32,
}

/// Who chose what, in a session that is not secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedBallot {
    pub name: String,
    /// `None` for a member of the workspace.
    pub kind: Option<VoterKind>,
    pub segment: Option<SegmentId>,
    pub weight: Weight,
    pub choices: Ballot,
}

/// A segment's part of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupResult {
    /// `None` for everybody else.
    pub segment: Option<SegmentId>,
    pub name: Option<SegmentName>,
    pub weight: Weight,
    pub tally: Tally,
}

/// Places beside those in an earlier session that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    pub voting: VotingId,
    pub title: VotingTitle,
    pub since: Vec<Since>,
}

/// Why a session that is over shows no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// A secret session in which so few voted themselves that a result would say who chose what.
    TooFew,
    /// The key of its ballots was lost.
    Uncounted,
}

/// What came of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    pub facts: VotingFacts,
    /// With this there is nothing below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
    pub tally: Tally,
    /// By segment, where votes are split; small groups of a secret session are counted among everybody else.
    pub groups: Vec<GroupResult>,
    /// The items to talk about first.
    pub disagreements: Vec<Disagreement>,
    /// How firm the order is.
    pub leads: Vec<Lead>,
    /// How many ballots would have to be different for another winner; none where the first place is shared.
    pub winner: Option<Firmness>,
    /// In a budget, what each item costs and whether it fits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fits: Vec<Fit>,
    pub compared: Option<Compared>,
    /// Earlier sessions with some of the same items, to compare with.
    pub earlier: Vec<(VotingId, VotingTitle)>,
    /// Receipts of all ballots.
    pub receipts: Vec<Receipt>,
    /// The weight of all ballots that were counted together.
    pub weight: Score,
    /// The digests of the set-up and of the whole record, see [`RecordOfVoting`](super::RecordOfVoting).
    pub setup: String,
    pub digest: String,
    /// What the step on the board is called that takes this order.
    pub reason: Reason,
}
