//! What others have changed since the person was here before. The page reports that it is open, every few minutes and when it is left;
//! the server decides by that when a visit ends, and which items are new.

use domain::{ItemId, Timestamp, counted};
use leptos::{ev, leptos_dom::helpers::set_interval_with_handle, prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

#[cfg(feature = "ssr")]
use crate::api::edge::{product_key, viewer};
use crate::{
    api::{ApiError, Json},
    live::Connection,
    platform,
    ui::{Icon, time},
};

use super::{
    Board,
    state::{News, Portfolio},
};

/// How often an open page reports itself: several times within the half hour after which a visit ends.
const EVERY: Duration = Duration::from_secs(5 * 60);

/// Under which name the browser keeps which line was closed, before the product's key.
const CLOSED: &str = "cairn-news-";

/// What is new on a roadmap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visited {
    /// When the visit before ended; `None` during the first.
    pub since: Option<Timestamp>,
    pub changed: BTreeSet<ItemId>,
    /// Whether older changes were too many to be read.
    pub more: bool,
}

/// Notes that the person is at the roadmaps of these products: what is new on each.
#[server(endpoint = "visit", input = Json, output = Json)]
pub async fn visit(keys: Vec<String>) -> Result<Vec<Visited>, ApiError> {
    let viewer = viewer().await?;
    let keys = keys.iter().map(|key| product_key(key)).collect::<Result<Vec<_>, _>>()?;
    let visited = viewer.visit(&keys).await?.into_iter();
    let visited = visited.map(|one| Visited { since: one.since, changed: one.changed, more: one.more });
    Ok(visited.collect())
}

/// Reports the page from now on.
pub(super) fn follow(board: Board) {
    let parts = board.portfolio.map_or_else(|| vec![board.room], Portfolio::parts);
    let keys: Vec<String> = parts.iter().map(|part| part.product.read_untracked().key.to_string()).collect();
    let report = {
        let keys = keys.clone();
        move || {
            let keys = keys.clone();
            spawn_local(async move {
                // Where this fails, the next report tells.
                let Ok(visited) = visit(keys).await else { return };
                let single = visited.len() == 1;
                let news = News {
                    since: visited.first().filter(|_| single).and_then(|one| one.since),
                    more: visited.iter().any(|one| one.more),
                    changed: Some(visited.into_iter().flat_map(|one| one.changed).collect()),
                };
                let _ = board.news.try_set(news);
            });
        }
    };
    // Without a connection nothing could be reported.
    let first = parts.first().map(|part| part.connection);
    let is_live =
        move || first.and_then(|connection| connection.try_get_untracked()) == Some(Connection::Live);
    let reported = report.clone();
    Effect::new(move |was_live: Option<bool>| {
        let is_live = first.is_some_and(|connection| connection.get() == Connection::Live);
        if is_live && was_live != Some(true) {
            reported();
        }
        is_live
    });
    let in_sight = report.clone();
    let timer = set_interval_with_handle(
        move || {
            if is_live() && !platform::document().hidden() {
                in_sight();
            }
        },
        EVERY,
    );
    // Left for another tab, or closed; and found again.
    let sight = window_event_listener_untyped("visibilitychange", move |_| {
        if is_live() {
            report();
        }
    });
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
        sight.remove();
        if is_live() {
            spawn_local(async move {
                let _ = visit(keys).await;
            });
        }
    });
}

/// What is new, in one line with one click to see it, until it is closed.
#[component]
pub(super) fn NewsLine() -> impl IntoView {
    let board = expect_context::<Board>();
    let key = board.room.product.read_untracked().key.to_string();
    let name = format!("{CLOSED}{}", if board.portfolio.is_some() { "portfolio" } else { &key });
    let closed = RwSignal::new(platform::kept(&name).unwrap_or_default());
    // Those in the bin are changed, too, but are not shown.
    let count = Memo::new(move |_| {
        let news = board.news.read();
        let Some(changed) = &news.changed else { return 0 };
        board.room.track_drawn(|roadmap| {
            let is_shown = |id: &&ItemId| roadmap.item(**id).is_some_and(|item| item.deleted.is_none());
            changed.iter().filter(is_shown).count()
        })
    });
    let mark = move || board.news.read().since.map_or(0, |since| since.0).to_string();
    let is_on = move || board.filter.read().changed;
    let is_shown = move || is_on() || (count.get() > 0 && *closed.read() != mark());
    let toggle = move |_: ev::MouseEvent| board.filter.update(|filter| filter.changed = !filter.changed);
    let close = move |_: ev::MouseEvent| {
        board.filter.update(|filter| filter.changed = false);
        let mark = untrack(mark);
        platform::keep(&name, &mark);
        closed.set(mark);
    };
    let words = move || {
        let more = if board.news.read().more { "More than " } else { "" };
        let items = counted(count.get(), "item", "items");
        let since = board.news.read().since;
        view! {
            {format!("{more}{items} changed since ")}
            {since.map_or_else(|| "your last visit".into_any(), time)}
        }
    };
    view! {
        <aside class="running-votes news-line" aria-label="Changes since your last visit" hidden=move || !is_shown()>
            <div class="running-vote">
                <Icon name="history" />
                <span class="news-line__words">{words}</span>
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || is_on().to_string()
                    on:click=toggle
                >
                    {move || if is_on() { "Show all items" } else { "Show only these" }}
                </button>
                <button type="button" class="icon-button" aria-label="Close" title="Close" on:click=close>
                    <Icon name="close" />
                </button>
            </div>
        </aside>
    }
}
