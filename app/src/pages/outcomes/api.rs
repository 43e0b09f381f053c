//! Outcomes of shipped items: recorded, waived, changed and removed; and items about what is used less and less.

use domain::{ItemId, RecordId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{editor_of, field, go, product_key, refusal, viewer};
use crate::api::{ApiError, Json, ProductPage};

/// The forms of the page.
#[cfg(feature = "ssr")]
const FORMS: [&str; 5] = [
    "/api/record_outcome",
    "/api/change_outcome",
    "/api/waive_outcome",
    "/api/bin_outcome",
    "/api/decide_use",
];

/// What is typed about an outcome.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedOutcome {
    /// A key figure, or empty.
    #[serde(default)]
    kpi: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    note: String,
}

#[cfg(feature = "ssr")]
impl TypedOutcome {
    fn draft(self) -> backend::outcomes::OutcomeDraft {
        let Self { kpi, before, after, value, note } = self;
        backend::outcomes::OutcomeDraft { kpi, before, after, value, note }
    }
}

/// The outcomes of a product.
#[server(endpoint = "outcomes", input = Json, output = Json)]
pub async fn outcomes(key: String, #[server(default)] edit: Option<String>) -> Result<ProductPage, ApiError> {
    let viewer = viewer().await?;
    let outcomes = viewer.product_outcomes(&product_key(&key)?).await?;
    let edit = edit.and_then(|id| id.parse().ok());
    let page = plain::page(&outcomes, edit, refusal(&FORMS));
    Ok(ProductPage { product: outcomes.product, page })
}

/// Records the outcome of a shipped item.
#[server(endpoint = "record_outcome")]
pub async fn record_outcome(key: String, item: ItemId, outcome: TypedOutcome) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.record_outcome(&key, item, &outcome.draft()).await?;
    Ok(go(plain::address(&key, "recorded")))
}

/// Changes an outcome that was recorded: what is not as it was seen.
#[server(endpoint = "change_outcome")]
pub async fn change_outcome(
    key: String,
    id: RecordId,
    outcome: TypedOutcome,
    #[server(default)] seen: TypedOutcome,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.change_outcome(&key, id, &outcome.draft(), &seen.draft()).await?;
    Ok(go(plain::address(&key, "recorded")))
}

/// Says why the outcome of a shipped item is not measured.
#[server(endpoint = "waive_outcome")]
pub async fn waive_outcome(key: String, item: ItemId, reason: String) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    field("reason", viewer.waive_outcome(&key, item, &reason).await)?;
    Ok(go(plain::address(&key, "recorded")))
}

/// Removes an outcome, so that its item is measuring again, or brings one back.
#[server(endpoint = "bin_outcome")]
pub async fn bin_outcome(key: String, id: RecordId, deletes: bool) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.bin_outcome(&key, id, deletes).await?;
    Ok(go(plain::address(&key, if deletes { "measuring" } else { "recorded" })))
}

/// Makes an item that improves or retires what a key figure of falling use is about, and goes to it; or to the one that was made before.
#[server(endpoint = "decide_use")]
pub async fn decide_use(key: String, kpi: RecordId, act: String) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    let act = field("act", act.parse().map_err(backend::Error::Invalid))?;
    let item = editor.decide_use(&key, kpi, act).await?;
    Ok(go(format!("/p/{key}/i/{item}")))
}
