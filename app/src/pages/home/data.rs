//! What the first page shows.

use serde::{Deserialize, Serialize};

/// The first page below its heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPage {
    /// Whether there is no product at all.
    pub is_empty: bool,
    /// What a new product can begin with, for those who may make one: keys or ids, and names.
    pub templates: Vec<(String, String)>,
    /// What waits for the person, their favourites, and how it stands with each product.
    pub html: String,
}
