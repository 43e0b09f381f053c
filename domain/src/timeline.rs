//! Plans on a calendar: which days a timeline shows, and where a plan lands that is moved on it.

use crate::{Date, FiscalYear, Quarter, Zoom};

crate::choices! {
    /// How exactly an item's days are meant: what its field `precision` holds.
    Precision {
        Day = "day", "Day";
        Month = "month", "Month";
        Quarter = "quarter", "Quarter";
    }
}

/// By what plans move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snap {
    Day,
    /// Weekdays stay.
    Week,
    /// Days of the month stay.
    Months,
    /// From the first to the last day of months.
    Month,
    /// From the first to the last day of quarters.
    Quarter,
}

/// What of a plan is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    Start,
    End,
}

/// When something is planned. Either day can be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    pub start: Option<Date>,
    pub end: Option<Date>,
}

/// The days that a timeline shows, whole quarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub year: FiscalYear,
    first: Quarter,
    /// How many quarters there are.
    count: i32,
    from: Date,
    to: Date,
}

/// Months before and after today that are shown in any case.
const BEFORE: i32 = -3;
const AFTER: i32 = 12;
/// Days that a plan lasts which was put on one day.
const SHORT: i32 = 14;

impl Calendar {
    /// All these days and a year around today, with a quarter to spare at both ends. `None` where there is no day at all.
    pub fn covering(
        days: impl IntoIterator<Item = Date>,
        today: Option<Date>,
        year: FiscalYear,
    ) -> Option<Self> {
        let around = [BEFORE, AFTER].into_iter().filter_map(|months| today?.plus_months(months));
        let (from, to) = days.into_iter().chain(around).fold(None, |range, day| {
            let (from, to) = range.unwrap_or((day, day));
            Some((day.min(from), day.max(to)))
        })?;
        let (mut first, mut last) = (year.quarter(from), year.quarter(to));
        if year.first_day(first.plus(-1)).is_some() {
            first = first.plus(-1);
        }
        if year.last_day(last.plus(1)).is_some() {
            last = last.plus(1);
        }
        Some(Self {
            year,
            first,
            count: last.since(first) + 1,
            from: year.first_day(first)?,
            to: year.last_day(last)?,
        })
    }

    /// How many days there are.
    pub fn days(&self) -> i32 {
        self.to.days_since(self.from) + 1
    }

    /// How many days after the first one a day begins.
    pub fn offset(&self, day: Date) -> i32 {
        day.days_since(self.from)
    }

    /// The day so many days after the first, within the calendar.
    pub fn day(&self, offset: i32) -> Date {
        self.from.plus_days(offset.clamp(0, self.days() - 1)).unwrap_or(self.from)
    }

    /// How many quarters there are.
    pub fn len(&self) -> i32 {
        self.count
    }

    /// Never true: there is a quarter at least.
    pub fn is_empty(&self) -> bool {
        self.count <= 0
    }

    /// A quarter by its place, and its first and last day.
    pub fn quarter(&self, at: i32) -> Option<(Quarter, Date, Date)> {
        let quarter = self.first.plus(at);
        Some((quarter, self.year.first_day(quarter)?, self.year.last_day(quarter)?))
    }

    /// The place of the quarter of a day.
    pub fn place(&self, day: Date) -> i32 {
        self.year.quarter(day).since(self.first)
    }
}

impl Span {
    /// From the first to the last day that it shows; `None` where nothing is planned.
    pub fn shown(self) -> Option<(Date, Date)> {
        let first = self.start.or(self.end)?;
        Some((first, self.end.unwrap_or(first)))
    }

    /// A day, and no time: it only ends, or starts and ends on one day.
    pub fn is_milestone(self) -> bool {
        self.end.is_some() && self.start.is_none_or(|start| self.end == Some(start))
    }

    /// Moved by so many steps. Its ends never pass each other; `None` beyond the calendar.
    pub fn stepped(self, part: Part, snap: Snap, steps: i32, year: FiscalYear) -> Option<Self> {
        let start = |day| snap.stepped(day, steps, year);
        let end = |day| snap.stepped_end(day, steps, year);
        self.with(part, snap, year, start, end)
    }

    /// Moved as a whole, as little as makes it start on a day or later; `None` beyond the calendar.
    pub(crate) fn starting(self, day: Date, snap: Snap, year: FiscalYear) -> Option<Self> {
        let first = self.shown()?.0;
        if !matches!(snap, Snap::Month | Snap::Quarter) {
            return self.stepped(Part::Whole, Snap::Day, day.days_since(first), year);
        }
        let begins = snap.first(day, year)? == day;
        let steps = snap.units(day, year) - snap.units(first, year) + i32::from(!begins);
        self.stepped(Part::Whole, snap, steps, year)
    }

    /// Moved by so many days on a timeline, to where it snaps.
    pub fn dragged(self, part: Part, snap: Snap, days: i32, year: FiscalYear) -> Option<Self> {
        if matches!(snap, Snap::Day | Snap::Week | Snap::Months) {
            return self.stepped(part, snap, snap.nearest_steps(days), year);
        }
        if part == Part::Whole {
            // From the beginning of what it snaps to: a day late in a month is no step nearer to the next one.
            let anchor = snap.first(self.shown()?.0, year)?;
            let steps =
                snap.units(snap.nearest(anchor.plus_days(days)?, year)?, year) - snap.units(anchor, year);
            return if steps == 0 { Some(self) } else { self.stepped(part, snap, steps, year) };
        }
        let start = |day: Date| snap.nearest(day.plus_days(days)?, year);
        let end = |day: Date| snap.nearest(day.plus_days(days + 1)?, year)?.plus_days(-1);
        self.with(part, snap, year, start, end)
    }

    fn with(
        self,
        part: Part,
        snap: Snap,
        year: FiscalYear,
        start: impl Fn(Date) -> Option<Date>,
        end: impl Fn(Date) -> Option<Date>,
    ) -> Option<Self> {
        let (first, last) = self.shown()?;
        // An open plan ends with the step in which it starts, until its end is drawn elsewhere.
        let both = |day: Option<Date>, to: &dyn Fn(Date) -> Option<Date>| match day {
            Some(day) => to(day).map(Some),
            None => Some(None),
        };
        Some(match part {
            Part::Whole if self.is_milestone() => {
                let day = end(last)?;
                Self { start: self.start.map(|_| day), end: Some(day) }
            }
            Part::Whole => Self { start: both(self.start, &start)?, end: both(self.end, &end)? },
            Part::Start => {
                let most = self.end.map(|end| snap.first(end, year).unwrap_or(end));
                let start = start(first)?;
                Self { start: Some(most.map_or(start, |most| start.min(most))), ..self }
            }
            Part::End => {
                let least = snap.last(first, year).unwrap_or(first);
                Self { end: Some(end(last)?.max(least)), ..self }
            }
        })
    }

    /// What is planned for something that was put on a day.
    pub fn put(day: Date, precision: Option<Precision>, zoom: Zoom, year: FiscalYear) -> Option<Self> {
        let snap = match (precision, zoom) {
            (Some(Precision::Day), _) => {
                return Some(Self { start: Some(day), end: day.plus_days(SHORT - 1) });
            }
            (Some(Precision::Month), _) | (None, Zoom::Month) => Snap::Month,
            _ => Snap::Quarter,
        };
        Some(Self { start: snap.first(day, year), end: snap.last(day, year) })
    }

    /// An amount by the quarters over which it is spread evenly, day by day. Nothing is lost to rounding.
    pub fn spread(self, amount: u32, year: FiscalYear) -> Vec<(Quarter, u32)> {
        let Some((first, last)) = self.shown() else { return Vec::new() };
        let (mut spread, mut quarter) = (Vec::new(), year.quarter(first));
        while let Some((from, to)) = year.days(quarter) {
            let part = self.part(u64::from(amount), from, to);
            spread.push((quarter, u32::try_from(part).unwrap_or(amount)));
            if to >= last {
                break;
            }
            quarter = quarter.plus(1);
        }
        spread
    }

    /// The part of an amount, spread evenly, that falls on the days from one to another. Parts of spans that follow each other add up
    /// to the amount.
    pub fn part(self, amount: u64, from: Date, to: Date) -> u64 {
        let Some((first, last)) = self.shown() else { return 0 };
        let all = u64::try_from(last.days_since(first)).unwrap_or(0) + 1;
        // Exact, and no product is larger than the amount or the square of the days.
        let up_to = |days: i32| {
            let days = u64::try_from(days).unwrap_or(0).min(all);
            amount / all * days + amount % all * days / all
        };
        up_to(to.days_since(first) + 1).saturating_sub(up_to(from.days_since(first)))
    }
}

impl Snap {
    /// As exactly as the days are meant, or, where that is not said, as they are seen.
    pub fn of(precision: Option<Precision>, zoom: Zoom) -> Self {
        match (precision, zoom) {
            (Some(Precision::Day), _) | (None, Zoom::Month) => Snap::Day,
            (Some(Precision::Month), _) => Snap::Month,
            (Some(Precision::Quarter), _) => Snap::Quarter,
            (None, Zoom::Quarter) => Snap::Week,
            (None, Zoom::Year) => Snap::Months,
        }
    }

    /// The first day of what it snaps to.
    pub(crate) fn first(self, day: Date, year: FiscalYear) -> Option<Date> {
        match self {
            Snap::Month => Date::new(day.year(), day.month(), 1).ok(),
            Snap::Quarter => year.first_day(year.quarter(day)),
            _ => Some(day),
        }
    }

    /// The last day of what it snaps to.
    pub(crate) fn last(self, day: Date, year: FiscalYear) -> Option<Date> {
        match self {
            Snap::Month => Some(day.last_of_month()),
            Snap::Quarter => year.last_day(year.quarter(day)),
            _ => Some(day),
        }
    }

    fn stepped(self, day: Date, steps: i32, year: FiscalYear) -> Option<Date> {
        match self {
            Snap::Day => day.plus_days(steps),
            Snap::Week => day.plus_days(steps.checked_mul(7)?),
            Snap::Months => day.plus_months(steps),
            Snap::Month => self.first(day, year)?.plus_months(steps),
            Snap::Quarter => year.first_day(year.quarter(day).plus(steps)),
        }
    }

    fn stepped_end(self, day: Date, steps: i32, year: FiscalYear) -> Option<Date> {
        self.last(self.stepped(day, steps, year)?, year)
    }

    /// How many steps come closest to so many days.
    fn nearest_steps(self, days: i32) -> i32 {
        // In tenths of a day: a month has 30.4 of them.
        let step = match self {
            Snap::Week => 70,
            Snap::Months => 304,
            _ => 10,
        };
        let (tenths, half) = (i64::from(days) * 10, step / 2);
        i32::try_from((tenths + half).div_euclid(step)).unwrap_or_default()
    }

    /// The closest day on which a month or quarter begins.
    fn nearest(self, day: Date, year: FiscalYear) -> Option<Date> {
        let this = self.first(day, year)?;
        let next = self.stepped(day, 1, year)?;
        Some(if day.days_since(this) * 2 < next.days_since(this) { this } else { next })
    }

    /// Months or quarters are counted, to tell how far one is from another.
    fn units(self, day: Date, year: FiscalYear) -> i32 {
        match self {
            Snap::Quarter => year.quarter(day).since(Quarter { year: 0, number: 1 }),
            _ => i32::from(day.year()) * 12 + i32::from(day.month()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// `2027-04-01..2027-06-30`, with either day missing.
    fn span(text: &str) -> Span {
        let (start, end) = text.split_once("..").unwrap();
        Span { start: start.parse().ok(), end: end.parse().ok() }
    }

    fn told(span: Option<Span>) -> String {
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        span.map_or_else(|| "none".to_owned(), |span| format!("{}..{}", day(span.start), day(span.end)))
    }

    fn april() -> FiscalYear {
        FiscalYear::beginning_in(4).unwrap()
    }

    #[test]
    fn a_calendar_covers_all_days_and_a_year_around_today() {
        let days = [day("2027-05-05"), day("2025-11-11")];
        let calendar = Calendar::covering(days, Some(day("2026-11-29")), april()).unwrap();
        assert_eq!(calendar.quarter(0).unwrap().1, day("2025-07-01"));
        assert_eq!(calendar.quarter(calendar.len() - 1).unwrap().2, day("2028-03-31"));
        assert_eq!(calendar.offset(calendar.day(100)), 100);
        assert_eq!(calendar.day(-1), day("2025-07-01"));
        assert_eq!(calendar.day(99_999), day("2028-03-31"));
        assert_eq!(calendar.place(day("2025-10-01")), 1);
        let around = Calendar::covering([], Some(day("2026-11-29")), FiscalYear::default()).unwrap();
        assert!(around.days() >= 365 && around.offset(day("2026-11-29")) > 0);
        assert_eq!(Calendar::covering([], None, april()), None);
        assert!(Calendar::covering([day("0000-01-01"), day("9999-12-31")], None, april()).is_some());
    }

    #[test]
    fn a_plan_moves_by_steps_and_keeps_its_length() {
        let moved = |plan: &str, snap, steps| told(span(plan).stepped(Part::Whole, snap, steps, april()));
        assert_eq!(moved("2027-04-05..2027-04-16", Snap::Day, 3), "2027-04-08..2027-04-19");
        assert_eq!(moved("2027-04-05..2027-04-16", Snap::Week, -1), "2027-03-29..2027-04-09");
        assert_eq!(moved("2027-04-05..2027-04-16", Snap::Months, 1), "2027-05-05..2027-05-16");
        assert_eq!(moved("2027-04-01..2027-06-30", Snap::Months, 2), "2027-06-01..2027-08-31");
        assert_eq!(moved("2027-04-05..2027-05-16", Snap::Month, 1), "2027-05-01..2027-06-30");
        assert_eq!(moved("2027-04-01..2027-09-30", Snap::Quarter, -1), "2027-01-01..2027-06-30");
        assert_eq!(moved("2027-04-01..", Snap::Quarter, 1), "2027-07-01..");
        assert_eq!(moved("..2027-06-30", Snap::Quarter, 1), "..2027-09-30");
        assert_eq!(moved("2027-06-30..2027-06-30", Snap::Month, 1), "2027-07-31..2027-07-31");
        assert_eq!(moved("..", Snap::Day, 1), "none");
        assert_eq!(moved("9999-12-30..9999-12-31", Snap::Day, 1), "none");
    }

    #[test]
    fn the_ends_of_a_plan_never_pass_each_other() {
        let moved = |plan: &str, part, snap, steps| told(span(plan).stepped(part, snap, steps, april()));
        let plan = "2027-04-05..2027-04-07";
        assert_eq!(moved(plan, Part::End, Snap::Day, 1), "2027-04-05..2027-04-08");
        assert_eq!(moved(plan, Part::End, Snap::Week, -1), "2027-04-05..2027-04-05");
        assert_eq!(moved(plan, Part::Start, Snap::Week, 1), "2027-04-07..2027-04-07");
        assert_eq!(moved("2027-04-01..2027-06-30", Part::End, Snap::Quarter, -1), "2027-04-01..2027-06-30");
        assert_eq!(moved("2027-04-01..2027-06-30", Part::Start, Snap::Quarter, 1), "2027-04-01..2027-06-30");
        assert_eq!(moved("2027-04-01..", Part::End, Snap::Week, 2), "2027-04-01..2027-04-15");
        assert_eq!(moved("..2027-04-15", Part::Start, Snap::Week, -2), "2027-04-01..2027-04-15");
    }

    #[test]
    fn a_plan_that_is_dragged_snaps_to_what_is_closest() {
        let dragged = |plan: &str, part, snap, days| told(span(plan).dragged(part, snap, days, april()));
        let plan = "2027-04-01..2027-06-30";
        assert_eq!(dragged(plan, Part::Whole, Snap::Quarter, 40), plan);
        assert_eq!(dragged(plan, Part::Whole, Snap::Quarter, 50), "2027-07-01..2027-09-30");
        assert_eq!(dragged(plan, Part::Whole, Snap::Quarter, -50), "2027-01-01..2027-03-31");
        assert_eq!(dragged(plan, Part::End, Snap::Quarter, 60), "2027-04-01..2027-09-30");
        assert_eq!(dragged(plan, Part::End, Snap::Quarter, -300), plan);
        assert_eq!(dragged(plan, Part::Start, Snap::Quarter, -60), "2027-01-01..2027-06-30");
        assert_eq!(dragged(plan, Part::End, Snap::Month, -20), "2027-04-01..2027-05-31");
        assert_eq!(dragged(plan, Part::Whole, Snap::Week, 10), "2027-04-08..2027-07-07");
        assert_eq!(dragged(plan, Part::Whole, Snap::Week, -3), plan);
        assert_eq!(dragged(plan, Part::Whole, Snap::Months, 16), "2027-05-01..2027-07-31");
        assert_eq!(dragged("2027-04-10..2027-05-10", Part::Whole, Snap::Month, 2), "2027-04-10..2027-05-10");
        assert_eq!(dragged("2027-04-10..", Part::End, Snap::Day, 5), "2027-04-10..2027-04-15");
    }

    #[test]
    fn what_is_put_on_a_day_takes_a_step_of_the_calendar() {
        let put = |precision, zoom| told(Span::put(day("2027-05-12"), precision, zoom, april()));
        assert_eq!(put(None, Zoom::Year), "2027-04-01..2027-06-30");
        assert_eq!(put(None, Zoom::Month), "2027-05-01..2027-05-31");
        assert_eq!(put(Some(Precision::Month), Zoom::Year), "2027-05-01..2027-05-31");
        assert_eq!(put(Some(Precision::Quarter), Zoom::Month), "2027-04-01..2027-06-30");
        assert_eq!(put(Some(Precision::Day), Zoom::Year), "2027-05-12..2027-05-25");
    }

    #[test]
    fn an_effort_is_spread_over_quarters_without_loss() {
        let spread = |plan: &str, amount| {
            let parts = span(plan).spread(amount, april());
            parts.into_iter().map(|(quarter, part)| format!("{quarter} {part}")).collect::<Vec<_>>()
        };
        assert_eq!(spread("2027-04-01..2027-09-30", 183), ["2028-Q1 91", "2028-Q2 92"]);
        assert_eq!(spread("2027-06-30..2027-07-01", 5), ["2028-Q1 2", "2028-Q2 3"]);
        assert_eq!(spread("..2027-06-30", 7), ["2028-Q1 7"]);
        assert_eq!(spread("2027-04-01..", 7), ["2028-Q1 7"]);
        assert!(spread("..", 7).is_empty());
    }

    #[test]
    fn what_is_put_down_where_it_was_taken_up_stays() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        for (start, end) in [
            (None, Some("2027-06-30")),
            (Some("2027-04-20"), Some("2027-06-30")),
            (Some("2027-06-30"), None),
            (Some("2027-05-31"), Some("2027-05-31")),
        ] {
            let span = Span { start: start.map(day), end: end.map(day) };
            for snap in [Snap::Day, Snap::Week, Snap::Months, Snap::Month, Snap::Quarter] {
                let put = span.dragged(Part::Whole, snap, 0, FiscalYear::default());
                assert_eq!(put, Some(span), "{snap:?}");
                let trembled = span.dragged(Part::Whole, snap, 1, FiscalYear::default());
                assert!(snap == Snap::Day || trembled == Some(span), "{snap:?} {trembled:?}");
            }
        }
    }
}
