//! Where the organisation or a product goes: its vision with what people say about it, and the strategy of a product.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod plain;
#[cfg(feature = "ssr")]
mod strategy;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::product_page::drawn_of;

/// `/vision` and `/p/:key/vision`, drawn by the server; `?version=` shows an older one.
#[component]
pub fn VisionPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked =
        Memo::new(move |_| (params.read().get("key").unwrap_or_default(), query.read().get("version")));
    let page = Resource::new_blocking(move || asked.get(), |(key, version)| api::vision(key, version));
    drawn_of(page, "vision")
}
