//! What the page of a product's history asks for and shows.

use std::collections::BTreeMap;

use domain::{Product, Timestamp};
use serde::{Deserialize, Serialize};

/// What an address asks for, by the names of its parameters.
pub type Asked = BTreeMap<String, String>;

/// What the page of a product's history shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    pub product: Product,
    /// Ids and names of those whose changes can be asked for.
    pub people: Vec<(String, String)>,
    /// Keys and labels of the fields whose changes can be asked for.
    pub fields: Vec<(String, String)>,
    pub part: HistoryPart,
}

/// Lines that were read at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPart {
    pub html: String,
    /// How many lines there are.
    pub lines: usize,
    /// When the last of them was.
    pub last: Option<Timestamp>,
    /// Where older ones begin, if there may be some.
    pub next: Option<String>,
    /// Whether reading ended before there were as many lines as a page has.
    pub is_cut_short: bool,
}
