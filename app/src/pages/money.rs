//! The money of a product: what it costs, brings and saves, by quarter of the workspace's year.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod forms;
#[cfg(feature = "ssr")]
mod plain;
#[cfg(feature = "ssr")]
mod tables;

#[cfg(feature = "ssr")]
pub(super) use self::tables::month;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::product_page::product_page;

/// `/p/:key/money`, with `?year=2027` and the entry that is edited, `?edit=`.
#[component]
pub fn MoneyPage() -> impl IntoView {
    let query = use_query_map();
    product_page("money", move |key| {
        let query = query.read_untracked();
        api::money(key, query.get("year"), query.get("edit"))
    })
}
