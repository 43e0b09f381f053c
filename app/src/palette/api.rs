//! The full-text search of the palette.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::viewer;
use crate::api::{ApiError, Json};

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub title: String,
    /// What it is: `ERP-12`, `Comment on ERP-12`, `Team`. Only items are called by a key alone.
    pub what: String,
    /// What stands around the word; empty where that is in the title.
    pub excerpt: String,
    pub path: String,
}

/// Whatever has these words and may be seen, the best first.
#[server(endpoint = "search", input = Json, output = Json)]
pub async fn search(text: String) -> Result<Vec<Hit>, ApiError> {
    use backend::search::Found;
    let found = viewer().await?.search(&text).await?;
    let hit = |hit: backend::search::Hit| {
        let (what, path) = match hit.what {
            Found::Item { product, number } => {
                (format!("{product}-{number}"), format!("/p/{product}/i/{product}-{number}"))
            }
            Found::Comment { product, number } => {
                (format!("Comment on {product}-{number}"), format!("/p/{product}/i/{product}-{number}"))
            }
            Found::Record { kind } => {
                let def = domain::RecordDef::find(kind);
                (def.map_or(kind, |def| def.one).to_owned(), format!("/{kind}s"))
            }
        };
        Hit { title: hit.title, what, excerpt: hit.excerpt, path }
    };
    Ok(found.into_iter().map(hit).collect())
}
