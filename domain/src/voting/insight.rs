//! What to make of a result: where people disagree, what a budget buys, what changed since another time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Candidate, CountedBallot, Line, Mode, Rules, Tally, tally::Mean};
use crate::{ItemId, SegmentId};

/// How much voters disagree about an item. Both figures are in thousandths, from 0 to 1000, and rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    pub item: ItemId,
    /// Gini's mean difference (Gini 1912), of how far any two voters are apart, as a share of its maximum: 0 when all give
    /// the same, 1000 when one half gives the most and the other nothing.
    pub spread: u32,
    /// How far the means of the two groups are apart that are furthest from each other, as a share of the most one voter
    /// can give; voters without a segment are a group too. 0 with fewer than two groups.
    pub gap: u32,
}

/// The items voters disagree about, most first, by the larger of spread and gap and then by the other. Those about
/// which all agree are left out, and so are blank ballots.
pub fn disagreements(
    rules: &Rules,
    candidates: &[Candidate],
    ballots: &[CountedBallot],
) -> Vec<Disagreement> {
    let open = candidates.iter().filter(|candidate| !candidate.withdrawn).count();
    let ballots: Vec<&CountedBallot> = ballots.iter().filter(|ballot| !ballot.is_blank()).collect();
    let scale = Scale { rules, candidates: open };
    let mut found: Vec<Disagreement> = candidates
        .iter()
        .filter(|candidate| !candidate.withdrawn)
        .map(|candidate| {
            let given: Vec<(Option<SegmentId>, u64)> = ballots
                .iter()
                .filter_map(|ballot| Some((ballot.group, scale.given(ballot, candidate.item)?)))
                .collect();
            let top = scale.top();
            Disagreement { item: candidate.item, spread: spread(&given, top), gap: gap(&given, top) }
        })
        .filter(|found| found.spread > 0 || found.gap > 0)
        .collect();
    found.sort_by_key(|found| std::cmp::Reverse((found.spread.max(found.gap), found.spread.min(found.gap))));
    found
}

/// What ballots give, in whole steps from nothing to the most they can.
struct Scale<'a> {
    rules: &'a Rules,
    /// How many can be chosen.
    candidates: usize,
}

impl Scale<'_> {
    /// How many steps there are; never 0.
    fn top(&self) -> u64 {
        let top = u64::from(self.rules.top(self.candidates));
        match self.rules.mode {
            // In half places, because what is not ranked shares the places that are left.
            Mode::Ranking => 2 * top.saturating_sub(1),
            _ => top,
        }
        .max(1)
    }

    /// What a ballot gives an item. `None` where it says nothing about it, which it can in grades only: not choosing an item
    /// is an opinion, not grading it is none.
    fn given(&self, ballot: &CountedBallot, item: ItemId) -> Option<u64> {
        let amount = ballot.choices.get(item);
        match self.rules.mode {
            Mode::Importance => Some(u64::from(amount?)),
            Mode::Ranking => {
                let last = u64::from(self.rules.top(self.candidates));
                let ranked = ballot.choices.iter().count() as u64;
                Some(match amount {
                    Some(place) => 2 * last.saturating_sub(u64::from(place)),
                    None => last.saturating_sub(ranked + 1),
                })
            }
            _ => Some(u64::from(amount.unwrap_or(0))),
        }
    }
}

fn spread(given: &[(Option<SegmentId>, u64)], top: u64) -> u32 {
    let n = given.len() as u64;
    if n < 2 {
        return 0;
    }
    let mut values: Vec<u64> = given.iter().map(|(_, value)| *value).collect();
    values.sort_unstable();
    // In order, the value at `i` is the larger one of `i` pairs and the smaller one of `n - 1 - i`.
    let (plus, minus) = (0..n)
        .zip(&values)
        .fold((0, 0), |(plus, minus), (i, value)| (plus + i * value, minus + (n - 1 - i) * value));
    // At most every pair differs that has one voter of each half, by all there is.
    let most = u128::from((n / 2) * (n - n / 2)) * u128::from(top);
    u32::try_from(u128::from(plus - minus) * 1_000 / most).unwrap_or(u32::MAX)
}

fn gap(given: &[(Option<SegmentId>, u64)], top: u64) -> u32 {
    let mut groups: BTreeMap<Option<SegmentId>, (u64, u64)> = BTreeMap::new();
    for (group, value) in given {
        let (sum, count) = groups.entry(*group).or_default();
        (*sum, *count) = (*sum + value, *count + 1);
    }
    let means = || groups.values().filter_map(|(sum, count)| Mean::of(*sum, *count));
    let (Some(low), Some(high)) = (means().min(), means().max()) else { return 0 };
    let wide = |number: u64| u128::from(number);
    let difference = wide(high.points) * wide(low.weight) - wide(low.points) * wide(high.weight);
    let most = wide(high.weight) * wide(low.weight) * wide(top);
    u32::try_from(difference * 1_000 / most).unwrap_or(u32::MAX)
}

/// What an item costs in a budget, and whether it can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    pub item: ItemId,
    pub price: u32,
    /// The price of what was taken so far, this one included if it fits.
    pub total: u64,
    pub fits: bool,
}

/// What one purse buys, in the order of the result: an item that costs more than is left is passed over, and a cheaper one
/// behind it may still fit (the greedy rule of knapsack voting: Goel, Krishnaswamy, Sakshuwong, Aitamurto 2019). Items on one
/// place are taken in ballot order. Empty in other modes.
pub fn fitting(rules: &Rules, candidates: &[Candidate], tally: &Tally) -> Vec<Fit> {
    if rules.mode != Mode::Budget {
        return Vec::new();
    }
    let mut total = 0;
    let fit = |line: &Line| {
        let price = candidates.iter().find(|each| each.item == line.item).map_or(0, |each| each.cost);
        let fits = total + u64::from(price) <= u64::from(rules.tokens);
        total += if fits { u64::from(price) } else { 0 };
        Fit { item: line.item, price, total, fits }
    };
    tally.lines.iter().map(fit).collect()
}

/// An item's place now and in an earlier session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    pub item: ItemId,
    pub place: u32,
    /// `None` for an item that was not up for vote then. Counted among the items of both sessions.
    pub before: Option<u32>,
}

/// How places changed since an earlier session, counted among the items that both put up for vote.
pub fn compare(now: &Tally, before: &Tally) -> Vec<Since> {
    let common = |tally: &Tally, other: &Tally| -> BTreeMap<ItemId, u32> {
        let lines: Vec<&Line> = tally.lines.iter().filter(|line| other.line(line.item).is_some()).collect();
        let place = |line: &Line| lines.iter().filter(|other| other.place < line.place).count() + 1;
        lines.iter().map(|line| (line.item, u32::try_from(place(line)).unwrap_or(u32::MAX))).collect()
    };
    let (places, earlier) = (common(now, before), common(before, now));
    now.lines
        .iter()
        .map(|line| Since {
            item: line.item,
            place: places.get(&line.item).copied().unwrap_or(line.place),
            before: earlier.get(&line.item).copied(),
        })
        .collect()
}
