//! Who chose what, guessed by every order that can be had from the disk. A guess is as good as chance, or it is a link.

use std::collections::BTreeMap;

/// How likely a drill may be to call guesses a link that are right by chance: all orders of it together.
const FALSE_ALARM: f64 = 1e-6;

/// The numbers of the voters, in some order.
pub(super) type Order = (&'static str, Vec<usize>);

/// How often guesses by each pair of orders were right.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    hits: BTreeMap<String, Tried>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    sessions: usize,
    hits: usize,
}

/// What came of all guesses.
#[derive(Debug)]
pub(super) struct Verdict {
    /// How many ways to guess there are.
    pub(super) ways: usize,
    /// Ballots that were guessed in each of them, and of the best the hits.
    pub(super) ballots: usize,
    pub(super) best: usize,
    /// So many hits and more are a link.
    pub(super) bound: usize,
    /// The ways that were right more often than chance is.
    pub(super) links: Vec<String>,
}

impl Guesses {
    /// Guesses one session: as the voters come by an order of theirs, so come the published ballots, first to last or last to
    /// first. `owners` says whose ballots those are.
    pub(super) fn add(&mut self, voters: &[Order], owners: &[Order]) {
        for (by, voters) in voters {
            for (place, owners) in owners {
                let mut try_one = |how: &str, hits: usize| {
                    let tried = self.hits.entry(format!("{by} ~ {place}{how}")).or_default();
                    tried.sessions += 1;
                    tried.hits += hits;
                };
                let right = |(voter, owner): (&usize, &usize)| voter == owner;
                try_one("", voters.iter().zip(owners).filter(|pair| right(*pair)).count());
                try_one(
                    ", backwards",
                    voters.iter().zip(owners.iter().rev()).filter(|pair| right(*pair)).count(),
                );
            }
        }
    }

    /// Judges all guesses at sessions of `voters` each. By chance the hits of one session are the fixed points of a random
    /// permutation, one on average, and those of several are independent: their distribution is computed.
    pub(super) fn judge(&self, voters: usize) -> Verdict {
        let ways = self.hits.len();
        let sessions = self.hits.values().map(|tried| tried.sessions).max().unwrap_or(0);
        let alarm = FALSE_ALARM / f64::from(u32::try_from(ways.max(1)).unwrap_or(u32::MAX));
        let mut bounds = BTreeMap::new();
        let links = self.hits.iter().filter_map(|(way, Tried { sessions, hits })| {
            let bound = *bounds.entry(*sessions).or_insert_with(|| bound(voters, *sessions, alarm));
            let of = sessions * voters;
            (*hits >= bound)
                .then(|| format!("{way}: {hits} of {of} ballots are guessed, chance is {sessions}"))
        });
        let links = links.collect();
        let best = self.hits.values().map(|tried| tried.hits).max().unwrap_or(0);
        Verdict { ways, ballots: sessions * voters, best, bound: bound(voters, sessions, alarm), links }
    }
}

/// The least number of hits that chance reaches in less than `alarm` of all drills.
fn bound(voters: usize, sessions: usize, alarm: f64) -> usize {
    let one = fixed_points(voters);
    let mut all = vec![1.0];
    for _ in 0..sessions {
        let mut next = vec![0.0; all.len() + voters];
        for (hits, likely) in all.iter().enumerate() {
            for (more, share) in one.iter().enumerate() {
                next[hits + more] += likely * share;
            }
        }
        all = next;
    }
    let mut tail = 0.0;
    let unlikely = all.iter().rev().take_while(|likely| {
        tail += **likely;
        tail < alarm
    });
    all.len() - unlikely.count()
}

/// How likely a random permutation of `n` leaves 0, 1, … n of them in place.
fn fixed_points(n: usize) -> Vec<f64> {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    // Of those that leave none in place: n! · Σ (-1)^i / i!
    let factorial = |n: usize| (1..=n).map(number).product::<f64>();
    let moved = |n: usize| (0..=n).map(|i| (1.0 - 2.0 * number(i % 2)) / factorial(i)).sum::<f64>();
    (0..=n).map(|k| moved(n - k) / factorial(k)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_that_of_fixed_points() {
        let of_five: Vec<f64> = fixed_points(5).into_iter().map(|share| (share * 120.0).round()).collect();
        assert_eq!(of_five, [44.0, 45.0, 20.0, 10.0, 0.0, 1.0]);
        assert!((fixed_points(5).iter().sum::<f64>() - 1.0).abs() < 1e-9);
        // Four cannot be: who has four in place has five, which is one in 120.
        assert_eq!((bound(5, 1, 0.009), bound(5, 1, 0.008)), (4, 6));
        // Mean and variance are 1,000; the bound is about 5.6 deviations away.
        assert!((1_160..1_200).contains(&bound(5, 1_000, 1e-8)), "{}", bound(5, 1_000, 1e-8));
    }

    #[test]
    fn an_order_that_tells_is_a_link_and_chance_is_not() {
        let voters = [("name", vec![0, 1, 2, 3, 4])];
        let mut guesses = Guesses::default();
        for _ in 0..6 {
            guesses.add(&voters, &[("record", vec![1, 0, 2, 4, 3]), ("log", vec![4, 3, 2, 1, 0])]);
        }
        let Verdict { ways, ballots, best, links, .. } = guesses.judge(5);
        assert_eq!((ways, ballots, best), (4, 30, 30));
        assert_eq!(links, ["name ~ log, backwards: 30 of 30 ballots are guessed, chance is 6"]);
    }
}
