//! Voting sessions: who may choose what by which rule, and what came of it.
//!
//! A session asks its voters to choose among *candidates*, items of one or several roadmaps. Each voter has one
//! *ballot*, which can be cast again until the session closes. What a ballot may hold and what it costs is in
//! [`Rules`]; what all ballots together say is in [`tally`], with what to make of it in [`insight`]. All of it is
//! integer arithmetic on what is passed in, so anybody who has the ballots gets the same result.

mod ballot;
mod firmness;
pub mod groups;
pub mod insight;
mod record;
mod rules;
mod schulze;
mod segment;
mod session;
mod tally;
#[cfg(test)]
mod tests;
mod view;

pub use ballot::{Ballot, CastRefusal, Choice};
pub use firmness::{Firmness, Lead, Margin, firmness};
pub use record::{BoundSetup, Edition, PublishedBallot, RecordOfVoting, Share};
pub use rules::{InvalidRules, Mode, Rules};
pub use schulze::{Duels, schulze};
pub use segment::{InvalidWeight, Segment, SegmentKind, Weight};
pub use session::{Audience, Candidate, InvalidDraft, MOST_CANDIDATES, Phase, Reveal, Secrecy, VotingDraft};
pub use tally::{CountedBallot, Line, Score, Tally, tally};
pub use view::{
    BallotPage, CastDone, Compared, Entry, GroupResult, NamedBallot, Receipt, Results, RunningVote, Turnout,
    Voter, VoterKind, VotingFacts, VotingNews, VotingSummary, Withheld,
};
