//! Where the organisation goes: the big things of a quarter, and the work that serves them.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod funding;
#[cfg(feature = "ssr")]
mod plain;
#[cfg(feature = "ssr")]
mod results;
#[cfg(feature = "ssr")]
mod tree;

use domain::OBJECTIVE;
use gloo_events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use send_wrapper::SendWrapper;

use crate::{
    frame::WaitingCount,
    live::{Heard, Records},
    pages::{inbox::refresh_unread, product_page::drawn, records::is_typing},
    platform,
};

/// `/direction` and `/direction/2027-Q1`, drawn by the server, and again when an objective changes.
#[component]
pub fn DirectionPage() -> impl IntoView {
    let params = use_params_map();
    let quarter = Memo::new(move |_| params.read().get("quarter"));
    let page = Resource::new_blocking(move || quarter.get(), api::direction);
    let count = expect_context::<WaitingCount>();
    Effect::new(move |_| {
        // A form that somebody fills in stays as it is; the page is loaded again once it is closed.
        let owed = StoredValue::new(false);
        let reload = move || {
            let is_typing = is_typing();
            if owed.try_set_value(is_typing).is_none() && !is_typing {
                page.refetch();
            }
        };
        let stream = Records::follow(None, move |heard| match heard {
            Heard::Inbox => refresh_unread(count),
            Heard::Changed(changes) if changes.iter().any(|change| change.kind == OBJECTIVE.kind) => reload(),
            Heard::Refetch => reload(),
            _ => {}
        });
        let in_capture = EventListenerOptions::run_in_capture_phase();
        let closed =
            EventListener::new_with_options(&platform::document(), "toggle", in_capture, move |_| {
                if owed.try_get_value() == Some(true) {
                    reload();
                }
            });
        let closed = SendWrapper::new(closed);
        on_cleanup(move || drop((stream, closed)));
    });
    drawn(page)
}

/// `/direction/2027-Q1/tree`, drawn by the server.
#[component]
pub fn TreePage() -> impl IntoView {
    let params = use_params_map();
    let quarter = Memo::new(move |_| params.read().get("quarter").unwrap_or_default());
    let page = Resource::new_blocking(move || quarter.get(), api::direction_tree);
    drawn(page)
}
