//! How firm an order is: how many cast ballots would have to be different to change it.
//!
//! The measure is the margin of victory: the smallest number of ballots that, filled in otherwise, change who is first (L. Xia,
//! "Computing the Margin of Victory for Various Voting Rules", *ACM EC* 2012; Magrino, Rivest, Shen and Wagner, "Computing the
//! Margin of Victory in IRV Elections", *EVT* 2011). Here it is also taken of each two neighbours. A ballot that is different
//! may hold whatever the rules allow and keeps its weight; blank ballots may be filled in. No ballot is added or lost.
//!
//! It is exact in every mode that adds up what ballots give: a changed ballot can do no better than to give the lower item the
//! most and the upper one nothing, so the ballots that gain most are changed first. Means and rankings have a bound
//! that is proven, and the exact number where a search finds that the bound is reached.

mod means;
mod ranking;

use serde::{Deserialize, Serialize};

use super::{
    Candidate, CountedBallot, Duels, Mode, Rules, Score, Tally,
    tally::{Mean, places_of},
};
use crate::ItemId;
use means::Means;
use ranking::Rankings;

/// How much is tried out where there is a bound only: changes of means.
const MEANS: u64 = 20_000;

/// Links of rankings' results.
const LINKS: u64 = 8_000_000;

/// How many cast ballots would have to be different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmness {
    Exactly(u32),
    /// No fewer than these; perhaps more.
    AtLeast(u32),
    /// All of them would not be enough.
    Never,
}

impl Firmness {
    /// The smallest number there can be.
    fn bound(self) -> u32 {
        match self {
            Self::Exactly(number) | Self::AtLeast(number) => number,
            Self::Never => u32::MAX,
        }
    }

    /// What it takes for one of two things to happen.
    fn either(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, only) | (only, Self::Never) => only,
            (Self::Exactly(one), other) if one <= other.bound() => self,
            (one, Self::Exactly(number)) if number <= one.bound() => other,
            _ => Self::AtLeast(self.bound().min(other.bound())),
        }
    }
}

/// By how much a candidate is ahead of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Margin {
    /// They share a place.
    Level,
    /// The difference of their points, rounded down.
    Points(Score),
    /// The next one was graded by nobody.
    Ungraded,
    /// In a ranking, by how many ballots, or how much weight, it is preferred more often than it is not.
    Preferred(Score),
    /// In a ranking, where the duel of the two does not decide between them: by way of others.
    Indirect,
}

/// How firmly a candidate is ahead of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    pub item: ItemId,
    /// The next one in the order.
    pub over: ItemId,
    pub margin: Margin,
    /// What it takes for the next one to come before it; of two that are level, for either to come before the other.
    pub firmness: Firmness,
}

/// How firm an order is: of each candidate and the next one, and of the winner, if there is one.
pub fn firmness(
    rules: &Rules,
    candidates: &[Candidate],
    ballots: &[CountedBallot],
    tally: &Tally,
    weighted: bool,
) -> (Vec<Lead>, Option<Firmness>) {
    firmness_within((MEANS, LINKS), rules, candidates, ballots, tally, weighted)
}

/// As [`firmness`], with so much effort.
pub(super) fn firmness_within(
    effort: (u64, u64),
    rules: &Rules,
    candidates: &[Candidate],
    ballots: &[CountedBallot],
    tally: &Tally,
    weighted: bool,
) -> (Vec<Lead>, Option<Firmness>) {
    let order: Vec<&Candidate> = tally
        .lines
        .iter()
        .filter_map(|line| candidates.iter().find(|candidate| candidate.item == line.item))
        .collect();
    let place = |index: usize| tally.lines[index].place;
    let is_level = |index: usize| place(index) == place(index + 1);
    let neighbours = 1..order.len();
    let wins_alone = order.len() > 1 && !is_level(0);
    // Who is to come before whom, by their indexes in the order.
    let mut questions: Vec<(usize, usize)> = neighbours.clone().map(|lower| (lower, lower - 1)).collect();
    questions.extend(neighbours.clone().filter(|lower| is_level(lower - 1)).map(|lower| (lower - 1, lower)));
    if wins_alone {
        questions.extend((2..order.len()).map(|rival| (rival, 0)));
    }
    let count = Count::of(rules, order, ballots, weighted);
    let answers = count.answers(&questions, effort);
    let answer = |rises, falls| {
        let asked = questions.iter().position(|asked| *asked == (rises, falls));
        asked.and_then(|index| answers.get(index)).copied().unwrap_or(Firmness::AtLeast(1))
    };
    let leads = neighbours
        .map(|lower| {
            let upper = lower - 1;
            let firmness = answer(lower, upper);
            let level = is_level(upper);
            Lead {
                item: count.order[upper].item,
                over: count.order[lower].item,
                margin: if level { Margin::Level } else { count.margin(upper, lower) },
                firmness: if level { firmness.either(answer(upper, lower)) } else { firmness },
            }
        })
        .collect();
    let rivals = 1..count.order.len();
    let winner = wins_alone.then(|| rivals.fold(Firmness::Never, |all, rival| all.either(answer(rival, 0))));
    (leads, winner)
}

/// What was counted, with the candidates in the order of the result.
struct Count<'a> {
    rules: &'a Rules,
    order: Vec<&'a Candidate>,
    ballots: &'a [CountedBallot],
    weighted: bool,
    /// Of each ballot, in thousandths.
    weights: Vec<u64>,
    /// For each candidate what each ballot gives it.
    given: Vec<Vec<Option<u32>>>,
}

impl<'a> Count<'a> {
    fn of(rules: &'a Rules, order: Vec<&'a Candidate>, ballots: &'a [CountedBallot], weighted: bool) -> Self {
        let weights = ballots.iter().map(|ballot| ballot.thousandths(weighted)).collect();
        let given = |candidate: &&Candidate| {
            ballots.iter().map(|ballot| ballot.choices.get(candidate.item)).collect()
        };
        let given = order.iter().map(given).collect();
        Self { rules, order, ballots, weighted, weights, given }
    }

    /// What each ballot gives to two candidates, and its weight.
    fn both(&self, one: usize, other: usize) -> impl Iterator<Item = (Option<u32>, Option<u32>, u64)> {
        let pairs = self.given[one].iter().zip(&self.given[other]);
        pairs.zip(&self.weights).map(|((one, other), weight)| (*one, *other, *weight))
    }

    /// How many ballots it takes for each first to come before its second.
    fn answers(&self, questions: &[(usize, usize)], (means, links): (u64, u64)) -> Vec<Firmness> {
        match self.rules.mode {
            Mode::Ranking => Rankings::of(self).answers(questions, links),
            Mode::Importance => questions
                .iter()
                .map(|(rises, falls)| Means::of(self, *rises, *falls).firmness(means))
                .collect(),
            _ => questions.iter().map(|(rises, falls)| self.by_sums(*rises, *falls)).collect(),
        }
    }

    /// In modes that add up what ballots give.
    fn by_sums(&self, rises: usize, falls: usize) -> Firmness {
        let best = i128::from(self.most(rises));
        let mut behind = 0;
        let mut gains: Vec<i128> = Vec::with_capacity(self.ballots.len());
        for (rises, falls, weight) in self.both(rises, falls) {
            let ahead = i128::from(rises.unwrap_or(0)) - i128::from(falls.unwrap_or(0));
            behind -= i128::from(weight) * ahead;
            gains.push(i128::from(weight) * (best - ahead));
        }
        gains.sort_unstable_by(|one, other| other.cmp(one));
        for (number, gain) in (1..).zip(gains) {
            behind -= gain;
            if behind < 0 {
                return Firmness::Exactly(number);
            }
        }
        Firmness::Never
    }

    /// The most one ballot can give a candidate, and nothing to others.
    fn most(&self, index: usize) -> u32 {
        let (rules, cost) = (self.rules, self.order[index].cost);
        let affords =
            |amount: &u32| !rules.has_tokens() || rules.price(*amount, cost) <= u64::from(rules.tokens);
        (0..=rules.top(self.order.len())).rev().find(affords).unwrap_or(0)
    }

    fn margin(&self, upper: usize, lower: usize) -> Margin {
        if self.rules.mode == Mode::Ranking {
            let items = [self.order[upper].item, self.order[lower].item];
            let duel = Duels::count(&items, self.ballots, self.weighted);
            return match duel.preferring(0, 1).checked_sub(duel.preferring(1, 0)) {
                Some(more) if more > 0 => Margin::Preferred(Score(more)),
                _ => Margin::Indirect,
            };
        }
        let sums = |index: usize| {
            let given = self.given[index].iter().zip(&self.weights);
            let given = given.filter_map(|(amount, weight)| Some((u64::from((*amount)?), *weight)));
            given.fold((0, 0), |(points, all), (amount, weight)| (points + amount * weight, all + weight))
        };
        let ((more, by), (less, of)) = (sums(upper), sums(lower));
        if self.rules.mode != Mode::Importance {
            return Margin::Points(Score(more.saturating_sub(less)));
        }
        if Mean::of(less, of).is_none() {
            return Margin::Ungraded;
        }
        let times = |one: u64, other: u64| u128::from(one) * u128::from(other);
        let difference = (times(more, of)).saturating_sub(times(less, by));
        let score = difference * 1_000 / times(by, of).max(1);
        Margin::Points(Score(u64::try_from(score).unwrap_or(u64::MAX)))
    }
}
