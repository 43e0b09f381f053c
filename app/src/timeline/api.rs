//! What a timeline asks of the server: the dates that items had at a named moment, and links for calendars.

use domain::{BaselineId, Date, ItemId, RecordId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{link, link_warning, product_key, viewer};
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

/// A link for calendars that was just made. It cannot be had again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeFeed {
    pub link: String,
    /// Why calendars elsewhere may be unable to read it.
    pub warning: Option<String>,
}

/// Makes a link by which a calendar reads the dates of a product's roadmap, or of the items of a saved view.
#[server(endpoint = "make_feed", input = Json, output = Json)]
pub async fn make_feed(key: String, view: Option<RecordId>) -> Result<MadeFeed, ApiError> {
    let viewer = viewer().await?;
    let (_, secret) = viewer.make_feed(&product_key(&key)?, view).await?;
    let link = link(&format!("/calendar/{}.ics", secret.reveal()));
    let warning = link_warning(&link, viewer.role());
    Ok(MadeFeed { link, warning })
}
