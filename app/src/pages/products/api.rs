//! What is said about a product.

use domain::{ProductKind, Stage};
use leptos::prelude::*;

use crate::api::ApiError;
#[cfg(feature = "ssr")]
use crate::api::edge::{editor, editor_of, field, go, keep, product_key};

/// Makes a product with a roadmap, and goes to its board.
#[server(endpoint = "create_product")]
pub async fn create_product(
    key: String,
    name: String,
    kind: ProductKind,
    stage: Stage,
    purpose: String,
    #[server(default)] template: Option<String>,
) -> Result<String, ApiError> {
    let template = template.unwrap_or_default();
    keep([
        ("template", &template),
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
    let product = if template.is_empty() {
        editor.create_product(key, profile).await?
    } else {
        let set_up = field("template", editor.set_up_of(&template).await)?;
        editor.create_product_as(key, profile, &set_up).await?
    };
    Ok(go(format!("/p/{}", product.key)))
}

/// Changes what is said about a product, besides its stage.
#[server(endpoint = "edit_product")]
pub async fn edit_product(
    key: String,
    name: String,
    kind: ProductKind,
    purpose: String,
) -> Result<String, ApiError> {
    keep([("name", &name), ("kind", kind.as_str()), ("purpose", &purpose)]);
    let (editor, key) = editor_of(&key).await?;
    let (name, purpose) =
        (field("name", backend::tidy(&name).parse())?, field("purpose", backend::tidy(&purpose).parse())?);
    editor.edit_product(&key, (name, kind, purpose)).await?;
    Ok(go(format!("/p/{key}/settings")))
}

/// Archives a product or takes it out of the archive.
#[server(endpoint = "archive_product")]
pub async fn archive_product(key: String, archived: bool) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    editor.set_archived(&key, archived).await?;
    Ok(go(if archived { "/".to_owned() } else { format!("/p/{key}") }))
}

/// Saves the set-up of a product as a template, and goes to the templates.
#[server(endpoint = "save_template")]
pub async fn save_template(
    key: String,
    template: String,
    #[server(default)] items: Option<String>,
) -> Result<String, ApiError> {
    keep([("template", &template)]);
    let (editor, key) = (editor().await?, product_key(&key)?);
    let name = backend::tidy(&template);
    field("template", editor.save_as_template(&key, &name, items.is_some()).await)?;
    Ok(go("/templates".to_owned()))
}
