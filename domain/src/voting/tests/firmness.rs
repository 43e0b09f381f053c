//! Every reported firmness, compared with trying every change.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::firmness::{Firmness, Lead, Margin, firmness, firmness_within},
    *,
};

/// Chance that is the same every time (Marsaglia, "Xorshift RNGs", 2003).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % sides
    }
}

pub(super) struct Session {
    pub(super) rules: Rules,
    pub(super) candidates: Vec<Candidate>,
    pub(super) ballots: Vec<CountedBallot>,
    weighted: bool,
    /// Every ballot the rules allow.
    pub(super) allowed: Vec<Ballot>,
}

pub(super) fn session(dice: &mut Dice, mode: Mode) -> Session {
    let size = 2 + dice.below(3) as usize;
    let most = match (mode, size) {
        (Mode::Ranking, 4) => 2,
        // Grades of many weights add up to too much to try.
        (Mode::Ranking, 3) | (Mode::Importance, _) => 3,
        _ => 5,
    };
    let rules = match mode {
        Mode::Upvote => rules(mode, dice.below(3) as u32, 0),
        Mode::Dots => rules(mode, 3, dice.below(3) as u32),
        Mode::Budget => rules(mode, 4, 0),
        Mode::Quadratic => rules(mode, 5, 0),
        _ => rules(mode, 0, 0),
    };
    let costs: Vec<u32> = (0..size).map(|_| 1 + dice.below(5) as u32).collect();
    let mut candidates = candidates(&costs);
    candidates.push(Candidate { item: item(99), withdrawn: true, ..candidates[0].clone() });
    let allowed = allowed(&rules, &candidates);
    let ballots = (0..1 + dice.below(most)).map(|_| {
        let choices = allowed[dice.below(allowed.len() as u64) as usize].clone();
        let weight = [0, 1_000, 1_000, 2_500, 5_000][dice.below(5) as usize];
        let group = Some(dice.below(3) as u32).filter(|group| *group > 0).map(segment);
        CountedBallot { group, ..weighing(choices, weight) }
    });
    let ballots = ballots.collect();
    Session { rules, candidates, ballots, weighted: dice.below(2) == 0, allowed }
}

fn allowed(rules: &Rules, candidates: &[Candidate]) -> Vec<Ballot> {
    let open: Vec<&Candidate> = candidates.iter().filter(|candidate| !candidate.withdrawn).collect();
    let most = rules.top(open.len()) + u32::from(rules.mode == Mode::Importance);
    let mut all: Vec<BTreeMap<ItemId, u32>> = vec![BTreeMap::new()];
    for candidate in &open {
        all = all
            .iter()
            .flat_map(|begun| {
                (0..=most).map(|given| {
                    let mut ballot = begun.clone();
                    // Nothing, or a number from 0.
                    if given > 0 {
                        let amount = if rules.mode == Mode::Importance { given - 1 } else { given };
                        ballot.insert(candidate.item, amount);
                    }
                    ballot
                })
            })
            .collect();
    }
    let ballots = all.into_iter().map(|amounts| amounts.into_iter().collect::<Ballot>());
    let places_begin = |ballot: &Ballot| {
        let mut places: Vec<u32> = ballot.iter().map(|(_, place)| place).collect();
        places.sort_unstable();
        rules.mode != Mode::Ranking || places.iter().zip(1..).all(|(place, next)| *place == next)
    };
    ballots.filter(|ballot| rules.check(ballot, candidates).is_ok() && places_begin(ballot)).collect()
}

/// What decides between two items, with nothing of how it is counted elsewhere.
type Sums = Vec<i64>;

impl Session {
    pub(super) fn items(&self) -> Vec<ItemId> {
        self.candidates.iter().filter(|each| !each.withdrawn).map(|each| each.item).collect()
    }

    fn weight(&self, ballot: &CountedBallot) -> i64 {
        if self.weighted { i64::from(ballot.weight.thousandths()) } else { 1_000 }
    }

    /// What a ballot adds to the sums that decide between two items: points and weight of each, or all duels.
    pub(super) fn adds(&self, choices: &Ballot, pair: [ItemId; 2]) -> Sums {
        if self.rules.mode == Mode::Ranking {
            let items = self.items();
            let place = |item: ItemId| choices.get(item).unwrap_or(1_000);
            return items
                .iter()
                .flat_map(|one| items.iter().map(|other| i64::from(place(*one) < place(*other))))
                .collect();
        }
        if self.rules.mode != Mode::Importance {
            return vec![i64::from(choices.amount(pair[0])) - i64::from(choices.amount(pair[1]))];
        }
        pair.iter()
            .flat_map(|item| [i64::from(choices.amount(*item)), i64::from(choices.get(*item).is_some())])
            .collect()
    }

    /// Above zero where the first of two items is before the second.
    pub(super) fn ahead(&self, sums: &Sums, pair: [ItemId; 2]) -> i64 {
        match self.rules.mode {
            // How many beat each, see `reached`.
            Mode::Ranking => {
                let items = self.items();
                let beaten = |item: ItemId| sums[items.iter().position(|each| *each == item).unwrap()];
                beaten(pair[1]) - beaten(pair[0])
            }
            Mode::Importance => match (sums[1], sums[3]) {
                (0, 0) => 0,
                (0, _) => -1,
                (_, 0) => 1,
                _ => sums[0] * sums[3] - sums[2] * sums[1],
            },
            _ => sums[0],
        }
    }

    /// The least number of ballots to change for the first of two items to be before the second, by trying everything.
    fn fewest(&self, pair: [ItemId; 2], reached: &BTreeMap<Sums, u32>) -> Option<u32> {
        reached.iter().filter(|(sums, _)| self.ahead(sums, pair) > 0).map(|(_, changed)| *changed).min()
    }

    /// Everything that the ballots can add up to, with how many have to be changed for it.
    fn reached(&self, pair: [ItemId; 2]) -> BTreeMap<Sums, u32> {
        let ways: BTreeSet<Sums> = self.allowed.iter().map(|choices| self.adds(choices, pair)).collect();
        let mut reached: BTreeMap<Sums, u32> =
            BTreeMap::from([(vec![0; self.adds(&self.allowed[0], pair).len()], 0)]);
        for ballot in &self.ballots {
            let mut next: BTreeMap<Sums, u32> = BTreeMap::new();
            let weight = self.weight(ballot);
            let own = self.adds(&ballot.choices, pair);
            for (sums, changed) in &reached {
                let mut to = |adds: &Sums, cost: u32| {
                    let sums: Sums = sums.iter().zip(adds).map(|(sum, more)| sum + weight * more).collect();
                    let known = next.entry(sums).or_insert(u32::MAX);
                    *known = (changed + cost).min(*known);
                };
                to(&own, 0);
                ways.iter().for_each(|way| to(way, 1));
            }
            reached = next;
        }
        if self.rules.mode == Mode::Ranking {
            let size = self.items().len();
            let mut beaten: BTreeMap<Sums, u32> = BTreeMap::new();
            for (duels, changed) in reached {
                let known = beaten.entry(beaten_by(&duels, size)).or_insert(u32::MAX);
                *known = changed.min(*known);
            }
            return beaten;
        }
        reached
    }

    fn tally(&self) -> Tally {
        tally(&self.rules, &self.candidates, &self.ballots, self.weighted)
    }

    fn firmness(&self, effort: (u64, u64)) -> (Vec<Lead>, Option<Firmness>) {
        firmness_within(effort, &self.rules, &self.candidates, &self.ballots, &self.tally(), self.weighted)
    }
}

/// How many beat each in Schulze's relation, by looking at every path there is.
pub(super) fn beaten_by(duels: &Sums, size: usize) -> Sums {
    fn strongest(duels: &Sums, size: usize, from: usize, to: usize, seen: &[usize]) -> i64 {
        let link = |a: usize, b: usize| {
            let (for_it, against) = (duels[a * size + b], duels[b * size + a]);
            if for_it > against { for_it } else { 0 }
        };
        let by_way = (0..size).filter(|via| *via != to && !seen.contains(via)).map(|via| {
            let seen = [seen, &[via]].concat();
            link(from, via).min(strongest(duels, size, via, to, &seen))
        });
        by_way.chain([link(from, to)]).max().unwrap_or(0)
    }
    let strength: Vec<Vec<i64>> = (0..size)
        .map(|one| (0..size).map(|other| strongest(duels, size, one, other, &[one])).collect())
        .collect();
    let beats = |one: usize, other: usize| one != other && strength[one][other] > strength[other][one];
    (0..size).map(|one| (0..size).filter(|rival| beats(*rival, one)).count() as i64).collect()
}

fn agrees(said: Firmness, found: Option<u32>) -> bool {
    match (said, found) {
        (Firmness::Exactly(said), Some(found)) => said == found,
        (Firmness::AtLeast(said), Some(found)) => said <= found,
        (Firmness::Never, None) | (Firmness::AtLeast(_), None) => true,
        _ => false,
    }
}

#[test]
fn every_number_of_ballots_is_the_one_that_trying_everything_finds() {
    const SESSIONS: usize = 300;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut said, mut bounds, mut without_trying) = (0, 0, 0);
    for mode in Mode::ALL {
        for round in 0..SESSIONS {
            let session = session(&mut dice, *mode);
            let tally = session.tally();
            let first = tally.lines[0].item;
            // The duels of a ranking are the same for every two.
            let all = (*mode == Mode::Ranking).then(|| session.reached([first, first]));
            let fewest = |pair: [ItemId; 2]| match &all {
                Some(all) => session.fewest(pair, all),
                None => session.fewest(pair, &session.reached(pair)),
            };
            let rivals: Vec<Option<u32>> =
                tally.lines[1..].iter().map(|line| fewest([line.item, first])).collect();
            let neighbours: Vec<Option<u32>> = tally
                .lines
                .windows(2)
                .map(|pair| {
                    let (upper, lower) = (pair[0].item, pair[1].item);
                    let turned = (pair[0].place == pair[1].place).then(|| fewest([upper, lower]));
                    fewest([lower, upper]).into_iter().chain(turned.flatten()).min()
                })
                .collect();
            for effort in [(20_000, 20_000_000), (0, 0)] {
                let (leads, winner) = session.firmness(effort);
                assert_eq!(leads.len() + 1, tally.lines.len());
                for ((pair, lead), found) in tally.lines.windows(2).zip(&leads).zip(&neighbours) {
                    assert_eq!((lead.item, lead.over), (pair[0].item, pair[1].item));
                    assert_eq!(lead.margin == Margin::Level, pair[0].place == pair[1].place);
                    let (lead, ballots) = (lead.firmness, &session.ballots);
                    assert!(agrees(lead, *found), "{mode:?} {round}: {lead:?}, but {found:?} of {ballots:?}");
                    said += 1;
                    bounds += usize::from(effort.0 > 0 && matches!(lead, Firmness::AtLeast(_)));
                    without_trying += usize::from(effort.0 == 0 && matches!(lead, Firmness::AtLeast(_)));
                }
                let alone = tally.lines[1].place > 1;
                assert_eq!(winner.is_some(), alone);
                if let Some(winner) = winner {
                    let found = rivals.iter().copied().flatten().min();
                    assert!(agrees(winner, found), "{mode:?} {round}: winner {winner:?}, but {found:?}");
                }
            }
        }
    }
    assert!(
        said > 2_000 && without_trying > 0,
        "of {said} numbers {without_trying} are bounds without trying"
    );
    assert_eq!(bounds, 0, "small sessions have exact numbers");
}

fn leads(mode: Rules, costs: &[u32], ballots: &[CountedBallot], weighted: bool) -> Vec<(Margin, Firmness)> {
    let candidates = candidates(costs);
    let tally = tally(&mode, &candidates, ballots, weighted);
    let (leads, _) = firmness(&mode, &candidates, ballots, &tally, weighted);
    leads.iter().map(|lead| (lead.margin, lead.firmness)).collect()
}

/// The example of Schulze's paper with 45 voters: E > A > C > B > D. B comes before C when one voter of ACBED votes ABDCE.
#[test]
fn one_of_45_voters_can_swap_neighbours_that_seven_prefer() {
    let orders = [
        (5, [1, 3, 2, 5, 4]),
        (5, [1, 4, 5, 3, 2]),
        (8, [2, 5, 4, 1, 3]),
        (3, [3, 1, 2, 5, 4]),
        (7, [3, 1, 5, 2, 4]),
        (2, [3, 2, 1, 4, 5]),
        (7, [4, 3, 5, 2, 1]),
        (8, [5, 2, 1, 4, 3]),
    ];
    let ballots: Vec<CountedBallot> = orders
        .iter()
        .flat_map(|(count, order)| std::iter::repeat_n(counted(ranking(order)), *count))
        .collect();
    let (rules, candidates) = (rules(Mode::Ranking, 0, 0), candidates(&[1; 5]));
    let before = tally(&rules, &candidates, &ballots, false);
    let order = |tally: &Tally| tally.lines.iter().map(|line| line.item).collect::<Vec<_>>();
    assert_eq!(order(&before), [5, 1, 3, 2, 4].map(item));
    let (leads, winner) = firmness(&rules, &candidates, &ballots, &before, false);
    assert_eq!((leads[2].item, leads[2].over), (item(3), item(2)));
    assert_eq!(leads[2].firmness, Firmness::Exactly(1));
    let mut changed = ballots.clone();
    changed[0] = counted(ranking(&[1, 2, 4, 3, 5]));
    let after = tally(&rules, &candidates, &changed, false);
    let place = |number| after.line(item(number)).unwrap().place;
    assert!(place(2) < place(3));
    assert!(matches!(winner, Some(Firmness::Exactly(1..=23) | Firmness::AtLeast(1..=23))), "{winner:?}");
}

/// In Schulze's paper C is before B although most voters prefer B to it.
#[test]
fn only_a_duel_that_was_won_is_said_to_be() {
    let ballots = [(5, [1, 3, 2]), (4, [2, 1, 3]), (3, [3, 2, 1])]
        .iter()
        .flat_map(|(count, order)| std::iter::repeat_n(counted(ranking(order)), *count))
        .collect::<Vec<_>>();
    // A beats C by 9 to 3 and C beats B by 8 to 4; B beats A by 7 to 5, but that is the weakest link.
    let margins: Vec<Margin> = leads(rules(Mode::Ranking, 0, 0), &[1; 3], &ballots, false)
        .into_iter()
        .map(|(margin, _)| margin)
        .collect();
    assert_eq!(margins, [Margin::Preferred(Score(6_000)), Margin::Preferred(Score(4_000))]);
    let circle = [ranking(&[1, 2, 3]), ranking(&[2, 3, 1]), ranking(&[3, 1, 2])].map(counted);
    let margins: Vec<Margin> = leads(rules(Mode::Ranking, 0, 0), &[1; 3], &circle, false)
        .into_iter()
        .map(|(margin, _)| margin)
        .collect();
    assert_eq!(margins, [Margin::Level, Margin::Level], "a tie is no lead");
}

#[test]
fn a_heavy_voter_alone_can_swap_what_many_light_ones_could_not() {
    let ballots = [weighing(amounts(&[5, 0]), 5_000), weighing(amounts(&[0, 4]), 1_000)];
    let found = leads(rules(Mode::Dots, 5, 0), &[1; 2], &ballots, true);
    assert_eq!(found, [(Margin::Points(Score(21_000)), Firmness::Exactly(1))]);
}

#[test]
fn a_mean_of_three_cannot_be_exceeded_by_better_grades_alone() {
    let best = ballot(&[Some(3), Some(3)]);
    let ballots = [best.clone(), best, ballot(&[None, Some(2)]), ballot(&[None, Some(2)])].map(counted);
    // 3 before 2.5. One ballot that gives the first 0 makes its mean 1.5.
    let found = leads(rules(Mode::Importance, 0, 0), &[1; 2], &ballots, false);
    assert_eq!(found, [(Margin::Points(Score(500)), Firmness::Exactly(1))]);
}

#[test]
fn what_nobody_can_afford_never_comes_first() {
    let ballots = [amounts(&[1, 0]), amounts(&[1, 0])].map(counted);
    let found = leads(rules(Mode::Budget, 10, 0), &[10, 11], &ballots, false);
    assert_eq!(found, [(Margin::Points(Score(2_000)), Firmness::Never)]);
}

#[test]
fn many_voters_and_items_take_no_time_to_speak_of() {
    let mut dice = Dice(7);
    for (mode, items, voters) in
        [(Mode::Ranking, 20, 200), (Mode::Importance, 100, 2_000), (Mode::Dots, 100, 2_000)]
    {
        let (rules, candidates) = (rules(mode, 5, 0), candidates(&vec![1; items]));
        let ballots: Vec<CountedBallot> = (0..voters)
            .map(|_| {
                let mut order: Vec<u32> = (1..=items as u32).collect();
                for index in (1..order.len()).rev() {
                    order.swap(index, dice.below(index as u64 + 1) as usize);
                }
                let choices = match mode {
                    Mode::Ranking => ranking(&order[..items / 2]),
                    _ => order[..5].iter().map(|number| (item(*number), dice.below(4) as u32)).collect(),
                };
                weighing(choices, 1_000 + 500 * dice.below(4) as u32)
            })
            .collect();
        let tally = tally(&rules, &candidates, &ballots, true);
        let (leads, _) = firmness(&rules, &candidates, &ballots, &tally, true);
        assert_eq!(leads.len(), items - 1);
        assert!(leads.iter().all(|lead| lead.firmness != Firmness::Never));
    }
}
