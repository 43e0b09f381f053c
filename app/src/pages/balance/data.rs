//! What the server says about targets and teams.

use domain::{balance::Target, capacity::TeamQuarter};
use serde::{Deserialize, Serialize};

/// What a board compares its work to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFrame {
    /// The targets of the product; nothing on a portfolio.
    pub own: Vec<Target>,
    /// Those of the portfolio.
    pub all: Vec<Target>,
    /// The days of teams.
    pub teams: Vec<TeamQuarter>,
}
