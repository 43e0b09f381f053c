//! The fields of an item that are chosen or short.

use std::{borrow::Cow, str::FromStr};

use domain::{
    Date, Investment, ItemChange, ItemFields, ItemId, ItemKind, LaneId, PersonDays, Place, Status, Tag,
    UserId,
};
use leptos::prelude::*;

use super::{
    Board, change,
    text::{LineField, fixed, mark},
    values::Values,
};
use crate::{
    board::{lanes, moves::Tell},
    platform,
    ui::{self, Avatar, Icon},
};

#[component]
pub(super) fn Fields(id: ItemId, editable: Signal<bool>) -> impl IntoView {
    let board = expect_context::<Board>();
    let field = move |read: fn(&ItemFields) -> String| {
        let read = move || {
            board.room.track(|roadmap| roadmap.item(id).map_or_else(String::new, |item| read(&item.fields)))
        };
        Signal::from(Memo::new(move |_| read()))
    };
    let set = move |to: ItemChange, label: &'static str| {
        if let Err(reason) = change(board, id, to, label) {
            board.room.toasts.error(reason);
        }
    };
    let lane = Memo::new(move |_| {
        board.room.track(|roadmap| roadmap.item(id).map_or_else(String::new, |item| item.lane.to_string()))
    });
    let lanes = Memo::new(move |_| {
        board.room.track(|roadmap| {
            let lanes = lanes(roadmap).map(|(lane, name)| (lane.to_string(), name));
            let mut lanes: Vec<_> = lanes.collect();
            // A lane that was deleted goes on naming where an item in the bin was.
            let gone = roadmap.item(id).map(|item| item.lane);
            let gone = gone.filter(|gone| !roadmap.lane_order().contains(gone));
            if let Some(lane) = gone.and_then(|gone| roadmap.lane(gone)) {
                lanes.push((lane.id.to_string(), format!("{} (deleted)", lane.name)));
            }
            lanes
        })
    });
    let move_to = move |value: String| {
        if let Ok(lane) = value.parse::<LaneId>() {
            board.move_items(vec![id], lane, Place::Last, Tell::Toast);
        }
    };
    let owner = field(|fields| fields.owner.map_or_else(String::new, |owner| owner.to_string()));
    let owners = people(board, owner);
    let investments = Signal::stored({
        let mut all = choices(Investment::ALL, |kind| (kind.as_str(), kind.label()));
        all.insert(0, (String::new(), "None".to_owned()));
        all
    });
    let date = move |text: &str| -> Result<Option<Date>, String> {
        let text = text.trim();
        let wrong = |_| format!("“{text}” is not a date. Write it like 2026-11-21.");
        if text.is_empty() { Ok(None) } else { Date::from_str(text).map(Some).map_err(wrong) }
    };
    let schedule = move |start: Option<Option<Date>>, end: Option<Option<Date>>| {
        let now =
            board.room.with(|roadmap| roadmap.item(id).map(|item| (item.fields.start, item.fields.end)));
        let (was_start, was_end) = now.unwrap_or_default();
        let to = ItemChange::Schedule { start: start.unwrap_or(was_start), end: end.unwrap_or(was_end) };
        change(board, id, to, "Changed the dates.")
    };
    let effort = move |text: String| {
        let effort = if text.trim().is_empty() { None } else { Some(PersonDays::from_str(&text)?) };
        change(board, id, ItemChange::Effort(effort), "Changed the effort.")
    };
    view! {
        <div class="item-panel__fields">
            <Choice label="Lane" face=lane_face value=lane.into() options=lanes.into() editable set=move_to />
            <Choice
                label="Status"
                face=status_face
                value=field(|fields| fields.status.as_str().to_owned())
                options=Signal::stored(choices(Status::ALL, |status| (status.as_str(), status.label())))
                editable
                set=move |value: String| {
                    if let Ok(status) = value.parse() {
                        set(ItemChange::Status(status), "Changed the status.");
                    }
                }
            />
            <Choice
                label="Type"
                face=kind_face
                value=field(|fields| fields.kind.as_str().to_owned())
                options=Signal::stored(choices(ItemKind::ALL, |kind| (kind.as_str(), kind.label())))
                editable
                set=move |value: String| {
                    if let Ok(kind) = value.parse() {
                        set(ItemChange::Kind(kind), "Changed the type.");
                    }
                }
            />
            <Choice
                label="Investment"
                face=investment_face
                value=field(|fields| fields.investment.map_or("", Investment::as_str).to_owned())
                options=investments
                editable
                set=move |value: String| set(ItemChange::Investment(value.parse().ok()), "Changed the investment.")
            />
            <Choice
                label="Owner"
                face=owner_face
                value=owner
                options=owners
                editable
                set=move |value: String| {
                    set(ItemChange::Owner(value.parse::<UserId>().ok()), "Changed the owner.");
                }
            />
            <LineField
                label="Effort"
                icon="effort"
                unit=("days", "Person-days")
                placeholder="None"
                value=field(|fields| fields.effort.map_or_else(String::new, |effort| effort.to_string()))
                editable
                commit=effort
            />
            <LineField
                label="Start"
                icon="calendar"
                kind="date"
                value=field(|fields| fields.start.map_or_else(String::new, |date| date.to_string()))
                editable
                commit=move |text: String| schedule(Some(date(&text)?), None)
            />
            <LineField
                label="End"
                icon="calendar"
                kind="date"
                value=field(|fields| fields.end.map_or_else(String::new, |date| date.to_string()))
                editable
                commit=move |text: String| schedule(None, Some(date(&text)?))
            />
            <Tags id editable />
            <Values id editable />
        </div>
    }
}

/// The members to choose from, and the chosen one even if they have left.
pub(super) fn people(board: Board, chosen: Signal<String>) -> Signal<Vec<(String, String)>> {
    Signal::derive(move || {
        let people = board.room.active_people().into_iter().map(|(user, name)| (user.to_string(), name));
        let mut people: Vec<_> =
            std::iter::once((String::new(), "Nobody".to_owned())).chain(people).collect();
        let chosen: String = chosen.get();
        if let (false, Ok(left)) = (people.iter().any(|(key, _)| *key == chosen), chosen.parse::<UserId>()) {
            people.push((chosen, format!("{} (left)", board.room.person(left))));
        }
        people
    })
}

fn choices<T: Copy>(all: &[T], names: fn(T) -> (&'static str, &'static str)) -> Vec<(String, String)> {
    all.iter().map(|choice| names(*choice)).map(|(key, label)| (key.to_owned(), label.to_owned())).collect()
}

/// How a value looks before it is read: as on the card, where it is there.
type Face = fn(Board, String) -> AnyView;

/// Nothing, where a value looks like its words.
pub(super) fn no_face(_: Board, _: String) -> AnyView {
    ().into_any()
}

fn lane_face(_: Board, _: String) -> AnyView {
    view! { <Icon name="board" /> }.into_any()
}

fn status_face(_: Board, status: String) -> AnyView {
    view! { <span class=format!("status status--{status}")></span> }.into_any()
}

fn kind_face(_: Board, _: String) -> AnyView {
    view! { <Icon name="kind" /> }.into_any()
}

fn investment_face(_: Board, investment: String) -> AnyView {
    let icon = |kind: Investment| {
        view! {
            <span class=format!("badge--{}", kind.as_str())>
                <Icon name=kind.as_str() />
            </span>
        }
    };
    investment.parse().ok().map(icon).into_any()
}

pub(super) fn owner_face(board: Board, owner: String) -> AnyView {
    match owner.parse() {
        Ok(user) => {
            view! { <Avatar name=board.room.person(user) colour=board.room.colour(user) /> }.into_any()
        }
        Err(_) => view! { <Icon name="people" /> }.into_any(),
    }
}

#[component]
pub(super) fn Choice(
    #[prop(into)] label: Cow<'static, str>,
    face: Face,
    value: Signal<String>,
    options: Signal<Vec<(String, String)>>,
    editable: Signal<bool>,
    #[prop(into)] set: Callback<String>,
) -> impl IntoView {
    let label = StoredValue::new(label);
    let chosen = move || {
        let options = options.read();
        options
            .iter()
            .find(|(key, _)| *key == *value.read())
            .map_or_else(String::new, |(_, name)| name.clone())
    };
    let board = expect_context::<Board>();
    let mark = move || mark((move || face(board, value.get())).into_any());
    let select = move || {
        view! {
            <label class="field field--inline">
                <span class="field__label">{label.get_value()}</span>
                {mark()}
                <select
                    autocomplete="off"
                    on:change:target=move |event| {
                        let select = event.target();
                        set.run(select.value());
                        // What was refused is not shown as if it had been taken.
                        if let Some(kept) = value.try_get_untracked() {
                            select.set_value(&kept);
                        }
                    }
                >
                    {ui::options(options, value)}
                </select>
            </label>
        }
    };
    move || if editable.get() { select().into_any() } else { fixed(label.get_value(), Some(mark()), chosen) }
}

#[component]
fn Tags(id: ItemId, editable: Signal<bool>) -> impl IntoView {
    let board = expect_context::<Board>();
    let tags = move || {
        board.room.track(|roadmap| {
            let item = roadmap.item(id);
            item.map(|item| item.fields.tags.iter().cloned().collect::<Vec<_>>()).unwrap_or_default()
        })
    };
    let add = move |text: String| {
        for tag in text.split([',', ';']).filter(|tag| !tag.trim().is_empty()) {
            let tag = platform::parse_tag(tag).map_err(|reason| reason.to_string())?;
            change(board, id, ItemChange::AddTag(tag), "Added a tag.")?;
        }
        Ok(())
    };
    let remove = move |tag: Tag| {
        if let Err(reason) = change(board, id, ItemChange::RemoveTag(tag), "Removed a tag.") {
            board.room.toasts.error(reason);
        }
    };
    let nothing = Signal::stored(String::new());
    view! {
        <div class="field field--inline">
            <span class="field__label">"Tags"</span>
            {mark(view! { <Icon name="tag" /> }.into_any())}
            <div class="tags">
                <For
                    each=tags
                    key=|tag| tag.clone()
                    children=move |tag| {
                        let name = tag.to_string();
                        let gone = tag.clone();
                        view! {
                            <span class="tag" dir="auto">
                                {name.clone()} <Show when=move || editable.get()>
                                    <button
                                        type="button"
                                        class="tag__remove"
                                        aria-label=format!("Remove tag {name}")
                                        on:click={
                                            let gone = gone.clone();
                                            move |_| remove(gone.clone())
                                        }
                                    >
                                        <Icon name="close" />
                                    </button>
                                </Show>
                            </span>
                        }
                    }
                />
                <Show when=move || editable.get() fallback=move || tags().is_empty().then_some("None")>
                    <LineField label="Add tag" class="tags__add" placeholder="Add tag" value=nothing editable commit=add />
                </Show>
            </div>
        </div>
    }
}
