//! What is typed into the form of a field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was typed into the form of a field of the product's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "only forms send it"))]
pub struct Typed {
    pub label: String,
    pub unit: String,
    /// Labels by key.
    pub choices: BTreeMap<String, String>,
    /// By key, those that are not offered any more.
    pub retired: BTreeMap<String, String>,
    /// Further choices, one on each line.
    pub more: String,
}
