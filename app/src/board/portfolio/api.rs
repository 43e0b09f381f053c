//! The roadmaps of several products, for one page.

use domain::{FiscalYear, ItemId, Member, Product, Record, UserId, wire::Snapshot};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{editor_of, product_key, viewer};
use crate::api::{ApiError, Json};

/// The most products that are shown at once: each is a room of the page's connection, which has room for a few more.
#[cfg(feature = "ssr")]
const MOST_PRODUCTS: usize = 60;
#[cfg(feature = "ssr")]
const _: () = assert!(MOST_PRODUCTS < domain::wire::MAX_ROOMS as usize);
/// The most items of all of them. A single product is shown whatever it has.
#[cfg(feature = "ssr")]
const MOST_ITEMS: u32 = 5_000;

/// All that a portfolio needs for its first render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortfolioData {
    /// The products that are shown, each with its roadmap.
    pub parts: Vec<(Product, Snapshot)>,
    pub members: Vec<Member>,
    pub user: UserId,
    /// By what quarters are counted.
    pub year: FiscalYear,
    /// How many products there are beside these, those in the archive aside.
    pub left_out: usize,
    /// The saved views of the portfolio that this person may see.
    pub views: Vec<Record>,
}

/// The roadmaps of all products that are not in the archive, by name: as many as a page can have, those first that `asked` lets
/// through. It is written as in a saved view. Of the item with the key that is open, the newest comments come along.
#[server(endpoint = "load_portfolio", input = Json, output = Json)]
pub async fn load_portfolio(asked: String, item: Option<String>) -> Result<PortfolioData, ApiError> {
    let viewer = viewer().await?;
    let filter = domain::read_state(&asked).0;
    let summaries = viewer.product_summaries().await?;
    let current = summaries.into_iter().filter(|summary| !summary.product.archived);
    let (wanted, others): (Vec<_>, Vec<_>) =
        current.partition(|summary| filter.takes_product(&summary.product));
    let all = wanted.len() + others.len();
    let mut items = 0u32;
    let fits = |summary: &domain::ProductSummary| {
        let is_first = items == 0;
        items = items.saturating_add(summary.items.max(1));
        is_first || items <= MOST_ITEMS
    };
    let shown = wanted.into_iter().chain(others).take_while(fits).take(MOST_PRODUCTS);
    let mut products: Vec<Product> = shown.map(|summary| summary.product).collect();
    products.sort_by_cached_key(|product| product.name.to_lowercase());
    let open = item.as_deref().and_then(|key| key.rsplit_once('-'));
    let mut parts = Vec::with_capacity(products.len());
    for product in products {
        let number =
            open.filter(|(key, _)| **key == *product.key).and_then(|(_, number)| number.parse().ok());
        let snapshot = viewer.snapshot(product.roadmap, &[], number).await?;
        parts.push((product, snapshot));
    }
    Ok(PortfolioData {
        left_out: all - parts.len(),
        parts,
        members: viewer.members().await?,
        user: viewer.member().id,
        year: viewer.fiscal_year().await?,
        views: crate::board::api::views_of(&viewer, None).await?,
    })
}

/// Where an item is that was moved to another product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedItem {
    /// Such as `CRM-14`.
    pub key: String,
    /// The fields whose values stayed behind, because the other product has none of them.
    pub left: Vec<String>,
}

/// Moves an item of a product to another product.
#[server(endpoint = "move_item_to_product", input = Json, output = Json)]
pub async fn move_item_to_product(key: String, item: ItemId, to: String) -> Result<MovedItem, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    let moved = editor.move_item(&key, item, &product_key(&to)?).await?;
    Ok(MovedItem { key: moved.key.to_string(), left: moved.left })
}
