//! Rows and bars.

use std::{collections::BTreeMap, ops::Range};

use domain::{
    FIELDS, Investment, ItemId, Property, Quarter, Span, Status, Value,
    capacity::{TeamLine, name_key},
};
use leptos::{prelude::*, svg};

use super::{
    calendar::Part,
    ghosts,
    rows::{self, Row},
    state::{BAR, Grid, PROMISED, ROW, Timeline, in_sight, px, span},
    words,
};
use crate::board::card_id;

/// How far down its row a bar begins.
pub(super) const ABOVE: f64 = ((ROW - BAR) / 2) as f64;
pub(super) const HIGH: f64 = BAR as f64;
/// How wide a letter is at most, on average.
const LETTER: f64 = 7.0;
/// How wide the coloured edge is, and the rounding of corners.
const EDGE: f64 = 4.0;
/// How far a bar without an end goes, fading out, in pixels.
const OPEN: f64 = 84.0;
/// How wide the ends are by which a bar is made longer, and from which width on they are within it.
const HANDLE: f64 = 8.0;
const HANDLES_WITHIN: f64 = 40.0;
/// How far behind a bar the point is from which dependencies are drawn.
const LINK: f64 = 9.0;
/// Where the hairline below a row is.
const RULE: &str = "35.5";
/// The most letters of a title beside its bar.
const MOST: usize = 70;

/// All that is drawn of an item.
#[derive(Clone, PartialEq)]
pub(super) struct Drawn {
    pub(super) title: String,
    pub(super) span: Span,
    /// Whether it is being dragged.
    is_moving: bool,
    pub(super) status: Status,
    pub(super) investment: Option<Investment>,
    /// What was promised first, where something else is promised now.
    pub(super) promised: Option<String>,
}

impl Drawn {
    pub(super) fn of(item: &domain::Item) -> Self {
        let fields = &item.fields;
        Self {
            title: fields.title.to_string(),
            span: span(item),
            is_moving: false,
            status: fields.status,
            investment: fields.investment,
            promised: promised(item),
        }
    }

    #[cfg(test)]
    pub(super) fn sample(title: &str, span: Span) -> Self {
        let (status, investment) = (Status::Planned, Some(Investment::Run));
        Self { title: title.to_owned(), span, is_moving: false, status, investment, promised: None }
    }
}

/// Hatching, and fading out.
pub(super) fn patterns() -> AnyView {
    view! {
        <defs>
            <pattern id="timeline-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect class="bar__hatch-ground" width="6" height="6" />
                <rect class="bar__hatch" width="2" height="6" />
            </pattern>
            <linearGradient id="timeline-fading">
                <stop offset="0.25" stop-color="white" />
                <stop offset="1" stop-color="black" />
            </linearGradient>
            <mask id="timeline-fade" maskContentUnits="objectBoundingBox">
                <rect width="1" height="1" fill="url(#timeline-fading)" />
            </mask>
        </defs>
    }
    .into_any()
}

/// Every row that is drawn.
pub(super) fn rows(timeline: Timeline) -> AnyView {
    let drawn = Memo::new(move |_| timeline.drawn());
    view! {
        <g role="list" aria-label="Items on the timeline">
            <For
                each=move || drawn.get()
                key=Clone::clone
                children=move |row| match row {
                    Row::Group(key) => group(timeline, key),
                    Row::Item(id) => item(timeline, id),
                }
            />
        </g>
    }
    .into_any()
}

/// Where a row is.
fn place(timeline: Timeline, row: Row) -> Memo<usize> {
    Memo::new(move |former: Option<&usize>| {
        let place = timeline.places.read().get(&row).copied();
        place.or(former.copied()).unwrap_or_default()
    })
}

fn moved_down(place: Memo<usize>) -> impl Fn() -> String {
    move || format!("translate(0 {})", place.get() * ROW)
}

/// The header of a group: its efforts below their quarters.
fn group(timeline: Timeline, key: String) -> AnyView {
    let place = place(timeline, Row::Group(key.clone()));
    let group = Memo::new(move |_| {
        let groups = timeline.groups.read();
        groups.iter().find(|group| group.key == key).cloned()
    });
    // Of a team, what it has in each quarter.
    let lines = Memo::new(move |_| {
        let of_teams = timeline.board.look.with(|look| look.group.as_ref().is_some_and(names_teams));
        let name = group.read().as_ref().and_then(|group| group.name.clone());
        let Some(name) = name.filter(|_| of_teams) else { return Vec::new() };
        let (key, lines) = (name_key(&name), timeline.board.team_lines().into_iter());
        lines.filter(|line| name_key(&line.team) == key).collect::<Vec<_>>()
    });
    let said = move || {
        let group = group.get()?;
        let (name, count) = (group.name.unwrap_or_default(), group.items.len());
        let mut said = format!("{name}, {}", domain::counted(count, "item", "items"));
        let lines = lines.read();
        for (quarter, tenths) in group.efforts {
            let (label, effort) = (timeline.board.year.label(quarter), rows::effort(tenths));
            let of = lines.iter().find(|line| line.quarter == quarter).map(of_days).unwrap_or_default();
            said.push_str(&format!(", {label}: {effort}{of}"));
        }
        Some(said)
    };
    let sums = move || {
        let grid = timeline.grid()?;
        Some(sums(grid, timeline.quarters.get(), &group.read().as_ref()?.efforts, &lines.read()))
    };
    view! {
        <g class="timeline__group" role="listitem" aria-label=said transform=moved_down(place)>
            <rect class="timeline__group-ground" width="100%" height=ROW.to_string() />
            <g aria-hidden="true">{sums}</g>
        </g>
    }
    .into_any()
}

fn names_teams(property: &Property) -> bool {
    matches!(property, Property::Declared(key) if &**key == "team")
}

/// What a team has, behind what is planned for it: ` of 30 d, over the line`.
fn of_days(line: &TeamLine) -> String {
    let over = if line.below.is_empty() { "" } else { ", over the line" };
    format!(" of {}{over}", rows::effort(free(line)))
}

fn free(line: &TeamLine) -> u32 {
    u32::try_from(line.free).unwrap_or(u32::MAX)
}

/// The efforts of a group below their quarters, and of a team what it has.
pub(super) fn sums(
    grid: Grid,
    quarters: Range<i32>,
    efforts: &BTreeMap<Quarter, u32>,
    lines: &[TeamLine],
) -> AnyView {
    let sum = |(_, quarter, first, last): Part| {
        let tenths = *efforts.get(&quarter).filter(|tenths| **tenths > 0)?;
        let middle = f64::midpoint(grid.x(first), grid.end(last));
        let line = lines.iter().find(|line| line.quarter == quarter);
        let class = match line {
            Some(line) if !line.below.is_empty() => "timeline__sum timeline__sum--over",
            _ => "timeline__sum",
        };
        Some(view! {
            <text class=class x=px(middle) y="23" text-anchor="middle">
                {rows::effort(tenths)}
                {line.map(|line| {
                    let mark = if line.below.is_empty() { "" } else { " ▲" };
                    format!(" / {}{mark}", rows::effort(free(line)))
                })}
            </text>
        })
    };
    grid.quarters(quarters).filter_map(sum).collect_view().into_any()
}

fn item(timeline: Timeline, id: ItemId) -> AnyView {
    let board = timeline.board;
    let Some(card) = board.room.card(id) else { return ().into_any() };
    let place = place(timeline, Row::Item(id));
    let drawn = Memo::new(move |_| {
        let drawn = Drawn::of(card.read().item());
        let moving = timeline.moving.read();
        match moving.as_ref().and_then(|moving| moving.get(&id)).copied() {
            Some(span) => Drawn { span, is_moving: true, ..drawn },
            None => drawn,
        }
    });
    let can_edit = board.room.can_edit();
    let is_reached = Memo::new(move |_| timeline.reached() == Some(id));
    let is_selected = Memo::new(move |_| board.selected.read().contains(&id));
    let is_open = Memo::new(move |_| board.open.get() == Some(id));
    let linked = Memo::new(move |_| timeline.linked.read().get(&id).cloned().unwrap_or_default());
    let label = move || {
        let drawn = drawn.read();
        let mut said = format!("{}, {}, {}", drawn.title, drawn.status.label(), words::span(drawn.span));
        if let Some(promised) = &drawn.promised {
            said.push_str(", ");
            said.push_str(promised);
        }
        if let Some(baseline) = ghosts::told(timeline, id, drawn.span) {
            said.push_str(", ");
            said.push_str(&baseline);
        }
        if is_selected.get() {
            said.push_str(", selected");
        }
        for words in linked.read().iter() {
            said.push_str(", ");
            said.push_str(words);
        }
        said
    };
    let href = board.panel_href(id);
    let tip = move || {
        let drawn = drawn.read();
        let kind = drawn.investment.map_or("", Investment::label);
        let dot = if kind.is_empty() { "" } else { " · " };
        let promised = drawn.promised.as_ref().map_or_else(String::new, |promised| format!("\n{promised}"));
        let baseline =
            ghosts::told(timeline, id, drawn.span).map_or_else(String::new, |told| format!("\n{told}"));
        let linked: String = linked.read().iter().map(|words| format!("\n{words}")).collect();
        format!(
            "{}\n{} · {}{dot}{kind}{promised}{baseline}{linked}",
            drawn.title,
            words::span(drawn.span),
            drawn.status.label()
        )
    };
    // In the macro these would be the elements of HTML that are called so.
    let bar = svg::a()
        .class("bar")
        .attr("href", href)
        .attr("aria-label", label)
        .attr("tabindex", move || if is_reached.get() { "0" } else { "-1" })
        .attr("data-bar", id.to_string())
        .child((svg::title().child(tip), move || {
            shape(timeline.grid()?, &drawn.read(), can_edit, Some(timeline.left))
        }));
    view! {
        <g
            class="timeline__row"
            class:timeline__row--selected=is_selected
            class:timeline__row--open=is_open
            id=card_id(id)
            role="listitem"
            data-row=id.to_string()
            transform=moved_down(place)
        >
            <rect class="timeline__row-ground" width="100%" height=ROW.to_string() />
            <line class="timeline__rule" x2="100%" y1=RULE y2=RULE />
            {ghosts::ghost(timeline, id)}
            {bar}
        </g>
    }
    .into_any()
}

/// `First promised Q2 2027`, where that is not what is promised now.
fn promised(item: &domain::Item) -> Option<String> {
    let first = item.firsts.iter().find(|(key, _)| &***key == PROMISED)?.1;
    let now = FIELDS.iter().find(|field| field.key == PROMISED);
    let now = now.and_then(|field| item.fields.values.get(&*field.key));
    let is_other = now != Some(&first.value);
    let Value::Text(text) = &first.value else { return None };
    is_other.then(|| format!("First promised {}", words::promised(text)))
}

/// Where a bar is, from its left to its right.
pub(super) fn extent(grid: Grid, span: Span) -> Option<(f64, f64)> {
    let (first, last) = span.shown()?;
    let (left, right) = (grid.x(first), grid.end(last));
    Some(if span.is_milestone() {
        let middle = f64::midpoint(left, right);
        (middle - 10.0, middle + 10.0)
    } else if span.end.is_none() {
        (left, left + OPEN)
    } else {
        (left, right.max(left + EDGE))
    })
}

/// A bar, with handles where its ends can be dragged, and a dot from which dependencies are drawn.
pub(super) fn shape(
    grid: Grid,
    drawn: &Drawn,
    has_handles: bool,
    in_sight_from: Option<RwSignal<f64>>,
) -> Option<AnyView> {
    let (left, right) = extent(grid, drawn.span)?;
    let width = right - left;
    let status = drawn.status.as_str();
    let investment = drawn.investment.map_or("none", Investment::as_str);
    let has_edge = drawn.investment.is_some();
    let is_milestone = drawn.span.is_milestone();
    let letters = drawn.title.chars().count();
    let fits = !is_milestone && letters as f64 * LETTER + 20.0 <= width;
    let beside: String = if letters > MOST {
        drawn.title.chars().take(MOST).chain(['…']).collect()
    } else {
        drawn.title.clone()
    };
    let middle = px(ABOVE + HIGH / 2.0);
    let body = if is_milestone {
        let (x, y) = (f64::midpoint(left, right), ABOVE + HIGH / 2.0);
        let path = format!("M{:.1} {y}l9 -9l9 9l-9 9z", x - 9.0);
        view! { <path class=format!("bar__fill bar__fill--{status} bar__point bar__point--{investment}") d=path /> }
            .into_any()
    } else {
        let mask = drawn.span.end.is_none().then_some("url(#timeline-fade)");
        let edge = format!("M{:.1} {ABOVE}a4 4 0 0 0 -4 4v{}a4 4 0 0 0 4 4z", left + EDGE, HIGH - 8.0);
        view! {
            <rect
                class=format!("bar__fill bar__fill--{status}")
                x=px(left)
                y=px(ABOVE)
                width=px(width)
                height=px(HIGH)
                rx="4"
                mask=mask
            />
            <path class=format!("bar__edge bar__edge--{investment}") d=edge />
            {has_edge.then(|| view! { <rect class="bar__seam" x=px(left + EDGE) y=px(ABOVE) width="1" height=px(HIGH) /> })}
        }
        .into_any()
    };
    let within = fits.then(|| {
        let x = in_sight(in_sight_from, left + 11.0, right - letters as f64 * LETTER - 4.0);
        view! {
            <text class=format!("bar__title bar__title--{status}") x=x y=middle.clone() dy="0.34em">
                {drawn.title.clone()}
            </text>
        }
    });
    let next = (!fits || drawn.promised.is_some()).then(|| {
        let title = (!fits).then(|| view! { <tspan>{beside}</tspan> });
        let promised = drawn.promised.clone().map(|promised| {
            view! { <tspan class="bar__promised" dx=if fits { "0" } else { "10" }>{promised}</tspan> }
        });
        let beyond = if has_handles { LINK } else { 0.0 };
        let x = px(right + beyond + if is_milestone { 4.0 } else { 8.0 });
        view! {
            <text class=format!("bar__title bar__title--beside bar__beside--{status}") x=x y=middle.clone() dy="0.34em">
                {title}
                {promised}
            </text>
        }
    });
    let handles = (has_handles && !is_milestone).then(|| {
        let within = if width >= HANDLES_WITHIN { HANDLE } else { 0.0 };
        let handle = |part: &'static str, x: f64| {
            view! {
                <rect class="bar__handle" data-part=part x=px(x) y=px(ABOVE) width=px(HANDLE) height=px(HIGH) />
            }
        };
        (handle("start", left - HANDLE + within), handle("end", right - within))
    });
    let link = (has_handles && !drawn.is_moving).then(|| {
        let x = px(right + LINK);
        view! { <circle class="bar__link" data-part="link" cx=x cy=middle.clone() r="5" /> }
    });
    let tags = drawn.is_moving.then(|| tags(left, right, drawn.span));
    Some(
        view! {
            <g>
                <rect
                    class="bar__ring"
                    x=px(left - 3.0)
                    y=px(ABOVE - 3.0)
                    width=px(width + 6.0)
                    height=px(HIGH + 6.0)
                    rx="7"
                />
                {body}
                {within}
                {next.filter(|_| !drawn.is_moving)}
                {handles}
                {link}
                {tags}
            </g>
        }
        .into_any(),
    )
}

/// The days at both ends of what is dragged.
fn tags(left: f64, right: f64, span: Span) -> AnyView {
    let tag = |words: String, at: f64, is_left: bool| {
        let width = words.chars().count() as f64 * 6.6 + 12.0;
        let x = if is_left { at - width - 4.0 } else { at + 4.0 };
        view! {
            <g class="bar__tag">
                <rect x=px(x) y="8" width=px(width) height="20" rx="4" />
                <text x=px(x + width / 2.0) y="18" dy="0.34em" text-anchor="middle">
                    {words}
                </text>
            </g>
        }
    };
    let day = |day: Option<domain::Date>, at, is_left| day.map(|day| tag(words::day(day), at, is_left));
    let start = if span.is_milestone() { None } else { span.start };
    view! {
        {day(start, left, true)}
        {day(span.end, right, false)}
    }
    .into_any()
}

/// Where something would land that had no days.
pub(super) fn landing(timeline: Timeline) -> AnyView {
    let landing = move || {
        let (y, span) = timeline.landing.get()?;
        let (left, right) = extent(timeline.grid()?, span)?;
        Some(view! {
            <g transform=format!("translate(0 {y:.0})")>
                <rect
                    class="bar__landing"
                    x=px(left)
                    y=px(ABOVE)
                    width=px(right - left)
                    height=px(HIGH)
                    rx="4"
                />
                {tags(left, right, span)}
            </g>
        })
    };
    view! { <g aria-hidden="true">{landing}</g> }.into_any()
}
