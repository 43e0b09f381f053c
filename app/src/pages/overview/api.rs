//! A product on one page.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{product_key, viewer};
use crate::api::{ApiError, Json, ProductPage};

/// What there is to know about a product, in short.
#[server(endpoint = "overview", input = Json, output = Json)]
pub async fn overview(key: String) -> Result<ProductPage, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    Ok(plain::page(&viewer, &key).await?)
}
