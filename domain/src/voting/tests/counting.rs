use super::*;

#[test]
fn upvotes_are_counted() {
    // 1: two, 2: three, 3: none.
    let ballots = [amounts(&[1, 1, 0]), amounts(&[1, 1, 0]), amounts(&[0, 1, 0])].map(counted);
    let tally = tally(&rules(Mode::Upvote, 2, 0), &candidates(&[1; 3]), &ballots, false);
    assert_eq!(raw(&tally), lines(&[(2, "3", 1), (1, "2", 2), (3, "0", 3)]));
    assert_eq!(tally.ballots, 3);
}

#[test]
fn approvals_are_counted_and_equals_share_a_place() {
    let ballots = [amounts(&[1, 0, 1]), amounts(&[0, 1, 1]), amounts(&[0, 0, 1])].map(counted);
    let tally = tally(&rules(Mode::Approval, 0, 0), &candidates(&[1; 3]), &ballots, false);
    assert_eq!(raw(&tally), lines(&[(3, "3", 1), (1, "1", 2), (2, "1", 2)]));
}

#[test]
fn dots_are_summed() {
    // 1: 5+0+1 = 6, 2: 0+3+3 = 6, 3: 0+2+1 = 3.
    let ballots = [amounts(&[5, 0, 0]), amounts(&[0, 3, 2]), amounts(&[1, 3, 1])].map(counted);
    let tally = tally(&rules(Mode::Dots, 5, 0), &candidates(&[1; 3]), &ballots, false);
    assert_eq!(raw(&tally), lines(&[(1, "6", 1), (2, "6", 1), (3, "3", 3)]));
    assert_eq!(tally.lines.iter().map(|line| line.voters).collect::<Vec<_>>(), [2, 2, 2]);
}

#[test]
fn in_a_budget_buyers_are_counted_and_not_what_they_paid() {
    // Costs 30, 60, 40 of 100: each buys two of them.
    let ballots = [amounts(&[1, 1, 0]), amounts(&[1, 0, 1]), amounts(&[0, 1, 1]), amounts(&[1, 0, 0])];
    let (rules, candidates) = (rules(Mode::Budget, 100, 0), candidates(&[30, 60, 40]));
    let costs = ballots.each_ref().map(|ballot| rules.check(ballot, &candidates));
    assert_eq!(costs, [Ok(90), Ok(70), Ok(100), Ok(30)]);
    let tally = tally(&rules, &candidates, &ballots.map(counted), false);
    assert_eq!(raw(&tally), lines(&[(1, "3", 1), (2, "2", 2), (3, "2", 2)]));
}

#[test]
fn quadratic_votes_cost_their_square_and_count_once_each() {
    let (rules, candidates) = (rules(Mode::Quadratic, 25, 0), candidates(&[1; 3]));
    // 4² + 3² = 25; 5² = 25; 2² + 2² + 4² = 24.
    let ballots = [amounts(&[4, 3, 0]), amounts(&[0, 0, 5]), amounts(&[2, 2, 4])];
    let costs = ballots.each_ref().map(|ballot| rules.check(ballot, &candidates));
    assert_eq!(costs, [Ok(25), Ok(25), Ok(24)]);
    let tally = tally(&rules, &candidates, &ballots.map(counted), false);
    assert_eq!(raw(&tally), lines(&[(3, "9", 1), (1, "6", 2), (2, "5", 3)]));
}

#[test]
fn importance_is_the_mean_of_the_grades_that_were_given() {
    // 1: (3 + 2) / 2 = 2.5 of two, 2: (0 + 1 + 1) / 3 = 0.666, 3: nobody.
    let ballots = [
        ballot(&[Some(3), Some(0), None]),
        ballot(&[Some(2), Some(1), None]),
        ballot(&[None, Some(1), None]),
    ]
    .map(counted);
    let tally = tally(&rules(Mode::Importance, 0, 0), &candidates(&[1; 3]), &ballots, false);
    assert_eq!(raw(&tally), lines(&[(1, "2.5", 1), (2, "0.666", 2), (3, "0", 3)]));
}

#[test]
fn weights_count_beside_the_raw_points() {
    // Raw: 1 has two, 2 has one. Weighted by 1, 1 and 2.5: 1 has 2, 2 has 2.5.
    let ballots = [
        weighing(amounts(&[1, 0]), 1_000),
        weighing(amounts(&[1, 0]), 1_000),
        weighing(amounts(&[0, 1]), 2_500),
    ];
    let tally = tally(&rules(Mode::Upvote, 0, 0), &candidates(&[1; 2]), &ballots, true);
    let line = |index: usize| {
        let line = &tally.lines[index];
        (line.raw.to_string(), line.weighted.to_string(), line.place, line.other_place)
    };
    assert_eq!(line(0), ("1".to_owned(), "2.5".to_owned(), 1, 2));
    assert_eq!(line(1), ("2".to_owned(), "2".to_owned(), 2, 1));
}

#[test]
fn a_weighted_mean_is_weighted_above_and_below_the_line() {
    // (3 * 1 + 0 * 3) / 4 = 0.75; raw 1.5.
    let ballots = [weighing(ballot(&[Some(3)]), 1_000), weighing(ballot(&[Some(0)]), 3_000)];
    let tally = tally(&rules(Mode::Importance, 0, 0), &candidates(&[1]), &ballots, true);
    assert_eq!((tally.lines[0].raw, tally.lines[0].weighted), (Score(1_500), Score(750)));
}

#[test]
fn nothing_counts_with_nobody() {
    for mode in Mode::ALL {
        let tally = tally(&Rules { mode: *mode, tokens: 5, most: 0 }, &candidates(&[1; 2]), &[], true);
        assert_eq!(raw(&tally), lines(&[(1, "0", 1), (2, "0", 1)]), "{}", mode.as_str());
    }
}

#[test]
fn a_withdrawn_item_is_not_counted() {
    let mut candidates = candidates(&[1; 3]);
    candidates[1].withdrawn = true;
    let ballots = [ranking(&[2, 1, 3])].map(counted);
    let tally = tally(&rules(Mode::Ranking, 0, 0), &candidates, &ballots, false);
    assert_eq!(raw(&tally), lines(&[(1, "1", 1), (3, "0", 2)]));
}

/// The first example of Schulze's paper (2011, section 3.1): 21 ballots on four alternatives, here 1 to 4. Its strongest
/// paths give the ranking d > a > c > b.
#[test]
fn schulze_follows_the_example_of_the_paper() {
    let ballots: Vec<CountedBallot> =
        [(8, [1, 3, 4, 2]), (2, [2, 1, 4, 3]), (4, [3, 4, 2, 1]), (4, [4, 2, 1, 3]), (3, [4, 3, 2, 1])]
            .into_iter()
            .flat_map(|(count, order)| std::iter::repeat_n(counted(ranking(&order)), count))
            .collect();
    let items = [1, 2, 3, 4].map(item);
    let duels = Duels::count(&items, &ballots, false);
    let row = |above: usize| [0, 1, 2, 3].map(|below| duels.preferring(above, below) / 1_000);
    assert_eq!([0, 1, 2, 3].map(row), [[0, 8, 14, 10], [13, 0, 6, 2], [7, 15, 0, 12], [11, 19, 9, 0]]);
    assert_eq!(schulze(&duels), [1, 3, 2, 0], "how many beat each");
    let tally = tally(&rules(Mode::Ranking, 0, 0), &candidates(&[1; 4]), &ballots, false);
    // Borda: each candidate's row of duels summed: a 32, b 21, c 34, d 39.
    assert_eq!(raw(&tally), lines(&[(4, "39", 1), (1, "32", 2), (3, "34", 3), (2, "21", 4)]));
}

/// Borda's points are weighed like the duels, and decide nothing.
#[test]
fn a_ranking_by_weight_goes_to_who_wins_the_duels_not_to_who_has_most_points() {
    let ballots =
        [weighing(ranking(&[1, 2, 3]), 2_500), counted(ranking(&[2, 3, 1])), counted(ranking(&[2, 3, 1]))];
    let tally = tally(&rules(Mode::Ranking, 0, 0), &candidates(&[1; 3]), &ballots, true);
    let found: Vec<_> = tally
        .lines
        .iter()
        .map(|line| (line.item, line.raw.0, line.weighted.0, line.place, line.other_place))
        .collect();
    // By weight 1 wins both its duels by 2.5 to 2, and has 2.5 twice; 2 has 2.5 once, and 2 twice.
    let expected =
        [(item(1), 2_000, 5_000, 1, 3), (item(2), 5_000, 6_500, 2, 1), (item(3), 2_000, 2_000, 3, 2)];
    assert_eq!(found, expected);
}

#[test]
fn what_is_not_ranked_comes_last_and_level() {
    // Two ballots rank only 1; in the duel of 2 and 3 nobody has a preference.
    let ballots = [ranking(&[1]), ranking(&[1])].map(counted);
    let tally = tally(&rules(Mode::Ranking, 0, 0), &candidates(&[1; 3]), &ballots, false);
    // 1 beats two on each ballot: 4 points. 2 and 3 are level with each other: half a point on each ballot.
    assert_eq!(raw(&tally), lines(&[(1, "4", 1), (2, "1", 2), (3, "1", 2)]));
}

/// Condorcet's paradox: everybody beats one and loses to one, so all are level.
#[test]
fn a_circle_of_equal_strength_shares_the_first_place() {
    let ballots = [ranking(&[1, 2, 3]), ranking(&[2, 3, 1]), ranking(&[3, 1, 2])].map(counted);
    let tally = tally(&rules(Mode::Ranking, 0, 0), &candidates(&[1; 3]), &ballots, false);
    assert_eq!(raw(&tally), lines(&[(1, "3", 1), (2, "3", 1), (3, "3", 1)]));
}

#[test]
fn means_that_look_the_same_are_told_apart() {
    // 1: 2 of 3 = 0.6666…, 2: 667 of 1000 would look higher; 1001 / 1501 and 2 / 3 are both shown as 0.666.
    let mut ballots =
        vec![weighing(ballot(&[Some(2), None]), 1_000), weighing(ballot(&[Some(0), None]), 2_000)];
    ballots.push(weighing(ballot(&[None, Some(1)]), 1_001));
    ballots.push(weighing(ballot(&[None, Some(0)]), 500));
    let tally = tally(&rules(Mode::Importance, 0, 0), &candidates(&[1; 2]), &ballots, true);
    let found: Vec<_> = tally.lines.iter().map(|line| (line.item, line.weighted, line.place)).collect();
    assert_eq!(found, [(item(2), Score(666), 1), (item(1), Score(666), 2)]);
}

#[test]
fn an_item_that_nobody_graded_comes_behind_one_with_the_worst_grade() {
    let ballots = [weighing(ballot(&[None, Some(0), Some(3)]), 1_000), weighing(ballot(&[Some(3)]), 0)];
    let (rules, candidates) = (rules(Mode::Importance, 0, 0), candidates(&[1; 4]));
    let raw_order = tally(&rules, &candidates, &ballots, false);
    assert_eq!(raw(&raw_order), lines(&[(1, "3", 1), (3, "3", 1), (2, "0", 3), (4, "0", 4)]));
    let shown = |tally: &Tally, number, weighted| {
        tally.line(item(number)).unwrap().shown(Mode::Importance, weighted).map(|score| score.to_string())
    };
    assert_eq!(shown(&raw_order, 4, false), None);
    assert_eq!(shown(&raw_order, 2, false), Some("0".to_owned()));
    // Its only grade weighs nothing.
    assert_eq!(shown(&raw_order, 1, true), None);
    let by_weight = tally(&rules, &candidates, &ballots, true);
    let places: Vec<_> = by_weight.lines.iter().map(|line| (line.item, line.place)).collect();
    assert_eq!(places, [(item(3), 1), (item(2), 2), (item(1), 3), (item(4), 3)]);
}

#[test]
fn a_blank_ballot_gives_no_points_in_a_ranking() {
    let ballots = [ranking(&[1, 2]), Ballot::default()].map(counted);
    let tally = tally(&rules(Mode::Ranking, 0, 0), &candidates(&[1; 2]), &ballots, false);
    assert_eq!(raw(&tally), lines(&[(1, "1", 1), (2, "0", 2)]));
    assert_eq!((tally.ballots, tally.blank), (1, 1));
}

/// 1 beats 2 and both are level with 3: the first place is shared by 1 and 3, so nobody is second.
#[test]
fn places_of_a_ranking_leave_a_gap_behind_a_place_that_is_shared() {
    let ballots = [ranking(&[1, 2]), ranking(&[3])].map(counted);
    let tally = tally(&rules(Mode::Ranking, 0, 0), &candidates(&[1; 3]), &ballots, false);
    let places: Vec<_> = tally.lines.iter().map(|line| (line.item, line.place)).collect();
    assert_eq!(places, [(item(1), 1), (item(3), 1), (item(2), 3)]);
}

#[test]
fn a_record_from_before_is_counted_as_it_was() {
    let ballots = [ranking(&[1, 2]), ranking(&[3]), Ballot::default()].map(counted);
    let count = |edition| {
        tally::tally_by(edition, &rules(Mode::Ranking, 0, 0), &candidates(&[1; 3]), &ballots, false)
    };
    let before = count(Edition::FIRST);
    assert_eq!(raw(&before), lines(&[(1, "3.5", 1), (3, "3", 1), (2, "2.5", 2)]));
    assert_eq!((before.ballots, before.blank), (3, 0));
    assert_ne!(count(Edition::NOW), before);
}
