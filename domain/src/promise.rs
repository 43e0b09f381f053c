//! Whether an item comes in the quarter for which it was promised first.

use crate::{Date, FiscalYear, Quarter, Span, Status};

/// What is planned and promised of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment {
    pub span: Span,
    pub status: Status,
    /// The quarter that is promised now.
    pub promised: Option<Quarter>,
    /// The quarter that was promised before any other.
    pub first: Option<Quarter>,
}

/// An item comes later than it was promised first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slip {
    /// The quarter that was promised first.
    pub promised: Quarter,
    /// The earliest quarter in which it can come now.
    pub expected: Quarter,
}

impl Commitment {
    /// Its slip on a day: it ends or is promised after the quarter that was promised first, or that has passed and it is not done.
    /// What is done or dropped does not slip. Promises name quarters of the calendar year, whenever that of the workspace begins.
    pub fn slip(&self, today: Date) -> Option<Slip> {
        if self.status.is_settled() {
            return None;
        }
        let (promised, year) = (self.first.or(self.promised)?, FiscalYear::default());
        let planned = self.span.end.or(self.span.start).map(|day| year.quarter(day));
        let expected = [planned, self.promised, Some(year.quarter(today))].into_iter().flatten().max()?;
        (expected > promised).then_some(Slip { promised, expected })
    }

    /// Whether it should have ended before a day.
    pub fn is_overdue(&self, today: Date) -> bool {
        !self.status.is_settled() && self.span.end.is_some_and(|end| end < today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(text: &str) -> Quarter {
        text.parse().unwrap()
    }

    fn commitment(end: Option<&str>, promised: Option<&str>, first: Option<&str>) -> Commitment {
        Commitment {
            span: Span { start: None, end: end.map(|end| end.parse().unwrap()) },
            status: Status::Planned,
            promised: promised.map(quarter),
            first: first.map(quarter),
        }
    }

    /// On 10 February 2027, which is in Q1 2027. By hand:
    ///
    /// | ends | promised | first | slips |
    /// |---|---|---|---|
    /// | 31 Mar 2027 | Q1 | Q1 | no |
    /// | 1 Apr 2027 | Q1 | Q1 | from Q1 to Q2: it ends after its quarter |
    /// | 31 Mar 2027 | Q3 | Q1 | from Q1 to Q3: another is promised |
    /// | none | Q4 2026 | Q4 2026 | from Q4 2026 to Q1: its quarter has passed |
    /// | 1 Apr 2027 | none | Q1 | from Q1 to Q2: a promise that was taken away was one |
    /// | 1 Apr 2027 | none | none | no: nothing was promised |
    #[test]
    fn an_item_slips_against_the_quarter_that_was_promised_first() {
        let today: Date = "2027-02-10".parse().unwrap();
        let slip = |end, promised, first| {
            let slip = commitment(end, promised, first).slip(today)?;
            Some((slip.promised.to_string(), slip.expected.to_string()))
        };
        let from = |promised: &str, expected: &str| Some((promised.to_owned(), expected.to_owned()));
        let (q1, q3) = (Some("2027-Q1"), Some("2027-Q3"));
        assert_eq!(slip(Some("2027-03-31"), q1, q1), None);
        assert_eq!(slip(Some("2027-04-01"), q1, q1), from("2027-Q1", "2027-Q2"));
        assert_eq!(slip(Some("2027-03-31"), q3, q1), from("2027-Q1", "2027-Q3"));
        assert_eq!(slip(None, Some("2026-Q4"), Some("2026-Q4")), from("2026-Q4", "2027-Q1"));
        assert_eq!(slip(Some("2027-04-01"), None, q1), from("2027-Q1", "2027-Q2"));
        assert_eq!(slip(Some("2027-04-01"), None, None), None);
        let done = Commitment { status: Status::Done, ..commitment(Some("2027-04-01"), q1, q1) };
        assert_eq!(done.slip(today), None);
    }

    #[test]
    fn an_item_is_overdue_after_its_last_day() {
        let item = commitment(Some("2027-02-09"), None, None);
        assert!(item.is_overdue("2027-02-10".parse().unwrap()));
        assert!(!item.is_overdue("2027-02-09".parse().unwrap()));
        assert!(!commitment(None, None, None).is_overdue("2027-02-10".parse().unwrap()));
    }
}
