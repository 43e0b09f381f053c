//! What stands above the calendar, and what is said where there is nothing on it.

use domain::{Property, Zoom};
use leptos::prelude::*;

use super::{export, ghosts, sight, state::Timeline};
use crate::ui::{self, Icon, click, flag, text};

/// By what it is grouped, how much of it is in sight, and the way to today.
pub(super) fn tools(timeline: Timeline) -> AnyView {
    let board = timeline.board;
    let properties = Memo::new(move |_| {
        board.room.track_drawn(|roadmap| {
            let all = Property::all(roadmap).into_iter().filter(|property| property.groups(roadmap));
            let named = all.filter_map(|property| {
                Some((property.as_str().to_owned(), property.def(roadmap)?.label.to_string()))
            });
            named.collect::<Vec<_>>()
        })
    });
    let grouped = Signal::derive(move || {
        board.look.read().group.as_ref().map_or_else(String::new, |group| group.as_str().to_owned())
    });
    let zoom = |zoom: Zoom| {
        view! {
            <button
                type="button"
                class="switcher__one"
                aria-pressed=text(move || (timeline.zoom.get() == zoom).to_string())
                on:click=click(move |_| board.look.update(|look| look.zoom = Some(zoom)))
            >
                {zoom.label()}
            </button>
        }
    };
    view! {
        <div class="timeline__tools">
            <div class="switcher" role="group" aria-label="Zoom">
                {Zoom::ALL.iter().copied().map(zoom).collect_view()}
            </div>
            <button type="button" class="button button--quiet" on:click=click(move |_| sight::show_today(timeline))>
                "Today"
            </button>
            {export::button(timeline)}
            <span class="timeline__gap"></span>
            {super::links::count(timeline)}
            {timeline.board.portfolio.is_none().then(|| ghosts::choice(timeline))}
            <label class="timeline__by">
                <span class="timeline__by-label">"Group by"</span>
                <select
                    class="filter__choice"
                    class:filter__choice--on=flag(move || !grouped.read().is_empty())
                    name="group"
                    aria-label="Group by"
                    on:change:target=move |event| {
                        let property = Property::named(&event.target().value());
                        board.look.update(|look| look.group = property);
                    }
                >
                    <option value="" prop:selected=flag(move || grouped.read().is_empty())>
                        "None"
                    </option>
                    {ui::options(properties.into(), grouped)}
                </select>
            </label>
        </div>
    }
    .into_any()
}

/// Instead of bars, where there are none.
pub(super) fn nothing(timeline: Timeline) -> AnyView {
    let board = timeline.board;
    let can_edit = board.room.can_edit();
    let can_add = can_edit && board.portfolio.is_none();
    // Of the roadmap nothing, nothing that the filter shows, or nothing that has days.
    let why = Memo::new(move |_| {
        if !timeline.rows.read().is_empty() {
            return None;
        }
        let has_items = board.room.track(|roadmap| roadmap.items().any(|item| item.deleted.is_none()));
        Some(match (has_items, timeline.unscheduled.read().is_empty()) {
            (false, _) => Nothing::Items,
            (true, true) => Nothing::Matches,
            (true, false) => Nothing::Days,
        })
    });
    let text = move |why| match (why, can_edit) {
        (Nothing::Items, _) if can_add => "Add the first item on the board, or bring a list that you have.",
        (Nothing::Items, _) => "Items appear here as soon as they have dates.",
        (Nothing::Matches, _) => "No item matches the filter.",
        (Nothing::Days, true) => "Drag an item here from “Not scheduled”, or press S on it.",
        (Nothing::Days, false) => "No item has dates yet.",
    };
    let actions = move |why| {
        let path = board.board_path();
        (why == Nothing::Items && can_add).then(|| {
            view! {
                <div class="empty__actions">
                    <a class="button button--primary" href=path.clone()>
                        <Icon name="plus" />
                        "Add item"
                    </a>
                    <a class="button" href=format!("{path}/import")>
                        <Icon name="import" />
                        "Import a spreadsheet"
                    </a>
                </div>
            }
        })
    };
    let view = move || {
        let why = why.get()?;
        let title =
            if why == Nothing::Items { "Nothing on this roadmap yet" } else { "Nothing on the timeline" };
        Some(view! {
            <div class="empty timeline__nothing">
                <h2>{title}</h2>
                <p>{text(why)}</p>
                {actions(why)}
            </div>
        })
    };
    view! { {view} }.into_any()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Nothing {
    Items,
    Matches,
    Days,
}
