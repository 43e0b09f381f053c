//! Moments for people.

use domain::Timestamp;
use leptos::prelude::*;

/// Short names of the months, January first.
pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment as people see it: in their time zone, “today 14:05”, and in full on hover. The page's own script writes that
/// before it is drawn (`shell/early.js`); without scripts it is in UTC.
pub(crate) fn time(at: Timestamp) -> AnyView {
    shown(at, None, None, moment(at))
}

/// As [`time`], the time of day alone, for what stands below its day.
pub(crate) fn time_of_day(at: Timestamp) -> AnyView {
    shown(at, Some("clock"), None, clock(at))
}

/// As [`time`], the day alone, for a heading: “Today”, “Friday 27 November”. The line of the list that it stands in is hidden
/// where the moment `after` it in time, which is above it, is of the same day: which day that is, is up to the reader's zone.
pub(crate) fn day(at: Timestamp, after: Option<Timestamp>) -> AnyView {
    shown(at, Some("day"), after.map(|after| after.utc().to_string()), date(at))
}

fn shown(at: Timestamp, show: Option<&'static str>, after: Option<String>, utc: String) -> AnyView {
    view! {
        <time datetime=at.utc().to_string() data-show=show data-after=after>
            {utc}
        </time>
    }
    .into_any()
}

/// `21 Nov 2026, 23:06 UTC`. The same on the server and in every browser, so that the first render agrees.
fn moment(at: Timestamp) -> String {
    format!("{}, {}", date(at), clock(at))
}

/// `21 Nov 2026`.
fn date(at: Timestamp) -> String {
    let date = at.utc().date;
    let month = MONTHS[usize::from(date.month().unsigned_abs()).saturating_sub(1) % 12];
    format!("{} {month} {}", date.day(), date.year())
}

/// `23:06 UTC`.
fn clock(at: Timestamp) -> String {
    let utc = at.utc();
    format!("{:02}:{:02} UTC", utc.hour, utc.minute)
}

#[cfg(test)]
mod tests {
    use super::moment;
    use domain::Timestamp;

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(moment(Timestamp(0)), "1 Jan 1970, 00:00 UTC");
        assert_eq!(moment(Timestamp(951_782_400_000)), "29 Feb 2000, 00:00 UTC");
        assert_eq!(moment(Timestamp(1_795_302_360_000)), "21 Nov 2026, 23:06 UTC");
        assert_eq!(moment(Timestamp(-1)), "31 Dec 1969, 23:59 UTC");
    }
}
