//! Conditions of the filter: what is asked of any property, all of it or one of it.

use domain::{
    FieldDef, FieldKind, Property, Value,
    filter::{Condition, ME, Test},
};
use leptos::prelude::*;

use super::{Board, filter::CONDITIONS};
use crate::ui::Icon;

type Options = Vec<(String, String)>;

#[component]
pub(super) fn ConditionsMenu() -> impl IntoView {
    let board = expect_context::<Board>();
    let count = Memo::new(move |_| board.filter.read().conditions.len());
    let add = move |_| {
        board.filter.update(|filter| {
            let property = Property::Own(domain::Field::Owner);
            filter.conditions.push(Condition { property, test: Test::Is, values: Vec::new() });
        });
    };
    let any = move |event: web_sys::Event| {
        let any = event_target_value(&event) == "any";
        board.filter.update(|filter| filter.any = any);
    };
    view! {
        <div class="conditions" id=CONDITIONS popover="auto" role="group" aria-label="Conditions">
            <label class="filter-menu__choice">
                <input
                    type="checkbox"
                    name="changed"
                    autocomplete="off"
                    prop:checked=move || board.filter.read().changed
                    on:change:target=move |event| {
                        let only = event.target().checked();
                        board.filter.update(|filter| filter.changed = only);
                    }
                />
                "Changed since my last visit"
            </label>
            <Show when=move || { count.get() > 1 }>
                <label class="conditions__match">
                    "Match "
                    <select autocomplete="off" on:change=any>
                        <option value="all" prop:selected=move || !board.filter.read().any>
                            "all conditions"
                        </option>
                        <option value="any" prop:selected=move || board.filter.read().any>
                            "any condition"
                        </option>
                    </select>
                </label>
            </Show>
            <ul class="conditions__list">
                <For each=move || 0..count.get() key=|index| *index children=move |index| row(board, index) />
            </ul>
            <Show when=move || count.get() == 0>
                <p class="conditions__empty">"Filter by any field, such as owner or end date."</p>
            </Show>
            <button
                type="button"
                class="button button--quiet"
                disabled=move || { count.get() >= domain::filter::MOST_CONDITIONS }
                on:click=add
            >
                <Icon name="plus" />
                "Add condition"
            </button>
        </div>
    }
}

/// Changes one condition.
fn change(board: Board, index: usize, change: impl FnOnce(&mut Condition)) {
    board.filter.update(|filter| {
        if let Some(condition) = filter.conditions.get_mut(index) {
            change(condition);
        }
    });
}

fn row(board: Board, index: usize) -> AnyView {
    let condition = Memo::new(move |_| board.filter.read().conditions.get(index).cloned());
    let property = Memo::new(move |_| condition.get().map(|condition| condition.property));
    let test = Memo::new(move |_| condition.get().map(|condition| condition.test));
    let values = Memo::new(move |_| condition.get().map(|condition| condition.values).unwrap_or_default());
    let def = Memo::new(move |_| {
        board.room.track_drawn(|roadmap| Some(property.get()?.def(roadmap)?.into_owned()))
    });
    let properties = move || {
        let all = board.room.with(|roadmap| {
            let all = Property::all(roadmap).into_iter();
            let named = |property: Property| {
                Some((property.as_str().to_owned(), property.def(roadmap)?.label.to_string()))
            };
            all.filter_map(named).collect::<Options>()
        });
        select_options(all, property.get().map(|property| property.as_str().to_owned()))
    };
    let tests = move || {
        let kind = def.get()?.kind;
        let all = Test::of(&kind).iter().map(|test| (test.as_str().to_owned(), test.words(&kind).to_owned()));
        Some(select_options(all.collect(), test.get().map(|test| test.as_str().to_owned())))
    };
    let set_property = move |event: web_sys::Event| {
        let Some(property) = Property::named(&event_target_value(&event)) else { return };
        let kind = board.room.with(|roadmap| property.def(roadmap).map(|def| def.kind.clone()));
        let first = kind.and_then(|kind| Test::of(&kind).first().copied()).unwrap_or(Test::Is);
        change(board, index, |condition| {
            *condition = Condition { property, test: first, values: Vec::new() }
        });
    };
    let set_test = move |event: web_sys::Event| {
        if let Ok(test) = event_target_value(&event).parse() {
            change(board, index, |condition| condition.test = test);
        }
    };
    let remove = move |_| {
        board.filter.update(|filter| {
            if index < filter.conditions.len() {
                filter.conditions.remove(index);
            }
        });
    };
    let control = move || {
        let (def, test) = (def.get()?, test.get()?);
        test.needs_values().then(|| value_control(board, index, &def, values))
    };
    view! {
        <li class="conditions__row">
            <select aria-label="Field" autocomplete="off" on:change=set_property>
                {properties}
            </select>
            <select aria-label="Test" autocomplete="off" on:change=set_test>
                {tests}
            </select>
            {control}
            <button type="button" class="icon-button" aria-label="Remove condition" on:click=remove>
                <Icon name="close" />
            </button>
        </li>
    }
    .into_any()
}

fn select_options(all: Options, chosen: Option<String>) -> AnyView {
    all.into_iter()
        .map(|(key, label)| {
            let is_chosen = chosen.as_ref() == Some(&key);
            view! {
                <option value=key prop:selected=is_chosen>
                    {label}
                </option>
            }
        })
        .collect_view()
        .into_any()
}

/// What a value can be chosen from; nothing where it is typed.
fn choices(board: Board, def: &FieldDef) -> Option<Options> {
    match &def.kind {
        FieldKind::Choice(choices) | FieldKind::Choices(choices) => {
            Some(choices.iter().map(|choice| (choice.key.to_string(), choice.label.to_string())).collect())
        }
        FieldKind::Person | FieldKind::People => {
            let people = untrack(|| board.room.active_people()).into_iter();
            let people = people.map(|(user, name)| (user.to_string(), name));
            Some(std::iter::once((ME.to_owned(), "Me".to_owned())).chain(people).collect())
        }
        FieldKind::Tags => {
            let tags = board.room.with(|roadmap| {
                let live = roadmap.items().filter(|item| item.deleted.is_none());
                let tags = live.flat_map(|item| item.fields.tags.iter().map(ToString::to_string));
                tags.collect::<std::collections::BTreeSet<_>>()
            });
            Some(tags.into_iter().map(|tag| (tag.clone(), tag)).collect())
        }
        _ => None,
    }
}

fn value_control(board: Board, index: usize, def: &FieldDef, values: Memo<Vec<String>>) -> AnyView {
    match choices(board, def) {
        Some(all) => chosen(board, index, all, values),
        None => typed(board, index, def, values),
    }
}

/// Several of what is offered.
fn chosen(board: Board, index: usize, all: Options, values: Memo<Vec<String>>) -> AnyView {
    let all = StoredValue::new(all);
    let label = move |key: &str| {
        let found =
            all.with_value(|all| all.iter().find(|(other, _)| other == key).map(|(_, label)| label.clone()));
        found.unwrap_or_else(|| "(removed)".to_owned())
    };
    let add = move |event: web_sys::Event| {
        let key = event_target_value(&event);
        event_target::<web_sys::HtmlSelectElement>(&event).set_value("");
        if !key.is_empty() {
            change(board, index, |condition| condition.values.push(key));
        }
    };
    let chips = move || {
        let chip = |key: String| {
            let (words, name) = (label(&key), format!("Remove {}", label(&key)));
            let remove = move |_| {
                let key = key.clone();
                change(board, index, move |condition| condition.values.retain(|other| *other != key));
            };
            view! {
                <button type="button" class="conditions__chip" aria-label=name on:click=remove>
                    {words}
                    <Icon name="close" />
                </button>
            }
        };
        values.get().into_iter().map(chip).collect_view()
    };
    let rest = move || {
        let values = values.get();
        all.with_value(|all| {
            let rest = all.iter().filter(|(key, _)| !values.contains(key));
            rest.map(|(key, label)| view! { <option value=key.clone()>{label.clone()}</option> })
                .collect_view()
        })
    };
    view! {
        <span class="conditions__values">
            {chips}
            <select aria-label="Add value" autocomplete="off" on:change=add>
                <option value="">
                    {move || if values.read().is_empty() { "Choose…" } else { "or…" }}
                </option>
                {rest}
            </select>
        </span>
    }
    .into_any()
}

/// One value, as people write it.
fn typed(board: Board, index: usize, def: &FieldDef, values: Memo<Vec<String>>) -> AnyView {
    let is_date = def.kind == FieldKind::Date;
    let is_text =
        matches!(def.kind, FieldKind::Line | FieldKind::Text | FieldKind::Links | FieldKind::Efforts);
    let def = StoredValue::new(def.clone());
    // Amounts are kept as whole numbers.
    let written = move || {
        let kept = values.read().first().cloned().unwrap_or_default();
        let number = if is_text { None } else { kept.parse().ok().map(Value::Number) };
        number.map_or(kept, |number| def.with_value(|def| def.written(&number)))
    };
    let wrong = RwSignal::new(None::<String>);
    let set = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        let read = if is_text {
            Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
        } else {
            def.with_value(|def| def.parse(&text)).map(|value| value.map(|value| value.to_string()))
        };
        wrong.set(read.as_ref().err().cloned());
        if let Ok(value) = read {
            change(board, index, |condition| condition.values = value.into_iter().collect());
        }
    };
    view! {
        <input
            class="conditions__value"
            aria-label="Value"
            type=if is_date { "date" } else { "text" }
            autocomplete="off"
            maxlength="200"
            placeholder=def.with_value(FieldDef::placeholder)
            prop:value=written
            on:change=set
        />
        {move || wrong.get().map(|why| view! { <p class="conditions__wrong" role="alert">{why}</p> })}
    }
    .into_any()
}
