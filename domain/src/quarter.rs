//! Quarters of the workspace's year, which may begin in any month.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{Date, field::quarter};

/// In which month the workspace's year begins. Years are named by the calendar year in which they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct FiscalYear {
    first_month: u8,
}

/// A quarter of the workspace's year, written as `2027-Q1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    pub year: i16,
    /// From 1 to 4.
    pub number: u8,
}

impl Default for FiscalYear {
    /// The calendar year.
    fn default() -> Self {
        Self { first_month: 1 }
    }
}

impl FiscalYear {
    /// A year that begins in this month, from 1 for January; `None` where there is no such month.
    pub fn beginning_in(first_month: u8) -> Option<Self> {
        (1..=12).contains(&first_month).then_some(Self { first_month })
    }

    /// From 1 for January.
    pub fn first_month(self) -> u8 {
        self.first_month
    }

    /// The quarter of a day.
    pub fn quarter(self, date: Date) -> Quarter {
        let months = i32::from(date.year()) * 12 + i32::from(date.month()) - 1 - self.offset();
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
        Quarter {
            year: i16::try_from(year + i32::from(self.first_month > 1)).unwrap_or(i16::MAX),
            number: u8::try_from(month / 3 + 1).unwrap_or(1),
        }
    }

    /// The first day of a quarter; `None` beyond the calendar.
    pub fn first_day(self, quarter: Quarter) -> Option<Date> {
        let year = i32::from(quarter.year) - i32::from(self.first_month > 1);
        first_of_month(year * 12 + (i32::from(quarter.number) - 1) * 3 + self.offset())
    }

    /// The last day of a quarter; `None` beyond the calendar.
    pub fn last_day(self, quarter: Quarter) -> Option<Date> {
        self.first_day(quarter)?.plus_months(2).map(Date::last_of_month)
    }

    /// The first and the last day of a quarter; `None` beyond the calendar.
    pub fn days(self, quarter: Quarter) -> Option<(Date, Date)> {
        self.first_day(quarter).zip(self.last_day(quarter))
    }

    /// As people read it: `Q2 2027`, or `Q2 FY27` where the year is not that of the calendar.
    pub fn label(self, quarter: Quarter) -> String {
        let Quarter { year, number } = quarter;
        if self.first_month == 1 {
            format!("Q{number} {year}")
        } else {
            format!("Q{number} FY{:02}", year.rem_euclid(100))
        }
    }

    fn offset(self) -> i32 {
        i32::from(self.first_month) - 1
    }
}

impl TryFrom<u8> for FiscalYear {
    type Error = &'static str;

    fn try_from(first_month: u8) -> Result<Self, Self::Error> {
        Self::beginning_in(first_month).ok_or("there is no such month")
    }
}

impl From<FiscalYear> for u8 {
    fn from(year: FiscalYear) -> u8 {
        year.first_month
    }
}

/// The first day of a month, counted from January of the year 0.
fn first_of_month(months: i32) -> Option<Date> {
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    Date::new(year, month, 1).ok()
}

impl Quarter {
    /// So many quarters later, or earlier.
    pub fn plus(self, quarters: i32) -> Self {
        let all = i32::from(self.year) * 4 + i32::from(self.number) - 1 + quarters;
        Self {
            year: i16::try_from(all.div_euclid(4)).unwrap_or(i16::MAX),
            number: u8::try_from(all.rem_euclid(4) + 1).unwrap_or(1),
        }
    }

    /// How many quarters later it is than another.
    pub fn since(self, other: Self) -> i32 {
        let count = |quarter: Self| i32::from(quarter.year) * 4 + i32::from(quarter.number);
        count(self) - count(other)
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.number)
    }
}

impl Serialize for Quarter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quarter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|()| D::Error::custom("no quarter"))
    }
}

impl FromStr for Quarter {
    type Err = ();

    /// As people type it: `2027-Q1`, `Q1 2027` or `q1/2027`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = quarter(text).ok_or(())?;
        let (year, number) = text.split_once("-Q").ok_or(())?;
        Ok(Self { year: year.parse().map_err(drop)?, number: number.parse().map_err(drop)? })
    }
}

impl Date {
    /// The same day some months later, or earlier: the last of a month stays the last of its month, and a day that a month has not
    /// becomes its last. `None` beyond the calendar.
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let all = i32::from(self.year()) * 12 + i32::from(self.month()) - 1;
        let last = first_of_month(all.checked_add(months)?)?.last_of_month();
        if self == self.last_of_month() || self.day() > last.day() {
            return Some(last);
        }
        Self::new(last.year(), last.month(), self.day()).ok()
    }

    /// So many days later, or earlier; `None` beyond the calendar.
    pub fn plus_days(self, days: i32) -> Option<Self> {
        Self::from_days(self.days() + i64::from(days))
    }

    /// How many days it is after another.
    pub fn days_since(self, other: Self) -> i32 {
        i32::try_from(self.days() - other.days()).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_that_begins_in_april_ends_in_march() {
        let april = FiscalYear::beginning_in(4).unwrap();
        assert_eq!(april.quarter(day("2026-03-31")).to_string(), "2026-Q4");
        assert_eq!(april.quarter(day("2026-04-01")).to_string(), "2027-Q1");
        assert_eq!(april.label(april.quarter(day("2026-07-01"))), "Q2 FY27");
        assert_eq!(FiscalYear::default().quarter(day("2026-03-31")).to_string(), "2026-Q1");
        assert_eq!(FiscalYear::default().label(Quarter { year: 2026, number: 1 }), "Q1 2026");
        assert_eq!(FiscalYear::beginning_in(0), None);
        assert_eq!(FiscalYear::beginning_in(13), None);
    }

    #[test]
    fn every_day_lies_within_its_quarter_whenever_years_begin() {
        for first_month in 1..=12 {
            let year = FiscalYear::beginning_in(first_month).unwrap();
            let mut last = None::<Quarter>;
            for days in 0..1_500 {
                let date = day("2023-12-01").plus_days(days).unwrap();
                let quarter = year.quarter(date);
                let (first, end) = (year.first_day(quarter).unwrap(), year.last_day(quarter).unwrap());
                assert!((first..=end).contains(&date), "{date} {quarter}");
                if let Some(last) = last {
                    assert_eq!(quarter.since(last), i32::from(date == first));
                    assert_eq!(last.plus(quarter.since(last)), quarter);
                }
                last = Some(quarter);
            }
        }
    }

    #[test]
    fn months_later_the_end_of_a_month_is_an_end_of_a_month() {
        let later = |text: &str, months| day(text).plus_months(months).map(|date| date.to_string());
        assert_eq!(later("2026-03-31", 3).as_deref(), Some("2026-06-30"));
        assert_eq!(later("2026-06-30", -3).as_deref(), Some("2026-03-31"));
        assert_eq!(later("2028-01-30", 1).as_deref(), Some("2028-02-29"));
        assert_eq!(later("2026-04-01", 12).as_deref(), Some("2027-04-01"));
        assert_eq!(later("9999-12-01", 1), None);
        assert_eq!(day("2026-03-01").days_since(day("2026-02-01")), 28);
    }

    #[test]
    fn quarters_are_read_as_people_type_them() {
        for text in ["2027-Q1", "Q1 2027", "q1/2027"] {
            assert_eq!(text.parse(), Ok(Quarter { year: 2027, number: 1 }), "{text}");
        }
        assert_eq!("Q5 2027".parse::<Quarter>(), Err(()));
    }
}
