//! How many ballots have to be different for one candidate of a ranking to come before another.

use std::collections::BTreeMap;

use super::{Count, Firmness, places_of};
use crate::voting::{Duels, schulze, schulze::strongest_paths};

/// In how many ways a change is guessed.
const WAYS: u64 = 3;

/// With more candidates than these a bound is looked for among powers of two alone.
const MANY: usize = 24;

/// Ballots that are alike.
struct Kind {
    /// Of each candidate, the last for one that is not ranked.
    places: Vec<u32>,
    weight: u64,
    number: u64,
}

/// All ballots, and the duels among the candidates.
pub(super) struct Rankings {
    size: usize,
    kinds: Vec<Kind>,
    ballots: u64,
    duels: Duels,
    /// The weights there are, heaviest first.
    weights: Vec<u64>,
    /// For each ordered pair and each weight, how many ballots put the first above the second.
    preferring: Vec<u64>,
    /// For each weight, how many ballots there are.
    all: Vec<u64>,
}

/// What is known of the ways to bring one candidate before another.
#[derive(Clone, Copy)]
struct Known {
    /// Fewer are not enough.
    bound: u64,
    is_exact: bool,
}

impl Rankings {
    pub(super) fn of(count: &Count<'_>) -> Self {
        let size = count.order.len();
        let items: Vec<_> = count.order.iter().map(|candidate| candidate.item).collect();
        let mut kinds: BTreeMap<(Vec<u32>, u64), u64> = BTreeMap::new();
        for (ballot, weight) in count.weights.iter().enumerate().filter(|(_, weight)| **weight > 0) {
            let places = count.given.iter().map(|given| given[ballot].unwrap_or(u32::MAX)).collect();
            *kinds.entry((places, *weight)).or_default() += 1;
        }
        let kinds: Vec<Kind> =
            kinds.into_iter().map(|((places, weight), number)| Kind { places, weight, number }).collect();
        let mut weights: Vec<u64> = kinds.iter().map(|kind| kind.weight).collect();
        weights.sort_unstable_by(|one, other| other.cmp(one));
        weights.dedup();
        let classes = weights.len();
        let (mut preferring, mut all) = (vec![0; size * size * classes], vec![0; classes]);
        for kind in &kinds {
            let class = weights.iter().position(|weight| *weight == kind.weight).unwrap_or(0);
            all[class] += kind.number;
            for (above, below) in pairs(size).filter(|(a, b)| kind.places[*a] < kind.places[*b]) {
                preferring[(above * size + below) * classes + class] += kind.number;
            }
        }
        let ballots = all.iter().sum();
        let duels = Duels::count(&items, count.ballots, count.weighted);
        Self { size, kinds, ballots, duels, weights, preferring, all }
    }

    /// Tries changes out as long as `effort` lasts, in steps of one link of a result each.
    pub(super) fn answers(&self, questions: &[(usize, usize)], effort: u64) -> Vec<Firmness> {
        let mut known: Vec<Known> =
            self.bounds(questions).into_iter().map(|bound| Known { bound, is_exact: false }).collect();
        self.search(questions, &mut known, effort);
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let attempt = ((self.size + self.kinds.len()) * self.size.pow(2)) as u64;
        let attempts = effort / (WAYS * attempt.max(1) * questions.len().max(1) as u64);
        let answer = |((rises, falls), known): (&(usize, usize), Known)| match known {
            Known { bound, .. } if bound > self.ballots => Firmness::Never,
            Known { bound, is_exact } if is_exact || attempts > 0 && self.is_found(*rises, *falls, bound) => {
                Firmness::Exactly(number(bound))
            }
            Known { bound, .. } => Firmness::AtLeast(number(bound)),
        };
        questions.iter().zip(known).map(answer).collect()
    }

    /// For each question the smallest number that is not ruled out: with `k` ballots changed, each duel lies between what is
    /// left when the heaviest `k` of those that agree with it turn away, and what it has when the heaviest `k` of the others
    /// come over. Links and the strongest paths follow from that, and with them who beats whom in any case, and who perhaps.
    fn bounds(&self, questions: &[(usize, usize)]) -> Vec<u64> {
        let mut reached: BTreeMap<u64, Reach> = BTreeMap::new();
        let mut is_possible = |number: u64, (rises, falls): (usize, usize)| {
            number > self.ballots
                || reached.entry(number).or_insert_with(|| self.reach(number)).is_possible(rises, falls)
        };
        let mut bound = |question| {
            let mut high = 1;
            while !is_possible(high, question) {
                high = (2 * high).min(self.ballots + 1);
            }
            let mut low = high / 2 + 1;
            while low < high && self.size <= MANY {
                let middle = low.midpoint(high);
                if is_possible(middle, question) { high = middle } else { low = middle + 1 }
            }
            low
        };
        questions.iter().map(|question| bound(*question)).collect()
    }

    fn reach(&self, number: u64) -> Reach {
        let (size, classes) = (self.size, self.weights.len());
        let (mut least, mut most) = (vec![0; size * size], vec![0; size * size]);
        for (a, b) in pairs(size) {
            let class = |index: usize| self.preferring[(a * size + b) * classes + index];
            let agreeing = self.heaviest(number, class);
            let others = self.heaviest(number, |index| self.all[index] - class(index));
            let now = self.duels.preferring(a, b);
            (least[a * size + b], most[a * size + b]) = (now - agreeing, now + others);
        }
        let links = |of: &[u64], against: &[u64]| {
            let mut links = vec![0; size * size];
            for (a, b) in pairs(size).filter(|(a, b)| of[a * size + b] > against[b * size + a]) {
                links[a * size + b] = of[a * size + b];
            }
            strongest_paths(&mut links, size);
            links
        };
        Reach { size, least: links(&least, &most), most: links(&most, &least) }
    }

    /// The weight of the heaviest `number` of the ballots of which there are so many in each class.
    fn heaviest(&self, number: u64, in_class: impl Fn(usize) -> u64) -> u64 {
        let mut left = number;
        let mut sum = 0;
        for (index, weight) in self.weights.iter().enumerate() {
            let taken = left.min(in_class(index));
            sum += taken * weight;
            left -= taken;
        }
        sum
    }

    /// Tries every change of one ballot, of two, and so on, as long as that is quickly done.
    fn search(&self, questions: &[(usize, usize)], known: &mut [Known], effort: u64) {
        let step = (self.size.pow(3) + self.size.pow(2)) as u64;
        let mut effort = effort / step.max(1);
        let Some(ballots) = every_ballot(self.size, effort) else { return };
        for number in 1..=self.ballots {
            if known.iter().all(|known| known.is_exact || known.bound > self.ballots) {
                return;
            }
            let mut found = vec![false; questions.len()];
            if known.iter().any(|known| !known.is_exact && known.bound <= number) {
                let mut trial = Trial { of: self, ballots: &ballots, questions, found: &mut found };
                let ended = trial.change(0, 0, number, &mut self.duels.clone(), &mut effort);
                for (known, found) in known.iter_mut().zip(found).filter(|(known, _)| !known.is_exact) {
                    match ended {
                        _ if found => *known = Known { bound: number, is_exact: true },
                        Some(()) => known.bound = known.bound.max(number + 1),
                        None => {}
                    }
                }
                if ended.is_none() {
                    return;
                }
            }
        }
    }

    /// Whether ballots that put the one first and the other last do it, with some order of the rest.
    fn is_found(&self, rises: usize, falls: usize, number: u64) -> bool {
        let mut order: Vec<&Kind> = self.kinds.iter().collect();
        order.sort_by_key(|kind| {
            let gain = match kind.places[rises].cmp(&kind.places[falls]) {
                std::cmp::Ordering::Less => 0,
                std::cmp::Ordering::Equal => 1,
                std::cmp::Ordering::Greater => 2,
            };
            std::cmp::Reverse((gain * kind.weight, kind.places[rises]))
        });
        let rest = || (0..self.size).filter(|index| *index != rises && *index != falls);
        let whole: Vec<usize> = [rises].into_iter().chain(rest()).chain([falls]).collect();
        let turned: Vec<usize> = [rises].into_iter().chain(rest().rev()).chain([falls]).collect();
        [vec![rises], whole, turned].iter().any(|ballot| {
            let places = places_on(ballot, self.size);
            let mut duels = self.duels.clone();
            let mut left = number;
            for kind in &order {
                let taken = left.min(kind.number);
                exchange(&mut duels, &kind.places, &places, taken * kind.weight);
                left -= taken;
            }
            let order = places_of(&schulze(&duels));
            order[rises] < order[falls]
        })
    }
}

/// What strengths the strongest paths can have.
struct Reach {
    size: usize,
    least: Vec<u64>,
    most: Vec<u64>,
}

impl Reach {
    /// Whether it is not ruled out that the one comes before the other: it must not be beaten by at least as many as the other
    /// can be, nor by the other itself.
    fn is_possible(&self, rises: usize, falls: usize) -> bool {
        let surely = |a: usize, b: usize| self.least[a * self.size + b] > self.most[b * self.size + a];
        let perhaps = |a: usize, b: usize| self.most[a * self.size + b] > self.least[b * self.size + a];
        let others = |of: usize| (0..self.size).filter(move |rival| *rival != of);
        let at_least = others(rises).filter(|rival| surely(*rival, rises)).count();
        let at_most = others(falls).filter(|rival| perhaps(*rival, falls)).count();
        at_least < at_most && !surely(falls, rises)
    }
}

/// Changes that are tried out.
struct Trial<'a> {
    of: &'a Rankings,
    /// Every ballot there can be, as places.
    ballots: &'a [Vec<u32>],
    questions: &'a [(usize, usize)],
    found: &'a mut [bool],
}

impl Trial<'_> {
    /// Changes `number` further ballots in every way: those of the kinds from `kind` on, of which `taken` are changed already.
    /// `None` when the effort is used up.
    fn change(
        &mut self,
        kind: usize,
        taken: u64,
        number: u64,
        duels: &mut Duels,
        effort: &mut u64,
    ) -> Option<()> {
        if number == 0 {
            *effort = effort.checked_sub(1)?;
            let places = places_of(&schulze(duels));
            for (found, (rises, falls)) in self.found.iter_mut().zip(self.questions) {
                *found |= places[*rises] < places[*falls];
            }
            return Some(());
        }
        let Some(Kind { places, weight, number: there }) = self.of.kinds.get(kind) else { return Some(()) };
        if taken < *there {
            for ballot in self.ballots {
                exchange(duels, places, ballot, *weight);
                let went_on = self.change(kind, taken + 1, number - 1, duels, effort);
                exchange(duels, ballot, places, *weight);
                went_on?;
            }
        }
        self.change(kind + 1, 0, number, duels, effort)
    }
}

/// Takes a ballot of some weight out of the duels and puts another in.
fn exchange(duels: &mut Duels, before: &[u32], after: &[u32], weight: u64) {
    let size = duels.size;
    for (a, b) in pairs(size) {
        let duel = &mut duels.preferred[a * size + b];
        *duel += if after[a] < after[b] { weight } else { 0 };
        *duel -= if before[a] < before[b] { weight } else { 0 };
    }
}

fn pairs(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..size).flat_map(move |a| (0..size).filter(move |b| *b != a).map(move |b| (a, b)))
}

fn places_on(ranked: &[usize], size: usize) -> Vec<u32> {
    let mut places = vec![u32::MAX; size];
    for (index, place) in ranked.iter().zip(1..) {
        places[*index] = place;
    }
    places
}

/// Every ranking of some of the candidates; `None` when there are more than `most`.
fn every_ballot(size: usize, most: u64) -> Option<Vec<Vec<u32>>> {
    let mut rankings: Vec<Vec<usize>> = vec![Vec::new()];
    let mut next = 0;
    while let Some(ranking) = rankings.get(next).cloned() {
        let longer = |index: usize| [&ranking[..], &[index]].concat();
        rankings.extend((0..size).filter(|index| !ranking.contains(index)).map(longer));
        next += 1;
        if rankings.len() as u64 > most {
            return None;
        }
    }
    Some(rankings.iter().map(|ranking| places_on(ranking, size)).collect())
}
