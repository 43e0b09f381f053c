//! What products cost and bring, month by month, and what an item is worth: pure sums over entries that people typed.

mod currency;
mod value;

use std::{fmt, str::FromStr};

pub use self::{
    currency::{CURRENCIES, Currency},
    value::{net_present_value, payback},
};
use crate::{Date, Figure, FiscalYear, ItemId, Quarter};

/// The largest amount, in hundredths: ten billion.
pub const MOST: i64 = 1_000_000_000_000;

/// Months of a year.
pub const MONTHS: usize = 12;

crate::choices! {
    /// What an amount is.
    MoneyKind {
        Cost = "cost", "Cost";
        Revenue = "revenue", "Revenue";
        Saving = "saving", "Saving";
    }
}

crate::choices! {
    /// Whether an amount is expected or has come about.
    Basis {
        Plan = "plan", "Plan";
        Actual = "actual", "Actual";
    }
}

/// A month, written as `2027-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month of a day.
    pub fn of(day: Date) -> Self {
        Self(i32::from(day.year()) * 12 + i32::from(day.month()) - 1)
    }

    /// So many months later, or earlier.
    pub fn plus(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    /// How many months later it is than another.
    pub fn since(self, other: Self) -> i32 {
        self.0 - other.0
    }

    /// Its first day; `None` beyond the calendar.
    pub fn first_day(self) -> Option<Date> {
        let year = i16::try_from(self.0.div_euclid(12)).ok()?;
        Date::new(year, i8::try_from(self.0.rem_euclid(12) + 1).ok()?, 1).ok()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = ();

    /// Reads what [`Display`](fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, ()> {
        let day: Date = format!("{text}-01").parse().map_err(drop)?;
        if day.is_likely() { Ok(Self::of(day)) } else { Err(()) }
    }
}

/// An amount of a month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub month: Month,
    pub kind: MoneyKind,
    pub basis: Basis,
    /// In hundredths of the workspace's currency; never negative.
    pub amount: i64,
    /// What it is, or where it comes from, in a few words; may be empty.
    pub label: String,
    /// The item of the product that it is for.
    pub item: Option<ItemId>,
}

/// Sums of entries, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub cost: i64,
    pub revenue: i64,
    pub saving: i64,
}

impl Sums {
    fn add(&mut self, kind: MoneyKind, amount: i64) {
        match kind {
            MoneyKind::Cost => self.cost += amount,
            MoneyKind::Revenue => self.revenue += amount,
            MoneyKind::Saving => self.saving += amount,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            cost: self.cost + other.cost,
            revenue: self.revenue + other.revenue,
            saving: self.saving + other.saving,
        }
    }

    /// Revenue and saving without cost.
    pub fn profit(self) -> i64 {
        self.revenue + self.saving - self.cost
    }
}

/// What was planned and what has come about in the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Both {
    /// `None` without any entry: 0 is not the same as unknown.
    pub plan: Option<Sums>,
    pub actual: Option<Sums>,
}

impl Both {
    fn add(&mut self, entry: &Entry) {
        let sums = match entry.basis {
            Basis::Plan => &mut self.plan,
            Basis::Actual => &mut self.actual,
        };
        sums.get_or_insert_default().add(entry.kind, entry.amount);
    }

    fn plus(self, other: Self) -> Self {
        let plus = |one: Option<Sums>, other: Option<Sums>| match (one, other) {
            (Some(one), Some(other)) => Some(one.plus(other)),
            (one, other) => one.or(other),
        };
        Self { plan: plus(self.plan, other.plan), actual: plus(self.actual, other.actual) }
    }

    /// The sums of a basis; `None` without an entry.
    pub fn of(&self, basis: Basis) -> Option<Sums> {
        match basis {
            Basis::Plan => self.plan,
            Basis::Actual => self.actual,
        }
    }

    /// What has come about where anything has, else what is planned.
    pub fn known(&self) -> Sums {
        self.actual.or(self.plan).unwrap_or_default()
    }
}

/// Twelve months of a product: a year of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoneyYear {
    pub first: Month,
    pub months: [Both; MONTHS],
}

impl MoneyYear {
    /// The sums of the year of a name. `None` beyond the calendar.
    pub fn of<'a>(
        entries: impl IntoIterator<Item = &'a Entry>,
        year: FiscalYear,
        named: i16,
    ) -> Option<Self> {
        let first = Month::of(year.first_day(Quarter { year: named, number: 1 })?);
        let mut months = [Both::default(); MONTHS];
        for entry in entries {
            let at = usize::try_from(entry.month.since(first)).ok();
            if let Some(month) = at.and_then(|at| months.get_mut(at)) {
                month.add(entry);
            }
        }
        Some(Self { first, months })
    }

    /// The four quarters.
    pub fn quarters(&self) -> [Both; 4] {
        std::array::from_fn(|at| together(&self.months[at * 3..at * 3 + 3]))
    }

    /// All twelve months.
    pub fn total(&self) -> Both {
        together(&self.months)
    }
}

fn together(months: &[Both]) -> Both {
    months.iter().fold(Both::default(), |all, month| all.plus(*month))
}

/// What is known of the cost of so many months from `first` on: of each month what has come about, or else its plan. `None` without an
/// entry in them.
pub fn known_cost<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    first: Month,
    months: i32,
) -> Option<i64> {
    let mut found = std::collections::BTreeMap::<Month, Both>::new();
    for entry in entries {
        if (0..months).contains(&entry.month.since(first)) {
            found.entry(entry.month).or_default().add(entry);
        }
    }
    (!found.is_empty()).then(|| found.values().map(|month| month.known().cost).sum())
}

/// What comes in less what goes out, month by month without a gap, from the first month with an entry. A month in which something has
/// come about counts with that alone, any other with its plan.
pub fn flow<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Option<(Month, Vec<i64>)> {
    let mut months = std::collections::BTreeMap::<Month, Both>::new();
    for entry in entries {
        months.entry(entry.month).or_default().add(entry);
    }
    let (first, last) = (*months.first_key_value()?.0, *months.last_key_value()?.0);
    let net = |at| months.get(&first.plus(at)).map_or(0, |month| month.known().profit());
    Some((first, (0..=last.since(first)).map(net).collect()))
}

/// Reads an amount as people write it, `1200`, `99.50` or `€ 1 200`, in hundredths. The currency may stand with it where it is that of
/// the workspace.
///
/// # Errors
/// A sentence: what is no amount, is below nothing, or is in another currency.
pub fn read_amount(text: &str, currency: Option<&Currency>) -> Result<i64, String> {
    let shown: String = text.trim().chars().take(40).collect();
    // A currency stands before the number or behind it, and not within.
    let of_currency = |c: char| c.is_alphabetic() || currency::SIGNS.contains(c);
    let trimmed = text.trim();
    let behind = trimmed.trim_start_matches(of_currency);
    let number = behind.trim_end_matches(of_currency);
    let named: String = [&trimmed[..trimmed.len() - behind.len()], &behind[number.len()..]].concat();
    let named: String = named.chars().take(40).collect();
    if !named.is_empty() {
        match currency {
            Some(own) if own.is_called(&named) => {}
            _ if !currency::is_one(&named) => {
                return Err(format!("“{shown}” isn’t an amount. Write it like 1200 or 99.50."));
            }
            Some(own) => {
                return Err(format!(
                    "“{shown}” is in another currency. This workspace counts in {}: convert the amount first.",
                    own.code
                ));
            }
            None => {
                return Err(format!(
                    "“{shown}” names a currency, and this workspace has none yet. Write the amount alone, or ask an owner to choose the currency under Workspace."
                ));
            }
        }
    }
    let figure = Figure::read(number.trim(), "")?;
    if figure.parts() % 100 != 0 {
        return Err(format!("“{shown}” has more than two digits behind the point."));
    }
    let cents = figure.parts() / 100;
    if cents < 0 {
        return Err(format!("“{shown}” is negative. Write the amount without a sign: costs are subtracted."));
    }
    if cents > MOST {
        return Err(format!("“{shown}” is too large. An amount is at most ten billion."));
    }
    Ok(cents)
}

/// An amount as people read it: thousands apart, hundredths only where there are some.
pub fn written(cents: i64) -> String {
    let (sign, all) = (if cents < 0 { "−" } else { "" }, cents.unsigned_abs());
    let whole = (all / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    match all % 100 {
        0 => format!("{sign}{grouped}"),
        part => format!("{sign}{grouped}.{part:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(month: &str, kind: MoneyKind, basis: Basis, whole: i64) -> Entry {
        let month = month.parse().unwrap();
        Entry { month, kind, basis, amount: whole * 100, label: String::new(), item: None }
    }

    use Basis::{Actual, Plan};
    use MoneyKind::{Cost, Revenue, Saving};

    /// January costs the actual 120 and not the planned 100, February the planned 50, March 0 because something has come about there;
    /// December and April lie outside: 120 + 50 + 0 = 170.
    #[test]
    fn the_known_cost_of_months_is_what_came_about_or_else_the_plan() {
        let entries = [
            entry("2026-12", Cost, Actual, 999),
            entry("2027-01", Cost, Plan, 100),
            entry("2027-01", Cost, Actual, 120),
            entry("2027-02", Cost, Plan, 50),
            entry("2027-03", Cost, Plan, 70),
            entry("2027-03", Revenue, Actual, 10),
            entry("2027-04", Cost, Actual, 999),
        ];
        let first = "2027-01".parse().unwrap();
        assert_eq!(known_cost(&entries, first, 3), Some(17_000));
        assert_eq!(known_cost(&entries[..1], first, 3), None);
    }

    /// The year begins in April. By hand, in whole units:
    ///
    /// | | Q1 Apr–Jun | Q2 Jul–Sep | Q4 Jan–Mar | year |
    /// |---|---|---|---|---|
    /// | cost planned | 1000 + 500 | 200 | | 1700 |
    /// | revenue planned | | 2000 | | 2000 |
    /// | saving planned | | | 50 | 50 |
    /// | profit planned | −1500 | 1800 | 50 | 350 |
    /// | cost actual | 1200 | | | 1200 |
    /// | profit actual | −1200 | none | none | −1200 |
    #[test]
    fn quarters_are_those_of_the_workspaces_year_and_add_up_to_it() {
        let entries = [
            entry("2026-04", Cost, Plan, 1_000),
            entry("2026-06", Cost, Plan, 500),
            entry("2026-06", Cost, Actual, 1_200),
            entry("2026-07", Cost, Plan, 200),
            entry("2026-09", Revenue, Plan, 2_000),
            entry("2027-03", Saving, Plan, 50),
            // Of the years before and after.
            entry("2026-03", Cost, Plan, 9_000),
            entry("2027-04", Cost, Plan, 9_000),
        ];
        let year = MoneyYear::of(&entries, FiscalYear::beginning_in(4).unwrap(), 2027).unwrap();
        assert_eq!(year.first.to_string(), "2026-04");
        let quarters = year.quarters();
        let planned: Vec<_> =
            quarters.iter().map(|quarter| quarter.plan.unwrap_or_default().profit() / 100).collect();
        assert_eq!(planned, [-1_500, 1_800, 0, 50]);
        let total = year.total();
        assert_eq!(total.plan, Some(Sums { cost: 170_000, revenue: 200_000, saving: 5_000 }));
        let profit = |sums: Option<Sums>| sums.map(Sums::profit);
        assert_eq!((profit(total.plan), profit(total.actual)), (Some(35_000), Some(-120_000)));
        assert_eq!(quarters[1].of(Actual), None, "nothing has come about, which is not 0");
        assert_eq!(quarters[2].of(Plan), None);
    }

    /// Planned: −100, nothing, +60, +60. In the third month 20 + 25 have come about, so 45 count and not 60.
    #[test]
    fn what_has_come_about_in_a_month_counts_instead_of_its_plan() {
        let entries = [
            entry("2026-11", Cost, Plan, 100),
            entry("2027-01", Revenue, Plan, 60),
            entry("2027-01", Revenue, Actual, 20),
            entry("2027-01", Saving, Actual, 25),
            entry("2027-02", Saving, Plan, 60),
        ];
        let (first, flow) = flow(&entries).unwrap();
        assert_eq!(first.to_string(), "2026-11");
        assert_eq!(flow, [-10_000, 0, 4_500, 6_000]);
        assert_eq!(super::flow(&[]), None);
    }

    #[test]
    fn amounts_are_read_in_the_workspaces_currency_alone() {
        let euro = Currency::find("EUR");
        let read = |text: &str| read_amount(text, euro);
        for (text, cents) in [
            ("1200", 120_000),
            ("€ 5", 500),
            ("5 EUR", 500),
            ("eur 1 200,50", 120_050),
            ("1,234.5", 123_450),
            ("1.234,50 €", 123_450),
            ("0", 0),
            ("10000000000", MOST),
        ] {
            assert_eq!(read(text), Ok(cents), "{text}");
        }
        for text in ["5 USD", "$5", "CHF 5", "5 £", "5 XYZ"] {
            assert!(read(text).unwrap_err().contains("another currency"), "{text}: {:?}", read(text));
        }
        for (text, why) in [
            ("many", "isn’t an amount"),
            ("1.2k", "isn’t an amount"),
            ("", "isn’t a number"),
            ("€", "isn’t a number"),
            ("1€50", "isn’t a number"),
            ("12 EUR 50", "isn’t a number"),
            ("-5", "negative"),
            ("1.005", "two ways"),
            ("0.005", "two digits"),
            ("10000000000.01", "too large"),
        ] {
            assert!(read(text).unwrap_err().contains(why), "{text}: {:?}", read(text));
        }
        assert_eq!(read_amount("5", None), Ok(500));
        assert!(read_amount("5 EUR", None).unwrap_err().contains("has none yet"));
        assert_eq!(read_amount("$5", Currency::find("CAD")), Ok(500));
    }

    #[test]
    fn amounts_are_written_with_their_thousands_apart() {
        for (cents, text) in [
            (0, "0"),
            (99_950, "999.50"),
            (120_000, "1\u{202f}200"),
            (-123_456_789, "−1\u{202f}234\u{202f}567.89"),
        ] {
            assert_eq!(written(cents), text);
        }
    }

    #[test]
    fn months_are_those_that_people_plan() {
        for text in ["2026-00", "2026-13", "1026-01", "2026-1", "soon", ""] {
            assert_eq!(text.parse::<Month>(), Err(()), "{text}");
        }
        let month: Month = "2026-12".parse().unwrap();
        assert_eq!(month.plus(1).to_string(), "2027-01");
        assert_eq!(month.first_day().unwrap().to_string(), "2026-12-01");
    }
}
