//! Reports for those who read: of all products, or of one.

pub(crate) mod api;
#[cfg(feature = "ssr")]
mod charts;
#[cfg(feature = "ssr")]
mod plain;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::product_page::drawn_of;

/// `/reports` and `/p/:key/reports`; `?product=` names one, too.
#[component]
pub fn ReportsPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        params.read().get("key").or_else(|| query.read().get("product")).unwrap_or_default()
    });
    drawn_of(Resource::new_blocking(move || asked.get(), api::reports), "reports")
}
