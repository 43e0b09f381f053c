//! A roadmap as it was, what changed since, and the moments that have names.

use domain::BaselineId;
use leptos::prelude::*;

use super::data::PastPage;
use crate::api::{ApiError, Json};
#[cfg(feature = "ssr")]
use crate::{
    api::edge::{editor_of, field, go, keep, product_key, refusal, viewer},
    pages::past::{moment::parse, plain},
};

/// A product's roadmap at a moment, and what is different at a later one. Moments are places in its log or times in UTC, such
/// as `120`, `2026-11-21` or `2026-11-21T10:00`. Without the first one a week ago is shown, without the second it is compared
/// with the present.
#[server(endpoint = "load_past", input = Json, output = Json)]
pub async fn load_past(key: String, at: Option<String>, until: Option<String>) -> Result<PastPage, ApiError> {
    let viewer = viewer().await?;
    let product = viewer.product(&product_key(&key)?).await?;
    let at = at.as_deref().map(parse).transpose()?;
    let until = until.as_deref().map(parse).transpose()?;
    let refused = refusal(&["/api/name_baseline", "/api/remove_baseline"]);
    Ok(plain::page(&viewer, product, at, until, refused).await?)
}

/// Gives a moment a name, and comes back to it.
#[server(endpoint = "name_baseline")]
pub async fn name_baseline(key: String, seq: u64, name: String) -> Result<String, ApiError> {
    keep([("name", name.as_str())]);
    let (editor, key) = editor_of(&key).await?;
    let baseline = editor.name_baseline(&key, seq, field("name", backend::tidy(&name).parse())?).await?;
    Ok(go(format!("/p/{key}/past?at={}", baseline.seq)))
}

/// Takes the name from a moment.
#[server(endpoint = "remove_baseline")]
pub async fn remove_baseline(key: String, id: BaselineId) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    editor.remove_baseline(&key, id).await?;
    Ok(go(format!("/p/{key}/past")))
}
