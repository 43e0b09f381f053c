//! What holds for whatever ballots.

use proptest::prelude::*;

use super::*;

/// Ballots that the rules allow, on `count` candidates.
fn ballots(rules: Rules, costs: Vec<u32>) -> impl Strategy<Value = Vec<CountedBallot>> {
    let count = costs.len();
    let candidates = candidates(&costs);
    let one = (prop::collection::vec(0..8_i64, count), 0..4_000_u32, prop::option::of(1..4_u32));
    prop::collection::vec(one, 0..12).prop_map(move |typed| {
        typed
            .into_iter()
            .filter_map(|(amounts, weight, group)| {
                let choices: Vec<Choice> = (1..)
                    .zip(amounts)
                    .map(|(number, amount)| Choice { item: item(number), amount })
                    .collect();
                let choices = Ballot::parse(rules.mode, &choices).ok()?;
                rules.check(&choices, &candidates).ok()?;
                let weight = Weight::try_from(weight).unwrap();
                Some(CountedBallot { choices, weight, group: group.map(segment) })
            })
            .collect()
    })
}

fn any_rules() -> impl Strategy<Value = Rules> {
    (prop::sample::select(Mode::ALL), 1..40_u32, 0..6_u32)
        .prop_filter_map("rules that cannot be", |(mode, tokens, most)| Rules::new(mode, tokens, most).ok())
}

fn any_poll() -> impl Strategy<Value = (Rules, Vec<u32>, Vec<CountedBallot>)> {
    (any_rules(), prop::collection::vec(1..20_u32, 2..6)).prop_flat_map(|(rules, costs)| {
        ballots(rules, costs.clone()).prop_map(move |ballots| (rules, costs.clone(), ballots))
    })
}

fn any_ranking() -> impl Strategy<Value = Vec<CountedBallot>> {
    let order = Just(vec![1, 2, 3, 4, 5]).prop_shuffle();
    let one = (order, 0..=5_usize).prop_map(|(order, ranked)| counted(ranking(&order[..ranked])));
    prop::collection::vec(one, 1..15)
}

proptest! {
    #[test]
    fn an_accepted_ballot_never_costs_more_than_there_is((rules, costs, ballots) in any_poll()) {
        let candidates = candidates(&costs);
        for ballot in ballots {
            let cost = rules.cost(&ballot.choices, &candidates);
            prop_assert!(!rules.has_tokens() || cost <= u64::from(rules.tokens));
            prop_assert_eq!(rules.check(&ballot.choices, &candidates).map(u64::from), Ok(cost));
        }
    }

    #[test]
    fn the_order_of_ballots_makes_no_difference((rules, costs, mut ballots) in any_poll(), weighted: bool) {
        let candidates = candidates(&costs);
        let before = tally(&rules, &candidates, &ballots, weighted);
        let found = insight::disagreements(&rules, &candidates, &ballots);
        ballots.reverse();
        let third = ballots.len() / 3;
        ballots.rotate_left(third);
        prop_assert_eq!(tally(&rules, &candidates, &ballots, weighted), before);
        prop_assert_eq!(insight::disagreements(&rules, &candidates, &ballots), found);
    }

    #[test]
    fn places_follow_points_and_each_candidate_has_one((rules, costs, ballots) in any_poll(), weighted: bool) {
        let tally = tally(&rules, &candidates(&costs), &ballots, weighted);
        prop_assert_eq!(tally.lines.len(), costs.len());
        prop_assert_eq!(tally.lines[0].place, 1);
        for line in &tally.lines {
            let before = tally.lines.iter().filter(|other| other.place < line.place).count();
            prop_assert_eq!(line.place as usize, before + 1, "1, 2, 2, 4");
        }
        for pair in tally.lines.windows(2) {
            prop_assert!(pair[0].place <= pair[1].place);
            if rules.mode != Mode::Ranking {
                let points = |line: &Line| if weighted { line.weighted } else { line.raw };
                prop_assert!(points(&pair[0]) >= points(&pair[1]));
                // Scores are rounded: what differs in them differs, what does not may still.
                if points(&pair[0]) > points(&pair[1]) || rules.mode != Mode::Importance {
                    prop_assert_eq!(points(&pair[0]) == points(&pair[1]), pair[0].place == pair[1].place);
                }
            }
        }
    }

    #[test]
    fn with_equal_weights_both_tallies_agree((rules, costs, mut ballots) in any_poll()) {
        for ballot in &mut ballots {
            ballot.weight = Weight::ONE;
        }
        for line in tally(&rules, &candidates(&costs), &ballots, true).lines {
            prop_assert_eq!(line.raw, line.weighted);
            prop_assert_eq!(line.place, line.other_place);
        }
    }

    /// Who wins every duel wins by Schulze's method (the Condorcet criterion).
    #[test]
    fn who_beats_every_rival_is_first(ballots in any_ranking()) {
        let items = [1, 2, 3, 4, 5].map(item);
        let duels = Duels::count(&items, &ballots, false);
        let beats = |a: usize, b: usize| duels.preferring(a, b) > duels.preferring(b, a);
        let places = schulze(&duels);
        for (winner, place) in places.iter().enumerate() {
            if (0..5).all(|rival| rival == winner || beats(winner, rival)) {
                prop_assert_eq!(*place, 0);
                prop_assert_eq!(places.iter().filter(|place| **place == 0).count(), 1);
            }
        }
        prop_assert!(places.contains(&0));
    }

    /// Every ballot hands out the same number of Borda's points.
    #[test]
    fn bordas_points_add_up(ballots in any_ranking()) {
        let tally = tally(&rules(Mode::Ranking, 0, 0), &candidates(&[1; 5]), &ballots, false);
        let sum: u64 = tally.lines.iter().map(|line| line.raw.0).sum();
        let counted = ballots.iter().filter(|ballot| !ballot.is_blank()).count();
        prop_assert_eq!(sum, counted as u64 * 10_000);
    }

    #[test]
    fn nothing_is_shown_of_fewer_than_three_who_cast_themselves(
        counts in prop::collection::btree_map(prop::option::of(1..6_u32), (0..8_u32, 0..4_u32), 0..6),
    ) {
        let size = |(own, entered)| groups::Size { ballots: own + entered, own };
        let counts: std::collections::BTreeMap<_, _> =
            counts.into_iter().map(|(group, count)| (group.map(segment), size(count))).collect();
        let shown = groups::shown(&counts);
        for group in &shown {
            prop_assert!(counts[&Some(*group)].own >= groups::LEAST);
        }
        let rest: Vec<_> =
            counts.iter().filter(|(group, _)| group.is_none_or(|group| !shown.contains(&group))).map(|(_, size)| size).collect();
        let empty = rest.iter().all(|size| size.ballots == 0);
        let own: u32 = rest.iter().map(|size| size.own).sum();
        prop_assert!(empty || own >= groups::LEAST || shown.is_empty());
    }
}
