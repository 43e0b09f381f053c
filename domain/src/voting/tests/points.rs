//! Every reported point and place, compared with their definitions: with all ballots counted alike, and each by its weight.

use super::{
    firmness::{Dice, Session, beaten_by, session},
    *,
};

impl Session {
    /// The ballots that say something, each with what it counts for in thousandths.
    fn cast(&self, weighted: bool) -> Vec<(&Ballot, u64)> {
        let weight = |ballot: &CountedBallot| if weighted { ballot.weight.thousandths() } else { 1_000 };
        let says = self.ballots.iter().filter(|ballot| ballot.choices.iter().count() > 0);
        says.map(|ballot| (&ballot.choices, u64::from(weight(ballot)))).collect()
    }

    /// What all give an item, in thousandths; `None` where there is nothing to take a mean of.
    fn points(&self, item: ItemId, weighted: bool) -> Option<u64> {
        let given = self.cast(weighted).into_iter();
        let given = given.filter_map(|(choices, weight)| Some((self.opinion(choices, item)?, weight)));
        let (halves, all) =
            given.fold((0, 0), |(halves, all), (opinion, weight)| (halves + opinion * weight, all + weight));
        match self.rules.mode {
            Mode::Importance => (500 * halves).checked_div(all),
            _ => Some(halves / 2),
        }
    }

    fn is_before(&self, pair: [ItemId; 2], weighted: bool) -> bool {
        let mut sums = vec![0; self.adds(&self.allowed[0], pair).len()];
        for (choices, weight) in self.cast(weighted) {
            for (sum, more) in sums.iter_mut().zip(self.adds(choices, pair)) {
                *sum += more * i64::try_from(weight).unwrap();
            }
        }
        if self.rules.mode == Mode::Ranking {
            sums = beaten_by(&sums, self.items().len());
        }
        self.ahead(&sums, pair) > 0
    }

    fn place(&self, item: ItemId, weighted: bool) -> u32 {
        let others = self.items().into_iter().filter(|other| *other != item);
        1 + others.filter(|other| self.is_before([*other, item], weighted)).count() as u32
    }
}

#[test]
fn every_point_and_place_is_the_one_that_its_definition_gives() {
    const SESSIONS: usize = 300;
    let mut dice = Dice(0x5851_f42d_4c95_7f2d);
    let mut moved = 0;
    for mode in Mode::ALL {
        for round in 0..SESSIONS {
            let session = session(&mut dice, *mode);
            let line = |item: ItemId, weighted: bool| {
                let chosen = session.ballots.iter().filter(|ballot| ballot.choices.get(item).is_some());
                let (voters, by_weight) = (chosen.count() as u32, session.points(item, true));
                Line {
                    item,
                    raw: Score(session.points(item, false).unwrap_or(0)),
                    weighted: Score(by_weight.unwrap_or(0)),
                    voters,
                    place: session.place(item, weighted),
                    other_place: session.place(item, !weighted),
                    weightless: voters > 0 && by_weight.is_none(),
                }
            };
            for weighted in [false, true] {
                let tally = tally(&session.rules, &session.candidates, &session.ballots, weighted);
                let cast = session.cast(weighted).len();
                let blank = session.ballots.len() - cast;
                assert_eq!((tally.ballots as usize, tally.blank as usize), (cast, blank));
                let mut expected: Vec<Line> =
                    session.items().into_iter().map(|item| line(item, weighted)).collect();
                expected.sort_by_key(|line| line.place);
                assert_eq!(tally.lines, expected, "{mode:?} {round}: {:?}", session.ballots);
                moved += expected.iter().filter(|line| line.place != line.other_place).count();
            }
        }
    }
    assert!(moved > 500, "weights change {moved} places");
}
