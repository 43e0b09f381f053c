//! Days as spreadsheets show them, which each does in the manner of its country.

use domain::Date;

/// Which of the first two numbers of `3/4/2026` is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// The order that a column shows by those of its days which have but one reading; `None` where it shows none, or both.
pub(super) fn order<'a>(column: impl IntoIterator<Item = &'a str>) -> Option<Order> {
    let (mut day_first, mut month_first) = (false, false);
    for text in column {
        if let Some(Numbers { first, second, .. }) = numbers(text) {
            day_first |= first > 12 && second <= 12;
            month_first |= second > 12 && first <= 12;
        }
    }
    match (day_first, month_first) {
        (true, false) => Some(Order::DayFirst),
        (false, true) => Some(Order::MonthFirst),
        _ => None,
    }
}

/// A day as fields read it, such as `2026-11-21`. What is no day stays as it is.
///
/// # Errors
/// A sentence, where it can be either of two days.
pub(super) fn iso(text: &str, order: Option<Order>) -> Result<String, String> {
    let text = text.trim();
    let unread = || text.to_owned();
    // Beside the day some programs write the time of day.
    let day = text.split(['T', ' ']).next().unwrap_or(text);
    if day.parse::<Date>().is_ok() {
        return Ok(day.to_owned());
    }
    if let Some(date) = year_first(text).or_else(|| named(text)) {
        return Ok(date.to_string());
    }
    let Some(Numbers { first, second, year, dots }) = numbers(text) else { return Ok(unread()) };
    let order = match order {
        _ if dots || first > 12 || first == second => Order::DayFirst,
        _ if second > 12 => Order::MonthFirst,
        Some(order) => order,
        None => return Err(format!("“{text}” is ambiguous. Write it like 2026-11-21.")),
    };
    let (day, month) = if order == Order::DayFirst { (first, second) } else { (second, first) };
    Ok(Date::new(year, month, day).map_or_else(|_| unread(), |date| date.to_string()))
}

/// Two numbers and a year.
struct Numbers {
    first: i8,
    second: i8,
    year: i16,
    /// Whether dots stand between them: then the day is first everywhere.
    dots: bool,
}

fn numbers(text: &str) -> Option<Numbers> {
    let text = text.trim();
    let separator = ['.', '/', '-'].into_iter().find(|separator| text.contains(*separator))?;
    let mut parts = text.split(separator).map(str::trim);
    let (first, second, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || first.len() > 2 || second.len() > 2 {
        return None;
    }
    let number = |text: &str| text.parse::<i8>().ok().filter(|number| (1..=31).contains(number));
    Some(Numbers {
        first: number(first)?,
        second: number(second)?,
        year: year(last)?,
        dots: separator == '.',
    })
}

/// A year of four digits, or of this century with two.
fn year(text: &str) -> Option<i16> {
    let number: i16 = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()?;
    match text.len() {
        4 => Some(number),
        2 => Some(2_000 + number),
        _ => None,
    }
}

/// `2026/11/21` or `2026.11.21`.
fn year_first(text: &str) -> Option<Date> {
    let mut parts = text.split(['/', '.', '-']).map(str::trim);
    let (first, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if first.len() != 4 || parts.next().is_some() {
        return None;
    }
    Date::new(year(first)?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `21 Nov 2026`, `21-Nov-26`, `21. November 2026` or `Nov 21, 2026`.
fn named(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split([' ', '-', ',', '.', '/']).filter(|part| !part.is_empty()).collect();
    let [first, second, last] = parts[..] else { return None };
    let (day, month) = match month(first) {
        Some(month) => (second, month),
        None => (first, month(second)?),
    };
    Date::new(year(last)?, month, day.parse().ok()?).ok()
}

/// The first letters of the months in English, and in German where they differ.
const MONTHS: [(&str, i8); 17] = [
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("mär", 3),
    ("mrz", 3),
    ("apr", 4),
    ("may", 5),
    ("mai", 5),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("oct", 10),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
];

fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    MONTHS.iter().find(|(begins, _)| word.starts_with(begins)).map(|(_, month)| *month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_programs_write_it() {
        for text in [
            "2026-11-21",
            " 2026-11-21 ",
            "2026-11-21 00:00:00",
            "2026-11-21T10:00",
            "2026/11/21",
            "21.11.2026",
            "21.11.26",
            "21. 11. 2026",
            "21/11/2026",
            "11/21/2026",
            "21-11-2026",
            "21 Nov 2026",
            "21-Nov-26",
            "21. November 2026",
            "Nov 21, 2026",
            "November 21 2026",
        ] {
            assert_eq!(iso(text, None).as_deref(), Ok("2026-11-21"), "{text}");
        }
        assert_eq!(iso("03.04.2026", None).as_deref(), Ok("2026-04-03"), "dots put the day first");
        assert_eq!(iso("04/04/2026", None).as_deref(), Ok("2026-04-04"), "either way the same day");
        assert_eq!(iso("1. Mai 2027", None).as_deref(), Ok("2027-05-01"));
    }

    #[test]
    fn a_day_of_two_readings_needs_its_column() {
        let refused = iso("03/04/2026", None).unwrap_err();
        assert_eq!(refused, "“03/04/2026” is ambiguous. Write it like 2026-11-21.");
        assert_eq!(iso("03/04/2026", Some(Order::DayFirst)).as_deref(), Ok("2026-04-03"));
        assert_eq!(iso("03/04/2026", Some(Order::MonthFirst)).as_deref(), Ok("2026-03-04"));
        assert_eq!(order(["03/04/2026", "21/11/2026"]), Some(Order::DayFirst));
        assert_eq!(order(["03/04/2026", "11/21/2026", ""]), Some(Order::MonthFirst));
        assert_eq!(order(["03/04/2026", "05/06/2026"]), None);
        assert_eq!(order(["21/11/2026", "11/21/2026"]), None, "a column of both");
    }

    #[test]
    fn what_is_no_day_is_left_to_the_field() {
        for text in ["", "soon", "31/02/2026", "21/11", "1/2/3/4", "2026", "Nov 2026", "99.99.2026"] {
            assert_eq!(iso(text, None).as_deref(), Ok(text), "{text}");
        }
    }
}
