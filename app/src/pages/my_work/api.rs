//! What the person who asks has to do.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::plain;
#[cfg(feature = "ssr")]
use crate::api::edge::viewer;
use crate::api::{ApiError, Json};

/// The page below its heading, as HTML.
#[server(endpoint = "my_work", input = Json, output = Json)]
pub async fn my_work() -> Result<String, ApiError> {
    Ok(plain::my_work(&viewer().await?).await?)
}
