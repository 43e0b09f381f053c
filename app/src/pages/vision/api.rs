//! Visions and strategies, and what people say about them.

use std::collections::BTreeMap;

use domain::RecordId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{field, go, product_key, refusal, viewer};
use crate::api::{ApiError, Json, ProductPart};

/// The forms of the page.
#[cfg(feature = "ssr")]
const FORMS: [&str; 5] = [
    "/api/publish_vision",
    "/api/rate_vision",
    "/api/save_strategy_block",
    "/api/confirm_strategy_block",
    "/api/bin_strategy_block",
];

/// The product that an address or a form names; none where it names the workspace.
#[cfg(feature = "ssr")]
fn key_of(text: &str) -> Result<Option<domain::ProductKey>, ApiError> {
    (!text.is_empty()).then(|| product_key(text)).transpose()
}

/// The vision of a product with its strategy, or the vision of the workspace.
#[server(endpoint = "vision", input = Json, output = Json)]
pub async fn vision(
    #[server(default)] key: String,
    #[server(default)] version: Option<String>,
) -> Result<ProductPart, ApiError> {
    let (viewer, key) = (viewer().await?, key_of(&key)?);
    let unknown = |_| ApiError::new(404, "There is no such version of this vision.");
    let version = version.map(|version| version.parse().map_err(unknown)).transpose()?;
    let vision = viewer.vision(key.as_ref(), version).await?;
    let strategy = match &key {
        Some(key) => Some(viewer.strategy(key).await?),
        None => None,
    };
    let page = plain::page(&viewer, &vision, strategy.as_ref(), refusal(&FORMS)).await?;
    Ok(ProductPart { product: vision.product, page })
}

/// Publishes a new version of a vision. `seen` is the newest one that its author saw.
#[server(endpoint = "publish_vision")]
pub async fn publish_vision(
    #[server(default)] key: String,
    text: String,
    #[server(default)] seen: Option<RecordId>,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, key_of(&key)?);
    viewer.publish_vision(key.as_ref(), &text, seen).await?;
    Ok(go(plain::address(key.as_ref())))
}

/// Rates the newest version of a vision by its checks, as far as the ratings are not as they were seen; an empty one takes a rating back.
#[server(endpoint = "rate_vision")]
pub async fn rate_vision(
    #[server(default)] key: String,
    id: RecordId,
    ratings: BTreeMap<String, String>,
    #[server(default)] seen: BTreeMap<String, String>,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, key_of(&key)?);
    let is_edited = |(check, rating): &(String, String)| seen.get(check) != Some(rating);
    let ratings: Vec<(String, String)> = ratings.into_iter().filter(is_edited).collect();
    viewer.rate_vision(key.as_ref(), id, &ratings).await?;
    Ok(go(format!("{}#rating", plain::address(key.as_ref()))))
}

/// What is typed about a block of a strategy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedBlock {
    #[serde(default)]
    text: String,
    /// A member, or empty.
    #[serde(default)]
    owner: String,
    /// Keys of items.
    #[serde(default)]
    items: String,
}

#[cfg(feature = "ssr")]
impl TypedBlock {
    fn draft(self) -> backend::strategy::BlockDraft {
        let Self { text, owner, items } = self;
        backend::strategy::BlockDraft { text, owner, items }
    }
}

/// Writes a block of a strategy, or changes what is not as it was seen. `shown` are the ids of the items that were linked there.
#[server(endpoint = "save_strategy_block")]
pub async fn save_strategy_block(
    key: String,
    block: String,
    typed: TypedBlock,
    #[server(default)] seen: TypedBlock,
    #[server(default)] shown: String,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let block = field("block", block.parse().map_err(backend::Error::Invalid))?;
    let shown: Vec<domain::ItemId> = shown.split_whitespace().filter_map(|id| id.parse().ok()).collect();
    viewer.save_strategy_block(&key, block, &typed.draft(), &seen.draft(), &shown).await?;
    Ok(go(plain::block_address(&key, block)))
}

/// Says that a block is still true.
#[server(endpoint = "confirm_strategy_block")]
pub async fn confirm_strategy_block(key: String, id: RecordId, read: u64) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.confirm_strategy_block(&key, id, read).await?;
    Ok(go(format!("{}#strategy", plain::address(Some(&key)))))
}

/// Moves a block to the bin, or takes it out.
#[server(endpoint = "bin_strategy_block")]
pub async fn bin_strategy_block(key: String, id: RecordId, deletes: bool) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.bin_strategy_block(&key, id, deletes).await?;
    Ok(go(format!("{}#strategy", plain::address(Some(&key)))))
}
