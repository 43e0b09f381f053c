//! The inbox of the person who asks, and what they watch.

use domain::{ItemId, RoadmapId, UserId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::{go, viewer};
use crate::api::{ApiError, Json};

/// The page of the inbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxPart {
    /// How many items have something new.
    pub unread: u32,
    pub html: String,
}

/// Who watches an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watchers {
    /// Whether the person who asks does.
    pub watching: bool,
    pub watchers: Vec<UserId>,
    /// Who sees the product, and so can be mentioned.
    pub readers: Vec<UserId>,
}

/// What the person who asks is notified of.
#[server(endpoint = "inbox", input = Json, output = Json)]
pub async fn inbox() -> Result<InboxPart, ApiError> {
    Ok(plain::inbox(&viewer().await?).await?)
}

/// How many items have something new for the person who asks.
#[server(endpoint = "unread_notices", input = Json, output = Json)]
pub async fn unread_notices() -> Result<u32, ApiError> {
    let viewer = viewer().await?;
    Ok(viewer.count_unread(&viewer.products().await?).await?)
}

/// Marks as read what there is about one item, or everything.
#[server(endpoint = "read_notices")]
pub async fn read_notices(
    #[server(default)] roadmap: Option<RoadmapId>,
    #[server(default)] item: Option<ItemId>,
) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    let about = match (roadmap, item) {
        (Some(roadmap), Some(item)) => Some((roadmap, item)),
        (None, None) => None,
        _ => return Err(ApiError::new(422, "Name a roadmap and an item of it, or neither.")),
    };
    viewer.read_notices(about).await?;
    Ok(go("/inbox".to_owned()))
}

/// Watches an item, or stops, and has nothing new about it then.
#[server(endpoint = "watch_item")]
pub async fn watch_item(roadmap: RoadmapId, item: ItemId, watching: bool) -> Result<String, ApiError> {
    let viewer = viewer().await?;
    viewer.set_watching(roadmap, item, watching).await?;
    if !watching {
        viewer.read_notices(Some((roadmap, item))).await?;
    }
    Ok(go("/inbox".to_owned()))
}

/// Who watches an item. The person who asks has opened it, and so has read what was new about it.
#[server(endpoint = "item_watch", input = Json, output = Json)]
pub async fn item_watch(roadmap: RoadmapId, item: ItemId) -> Result<Watchers, ApiError> {
    let watch = viewer().await?.item_watch(roadmap, item, true).await?;
    let backend::inbox::ItemWatch { watching, watchers, readers } = watch;
    Ok(Watchers { watching, watchers, readers })
}
