//! What happened on a product's roadmap and to the product itself, the latest first.

#[cfg(feature = "ssr")]
mod address;
pub(crate) mod api;
pub(crate) mod data;
mod filters;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use domain::{Timestamp, counted};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::filters::{Filters, PARAMETERS};
use crate::{
    frame::{ErrorPage, ProductBar},
    pages::history::{
        api::product_history,
        data::{Asked, HistoryPage as Shown, HistoryPart},
    },
    ui::{PlainPart, Toasts},
};

/// The parameter of the place where older lines begin. With scripts these are put below the others, and the address stays.
const BEFORE: &str = "before";

/// `/p/:key/history`; the parameters of the address say what is shown.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    let asked = Memo::new(move |_| {
        let query = query.read();
        let mut asked = Asked::new();
        for name in PARAMETERS.into_iter().chain([BEFORE]) {
            if let Some(value) = query.get(name).filter(|value| !value.is_empty()) {
                asked.insert(name.to_owned(), value);
            }
        }
        asked
    });
    // What else is asked for of the same product the page fetches by itself, which stays as it is meanwhile.
    let first = Resource::new_blocking(
        move || key.get(),
        move |key| product_history(key, asked.get_untracked(), None),
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(first) => view! { <Content first asked /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Content(first: Shown, asked: Memo<Asked>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let Shown { product, people, fields, part } = first;
    let key = StoredValue::new(product.key.to_string());
    // Numbered through: a list that is replaced has no part of the one before.
    let number = StoredValue::new(0_usize);
    let parts = RwSignal::new(vec![(0, part)]);
    let busy = RwSignal::new(false);
    // Older lines than a place, below those that are there, or what is asked for in their place.
    let load = move |older: Option<(String, Option<Timestamp>)>| {
        // The address changes once more when the page is left: what belongs to the page is read before it may be gone.
        let (Some(wanted), Some(key)) = (asked.try_get_untracked(), key.try_get_value()) else { return };
        busy.set(true);
        spawn_local(async move {
            let mut question = wanted.clone();
            let (before, after) = older.unzip();
            if let Some(before) = before {
                question.insert(BEFORE.to_owned(), before);
            }
            let answer = product_history(key, question, after.flatten()).await;
            // The page may have been left meanwhile, or something else asked for.
            if asked.try_get_untracked() != Some(wanted) {
                return;
            }
            busy.set(false);
            match answer {
                Ok(Shown { part, .. }) => parts.update(|parts| {
                    if after.is_none() {
                        parts.clear();
                    }
                    number.update_value(|number| *number += 1);
                    parts.push((number.get_value(), part));
                }),
                Err(error) => toasts.error(error.to_string()),
            }
        });
    };
    Effect::watch(move || asked.get(), move |_, _, _| load(None), false);

    let last = move || parts.with(|parts| parts.last().map(|(_, part)| part.clone()));
    let next = move || last().and_then(|part| part.next);
    let older = move |event: SubmitEvent| {
        event.prevent_default();
        let above = parts.with_untracked(|parts| parts.iter().rev().find_map(|(_, part)| part.last));
        if let Some(before) = untrack(next) {
            load(Some((before, above)));
        }
    };
    let count = move || {
        let lines: usize = parts.with(|parts| parts.iter().map(|(_, part)| part.lines).sum());
        match next() {
            Some(_) if lines == 0 => String::new(),
            Some(_) => format!("The latest {}", counted(lines, "change", "changes")),
            None => counted(lines, "change", "changes"),
        }
    };
    // A form that is sent without scripts asks for the same, and for what is older.
    let hidden = move || {
        let same = asked.get().into_iter().filter(|(name, _)| name != BEFORE);
        let fields = same.chain(next().map(|next| (BEFORE.to_owned(), next)));
        fields.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()
    };
    let label = move || {
        if last().is_some_and(|part| part.is_cut_short) { "Search further back" } else { "Older" }
    };
    let part = |(_, part): (usize, HistoryPart)| view! { <PlainPart html=part.html /> };
    view! {
        <Title text=format!("History of {}", product.name) />
        <ProductBar product=product.clone() view="history" />
        <div class="page page--reading history-page">
            <header class="page__header">
                <h1>"History"</h1>
                <p class="page__count" role="status">
                    {count}
                </p>
                <a class="button" href=format!("/p/{}/past", product.key) title="Compare two moments">
                    "Compare"
                </a>
            </header>
            <Filters product_key=product.key.to_string() people fields asked />
            <div class="history-page__lines" aria-busy=move || busy.get().to_string()>
                <For each=move || parts.get() key=|(number, _)| *number children=part />
            </div>
            <Show when=move || next().is_some()>
                <form class="history-page__older" method="get" on:submit=older>
                    {hidden}
                    <button type="submit" class="button" disabled=move || busy.get()>
                        {label}
                    </button>
                </form>
            </Show>
        </div>
    }
}
