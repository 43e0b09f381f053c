//! The days that teams have in each quarter, against what is planned for them, and requests for more.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::product_page::drawn;

/// `/capacity`, with `?from=2027-Q1`.
#[component]
pub fn CapacityPage() -> impl IntoView {
    let query = use_query_map();
    let from = Memo::new(move |_| query.read().get("from"));
    let page = Resource::new_blocking(move || from.get(), api::capacity);
    drawn(page)
}
