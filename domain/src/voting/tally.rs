//! What all ballots together say.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Ballot, Candidate, Duels, Mode, Rules, Weight, schulze};
use crate::{ItemId, SegmentId};

/// A ballot as it is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedBallot {
    pub choices: Ballot,
    pub weight: Weight,
    /// The segment it counts for, where votes are split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<SegmentId>,
}

impl CountedBallot {
    pub(super) fn thousandths(&self, weighted: bool) -> u64 {
        u64::from(if weighted { self.weight } else { Weight::ONE }.thousandths())
    }
}

/// A number of points in thousandths, so that weights, half points and means are exact to three digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(pub u64);

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_thousandths(f, self.0)
    }
}

/// Writes `2500` as `2.5`.
pub(super) fn write_thousandths(f: &mut fmt::Formatter<'_>, thousandths: u64) -> fmt::Result {
    let (whole, part) = (thousandths / 1_000, thousandths % 1_000);
    if part == 0 {
        return write!(f, "{whole}");
    }
    write!(f, "{whole}.{}", format!("{part:03}").trim_end_matches('0'))
}

/// What came of one candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub item: ItemId,
    /// Points with every ballot counted alike: votes, dots, the mean grade, or Borda's count.
    pub raw: Score,
    /// Points with each ballot counted by its weight.
    pub weighted: Score,
    /// How many ballots chose it, graded it, or ranked it.
    pub voters: u32,
    /// Its place, 1 being the first; candidates that are level share one.
    pub place: u32,
    /// Its place by the other tally: by raw points where the weighted ones decide, and the other way round.
    pub other_place: u32,
}

impl Line {
    /// The points its place goes by.
    pub fn deciding(&self, weighted: bool) -> Score {
        if weighted { self.weighted } else { self.raw }
    }
}

/// What all ballots together say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many ballots were counted.
    pub ballots: u32,
    /// Best first; candidates on one place in ballot order.
    pub lines: Vec<Line>,
}

impl Tally {
    pub fn line(&self, item: ItemId) -> Option<&Line> {
        self.lines.iter().find(|line| line.item == item)
    }

    /// How many points a full bar stands for: those of the first, or the best grade there is.
    pub fn most(&self, mode: Mode, weighted: bool) -> Score {
        if mode == Mode::Importance {
            return Score(3_000);
        }
        self.lines.iter().map(|line| line.deciding(weighted)).max().unwrap_or_default()
    }
}

/// Counts ballots. With `weighted`, places go by the weighted points.
///
/// The score of a candidate is the sum of what ballots give it, save for two modes. In [`Mode::Importance`] it is the mean
/// of its grades, to three digits; who gave none has no say. In [`Mode::Ranking`] it is Borda's count, see
/// [`Duels::borda`], halved again to be the classical one, while the place is Schulze's.
///
/// Withdrawn candidates have no line. The order of the ballots makes no difference.
pub fn tally(rules: &Rules, candidates: &[Candidate], ballots: &[CountedBallot], weighted: bool) -> Tally {
    let items: Vec<ItemId> =
        candidates.iter().filter(|candidate| !candidate.withdrawn).map(|candidate| candidate.item).collect();
    let raw = Count::of(rules, &items, ballots, false);
    let by_weight = Count::of(rules, &items, ballots, true);
    let (deciding, other) = if weighted { (&by_weight, &raw) } else { (&raw, &by_weight) };
    let line = |(index, item): (usize, &ItemId)| Line {
        item: *item,
        raw: raw.scores[index],
        weighted: by_weight.scores[index],
        voters: raw.voters[index],
        place: deciding.places[index],
        other_place: other.places[index],
    };
    let mut lines: Vec<Line> = items.iter().enumerate().map(line).collect();
    lines.sort_by_key(|line| line.place);
    Tally { ballots: u32::try_from(ballots.len()).unwrap_or(u32::MAX), lines }
}

/// Points and places, by candidate.
struct Count {
    scores: Vec<Score>,
    voters: Vec<u32>,
    places: Vec<u32>,
}

impl Count {
    fn of(rules: &Rules, items: &[ItemId], ballots: &[CountedBallot], weighted: bool) -> Self {
        let voters = items
            .iter()
            .map(|item| {
                let chosen = ballots.iter().filter(|ballot| ballot.choices.get(*item).is_some()).count();
                u32::try_from(chosen).unwrap_or(u32::MAX)
            })
            .collect();
        if rules.mode == Mode::Ranking {
            let duels = Duels::count(items, ballots, weighted);
            let all = ballots.iter().map(|ballot| ballot.thousandths(weighted)).sum();
            let scores = (0..items.len()).map(|index| Score(duels.borda(index, all) / 2)).collect();
            return Self { scores, voters, places: schulze(&duels) };
        }
        let sum = |item: &ItemId| {
            let given = ballots.iter().filter_map(|ballot| {
                Some((u64::from(ballot.choices.get(*item)?), ballot.thousandths(weighted)))
            });
            let (points, weight) = given
                .fold((0, 0), |(points, total), (amount, weight)| (points + amount * weight, total + weight));
            match rules.mode {
                Mode::Importance => Score((points * 1_000).checked_div(weight).unwrap_or(0)),
                _ => Score(points),
            }
        };
        let scores: Vec<Score> = items.iter().map(sum).collect();
        let places = scores.iter().map(|score| place(&scores, *score)).collect();
        Self { scores, voters, places }
    }
}

fn place(scores: &[Score], score: Score) -> u32 {
    u32::try_from(scores.iter().filter(|other| **other > score).count() + 1).unwrap_or(u32::MAX)
}
