//! Files of items on their way into a roadmap.

use domain::{
    Op,
    exchange::{Imported, Mapping, Preview},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::edge::{editor, product_key};
use super::{ApiError, codec::Json};

/// What an import of a file would do. Without a mapping the server guesses one.
#[server(endpoint = "preview_import", input = Json, output = Json)]
pub async fn preview_import(
    key: String,
    text: String,
    mapping: Option<Mapping>,
) -> Result<Preview, ApiError> {
    Ok(editor().await?.preview_import(&product_key(&key)?, &text, mapping).await?)
}

/// Imports a file with the mapping its preview showed.
#[server(endpoint = "run_import", input = Json, output = Json)]
pub async fn run_import(key: String, text: String, mapping: Mapping) -> Result<Imported, ApiError> {
    Ok(editor().await?.import(&product_key(&key)?, &text, Some(mapping)).await?)
}

/// Takes back what an import did, with the operations it returned.
#[server(endpoint = "undo_import", input = Json, output = Json)]
pub async fn undo_import(key: String, undo: Vec<Op>) -> Result<(), ApiError> {
    Ok(editor().await?.undo_import(&product_key(&key)?, undo).await?)
}
