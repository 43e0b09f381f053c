//! The titles at the left, which stay in sight.

use domain::ItemId;
use leptos::prelude::*;

use super::{
    rows::Row,
    state::{ROW, Timeline},
};
use crate::{board::badges, ui::text};

/// Above the titles: how many items there are.
pub(super) fn corner(timeline: Timeline) -> AnyView {
    let count = Memo::new(move |_| timeline.rows.read().iter().filter(|row| row.item().is_some()).count());
    view! { <div class="timeline__corner">{text(move || domain::counted(count.get(), "item", "items"))}</div> }
        .into_any()
}

/// A title for each row near what is in sight. Those who listen have them with the bars.
pub(super) fn titles(timeline: Timeline) -> AnyView {
    let near = Memo::new(move |_| {
        let (rows, near) = (timeline.rows.read(), timeline.near.get());
        rows[near.start.min(rows.len())..near.end.min(rows.len())].to_vec()
    });
    let above = move || (timeline.near.read().start.min(timeline.rows.read().len()) * ROW).to_string();
    let below = move || {
        let rows = timeline.rows.read().len();
        (rows.saturating_sub(timeline.near.read().end) * ROW).to_string()
    };
    view! {
        <div class="timeline__titles" aria-hidden="true">
            <svg class="timeline__space" width="1" height=above></svg>
            <For
                each=move || near.get()
                key=Clone::clone
                children=move |row| match row {
                    Row::Group(key) => group(timeline, key),
                    Row::Item(id) => title(timeline, id),
                }
            />
            <svg class="timeline__space" width="1" height=below></svg>
        </div>
    }
    .into_any()
}

fn group(timeline: Timeline, key: String) -> AnyView {
    let group = Memo::new(move |_| {
        let groups = timeline.groups.read();
        groups.iter().find(|group| group.key == key).map(|group| (group.name.clone(), group.items.len()))
    });
    let name = move || group.get().and_then(|(name, _)| name);
    let count = move || group.get().map(|(_, count)| count);
    view! {
        <div class="timeline__title timeline__title--group">
            <span class="timeline__name" dir="auto">
                {name}
            </span>
            <span class="timeline__count">{count}</span>
        </div>
    }
    .into_any()
}

fn title(timeline: Timeline, id: ItemId) -> AnyView {
    let board = timeline.board;
    let Some(card) = board.room.card(id) else { return ().into_any() };
    let href = board.panel_href(id);
    let marks = {
        let card = card.clone();
        move || {
            let card = card.read();
            (badges::status(card.fields()), badges::investment(card.fields()))
        }
    };
    let name = Memo::new(move |_| card.read().fields().title.to_string());
    view! {
        <a class="timeline__title" href=href tabindex="-1" data-title=id.to_string()>
            <span class="timeline__name" dir="auto" title=name>
                {name}
            </span>
            <span class="timeline__marks">{marks}</span>
        </a>
    }
    .into_any()
}
