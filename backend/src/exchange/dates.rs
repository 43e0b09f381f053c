//! Days as people and programs write them, in English, German, French and Spanish.

use domain::{Date, Timestamp};

/// Which day of a month is meant when only the month is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    First,
    Last,
}

/// What stands first in `03/04/2026`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    DayFirst,
    MonthFirst,
}

impl Order {
    pub(super) fn id(self) -> &'static str {
        match self {
            Order::DayFirst => "day",
            Order::MonthFirst => "month",
        }
    }

    pub(super) fn from_id(id: &str) -> Option<Self> {
        [Order::DayFirst, Order::MonthFirst].into_iter().find(|order| order.id() == id)
    }
}

/// What values say about the order of day and month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Values with two numbers that could each be the day or the month.
    pub(super) open: u32,
    day_first: u32,
    month_first: u32,
    /// Times with AM or PM, as they are written where the month comes first.
    twelve_hours: u32,
}

impl Evidence {
    pub(super) fn add(&mut self, value: &str) {
        let Some((a, b, _, separator)) = three_numbers(date_part(value)) else { return };
        if separator == '.' {
            return;
        }
        match (a, b) {
            (13..=31, 1..=12) => self.day_first += 1,
            (1..=12, 13..=31) => self.month_first += 1,
            (1..=12, 1..=12) => self.open += u32::from(a != b),
            _ => {}
        }
        let lower = value.trim_end().to_ascii_lowercase();
        self.twelve_hours += u32::from(lower.ends_with("am") || lower.ends_with("pm"));
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            open: self.open + other.open,
            day_first: self.day_first + other.day_first,
            month_first: self.month_first + other.month_first,
            twelve_hours: self.twelve_hours + other.twelve_hours,
        }
    }

    /// The order of a column: what its own values say, else what those of the whole file say.
    pub(super) fn order(self, file: Self) -> Order {
        let said = |it: Self| match it.day_first.cmp(&it.month_first) {
            std::cmp::Ordering::Greater => Some(Order::DayFirst),
            std::cmp::Ordering::Less => Some(Order::MonthFirst),
            std::cmp::Ordering::Equal => None,
        };
        said(self).or_else(|| said(file)).unwrap_or(if file.twelve_hours > 0 {
            Order::MonthFirst
        } else {
            Order::DayFirst
        })
    }
}

/// Names of months; three letters or more of one are enough.
const NAMES: [&[&str]; 12] = [
    &["january", "januar", "jänner", "janvier", "enero"],
    &["february", "februar", "février", "fevrier", "febrero"],
    &["march", "märz", "maerz", "mars", "marzo", "marz"],
    &["april", "avril", "abril"],
    &["may", "mai", "mayo"],
    &["june", "juni", "juin", "junio"],
    &["july", "juli", "juillet", "julio"],
    &["august", "août", "aout", "agosto"],
    &["september", "septembre", "septiembre", "setiembre", "sept"],
    &["october", "oktober", "octobre", "octubre"],
    &["november", "novembre", "noviembre"],
    &["december", "dezember", "décembre", "decembre", "diciembre"],
];

fn month_named(word: &str) -> Option<i8> {
    let begins = |name: &&str| name.starts_with(word) || (*name, word) == ("märz", "mrz");
    let place = || NAMES.iter().position(|names| names.iter().any(begins));
    (word.chars().count() >= 3).then(place).flatten().and_then(|index| i8::try_from(index + 1).ok())
}

/// Words that stand beside a date and say nothing.
const PASSED_OVER: [&str; 16] =
    ["de", "del", "of", "the", "st", "nd", "rd", "th", "er", "le", "el", "am", "den", "um", "à", "gmt"];

fn is_weekday(word: &str) -> bool {
    const BEGINNINGS: [&str; 22] = [
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so", "lun",
        "jeu", "ven", "sam", "dim", "mié", "jue", "vie",
    ];
    const WHOLE: [&str; 28] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "lunes",
        "martes",
        "miércoles",
        "jueves",
        "viernes",
        "sábado",
        "domingo",
    ];
    BEGINNINGS.contains(&word) || WHOLE.contains(&word)
}

/// A day. Of a range, `March 29, 2026 → April 3, 2026`, the edge that is asked for.
///
/// # Errors
/// A sentence for whatever is no day of the years 1900 to 2199.
pub(super) fn day(text: &str, edge: Edge, order: Order) -> Result<Date, &'static str> {
    let text = text.trim();
    let text = match (text.split_once('→'), edge) {
        (Some((first, _)), Edge::First) => first.trim(),
        (Some((_, last)), Edge::Last) => last.trim(),
        (None, _) => text,
    };
    // Nobody writes a day in more, and what is longer would be searched for nothing.
    if text.len() > 80 {
        return Err(NOT_A_DAY);
    }
    numeric(text, edge, order)
        .or_else(|| serial(text))
        .or_else(|| period(text, edge))
        .or_else(|| named(text, edge))
        .filter(|date| (1900..=2199).contains(&date.year()))
        .ok_or(NOT_A_DAY)
}

const NOT_A_DAY: &str = "This is not a date. Write dates like 2026-11-21.";

/// What stands before the time.
fn date_part(text: &str) -> &str {
    let text = text.trim();
    let time = |rest: &str| {
        rest.trim_start().get(..2).is_some_and(|begin| begin.bytes().any(|b| b.is_ascii_digit()))
    };
    match text.split_once([' ', '\u{a0}', '\u{202f}']) {
        Some((date, rest)) if time(rest) && rest.contains(':') => date.trim_end_matches(','),
        _ => match text.split_once('T') {
            Some((date, rest)) if time(rest) && date.ends_with(|c: char| c.is_ascii_digit()) => date,
            _ => text.trim_end_matches('Z'),
        },
    }
}

fn number(text: &str) -> Option<i32> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// `12/31/2025` as three numbers of which the last is a year, and what separates them.
fn three_numbers(date: &str) -> Option<(i32, i32, i32, char)> {
    ['/', '.', '-'].into_iter().find_map(|separator| {
        let mut parts = date.split(separator).map(str::trim);
        let (a, b, year) = (parts.next()?, parts.next()?, parts.next()?);
        let short = |text: &str| text.len() <= 2;
        if parts.next().is_some() || !short(a) || !short(b) || !matches!(year.len(), 2 | 4) {
            return None;
        }
        Some((number(a)?, number(b)?, full_year(year)?, separator))
    })
}

/// Two digits mean a year from 1970 to 2069.
fn full_year(text: &str) -> Option<i32> {
    let year = number(text)?;
    match text.len() {
        2 if year < 70 => Some(2000 + year),
        2 => Some(1900 + year),
        4 => Some(year),
        _ => None,
    }
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn month(year: i32, month: i32, edge: Edge) -> Option<Date> {
    let first = date(year, month, 1)?;
    Some(if edge == Edge::First { first } else { first.last_of_month() })
}

fn numeric(text: &str, edge: Edge, order: Order) -> Option<Date> {
    let text = date_part(text);
    if let Some((a, b, year, separator)) = three_numbers(text) {
        let month_first = separator != '.' && order == Order::MonthFirst;
        let (first, second) = if month_first { ((b, a), (a, b)) } else { ((a, b), (b, a)) };
        // What cannot be meant in the column's order is meant in the other.
        return date(year, first.1, first.0)
            .or_else(|| date(year, second.1, second.0).filter(|_| separator != '.'));
    }
    ['-', '/', '.'].into_iter().find_map(|separator| {
        let parts: Vec<&str> = text.split(separator).map(str::trim).collect();
        match parts.as_slice() {
            [year, m, d] if year.len() == 4 => date(number(year)?, number(m)?, number(d)?),
            [year, m] if year.len() == 4 => month(number(year)?, number(m)?, edge),
            [m, year] if year.len() == 4 && separator != '-' => month(number(year)?, number(m)?, edge),
            _ => None,
        }
    })
}

/// Excel counts days from the end of 1899; `20261121` and milliseconds since 1970 are written without separators, too.
fn serial(text: &str) -> Option<Date> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    const DAY: i64 = 86_400_000;
    let day_of = |millis: i64| Some(Timestamp(millis).utc().date);
    match (whole.len(), whole.parse::<i64>().ok()?) {
        // 1954 to 2119: smaller numbers are rather something else.
        (5, days @ 20_000..=80_000) => day_of((days - 25_569) * DAY),
        (8, ymd) if fraction == "0" => date(
            i32::try_from(ymd / 10_000).ok()?,
            i32::try_from(ymd / 100 % 100).ok()?,
            i32::try_from(ymd % 100).ok()?,
        ),
        (13, millis) if fraction == "0" => day_of(millis),
        _ => None,
    }
}

/// `Q3 2026`, `2026-Q3`, `H1 2026`, `2025h2`, `2026`.
fn period(text: &str, edge: Edge) -> Option<Date> {
    let lower = text.to_lowercase();
    let joined: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let last = joined.len().checked_sub(4).and_then(|at| joined.get(at..));
    let (year, part) = match (joined.get(..4), last) {
        (Some(year), _) if number(year).is_some() => (number(year)?, &joined[4..]),
        (_, Some(year)) => (number(year)?, &joined[..joined.len() - 4]),
        _ => return None,
    };
    // `20:26` and `21-11` are no years.
    if part.is_empty() && text.len() != 4 {
        return None;
    }
    let (first, months) = if part.is_empty() {
        (1, 12)
    } else {
        let unit = part.trim_matches(|c: char| c.is_ascii_digit());
        let count: i32 = part.trim_matches(|c: char| c.is_alphabetic()).parse().ok()?;
        match (unit, count) {
            ("q" | "t" | "quarter" | "quartal" | "trimestre", 1..=4) => (3 * count - 2, 3),
            ("h" | "s" | "half" | "halbjahr" | "semestre", 1..=2) => (6 * count - 5, 6),
            _ => return None,
        }
    };
    match edge {
        Edge::First => month(year, first, edge),
        Edge::Last => month(year, first + months - 1, edge),
    }
}

/// `31/Oct/25`, `Mar 29, 2026`, `29. März 2026`, `29 de marzo de 2026`, `Saturday, March 29`.
fn named(text: &str, edge: Edge) -> Option<Date> {
    let lower = text.to_lowercase();
    let mut numbers: Vec<&str> = Vec::new();
    let mut named = None;
    let separators = |c: char| !c.is_alphanumeric() && c != ':';
    for word in lower.split(separators).filter(|word| !word.is_empty()) {
        // The time, and the zone behind it.
        if word.contains(':') {
            break;
        }
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, letters) = word.split_at(digits);
        if !digits.is_empty() {
            numbers.push(digits);
        }
        if letters.is_empty() || PASSED_OVER.contains(&letters) {
            continue;
        }
        match month_named(letters) {
            Some(month) if named.is_none() => named = Some(month),
            _ if is_weekday(letters) => {}
            _ => return None,
        }
    }
    let named = i32::from(named?);
    match numbers.as_slice() {
        [year] if year.len() == 4 => month(number(year)?, named, edge),
        [year, day] if year.len() == 4 => date(number(year)?, named, number(day)?),
        [day, year] | [day, year, _] if day.len() <= 2 => date(full_year(year)?, named, number(day)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        day(text, Edge::First, Order::DayFirst).map_or_else(|_| "none".to_owned(), |day| day.to_string())
    }

    #[test]
    fn days_are_understood_in_the_usual_spellings() {
        for (text, expected) in [
            ("2026-11-21", "2026-11-21"),
            ("2026-11-21T09:05:00Z", "2026-11-21"),
            ("2026-11-21T23:30:00.000-08:00", "2026-11-21"),
            ("2026-11-21 09:05", "2026-11-21"),
            ("2026/11/1", "2026-11-01"),
            ("21.11.2026", "2026-11-21"),
            ("29.03.26", "2026-03-29"),
            ("1.2.2026, 10:00", "2026-02-01"),
            ("31/10/2025", "2025-10-31"),
            ("10/31/2025", "2025-10-31"),
            ("31/Oct/25 4:05 PM", "2025-10-31"),
            ("31-Oct-2025", "2025-10-31"),
            ("Mar 29, 2026", "2026-03-29"),
            ("March 29th, 2026", "2026-03-29"),
            ("Sunday, March 29, 2026 10:00 AM", "2026-03-29"),
            ("Sun Mar 29 2026 00:00:00 GMT+0100", "2026-03-29"),
            ("29. März 2026", "2026-03-29"),
            ("29 Mrz 2026", "2026-03-29"),
            ("29 mars 2026", "2026-03-29"),
            ("1er août 2026", "2026-08-01"),
            ("29 de marzo de 2026", "2026-03-29"),
            ("15 ene 2026", "2026-01-15"),
            ("3. Dez. 2026", "2026-12-03"),
            ("14 févr. 2026", "2026-02-14"),
            ("14 février 2026", "2026-02-14"),
            ("46347", "2026-11-21"),
            ("46347.5", "2026-11-21"),
            ("20261121", "2026-11-21"),
            ("1795219200000", "2026-11-21"),
            ("March 29, 2026 → April 3, 2026", "2026-03-29"),
            ("Q3 2026", "2026-07-01"),
            ("2025h2", "2025-07-01"),
            ("2026", "2026-01-01"),
            ("11/2026", "2026-11-01"),
            ("Oct 2025", "2025-10-01"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        let nonsense = [
            "",
            "soon",
            "2026-02-30",
            "21-11",
            "Q5 2026",
            "0027-11-02",
            "12345678",
            "31.02.2026",
            "v1.2.3",
            "12",
            "3 days",
            "10:30",
            "May be later",
            "1.2",
            "2026-13",
            "31/31/2026",
        ];
        for text in nonsense {
            assert_eq!(read(text), "none", "{text}");
        }
        assert_eq!(read(&"9".repeat(1_000_000)), "none");
    }

    #[test]
    fn a_month_is_its_first_or_its_last_day() {
        let last = |text: &str| day(text, Edge::Last, Order::DayFirst).unwrap().to_string();
        for (text, expected) in [
            ("2028-02", "2028-02-29"),
            ("H1 2026", "2026-06-30"),
            ("2026", "2026-12-31"),
            ("Oktober 2026", "2026-10-31"),
            ("March 29, 2026 → April 3, 2026", "2026-04-03"),
        ] {
            assert_eq!(last(text), expected);
        }
    }

    #[test]
    fn the_order_of_day_and_month_comes_from_all_values() {
        let evidence = |values: &[&str]| {
            values.iter().fold(Evidence::default(), |mut sum, value| {
                sum.add(value);
                sum
            })
        };
        let none = Evidence::default();
        assert_eq!(evidence(&["03/04/2026", "03/29/2026"]).order(none), Order::MonthFirst);
        assert_eq!(evidence(&["03/04/2026", "29/03/2026"]).order(none), Order::DayFirst);
        assert_eq!(evidence(&["03/04/2026"]).order(none), Order::DayFirst);
        assert_eq!(evidence(&["03/04/2026"]).order(evidence(&["12/31/2026"])), Order::MonthFirst);
        let american = evidence(&["3/4/2026 4:05 PM"]);
        assert_eq!(american.order(american), Order::MonthFirst);
        // Points separate days from months in one order only.
        assert_eq!(evidence(&["03.04.2026"]).open, 0);
        assert_eq!(day("03/04/2026", Edge::First, Order::MonthFirst).unwrap().to_string(), "2026-03-04");
        assert_eq!(day("03.04.2026", Edge::First, Order::MonthFirst).unwrap().to_string(), "2026-04-03");
    }
}
