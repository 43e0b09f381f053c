//! The items of a product in the order of their scores, and why each is where it is.

pub(crate) mod api;
pub(crate) mod data;
#[cfg(feature = "ssr")]
mod matrix;
#[cfg(feature = "ssr")]
mod plain;
#[cfg(feature = "ssr")]
mod why;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    frame::{ErrorPage, ProductBar},
    pages::scores::data::Asked,
    ui::PlainPart,
};

/// `/p/:key/scores`, drawn by the server; `?item=` opens an item, `?from=` begins further down, `?x=` and `?y=` draw the matrix.
#[component]
pub fn ScoresPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let query = query.read();
        let key = params.read().get("key").unwrap_or_default();
        Asked {
            key,
            item: query.get("item"),
            from: query.get("from"),
            applied: query.get("applied"),
            x: query.get("x"),
            y: query.get("y"),
            size: query.get("size"),
        }
    });
    let page = Resource::new_blocking(move || asked.get(), api::load_scores);
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => {
                        view! {
                            <Title text=format!("Scores of {}", page.product.name) />
                            <ProductBar product=page.product view="scores" />
                            <PlainPart html=page.html />
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}
