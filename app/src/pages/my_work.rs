//! What somebody has to do: what they own, what waits for them, and what changed on what they watch.

pub(crate) mod api;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    frame::{ErrorPage, WaitingCount},
    pages::inbox::{on_inbox_change, refresh_unread},
    ui::PlainPart,
};

/// `/my-work`, drawn by the server, and again when something happens.
#[component]
pub fn MyWorkPage() -> impl IntoView {
    let work = Resource::new_blocking(|| (), |()| api::my_work());
    let count = expect_context::<WaitingCount>();
    on_inbox_change(move || {
        work.refetch();
        refresh_unread(count);
    });
    view! {
        <Title text="My work" />
        <div class="page my-work">
            <Transition>
                {move || Suspend::new(async move {
                    match work.await {
                        Ok(html) => view! { <PlainPart html /> }.into_any(),
                        Err(error) => view! { <ErrorPage error /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}
