//! Dependencies between bars: curves from a blocker's end to the start of what waits for it, and chips for blockers of other
//! products.

use std::collections::BTreeMap;

use domain::{ItemId, RecordId, Span, counted, dependency::Early};
use leptos::{prelude::*, svg};

use super::{
    bar::{ABOVE, HIGH, extent},
    rows::Row,
    state::{Grid, ROW, Timeline, px},
};
use crate::ui::{click, flag, text};

/// How far a curve leaves a bar before it turns.
const BEND: f64 = 24.0;
/// How wide a letter of a chip is, and the chip around them.
const LETTER: f64 = 6.6;
const AROUND: f64 = 12.0;
/// Between a bar and its chip.
const GAP: f64 = 6.0;
/// The most curves that are drawn at once.
const MOST: usize = 1_000;

/// A dependency between two bars.
#[derive(Clone, PartialEq)]
pub(super) struct Link {
    pub(super) blocker: ItemId,
    pub(super) dependant: ItemId,
    pub(super) is_early: bool,
    /// The days between them, and its note.
    said: String,
}

/// Blockers of a bar in other products.
#[derive(Clone, PartialEq)]
struct Chip {
    item: ItemId,
    key: String,
    /// What it is, for those who point at it.
    tip: String,
    path: String,
    more: usize,
    is_early: bool,
}

impl Timeline {
    /// What starts too early here or elsewhere, as it would be if what is dragged were let go now.
    pub(super) fn find_conflicts(&self) -> Vec<Early> {
        let moving = self.moving.read();
        self.board.conflicts(moving.as_deref().unwrap_or(&BTreeMap::new()))
    }

    /// Those of this roadmap among them, each with the key of what it waits for.
    pub(super) fn find_early(&self) -> Vec<(ItemId, String)> {
        let board = self.board;
        let conflicts = self.conflicts.read();
        let own = conflicts.iter().filter(|early| board.is_shown(early.dependant));
        own.map(|early| (early.dependant.item, board.key_of(early.blocker))).collect()
    }

    /// What each bar waits for and what waits for it, in words.
    pub(super) fn find_linked(&self) -> BTreeMap<ItemId, Vec<String>> {
        let board = self.board;
        let mut keys: BTreeMap<ItemId, [Vec<String>; 2]> = BTreeMap::new();
        for (blocker, dependant) in board.links.read().links.iter().filter_map(|link| link.order()) {
            if board.is_shown(dependant) {
                keys.entry(dependant.item).or_default()[0].push(board.key_of(blocker));
            }
            if board.is_shown(blocker) {
                keys.entry(blocker.item).or_default()[1].push(board.key_of(dependant));
            }
        }
        let said = |[blockers, dependants]: [Vec<String>; 2]| {
            let blocked = (!blockers.is_empty()).then(|| format!("blocked by {}", blockers.join(", ")));
            let blocks = (!dependants.is_empty()).then(|| format!("blocks {}", dependants.join(", ")));
            blocked.into_iter().chain(blocks).collect::<Vec<_>>()
        };
        let mut words: BTreeMap<_, _> = keys.into_iter().map(|(id, keys)| (id, said(keys))).collect();
        for (id, blocker) in self.early.read().iter() {
            words.entry(*id).or_default().push(format!("starts before {blocker} ends"));
        }
        words
    }
}

/// Every curve and chip near what is in sight.
pub(super) fn links(timeline: Timeline) -> AnyView {
    let board = timeline.board;
    let links = Memo::new(move |_| {
        let early: Vec<RecordId> = timeline.conflicts.read().iter().map(|early| early.dependency).collect();
        let all = board.links.read();
        let (mut inner, mut chips): (Vec<Link>, Vec<Chip>) = Default::default();
        for link in &all.links {
            let Some((blocker, dependant)) = link.order() else { continue };
            let is_early = early.contains(&link.id);
            if !board.is_shown(dependant) {
                continue;
            }
            if board.is_shown(blocker) {
                let said: Vec<String> = link
                    .between()
                    .into_iter()
                    .chain(Some(link.note.clone()))
                    .filter(|it| !it.is_empty())
                    .collect();
                let said = if said.is_empty() {
                    String::new()
                } else {
                    format!("{} – {}\n{}", board.key_of(blocker), board.key_of(dependant), said.join("\n"))
                };
                inner.push(Link { blocker: blocker.item, dependant: dependant.item, is_early, said });
                continue;
            }
            let Some(named) = board.named(blocker).filter(|named| !named.in_bin) else { continue };
            match chips.iter_mut().find(|chip| chip.item == dependant.item) {
                Some(chip) => {
                    // What is early is named first.
                    if is_early && !chip.is_early {
                        (chip.key, chip.path) = (named.key.clone(), named.path);
                    }
                    chip.more += 1;
                    chip.is_early |= is_early;
                    chip.tip = format!("{}\n{} {}", chip.tip, named.key, named.title);
                }
                None => {
                    let tip = format!("Blocked by\n{} {}", named.key, named.title);
                    let (key, path, item) = (named.key, named.path, dependant.item);
                    chips.push(Chip { item, key, tip, path, more: 0, is_early });
                }
            }
        }
        (inner, chips)
    });
    let curves = move |is_drawn: &dyn Fn(&Link) -> bool, is_strong: bool| {
        let grid = timeline.grid()?;
        let near = timeline.near.get();
        let places = timeline.places.read();
        let at = |id: ItemId| places.get(&Row::Item(id)).copied();
        let is_near = |link: &&Link| {
            let (from, to) = (at(link.blocker), at(link.dependant));
            from.zip(to).is_some_and(|(from, to)| from.min(to) < near.end && from.max(to) >= near.start)
        };
        let links = links.read();
        let near = links.0.iter().filter(|link| is_drawn(link)).filter(is_near).take(MOST);
        let curves = near.filter_map(|link| {
            let (from, to) =
                (timeline.place_of(grid, link.blocker)?, timeline.place_of(grid, link.dependant)?);
            // A chip before the bar says it, too, and would cover the mark.
            let has_chip = links.1.iter().any(|chip| chip.item == link.dependant);
            let state = State { is_early: link.is_early, is_strong, has_mark: link.is_early && !has_chip };
            Some(curve((at(link.blocker)?, from), (at(link.dependant)?, to), state, &link.said))
        });
        Some(curves.collect_view())
    };
    let all = move || curves(&|_| true, false);
    // Over the others, so that these stay as they are while the pointer passes.
    let strong = move || {
        let id = timeline.looked_at()?;
        curves(&|link| link.blocker == id || link.dependant == id, true)
    };
    let chips = move || {
        let grid = timeline.grid()?;
        let near = timeline.near.get();
        let places = timeline.places.read();
        let links = links.read();
        let chips = links.1.iter().filter_map(|chip| {
            let row = places.get(&Row::Item(chip.item)).copied().filter(|row| near.contains(row))?;
            Some(view_chip(chip, timeline.place_of(grid, chip.item)?.0, row))
        });
        Some(chips.collect_view())
    };
    view! {
        <g aria-hidden="true">
            <g class="timeline__links">{all}</g>
            {strong}
        </g>
        <g aria-hidden="true">{chips}</g>
    }
    .into_any()
}

impl Timeline {
    /// The bar that is pointed at, or has the focus.
    pub(super) fn looked_at(&self) -> Option<ItemId> {
        self.pointed.get().or_else(|| self.focused.get())
    }

    /// From where to where a bar goes, as it is dragged.
    pub(super) fn place_of(&self, grid: Grid, id: ItemId) -> Option<(f64, f64)> {
        let moving = self.moving.read();
        let moved: Option<Span> = moving.as_ref().and_then(|moving| moving.get(&id)).copied();
        let span = moved.unwrap_or_else(|| {
            self.board.room.revision.track();
            self.span(id)
        });
        extent(grid, span)
    }
}

fn middle(row: usize) -> f64 {
    (row * ROW) as f64 + ABOVE + HIGH / 2.0
}

/// The way from the end of a bar to the start of another, as SVG has it.
pub(super) fn way((x, y): (f64, f64), (to_x, to_y): (f64, f64)) -> String {
    let bend = BEND.max((to_x - x).abs() / 2.5).min(120.0);
    format!("M{x:.1} {y:.1}C{:.1} {y:.1} {:.1} {to_y:.1} {to_x:.1} {to_y:.1}", x + bend, to_x - bend)
}

/// How a curve looks.
struct State {
    is_early: bool,
    is_strong: bool,
    has_mark: bool,
}

fn curve(
    (row, (_, end)): (usize, (f64, f64)),
    (to_row, (start, _)): (usize, (f64, f64)),
    State { is_early, is_strong, has_mark }: State,
    said: &str,
) -> AnyView {
    let (to_x, to_y) = (start - 1.0, middle(to_row));
    let path = way((end, middle(row)), (to_x, to_y));
    let mut class = "link".to_owned();
    if is_early {
        class.push_str(" link--early");
    }
    if is_strong {
        class.push_str(" link--strong");
    }
    if !said.is_empty() {
        class.push_str(" link--said");
    }
    let title = (!said.is_empty()).then(|| svg::title().child(said.to_owned()));
    let arrow = format!("M{:.1} {:.1}l5 3.5l-5 3.5z", to_x - 5.0, to_y - 3.5);
    // A triangle with a stroke for an exclamation mark.
    let mark = has_mark.then(|| {
        let (x, y) = (to_x - 14.0, to_y - 16.0);
        view! {
            <path class="link__mark" d=format!("M{x:.1} {y:.1}l6.5 11h-13z") />
            <path class="link__sign" d=format!("M{x:.1} {:.1}v3.2m0 1.8v.9", y + 4.0) />
        }
    });
    view! {
        <g class=class>
            {title}
            <path class="link__way" d=path />
            <path class="link__arrow" d=arrow />
            {mark}
        </g>
    }
    .into_any()
}

/// The chip of a blocker in another product, before the bar that waits for it. Who listens has it in the name of the bar.
fn view_chip(chip: &Chip, left: f64, row: usize) -> AnyView {
    let words = if chip.more == 0 { chip.key.clone() } else { format!("{} +{}", chip.key, chip.more) };
    let width = words.chars().count() as f64 * LETTER + AROUND + if chip.is_early { 14.0 } else { 0.0 };
    let (x, y) = (left - GAP - width, (row * ROW) as f64 + ABOVE + 3.0);
    let class = if chip.is_early { "link-chip link-chip--early" } else { "link-chip" };
    let sign = chip.is_early.then(|| {
        let (x, y) = (x + 11.0, y + 4.0);
        view! {
            <path class="link__mark" d=format!("M{x:.1} {y:.1}l5.5 9.5h-11z") />
            <path class="link__sign" d=format!("M{x:.1} {:.1}v2.8m0 1.6v.8", y + 3.4) />
        }
    });
    let text = x + width - AROUND / 2.0;
    view! {
        <g class=class data-chip=chip.path.clone()>
            {svg::title().child(chip.tip.clone())}
            <rect x=px(x) y=px(y) width=px(width) height="18" rx="9" />
            {sign}
            <text x=px(text) y=px(y + 9.0) dy="0.34em" text-anchor="end">
                {words}
            </text>
        </g>
    }
    .into_any()
}

/// How many start too early, above the calendar: pressed, the next of them is shown.
pub(super) fn count(timeline: Timeline) -> AnyView {
    let next = move |_| {
        let items = timeline.items();
        let early = timeline.early.read_untracked();
        let from =
            timeline.current.get_untracked().and_then(|id| items.iter().position(|other| *other == id));
        let (before, after) = items.split_at(from.map_or(0, |from| from + 1));
        if let Some(next) = after.iter().chain(before).find(|id| early.iter().any(|(early, _)| early == *id))
        {
            super::sight::focus(timeline, *next);
        }
    };
    let count = text(move || counted(timeline.early.read().len(), "conflict", "conflicts"));
    view! {
        <button
            type="button"
            class="button button--quiet timeline__conflicts"
            hidden=flag(move || timeline.early.read().is_empty())
            title="Items that start before what they wait for ends. Show the next one."
            on:click=click(next)
        >
            <crate::ui::Icon name="warning" />
            {count}
        </button>
    }
    .into_any()
}
