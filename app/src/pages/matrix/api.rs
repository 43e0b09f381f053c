//! The alignment matrix, and what people say in it.

use std::collections::BTreeMap;

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{go, refusal, viewer};
use crate::api::{ApiError, Json, Plain};
#[cfg(feature = "ssr")]
use crate::pages::balance::api::quarter_of;

/// The alignment matrix of a quarter. `cell` is the one of which all ratings are listed, as `KEY.objective`.
#[server(endpoint = "alignment", input = Json, output = Json)]
pub async fn alignment(quarter: String, #[server(default)] cell: Option<String>) -> Result<Plain, ApiError> {
    let (viewer, quarter) = (viewer().await?, quarter_of(&quarter)?);
    let matrix = viewer.matrix(quarter).await?;
    Ok(plain::page(&matrix, cell.as_deref(), refusal(&["/api/rate_alignment"])))
}

/// Rates cells, as far as they are not as they were seen; an empty one takes the rating back.
#[server(endpoint = "rate_alignment")]
pub async fn rate_alignment(
    quarter: String,
    #[server(default)] cells: BTreeMap<String, String>,
    #[server(default)] seen: BTreeMap<String, String>,
) -> Result<String, ApiError> {
    let (viewer, quarter) = (viewer().await?, quarter_of(&quarter)?);
    let unknown = || ApiError::new(404, "There is no such cell any more. Reload the page.");
    let mut typed = Vec::new();
    for (cell, text) in cells {
        if seen.get(&cell) == Some(&text) {
            continue;
        }
        let (product, objective) = cell.split_once('.').ok_or_else(unknown)?;
        let objective = objective.parse().map_err(|_| unknown())?;
        let product = product.parse().map_err(|_| unknown())?;
        typed.push(backend::matrix::TypedCell { objective, product, text });
    }
    viewer.rate_alignment(quarter, &typed).await?;
    Ok(go(plain::address(quarter)))
}
