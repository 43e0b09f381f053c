//! What the server draws whole of voting sessions.

pub(crate) mod list;
pub(crate) mod phase;
pub(crate) mod places;
pub(crate) mod results;
pub(crate) mod run;
pub(crate) mod segments;

use domain::counted;

use crate::pages::plain::{html, named_post, notice, post};

/// Thousandths as a percentage.
fn percent(thousandths: u32) -> String {
    format!("{} %", (thousandths + 5) / 10)
}
