//! Moments and days. A plan is made of days; the log is made of moments.

use serde::{Deserialize, Serialize};

use crate::{
    UserId,
    date::{Date, Utc},
};

/// Milliseconds since 1970-01-01T00:00Z, by the server's clock. Never decides order: sequence numbers do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Calendar day and time of day in UTC. A moment beyond the calendar, year 9999, becomes its last.
    pub fn utc(self) -> Utc {
        Utc::from_millisecond(self.0)
    }

    /// Reads `2026-11-22T10:00`, as date and time fields have it, in UTC.
    pub fn from_utc_minute(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let (hour, minute) = time.split_once(':')?;
        let number = |digits: &str, end: i64| {
            let number = digits.parse::<i64>().ok().filter(|number| *number < end)?;
            (digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(number)
        };
        let minutes =
            date.parse::<Date>().ok()?.days() * 1_440 + number(hour, 24)? * 60 + number(minute, 60)?;
        Some(Self(minutes * 60_000))
    }
}

/// Who did something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub by: UserId,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_field_of_date_and_time_is_read_to_the_minute() {
        let read = |text| Timestamp::from_utc_minute(text).map(|at| at.utc().to_string());
        assert_eq!(read("2026-11-22T10:05").as_deref(), Some("2026-11-22T10:05:00.000Z"));
        assert_eq!(read("1969-12-31T23:59").as_deref(), Some("1969-12-31T23:59:00.000Z"));
        for text in
            ["", "2026-11-22", "2026-11-22T24:00", "2026-11-22T10:60", "2026-11-31T10:00", "2026-11-22T+1:00"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
