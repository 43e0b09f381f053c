//! Who sees a product, and what they may do in it. For owners.

pub(crate) mod api;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;

use super::product_page::product_page;
use crate::pages::access::api::product_access;

/// `/p/:key/access`.
#[component]
pub fn ProductAccessPage() -> impl IntoView {
    product_page("settings", product_access)
}
