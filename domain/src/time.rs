//! Moments and days. A plan is made of days; the log is made of moments.

use serde::{Deserialize, Serialize};

use crate::UserId;

/// A calendar day of the plan, without time or zone. Written as `2026-11-21`.
pub type Date = jiff::civil::Date;

/// Milliseconds since 1970-01-01T00:00Z, by the server's clock. Never decides order: sequence numbers do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Calendar day and time of day in UTC. A moment beyond the calendar, year 9999, becomes its last.
    pub fn utc(self) -> jiff::civil::DateTime {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        jiff::tz::Offset::UTC.to_datetime(moment)
    }

    /// Reads `2026-11-22T10:00`, as date and time fields have it, in UTC.
    pub fn from_utc_minute(text: &str) -> Option<Self> {
        let at: jiff::civil::DateTime = text.parse().ok()?;
        let at = jiff::tz::Offset::UTC.to_timestamp(at).ok()?;
        Some(Self(at.as_millisecond()))
    }
}

/// Who did something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub by: UserId,
    pub at: Timestamp,
}
