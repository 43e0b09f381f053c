//! Rankings counted pair by pair.

use std::borrow::Borrow;

use super::CountedBallot;
use crate::ItemId;

/// For each ordered pair of candidates, the weight of the ballots that put the first above the second, in
/// thousandths. A ballot prefers what it ranks to what it does not, and has no preference among the latter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duels {
    pub(super) size: usize,
    pub(super) preferred: Vec<u64>,
}

impl Duels {
    /// Counts the duels among `items` on ballots that hold places.
    pub fn count<B: Borrow<CountedBallot>>(items: &[ItemId], ballots: &[B], weighted: bool) -> Self {
        let size = items.len();
        let mut duels = Self { size, preferred: vec![0; size * size] };
        for ballot in ballots.iter().map(Borrow::borrow) {
            let weight = ballot.thousandths(weighted);
            let places: Vec<u32> =
                items.iter().map(|item| ballot.choices.get(*item).unwrap_or(u32::MAX)).collect();
            for (above, place) in places.iter().enumerate() {
                for (below, other) in places.iter().enumerate() {
                    if place < other {
                        duels.preferred[above * size + below] += weight;
                    }
                }
            }
        }
        duels
    }

    /// The weight of the ballots that put `above` above `below`.
    pub fn preferring(&self, above: usize, below: usize) -> u64 {
        self.preferred[above * self.size + below]
    }

    /// Borda's count (1781) in its form for ballots that need not rank everything: a candidate gets two points for each
    /// candidate it is ranked above, and one for each it is level with. Twice the classical count, so that half points
    /// are whole numbers; in thousandths.
    pub fn borda(&self, candidate: usize, all: u64) -> u64 {
        (0..self.size)
            .filter(|other| *other != candidate)
            // Ballots without a preference between the two are what is left of all.
            .map(|other| all + self.preferring(candidate, other) - self.preferring(other, candidate))
            .sum()
    }
}

/// How many rivals beat each candidate by Schulze's method: M. Schulze, "A new monotonic, clone-independent, reversal
/// symmetric, and condorcet-consistent single-winner election method", *Social Choice and Welfare* 36 (2011), with the
/// strength of a link being its winning votes. "Beats" is transitive (section 4.1), so a candidate is beaten by
/// fewer than each one it beats.
pub fn schulze(duels: &Duels) -> Vec<u32> {
    let size = duels.size;
    let mut strength = vec![0; size * size];
    for a in 0..size {
        for b in 0..size {
            if duels.preferring(a, b) > duels.preferring(b, a) {
                strength[a * size + b] = duels.preferring(a, b);
            }
        }
    }
    strongest_paths(&mut strength, size);
    let beats = |a: usize, b: usize| strength[a * size + b] > strength[b * size + a];
    (0..size)
        .map(|candidate| {
            let beaten_by = (0..size).filter(|rival| beats(*rival, candidate)).count();
            u32::try_from(beaten_by).unwrap_or(u32::MAX)
        })
        .collect()
}

/// Replaces the strength of each link by that of the strongest path between its ends, which is as strong as its weakest
/// link: Floyd and Warshall's algorithm.
pub(super) fn strongest_paths(strength: &mut [u64], size: usize) {
    for via in 0..size {
        for from in 0..size {
            let first = strength[from * size + via];
            if from == via || first == 0 {
                continue;
            }
            for to in (0..size).filter(|to| *to != from) {
                let detour = first.min(strength[via * size + to]);
                let known = &mut strength[from * size + to];
                *known = detour.max(*known);
            }
        }
    }
}
