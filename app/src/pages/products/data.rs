//! What the first page shows.

use serde::{Deserialize, Serialize};

/// The first page below its heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portfolio {
    /// How many products there are, those in the archive aside.
    pub count: usize,
    /// Whether there is none at all.
    pub is_empty: bool,
    /// What the person has to do, what changed last, and every product with how much its roadmap holds.
    pub html: String,
}
