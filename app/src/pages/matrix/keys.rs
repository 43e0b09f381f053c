//! Rating by keys: arrows move, digits rate, Delete clears. What is typed is sent in its order, and the page follows when nothing
//! is on its way any more.

use std::collections::BTreeMap;

use futures::{StreamExt as _, channel::mpsc};
use gloo_events::{EventListener, EventListenerOptions};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::api;
use crate::{platform, ui::Toasts};

/// A cell by its name, and what was typed into it.
type Typed = (String, String);

/// The own rating that an event is about.
fn own(event: &Event) -> Option<HtmlInputElement> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    input.class_list().contains("matrix__own").then_some(input)
}

/// Listens for what is typed until the page is left.
pub(super) fn listen(asked: Memo<(String, Option<String>)>, html: RwSignal<String>) {
    let toasts = expect_context::<Toasts>();
    let (send, typed) = mpsc::unbounded::<Typed>();
    let waiting = StoredValue::new(0_u32);
    spawn_local(save(asked, html, toasts, waiting, typed));
    let sent = move |input: &HtmlInputElement| {
        let Some(cell) = input.get_attribute("data-cell") else { return };
        if waiting.try_update_value(|waiting| *waiting += 1).is_some() {
            // The other end is there as long as the page is.
            let _ = send.unbounded_send((cell, input.value()));
        }
    };
    let in_time = EventListenerOptions { passive: false, ..EventListenerOptions::default() };
    let by_key = sent.clone();
    let keys = EventListener::new_with_options(&platform::document(), "keydown", in_time, move |event| {
        let (Some(input), Some(event)) = (own(event), event.dyn_ref::<KeyboardEvent>()) else { return };
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.is_composing() {
            return;
        }
        let key = event.key();
        match &*key {
            "ArrowLeft" => step(&input, 0, -1),
            "ArrowRight" => step(&input, 0, 1),
            "ArrowUp" => step(&input, -1, 0),
            "ArrowDown" => step(&input, 1, 0),
            "0" | "1" | "2" | "3" => {
                input.set_value(&key);
                input.select();
                by_key(&input);
            }
            "Delete" | "Backspace" => {
                input.set_value("");
                by_key(&input);
            }
            // Anything else that would be written isn’t a rating.
            other if other.chars().count() == 1 => {}
            _ => return,
        }
        event.prevent_default();
    });
    // Where keys say nothing, as on the keyboards of phones.
    let written = EventListener::new(&platform::document(), "input", move |event| {
        let Some(input) = own(event) else { return };
        let digit: String = input.value().chars().rfind(|c| ('0'..='3').contains(c)).into_iter().collect();
        input.set_value(&digit);
        sent(&input);
    });
    let focused = EventListener::new(&platform::document(), "focusin", |event| {
        if let Some(input) = own(event) {
            input.select();
        }
    });
    let listening = SendWrapper::new((keys, written, focused));
    on_cleanup(move || drop(listening));
}

/// Moves to the next cell that can be rated, in a direction.
fn step(from: &HtmlInputElement, down: i32, right: i32) {
    let place = |name: &str| from.get_attribute(name)?.parse::<i32>().ok();
    let Some((mut row, mut column)) = place("data-row").zip(place("data-column")) else { return };
    // Rows and columns that cannot be rated are stepped over.
    for _ in 0..100 {
        (row, column) = (row + down, column + right);
        let selector = format!(".matrix__own[data-row=\"{row}\"][data-column=\"{column}\"]");
        if let Ok(Some(found)) = platform::document().query_selector(&selector)
            && let Ok(found) = found.dyn_into::<HtmlElement>()
        {
            platform::focus(&found);
            return;
        }
    }
}

/// Sends what was typed, one after the other, and shows what came of it.
async fn save(
    asked: Memo<(String, Option<String>)>,
    html: RwSignal<String>,
    toasts: Toasts,
    waiting: StoredValue<u32>,
    mut typed: mpsc::UnboundedReceiver<Typed>,
) {
    // What is typed belongs to the quarter that was shown: it is sent, also when the page has been left meanwhile.
    let Some((quarter, shown)) = asked.try_get_untracked() else { return };
    while let Some(cell) = typed.next().await {
        let saved = api::rate_alignment(quarter.clone(), BTreeMap::from([cell]), BTreeMap::new()).await;
        if let Err(error) = saved {
            toasts.error(error.to_string());
        }
        let _ = waiting.try_update_value(|waiting| *waiting -= 1);
        if waiting.try_get_value() != Some(0) {
            continue;
        }
        let fresh = api::alignment(quarter.clone(), shown.clone()).await;
        if let Ok(fresh) = fresh
            && waiting.try_get_value() == Some(0)
        {
            let focused = platform::focused().map(|focused| focused.id());
            if html.try_set(fresh.html).is_some() {
                continue;
            }
            if let Some(id) = focused.filter(|id| !id.is_empty()) {
                platform::after_effects(move || {
                    let found = platform::element(&id).and_then(|found| found.dyn_into::<HtmlElement>().ok());
                    if let Some(found) = found {
                        platform::focus(&found);
                    }
                });
            }
        }
    }
}
