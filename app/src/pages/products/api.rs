//! What is said about a product.

use domain::{ProductKind, Stage};
use leptos::prelude::*;

use crate::api::ApiError;
#[cfg(feature = "ssr")]
use crate::api::edge::{editor, editor_of, field, go, keep};

/// Makes a product with a roadmap, and goes to its board.
#[server(endpoint = "create_product")]
pub async fn create_product(
    key: String,
    name: String,
    kind: ProductKind,
    stage: Stage,
    purpose: String,
) -> Result<String, ApiError> {
    keep([
        ("key", &key),
        ("name", &name),
        ("kind", kind.as_str()),
        ("stage", stage.as_str()),
        ("purpose", &purpose),
    ]);
    let editor = editor().await?;
    let (key, name) = (field("key", key.parse())?, field("name", backend::tidy(&name).parse())?);
    let profile =
        backend::Profile { name, kind, stage, purpose: field("purpose", backend::tidy(&purpose).parse())? };
    let product = editor.create_product(key, profile).await?;
    Ok(go(format!("/p/{}", product.key)))
}

/// Changes what is said about a product.
#[server(endpoint = "edit_product")]
pub async fn edit_product(
    key: String,
    name: String,
    kind: ProductKind,
    stage: Stage,
    purpose: String,
) -> Result<String, ApiError> {
    keep([("name", &name), ("kind", kind.as_str()), ("stage", stage.as_str()), ("purpose", &purpose)]);
    let (editor, key) = editor_of(&key).await?;
    let (name, purpose) =
        (field("name", backend::tidy(&name).parse())?, field("purpose", backend::tidy(&purpose).parse())?);
    editor.edit_product(&key, backend::Profile { name, kind, stage, purpose }).await?;
    Ok(go(format!("/p/{key}/settings")))
}

/// Archives a product or takes it out of the archive.
#[server(endpoint = "archive_product")]
pub async fn archive_product(key: String, archived: bool) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    editor.set_archived(&key, archived).await?;
    Ok(go(if archived { "/".to_owned() } else { format!("/p/{key}") }))
}
