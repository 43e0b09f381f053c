//! The dates that items had at a named moment, to be shown below the present ones.

use domain::{BaselineId, Date, ItemId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{product_key, viewer};
use crate::api::{ApiError, Json};

/// The named moments of a roadmap, and the dates at one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtBaseline {
    /// The latest moment first.
    pub baselines: Vec<(BaselineId, String)>,
    /// Start and end of every item that had either and was not in the bin; empty unless a baseline was asked for.
    pub dates: Vec<(ItemId, Option<Date>, Option<Date>)>,
}

/// The baselines of a product's roadmap, and the dates of its items at the one that is asked for. One that was removed has none.
#[server(endpoint = "baseline_dates", input = Json, output = Json)]
pub async fn baseline_dates(key: String, baseline: Option<BaselineId>) -> Result<AtBaseline, ApiError> {
    let viewer = viewer().await?;
    let roadmap = viewer.product(&product_key(&key)?).await?.roadmap;
    let baselines = viewer.baselines(roadmap).await?;
    let seq = baselines.iter().find(|one| Some(one.id) == baseline).map(|one| one.seq);
    let dates = match seq {
        Some(seq) => viewer.past(roadmap, backend::rooms::Moment::Seq(seq)).await?.dates(),
        None => Vec::new(),
    };
    let baselines = baselines.into_iter().map(|one| (one.id, one.name.to_string())).collect();
    Ok(AtBaseline { baselines, dates })
}
