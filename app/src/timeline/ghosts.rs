//! The days that items had at a baseline: a thin bar below the present one.

use std::{collections::BTreeMap, sync::Arc};

use domain::{BaselineId, ItemId, Span};
use leptos::{prelude::*, task::spawn_local};

use super::{
    api,
    bar::extent,
    state::{Timeline, px},
    words,
};
use crate::ui::{self, flag};

/// Where a thin bar is in its row, and how high.
const TOP: f64 = 31.0;
const HIGH: f64 = 4.0;
/// How wide it is where something was planned for one day.
const POINT: f64 = 8.0;

/// What is shown of a baseline.
#[derive(Clone, Copy)]
pub(super) struct Ghosts {
    /// Every baseline, the latest first.
    pub(super) all: RwSignal<Vec<(BaselineId, String)>>,
    /// The days at the one that is chosen.
    pub(super) spans: RwSignal<Arc<BTreeMap<ItemId, Span>>>,
}

impl Ghosts {
    pub(super) fn new() -> Self {
        Self { all: RwSignal::default(), spans: RwSignal::default() }
    }

    /// What the baseline of an id is called.
    pub(super) fn name(&self, id: &str) -> Option<String> {
        self.all.with(|all| all.iter().find(|(one, _)| one.to_string() == id).map(|(_, name)| name.clone()))
    }

    pub(super) fn of(&self, id: ItemId) -> Option<Span> {
        self.spans.with(|spans| spans.get(&id).copied())
    }
}

/// Asks for the baselines, and for the days at the one that is chosen, now and whenever another is.
pub(super) fn follow(timeline: Timeline) {
    let board = timeline.board;
    let chosen = Memo::new(move |_| board.look.read().baseline.parse::<BaselineId>().ok());
    Effect::new(move |_| {
        let wanted = chosen.get();
        if wanted.is_none() {
            timeline.ghosts.spans.set(Arc::default());
        }
        let key = board.room.product.read_untracked().key.to_string();
        spawn_local(async move {
            let answer = api::baseline_dates(key, wanted).await;
            // Another may have been chosen meanwhile, or the page left.
            if chosen.try_get_untracked() != Some(wanted) {
                return;
            }
            match answer {
                Ok(answer) => {
                    let spans = answer.dates.into_iter().map(|(id, start, end)| (id, Span { start, end }));
                    timeline.ghosts.spans.set(Arc::new(spans.collect()));
                    timeline.ghosts.all.set(answer.baselines);
                }
                // Without a network the timeline works, and the dot says so.
                Err(error) if wanted.is_some() => board.room.toasts.error(error.sentence),
                Err(_) => {}
            }
        });
    });
}

/// The choice of a baseline, where there is one.
pub(super) fn choice(timeline: Timeline) -> AnyView {
    let board = timeline.board;
    let all = Signal::derive(move || {
        let all = timeline.ghosts.all.read();
        all.iter().map(|(id, name)| (id.to_string(), name.clone())).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || {
        let chosen = board.look.read().baseline.clone();
        if all.read().iter().any(|(id, _)| *id == chosen) { chosen } else { String::new() }
    });
    view! {
        <label class="timeline__by" hidden=flag(move || all.read().is_empty())>
            <span class="timeline__by-label">"Baseline"</span>
            <select
                class="filter__choice"
                class:filter__choice--on=flag(move || !chosen.read().is_empty())
                name="baseline"
                aria-label="Baseline"
                on:change:target=move |event| {
                    let baseline = event.target().value();
                    board.look.update(|look| look.baseline = baseline);
                }
            >
                <option value="" prop:selected=flag(move || chosen.read().is_empty())>
                    "None"
                </option>
                {ui::options(all, chosen)}
            </select>
        </label>
    }
    .into_any()
}

/// The thin bar of an item.
pub(super) fn ghost(timeline: Timeline, id: ItemId) -> AnyView {
    let ghost = move || {
        let then = timeline.ghosts.of(id)?;
        let (mut left, mut right) = extent(timeline.grid()?, then)?;
        if then.is_milestone() {
            let middle = f64::midpoint(left, right);
            (left, right) = (middle - POINT / 2.0, middle + POINT / 2.0);
        }
        Some(view! {
            <rect
                class="bar__ghost"
                x=px(left)
                y=px(TOP)
                width=px(right - left)
                height=px(HIGH)
                rx="2"
            />
        })
    };
    view! { <g aria-hidden="true">{ghost}</g> }.into_any()
}

/// `Baseline: 1 Apr – 30 Jun 2027, now 12 days later`, where a baseline is chosen that has the item.
pub(super) fn told(timeline: Timeline, id: ItemId, now: Span) -> Option<String> {
    let then = timeline.ghosts.of(id)?;
    let mut told = format!("Baseline: {}", words::span(then));
    if let Some((then, now)) = then.shown().zip(now.shown()) {
        let days = now.1.days_since(then.1);
        if days != 0 {
            let count = domain::counted(days.unsigned_abs() as usize, "day", "days");
            told.push_str(&format!(", now {count} {}", if days > 0 { "later" } else { "earlier" }));
        }
    }
    Some(told)
}
