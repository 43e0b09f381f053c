//! Days as a timeline writes them.

use domain::{Date, Quarter, Span};

use crate::board::badges::month_name;

/// `30 Jun 2027`.
pub(super) fn day(day: Date) -> String {
    format!("{} {} {}", day.day(), month_name(day), day.year())
}

/// `1 Apr`, where the year is written beside it.
fn short(day: Date) -> String {
    format!("{} {}", day.day(), month_name(day))
}

/// `1 Apr – 30 Jun 2027`.
pub(super) fn span(span: Span) -> String {
    match (span.start, span.end) {
        (None, None) => "no dates".to_owned(),
        (Some(start), None) => format!("from {}", day(start)),
        (Some(start), Some(end)) if start == end => day(end),
        (None, Some(end)) => day(end),
        (Some(start), Some(end)) if start.year() == end.year() => format!("{} – {}", short(start), day(end)),
        (Some(start), Some(end)) => format!("{} – {}", day(start), day(end)),
    }
}

/// `Today, 29 Nov`.
pub(super) fn today(day: Date) -> String {
    format!("Today, {}", short(day))
}

/// `Q2 FY27 · Jul–Sep`.
pub(super) fn quarter(label: &str, first: Date, last: Date) -> String {
    format!("{label} · {}–{}", month_name(first), month_name(last))
}

/// A quarter as a field keeps it: `Q2 2027`.
pub(super) fn promised(text: &str) -> String {
    text.parse()
        .map_or_else(|()| text.to_owned(), |quarter: Quarter| format!("Q{} {}", quarter.number, quarter.year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_once_where_they_share_a_year() {
        let written =
            |start: &str, end: &str| span(Span { start: start.parse().ok(), end: end.parse().ok() });
        assert_eq!(written("2027-04-01", "2027-06-30"), "1 Apr – 30 Jun 2027");
        assert_eq!(written("2026-12-01", "2027-01-31"), "1 Dec 2026 – 31 Jan 2027");
        assert_eq!(written("2027-04-01", "2027-04-01"), "1 Apr 2027");
        assert_eq!(written("2027-04-01", ""), "from 1 Apr 2027");
        assert_eq!(written("", "2027-06-30"), "30 Jun 2027");
        assert_eq!(promised("2027-Q2"), "Q2 2027");
    }
}
