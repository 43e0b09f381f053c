//! The calendar behind the bars, and its head.

use domain::{Date, Quarter};
use leptos::prelude::*;

use super::{
    state::{Grid, Timeline, in_sight, px},
    words,
};
use crate::{board::badges::month_name, ui::text};

/// Heights of the head's lines, in pixels; days have one where they are wide enough.
const QUARTERS: f64 = 24.0;
const MONTHS: f64 = 20.0;
const DAYS: f64 = 18.0;
/// How high it is without days.
pub(super) const HEAD: f64 = QUARTERS + MONTHS;
/// From which width on a quarter has its name in full, and a month its name.
const FULL: f64 = 112.0;
const NAMED: f64 = 26.0;
/// A Monday, from which weeks are counted.
const MONDAY: Date = Date::constant(2024, 1, 1);

/// How wide a letter is at most, on average.
const LETTER: f64 = 7.5;

/// Where what is in sight begins; nothing on paper.
type Left = Option<RwSignal<f64>>;

/// A quarter: its place, its name, its first and last day.
pub(super) type Part = (i32, Quarter, Date, Date);

/// Quarters above months, which stay in sight.
pub(super) fn head(timeline: Timeline) -> AnyView {
    let height = move || {
        let has_weeks = timeline.grid().is_some_and(|grid| grid.has_weeks());
        px(if has_weeks { HEAD + DAYS } else { HEAD })
    };
    let quarters = move || {
        let grid = timeline.grid()?;
        Some(
            grid.quarters(timeline.quarters.get())
                .map(|part| quarter(grid, part, Some(timeline.left)))
                .collect_view(),
        )
    };
    let today = move || {
        let (today, grid) = timeline.today.get().zip(timeline.grid())?;
        let (x, words) = (grid.middle(today), words::today(today));
        let width = 6.2 * words.chars().count() as f64 + 12.0;
        let top = QUARTERS + 1.0;
        Some(view! {
            <g class="timeline__today">
                <rect x=px(x - width / 2.0) y=px(top) width=px(width) height="18" rx="9" />
                <text x=px(x) y=px(top + 13.0) text-anchor="middle">
                    {words}
                </text>
            </g>
        })
    };
    view! {
        <div class="timeline__head" aria-hidden="true">
            <svg class="timeline__chart" width=text(move || timeline.width()) height=height>
                {quarters}
                {today}
            </svg>
        </div>
    }
    .into_any()
}

/// The head of a quarter, with its months, and its Mondays where these are wide enough.
pub(super) fn quarter(grid: Grid, (at, quarter, first, last): Part, left: Left) -> AnyView {
    let (x, width) = (grid.x(first), grid.end(last) - grid.x(first));
    let label = grid.calendar.year.label(quarter);
    let words = if width >= FULL { words::quarter(&label, first, last) } else { label };
    let most = x + width - LETTER * words.chars().count() as f64;
    let months = (0..3).filter_map(|months| month(grid, first.plus_months(months)?, months > 0, left));
    let weeks = grid.has_weeks().then(|| mondays(first, last).map(|day| monday(grid, day)).collect_view());
    view! {
        <g class=band_class(at)>
            <rect class="timeline__band" x=px(x) width=px(width) height="100%" />
            <line class="timeline__edge" x1=px(x) x2=px(x) y2="100%" />
            <text class="timeline__quarter" x=in_sight(left, x + 8.0, most) y="16">
                {words}
            </text>
            {months.collect_view()}
            {weeks}
        </g>
    }
    .into_any()
}

fn month(grid: Grid, day: Date, has_line: bool, left: Left) -> Option<AnyView> {
    let x = grid.x(day);
    let line = has_line.then(|| {
        view! { <line class="timeline__tick" x1=px(x) x2=px(x) y1=px(QUARTERS) y2="100%" /> }
    });
    let name = month_name(day);
    let end = grid.end(day.last_of_month());
    let is_wide = end - x >= NAMED;
    let at = in_sight(left, x + if is_wide { 8.0 } else { 3.0 }, end - NAMED);
    let name = if is_wide { name } else { &name[..1] };
    Some(
        view! {
            <g>
                {line}
                <text class="timeline__month" x=at y=px(QUARTERS + 13.0)>
                    {name}
                </text>
            </g>
        }
        .into_any(),
    )
}

fn monday(grid: Grid, day: Date) -> AnyView {
    view! {
        <text class="timeline__month" x=px(grid.x(day) + 4.0) y=px(QUARTERS + MONTHS + 11.0)>
            {day.day()}
        </text>
    }
    .into_any()
}

fn mondays(first: Date, last: Date) -> impl Iterator<Item = Date> {
    let next = (7 - first.days_since(MONDAY).rem_euclid(7)) % 7;
    let monday = move |week: i32| first.plus_days(next + week * 7).filter(|day| *day <= last);
    (0..14).map_while(monday)
}

/// Quarters as alternating bands.
pub(super) fn bands(timeline: Timeline) -> AnyView {
    let bands = move || {
        let grid = timeline.grid()?;
        Some(grid.quarters(timeline.quarters.get()).map(|part| band(grid, part)).collect_view())
    };
    view! { <g aria-hidden="true">{bands}</g> }.into_any()
}

/// The band of a quarter, with a line where months begin, and weeks where they are wide enough.
pub(super) fn band(grid: Grid, (at, _, first, last): Part) -> AnyView {
    let mut ticks: Vec<Date> = [1, 2].into_iter().filter_map(|months| first.plus_months(months)).collect();
    if grid.has_weeks() {
        ticks = mondays(first, last).collect();
    }
    let tick = |day: Date| {
        let x = px(grid.x(day));
        view! { <line class="timeline__tick" x1=x.clone() x2=x y2="100%" /> }
    };
    let (x, end) = (grid.x(first), grid.end(last));
    view! {
        <g class=band_class(at)>
            <rect class="timeline__band" x=px(x) width=px(end - x) height="100%" />
            {ticks.into_iter().map(tick).collect_view()}
            <line class="timeline__edge" x1=px(x) x2=px(x) y2="100%" />
        </g>
    }
    .into_any()
}

fn band_class(at: i32) -> &'static str {
    if at.rem_euclid(2) == 0 { "timeline__part" } else { "timeline__part timeline__part--odd" }
}

/// The line of today.
pub(super) fn today(timeline: Timeline) -> AnyView {
    let line = move || {
        let (today, grid) = timeline.today.get().zip(timeline.grid())?;
        let x = px(grid.middle(today));
        Some(view! { <line class="timeline__now" x1=x.clone() x2=x y2="100%" /> })
    };
    view! { <g aria-hidden="true">{line}</g> }.into_any()
}
