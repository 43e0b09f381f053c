//! Pages that the server draws alone: about one product, and others with forms.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    api::{ApiError, Plain, ProductPage, ProductPart},
    frame::{ErrorPage, ProductBar},
    ui::{self, PlainPart},
};

/// The page of the product in the address, under the bar with `view` as the way to look at it.
pub(crate) fn product_page<Loading>(
    view: &'static str,
    load: impl Fn(String) -> Loading + Send + Sync + 'static,
) -> impl IntoView
where
    Loading: Future<Output = Result<ProductPage, ApiError>> + Send + 'static,
{
    let (params, query) = (use_params_map(), use_query_map());
    // What stands behind the `?` is read by `load`, and another page when it changes.
    let asked =
        Memo::new(move |_| (params.read().get("key").unwrap_or_default(), query.read().to_query_string()));
    let page = Resource::new_blocking(move || asked.get(), move |(key, _)| load(key));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(ProductPage { product, page }) => view! {
                        <Title text=page.title />
                        <ProductBar product view />
                        <PlainPart html=page.html />
                    }
                    .into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// A page of forms. `done` in its address says which of them was just accepted.
pub(crate) fn plain_page<Loading>(
    load: impl Fn(Option<String>) -> Loading + Send + Sync + 'static,
) -> impl IntoView
where
    Loading: Future<Output = Result<Plain, ApiError>> + Send + 'static,
{
    let query = use_query_map();
    drawn(Resource::new_blocking(move || query.read().get("done"), load))
}

/// A page as the server drew it. While it is loaded again, what was there stays.
pub(crate) fn drawn(page: Resource<Result<Plain, ApiError>>) -> impl IntoView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(Plain { title, html }) => view! { <Title text=title /> <PlainPart html /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// As [`drawn`], of a product under the bar with `view` as the way to look at it, or of all products without a bar.
pub(crate) fn drawn_of(page: Resource<Result<ProductPart, ApiError>>, view: &'static str) -> impl IntoView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(ProductPart { product, page }) => view! {
                        <Title text=page.title />
                        {product.map(|product| view! { <ProductBar product view /> })}
                        <PlainPart html=page.html />
                    }
                    .into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The parts of a product's settings, each a page of its own, with the one that is shown.
pub(crate) fn settings_tabs(key: &str, shown: &'static str, owns: bool) -> AnyView {
    let tab = |label, part| ui::tab(label, format!("/p/{key}/{part}"), part == shown);
    view! {
        <nav class="subtabs" aria-label="Settings">
            {tab("Profile", "settings")} {tab("Fields", "fields")} {owns.then(|| tab("Access", "access"))}
        </nav>
    }
    .into_any()
}
