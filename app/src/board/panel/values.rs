//! The declared fields: those that an item has filled, and a way to add the others that its product uses.

use std::{collections::BTreeSet, sync::Arc};

use domain::{FieldDef, FieldKind, Item, ItemChange, ItemId, Link, Value};
use leptos::prelude::*;

use super::{
    Board, change,
    fields::{Choice, no_face, owner_face, people},
    text::{AreaField, LineField, fixed},
};
use crate::{platform, ui::Icon};

type Def = StoredValue<FieldDef>;

#[component]
pub(super) fn Values(id: ItemId, editable: Signal<bool>) -> impl IntoView {
    let board = expect_context::<Board>();
    // Asked for and not filled yet.
    let added = RwSignal::new(BTreeSet::<String>::new());
    let all = Memo::new(move |_| {
        board.room.track(|roadmap| {
            let filled = roadmap.item(id).map(|item| &item.fields.values);
            let fields = roadmap.fields().all().filter_map(|def| {
                let is_filled = filled.is_some_and(|filled| filled.contains_key(&*def.key));
                (is_filled || roadmap.fields().is_used(&def.key))
                    .then(|| (Arc::new(def.into_owned()), is_filled))
            });
            fields.collect::<Vec<_>>()
        })
    });
    let is_shown = move |def: &FieldDef, is_filled: bool| {
        is_filled || (editable.get() && added.read().contains(&*def.key))
    };
    let shown = move || {
        let shown = all.get().into_iter().filter(|(def, is_filled)| is_shown(def, *is_filled));
        shown.map(|(def, _)| def).collect::<Vec<_>>()
    };
    let others = move || {
        let others = all.get().into_iter().filter(|(def, is_filled)| !is_shown(def, *is_filled));
        others
            .map(|(def, _)| view! { <option value=def.key.to_string()>{def.label.to_string()}</option> })
            .collect_view()
    };
    let add = move |event: web_sys::Event| {
        let key = event_target_value(&event);
        event_target::<web_sys::HtmlSelectElement>(&event).set_value("");
        if !key.is_empty() {
            added.update(|added| {
                added.insert(key.clone());
            });
            platform::after_effects(move || platform::focus_first(&element(&key)));
        }
    };
    view! {
        <For each=shown key=|def| def.clone() children=move |def| one(board, id, &def, editable) />
        <Show when=move || editable.get()>
            <select class="item-panel__add" autocomplete="off" aria-label="Add field" on:change=add>
                <option value="" selected=true>
                    "+ Add field"
                </option>
                {others}
            </select>
        </Show>
    }
}

/// The element of a field.
fn element(key: &str) -> String {
    format!("field-{key}")
}

/// What a field of an item is, kept up to date.
fn read<T: Clone + PartialEq + Send + Sync + 'static>(
    board: Board,
    id: ItemId,
    read: impl Fn(&Item) -> Option<T> + Send + Sync + 'static,
) -> Signal<Option<T>> {
    Memo::new(move |_| board.room.track(|roadmap| roadmap.item(id).and_then(|item| read(item)))).into()
}

/// A field with the control of its kind, and what was in it first where that is kept and another.
fn one(board: Board, id: ItemId, def: &FieldDef, editable: Signal<bool>) -> impl IntoView + use<> {
    let (element, label) = (element(&def.key), def.label.clone());
    let is_links = matches!(def.kind, FieldKind::Links);
    let def = StoredValue::new(def.clone());
    let value = read(board, id, move |item| def.with_value(|def| item.fields.values.get(&*def.key).cloned()));
    let first = read(board, id, move |item| {
        def.with_value(|def| {
            let first = &item.firsts.get(&*def.key)?.value;
            let is_other = item.fields.values.get(&*def.key) != Some(first);
            is_other.then(|| format!("First {}: {}", def.in_sentence(), def.words(first)))
        })
    });
    let words = move || match &*value.read() {
        Some(value) => def.with_value(|def| def.told(value)).words(|user| board.room.person(user)),
        None => "None".to_owned(),
    };
    let field = move || match editable.get() {
        _ if is_links => links(board, id, def, value, editable),
        true => control(board, id, def, value),
        false => fixed(label.clone(), None, words),
    };
    view! {
        <div class="item-panel__value" id=element>
            {field}
            {move || first.get().map(|first| view! { <p class="field__hint">{first}</p> })}
        </div>
    }
}

/// Says why a field was not set.
fn tell(board: Board, set: Result<(), String>) {
    if let Err(reason) = set {
        board.room.toasts.error(reason);
    }
}

/// Sets a field, or empties it.
fn set(board: Board, id: ItemId, def: &FieldDef, to: Option<Value>) -> Result<(), String> {
    let label = format!("Changed the {}.", def.in_sentence());
    change(board, id, ItemChange::Value { field: def.into(), to }, &label)
}

/// The control by which a field is changed.
fn control(board: Board, id: ItemId, def: Def, value: Signal<Option<Value>>) -> AnyView {
    let FieldDef { label, kind, .. } = def.get_value();
    let written = Signal::derive(move || {
        value.read().as_ref().map_or_else(String::new, |value| def.with_value(|def| def.written(value)))
    });
    let commit = move |text: String| def.with_value(|def| set(board, id, def, def.parse(&text)?));
    let choose = move |text: String| tell(board, commit(text));
    let editable = Signal::stored(true);
    match kind {
        FieldKind::Choice(_) => {
            let kept = Signal::derive(move || value.read().as_ref().map_or_else(String::new, Value::to_string));
            let options = Signal::derive(move || options(def, &kept.read()));
            view! { <Choice label face=no_face value=kept options editable set=choose /> }.into_any()
        }
        FieldKind::Person => {
            view! { <Choice label face=owner_face value=written options=people(board, written) editable set=choose /> }.into_any()
        }
        FieldKind::Choices(_) => choices(board, id, def, value),
        FieldKind::Checkbox => {
            let check = move |event: web_sys::Event| {
                let to = event_target_checked(&event).then_some(Value::Yes);
                tell(board, def.with_value(|def| set(board, id, def, to)));
            };
            view! {
                <label class="field field--inline">
                    <span class="field__label">{label}</span>
                    <input
                        type="checkbox"
                        autocomplete="off"
                        checked=value.with_untracked(Option::is_some)
                        prop:checked=move || value.read().is_some()
                        on:change=check
                    />
                </label>
            }
            .into_any()
        }
        FieldKind::Text => view! { <AreaField label value=written editable commit /> }.into_any(),
        FieldKind::Date => view! { <LineField label kind="date" value=written editable commit /> }.into_any(),
        _ => {
            let placeholder = def.with_value(FieldDef::placeholder);
            view! { <LineField label placeholder value=written editable commit /> }.into_any()
        }
    }
}

/// What can be chosen, and what is chosen though it is not offered any more.
fn options(def: Def, kept: &str) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), "None".to_owned())];
    def.with_value(|def| {
        let offered = def.kind.choices().iter().filter(|choice| !choice.retired || choice.key == kept);
        options.extend(offered.map(|choice| {
            let note = if choice.retired { " (retired)" } else { "" };
            (choice.key.to_string(), format!("{}{note}", choice.label))
        }));
    });
    options
}

/// Several choices, each of which can be removed, and a list to add one from.
fn choices(board: Board, id: ItemId, def: Def, value: Signal<Option<Value>>) -> AnyView {
    let keys = move || match value.get() {
        Some(Value::Keys(keys)) => keys,
        _ => BTreeSet::new(),
    };
    let change = move |change: &dyn Fn(&mut BTreeSet<String>)| {
        let mut keys = untrack(keys);
        change(&mut keys);
        let to = (!keys.is_empty()).then_some(Value::Keys(keys));
        tell(board, def.with_value(|def| set(board, id, def, to)));
    };
    let chosen = move || {
        let keys = keys();
        let chosen = def.with_value(|def| {
            let chosen = def.kind.choices().iter().filter(|choice| keys.contains(&*choice.key));
            chosen
                .map(|choice| (choice.key.to_string(), choice.label.to_string(), choice.colour))
                .collect::<Vec<_>>()
        });
        let row = |(key, label, colour): (String, String, u8)| {
            view! {
                <span class=format!("tag colour-{colour}") dir="auto">
                    {label.clone()}
                    <button
                        type="button"
                        class="tag__remove"
                        aria-label=format!("Remove {label}")
                        on:click=move |_| {
                            change(
                                &|keys| {
                                    keys.remove(&key);
                                },
                            );
                        }
                    >
                        <Icon name="close" />
                    </button>
                </span>
            }
        };
        chosen.into_iter().map(row).collect_view()
    };
    let others = move || {
        let keys = keys();
        def.with_value(|def| {
            let offered = def.kind.choices().iter().filter(|choice| !choice.retired && !keys.contains(&*choice.key));
            offered
                .map(|choice| view! { <option value=choice.key.to_string()>{choice.label.to_string()}</option> })
                .collect_view()
        })
    };
    let add = move |event: web_sys::Event| {
        let key = event_target_value(&event);
        event_target::<web_sys::HtmlSelectElement>(&event).set_value("");
        if !key.is_empty() {
            change(&|keys| {
                keys.insert(key.clone());
            });
        }
    };
    let label = def.with_value(|def| def.label.clone());
    view! {
        <div class="field field--inline">
            <span class="field__label">{label.clone()}</span>
            <div class="tags">
                {chosen} <select class="item-panel__add" autocomplete="off" aria-label=format!("Add to {label}") on:change=add>
                    <option value="" selected=true>
                        "+ Add"
                    </option>
                    {others}
                </select>
            </div>
        </div>
    }
    .into_any()
}

/// Links to follow, each of which can be removed, and a line to add more.
fn links(
    board: Board,
    id: ItemId,
    def: Def,
    value: Signal<Option<Value>>,
    editable: Signal<bool>,
) -> AnyView {
    let links = move || match value.get() {
        Some(Value::Links(links)) => links,
        _ => Vec::new(),
    };
    let keep = move |links: Vec<Link>| {
        let to = (!links.is_empty()).then_some(Value::Links(links));
        def.with_value(|def| set(board, id, def, to))
    };
    let add = move |text: String| match def.with_value(|def| def.parse(&text))? {
        Some(Value::Links(more)) => keep(untrack(links).into_iter().chain(more).collect()),
        _ => Ok(()),
    };
    let remove = move |url: &str| {
        let mut left = untrack(links);
        left.retain(|link| link.url != url);
        tell(board, keep(left));
    };
    let row = move |Link { name, url }: Link| {
        let name = if name.is_empty() { url.clone() } else { name };
        let gone = url.clone();
        let button = editable.get().then(|| {
            view! {
                <button
                    type="button"
                    class="tag__remove"
                    aria-label=format!("Remove link {name}")
                    on:click=move |_| remove(&gone)
                >
                    <Icon name="close" />
                </button>
            }
        });
        view! {
            <li>
                <a href=url target="_blank" rel="noopener noreferrer" dir="auto">
                    {name}
                </a>
                {button}
            </li>
        }
    };
    let nothing = Signal::stored(String::new());
    view! {
        <div class="field field--inline">
            <span class="field__label">{def.with_value(|def| def.label.clone())}</span>
            <div class="item-panel__links">
                <ul>{move || links().into_iter().map(row).collect_view()}</ul>
                <Show when=move || editable.get()>
                    <LineField
                        label="Add link"
                        class="tags__add"
                        placeholder="Name and https://…"
                        value=nothing
                        editable
                        commit=add
                    />
                </Show>
            </div>
        </div>
    }
    .into_any()
}
