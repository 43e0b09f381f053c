//! The dialog that makes a link for calendars.

use leptos::{
    html,
    prelude::*,
    task::spawn_local,
    wasm_split::{SplitLoaderError, wasm_split},
};

use super::{api, state::Timeline};
use crate::{
    lazy::{nothing, soon},
    ui::{Icon, LinkToPassOn, click},
};

/// Whose dates a link is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The saved view whose items they are, and its name.
    pub(super) view: Option<(domain::RecordId, String)>,
}

#[component]
fn Content(timeline: Timeline, wanted: Wanted) -> impl IntoView {
    let board = timeline.board;
    let made = RwSignal::new(None::<Result<api::MadeFeed, String>>);
    let waiting = RwSignal::new(false);
    let view = wanted.view.as_ref().map(|(id, _)| *id);
    let make = move |_| {
        if waiting.get_untracked() {
            return;
        }
        waiting.set(true);
        let key = board.room.product.read_untracked().key.to_string();
        spawn_local(async move {
            let answer = api::make_feed(key, view).await.map_err(|error| error.sentence);
            let _ = made.try_set(Some(answer));
            let _ = waiting.try_set(false);
        });
    };
    let what = match &wanted.view {
        Some((_, name)) => format!("the items of “{name}”"),
        None => format!("all items of {}", board.room.product.read_untracked().name),
    };
    let answer = move || match made.get() {
        Some(Ok(made)) => view! {
            <LinkToPassOn
                id="calendar-link"
                link=made.link
                label="Calendar link"
                hint="Copy this link now. You won't see it again."
            />
            {made.warning.map(|warning| view! { <p class="notice">{warning}</p> })}
        }
        .into_any(),
        Some(Err(sentence)) => {
            view! { <p class="notice notice--error" role="alert">{sentence}</p> }.into_any()
        }
        None => ().into_any(),
    };
    let is_made = move || made.with(|made| matches!(made, Some(Ok(_))));
    view! {
        <div class="stack">
            <p>{format!("Subscribe to this link in your calendar to see the dates of {what}.")}</p>
            <p class="quiet">
                "Anyone with this link can see these dates. "
                <a class="link" href="/account#calendar-links">
                    "Revoke links on your account page."
                </a>
            </p>
            {answer}
            <button
                type="button"
                class="button button--primary"
                hidden=is_made
                aria-disabled=move || waiting.get().to_string()
                on:click=click(make)
            >
                "Make link"
            </button>
        </div>
    }
}

/// In the part that every open roadmap has by then: a part shared with others would be cut into many small pieces.
#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn content(timeline: Timeline, wanted: Wanted) -> Result<AnyView, SplitLoaderError> {
    Ok(untrack(|| view! { <Content timeline wanted /> }.into_any()))
}

/// The dialog, while a link is wanted.
pub(super) fn dialog(timeline: Timeline) -> AnyView {
    let dialog = NodeRef::<html::Dialog>::new();
    let wanted = timeline.feed;
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if wanted.read().is_some() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if wanted.read().is_none() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="feed-title" on:close=move |_| wanted.set(None)>
            <header class="dialog__header">
                <h2 id="feed-title">"Calendar link"</h2>
                <button type="button" class="icon-button" aria-label="Close" on:click=click(move |_| wanted.set(None))>
                    <Icon name="close" />
                </button>
            </header>
            {move || wanted.get().map(|wanted| soon(content(timeline, wanted), nothing))}
        </dialog>
    }
    .into_any()
}
