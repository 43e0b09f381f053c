//! Retirement plans of products: groups that have to move, and contracts.

use domain::RecordId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{
    forms::{self, FORM},
    plain,
};
#[cfg(feature = "ssr")]
use crate::api::edge::{go, keep, product_key, take_returned_of, viewer};
use crate::api::{ApiError, Json, ProductPage};

/// The forms of the page.
#[cfg(feature = "ssr")]
const FORMS: [&str; 4] =
    ["/api/save_user_move", "/api/mark_moved", "/api/save_contract", "/api/bin_retirement"];

/// What is typed about a group that has to move.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedMove {
    name: String,
    #[serde(default)]
    users: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    by: String,
    /// Of a box that is ticked.
    #[serde(default)]
    moved: Option<String>,
}

/// What is typed about a contract.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedContract {
    name: String,
    #[serde(default)]
    supplier: String,
    #[serde(default)]
    ends: String,
    #[serde(default)]
    notice: String,
    #[serde(default)]
    cost: String,
    #[serde(default)]
    note: String,
}

#[cfg(feature = "ssr")]
impl TypedMove {
    fn draft(self) -> backend::retirement::MoveDraft {
        let Self { name, users, product, to, by, moved } = self;
        let moved = moved.is_some();
        backend::retirement::MoveDraft { name, users, product, to, by, moved, seen: None }
    }
}

#[cfg(feature = "ssr")]
impl TypedContract {
    fn draft(self) -> backend::retirement::ContractDraft {
        let Self { name, supplier, ends, notice, cost, note } = self;
        backend::retirement::ContractDraft { name, supplier, ends, notice, cost, note, seen: None }
    }
}

/// The retirement plan of a product.
#[server(endpoint = "retirement", input = Json, output = Json)]
pub async fn retirement(
    key: String,
    #[server(default)] edit: Option<String>,
) -> Result<ProductPage, ApiError> {
    let viewer = viewer().await?;
    let plan = viewer.retirement_plan(&product_key(&key)?).await?;
    let edit = edit.and_then(|id| id.parse().ok());
    let page = plain::page(&plan, edit, take_returned_of(&FORMS));
    Ok(ProductPage { product: plan.product, page })
}

/// Adds a group that has to move, or changes one: what is not as it was seen.
#[server(endpoint = "save_user_move")]
pub async fn save_user_move(
    key: String,
    group: TypedMove,
    #[server(default)] seen: Option<TypedMove>,
    #[server(default)] id: Option<RecordId>,
) -> Result<String, ApiError> {
    keep([
        (FORM, &forms::name(&domain::USER_MOVE, id)),
        ("name", &group.name),
        ("users", &group.users),
        ("product", &group.product),
        ("to", &group.to),
        ("by", &group.by),
        ("moved", group.moved.as_deref().unwrap_or_default()),
    ]);
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let mut draft = group.draft();
    draft.seen = seen.map(|seen| Box::new(seen.draft()));
    viewer.save_user_move(&key, id, &draft).await?;
    Ok(go(format!("/p/{key}/retirement")))
}

/// Says that a group has moved, or that it has not.
#[server(endpoint = "mark_moved")]
pub async fn mark_moved(key: String, id: RecordId, moved: bool) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.mark_moved(&key, id, moved).await?;
    Ok(go(format!("/p/{key}/retirement")))
}

/// Adds a contract, or changes one: what is not as it was seen.
#[server(endpoint = "save_contract")]
pub async fn save_contract(
    key: String,
    contract: TypedContract,
    #[server(default)] seen: Option<TypedContract>,
    #[server(default)] id: Option<RecordId>,
) -> Result<String, ApiError> {
    keep([
        (FORM, &forms::name(&domain::CONTRACT, id)),
        ("name", &contract.name),
        ("supplier", &contract.supplier),
        ("ends", &contract.ends),
        ("notice", &contract.notice),
        ("cost", &contract.cost),
        ("note", &contract.note),
    ]);
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let mut draft = contract.draft();
    draft.seen = seen.map(|seen| Box::new(seen.draft()));
    viewer.save_contract(&key, id, &draft).await?;
    Ok(go(format!("/p/{key}/retirement")))
}

/// Moves a group or a contract to the bin, or takes it out.
#[server(endpoint = "bin_retirement")]
pub async fn bin_retirement(
    key: String,
    kind: String,
    id: RecordId,
    deletes: bool,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.bin_retirement(&key, &kind, id, deletes).await?;
    Ok(go(format!("/p/{key}/retirement")))
}
