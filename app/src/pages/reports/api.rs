//! Reports of what was promised, delivered and brought about.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{product_key, viewer};
use crate::api::{ApiError, Json, ProductPart};

/// The reports of a product, or of all.
#[server(endpoint = "reports", input = Json, output = Json)]
pub async fn reports(#[server(default)] key: String) -> Result<ProductPart, ApiError> {
    let viewer = viewer().await?;
    let key = (!key.is_empty()).then(|| product_key(&key)).transpose()?;
    let reports = viewer.reports(key.as_ref()).await?;
    let page = plain::page(&reports);
    Ok(ProductPart { product: reports.product, page })
}
