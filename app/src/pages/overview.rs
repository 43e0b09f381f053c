//! A product on one page: where it goes, what it works on, what it is measured by.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;

use super::product_page::product_page;

/// `/p/:key/overview`, drawn by the server.
#[component]
pub fn OverviewPage() -> impl IntoView {
    product_page("overview", api::overview)
}
