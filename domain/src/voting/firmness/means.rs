//! How many ballots have to be different for one mean to exceed another.

use std::collections::BTreeMap;

use super::{Count, Firmness, Mean};
use crate::voting::rules::TOP_GRADE;

/// How finely the two aims of a change are weighed against each other.
const STEPS: u64 = 16;

/// Ballots that say the same of the two candidates and weigh the same.
#[derive(Clone, Copy, Debug)]
struct Kind {
    rises: Option<u64>,
    falls: Option<u64>,
    weight: u64,
    number: u64,
}

/// The grades of two candidates. Ballots of weight 0 are left out: they change nothing.
pub(super) struct Means {
    kinds: Vec<Kind>,
    ballots: u64,
}

/// Points and weight of both candidates.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    rises: (u64, u64),
    falls: (u64, u64),
}

impl Sums {
    fn is_reached(&self) -> bool {
        let mean = |(points, weight)| Mean::of(points, weight);
        mean(self.rises) > mean(self.falls)
    }
}

impl Means {
    pub(super) fn of(count: &Count<'_>, rises: usize, falls: usize) -> Self {
        let mut kinds = BTreeMap::new();
        for (rises, falls, weight) in count.both(rises, falls).filter(|(.., weight)| *weight > 0) {
            *kinds.entry((rises.map(u64::from), falls.map(u64::from), weight)).or_insert(0) += 1;
        }
        let kinds: Vec<Kind> = kinds
            .into_iter()
            .map(|((rises, falls, weight), number)| Kind { rises, falls, weight, number })
            .collect();
        Self { ballots: kinds.iter().map(|kind| kind.number).sum(), kinds }
    }

    /// A changed ballot can do no better than to give the one the best grade and the other the worst. The bound is the smallest
    /// number of ballots with which the best mean of the one exceeds the worst mean of the other, each with the ballots that
    /// suit it best; it is reached if the same ballots do for both. That is tried out as long as `effort` lasts.
    pub(super) fn firmness(&self, effort: u64) -> Firmness {
        let (mut low, mut high) = (1, self.ballots + 1);
        while low < high {
            let middle = low.midpoint(high);
            if middle > self.ballots || self.best(middle) > self.worst(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        while low <= self.ballots {
            if self.is_found(low) {
                return Firmness::Exactly(number(low));
            }
            let mut effort = effort;
            match self.search(0, low, self.sums(&vec![0; self.kinds.len()]), &mut effort) {
                Some(true) => return Firmness::Exactly(number(low)),
                Some(false) => low += 1,
                None => return Firmness::AtLeast(number(low)),
            }
        }
        Firmness::Never
    }

    /// What both add up to with so many ballots of each kind changed.
    fn sums(&self, changed: &[u64]) -> Sums {
        self.kinds.iter().zip(changed).fold(Sums::default(), |sums, (kind, changed)| {
            let kept = Kind { number: kind.number - changed, ..*kind };
            kept.changed(*changed, kept.added(sums))
        })
    }

    /// Changes as many ballots as `number`, those first that `gain` most.
    fn greedy(&self, number: u64, gain: impl Fn(&Kind) -> u128) -> Vec<u64> {
        let mut order: Vec<usize> = (0..self.kinds.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(gain(&self.kinds[*index])));
        let mut changed = vec![0; self.kinds.len()];
        let mut left = number;
        for index in order {
            changed[index] = left.min(self.kinds[index].number);
            left -= changed[index];
        }
        changed
    }

    /// The best mean the one can have with so many changed: by Dinkelbach's method (1967), which takes the ballots that gain
    /// most at a mean, and goes on from the mean that this gives.
    fn best(&self, number: u64) -> Option<Mean> {
        let mut best = Mean { points: 0, weight: 1 };
        loop {
            let sums = self.sums(&self.greedy(number, |kind| kind.raises(best)));
            match Mean::of(sums.rises.0, sums.rises.1) {
                Some(mean) if mean > best => best = mean,
                Some(_) => return Some(best),
                None => return None,
            }
        }
    }

    /// The worst mean the other can have.
    fn worst(&self, number: u64) -> Option<Mean> {
        let mut worst = Mean { points: u64::from(TOP_GRADE), weight: 1 };
        loop {
            let sums = self.sums(&self.greedy(number, |kind| kind.lowers(worst)));
            match Mean::of(sums.falls.0, sums.falls.1) {
                Some(mean) if mean < worst => worst = mean,
                Some(_) => return Some(worst),
                None => return None,
            }
        }
    }

    /// Whether some mixture of both aims reaches it with so many ballots.
    fn is_found(&self, number: u64) -> bool {
        let (Some(best), Some(worst)) = (self.best(number), self.worst(number)) else { return false };
        [best, worst].into_iter().any(|mean| {
            (0..=STEPS).any(|step| {
                let gain = |kind: &Kind| {
                    kind.raises(mean) * u128::from(step) + kind.lowers(mean) * u128::from(STEPS - step)
                };
                self.sums(&self.greedy(number, gain)).is_reached()
            })
        })
    }

    /// Whether so many ballots can be chosen from the kinds behind `index`; `None` when that takes too long to find out.
    fn search(&self, index: usize, number: u64, sums: Sums, effort: &mut u64) -> Option<bool> {
        if number == 0 {
            return Some(sums.is_reached());
        }
        let Some(kind) = self.kinds.get(index) else { return Some(false) };
        for taken in (0..=number.min(kind.number)).rev() {
            *effort = effort.checked_sub(1)?;
            if self.search(index + 1, number - taken, kind.exchanged(taken, sums), effort)? {
                return Some(true);
            }
        }
        Some(false)
    }
}

impl Kind {
    /// With the ballots of this kind as they are.
    fn added(&self, mut sums: Sums) -> Sums {
        let weight = self.weight * self.number;
        for (grade, (points, all)) in [(self.rises, &mut sums.rises), (self.falls, &mut sums.falls)] {
            if let Some(grade) = grade {
                *points += grade * weight;
                *all += weight;
            }
        }
        sums
    }

    /// With so many ballots that were changed.
    fn changed(&self, number: u64, mut sums: Sums) -> Sums {
        let weight = self.weight * number;
        sums.rises.0 += u64::from(TOP_GRADE) * weight;
        sums.rises.1 += weight;
        sums.falls.1 += weight;
        sums
    }

    /// With so many of the ballots that are there changed.
    fn exchanged(&self, number: u64, mut sums: Sums) -> Sums {
        let weight = self.weight * number;
        for (grade, (points, all)) in [(self.rises, &mut sums.rises), (self.falls, &mut sums.falls)] {
            if let Some(grade) = grade {
                *points -= grade * weight;
                *all -= weight;
            }
        }
        self.changed(number, sums)
    }

    /// How much a change of one ballot raises the one above a mean, times the weight of that mean.
    fn raises(&self, mean: Mean) -> u128 {
        let top = u64::from(TOP_GRADE);
        let gain = match self.rises {
            Some(grade) => u128::from(top - grade) * u128::from(mean.weight),
            None => u128::from(top) * u128::from(mean.weight) - u128::from(mean.points),
        };
        u128::from(self.weight) * gain
    }

    /// How much it lowers the other below a mean.
    fn lowers(&self, mean: Mean) -> u128 {
        let gain = match self.falls {
            Some(grade) => u128::from(grade) * u128::from(mean.weight),
            None => u128::from(mean.points),
        };
        u128::from(self.weight) * gain
    }
}
