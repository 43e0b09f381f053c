//! The fields of a product's items: which it uses, in which order, and those of its own.

pub(crate) mod api;
pub(crate) mod data;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;

use super::product_page::product_page;
use crate::pages::fields::api::product_fields;

/// `/p/:key/fields`.
#[component]
pub fn ProductFieldsPage() -> impl IntoView {
    product_page("settings", product_fields)
}
