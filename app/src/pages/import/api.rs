//! Files of items on their way into a roadmap.

use domain::{
    ClientId, Op,
    exchange::{Answers, Imported, Mapping, Preview, Progress},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::api::edge::{editor_of, upload, viewer};
use crate::api::{ApiError, Json};

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
    let (editor, key) = editor_of(&key).await?;
    Ok(editor.preview_import(&key, upload(text, base64, mapping, answers)?).await?)
}

/// Imports a file with the mapping and the answers its preview showed. With an id, which the page makes, the person who
/// imports it can ask how far that is, and cancel it.
#[server(endpoint = "run_import", input = Json, output = Json)]
pub async fn run_import(
    key: String,
    #[server(default)] text: String,
    #[server(default)] base64: bool,
    mapping: Mapping,
    #[server(default)] answers: Answers,
    #[server(default)] id: Option<ClientId>,
) -> Result<Imported, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    let upload = upload(text, base64, Some(mapping), answers)?;
    Ok(match id {
        Some(id) => editor.import_as(&key, upload, id).await?,
        None => editor.import(&key, upload).await?,
    })
}

/// How far an import of the person who asks is; nothing when none with this id runs in the process that answers.
#[server(endpoint = "import_progress", input = Json, output = Json)]
pub async fn import_progress(id: ClientId) -> Result<Option<Progress>, ApiError> {
    Ok(viewer().await?.import_progress(id))
}

/// Cancels an import of the person who asks. Whether nothing was imported; otherwise it was complete before.
#[server(endpoint = "cancel_import", input = Json, output = Json)]
pub async fn cancel_import(key: String, id: ClientId) -> Result<bool, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    Ok(editor.cancel_import(&key, id).await?)
}

/// Takes back what an import did, with the operations it returned.
#[server(endpoint = "undo_import", input = Json, output = Json)]
pub async fn undo_import(key: String, undo: Vec<Op>) -> Result<(), ApiError> {
    let (editor, key) = editor_of(&key).await?;
    Ok(editor.undo_import(&key, undo).await?)
}
