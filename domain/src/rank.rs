//! An item's place in its lane, as a fractional index: between any two keys there is room for another.

use std::fmt;

use fractional_index::FractionalIndex;
use serde::{Deserialize, Serialize};

/// Sort key of an item in its lane or of a lane on its board. Text order is rank order.
///
/// Ranks are only ever computed by [`apply`](crate::apply) at an operation's place in the log, so two items of a lane
/// never hold the same one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rank(String);

/// A text that is no rank.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this is not a rank key")]
pub struct InvalidRank;

impl Rank {
    /// Above this many characters [`apply`](crate::apply) spreads the lane's keys anew. Two characters are one byte;
    /// a key grows by one byte for about every eight inserts at the same spot.
    pub const REBALANCE_AT: usize = 96;

    /// A rank strictly between two others; `None` stands for the end of the lane on that side.
    ///
    /// Returns `None` when `low` is not below `high`, which would be a lane out of order.
    pub fn between(low: Option<&Rank>, high: Option<&Rank>) -> Option<Rank> {
        let low = low.map(Rank::index);
        let high = high.map(Rank::index);
        FractionalIndex::new(low.as_ref(), high.as_ref()).map(|index| Rank(index.to_string()))
    }

    /// `count` ascending ranks strictly between two others, by halving, so that their keys stay short.
    ///
    /// Returns `None` when `low` is not below `high`.
    pub fn fill(low: Option<&Rank>, high: Option<&Rank>, count: usize) -> Option<Vec<Rank>> {
        if count == 0 {
            return Some(Vec::new());
        }
        let middle = Rank::between(low, high)?;
        let mut ranks = Rank::fill(low, Some(&middle), count / 2)?;
        let above = Rank::fill(Some(&middle), high, count - count / 2 - 1)?;
        ranks.push(middle);
        ranks.extend(above);
        Some(ranks)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn index(&self) -> FractionalIndex {
        FractionalIndex::from_string(&self.0).expect("a Rank is only made from a valid index")
    }
}

impl TryFrom<String> for Rank {
    type Error = InvalidRank;

    fn try_from(text: String) -> Result<Self, InvalidRank> {
        let index = FractionalIndex::from_string(&text).map_err(|_| InvalidRank)?;
        // Upper-case digits would be the same key with another order.
        if index.to_string() == text { Ok(Self(text)) } else { Err(InvalidRank) }
    }
}

impl From<Rank> for String {
    fn from(rank: Rank) -> String {
        rank.0
    }
}

impl fmt::Debug for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rank({})", self.0)
    }
}
