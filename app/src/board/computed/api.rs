//! What the server computes of items.

use std::collections::BTreeMap;

use domain::{Computed, ItemId};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::api::edge::{product_key, viewer};
use crate::api::{ApiError, Json};

/// The scores of the items of these products, and which serve an objective that is over its budget.
#[server(endpoint = "load_computed", input = Json, output = Json)]
pub async fn load_computed(keys: Vec<String>) -> Result<BTreeMap<ItemId, Computed>, ApiError> {
    let viewer = viewer().await?;
    if keys.len() > usize::from(domain::wire::MAX_ROOMS) {
        return Err(ApiError::new(
            422,
            format!("A page shows scores of up to {} products at once.", domain::wire::MAX_ROOMS),
        ));
    }
    let keys = keys.iter().map(|key| product_key(key)).collect::<Result<Vec<_>, _>>()?;
    Ok(viewer.computed(&keys).await?)
}
