//! `/workspace`: what holds for all products.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;

use super::product_page::plain_page;

/// A plain form that the server makes: it works before the application does.
#[component]
pub fn WorkspacePage() -> impl IntoView {
    plain_page(api::workspace)
}
