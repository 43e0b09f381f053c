//! What a voting session is made of.

use serde::{Deserialize, Serialize};

use super::{InvalidRules, Rules, SegmentKind};
use crate::{ItemId, Question, RoadmapId, SegmentId, Timestamp, Title, VotingTitle, choices};

choices! {
    /// Who learns what, and when.
    Secrecy {
        /// The tally moves while people vote. Editors can see who chose what.
        Open = "open", "Open";
        /// Nothing but the turnout until the session closes. Then editors can see who chose what.
        Sealed = "sealed", "Sealed until close";
        /// As sealed, and once the session is closed nothing kept links a person to a choice.
        Secret = "secret", "Secret";
    }
}

choices! {
    /// How far a session has come.
    Phase {
        /// Being set up; can be changed in every way.
        Draft = "draft", "Draft";
        /// Ready, and opens by itself at its time.
        Scheduled = "scheduled", "Scheduled";
        /// Ballots can be cast.
        Open = "open", "Open";
        /// Counted; the result waits to be revealed.
        Closed = "closed", "Closed";
        /// The result can be seen.
        Revealed = "revealed", "Result";
    }
}

choices! {
    /// When the result is shown.
    Reveal {
        AtClose = "at_close", "As soon as the session closes";
        ByHand = "by_hand", "When the facilitator reveals it";
    }
}

/// Which members of the workspace may vote. Only those whose role lets them vote at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    #[default]
    Everybody,
    /// Those who belong to one of these.
    Segments(Vec<SegmentId>),
    /// No member: guests and customers only.
    Nobody,
}

/// An item that is up for vote, as it was called when the session was set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub item: ItemId,
    pub roadmap: RoadmapId,
    /// Like `ERP-12`.
    pub key: String,
    pub title: Title,
    /// What it costs in a budget, in tokens.
    pub cost: u32,
    /// Deleted, done or taken out while the session ran: can no longer be chosen, and what it got was given back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// Everything that is chosen when a session is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VotingDraft {
    pub title: VotingTitle,
    pub question: Question,
    /// In ballot order.
    pub candidates: Vec<Candidate>,
    pub rules: Rules,
    pub secrecy: Secrecy,
    pub reveal: Reveal,
    /// Whether places are given by the weighted tally; both are shown.
    pub weighted: bool,
    /// By which kind of segment votes are split and weighted.
    pub split: Option<SegmentKind>,
    /// The share of invited members who have to vote for the result to stand, in percent; 0 for none.
    pub quorum: u32,
    pub opens: Option<Timestamp>,
    pub closes: Option<Timestamp>,
    pub audience: Audience,
    /// Whether guests may come in with a code or a link.
    pub guests: bool,
    /// Whether items that are done, dropped or deleted leave the ballot and give back what they got.
    pub refund: bool,
}

/// The most items a session can put up for vote.
pub const MOST_CANDIDATES: usize = 100;

/// Why a session cannot be set up like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDraft {
    #[error("There is nothing to vote on. Choose at least two items.")]
    NoCandidates,
    #[error("A ballot can hold at most {most} items; these are {count}. Choose fewer.", most = MOST_CANDIDATES)]
    TooManyCandidates { count: usize },
    #[error("“{0}” is on the ballot twice.")]
    CandidateTwice(String),
    #[error("“{0}” costs nothing. In a budget each item costs at least one token.")]
    NoCost(String),
    #[error("No item can be bought: the cheapest costs {cheapest}, and each voter has {tokens}.")]
    NothingAffordable { cheapest: u32, tokens: u32 },
    #[error(transparent)]
    Rules(#[from] InvalidRules),
    #[error("The session would close before it opens. Choose a later closing time.")]
    ClosesBeforeOpening,
    #[error("The closing time has passed already. Choose a later one.")]
    ClosesInThePast,
    #[error("A quorum is a share from 0 to 100 percent.")]
    Quorum,
    #[error("Nobody could vote. Choose members or segments, or let guests in.")]
    NoVoters,
    #[error("Weights need a kind of segment. Choose one, or count everybody alike.")]
    WeightsWithoutSplit,
}

impl VotingDraft {
    /// Whether a session like this could be opened at `now`.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, now: Timestamp) -> Result<(), InvalidDraft> {
        let count = self.candidates.len();
        if count < 2 {
            return Err(InvalidDraft::NoCandidates);
        }
        if count > MOST_CANDIDATES {
            return Err(InvalidDraft::TooManyCandidates { count });
        }
        for (index, candidate) in self.candidates.iter().enumerate() {
            if self.candidates[..index].iter().any(|other| other.item == candidate.item) {
                return Err(InvalidDraft::CandidateTwice(candidate.title.to_string()));
            }
        }
        let rules = Rules::new(self.rules.mode, self.rules.tokens, self.rules.most)?;
        if rules.mode == super::Mode::Budget {
            if let Some(free) = self.candidates.iter().find(|candidate| candidate.cost == 0) {
                return Err(InvalidDraft::NoCost(free.title.to_string()));
            }
            let cheapest = self.candidates.iter().map(|candidate| candidate.cost).min().unwrap_or(0);
            if cheapest > rules.tokens {
                return Err(InvalidDraft::NothingAffordable { cheapest, tokens: rules.tokens });
            }
        }
        if let Some(closes) = self.closes {
            if self.opens.is_some_and(|opens| opens >= closes) {
                return Err(InvalidDraft::ClosesBeforeOpening);
            }
            if closes <= now {
                return Err(InvalidDraft::ClosesInThePast);
            }
        }
        if self.quorum > 100 {
            return Err(InvalidDraft::Quorum);
        }
        let no_members = match &self.audience {
            Audience::Everybody => false,
            Audience::Segments(segments) => segments.is_empty(),
            Audience::Nobody => true,
        };
        if no_members && !self.guests {
            return Err(InvalidDraft::NoVoters);
        }
        if self.weighted && self.split.is_none() {
            return Err(InvalidDraft::WeightsWithoutSplit);
        }
        Ok(())
    }
}
