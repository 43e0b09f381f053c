//! The alignment matrix of a quarter: products by objectives, rated by several people.

pub(crate) mod api;
mod keys;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{api::Plain, frame::ErrorPage, ui::PlainPart};

/// `/direction/2027-Q1/alignment`, drawn by the server; `?cell=` shows who rated a cell.
#[component]
pub fn MatrixPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked =
        Memo::new(move |_| (params.read().get("quarter").unwrap_or_default(), query.read().get("cell")));
    let page = Resource::new_blocking(move || asked.get(), |(quarter, cell)| api::alignment(quarter, cell));
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(plain) => view! { <Grid plain asked /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The page, alive: keys rate, and what all say follows.
#[component]
fn Grid(plain: Plain, asked: Memo<(String, Option<String>)>) -> impl IntoView {
    let html = RwSignal::new(plain.html);
    Effect::new(move |_| keys::listen(asked, html));
    view! {
        <Title text=plain.title />
        <PlainPart html />
    }
}
