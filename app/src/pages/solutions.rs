//! Solutions: products that are offered together, what they share, and what is late in them.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::product_page::drawn;

/// `/solutions`, with the one that is edited, `?edit=`.
#[component]
pub fn SolutionsPage() -> impl IntoView {
    let query = use_query_map();
    drawn(Resource::new_blocking(move || query.read().get("edit"), api::solutions))
}
