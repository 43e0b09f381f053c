//! The items of a product in the order of their scores, and why each is where it is.

pub(crate) mod api;
pub(crate) mod data;
mod drag;
#[cfg(feature = "ssr")]
mod matrix;
#[cfg(feature = "ssr")]
mod plain;
#[cfg(feature = "ssr")]
mod why;

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    frame::{ErrorPage, ProductBar},
    pages::scores::data::Asked,
    platform,
    ui::{PlainPart, Toasts},
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
    let toasts = expect_context::<Toasts>();
    // What was rated on the matrix, until the page has it.
    let rated = StoredValue::new(None::<drag::Rated>);
    let rate = Callback::new(move |what: drag::Rated| {
        let key = asked.with_untracked(|asked| asked.key.clone());
        spawn_local(async move {
            let ratings = what.ratings.iter().cloned().collect();
            match api::rate_item(key, what.item, what.number, what.model.clone(), ratings).await {
                Ok(_) => {
                    rated.try_set_value(Some(what));
                    page.refetch();
                }
                Err(error) => toasts.error(error.sentence),
            }
        });
    });
    Effect::new(move |_| drag::listen(rate));
    Effect::new(move |_| {
        let Some(Ok(shown)) = &*page.read() else { return };
        let Some(what) = rated.try_update_value(Option::take).flatten() else { return };
        toasts.info(what.sentence(&shown.product.key));
        platform::next_frame(move || what.focus());
    });
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
