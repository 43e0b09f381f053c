//! What happened on a product's roadmap, the latest first.

use domain::{Member, Product, RoadmapId};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::{
        ApiError,
        rooms::{self, HistoryLine, HistoryPage as Lines},
    },
    frame::{ErrorPage, ProductBar},
    ui::{HistoryList, Toasts},
};

/// `/p/:key/history`.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    let first = Resource::new_blocking(
        move || key.get(),
        |key| async move {
            let (product, members) = rooms::load_product(key).await?;
            let lines = rooms::history(product.roadmap, None, None).await?;
            Ok::<_, ApiError>((product, members, lines))
        },
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok((product, members, lines)) => view! { <Content product members lines /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Content(product: Product, members: Vec<Member>, lines: Lines) -> impl IntoView {
    view! {
        <Title text=format!("History of {}", product.name) />
        <ProductBar product=product.clone() view="history" />
        <div class="page page--reading">
            <header class="page__header">
                <h1>"History"</h1>
                <p class="page__count">"Every change of this roadmap, the latest first"</p>
                <a class="button button--quiet" href=format!("/p/{}/past", product.key)>
                    "Compare moments"
                </a>
            </header>
            <HistoryList lines=lines.lines.clone() members=members.clone() />
            <Older roadmap=product.roadmap members first=lines />
        </div>
    }
}

/// What is older than the lines before, asked for page by page.
#[component]
fn Older(roadmap: RoadmapId, members: Vec<Member>, first: Lines) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let pages = RwSignal::new(Vec::<Vec<HistoryLine>>::new());
    let oldest = RwSignal::new(first.next);
    let more = RwSignal::new(first.more);
    let busy = RwSignal::new(false);
    let load = move |_| {
        busy.set(true);
        let before = oldest.get_untracked();
        spawn_local(async move {
            let answer = rooms::history(roadmap, Some(before), None).await;
            // The page may have been left meanwhile.
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(page) => {
                    oldest.set(page.next);
                    more.set(page.more);
                    pages.update(|pages| pages.push(page.lines));
                }
                Err(error) => toasts.error(error.to_string()),
            }
        });
    };
    let list =
        move |(_, lines): (usize, Vec<HistoryLine>)| view! { <HistoryList lines members=members.clone() /> };
    view! {
        <For each=move || pages.get().into_iter().enumerate() key=|(index, _)| *index children=list />
        <Show when=move || more.get()>
            <button type="button" class="button history-page__older" disabled=move || busy.get() on:click=load>
                "Older"
            </button>
        </Show>
    }
}
