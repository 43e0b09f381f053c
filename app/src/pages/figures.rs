//! The key figures of a product: what it is measured by, and what was measured.

pub(crate) mod api;
#[cfg(feature = "ssr")]
pub(crate) mod chart;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;

use super::product_page::product_page;

/// `/p/:key/figures`.
#[component]
pub fn FiguresPage() -> impl IntoView {
    product_page("figures", api::figures)
}
