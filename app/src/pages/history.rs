//! What happened on a product's roadmap, the latest first.

use domain::{Member, Product, Timestamp, UserId};
use leptos::{ev, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};

use crate::{
    api::{
        ApiError,
        rooms::{self, HistoryLine, HistoryPage as Lines},
    },
    frame::{ErrorPage, ProductBar},
    ui::{HistoryList, Toasts},
};

/// Lines that were read at once.
#[derive(Clone)]
struct Part {
    /// Whose they are, where one person's alone are shown.
    by: Option<UserId>,
    /// When the line was that stands above them.
    after: Option<Timestamp>,
    lines: Vec<HistoryLine>,
}

/// `/p/:key/history`; `?by=` names the person whose changes are shown.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    let by = Memo::new(move |_| query.read().get("by").and_then(|by| by.parse::<UserId>().ok()));
    // Other people's changes are asked for by the page itself, which stays as it is meanwhile.
    let first = Resource::new_blocking(
        move || key.get(),
        move |key| {
            let by = by.get_untracked();
            async move {
                let (product, members) = rooms::load_product(key).await?;
                let lines = rooms::history(product.roadmap, None, None, by).await?;
                Ok::<_, ApiError>((product, members, lines))
            }
        },
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok((product, members, lines)) => {
                        view! { <Content product members first=lines by /> }.into_any()
                    }
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Content(product: Product, members: Vec<Member>, first: Lines, by: Memo<Option<UserId>>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let roadmap = product.roadmap;
    let parts = RwSignal::new(vec![Part { by: by.get_untracked(), after: None, lines: first.lines }]);
    let (next, more) = (RwSignal::new(first.next), RwSignal::new(first.more));
    let busy = RwSignal::new(false);
    // Older lines than `before`, below those that are there, or the latest in their place.
    let load = move |before: Option<u64>| {
        let person = by.get_untracked();
        busy.set(true);
        spawn_local(async move {
            let answer = rooms::history(roadmap, before, None, person).await;
            // The page may have been left meanwhile, or another person chosen.
            if by.try_get_untracked() != Some(person) {
                return;
            }
            busy.set(false);
            match answer {
                Ok(page) => {
                    next.set(page.next);
                    more.set(page.more);
                    parts.update(|parts| {
                        if before.is_none() {
                            parts.clear();
                        }
                        let above = parts.iter().rev().find_map(|part| part.lines.last());
                        let after = above.map(|line| line.at);
                        parts.push(Part { by: person, after, lines: page.lines });
                    });
                }
                Err(error) => toasts.error(error.to_string()),
            }
        });
    };
    Effect::watch(move || by.get(), move |_, _, _| load(None), false);
    let nothing = move || parts.read().iter().all(|part| part.lines.is_empty());
    let shown = move || parts.get().into_iter().filter(|part| !part.lines.is_empty()).collect::<Vec<_>>();
    let filter = view! { <Filter product=product.clone() members=members.clone() by /> };
    let list = move |Part { after, lines, .. }: Part| {
        view! { <HistoryList lines members=members.clone() by_day=true after /> }
    };
    view! {
        <Title text=format!("History of {}", product.name) />
        <ProductBar product=product.clone() view="history" />
        <div class="page page--reading">
            <header class="page__header">
                <h1>"History"</h1>
                {filter}
                <a class="button button--quiet" href=format!("/p/{}/past", product.key)>
                    "Compare two moments"
                </a>
            </header>
            <div class="history-page__lines">
                <For each=shown key=|part: &Part| (part.by, part.lines.first().map(|line| line.seq)) children=list />
            </div>
            <Show when=nothing>
                <p class="quiet">
                    {move || {
                        match (by.get().is_some(), more.get()) {
                            (true, true) => "None of the latest changes.",
                            (true, false) => "No changes.",
                            (false, _) => "Nothing has happened yet.",
                        }
                    }}
                </p>
            </Show>
            <Show when=move || more.get()>
                <button
                    type="button"
                    class="button history-page__older"
                    disabled=move || busy.get()
                    on:click=move |_| load(Some(next.get_untracked()))
                >
                    "Older"
                </button>
            </Show>
        </div>
    }
}

/// Whose changes are shown. A plain form without scripts.
#[component]
fn Filter(product: Product, members: Vec<Member>, by: Memo<Option<UserId>>) -> impl IntoView {
    let navigate = use_navigate();
    let path = format!("/p/{}/history", product.key);
    let choose = move |event: ev::Event| {
        let by = event_target_value(&event);
        let query = if by.is_empty() { String::new() } else { format!("?by={by}") };
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("{path}{query}"), options);
    };
    let chosen = by.get_untracked();
    let options = members
        .into_iter()
        .map(|member| {
            let left = if member.active { "" } else { " (left)" };
            view! {
                <option value=member.id.to_string() selected=chosen == Some(member.id)>
                    {format!("{}{left}", member.name)}
                </option>
            }
        })
        .collect_view();
    view! {
        <form class="history-page__filter" method="get">
            <label for="history-by">"Changes by"</label>
            <select
                class="select"
                id="history-by"
                name="by"
                autocomplete="off"
                prop:value=move || by.get().map_or_else(String::new, |by| by.to_string())
                on:change=choose
            >
                <option value="" selected=chosen.is_none()>
                    "Everyone"
                </option>
                {options}
            </select>
            <noscript>
                <button class="button" type="submit">
                    "Show"
                </button>
            </noscript>
        </form>
    }
}
