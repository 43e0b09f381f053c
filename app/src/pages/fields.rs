//! The fields of a product's items: which it uses, in which order, and those of its own. Drawn by the server alone.

#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::fields::{self, FieldsPage},
    frame::{ErrorPage, ProductBar},
    ui::PlainPart,
};

/// `/p/:key/fields`.
#[component]
pub fn ProductFieldsPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    let page = Resource::new_blocking(move || key.get(), fields::product_fields);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(FieldsPage { product, page }) => view! {
                        <Title text=page.title />
                        <ProductBar product view="settings" />
                        <PlainPart html=page.html />
                    }
                    .into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}
