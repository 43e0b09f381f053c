//! The line below which work does not fit into the days that teams have: cards below it are marked, and the columns of quarters say so.

use std::collections::BTreeSet;

use domain::{
    ItemId, Quarter,
    capacity::{TeamLine, lines},
};
use leptos::prelude::*;

use super::{Board, ids::card_id};
use crate::{platform, ui::Icon};

/// The class of a card that does not fit.
const BELOW: &str = "card--below";

impl Board {
    /// How its work stands against the days of teams; tracked.
    pub(crate) fn team_lines(&self) -> Vec<TeamLine> {
        let (room, year) = (self.whole(), self.year);
        self.frame.with(|frame| room.track_drawn(|roadmap| lines(roadmap, year, &frame.teams)))
    }
}

/// Marks the cards that do not fit, from now on.
pub(super) fn follow(board: Board) {
    let below = Memo::new(move |_| {
        board.team_lines().into_iter().flat_map(|line| line.below).collect::<BTreeSet<ItemId>>()
    });
    Effect::new(move |former: Option<BTreeSet<ItemId>>| {
        // A card that is redrawn has no mark yet.
        board.whole().track_drawn(|_| ());
        board.rendered.track();
        board.rows.track();
        board.look.track();
        let below = below.get();
        let gone: Vec<ItemId> = former.unwrap_or_default().difference(&below).copied().collect();
        if !gone.is_empty() || !below.is_empty() {
            let marked = below.clone();
            platform::next_frame(move || {
                mark(gone.iter(), false);
                mark(marked.iter(), true);
            });
        }
        below
    });
}

fn mark<'a>(items: impl Iterator<Item = &'a ItemId>, is: bool) {
    for card in items.filter_map(|id| platform::element(&card_id(*id))) {
        let _ = card.class_list().toggle_with_force(BELOW, is);
    }
}

fn days(tenths: u64) -> String {
    if tenths.is_multiple_of(10) {
        format!("{}", tenths / 10)
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// What a line says: `Payments: 42 of 30 d, 2 items over the line`.
pub(crate) fn words(line: &TeamLine) -> String {
    let sum = format!("{}: {} of {} d", line.team, days(line.planned), days(line.free));
    match line.below.len() {
        0 if line.planned > line.free => format!("{sum}, all done"),
        0 => sum,
        1 => format!("{sum}, 1 item over the line"),
        count => format!("{sum}, {count} items over the line"),
    }
}

/// The lines of a quarter, below its header.
pub(super) fn of_column(board: Board, key: Option<&str>) -> Option<AnyView> {
    let quarter: Quarter = key?.parse().ok()?;
    let shown = Memo::new(move |_| {
        // A team that has nothing to do here is not asked.
        let is_shown = |line: &TeamLine| line.quarter == quarter && line.planned > 0;
        let lines = board.team_lines().into_iter().filter(is_shown);
        lines.map(|line| (words(&line), !line.below.is_empty())).collect::<Vec<_>>()
    });
    let row = |(words, is_over): (String, bool)| {
        view! {
            <span class="column__line" class:column__line--over=is_over>
                {is_over.then(|| view! { <Icon name="warning" /> })}
                {words}
            </span>
        }
    };
    Some(
        view! {
            <Show when=move || shown.with(|shown| !shown.is_empty())>
                <span class="column__lines">{move || shown.get().into_iter().map(row).collect_view()}</span>
            </Show>
        }
        .into_any(),
    )
}
