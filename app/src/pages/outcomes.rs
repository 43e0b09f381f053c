//! What shipped items of a product changed, and how ready the next ones are.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
pub(super) mod plain;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::product_page::product_page;

/// `/p/:key/outcomes`, with the outcome that is edited, `?edit=`.
#[component]
pub fn OutcomesPage() -> impl IntoView {
    let query = use_query_map();
    product_page("outcomes", move |key| api::outcomes(key, query.read_untracked().get("edit")))
}
