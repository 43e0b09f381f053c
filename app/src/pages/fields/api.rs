//! The fields of a product's items.

use domain::FieldKey;
use leptos::prelude::*;

use super::data::Typed;
#[cfg(feature = "ssr")]
use crate::api::edge::{editor_of, field, go, product_key, refusal, viewer};
use crate::api::{ApiError, Json, ProductPage};
#[cfg(feature = "ssr")]
use crate::pages::fields::plain;

/// The fields of a product.
#[server(endpoint = "product_fields", input = Json, output = Json)]
pub async fn product_fields(key: String) -> Result<ProductPage, ApiError> {
    let viewer = viewer().await?;
    let product = viewer.product(&product_key(&key)?).await?;
    let view = viewer.view(product.roadmap).await?;
    let refused = refusal(&["/api/create_field", "/api/save_field", "/api/use_field", "/api/move_field"]);
    let can_edit = product.role.can_edit() && !product.archived;
    let shared = viewer.workspace_fields().await?;
    let may = (can_edit, viewer.role().can_manage_people());
    let page = plain::page(&product, &view.roadmap, &shared, may, refused);
    Ok(ProductPage { product, page })
}

/// Adds a field of the product's own. `choices` has one on each line.
#[server(endpoint = "create_field")]
pub async fn create_field(
    key: String,
    label: String,
    kind: String,
    #[server(default)] unit: String,
    #[server(default)] choices: String,
) -> Result<String, ApiError> {
    let (editor, product) = editor_of(&key).await?;
    let label = field("label", backend::tidy(&label).parse())?;
    let kind = field("kind", plain::kind(&kind, backend::tidy(&unit).trim(), &choices))?;
    let custom = domain::CustomField { label, kind, required_from: None };
    editor.change_fields(&product, vec![backend::create_field(custom)]).await?;
    Ok(go(format!("/p/{product}/fields")))
}

/// Changes a field.
#[server(endpoint = "save_field")]
pub async fn save_field(
    key: String,
    field_key: FieldKey,
    #[server(default)] required_from: String,
    #[server(default)] typed: Typed,
) -> Result<String, ApiError> {
    let (editor, product) = editor_of(&key).await?;
    let roadmap = editor.product(&product).await?.roadmap;
    let view = editor.view(roadmap).await?;
    let required_from = match &*required_from {
        "" => None,
        status => {
            Some(field("required_from", status.parse::<domain::Status>().map_err(backend::Error::Invalid))?)
        }
    };
    let ops = field("label", plain::changes(view.roadmap.fields(), &field_key, &typed, required_from))?;
    editor.change_fields(&product, ops).await?;
    Ok(go(format!("/p/{product}/fields")))
}

/// Offers a field to be filled, or does not any more.
#[server(endpoint = "use_field")]
pub async fn use_field(key: String, field_key: FieldKey, used: bool) -> Result<String, ApiError> {
    let (editor, product) = editor_of(&key).await?;
    let change = domain::FieldChange::Used(used);
    editor.change_fields(&product, vec![domain::Op::SetField { field: field_key, change }]).await?;
    Ok(go(format!("/p/{product}/fields")))
}

/// Moves a field one place up or down.
#[server(endpoint = "move_field")]
pub async fn move_field(key: String, field_key: FieldKey, up: bool) -> Result<String, ApiError> {
    let (editor, product) = editor_of(&key).await?;
    let roadmap = editor.product(&product).await?.roadmap;
    let view = editor.view(roadmap).await?;
    let ops = plain::step(view.roadmap.fields(), field_key, up).into_iter().collect();
    editor.change_fields(&product, ops).await?;
    Ok(go(format!("/p/{product}/fields")))
}
