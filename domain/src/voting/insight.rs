//! What to make of a result: where people disagree, how firm the order is, what changed since another time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Candidate, CountedBallot, Duels, Line, Mode, Rules, Score, Tally};
use crate::{ItemId, SegmentId};

/// How much voters disagree about an item. Both figures are shares, in thousandths, of the most one voter can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    pub item: ItemId,
    /// How far two voters, drawn at random, are apart: Gini's mean difference over all pairs (Gini 1912).
    pub spread: u32,
    /// How far the means of the two segments are apart that are furthest from each other; 0 with fewer than two.
    pub gap: u32,
}

/// The items voters disagree about, most first, by the larger of spread and gap and then by the other. Those about
/// which all agree are left out.
pub fn disagreements(
    rules: &Rules,
    candidates: &[Candidate],
    ballots: &[CountedBallot],
) -> Vec<Disagreement> {
    let open: Vec<&Candidate> = candidates.iter().filter(|candidate| !candidate.withdrawn).collect();
    let mut found: Vec<Disagreement> = open
        .iter()
        .map(|candidate| {
            let given: Vec<(Option<SegmentId>, u64)> = ballots
                .iter()
                .filter_map(|ballot| Some((ballot.group, share(rules, open.len(), ballot, candidate.item)?)))
                .collect();
            Disagreement { item: candidate.item, spread: spread(&given), gap: gap(&given) }
        })
        .filter(|found| found.spread > 0 || found.gap > 0)
        .collect();
    found.sort_by_key(|found| std::cmp::Reverse((found.spread.max(found.gap), found.spread.min(found.gap))));
    found
}

/// What a ballot gives an item, in thousandths of the most it could. `None` where it says nothing about it, which
/// it can in grades only: not choosing an item is an opinion, not grading it is none.
fn share(rules: &Rules, candidates: usize, ballot: &CountedBallot, item: ItemId) -> Option<u64> {
    let amount = ballot.choices.get(item);
    let top = u64::from(rules.top(candidates)).max(1);
    match rules.mode {
        Mode::Importance => Some(u64::from(amount?) * 1_000 / top),
        // The first place is worth most; what is not ranked shares the places that are left.
        Mode::Ranking if top > 1 => {
            let ranked = ballot.choices.iter().count() as u64;
            let below = match amount {
                Some(place) => 2 * (top.saturating_sub(u64::from(place))),
                None => top.saturating_sub(ranked + 1),
            };
            Some(below * 1_000 / (2 * (top - 1)))
        }
        Mode::Ranking => Some(1_000),
        _ => Some(u64::from(amount.unwrap_or(0)) * 1_000 / top),
    }
}

fn spread(given: &[(Option<SegmentId>, u64)]) -> u32 {
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
    u32::try_from((plus - minus) / (n * (n - 1) / 2)).unwrap_or(u32::MAX)
}

fn gap(given: &[(Option<SegmentId>, u64)]) -> u32 {
    let mut groups: BTreeMap<SegmentId, (u64, u64)> = BTreeMap::new();
    for (group, value) in given {
        if let Some(group) = group {
            let (sum, count) = groups.entry(*group).or_default();
            (*sum, *count) = (*sum + value, *count + 1);
        }
    }
    let means = groups.values().map(|(sum, count)| sum / count);
    let (low, high) = (means.clone().min().unwrap_or(0), means.max().unwrap_or(0));
    u32::try_from(high - low).unwrap_or(u32::MAX)
}

/// How firmly a candidate is ahead of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    pub item: ItemId,
    /// The next one in the order.
    pub over: ItemId,
    /// The difference of their points by the tally that decides; in a ranking, of the ballots that prefer one to the
    /// other.
    pub margin: Score,
    /// The least number of voters of weight 1 who, by a single vote, dot or step of a grade more for the lower one or
    /// by putting the two the other way round, would put it ahead. `None` where no number could: a ranking that was
    /// decided by way of others.
    pub voters: Option<u32>,
}

/// How firm an order is: for each candidate but the last, what it would take to swap it with the next.
pub fn sensitivity(
    rules: &Rules,
    candidates: &[Candidate],
    ballots: &[CountedBallot],
    tally: &Tally,
    weighted: bool,
) -> Vec<Lead> {
    let items: Vec<ItemId> = candidates.iter().map(|candidate| candidate.item).collect();
    let duels = (rules.mode == Mode::Ranking).then(|| Duels::count(&items, ballots, weighted));
    let lead = |upper: &Line, lower: &Line| {
        let (margin, voters) = match &duels {
            Some(duels) => {
                let index = |line: &Line| items.iter().position(|item| *item == line.item).unwrap_or(0);
                let (upper, lower) = (index(upper), index(lower));
                let (for_it, against) = (duels.preferring(upper, lower), duels.preferring(lower, upper));
                // A ballot that turns the two around takes its weight from one side and gives it to the other.
                let turned = for_it.checked_sub(against).map(|margin| margin / 2_000 + 1);
                (for_it.saturating_sub(against), turned)
            }
            None => {
                let score = |line: &Line| if weighted { line.weighted.0 } else { line.raw.0 };
                let margin = score(upper).saturating_sub(score(lower));
                let step = match rules.mode {
                    // One step of one grade moves the mean by a part of the grades there are.
                    Mode::Importance => graded(ballots, lower.item, weighted).map(|all| 1_000_000 / all),
                    _ => Some(1_000),
                };
                (margin, step.filter(|step| *step > 0).map(|step| margin / step + 1))
            }
        };
        let voters = voters.and_then(|voters| u32::try_from(voters).ok());
        Lead { item: upper.item, over: lower.item, margin: Score(margin), voters }
    };
    tally.lines.windows(2).map(|pair| lead(&pair[0], &pair[1])).collect()
}

/// The weight of those who graded an item, in thousandths; `None` when nobody did.
fn graded(ballots: &[CountedBallot], item: ItemId, weighted: bool) -> Option<u64> {
    let all = ballots
        .iter()
        .filter(|ballot| ballot.choices.get(item).is_some())
        .map(|ballot| ballot.thousandths(weighted))
        .sum();
    (all > 0).then_some(all)
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
