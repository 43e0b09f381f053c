//! How one item is given something, by mode.

use domain::{ItemId, voting::Mode};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::state::Filling;
use crate::{api::FieldKey, platform};

pub(super) fn control(filling: Filling, item: ItemId, title: &str) -> AnyView {
    match filling.rules.mode {
        Mode::Dots | Mode::Quadratic => stepper(filling, item, title).into_any(),
        Mode::Upvote | Mode::Approval | Mode::Budget => check(filling, item, title).into_any(),
        Mode::Importance => grades(filling, item, title).into_any(),
        Mode::Ranking => place(filling, item, title).into_any(),
    }
}

fn name(item: ItemId) -> String {
    format!("amounts[{}]", FieldKey(item))
}

/// A number between two buttons.
fn stepper(filling: Filling, item: ItemId, title: &str) -> impl IntoView + use<> {
    let value = move || filling.amount(item).unwrap_or(0);
    let first = filling.amounts.read_untracked().get(&item).copied().unwrap_or(0);
    let typed = move |event| match event_target_value(&event).trim().parse() {
        Ok(amount) => filling.give(item, Some(amount)),
        Err(_) => filling.give(item, None),
    };
    let costs = (filling.rules.mode == Mode::Quadratic).then(|| {
        view! {
            <span class="stepper__cost">
                {move || format!("costs {}", filling.rules.price(value(), 1))}
            </span>
        }
    });
    view! {
        <div class="ballot__choice">
            <div class="stepper" role="group" aria-label=title.to_owned()>
                <button
                    type="button"
                    class="stepper__step needs-life"
                    aria-label=format!("Less for {title}")
                    aria-disabled=move || (value() == 0).then_some("true")
                    on:click=move |_| {
                        if value() > 0 {
                            filling.step(item, -1);
                        }
                    }
                >
                    "−"
                </button>
                <input
                    class="stepper__number"
                    type="number"
                    inputmode="numeric"
                    name=name(item)
                    min="0"
                    step="1"
                    value=first.to_string()
                    prop:value=move || value().to_string()
                    aria-label=format!("For {title}")
                    on:change=typed
                />
                <button
                    type="button"
                    class="stepper__step needs-life"
                    aria-label=format!("More for {title}")
                    aria-disabled=move || (!filling.affords(item, value() + 1)).then_some("true")
                    on:click=move |_| filling.step(item, 1)
                >
                    "+"
                </button>
            </div>
            {costs}
        </div>
    }
}

/// Yes or no.
fn check(filling: Filling, item: ItemId, title: &str) -> impl IntoView + use<> {
    let chosen = move || filling.amount(item).is_some();
    let first = filling.amounts.read_untracked().contains_key(&item);
    let (yes, no) = match filling.rules.mode {
        Mode::Budget => ("Bought", "Buy"),
        Mode::Approval => ("Yes", "Approve"),
        _ => ("Supported", "Support"),
    };
    let changed = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        if !input.checked() {
            filling.give(item, None);
        } else if filling.affords(item, 1) {
            filling.give(item, Some(1));
        } else {
            input.set_checked(false);
            filling.step(item, 1);
        }
    };
    view! {
        <label
            class="ballot__choice choose"
            class:choose--far=move || !chosen() && !filling.affords(item, 1)
        >
            <input
                class="choose__input"
                type="checkbox"
                name=name(item)
                value="1"
                checked=first
                prop:checked=chosen
                aria-label=format!("{no}: {title}")
                on:change=changed
            />
            <span class="choose__face" aria-hidden="true">
                {move || if chosen() { yes } else { no }}
            </span>
        </label>
    }
}

/// A grade, or none.
fn grades(filling: Filling, item: ItemId, title: &str) -> impl IntoView + use<> {
    const GRADES: [(&str, &str); 5] = [
        ("", "No opinion"),
        ("0", "0, not important"),
        ("1", "1, somewhat"),
        ("2", "2, important"),
        ("3", "3, essential"),
    ];
    let first = filling.amounts.read_untracked().get(&item).copied();
    let grade = move |(index, (value, label)): (usize, (&'static str, &'static str))| {
        let grade: Option<u32> = value.parse().ok();
        view! {
            <label class="grades__grade">
                <input
                    class="choose__input"
                    type="radio"
                    name=name(item)
                    value=value
                    checked=first == grade
                    prop:checked=move || filling.amount(item) == grade
                    aria-label=label
                    on:change=move |_| filling.give(item, grade)
                />
                <span class="grades__face" aria-hidden="true" title=label>
                    {if index == 0 { "–" } else { value }}
                </span>
            </label>
        }
    };
    view! {
        <div class="ballot__choice grades" role="radiogroup" aria-label=title.to_owned()>
            {GRADES.into_iter().enumerate().map(grade).collect_view()}
        </div>
    }
}

/// A place in a list, and buttons that move up and down it.
fn place(filling: Filling, item: ItemId, title: &str) -> impl IntoView + use<> {
    let first = filling.amounts.read_untracked().get(&item).copied();
    let last = u32::try_from(filling.size()).unwrap_or(u32::MAX);
    let options = (1..=last)
        .map(|place| {
            view! {
                <option value=place.to_string() selected=first == Some(place)>
                    {place}
                </option>
            }
        })
        .collect_view();
    let choose = move |event| {
        filling.rank(item, event_target_value(&event).parse().ok());
        stay_with(item, ".place__select");
    };
    let shift = move |by: i32, button: &'static str| {
        filling.shift(item, by);
        stay_with(item, button);
    };
    view! {
        <div class="ballot__choice place">
            <button
                type="button"
                class="stepper__step place__up needs-life"
                aria-label=move || if filling.amount(item).is_some() { "Move up" } else { "Rank next" }
                aria-describedby=format!("title-{item}")
                aria-disabled=move || (filling.amount(item) == Some(1)).then_some("true")
                on:click=move |_| shift(-1, ".place__up")
            >
                "↑"
            </button>
            <select
                class="place__select"
                name=name(item)
                aria-label=format!("Place of {title}")
                prop:value=move || filling.amount(item).map(|place| place.to_string()).unwrap_or_default()
                on:change=choose
            >
                <option value="">"–"</option>
                {options}
            </select>
            <button
                type="button"
                class="stepper__step place__down needs-life"
                aria-label="Move down"
                aria-describedby=format!("title-{item}")
                aria-disabled=move || filling.amount(item).is_none().then_some("true")
                on:click=move |_| shift(1, ".place__down")
            >
                "↓"
            </button>
        </div>
    }
}

/// Keeps the focus on a control of an item that moves to another place of the list.
fn stay_with(item: ItemId, control: &'static str) {
    platform::next_frame(move || {
        let line = platform::element(&format!("line-{item}"));
        let control = line.and_then(|line| line.query_selector(control).ok().flatten());
        if let Some(control) = control.and_then(|control| control.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = control.focus();
        }
    });
}
