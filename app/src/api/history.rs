//! The history of a product.

use std::collections::BTreeMap;

use domain::{Product, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ApiError, codec::Json};
#[cfg(feature = "ssr")]
use crate::{
    api::edge::{product_key, viewer},
    pages::history::plain,
};

/// What an address asks for, by the names of its parameters.
pub type Asked = BTreeMap<String, String>;

/// What the page of a product's history shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    pub product: Product,
    /// Ids and names of those whose changes can be asked for.
    pub people: Vec<(String, String)>,
    /// Keys and labels of the fields whose changes can be asked for.
    pub fields: Vec<(String, String)>,
    pub part: HistoryPart,
}

/// Lines that were read at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPart {
    pub html: String,
    /// How many lines there are.
    pub lines: usize,
    /// When the last of them was.
    pub last: Option<Timestamp>,
    /// Where older ones begin, if there may be some.
    pub next: Option<String>,
    /// Whether reading ended before there were as many lines as a page has.
    pub is_cut_short: bool,
}

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
