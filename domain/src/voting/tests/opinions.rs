//! Every reported spread and gap, compared with their definitions: all pairs of voters, all pairs of groups, and the most
//! that ballots which the rules allow can reach.

use std::collections::BTreeMap;

use super::{
    super::insight::{Disagreement, disagreements},
    firmness::{Dice, Session, session},
    *,
};

/// A number as numerator and denominator.
type Fraction = (u64, u64);

impl Session {
    /// What a ballot gives an item, in halves; `None` where it has no opinion.
    pub(super) fn opinion(&self, choices: &Ballot, item: ItemId) -> Option<u64> {
        match self.rules.mode {
            Mode::Importance => choices.get(item).map(|grade| 2 * u64::from(grade)),
            Mode::Ranking => {
                // One for each rival that comes behind, and a half for each that is level.
                let place = |item: ItemId| choices.get(item).unwrap_or(u32::MAX);
                let rivals = self.items().into_iter().filter(|rival| *rival != item);
                let worth = |rival| match place(rival).cmp(&place(item)) {
                    std::cmp::Ordering::Greater => 2,
                    std::cmp::Ordering::Equal => 1,
                    std::cmp::Ordering::Less => 0,
                };
                Some(rivals.map(worth).sum())
            }
            _ => Some(2 * u64::from(choices.amount(item))),
        }
    }

    /// The most that any ballot the rules allow can give an item.
    fn most(&self) -> u64 {
        let of = |choices: &Ballot| {
            self.items().into_iter().filter_map(|item| self.opinion(choices, item)).max().unwrap_or(0)
        };
        self.allowed.iter().map(of).max().unwrap_or(0)
    }

    /// The opinions about an item of all who did not cast a blank ballot, by their group.
    fn opinions(&self, item: ItemId) -> Vec<(Option<SegmentId>, u64)> {
        let says = self.ballots.iter().filter(|ballot| ballot.choices.iter().count() > 0);
        says.filter_map(|ballot| Some((ballot.group, self.opinion(&ballot.choices, item)?))).collect()
    }

    fn spread(&self, item: ItemId) -> u64 {
        let opinions = self.opinions(item);
        let apart = |values: &[u64]| -> u64 {
            let pairs = (0..values.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
            pairs.map(|(i, j)| values[i].abs_diff(values[j])).sum()
        };
        // Pairs are furthest apart when all are at one of the two ends.
        let most = (0..=opinions.len()).map(|at_the_top| {
            let ends: Vec<u64> =
                (0..opinions.len()).map(|voter| if voter < at_the_top { self.most() } else { 0 }).collect();
            apart(&ends)
        });
        let most = most.max().unwrap_or(0);
        let values: Vec<u64> = opinions.iter().map(|(_, value)| *value).collect();
        (apart(&values) * 1_000).checked_div(most).unwrap_or(0)
    }

    fn gap(&self, item: ItemId) -> u64 {
        let mut groups: BTreeMap<Option<SegmentId>, Fraction> = BTreeMap::new();
        for (group, value) in self.opinions(item) {
            let mean = groups.entry(group).or_default();
            *mean = (mean.0 + value, mean.1 + 1);
        }
        let means: Vec<Fraction> = groups.into_values().collect();
        let pairs = means.iter().flat_map(|one| means.iter().map(move |other| (*one, *other)));
        // Each in thousandths, rounded down, so the largest is that of the largest.
        pairs
            .map(|(one, other)| {
                (one.0 * other.1).abs_diff(other.0 * one.1) * 1_000 / (one.1 * other.1 * self.most().max(1))
            })
            .max()
            .unwrap_or(0)
    }
}

#[test]
fn every_spread_and_gap_is_the_one_that_its_definition_gives() {
    const SESSIONS: usize = 500;
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut said, mut full) = (0, 0);
    for mode in Mode::ALL {
        for round in 0..SESSIONS {
            let session = session(&mut dice, *mode);
            let reported = disagreements(&session.rules, &session.candidates, &session.ballots);
            for item in session.items() {
                let found = reported.iter().find(|reported| reported.item == item);
                let found = found.map_or((0, 0), |Disagreement { spread, gap, .. }| (*spread, *gap));
                let expected = (session.spread(item), session.gap(item));
                assert_eq!(
                    (u64::from(found.0), u64::from(found.1)),
                    expected,
                    "{mode:?} {round}: {:?}",
                    session.ballots
                );
                said += usize::from(found != (0, 0));
                full += usize::from(found.0 == 1_000 || found.1 == 1_000);
            }
            let strongest = |each: &Disagreement| (each.spread.max(each.gap), each.spread.min(each.gap));
            assert!(reported.is_sorted_by(|before, after| strongest(before) >= strongest(after)));
            let open = session.items();
            assert!(reported.iter().all(|reported| open.contains(&reported.item)), "one was withdrawn");
        }
    }
    assert!(said > 2_000 && full > 100, "{said} figures, of which {full} are full");
}
