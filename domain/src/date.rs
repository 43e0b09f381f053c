//! The calendar: days as a plan has them, and moments as people read them.
//!
//! All that a roadmap needs, and small enough for a page: libraries for dates bring time zones, and a megabyte of reasons.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A calendar day of the plan, without time or zone, in the years 0 to 9999. Written as `2026-11-21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i16,
    month: i8,
    day: i8,
}

/// This is no day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is not a day like 2026-11-21.")]
pub struct NoSuchDay;

impl Date {
    const LAST: Self = Self::constant(9999, 12, 31);

    /// # Errors
    /// When there is no such day.
    pub const fn new(year: i16, month: i8, day: i8) -> Result<Self, NoSuchDay> {
        let exists =
            0 <= year && year <= 9999 && 1 <= month && month <= 12 && 1 <= day && day <= days_in(year, month);
        if exists { Ok(Self { year, month, day }) } else { Err(NoSuchDay) }
    }

    /// A day that is known to be one.
    ///
    /// # Panics
    /// When there is no such day.
    pub const fn constant(year: i16, month: i8, day: i8) -> Self {
        match Self::new(year, month, day) {
            Ok(date) => date,
            Err(NoSuchDay) => panic!("there is such a day"),
        }
    }

    pub const fn year(self) -> i16 {
        self.year
    }

    /// From 1 for January.
    pub const fn month(self) -> i8 {
        self.month
    }

    /// Of the month, from 1.
    pub const fn day(self) -> i8 {
        self.day
    }

    /// Whether it is a day that people plan: of the years 1990 to 2199. Others are mostly slips of the keyboard.
    pub const fn is_likely(self) -> bool {
        1990 <= self.year && self.year <= 2199
    }

    /// The date, if [people plan such days](Self::is_likely).
    ///
    /// # Errors
    /// A sentence that asks for another look at the year.
    pub fn likely(self) -> Result<Self, String> {
        if self.is_likely() { Ok(self) } else { Err(format!("Check the year {:04}.", self.year)) }
    }

    pub const fn last_of_month(self) -> Self {
        Self { day: days_in(self.year, self.month), ..self }
    }

    /// The same weekday some weeks later, or earlier; `None` beyond the calendar.
    pub fn plus_weeks(self, weeks: i32) -> Option<Self> {
        Self::from_days(self.days() + i64::from(weeks) * 7)
    }

    /// Days since 1970-01-01. Years are counted from March, so that leap days come last, and in cycles of 400 years, after
    /// which the calendar repeats (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    pub fn days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
        let month = (i64::from(self.month) + 9) % 12;
        let day = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        cycle * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468
    }

    /// The day so many days after 1970-01-01; `None` beyond the calendar.
    pub(crate) fn from_days(days: i64) -> Option<Self> {
        let days = days.checked_add(719_468)?;
        let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = cycle * 400 + year + i64::from(month <= 2);
        Self::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }
}

const fn days_in(year: i16, month: i8) -> i8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = NoSuchDay;

    fn from_str(text: &str) -> Result<Self, NoSuchDay> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (year, rest) = text.split_once('-').ok_or(NoSuchDay)?;
        let (month, day) = rest.split_once('-').ok_or(NoSuchDay)?;
        if (year.len(), month.len(), day.len()) != (4, 2, 2) || ![year, month, day].into_iter().all(digits) {
            return Err(NoSuchDay);
        }
        let part = |text: &str| text.parse::<i16>().map_err(|_| NoSuchDay);
        let small = |text: &str| text.parse::<i8>().map_err(|_| NoSuchDay);
        Self::new(part(year)?, small(month)?, small(day)?)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A day and the time of day, in UTC. Written as `2026-11-21T09:05:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utc {
    pub date: Date,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub millisecond: u16,
}

const MILLISECONDS_A_DAY: i64 = 86_400_000;

impl Utc {
    /// A moment beyond the calendar becomes its last.
    pub(crate) fn from_millisecond(moment: i64) -> Self {
        let (days, rest) = (moment.div_euclid(MILLISECONDS_A_DAY), moment.rem_euclid(MILLISECONDS_A_DAY));
        let (date, rest) = match Date::from_days(days) {
            Some(date) => (date, rest),
            None => (Date::LAST, MILLISECONDS_A_DAY - 1),
        };
        let part = |unit: i64, size: i64| u8::try_from(rest / unit % size).unwrap_or_default();
        Self {
            date,
            hour: part(3_600_000, 24),
            minute: part(60_000, 60),
            second: part(1_000, 60),
            millisecond: u16::try_from(rest % 1_000).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, hour, minute, second, millisecond } = self;
        write!(f, "{date}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_calendar_has_its_number() {
        let first = Date::constant(0, 1, 1);
        let mut next = first.days();
        for (year, month) in (0..=9999).flat_map(|year| (1..=12).map(move |month| (year, month))) {
            for day in 1..=days_in(year, month) {
                let date = Date::constant(year, month, day);
                assert_eq!(date.days(), next, "{date}");
                assert_eq!(Date::from_days(next), Some(date));
                next += 1;
            }
        }
        assert_eq!(Date::from_days(next), None);
        assert_eq!(Date::from_days(first.days() - 1), None);
        assert_eq!(Date::constant(1970, 1, 1).days(), 0);
        assert_eq!(Date::constant(2026, 11, 22).days(), 20_779);
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        for text in ["2026-11-21", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()), Ok(text.to_owned()));
        }
        for text in
            ["", "2026", "2026-11", "2026-11-31", "2025-02-29", "1900-02-29", "2026-13-01", "26-11-21"]
        {
            assert_eq!(text.parse::<Date>(), Err(NoSuchDay), "{text}");
        }
        for text in ["2026-11-21T10:00", "2026-11-+1", "-026-11-21", " 2026-11-21", "2026-1-21", "2026-00-10"]
        {
            assert_eq!(text.parse::<Date>(), Err(NoSuchDay), "{text}");
        }
    }

    #[test]
    fn years_that_nobody_plans_are_unlikely() {
        let likely = |year| Date::constant(year, 6, 30).is_likely();
        assert!([1990, 2026, 2199].into_iter().all(likely));
        assert!([0, 27, 202, 1989, 2200, 9999].into_iter().all(|year| !likely(year)));
    }

    #[test]
    fn weeks_go_over_the_ends_of_months_and_years() {
        let date = Date::constant(2026, 12, 28);
        assert_eq!(date.plus_weeks(1), Some(Date::constant(2027, 1, 4)));
        assert_eq!(date.plus_weeks(-44), Some(Date::constant(2026, 2, 23)));
        assert_eq!(date.plus_weeks(i32::MAX), None);
        assert_eq!(Date::constant(2028, 2, 1).last_of_month(), Date::constant(2028, 2, 29));
    }

    #[test]
    fn moments_are_told_in_utc() {
        let told = |moment| Utc::from_millisecond(moment).to_string();
        assert_eq!(told(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(told(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(told(1_795_339_501_234), "2026-11-22T09:25:01.234Z");
        assert_eq!(told(i64::MAX), "9999-12-31T23:59:59.999Z");
    }
}
