//! What holds for all products: in which month the year begins.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::api::edge::{go, owner, refusal, viewer};
use crate::api::{ApiError, Json, Plain};
#[cfg(feature = "ssr")]
use crate::pages::workspace::plain;

/// The page of the workspace. `done` is there when its form was just accepted.
#[server(endpoint = "workspace", input = Json, output = Json)]
pub async fn workspace(done: Option<String>) -> Result<Plain, ApiError> {
    let viewer = viewer().await?;
    let refused = refusal(&["/api/save_workspace"]);
    let year = viewer.fiscal_year().await?;
    Ok(plain::page(year, viewer.as_owner().is_ok(), done.is_some() && refused.is_none(), refused))
}

/// Sets in which month the year begins, from 1 for January.
#[server(endpoint = "save_workspace")]
pub async fn save_workspace(first_month: u8) -> Result<String, ApiError> {
    let owner = owner().await?;
    let year = domain::FiscalYear::beginning_in(first_month)
        .ok_or_else(|| ApiError::new(422, "There is no such month. Choose one from January to December."))?;
    owner.set_fiscal_year(year).await?;
    Ok(go("/workspace?done=year".to_owned()))
}
