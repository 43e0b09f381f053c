//! What all ballots together say.

use std::{cmp::Ordering, fmt};

use serde::{Deserialize, Serialize};

use super::{Ballot, Candidate, Duels, Edition, Mode, Rules, Weight, schulze};
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

    /// Whether it says nothing: then it counts towards the turnout alone.
    pub fn is_blank(&self) -> bool {
        self.choices.is_empty()
    }
}

/// A number of points in thousandths, as it is shown. Places are decided by the exact fractions behind it.
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
    /// Its place, 1 being the first, by competition ranking: candidates that are level share one, and as many places behind
    /// it stay empty (1, 2, 2, 4).
    pub place: u32,
    /// Its place by the other tally: by raw points where the weighted ones decide, and the other way round.
    pub other_place: u32,
    /// Graded by ballots of weight 0 alone, so that it has no weighted mean.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub weightless: bool,
}

impl Line {
    /// The points of the tally that decides. In a ranking they are Borda's, and the place is that of the duels.
    pub fn deciding(&self, weighted: bool) -> Score {
        if weighted { self.weighted } else { self.raw }
    }

    /// The points as they are shown: a mean of no grades is none.
    pub fn shown(&self, mode: Mode, weighted: bool) -> Option<Score> {
        let none = mode == Mode::Importance && (self.voters == 0 || weighted && self.weightless);
        (!none).then_some(self.deciding(weighted))
    }
}

/// What all ballots together say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many ballots were counted.
    pub ballots: u32,
    /// How many ballots said nothing, and count towards the turnout alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub blank: u32,
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

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Counts ballots. With `weighted`, places go by the weighted points.
///
/// The score of a candidate is the sum of what ballots give it, save for two modes. In [`Mode::Importance`] it is the mean
/// of its grades; who gave none has no say, and a candidate that nobody graded comes last. In [`Mode::Ranking`] it is Borda's
/// count, see [`Duels::borda`], halved again to be the classical one, while the place is Schulze's.
///
/// Blank ballots are left out, and withdrawn candidates have no line. The order of the ballots makes no difference.
pub fn tally(rules: &Rules, candidates: &[Candidate], ballots: &[CountedBallot], weighted: bool) -> Tally {
    tally_by(Edition::NOW, rules, candidates, ballots, weighted)
}

/// As [`tally`], in the way of an edition.
pub(super) fn tally_by(
    edition: Edition,
    rules: &Rules,
    candidates: &[Candidate],
    ballots: &[CountedBallot],
    weighted: bool,
) -> Tally {
    let items: Vec<ItemId> =
        candidates.iter().filter(|candidate| !candidate.withdrawn).map(|candidate| candidate.item).collect();
    let counts = |ballot: &&CountedBallot| edition.counts_blank() || !ballot.is_blank();
    let counted: Vec<&CountedBallot> = ballots.iter().filter(counts).collect();
    let raw = Count::of(edition, rules, &items, &counted, false);
    let by_weight = Count::of(edition, rules, &items, &counted, true);
    let (deciding, other) = if weighted { (&by_weight, &raw) } else { (&raw, &by_weight) };
    let line = |(index, item): (usize, &ItemId)| Line {
        item: *item,
        raw: raw.scores[index],
        weighted: by_weight.scores[index],
        voters: raw.voters[index],
        place: deciding.places[index],
        other_place: other.places[index],
        weightless: by_weight.weightless[index],
    };
    let mut lines: Vec<Line> = items.iter().enumerate().map(line).collect();
    lines.sort_by_key(|line| line.place);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Tally { ballots: number(counted.len()), blank: number(ballots.len() - counted.len()), lines }
}

/// What decides a place: points divided by weights, exactly. `None` is less than anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean {
    pub(super) points: u64,
    /// Above zero.
    pub(super) weight: u64,
}

impl Mean {
    pub(super) fn of(points: u64, weight: u64) -> Option<Self> {
        (weight > 0).then_some(Self { points, weight })
    }

    /// Rounded down to thousandths.
    pub(super) fn score(self) -> Score {
        Score(self.points * 1_000 / self.weight)
    }
}

impl Ord for Mean {
    fn cmp(&self, other: &Self) -> Ordering {
        let times = |points: u64, weight: u64| u128::from(points) * u128::from(weight);
        times(self.points, other.weight).cmp(&times(other.points, self.weight))
    }
}

impl PartialOrd for Mean {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Mean {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Mean {}

/// Points and places, by candidate.
struct Count {
    scores: Vec<Score>,
    voters: Vec<u32>,
    places: Vec<u32>,
    weightless: Vec<bool>,
}

impl Count {
    fn of(
        edition: Edition,
        rules: &Rules,
        items: &[ItemId],
        ballots: &[&CountedBallot],
        weighted: bool,
    ) -> Self {
        let voters: Vec<u32> = items
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
            let beaten = schulze(&duels);
            let places = if edition.leaves_no_gaps() {
                beaten.iter().map(|beaten| beaten + 1).collect()
            } else {
                places_of(&beaten)
            };
            return Self { scores, voters, places, weightless: vec![false; items.len()] };
        }
        let sums: Vec<(u64, u64)> = items
            .iter()
            .map(|item| {
                let given = ballots.iter().filter_map(|ballot| {
                    Some((u64::from(ballot.choices.get(*item)?), ballot.thousandths(weighted)))
                });
                given.fold((0, 0), |(points, total), (amount, weight)| {
                    (points + amount * weight, total + weight)
                })
            })
            .collect();
        if rules.mode != Mode::Importance {
            let scores: Vec<Score> = sums.iter().map(|(points, _)| Score(*points)).collect();
            return Self { places: places(&scores), scores, voters, weightless: vec![false; items.len()] };
        }
        let means: Vec<Option<Mean>> =
            sums.iter().map(|(points, weight)| Mean::of(*points, *weight)).collect();
        let scores: Vec<Score> = means.iter().map(|mean| mean.map(Mean::score).unwrap_or_default()).collect();
        let places = if edition.compares_rounded() { places(&scores) } else { places(&means) };
        let weightless =
            voters.iter().zip(&means).map(|(voters, mean)| *voters > 0 && mean.is_none()).collect();
        Self { scores, voters, places, weightless }
    }
}

/// The place of each by competition ranking, the greatest being the first.
fn places<T: Ord>(values: &[T]) -> Vec<u32> {
    let place = |value| values.iter().filter(|other| *other > value).count() + 1;
    values.iter().map(|value| u32::try_from(place(value)).unwrap_or(u32::MAX)).collect()
}

/// Places in a ranking of which it is known how many beat each.
pub(super) fn places_of(beaten: &[u32]) -> Vec<u32> {
    places(&beaten.iter().map(std::cmp::Reverse).collect::<Vec<_>>())
}
