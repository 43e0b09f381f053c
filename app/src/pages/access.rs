//! Who sees a product, and what they may do in it. For owners, drawn by the server alone.

#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::access::{self, AccessPage},
    frame::{ErrorPage, ProductBar},
    ui::PlainPart,
};

/// `/p/:key/access`.
#[component]
pub fn ProductAccessPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.read().get("key").unwrap_or_default());
    let page = Resource::new_blocking(move || key.get(), access::product_access);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(AccessPage { product, page }) => view! {
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
