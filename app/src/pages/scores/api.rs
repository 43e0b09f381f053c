//! Scores of a product's items, and what people say about them.

use std::collections::BTreeMap;

use domain::ItemId;
use leptos::prelude::*;

use super::data::{Asked, ScoresPage};
#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{editor_of, go, product_key, refusal, viewer};
use crate::api::{ApiError, Json};

#[cfg(feature = "ssr")]
const FORMS: [&str; 5] = [
    "/api/rate_item",
    "/api/choose_score_model",
    "/api/reveal_ratings",
    "/api/apply_score_order",
    "/api/undo_score_order",
];

/// The items of a product in the order of their scores.
#[server(endpoint = "load_scores", input = Json, output = Json)]
pub async fn load_scores(asked: Asked) -> Result<ScoresPage, ApiError> {
    let viewer = viewer().await?;
    let key = product_key(&asked.key)?;
    let refused = refusal(&FORMS);
    Ok(plain::page(&viewer, &key, &asked, refused).await?)
}

/// Rates an item by criteria, and comes back to it; an empty field removes the rating.
#[server(endpoint = "rate_item")]
pub async fn rate_item(
    key: String,
    item: ItemId,
    number: u32,
    model: String,
    ratings: BTreeMap<String, String>,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let ratings: Vec<(String, String)> = ratings.into_iter().collect();
    viewer.rate(&key, item, &model, &ratings).await?;
    Ok(go(plain::item_address(&key, number)))
}

/// Chooses by which model a product is scored.
#[server(endpoint = "choose_score_model")]
pub async fn choose_score_model(key: String, #[server(default)] model: String) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    editor.choose_score_model(&key, &model).await?;
    Ok(go(plain::address(&key)))
}

/// Reveals the ratings of a product, or hides them again.
#[server(endpoint = "reveal_ratings")]
pub async fn reveal_ratings(key: String, revealed: bool) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    editor.reveal_ratings(&key, revealed).await?;
    Ok(go(plain::address(&key)))
}

/// Puts the items of each lane into the order of their scores.
#[server(endpoint = "apply_score_order")]
pub async fn apply_score_order(key: String) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    let applied = editor.apply_score_order(&key).await?;
    let address = plain::address(&key);
    Ok(go(applied.map_or(address.clone(), |seq| format!("{address}?applied={seq}"))))
}

/// Takes that back.
#[server(endpoint = "undo_score_order")]
pub async fn undo_score_order(key: String, seq: u64) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    editor.undo_score_order(&key, seq).await?;
    Ok(go(plain::address(&key)))
}
