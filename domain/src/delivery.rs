//! How well promises are kept: of the items that were first promised for a quarter, how many were done in it.

use crate::{Date, FiscalYear, Quarter};

/// An item that was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The quarter of the calendar year that was promised before any other.
    pub first: Quarter,
    /// When it was done.
    pub done: Option<Date>,
}

/// What became of the items that were first promised for a quarter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Precision {
    pub promised: usize,
    /// Done in that quarter.
    pub on_time: usize,
    /// Done in an earlier one.
    pub early: usize,
    /// Done in a later one.
    pub late: usize,
}

impl Precision {
    /// Of what was first promised for a quarter.
    pub fn of<'a>(promises: impl IntoIterator<Item = &'a Promise>, quarter: Quarter) -> Self {
        let mut precision = Self::default();
        for promise in promises.into_iter().filter(|promise| promise.first == quarter) {
            precision.promised += 1;
            // Promises are made for quarters of the calendar year, whenever that of the workspace begins.
            match promise.done.map(|day| FiscalYear::default().quarter(day).cmp(&quarter)) {
                Some(std::cmp::Ordering::Equal) => precision.on_time += 1,
                Some(std::cmp::Ordering::Less) => precision.early += 1,
                Some(std::cmp::Ordering::Greater) => precision.late += 1,
                None => {}
            }
        }
        precision
    }

    /// Those that are not done.
    pub fn open(self) -> usize {
        self.promised - self.on_time - self.early - self.late
    }

    /// Those done on time of those promised, in percent, rounded half up; `None` where nothing was promised.
    pub fn percent(self) -> Option<u32> {
        let percent = (self.on_time * 200 + self.promised).checked_div(self.promised * 2)?;
        u32::try_from(percent).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, of seven items first promised for Q1 2027, which ends on 31 March:
    ///
    /// | done on | is |
    /// |---|---|
    /// | 1 January 2027 | on time |
    /// | 31 March 2027 | on time |
    /// | 15 February 2027 | on time |
    /// | 31 December 2026 | early |
    /// | 1 April 2027 | late |
    /// | – | open |
    /// | – (dropped) | open |
    ///
    /// 3 of 7 are 42.86 %, which is 43 %. Of the one promised for Q2 none is on time: done in Q1, it is early. 1 of 8 is 12.5 %, which is 13 %.
    #[test]
    fn precision_is_what_was_done_in_the_quarter_first_promised() {
        let promise =
            |first: &str, done: &str| Promise { first: first.parse().unwrap(), done: done.parse().ok() };
        let promises = [
            promise("2027-Q1", "2027-01-01"),
            promise("2027-Q1", "2027-03-31"),
            promise("2027-Q1", "2027-02-15"),
            promise("2027-Q1", "2026-12-31"),
            promise("2027-Q1", "2027-04-01"),
            promise("2027-Q1", ""),
            promise("2027-Q1", ""),
            promise("2027-Q2", "2027-03-30"),
        ];
        let of = |quarter: &str| Precision::of(&promises, quarter.parse().unwrap());
        let first = of("2027-Q1");
        assert_eq!(first, Precision { promised: 7, on_time: 3, early: 1, late: 1 });
        assert_eq!((first.open(), first.percent()), (2, Some(43)));
        assert_eq!(of("2027-Q2"), Precision { promised: 1, on_time: 0, early: 1, late: 0 });
        assert_eq!((of("2027-Q2").percent(), of("2027-Q3").percent()), (Some(0), None));
        let eighth = Precision { promised: 8, on_time: 1, early: 0, late: 0 };
        assert_eq!(eighth.percent(), Some(13));
        let all = Precision { promised: 4, on_time: 4, early: 0, late: 0 };
        assert_eq!((all.percent(), all.open()), (Some(100), 0));
    }
}
