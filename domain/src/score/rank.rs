//! Items in the order of their scores, each with all that its score is made of.

use super::{NoScore, Number, ScoreModel};
use crate::{ItemId, Timestamp};

/// What people said about a criterion of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ratings {
    pub raters: u32,
    /// All of them together, in hundredths.
    pub sum: i64,
    /// The smallest and the largest, in hundredths.
    pub low: i64,
    pub high: i64,
    /// When the latest was given.
    pub latest: Option<Timestamp>,
}

impl Ratings {
    /// Those of several people, by value and time.
    pub fn of(ratings: impl IntoIterator<Item = (i64, Timestamp)>) -> Self {
        let mut all = Self::default();
        for (value, at) in ratings {
            all.low = if all.raters == 0 { value } else { all.low.min(value) };
            all.high = if all.raters == 0 { value } else { all.high.max(value) };
            all.raters += 1;
            all.sum = all.sum.saturating_add(value);
            all.latest = all.latest.max(Some(at));
        }
        all
    }

    /// Their mean.
    pub fn mean(&self) -> Option<Number> {
        Number::fraction(self.sum, i64::from(self.raters) * 100).filter(|_| self.raters > 0)
    }

    /// How far the largest is from the smallest.
    pub fn spread(&self) -> Number {
        Number::hundredths(self.high.saturating_sub(self.low))
    }
}

/// What a criterion is in an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    pub value: Option<Number>,
    /// Of a criterion that people rate.
    pub ratings: Option<Ratings>,
}

/// An item with its score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    pub item: ItemId,
    /// Its place in the order that people have made, from 0.
    pub own: usize,
    /// In the order of the model's criteria.
    pub inputs: Vec<Input>,
    pub score: Result<Number, NoScore>,
}

impl Scored {
    pub(super) fn values(&self) -> Vec<Option<Number>> {
        self.inputs.iter().map(|input| input.value).collect()
    }
}

/// Scores items, which come in the order that people have made, and puts the highest first. Where two have the same score, and
/// among those that have none, that order stays.
pub fn ranked(model: &ScoreModel, items: Vec<(ItemId, Vec<Input>)>) -> Vec<Scored> {
    let mut scored: Vec<Scored> = items
        .into_iter()
        .enumerate()
        .map(|(own, (item, inputs))| {
            let values: Vec<Option<Number>> = inputs.iter().map(|input| input.value).collect();
            let score = model.formula.value(&values);
            Scored { item, own, inputs, score }
        })
        .collect();
    scored.sort_by(|a, b| {
        let (a, b) = (a.score.as_ref().ok(), b.score.as_ref().ok());
        b.cmp(&a)
    });
    scored
}
