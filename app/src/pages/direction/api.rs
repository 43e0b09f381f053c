//! Quarters and their objectives.

use domain::RecordId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{go, owner, refusal, viewer};
use crate::api::{ApiError, Json, Plain};

/// A quarter as it is in an address: the present one where none is.
#[cfg(feature = "ssr")]
fn read(quarter: &str) -> Result<domain::Quarter, ApiError> {
    quarter.parse().map_err(|()| ApiError::new(404, "There is no such quarter. Write it like 2027-Q1."))
}

/// What a quarter is to reach, and the work that serves it.
#[server(endpoint = "direction", input = Json, output = Json)]
pub async fn direction(#[server(default)] quarter: Option<String>) -> Result<Plain, ApiError> {
    let viewer = viewer().await?;
    let refused = refusal(&[
        "/api/add_objective",
        "/api/set_objective",
        "/api/add_key_result",
        "/api/set_key_result",
        "/api/bin_key_result",
        "/api/save_funding",
        "/api/bin_funding",
        "/api/set_budget",
    ]);
    let year = viewer.fiscal_year().await?;
    let now = year.quarter(backend::now().utc().date);
    let quarter = quarter.as_deref().map(read).transpose()?.unwrap_or(now);
    Ok(plain::page(&viewer, quarter, now, refused).await?)
}

/// The way from the vision over the objectives of a quarter to items, and what is on none.
#[server(endpoint = "direction_tree", input = Json, output = Json)]
pub async fn direction_tree(quarter: String) -> Result<Plain, ApiError> {
    let (viewer, quarter) = (viewer().await?, read(&quarter)?);
    Ok(super::tree::page(&viewer, quarter).await?)
}

/// Adds an objective to a quarter, as a draft.
#[server(endpoint = "add_objective")]
pub async fn add_objective(
    quarter: String,
    name: String,
    #[server(default)] problem: String,
    #[server(default)] why: String,
) -> Result<String, ApiError> {
    let owner = owner().await?;
    let quarter = read(&quarter)?;
    let values = [
        ("name", name),
        ("quarter", quarter.to_string()),
        ("state", "draft".to_owned()),
        ("problem", problem),
        ("why", why),
    ];
    owner.save_record(&domain::OBJECTIVE, None, plain::changes(None, &values)?, None).await?;
    Ok(go(plain::address(quarter)))
}

/// Changes how far an objective is, or to which quarter it belongs. What closes one says how it ended.
#[server(endpoint = "set_objective")]
pub async fn set_objective(
    id: RecordId,
    quarter: String,
    #[server(default)] state: String,
    #[server(default)] result: String,
    #[server(default)] lesson: String,
) -> Result<String, ApiError> {
    let owner = owner().await?;
    let quarter = read(&quarter)?;
    let all = owner.records(&domain::OBJECTIVE).await?;
    let gone = || ApiError::new(404, "This objective is in the bin, or there is none. Reload the page.");
    let objective = all.iter().find(|objective| objective.id == id).ok_or_else(gone)?;
    let mut values = vec![("quarter", quarter.to_string())];
    let typed = [("state", state), ("result", result), ("lesson", lesson)];
    values.extend(typed.into_iter().filter(|(_, text)| !text.trim().is_empty()));
    let changes = plain::changes(Some(objective), &values)?;
    owner.save_record(&domain::OBJECTIVE, Some(id), changes, None).await?;
    Ok(go(plain::address(quarter)))
}

/// What is typed about a key result.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedKeyResult {
    name: String,
    start: String,
    target: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    current: String,
    #[serde(default)]
    confidence: String,
}

#[cfg(feature = "ssr")]
impl TypedKeyResult {
    fn draft(self) -> backend::figures::KeyResultDraft {
        let Self { name, start, target, unit, current, confidence } = self;
        backend::figures::KeyResultDraft { name, unit, start, target, current, confidence, seen: None }
    }
}

/// Adds a key result to an objective, measured by a key figure or by a value of its own.
#[server(endpoint = "add_key_result")]
pub async fn add_key_result(
    objective: RecordId,
    quarter: String,
    result: TypedKeyResult,
    #[server(default)] kpi: String,
) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let quarter = read(&quarter)?;
    let unknown = |_| ApiError::new(404, "There is no such key figure any more. Reload the page.");
    let kpi = if kpi.is_empty() { None } else { Some(kpi.parse().map_err(unknown)?) };
    viewer.add_key_result(objective, kpi, &result.draft()).await?;
    Ok(go(plain::address(quarter)))
}

/// Changes a key result: what is not as it was seen. What measures it stays.
#[server(endpoint = "set_key_result")]
pub async fn set_key_result(
    id: RecordId,
    quarter: String,
    result: TypedKeyResult,
    #[server(default)] seen: Option<TypedKeyResult>,
) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let quarter = read(&quarter)?;
    let mut draft = result.draft();
    draft.seen = seen.map(|seen| Box::new(seen.draft()));
    viewer.change_key_result(id, &draft).await?;
    Ok(go(plain::address(quarter)))
}

/// Moves a key result to the bin, or takes it out.
#[server(endpoint = "bin_key_result")]
pub async fn bin_key_result(id: RecordId, quarter: String, deletes: bool) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let quarter = read(&quarter)?;
    viewer.bin_key_result(id, deletes).await?;
    Ok(go(plain::address(quarter)))
}

/// What is typed about a funding line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedFunding {
    name: String,
    amount: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

#[cfg(feature = "ssr")]
impl TypedFunding {
    fn draft(self) -> backend::funding::FundingDraft {
        let Self { name, amount, from, to } = self;
        backend::funding::FundingDraft { name, amount, from, to, seen: None }
    }
}

/// Adds a funding line to an objective, or changes one: what is not as it was seen.
#[server(endpoint = "save_funding")]
pub async fn save_funding(
    objective: RecordId,
    quarter: String,
    line: TypedFunding,
    #[server(default)] seen: Option<TypedFunding>,
    #[server(default)] id: Option<RecordId>,
) -> Result<String, ApiError> {
    let owner = owner().await?;
    let quarter = read(&quarter)?;
    let mut draft = line.draft();
    draft.seen = seen.map(|seen| Box::new(seen.draft()));
    match id {
        Some(id) => owner.change_funding(id, &draft).await?,
        None => owner.add_funding(objective, &draft).await?,
    }
    Ok(go(plain::address(quarter)))
}

/// Moves a funding line to the bin, or takes it out.
#[server(endpoint = "bin_funding")]
pub async fn bin_funding(id: RecordId, quarter: String, deletes: bool) -> Result<String, ApiError> {
    let owner = owner().await?;
    let quarter = read(&quarter)?;
    owner.bin_funding(id, deletes).await?;
    Ok(go(plain::address(quarter)))
}

/// Sets the budget of an objective; an empty one is none.
#[server(endpoint = "set_budget")]
pub async fn set_budget(
    id: RecordId,
    quarter: String,
    #[server(default)] budget: String,
    #[server(default)] seen: Option<String>,
) -> Result<String, ApiError> {
    let owner = owner().await?;
    let quarter = read(&quarter)?;
    owner.set_budget(id, &budget, seen.as_deref()).await?;
    Ok(go(plain::address(quarter)))
}
