//! The history of a product.

use domain::Timestamp;
use leptos::prelude::*;

use super::data::{Asked, HistoryPage};
use crate::api::{ApiError, Json};
#[cfg(feature = "ssr")]
use crate::{
    api::edge::{product_key, viewer},
    pages::history::plain,
};

/// What happened on a product's roadmap and to the product itself, the latest first, as far as it is asked for; below a line of
/// the time `after`, where one stands above.
#[server(endpoint = "product_history", input = Json, output = Json)]
pub async fn product_history(
    key: String,
    #[server(default)] asked: Asked,
    #[server(default)] after: Option<Timestamp>,
) -> Result<HistoryPage, ApiError> {
    let viewer = viewer().await?;
    let product = viewer.product(&product_key(&key)?).await?;
    Ok(plain::page(&viewer, product, &asked, after).await?)
}
