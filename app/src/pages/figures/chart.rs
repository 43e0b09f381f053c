//! Charts of measurements.

use backend::figures::Measurement;
use domain::{Date, Figure};
use leptos::prelude::*;

use crate::pages::chart::{HEIGHT, Heights, frame};

/// The width of the drawing, whatever it is shown at.
const WIDTH: i64 = 1_000;

/// A day as people read it.
pub(crate) fn day(date: Date) -> String {
    let month = crate::ui::MONTHS[usize::from(date.month().unsigned_abs()).saturating_sub(1) % 12];
    format!("{} {month} {}", date.day(), date.year())
}

/// What a chart goes from and to.
struct Scale {
    first: i64,
    last: i64,
    /// Of the parts of figures.
    heights: Heights,
}

impl Scale {
    fn of(measurements: &[Measurement], target: Option<Figure>) -> Option<Self> {
        let (first, last) = (measurements.first()?.day.days(), measurements.last()?.day.days());
        let values = measurements.iter().map(|measurement| measurement.value).chain(target);
        let parts = values.map(Figure::parts);
        Some(Self { first, last, heights: Heights::of(parts)? })
    }

    fn x(&self, day: Date) -> i64 {
        let (all, here) = (self.last - self.first, day.days() - self.first);
        (here * WIDTH).checked_div(all).unwrap_or(WIDTH / 2)
    }

    fn y(&self, value: Figure) -> i64 {
        self.heights.y(value.parts())
    }

    /// Through all points.
    fn line(&self, measurements: &[Measurement]) -> String {
        let mut line = String::new();
        for (index, point) in measurements.iter().enumerate() {
            let sign = if index == 0 { 'M' } else { 'L' };
            line.push_str(&format!("{sign}{} {}", self.x(point.day), self.y(point.value)));
        }
        line
    }
}

/// Measurements over time, with their target. `name` says what is shown; the table of values stands beside it.
pub(crate) fn chart(name: String, measurements: &[Measurement], target: Option<Figure>) -> Option<AnyView> {
    let scale = Scale::of(measurements, target)?;
    let (first, last) = (measurements.first()?, measurements.last()?);
    let points: String = measurements
        .iter()
        .map(|point| format!("M{} {}h0", scale.x(point.day), scale.y(point.value)))
        .collect();
    let goal = target.map(|target| {
        view! { <path class="chart__target" d=format!("M0 {}H{WIDTH}", scale.y(target))></path> }
    });
    // Dots of very many days would be one band.
    let points = (measurements.len() <= 60).then(|| view! { <path class="chart__points" d=points></path> });
    let days = if first.day == last.day {
        view! { <span>{day(first.day)}</span> }.into_any()
    } else {
        view! { <span>{day(first.day)}</span> <span>{day(last.day)}</span> }.into_any()
    };
    let is_one = if first.day == last.day { "chart__days chart__days--one" } else { "chart__days" };
    let drawing = view! {
        {goal}
        <path class="chart__line" d=scale.line(measurements)></path>
        {points}
    };
    let below = view! { <div class=is_one aria-hidden="true">{days}</div> };
    let written = |parts| Figure::from_parts(parts).map(|tick| tick.to_string()).unwrap_or_default();
    Some(frame(name, (WIDTH, &scale.heights), written, drawing.into_any(), below.into_any()))
}

/// The course of measurements in the space of a word, for those who see it: the values stand beside it.
pub(crate) fn sparkline(measurements: &[Measurement]) -> Option<AnyView> {
    let recent = &measurements[measurements.len().saturating_sub(60)..];
    let scale = Scale::of(recent, None).filter(|_| recent.len() > 1)?;
    let last = recent.last()?;
    Some(
        view! {
            <svg
                class="sparkline"
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                aria-hidden="true"
            >
                <path class="chart__line" d=scale.line(recent)></path>
                <path class="chart__points" d=format!("M{} {}h0", scale.x(last.day), scale.y(last.value))></path>
            </svg>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use domain::{Timestamp, UserId};

    use super::*;

    fn series(values: &[(&str, &str)]) -> Vec<Measurement> {
        let measured = |(day, value): &(&str, &str)| Measurement {
            day: day.parse().unwrap(),
            value: Figure::read(value, "").unwrap(),
            source: String::new(),
            by: UserId::NIL,
            at: Timestamp(1),
        };
        values.iter().map(measured).collect()
    }

    fn written(scale: &Scale) -> Vec<String> {
        scale.heights.ticks().map(|tick| Figure::from_parts(tick).unwrap().to_string()).collect()
    }

    /// From 40 to 80 by hand: a tenth of the way in days is a tenth of the width; 60 is half of the height.
    #[test]
    fn points_stand_where_their_days_and_values_are() {
        let series = series(&[("2026-11-01", "40"), ("2026-11-02", "60"), ("2026-11-11", "80")]);
        let scale = Scale::of(&series, None).unwrap();
        let ticks = written(&scale);
        assert_eq!(ticks, ["80", "60", "40"]);
        assert_eq!(scale.line(&series), "M0 300L100 150L1000 0");
    }

    #[test]
    fn a_chart_holds_its_target_and_whatever_is_measured() {
        let target = Figure::read("100", "").ok();
        let scale = Scale::of(&series(&[("2026-11-01", "97.5"), ("2026-11-02", "-3")]), target).unwrap();
        let ticks = written(&scale);
        assert_eq!(ticks, ["100", "50", "0", "-50"]);
        let one = series(&[("2026-11-01", "5")]);
        assert_eq!(Scale::of(&one, None).unwrap().line(&one), "M500 300");
        let far = series(&[("2026-11-01", "-1000000000000"), ("2026-11-02", "1000000000000")]);
        assert!(Scale::of(&far, None).unwrap().line(&far).starts_with("M0 "));
        assert!(chart(String::new(), &[], None).is_none());
    }
}
