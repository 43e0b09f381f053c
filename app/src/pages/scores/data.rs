//! What the page of scores is asked for, and shows.

use domain::Product;
use serde::{Deserialize, Serialize};

/// What is in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The product's.
    pub key: String,
    /// The key of an item to open.
    #[serde(default)]
    pub item: Option<String>,
    /// How many items come before the first that is listed.
    #[serde(default)]
    pub from: Option<String>,
    /// The place in the log where the order was applied to the board.
    #[serde(default)]
    pub applied: Option<String>,
    /// The criteria that a matrix has across and up, and by which the size of its bubbles is.
    #[serde(default)]
    pub x: Option<String>,
    #[serde(default)]
    pub y: Option<String>,
    #[serde(default)]
    pub size: Option<String>,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoresPage {
    pub product: Product,
    pub html: String,
}
