//! What holds for all products: in which month the year begins, and how money is counted.

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
    let refused = refusal(&["/api/save_workspace", "/api/save_money_settings"]);
    let settings = (viewer.fiscal_year().await?, viewer.money_settings().await?);
    Ok(plain::page(settings, viewer.as_owner().is_ok(), done.is_some() && refused.is_none(), refused))
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

/// Sets the currency, none where it is empty, and the discount rate of a year in percent.
#[server(endpoint = "save_money_settings")]
pub async fn save_money_settings(
    #[server(default)] currency: String,
    discount: String,
    /// The currency and the rate that the form showed.
    #[server(default)]
    seen: Vec<String>,
) -> Result<String, ApiError> {
    use backend::money::MoneySettings;
    let owner = owner().await?;
    let settings =
        MoneySettings::read(&currency, &discount).map_err(|sentence| ApiError::new(422, &sentence))?;
    let seen = match &*seen {
        [currency, discount] => MoneySettings::read(currency, discount).ok(),
        _ => None,
    };
    owner.set_money(settings, seen).await?;
    Ok(go("/workspace?done=money".to_owned()))
}
