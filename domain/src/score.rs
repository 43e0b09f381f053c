//! Scores: a number for each item that says where it belongs in the order, from ratings, fields and votes, by a formula that people
//! can read and replace. Everything here is computed from stored inputs and never stored itself; numbers are exact.

mod formula;
mod line;
mod model;
mod number;
mod rank;
mod sensitivity;
#[cfg(test)]
mod tests;

pub use formula::{Formula, FormulaError, NoScore};
pub use line::{MAX_CRITERIA, criteria, criterion_line};
pub use model::{Criterion, DEFAULT_METHOD, Direction, ItemField, Method, Scale, ScoreModel, Source};
pub use number::Number;
pub use rank::{Input, Ratings, Scored, ranked};
pub use sensitivity::{Swap, swap};
