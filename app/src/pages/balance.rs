//! What the work of a quarter is for, against the mix that is wanted: of a product, and of the portfolio.

pub(crate) mod api;
pub(crate) mod data;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::product_page::drawn_of;

/// `/balance` and `/p/:key/balance`, with `?quarter=2027-Q1` and `?by=cost`.
#[component]
pub fn BalancePage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let query = query.read();
        (params.read().get("key").unwrap_or_default(), query.get("quarter"), query.get("by"))
    });
    let page =
        Resource::new_blocking(move || asked.get(), |(key, quarter, by)| api::balance(key, quarter, by));
    drawn_of(page, "balance")
}
