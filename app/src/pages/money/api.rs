//! Money of products: entries, and what an item is worth by them.

use domain::{ItemId, RecordId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{go, go_with, product_key, take_returned_of, viewer};
use crate::api::{ApiError, Json, ProductPage};
#[cfg(feature = "ssr")]
use crate::pages::outcomes::plain::of_item;

/// The forms of the page.
#[cfg(feature = "ssr")]
const FORMS: [&str; 3] = ["/api/save_money", "/api/bin_money", "/api/money_lines"];

/// Under this name a form brings back what came of it.
#[cfg(feature = "ssr")]
const OUTCOME: &str = "outcome";

/// What is typed about an entry.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "browsers post it as a form"))]
pub struct TypedMoney {
    month: String,
    kind: String,
    basis: String,
    amount: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    item: String,
}

#[cfg(feature = "ssr")]
impl TypedMoney {
    fn draft(self) -> backend::money::MoneyDraft {
        let Self { month, kind, basis, amount, label, item } = self;
        backend::money::MoneyDraft { month, kind, basis, amount, label, item, seen: None }
    }
}

/// The money of a product in a year of the workspace, the present one unless it is named.
#[server(endpoint = "money", input = Json, output = Json)]
pub async fn money(
    key: String,
    #[server(default)] year: Option<String>,
    #[server(default)] edit: Option<String>,
) -> Result<ProductPage, ApiError> {
    let viewer = viewer().await?;
    let money = viewer.product_money(&product_key(&key)?).await?;
    let now = money.year.quarter(backend::now().utc().date).year;
    let year = match year {
        Some(year) => plain::year_of(&year)
            .ok_or_else(|| ApiError::new(404, "There is no such year. Write it like 2027."))?,
        None => now,
    };
    let edit = edit.and_then(|id| id.parse().ok());
    let mut returned = take_returned_of(&FORMS);
    let outcome = returned.as_mut().and_then(|returned| returned.typed.remove(OUTCOME));
    let refused = returned.and_then(|returned| returned.sentence());
    let page = plain::page(&money, (year, now), edit, refused, outcome)?;
    Ok(ProductPage { product: money.product, page })
}

/// Adds an entry, or changes one: what is not as it was seen.
#[server(endpoint = "save_money")]
pub async fn save_money(
    key: String,
    entry: TypedMoney,
    #[server(default)] seen: Option<TypedMoney>,
    #[server(default)] id: Option<RecordId>,
) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let mut draft = entry.draft();
    draft.seen = seen.map(|seen| Box::new(seen.draft()));
    let entry = viewer.save_money(&key, id, &draft).await?;
    Ok(go(plain::address(&key, viewer.fiscal_year().await?, entry.month)))
}

/// Removes an entry, or brings one back.
#[server(endpoint = "bin_money")]
pub async fn bin_money(key: String, id: RecordId, deletes: bool) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let entry = viewer.bin_money(&key, id, deletes).await?;
    Ok(go(plain::address(&key, viewer.fiscal_year().await?, entry.month)))
}

/// Adds entries: one on each line.
#[server(endpoint = "money_lines")]
pub async fn money_lines(key: String, lines: String) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let added = viewer.add_money_lines(&key, &lines).await?;
    let path = format!("/p/{key}/money");
    go_with(&path, (OUTCOME, plain::told(added)));
    Ok(path)
}

/// What came of an item once it is done, and what it is worth by its money entries, as HTML; empty where there is neither.
#[server(endpoint = "item_money", input = Json, output = Json)]
pub async fn item_money(key: String, item: ItemId) -> Result<String, ApiError> {
    let (viewer, key) = (viewer().await?, product_key(&key)?);
    let (settings, worth) = viewer.item_money(&key, item).await?;
    let outcome = viewer.item_outcome(&key, item).await?;
    let outcome = outcome.map(|known| of_item(&key, known.as_ref())).unwrap_or_default();
    Ok(outcome + &worth.map(|worth| plain::worth(&key, settings, &worth)).unwrap_or_default())
}
