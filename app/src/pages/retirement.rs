//! The retirement plan of a product: who has to move where, which contracts end, and which cost that releases.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::product_page::product_page;

/// `/p/:key/retirement`, with the group or contract that is edited, `?edit=`.
#[component]
pub fn RetirementPage() -> impl IntoView {
    let query = use_query_map();
    product_page("retirement", move |key| api::retirement(key, query.read_untracked().get("edit")))
}
