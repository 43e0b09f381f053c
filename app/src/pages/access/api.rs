//! Who sees a product, and what they may do in it.

use domain::Role;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::api::edge::{field, go, owner, product_key, refusal, viewer};
use crate::api::{ApiError, Json, ProductPage};
#[cfg(feature = "ssr")]
use crate::pages::access::plain;

/// Who sees a product.
#[server(endpoint = "product_access", input = Json, output = Json)]
pub async fn product_access(key: String) -> Result<ProductPage, ApiError> {
    let viewer = viewer().await?;
    // To whom it does not exist it does not, before it is asked whether they are an owner.
    let product = viewer.product(&product_key(&key)?).await?;
    let facts = viewer.as_owner()?.product_access(&product.key).await?;
    let refused = refusal(&["/api/show_product", "/api/grant_access", "/api/revoke_access"]);
    let page = plain::page(&product, &facts, refused);
    Ok(ProductPage { product, page })
}

/// Makes a product visible to everyone, or to chosen people and groups only.
#[server(endpoint = "show_product")]
pub async fn show_product(key: String, visibility: String) -> Result<String, ApiError> {
    let owner = owner().await?;
    let key = product_key(&key)?;
    let visibility = field("visibility", visibility.parse().map_err(backend::Error::Invalid))?;
    owner.change_access(&key, backend::AccessChange::Show(visibility)).await?;
    Ok(go(format!("/p/{key}/access")))
}

/// Gives a person or a group a role in a product, in place of the one they had there.
#[server(endpoint = "grant_access")]
pub async fn grant_access(key: String, to: String, role: Role) -> Result<String, ApiError> {
    let owner = owner().await?;
    let key = product_key(&key)?;
    let to = field("to", to.parse().map_err(backend::Error::Invalid))?;
    owner.change_access(&key, backend::AccessChange::Grant(to, Some(role))).await?;
    Ok(go(format!("/p/{key}/access")))
}

/// Takes the role that a product gave a person or a group.
#[server(endpoint = "revoke_access")]
pub async fn revoke_access(key: String, to: String) -> Result<String, ApiError> {
    let owner = owner().await?;
    let key = product_key(&key)?;
    let to = field("to", to.parse().map_err(backend::Error::Invalid))?;
    owner.change_access(&key, backend::AccessChange::Grant(to, None)).await?;
    Ok(go(format!("/p/{key}/access")))
}
