//! What one voter chose, and why a cast was refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Mode;
use crate::ItemId;

/// What one voter gives each item: votes, dots, a grade, or the place in a ranking, 1 being the first.
///
/// A grade of zero is an answer and is kept; otherwise an item with nothing is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ballot(BTreeMap<ItemId, u32>);

/// One line of a ballot as it was typed or tapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub item: ItemId,
    /// Any number, because people type any; see [`Ballot::parse`].
    pub amount: i64,
}

impl Ballot {
    /// Reads what was chosen. The places of a ranking are moved up to be without gaps.
    ///
    /// # Errors
    /// [`CastRefusal::Negative`] and [`CastRefusal::Twice`].
    pub fn parse(mode: Mode, choices: &[Choice]) -> Result<Self, CastRefusal> {
        let mut amounts = BTreeMap::new();
        for choice in choices {
            let amount = u32::try_from(choice.amount.min(i64::from(u32::MAX)))
                .map_err(|_| CastRefusal::Negative(choice.amount))?;
            if amounts.insert(choice.item, amount).is_some() {
                return Err(CastRefusal::Twice);
            }
        }
        if mode != Mode::Importance {
            amounts.retain(|_, amount| *amount > 0);
        }
        let ballot = Self(amounts);
        Ok(if mode == Mode::Ranking { ballot.without_gaps() } else { ballot })
    }

    fn without_gaps(mut self) -> Self {
        let mut places: Vec<u32> = self.0.values().copied().collect();
        places.sort_unstable();
        let distinct = places.windows(2).all(|pair| pair[0] != pair[1]);
        // Two items at one place are refused later, with the number that was typed.
        if distinct {
            for place in self.0.values_mut() {
                let above = places.partition_point(|other| other < place);
                *place = u32::try_from(above + 1).unwrap_or(u32::MAX);
            }
        }
        self
    }

    /// What an item gets; zero when it is not on the ballot.
    pub fn amount(&self, item: ItemId) -> u32 {
        self.0.get(&item).copied().unwrap_or(0)
    }

    /// What an item gets, when it is on the ballot.
    pub fn get(&self, item: ItemId) -> Option<u32> {
        self.0.get(&item).copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = (ItemId, u32)> {
        self.0.iter().map(|(item, amount)| (*item, *amount))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ballot without an item that is no longer to be chosen.
    pub fn without(mut self, item: ItemId, mode: Mode) -> Self {
        self.0.remove(&item);
        if mode == Mode::Ranking { self.without_gaps() } else { self }
    }
}

impl FromIterator<(ItemId, u32)> for Ballot {
    fn from_iter<I: IntoIterator<Item = (ItemId, u32)>>(amounts: I) -> Self {
        Self(amounts.into_iter().collect())
    }
}

/// Why a ballot was not counted. Nothing has changed then; an earlier cast stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CastRefusal {
    #[error("This ballot costs {cost}, but each voter has {tokens}. Take {} back.", *.cost - u64::from(*.tokens))]
    OverBudget { cost: u64, tokens: u32 },
    #[error("“{title}” can get at most {most} from one voter; this gives it {amount}.")]
    TooMuch { title: String, amount: u32, most: u32 },
    #[error("“{title}” was given the grade {grade}. Grades go from 0 to 3.")]
    NoSuchGrade { title: String, grade: u32 },
    #[error("“{title}” was put in place {place}, but there are only {last} items.")]
    NoSuchPlace { title: String, place: u32, last: u32 },
    #[error("Places begin with 1.")]
    PlaceZero,
    #[error("Two items are in place {0}. Give each a place of its own.")]
    SamePlace(u32),
    #[error("{0} is less than nothing. Leave out what you do not want.")]
    Negative(i64),
    #[error("An item is on this ballot twice. Reload the page and vote again.")]
    Twice,
    #[error("An item of this ballot is not up for vote here. Reload the page and vote again.")]
    NotACandidate,
    #[error("“{0}” is no longer up for vote. What you gave it is yours again.")]
    Withdrawn(String),
    #[error("This voting session has not been opened yet.")]
    NotOpen,
    #[error("This voting session is closed. Your ballot counts as you last cast it.")]
    Closed,
    #[error("You are not among the voters of this session. Ask its facilitator for an invitation.")]
    NotInvited,
    #[error("This cast was numbered like an earlier one with other choices. Reload the page and vote again.")]
    OtherCast,
}
