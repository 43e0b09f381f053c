//! `/account`: what people change about themselves.

pub(crate) mod api;
#[cfg(feature = "ssr")]
pub(crate) mod data;
#[cfg(feature = "ssr")]
pub(crate) mod plain;

use leptos::prelude::*;

use super::product_page::plain_page;

/// Plain forms that the server makes: they work before the application does, and the theme comes with the next page.
#[component]
pub fn AccountPage() -> impl IntoView {
    plain_page(api::account)
}
