//! The timeline on paper: every row, as wide as the paper, and so many on each sheet that none is cut.

use std::sync::Arc;

use domain::Calendar;
use gloo_events::EventListener;
use leptos::prelude::*;
use send_wrapper::SendWrapper;

use super::{
    bar, calendar,
    rows::{Group, Row},
    state::{Grid, ROW, Timeline, px, span},
};
use crate::platform;

/// How wide a sheet is, and its titles, in units that become as wide as the paper.
const SHEET: f64 = 1_040.0;
const TITLES: f64 = 220.0;
/// Rows on a sheet of A4 or A3, across.
const ROWS: usize = 16;
/// The most letters of a title.
const LETTERS: usize = 32;

/// Draws the sheets right before they are printed, and takes them away after that.
pub(super) fn follow(timeline: Timeline) {
    if cfg!(feature = "ssr") {
        return;
    }
    let window = platform::window();
    let listen = |name: &'static str, on: bool| {
        EventListener::new(&window, name, move |_| {
            let _ = timeline.on_paper.try_set(on);
        })
    };
    let listeners = SendWrapper::new([listen("beforeprint", true), listen("afterprint", false)]);
    on_cleanup(move || drop(listeners));
}

pub(super) fn paper(timeline: Timeline) -> AnyView {
    let sheets = move || timeline.on_paper.get().then(|| sheets(timeline));
    view! { <div class="paper" aria-hidden="true">{sheets}</div> }.into_any()
}

fn sheets(timeline: Timeline) -> Option<AnyView> {
    let board = timeline.board;
    let rows = timeline.rows.get();
    let groups = timeline.groups.get();
    let days = board.room.with(|roadmap| {
        let items = rows.iter().filter_map(|row| roadmap.item(row.item()?));
        let days = items.filter_map(|item| span(item).shown()).flat_map(|(first, last)| [first, last]);
        days.collect::<Vec<_>>()
    });
    let calendar = Calendar::covering(days, None, board.year)?;
    let grid = Grid { calendar, day: (SHEET - TITLES) / f64::from(calendar.days()) };
    let sheet = |rows: &[Row]| sheet(timeline, grid, &groups, rows);
    Some(rows.chunks(ROWS).map(sheet).collect_view().into_any())
}

fn sheet(timeline: Timeline, grid: Grid, groups: &[Group], rows: &[Row]) -> AnyView {
    let height = calendar::HEAD + (rows.len() * ROW) as f64;
    let all = 0..grid.calendar.len();
    let head = grid.quarters(all.clone()).map(|part| calendar::quarter(grid, part, None)).collect_view();
    let bands = grid.quarters(all).map(|part| calendar::band(grid, part)).collect_view();
    let today = timeline
        .today
        .get()
        .filter(|today| (0..grid.calendar.days()).contains(&grid.calendar.offset(*today)));
    let today = today.map(|today| {
        let x = px(grid.middle(today));
        view! { <line class="timeline__now" x1=x.clone() x2=x y2="100%" /> }
    });
    let row = |(at, row): (usize, &Row)| {
        let view = match row {
            Row::Group(key) => group(grid, groups.iter().find(|group| group.key == *key)),
            Row::Item(id) => {
                timeline.board.room.with(|roadmap| roadmap.item(*id).map(|item| line(grid, item)))
            }
        };
        view! { <g transform=format!("translate(0 {})", at * ROW)>{view}</g> }
    };
    view! {
        <svg class="timeline__chart paper__sheet" viewBox=format!("0 0 {SHEET} {height}")>
            <svg x=px(TITLES) width=px(SHEET - TITLES) height=px(calendar::HEAD)>
                {head}
            </svg>
            <svg x=px(TITLES) y=px(calendar::HEAD) width=px(SHEET - TITLES)>
                {bands}
                {today}
            </svg>
            <g transform=format!("translate(0 {})", calendar::HEAD)>
                {rows.iter().enumerate().map(row).collect_view()}
            </g>
        </svg>
    }
    .into_any()
}

fn line(grid: Grid, item: &Arc<domain::Item>) -> AnyView {
    let mut drawn = bar::Drawn::of(item);
    let title = std::mem::take(&mut drawn.title);
    view! {
        <line class="timeline__tick" x2=px(SHEET) y1=ROW.to_string() y2=ROW.to_string() />
        <text class="paper__title" y="22">
            {shortened(&title)}
        </text>
        <svg x=px(TITLES) width=px(SHEET - TITLES) height=ROW.to_string()>
            {bar::shape(grid, &drawn, false, None)}
        </svg>
    }
    .into_any()
}

fn group(grid: Grid, group: Option<&Group>) -> Option<AnyView> {
    let group = group?;
    let name = group.name.as_deref().unwrap_or_default();
    let all = 0..grid.calendar.len();
    Some(
        view! {
            <rect class="timeline__group-ground" width=px(SHEET) height=ROW.to_string() />
            <text class="paper__group" y="22" x="4">
                {format!("{} · {}", shortened(name), group.items.len())}
            </text>
            <g transform=format!("translate({TITLES} 0)")>{bar::sums(grid, all, &group.efforts, &[])}</g>
        }
        .into_any(),
    )
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    text.chars().take(LETTERS - 1).chain(['…']).collect()
}
