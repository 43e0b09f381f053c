//! Items that were deleted, and getting them back.

use domain::{ItemId, Member, Product, Stamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{editor_of, go, product_key, viewer};
use crate::api::{ApiError, Json};

/// A product's bin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bin {
    pub product: Product,
    /// The latest first.
    pub items: Vec<BinItem>,
    pub members: Vec<Member>,
    /// Whether whoever asked may restore.
    pub can_restore: bool,
}

/// An item in the bin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinItem {
    pub id: ItemId,
    pub number: u32,
    pub title: String,
    pub deleted: Stamp,
}

/// What lies in a product's bin.
#[server(endpoint = "load_bin", input = Json, output = Json)]
pub async fn load_bin(key: String) -> Result<Bin, ApiError> {
    let viewer = viewer().await?;
    let product = viewer.product(&product_key(&key)?).await?;
    let view = viewer.view(product.roadmap).await?;
    let mut items: Vec<BinItem> = view.roadmap.items().filter_map(|item| BinItem::of(item)).collect();
    items.sort_by_key(|item| (std::cmp::Reverse(item.deleted.at), item.number));
    let can_restore = product.role.can_edit() && !product.archived;
    Ok(Bin { product, items, members: viewer.members().await?, can_restore })
}

#[cfg(feature = "ssr")]
impl BinItem {
    fn of(item: &domain::Item) -> Option<Self> {
        if item.moved.is_some() {
            return None;
        }
        let title = item.fields.title.to_string();
        Some(Self { id: item.id, number: item.number, title, deleted: item.deleted? })
    }
}

/// Takes items out of the bin, and comes back to it.
#[server(endpoint = "restore_items")]
pub async fn restore_items(key: String, ids: Vec<ItemId>) -> Result<String, ApiError> {
    let (editor, key) = editor_of(&key).await?;
    let product = editor.product(&key).await?;
    let answers = editor.submit(product.roadmap, vec![domain::Op::restore(ids)]).await?;
    match answers.into_iter().next().map(|answer| answer.outcome) {
        Some(domain::wire::Outcome::Refused(reject)) => Err(backend::Error::Refused(reject).into()),
        _ => Ok(go(format!("/p/{}/bin", product.key))),
    }
}
