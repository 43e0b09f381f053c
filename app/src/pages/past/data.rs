//! What the page of the past shows.

use domain::{Date, Product};
use serde::{Deserialize, Serialize};

/// A roadmap at a moment, beside what is different at a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastPage {
    pub product: Product,
    /// The place of the present in the roadmap's log.
    pub head: u64,
    /// The place that is shown.
    pub seq: u64,
    /// The day of it in UTC; nothing before the first change.
    pub day: Option<Date>,
    /// When that was, and who had done something then, as HTML.
    pub words: String,
    /// The later place it is compared with; nothing for the present.
    pub until: Option<u64>,
    /// Named moments, as places and names.
    pub baselines: Vec<(u64, String)>,
    /// The board as it was, what is different later, and the moments that have names.
    pub html: String,
}
