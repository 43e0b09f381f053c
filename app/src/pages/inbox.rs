//! What happened to items that somebody watches, and what was said to them.

pub(crate) mod api;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use std::cell::Cell;

use leptos::{html::Div, prelude::*, task::spawn_local};
use leptos_meta::Title;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent, SubmitEvent};

use crate::{
    frame::{ErrorPage, WaitingCount},
    live::{Heard, Records},
    platform,
    ui::{PlainPart, Toasts},
};

/// Follows what somebody is notified of while a page is open.
pub(super) fn on_inbox_change(changed: impl Fn() + Clone + 'static) {
    Effect::new(move |_| {
        let changed = changed.clone();
        let was_live = Cell::new(false);
        let stream = Records::follow(None, move |heard| match heard {
            Heard::Inbox => changed(),
            // What happened while nobody listened.
            Heard::From(_) if was_live.replace(true) => changed(),
            _ => {}
        });
        on_cleanup(move || drop(stream));
    });
}

/// Asks for the count of the rail again.
pub(crate) fn refresh_unread(count: WaitingCount) {
    spawn_local(async move {
        // Without an answer it stays as it was.
        if let Ok(unread) = api::unread_notices().await {
            let _ = count.notices.try_set(Some(unread));
        }
    });
}

/// `/inbox`: drawn by the server, again whenever something happens. Arrow keys go from item to item, `Enter` opens one, `E` marks it
/// as read.
#[component]
pub fn InboxPage() -> impl IntoView {
    let inbox = Resource::new_blocking(|| (), |()| api::inbox());
    let (count, toasts) = (expect_context::<WaitingCount>(), expect_context::<Toasts>());
    Effect::new(move |_| {
        if let Some(Ok(inbox)) = &*inbox.read() {
            count.notices.set(Some(inbox.unread));
        }
    });
    on_inbox_change(move || inbox.refetch());
    let list = NodeRef::<Div>::new();
    // Which item has the focus when the list was drawn again.
    let focus = StoredValue::new(None::<usize>);
    Effect::new(move |_| {
        inbox.track();
        let Some(at) = focus.try_update_value(Option::take).flatten() else { return };
        platform::after_effects(move || {
            let links = links(list);
            if let Some(link) = links.get(at).or(links.last()) {
                platform::focus(link);
            }
        });
    });
    let submit = move |event: SubmitEvent| {
        let Some(form) = platform::target(&event) else { return };
        let action = form.get_attribute("action").unwrap_or_default();
        let value = |name: &str| {
            let input = form.query_selector(&format!("input[name={name}]")).ok().flatten()?;
            Some(input.dyn_into::<HtmlInputElement>().ok()?.value())
        };
        let about =
            value("roadmap").and_then(|id| id.parse().ok()).zip(value("item").and_then(|id| id.parse().ok()));
        event.prevent_default();
        focus.set_value(position(list));
        spawn_local(async move {
            let done = match about {
                Some((roadmap, item)) if action.ends_with("watch_item") => {
                    api::watch_item(roadmap, item, false).await.map(drop)
                }
                Some((roadmap, item)) => api::read_notices(Some(roadmap), Some(item)).await.map(drop),
                None => api::read_notices(None, None).await.map(drop),
            };
            match done {
                Ok(()) => inbox.refetch(),
                Err(error) => toasts.error(error.sentence),
            }
        });
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let links = links(list);
        let at = position(list);
        let target = match (&*platform::shortcut(&event), at) {
            ("ArrowDown" | "j", None) => Some(0),
            ("ArrowDown" | "j", Some(at)) => Some(at + 1),
            ("ArrowUp" | "k", Some(at)) => at.checked_sub(1),
            ("e" | "E", Some(at)) => {
                let row = links.get(at).and_then(|link| link.closest("li").ok().flatten());
                let done = row
                    .and_then(|row| row.query_selector("form[action$=read_notices] button").ok().flatten());
                if let Some(done) = done.and_then(|done| done.dyn_into::<HtmlElement>().ok()) {
                    event.prevent_default();
                    done.click();
                }
                None
            }
            _ => None,
        };
        if let Some(link) = target.and_then(|at| links.get(at)) {
            event.prevent_default();
            platform::focus(link);
        }
    };
    Effect::new(move |_| {
        // Before anything on the page has the focus, keys go to the page.
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if platform::focused().is_none_or(|focused| focused.tag_name() == "BODY") {
                key(event);
            }
        });
        on_cleanup(move || handle.remove());
    });
    view! {
        <Title text="Inbox" />
        <div class="page inbox" node_ref=list on:submit=submit on:keydown=key>
            <Transition>
                {move || Suspend::new(async move {
                    match inbox.await {
                        Ok(inbox) => view! { <PlainPart html=inbox.html /> }.into_any(),
                        Err(error) => view! { <ErrorPage error /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The links to the items, from top to bottom.
fn links(list: NodeRef<Div>) -> Vec<HtmlElement> {
    let Some(list) = list.try_get_untracked().flatten() else { return Vec::new() };
    let Ok(found) = list.query_selector_all(".inbox__title") else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// Which of the items has the focus, or something within it.
fn position(list: NodeRef<Div>) -> Option<usize> {
    let row = platform::focused()?.closest("li.inbox__item").ok()??;
    links(list).iter().position(|link| row.contains(Some(link)))
}
