//! What has no days: a list beside the calendar, from which items are put onto it.

use domain::ItemId;
use leptos::prelude::*;

use super::{changes::Tell, drag, keys, state::Timeline};
use crate::{
    board::badges,
    ui::{Icon, click, each, flag},
};

/// The most that the list shows.
const MOST: usize = 200;

pub(super) fn aside(timeline: Timeline) -> AnyView {
    let is_empty = Memo::new(move |_| timeline.unscheduled.read().is_empty());
    let count = move || timeline.unscheduled.read().len();
    let class = move || match timeline.unfolded.get() {
        // The style decides by the width of the window.
        None => "unscheduled",
        Some(true) => "unscheduled unscheduled--open",
        Some(false) => "unscheduled unscheduled--folded",
    };
    let fold = move |event: web_sys::MouseEvent| {
        use wasm_bindgen::JsCast as _;
        let aside = event.current_target().and_then(|button| button.dyn_into::<web_sys::Element>().ok());
        let list = aside.and_then(|button| button.closest(".unscheduled").ok().flatten());
        let list = list.and_then(|aside| aside.query_selector(".unscheduled__list").ok().flatten());
        let is_open = list.is_some_and(|list| list.client_height() > 0);
        timeline.unfolded.set(Some(!is_open));
    };
    let shown = move || timeline.unscheduled.read().iter().take(MOST).map(|id| id.0).collect();
    let more = move || count().checked_sub(MOST).filter(|more| *more > 0);
    view! {
        <aside class=class hidden=flag(move || is_empty.get()) aria-labelledby="unscheduled">
            <header class="unscheduled__header">
                <h2 class="unscheduled__name" id="unscheduled">
                    "Not scheduled"
                </h2>
                <span class="unscheduled__count">{count}</span>
                <button
                    type="button"
                    class="icon-button unscheduled__fold"
                    aria-label="Show or hide what is not scheduled"
                    title="Show or hide"
                    on:click=click(fold)
                >
                    <Icon name="next" />
                </button>
            </header>
            <ul
                class="unscheduled__list"
                aria-labelledby="unscheduled"
                on:pointerdown=move |event| drag::pressed_listed(timeline, &event)
                on:dragstart=|event: web_sys::DragEvent| event.prevent_default()
                on:keydown=move |event| keys::pressed_listed(timeline, &event)
                on:focusin=move |event| keys::focused_listed(timeline, &event)
            >
                {each(shown, move |id| line(timeline, ItemId(id)))}
            </ul>
            {move || {
                more().map(|more| view! {
                    <p class="unscheduled__more">{format!("And {more} more. The filter finds them.")}</p>
                })
            }}
        </aside>
    }
    .into_any()
}

fn line(timeline: Timeline, id: ItemId) -> AnyView {
    let board = timeline.board;
    let Some(card) = board.room.card(id) else { return ().into_any() };
    let href = board.panel_href(id);
    let marks = {
        let card = card.clone();
        move || {
            let card = card.read();
            (badges::investment(card.fields()), badges::effort(card.fields()))
        }
    };
    let status = {
        let card = card.clone();
        move || badges::status(card.read().fields())
    };
    let title = move || card.read().fields().title.to_string();
    let is_reached = Memo::new(move |_| {
        let list = timeline.unscheduled.read();
        let listed = timeline.listed.get().filter(|listed| list.contains(listed));
        listed.or_else(|| list.first().copied()) == Some(id)
    });
    let schedule = board.room.can_edit().then(|| {
        view! {
            <button
                type="button"
                class="icon-button unscheduled__put"
                aria-label="Schedule for this quarter"
                title="Schedule for this quarter (S)"
                tabindex="-1"
                on:click=click(move |_| keys::schedule(timeline, id, Tell::Toast))
            >
                <Icon name="calendar" />
            </button>
        }
    });
    view! {
        <li
            class="unscheduled__item"
            class:unscheduled__item--selected=move || board.selected.read().contains(&id)
            data-listed=id.to_string()
        >
            {status}
            <a
                class="unscheduled__link"
                href=href
                dir="auto"
                tabindex=move || if is_reached.get() { "0" } else { "-1" }
            >
                {title}
            </a>
            <span class="unscheduled__marks">{marks}</span>
            {schedule}
        </li>
    }
    .into_any()
}
