//! The first page, and favourites.

use domain::FavouriteKind;
use leptos::prelude::*;
use uuid::Uuid;

use super::data::FirstPage;
#[cfg(feature = "ssr")]
use super::{favourites, plain};
#[cfg(feature = "ssr")]
use crate::api::edge::{go, viewer};
use crate::api::{ApiError, Json};

/// What waits for the person who asks, their favourites, and how it stands with each product: the first of them, or all.
#[server(endpoint = "home", input = Json, output = Json)]
pub async fn home(#[server(default)] all: bool) -> Result<FirstPage, ApiError> {
    Ok(plain::home(&viewer().await?, all).await?)
}

/// Stars a product, view or item, or takes the star away. Returns the rail's part with the favourites.
#[server(endpoint = "set_favourite")]
pub async fn set_favourite(kind: FavouriteKind, id: Uuid, starred: bool) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    viewer.set_favourite(kind, id, starred).await?;
    let rail = favourites::rail(&viewer, &viewer.products().await?).await?;
    go("/".to_owned());
    Ok(rail)
}

/// Moves a favourite up or down by one. Returns the rail's part with the favourites.
#[server(endpoint = "move_favourite")]
pub async fn move_favourite(kind: FavouriteKind, id: Uuid, up: bool) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    viewer.move_favourite(kind, id, up).await?;
    let rail = favourites::rail(&viewer, &viewer.products().await?).await?;
    go("/".to_owned());
    Ok(rail)
}

/// The rail's part with the favourites.
#[server(endpoint = "favourites", input = Json, output = Json)]
pub async fn favourites() -> Result<String, ApiError> {
    let viewer = viewer().await?;
    Ok(favourites::rail(&viewer, &viewer.products().await?).await?)
}
