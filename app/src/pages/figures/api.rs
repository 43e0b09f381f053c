//! Key figures, what was measured, and who agrees on them.

use domain::RecordId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{field, go, go_with, product_key, take_returned_of, viewer};
use crate::api::{ApiError, Json, ProductPage};

/// The forms of the page.
#[cfg(feature = "ssr")]
const FORMS: [&str; 7] = [
    "/api/save_kpi",
    "/api/agree_kpi",
    "/api/bin_kpi",
    "/api/measure",
    "/api/measure_lines",
    "/api/remove_measurement",
    "/api/set_owners",
];

/// Under this name a form brings back what came of it.
#[cfg(feature = "ssr")]
const OUTCOME: &str = "outcome";

#[cfg(feature = "ssr")]
fn address(key: &domain::ProductKey, kpi: Option<RecordId>) -> String {
    match kpi {
        Some(kpi) => format!("/p/{key}/figures#kpi-{kpi}"),
        None => format!("/p/{key}/figures"),
    }
}

/// What is typed about a key figure.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedKpi {
    name: String,
    #[serde(default)]
    definition: String,
    #[serde(default)]
    family: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    target: String,
    /// Of a box that is ticked.
    #[serde(default)]
    published: Option<String>,
}

/// The key figures of a product.
#[server(endpoint = "figures", input = Json, output = Json)]
pub async fn figures(key: String) -> Result<ProductPage, ApiError> {
    let viewer = viewer().await?;
    let figures = viewer.product_figures(&product_key(&key)?).await?;
    let mut returned = take_returned_of(&FORMS);
    let outcome = returned.as_mut().and_then(|returned| returned.typed.remove(OUTCOME));
    let refused = returned.and_then(|returned| returned.sentence());
    let page = plain::page(&figures, viewer.member().id, refused, outcome);
    Ok(ProductPage { product: figures.product, page })
}

#[cfg(feature = "ssr")]
impl TypedKpi {
    fn draft(self) -> backend::figures::KpiDraft {
        let Self { name, definition, family, unit, direction, target, published } = self;
        let published = published.is_some();
        backend::figures::KpiDraft {
            name,
            definition,
            family,
            unit,
            direction,
            target,
            published,
            seen: None,
        }
    }
}

/// Makes a key figure, or changes one: what is not as it was seen. A change of what was agreed on withdraws the agreement.
#[server(endpoint = "save_kpi")]
pub async fn save_kpi(
    key: String,
    kpi: TypedKpi,
    #[server(default)] seen: Option<TypedKpi>,
    #[server(default)] id: Option<RecordId>,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let mut draft = kpi.draft();
    draft.seen = seen.map(|seen| Box::new(seen.draft()));
    let id = viewer.save_kpi(&key, id, &draft).await?;
    Ok(go(address(&key, Some(id))))
}

/// Agrees on a key figure for a side, or takes that back.
#[server(endpoint = "agree_kpi")]
pub async fn agree_kpi(
    key: String,
    id: RecordId,
    side: String,
    agrees: bool,
    #[server(default)] read: Option<String>,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let side = field("side", side.parse().map_err(backend::Error::Invalid))?;
    viewer.agree_on_kpi(&key, id, side, agrees, read.as_deref()).await?;
    Ok(go(address(&key, Some(id))))
}

/// Moves a key figure to the bin, or takes it out.
#[server(endpoint = "bin_kpi")]
pub async fn bin_kpi(key: String, id: RecordId, deletes: bool) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.bin_kpi(&key, id, deletes).await?;
    Ok(go(address(&key, (!deletes).then_some(id))))
}

/// Adds a measurement.
#[server(endpoint = "measure")]
pub async fn measure(
    key: String,
    id: RecordId,
    day: String,
    value: String,
    #[server(default)] source: String,
    #[server(default)] corrects: Option<String>,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    viewer.measure_typed(&key, id, (&day, &value, &source), corrects.is_some()).await?;
    Ok(go(address(&key, Some(id))))
}

/// Adds measurements: a day and a value on each line.
#[server(endpoint = "measure_lines")]
pub async fn measure_lines(
    key: String,
    id: RecordId,
    lines: String,
    #[server(default)] corrects: Option<String>,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let measured = viewer.measure_text(&key, id, &lines, corrects.is_some()).await?;
    let path = address(&key, Some(id));
    go_with(&path, (OUTCOME, plain::told(measured)));
    Ok(path)
}

/// Removes the measurement of a day.
#[server(endpoint = "remove_measurement")]
pub async fn remove_measurement(key: String, id: RecordId, day: String) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let wrong = |_| backend::Error::Invalid("Use a date, like 2026-11-21.".to_owned());
    let day = field("day", day.parse().map_err(wrong))?;
    viewer.remove_measurement(&key, id, day).await?;
    Ok(go(address(&key, Some(id))))
}

/// Sets the owners of a product; an empty side has none.
#[server(endpoint = "set_owners")]
pub async fn set_owners(
    key: String,
    #[server(default)] business: String,
    #[server(default)] it: String,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let member = |name: &str, id: String| {
        let wrong = |_| backend::Error::Invalid("Choose a member.".to_owned());
        field(name, if id.is_empty() { Ok(None) } else { id.parse().map(Some).map_err(wrong) })
    };
    let (business, it) = (member("business", business)?, member("it", it)?);
    viewer.set_owners(&key, backend::figures::Owners { business, it }).await?;
    Ok(go(address(&key, None)))
}
