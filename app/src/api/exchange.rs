//! Files of items on their way into a roadmap.

use domain::{
    Op,
    exchange::{Answers, Imported, Mapping, Preview},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::edge::{editor, product_key, upload};
use super::{ApiError, codec::Json};

/// What an import of a file would do. Without a mapping the server guesses one. The file is its text or, where it is not
/// UTF-8, its bytes in base 64.
#[server(endpoint = "preview_import", input = Json, output = Json)]
pub async fn preview_import(
    key: String,
    #[server(default)] text: String,
    #[server(default)] base64: bool,
    mapping: Option<Mapping>,
    #[server(default)] answers: Answers,
) -> Result<Preview, ApiError> {
    let editor = editor().await?;
    Ok(editor.preview_import(&product_key(&key)?, upload(text, base64, mapping, answers)?).await?)
}

/// Imports a file with the mapping and the answers its preview showed.
#[server(endpoint = "run_import", input = Json, output = Json)]
pub async fn run_import(
    key: String,
    #[server(default)] text: String,
    #[server(default)] base64: bool,
    mapping: Mapping,
    #[server(default)] answers: Answers,
) -> Result<Imported, ApiError> {
    let editor = editor().await?;
    Ok(editor.import(&product_key(&key)?, upload(text, base64, Some(mapping), answers)?).await?)
}

/// Takes back what an import did, with the operations it returned.
#[server(endpoint = "undo_import", input = Json, output = Json)]
pub async fn undo_import(key: String, undo: Vec<Op>) -> Result<(), ApiError> {
    Ok(editor().await?.undo_import(&product_key(&key)?, undo).await?)
}
