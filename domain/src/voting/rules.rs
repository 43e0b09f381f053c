//! The ways to vote: what a ballot may hold, and what it costs.

use serde::{Deserialize, Serialize};

use super::{Ballot, Candidate, CastRefusal};
use crate::choices;

choices! {
    /// How voters say what matters to them.
    Mode {
        /// One vote for each item somebody supports, with or without a limit on their number.
        Upvote = "upvote", "Upvotes";
        /// A number of dots, several of which may go to one item ("dot voting", "dotmocracy").
        Dots = "dots", "Dots";
        /// Tokens, with which items are bought at their cost. After "Buy a Feature" (Hohmann, *Innovation Games*, 2006), each
        /// voter with a purse of their own; known as knapsack voting (Goel, Krishnaswamy, Sakshuwong, Aitamurto 2019).
        Budget = "budget", "Budget";
        /// Credits, of which k votes for one item cost k² (Lalley and Weyl, *Quadratic Voting*, 2018).
        Quadratic = "quadratic", "Quadratic";
        /// Items in order of preference, counted by Schulze's and by Borda's method.
        Ranking = "ranking", "Ranking";
        /// A grade from 0, not important, to 3, essential.
        Importance = "importance", "Importance 0–3";
        /// Yes to as many items as one likes (Brams and Fishburn 1978).
        Approval = "approval", "Approval";
    }
}

/// The highest grade of importance.
pub(super) const TOP_GRADE: u32 = 3;

/// More tokens than anybody counts.
const MOST_TOKENS: u32 = 10_000;

/// A mode with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub mode: Mode,
    /// What each voter has: items to support, dots, tokens or credits. `0` in the modes without, and in
    /// [`Mode::Upvote`] without a limit.
    pub tokens: u32,
    /// The most dots or votes one item can get from one voter; `0` for no limit but the tokens.
    pub most: u32,
}

/// Why rules cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRules {
    #[error("Give each voter at least one token.")]
    NoTokens,
    #[error("Give each voter at most {} tokens.", MOST_TOKENS)]
    TooManyTokens,
    #[error("The most for one item cannot be more than a voter has. Lower it, or give more tokens.")]
    MostAboveTokens,
}

impl Rules {
    /// Checks the numbers, and sets those to zero that the mode does not know.
    pub fn new(mode: Mode, tokens: u32, most: u32) -> Result<Self, InvalidRules> {
        let rules = match mode {
            Mode::Upvote | Mode::Budget => Self { mode, tokens, most: 0 },
            Mode::Dots | Mode::Quadratic => Self { mode, tokens, most },
            Mode::Ranking | Mode::Importance | Mode::Approval => Self { mode, tokens: 0, most: 0 },
        };
        if rules.tokens == 0 && matches!(mode, Mode::Dots | Mode::Budget | Mode::Quadratic) {
            return Err(InvalidRules::NoTokens);
        }
        if rules.tokens > MOST_TOKENS {
            return Err(InvalidRules::TooManyTokens);
        }
        if rules.price(rules.most, 1) > u64::from(rules.tokens) {
            return Err(InvalidRules::MostAboveTokens);
        }
        Ok(rules)
    }

    /// Whether voters spend something they have a limited number of.
    pub fn has_tokens(&self) -> bool {
        self.tokens > 0
    }

    /// The most one voter can give one item: positions in a ranking and grades included.
    pub fn top(&self, candidates: usize) -> u32 {
        match self.mode {
            Mode::Upvote | Mode::Approval | Mode::Budget => 1,
            Mode::Dots if self.most > 0 => self.most,
            Mode::Dots => self.tokens,
            Mode::Quadratic if self.most > 0 => self.most,
            Mode::Quadratic => self.tokens.isqrt(),
            Mode::Ranking => u32::try_from(candidates).unwrap_or(u32::MAX),
            Mode::Importance => TOP_GRADE,
        }
    }

    /// What an amount for one item costs: its cost in a budget, the square in quadratic voting, nothing where there
    /// are no tokens.
    pub fn price(&self, amount: u32, cost: u32) -> u64 {
        let amount = u64::from(amount);
        match self.mode {
            Mode::Upvote if self.tokens == 0 => 0,
            Mode::Upvote | Mode::Dots => amount,
            Mode::Budget => amount * u64::from(cost),
            Mode::Quadratic => amount * amount,
            Mode::Ranking | Mode::Importance | Mode::Approval => 0,
        }
    }

    /// What a whole ballot costs. Items that are not among the candidates cost nothing.
    pub fn cost(&self, ballot: &Ballot, candidates: &[Candidate]) -> u64 {
        candidates.iter().map(|candidate| self.price(ballot.amount(candidate.item), candidate.cost)).sum()
    }

    /// Whether a ballot may be cast, and what it costs.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self, ballot: &Ballot, candidates: &[Candidate]) -> Result<u32, CastRefusal> {
        let top = self.top(candidates.len());
        let mut positions = Vec::new();
        for (item, amount) in ballot.iter() {
            let candidate = candidates
                .iter()
                .find(|candidate| candidate.item == item)
                .ok_or(CastRefusal::NotACandidate)?;
            let title = || candidate.title.to_string();
            if candidate.withdrawn {
                return Err(CastRefusal::Withdrawn(title()));
            }
            if amount > top {
                return Err(match self.mode {
                    Mode::Ranking => CastRefusal::NoSuchPlace { title: title(), place: amount, last: top },
                    Mode::Importance => CastRefusal::NoSuchGrade { title: title(), grade: amount },
                    _ => CastRefusal::TooMuch { title: title(), amount, most: top },
                });
            }
            positions.push(amount);
        }
        if self.mode == Mode::Ranking {
            positions.sort_unstable();
            if positions.first() == Some(&0) {
                return Err(CastRefusal::PlaceZero);
            }
            if let Some(pair) = positions.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(CastRefusal::SamePlace(pair[0]));
            }
        }
        let cost = self.cost(ballot, candidates);
        if self.has_tokens() && cost > u64::from(self.tokens) {
            return Err(CastRefusal::OverBudget { cost, tokens: self.tokens });
        }
        Ok(u32::try_from(cost).unwrap_or(u32::MAX))
    }
}
