//! An item's place in its lane, as a fractional index: between any two keys there is room for another.
//!
//! A key is the digits of a fraction between 0 and 1, most significant first, never ending in a zero. The digits
//! are `0`–`9` and `a`–`z`: bytes, and every database's text order, agree on their order.

use std::fmt;

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

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE: u8 = 36;

impl Rank {
    /// Above this many characters [`apply`](crate::apply) spreads the lane's keys anew. A key grows by one character
    /// for every 35 inserts at an end of a lane, and for every five at one spot within.
    pub const REBALANCE_AT: usize = 96;

    /// A rank strictly between two others; `None` stands for the end of the lane on that side.
    ///
    /// Returns `None` when `low` is not below `high`, which would be a lane out of order.
    pub fn between(low: Option<&Rank>, high: Option<&Rank>) -> Option<Rank> {
        let digits = match (low.map(Rank::digits), high.map(Rank::digits)) {
            (None, None) => middle(&[], None),
            (Some(low), None) => above(&low),
            (None, Some(high)) => below(&high),
            (Some(low), Some(high)) if low < high => middle(&low, Some(&high)),
            _ => return None,
        };
        Some(Rank(digits.into_iter().map(|digit| char::from(DIGITS[usize::from(digit)])).collect()))
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

    fn digits(&self) -> Vec<u8> {
        self.0.bytes().map(|byte| value(byte).expect("a Rank is only made of digits")).collect()
    }
}

/// Halfway between two fractions; without `high`, between `low` and 1.
fn middle(low: &[u8], high: Option<&[u8]>) -> Vec<u8> {
    let mut between = Vec::with_capacity(low.len() + 1);
    // Once a digit lies below that of `high`, whatever follows does too.
    let mut high = high;
    loop {
        let index = between.len();
        let least = low.get(index).copied().unwrap_or(0);
        let most = high.map_or(BASE, |high| high.get(index).copied().unwrap_or(0));
        between.push(least + most.saturating_sub(least) / 2);
        match most.saturating_sub(least) {
            0 => {}
            1 => high = None,
            _ => return between,
        }
    }
}

/// A little above, so that a lane which grows at its end has short keys.
fn above(low: &[u8]) -> Vec<u8> {
    match low.iter().position(|digit| *digit < BASE - 1) {
        Some(index) => [&low[..index], &[low[index] + 1]].concat(),
        None => [low, &[1]].concat(),
    }
}

/// A little below, so that a lane which grows at its front has short keys.
fn below(high: &[u8]) -> Vec<u8> {
    let index = high.iter().position(|digit| *digit > 0).expect("a key does not end in a zero");
    match high[index] {
        1 => [&high[..index], &[0, BASE - 1]].concat(),
        digit => [&high[..index], &[digit - 1]].concat(),
    }
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'z' => Some(byte - b'a' + 10),
        _ => None,
    }
}

impl TryFrom<String> for Rank {
    type Error = InvalidRank;

    fn try_from(text: String) -> Result<Self, InvalidRank> {
        let digits = text.bytes().all(|byte| value(byte).is_some());
        if digits && !text.is_empty() && !text.ends_with('0') { Ok(Self(text)) } else { Err(InvalidRank) }
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
