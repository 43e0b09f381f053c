//! A roadmap as it was, what changed since, and the moments that have names.

use domain::{BaselineId, Product};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ApiError, codec::Json};
#[cfg(feature = "ssr")]
use crate::{
    api::edge::{editor, field, go, keep, product_key, take_returned_of, viewer},
    pages::past::{moment::parse, plain},
};
#[cfg(feature = "ssr")]
use backend::rooms::Moment;

/// A roadmap at a moment, beside what is different at a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastPage {
    pub product: Product,
    /// The place of the present in the roadmap's log.
    pub head: u64,
    /// The place that is shown.
    pub seq: u64,
    /// When that was, and who had done something then.
    pub words: String,
    /// The later place it is compared with; nothing for the present.
    pub until: Option<u64>,
    /// Named moments, as places and names.
    pub baselines: Vec<(u64, String)>,
    /// The board as it was, what is different later, and the moments that have names.
    pub html: String,
}

/// A product's roadmap at a moment, and what is different at a later one. Moments are places in its log or times in UTC, such
/// as `120`, `2026-11-21` or `2026-11-21T10:00`. Without the first one a week ago is shown, without the second it is compared
/// with the present.
#[server(endpoint = "load_past", input = Json, output = Json)]
pub async fn load_past(key: String, at: Option<String>, until: Option<String>) -> Result<PastPage, ApiError> {
    let viewer = viewer().await?;
    let product = viewer.product(&product_key(&key)?).await?;
    let roadmap = product.roadmap;
    let now = viewer.past(roadmap, Moment::Seq(u64::MAX)).await?;
    let asked = at.as_deref().map(parse).transpose()?;
    let shown = viewer.past(roadmap, asked.unwrap_or_else(plain::a_week_ago)).await?;
    // A roadmap younger than that has nothing to show there.
    let shown = if asked.is_none() && shown.seq == 0 { now.clone() } else { shown };
    let later = match until.as_deref().map(parse).transpose()? {
        Some(moment) => Some(viewer.past(roadmap, moment).await?),
        None => None,
    };
    let later = later.filter(|later| later.seq < now.seq);
    let (from, to) = plain::in_order(&shown, later.as_ref().unwrap_or(&now));
    let changes = viewer.changes_between(roadmap, from, to).await?;
    let baselines = viewer.baselines(roadmap).await?;
    let drawing = plain::Drawing {
        members: viewer.members().await?,
        edits: viewer.role().can_edit(),
        refused: take_returned_of(&["/api/name_baseline", "/api/remove_baseline"])
            .map(|it| it.error.sentence),
        product: &product,
        shown: &shown,
        from,
        to,
        now: now.seq,
    };
    let html = drawing.html(&changes, &baselines);
    let words = drawing.words();
    Ok(PastPage {
        head: now.seq,
        seq: shown.seq,
        words,
        until: later.map(|later| later.seq),
        baselines: baselines.into_iter().map(|it| (it.seq, it.name.to_string())).collect(),
        html,
        product,
    })
}

/// Gives a moment a name, and comes back to it.
#[server(endpoint = "name_baseline")]
pub async fn name_baseline(key: String, seq: u64, name: String) -> Result<String, ApiError> {
    keep([("name", name.as_str())]);
    let editor = editor().await?;
    let key = product_key(&key)?;
    let baseline = editor.name_baseline(&key, seq, field("name", name.parse())?).await?;
    Ok(go(format!("/p/{key}/past?at={}", baseline.seq)))
}

/// Takes the name from a moment.
#[server(endpoint = "remove_baseline")]
pub async fn remove_baseline(key: String, id: BaselineId) -> Result<String, ApiError> {
    let editor = editor().await?;
    let key = product_key(&key)?;
    editor.remove_baseline(&key, id).await?;
    Ok(go(format!("/p/{key}/past")))
}
