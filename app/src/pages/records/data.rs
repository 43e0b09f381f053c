//! What a page of records shows.

use domain::{Member, Record, Role, wire::Cursor};
use serde::{Deserialize, Serialize};

use crate::api::Plain;

/// A page of a kind of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// As of which event it is, or later.
    pub cursor: Cursor,
    /// As whom it is shown.
    pub role: Role,
    pub shown: Shown,
}

/// What it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    List(Loaded),
    Plain(Plain),
}

/// The records that are not in the bin, by name, and who they may be about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    pub records: Vec<Record>,
    pub members: Vec<Member>,
    /// Why the form that led here was refused.
    pub refused: Option<String>,
}
