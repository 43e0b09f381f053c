//! What the work of a quarter is for, and the mix that is wanted.

use leptos::prelude::*;

use super::data::PlanFrame;
#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{field, go, product_key, refusal, viewer};
use crate::api::{ApiError, Json, ProductPart};

/// A quarter as it is in an address or a form.
#[cfg(feature = "ssr")]
pub(crate) fn quarter_of(text: &str) -> Result<domain::Quarter, ApiError> {
    text.parse().map_err(|()| ApiError::new(404, "There is no such quarter. Write it like 2027-Q1."))
}

/// The product that an address or a form names; none where it names the portfolio.
#[cfg(feature = "ssr")]
fn key_of(text: &str) -> Result<Option<domain::ProductKey>, ApiError> {
    (!text.is_empty()).then(|| product_key(text)).transpose()
}

/// The targets and the days of teams that hold for a product, or for a portfolio that shows these products.
#[server(endpoint = "plan_frame", input = Json, output = Json)]
pub async fn load_plan_frame(
    #[server(default)] key: String,
    #[server(default)] shown: Vec<String>,
) -> Result<PlanFrame, ApiError> {
    let viewer = viewer().await?;
    let mut products = viewer.products().await?;
    products.retain(|product| !product.archived);
    let now = viewer.fiscal_year().await?.quarter(backend::now().utc().date);
    let (own, shown) = match key_of(&key)? {
        Some(key) => (viewer.targets(Some(&key)).await?, vec![viewer.product(&key).await?.roadmap]),
        None => {
            let is_shown =
                |product: &&domain::Product| shown.iter().any(|key| *key == product.key.to_string());
            (Vec::new(), products.iter().filter(is_shown).map(|product| product.roadmap).collect())
        }
    };
    let all = viewer.targets(None).await?;
    let teams = viewer.team_quarters(now, &shown, products).await?;
    Ok(PlanFrame { own, all, teams })
}

/// What the work of a quarter is for: of a product, or of all.
#[server(endpoint = "balance", input = Json, output = Json)]
pub async fn balance(
    #[server(default)] key: String,
    #[server(default)] quarter: Option<String>,
    #[server(default)] by: Option<String>,
) -> Result<ProductPart, ApiError> {
    let viewer = viewer().await?;
    let year = viewer.fiscal_year().await?;
    let now = year.quarter(backend::now().utc().date);
    let quarter = quarter.as_deref().map(quarter_of).transpose()?.unwrap_or(now);
    let by = by.and_then(|by| by.parse().ok()).unwrap_or(domain::balance::Measure::Effort);
    let product = match key_of(&key)? {
        Some(key) => Some(viewer.product(&key).await?),
        None => None,
    };
    let refused = refusal(&["/api/set_target", "/api/remove_target"]);
    let page = plain::page(&viewer, product.as_ref(), (quarter, now), by, refused).await?;
    Ok(ProductPart { product, page })
}

/// A number that somebody typed into a form.
#[cfg(feature = "ssr")]
fn number(name: &'static str, typed: &str) -> Result<u8, ApiError> {
    let typed = typed.trim().trim_end_matches('%').trim();
    let refused = || backend::Error::Invalid("Use a whole number from 0 to 100.".to_owned());
    let number = if typed.is_empty() { Ok(0) } else { typed.parse().map_err(|_| refused()) };
    field(name, number)
}

/// Sets the mix that is wanted of a product, or of the portfolio: in a quarter, or in every one. The shares are those of innovation,
/// retention, run and retire.
#[server(endpoint = "set_target")]
pub async fn set_target(
    #[server(default)] key: String,
    #[server(default)] quarter: String,
    #[server(default)] shown: String,
    #[server(default)] shares: Vec<String>,
    band: String,
) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let key = key_of(&key)?;
    let of = (!quarter.is_empty()).then(|| quarter_of(&quarter)).transpose()?;
    let shares = shares.iter().map(|share| number("shares", share)).collect::<Result<Vec<u8>, ApiError>>()?;
    let all = || ApiError::new(422, "Give a share to each of innovation, retention, run and retire.");
    let shares: [u8; 4] = shares.try_into().map_err(|_| all())?;
    let mix = domain::balance::TargetMix { shares, band: number("band", &band)? };
    viewer.set_target(key.as_ref(), of, Some(mix)).await?;
    Ok(go(plain::address(key.as_ref(), &shown)))
}

/// Removes the target of a quarter, or that of every one.
#[server(endpoint = "remove_target")]
pub async fn remove_target(
    #[server(default)] key: String,
    quarter: String,
    #[server(default)] shown: String,
) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let key = key_of(&key)?;
    let of = (!quarter.is_empty()).then(|| quarter_of(&quarter)).transpose()?;
    viewer.set_target(key.as_ref(), of, None).await?;
    Ok(go(plain::address(key.as_ref(), &shown)))
}
