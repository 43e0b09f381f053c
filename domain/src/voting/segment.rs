//! Segments: groups whose votes are counted together, with a weight.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{SegmentId, SegmentName, choices};

choices! {
    /// What people are grouped by. A person belongs to at most one segment of each kind.
    SegmentKind {
        Department = "department", "Department";
        CustomerGroup = "customer_group", "Customer group";
        RoleGroup = "role_group", "Role group";
    }
}

/// A department, a group of customers, or a group of people of one trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub id: SegmentId,
    pub kind: SegmentKind,
    pub name: SegmentName,
    pub weight: Weight,
    /// How many members of the workspace belong to it.
    pub members: u32,
}

/// How much a vote counts, in thousandths: 1 is the vote of somebody without a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Weight(u32);

impl Weight {
    pub const ONE: Weight = Weight(1_000);

    /// The heaviest.
    pub const MOST: Weight = Weight(100_000);

    /// In thousandths.
    pub fn thousandths(self) -> u32 {
        self.0
    }
}

/// Why a weight cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a weight. Use a number from 0 to 100, like 1 or 2.5.")]
pub struct InvalidWeight(String);

impl TryFrom<u32> for Weight {
    type Error = InvalidWeight;

    fn try_from(thousandths: u32) -> Result<Self, InvalidWeight> {
        let weight = Weight(thousandths);
        if weight <= Weight::MOST { Ok(weight) } else { Err(InvalidWeight(weight.to_string())) }
    }
}

impl From<Weight> for u32 {
    fn from(weight: Weight) -> u32 {
        weight.0
    }
}

impl FromStr for Weight {
    type Err = InvalidWeight;

    /// Takes `2`, `2.5` and `2,5`, with at most three digits behind the point.
    fn from_str(text: &str) -> Result<Self, InvalidWeight> {
        let wrong = || InvalidWeight(text.trim().to_owned());
        let trimmed = text.trim().replace(',', ".");
        let (whole, part) = trimmed.split_once('.').unwrap_or((&trimmed, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || part.len() > 3 || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let part: u32 = format!("{part:0<3}").parse().map_err(|_| wrong())?;
        Weight::try_from(whole * 1_000 + part).map_err(|_| wrong())
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::tally::write_thousandths(f, u64::from(self.0))
    }
}
