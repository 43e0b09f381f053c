//! Pages about one product that the server draws alone.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::{ApiError, ProductPage},
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
    let params = use_params_map();
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    let page = Resource::new_blocking(move || key.get(), load);
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
