//! How many items people mean to have in a lane: the dialog that sets it.

use std::num::NonZeroU16;

use domain::{LaneId, Op};
use leptos::{ev::SubmitEvent, html, prelude::*};

use super::Board;
use crate::{platform, ui::Icon};

const WRONG: &str = "Use a whole number from 1 to 65535, or nothing.";

#[component]
pub(super) fn LimitDialog() -> impl IntoView {
    let board = expect_context::<Board>();
    let dialog = NodeRef::<html::Dialog>::new();
    let close = move || board.limiting.set(None);
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if board.limiting.read().is_some() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if board.limiting.read().is_none() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="limit-title" on:close=move |_| close()>
            <header class="dialog__header">
                <h2 id="limit-title">"Limit"</h2>
                <button type="button" class="icon-button" aria-label="Close" on:click=move |_| close()>
                    <Icon name="close" />
                </button>
            </header>
            {move || board.limiting.get().map(|id| form(board, id))}
        </dialog>
    }
}

fn form(board: Board, id: LaneId) -> AnyView {
    let lane = board.room.with(|roadmap| roadmap.lane(id).map(|lane| (lane.name.to_string(), lane.limit)));
    let Some((name, now)) = lane else { return ().into_any() };
    let input = NodeRef::<html::Input>::new();
    let wrong = RwSignal::new(None::<&str>);
    Effect::new(move |_| {
        // The dialog is open by then, and has given the focus to its first button.
        platform::after_effects(move || {
            if let Some(input) = input.try_get_untracked().flatten() {
                let _ = input.focus();
                input.select();
            }
        });
    });
    let label = format!("Most items in {name}");
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(input) = input.get_untracked() else { return };
        let typed = input.value();
        let limit = match (typed.trim(), typed.trim().parse::<NonZeroU16>()) {
            // A number field has no value while its text isn’t a number.
            ("", _) if input.check_validity() => None,
            (_, Ok(limit)) => Some(limit),
            _ => return wrong.set(Some(WRONG)),
        };
        board.limiting.set(None);
        if limit == now {
            return;
        }
        let told = match limit {
            Some(limit) => format!("{name} has a limit of {limit}."),
            None => format!("{name} has no limit."),
        };
        board.room.edit_with_toast(Op::SetLaneLimit { id, limit }, told);
    };
    view! {
        <form class="stack" novalidate on:submit=save>
            <div class="field">
                <label for="lane-limit" dir="auto">
                    {label}
                </label>
                <input
                    id="lane-limit"
                    type="number"
                    min="1"
                    max="65535"
                    step="1"
                    inputmode="numeric"
                    autocomplete="off"
                    value=now.map(|limit| limit.to_string())
                    node_ref=input
                    aria-describedby="lane-limit-hint"
                    aria-invalid=move || wrong.read().is_some().then_some("true")
                />
                <p class="field__hint" id="lane-limit-hint">
                    "Items can still be added beyond it. Leave it empty for no limit."
                </p>
            </div>
            {move || wrong.get().map(|wrong| view! { <p class="notice notice--error" role="alert">{wrong}</p> })}
            <button type="submit" class="button button--primary">
                "Save"
            </button>
        </form>
    }
    .into_any()
}
