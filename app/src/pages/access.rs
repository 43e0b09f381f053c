//! Who sees a product, and what they may do in it. For owners.

#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;

use super::product_page::product_page;
use crate::api::access::product_access;

/// `/p/:key/access`.
#[component]
pub fn ProductAccessPage() -> impl IntoView {
    product_page("settings", product_access)
}
