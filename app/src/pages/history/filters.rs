//! What of a history is shown. Each choice is a parameter of the address, and without scripts all are one form.

use domain::{HistoryKind, Timestamp};
use leptos::{ev::SubmitEvent, html::Form, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsValue;

use crate::{pages::history::data::Asked, ui};

/// The parameters of the address, in the order of the form.
pub(super) const PARAMETERS: [&str; 9] =
    ["by", "what", "field", "item", "from", "to", "day", "reason", "words"];

/// A control that has a value looks like one that is on.
fn is_on(asked: Memo<Asked>, name: &'static str) -> impl Fn() -> bool + Copy + Send + Sync {
    move || asked.with(|asked| asked.contains_key(name))
}

fn value(asked: Memo<Asked>, name: &'static str) -> Signal<String> {
    Signal::derive(move || asked.with(|asked| asked.get(name).cloned().unwrap_or_default()))
}

#[component]
pub(super) fn Filters(
    product_key: String,
    people: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    asked: Memo<Asked>,
) -> impl IntoView {
    let form = NodeRef::<Form>::new();
    let navigate = use_navigate();
    let path = format!("/p/{product_key}/history");
    let go = {
        let path = path.clone();
        move || {
            // While a date or a number is half typed, nothing is asked for; nor when the page is left, which a field that loses the
            // focus by it reports as a change.
            let form = form.try_get_untracked().flatten();
            let Some(form) = form.filter(|form| form.check_validity()) else { return };
            if let Ok(data) = web_sys::FormData::new_with_form(&form) {
                let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
                navigate(&format!("{path}{}", search(&data)), options);
            }
        }
    };
    let submit = {
        let go = go.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            go();
        }
    };
    let kinds = HistoryKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned()));
    let kinds: Vec<_> = kinds.collect();
    let placeholder = format!("{product_key}-12");
    let all = path.clone();
    // Without scripts what is older is a page of its own.
    let clear = move || match asked.with(|asked| asked.keys().any(|name| PARAMETERS.contains(&&**name))) {
        true => "Clear filters",
        false => "Back to the latest",
    };
    let has_reason = is_on(asked, "reason");
    let has_words = is_on(asked, "words");
    let has_item = is_on(asked, "item");
    view! {
        <form
            class="history-filters"
            role="search"
            aria-label="Filter the history"
            method="get"
            action=path.clone()
            node_ref=form
            on:submit=submit
            on:change=move |_| go()
        >
            <Choice label="Who" name="by" all="Everyone" options=people asked />
            <Choice label="What" name="what" all="All changes" options=kinds asked />
            <Choice label="Field" name="field" all="Any field" options=fields asked />
            // Few ask for more.
            <button type="button" class="button history-filters__fold" popovertarget="history-filters">
                <ui::Icon name="filter" />
                "More filters"
            </button>
            <div class="history-filters__rest" id="history-filters" popover="auto">
                <input
                    class="filter__choice history-filters__item"
                    class:filter__choice--on=has_item
                    type="text"
                    name="item"
                    aria-label="Item"
                    placeholder=format!("Item, like {placeholder}")
                    maxlength="40"
                    autocomplete="off"
                    spellcheck="false"
                    value=value(asked, "item").get_untracked()
                    prop:value=value(asked, "item")
                />
                <div class="history-filters__days">
                    <Day label="From" name="from" asked />
                    <Day label="To" name="to" asked />
                </div>
                <label class="filter__choice history-filters__check" class:filter__choice--on=has_reason>
                    <input
                        type="checkbox"
                        name="reason"
                        value="yes"
                        autocomplete="off"
                        checked=untrack(has_reason)
                        prop:checked=has_reason
                    />
                    "With a reason"
                </label>
                <input
                    class="filter__choice history-filters__words"
                    class:filter__choice--on=has_words
                    type="search"
                    name="words"
                    dir="auto"
                    aria-label="Words in the reason"
                    placeholder="Words in the reason"
                    maxlength="200"
                    autocomplete="off"
                    value=value(asked, "words").get_untracked()
                    prop:value=value(asked, "words")
                />
                <button
                    type="button"
                    class="button button--primary history-filters__done needs-life"
                    popovertarget="history-filters"
                    popovertargetaction="hide"
                >
                    "Done"
                </button>
            </div>
            <noscript>
                <button class="button" type="submit">
                    "Show"
                </button>
            </noscript>
            <Show when=move || !asked.read().is_empty()>
                <a class="button button--quiet" href=all.clone()>
                    {clear}
                </a>
            </Show>
        </form>
    }
}

#[component]
fn Choice(
    label: &'static str,
    name: &'static str,
    all: &'static str,
    options: Vec<(String, String)>,
    asked: Memo<Asked>,
) -> impl IntoView {
    let chosen = value(asked, name);
    view! {
        <select
            class="filter__choice"
            class:filter__choice--on=is_on(asked, name)
            name=name
            aria-label=label
            autocomplete="off"
        >
            <option value="" prop:selected=move || chosen.read().is_empty()>
                {all}
            </option>
            {ui::options(Signal::stored(options), chosen)}
        </select>
    }
}

/// The first or the last day. The address has it as a moment in UTC, so that a link means the same to everybody; each reader
/// sees the day of their own time zone.
#[component]
fn Day(label: &'static str, name: &'static str, asked: Memo<Asked>) -> impl IntoView {
    let given = Signal::derive(move || {
        asked.with(|asked| asked.get(name).or_else(|| asked.get("day")).cloned().unwrap_or_default())
    });
    let is_end = name == "to";
    view! {
        <label
            class="filter__choice history-filters__day"
            class:filter__choice--on=move || !given.read().is_empty()
        >
            <span>{label}</span>
            <input
                type="date"
                name=name
                min="1990-01-01"
                max="2199-12-31"
                autocomplete="off"
                value=utc_day(&given.get_untracked(), is_end)
                prop:value=move || local_day(&given.read(), is_end)
            />
        </label>
    }
}

/// What a form asks for, as the search of an address.
fn search(form: &web_sys::FormData) -> String {
    let mut search = String::new();
    for name in PARAMETERS {
        let typed = form.get(name).as_string().unwrap_or_default();
        let value = match (typed.trim(), name) {
            ("", _) => continue,
            (day, "from") => moment(day, 0),
            (day, "to") => moment(day, 1),
            (other, _) => other.to_owned(),
        };
        let value: String = js_sys::encode_uri_component(&value).into();
        search.push(if search.is_empty() { '?' } else { '&' });
        search.push_str(name);
        search.push('=');
        search.push_str(&value);
    }
    search
}

/// The beginning in UTC of the day that is so many days after one of the reader's calendar; the day itself, where that begins
/// with UTC's.
fn moment(day: &str, later: u32) -> String {
    let date = js_sys::Date::new(&JsValue::from_str(&format!("{day}T00:00")));
    let begins = |date: &js_sys::Date| String::from(date.to_iso_string()).get(..16).map(str::to_owned);
    if date.get_time().is_nan() || begins(&date) == Some(format!("{day}T00:00")) {
        return day.to_owned();
    }
    date.set_date(date.get_date() + later);
    begins(&date).unwrap_or_default()
}

/// The day of a moment in UTC; of an end, which is no part of what it ends, the day before.
fn utc_day(given: &str, is_end: bool) -> String {
    match Timestamp::from_utc_minute(given) {
        Some(at) => Timestamp(at.0 - i64::from(is_end)).utc().date.to_string(),
        None => given.to_owned(),
    }
}

/// As [`utc_day`], in the reader's time zone.
fn local_day(given: &str, is_end: bool) -> String {
    let Some(at) = Timestamp::from_utc_minute(given) else { return given.to_owned() };
    let date = js_sys::Date::new(&JsValue::from_f64((at.0 - i64::from(is_end)) as f64));
    format!("{:04}-{:02}-{:02}", date.get_full_year(), date.get_month() + 1, date.get_date())
}

#[cfg(test)]
mod tests {
    use super::utc_day;

    #[test]
    fn the_end_of_a_day_is_shown_as_that_day() {
        assert_eq!(utc_day("2026-11-21", true), "2026-11-21");
        assert_eq!(utc_day("2026-11-22T00:00", true), "2026-11-21");
        assert_eq!(utc_day("2026-11-22T00:00", false), "2026-11-22");
        assert_eq!(utc_day("yesterday", false), "yesterday");
    }
}
