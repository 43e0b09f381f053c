//! Where the organisation goes: the big things of a quarter, and the work that serves them.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod plain;

use domain::OBJECTIVE;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    frame::{ErrorPage, WaitingCount},
    live::{Heard, Records},
    pages::inbox::refresh_unread,
    platform,
    ui::PlainPart,
};

/// `/direction` and `/direction/2027-Q1`, drawn by the server, and again when an objective changes.
#[component]
pub fn DirectionPage() -> impl IntoView {
    let params = use_params_map();
    let quarter = Memo::new(move |_| params.read().get("quarter"));
    let page = Resource::new_blocking(move || quarter.get(), api::direction);
    let count = expect_context::<WaitingCount>();
    Effect::new(move |_| {
        let stream = Records::follow(None, move |heard| match heard {
            Heard::Inbox => refresh_unread(count),
            // A form that somebody fills in stays as it is.
            Heard::Changed(changes)
                if changes.iter().any(|change| change.kind == OBJECTIVE.kind) && !is_typing() =>
            {
                page.refetch();
            }
            Heard::Refetch if !is_typing() => page.refetch(),
            _ => {}
        });
        on_cleanup(move || drop(stream));
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(plain) => view! { <Title text=plain.title /> <PlainPart html=plain.html /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn is_typing() -> bool {
    platform::document().query_selector("details[open] form").is_ok_and(|form| form.is_some())
}
