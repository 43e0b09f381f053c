use std::collections::BTreeMap;

use super::{
    insight::{Disagreement, Fit, compare, disagreements, fitting},
    *,
};

fn of_group(choices: Ballot, group: u32) -> CountedBallot {
    CountedBallot { group: Some(segment(group)), ..counted(choices) }
}

#[test]
fn what_splits_people_comes_before_what_unites_them() {
    // Item 1: half give all five dots, half none. Item 2: everybody gives three. Item 3: one of four gives one.
    let ballots =
        [amounts(&[5, 3, 0]), amounts(&[5, 3, 0]), amounts(&[0, 3, 1]), amounts(&[0, 3, 0])].map(counted);
    let found = disagreements(&rules(Mode::Dots, 10, 5), &candidates(&[1; 3]), &ballots);
    // Of six pairs at most four differ, by 1000 each, and so they do. Item 3: three pairs 200 apart: 600 / 4 = 150.
    assert_eq!(
        found,
        [
            Disagreement { item: item(1), spread: 1_000, gap: 0 },
            Disagreement { item: item(3), spread: 150, gap: 0 },
        ]
    );
}

#[test]
fn a_gap_between_segments_is_seen_even_where_each_agrees_within() {
    // Business grades 3 and 3, IT 0 and 1: means of 1000 and 166 thousandths.
    let ballots = [
        of_group(ballot(&[Some(3)]), 1),
        of_group(ballot(&[Some(3)]), 1),
        of_group(ballot(&[Some(0)]), 2),
        of_group(ballot(&[Some(1)]), 2),
    ];
    let found = disagreements(&rules(Mode::Importance, 0, 0), &candidates(&[1]), &ballots);
    // Pairs are 0, 3, 2, 3, 2, 1 grades apart, of at most 4 times 3: 11 / 12. Means: 3 and 1/2, 5/2 of 3 apart.
    assert_eq!(found, [Disagreement { item: item(1), spread: 916, gap: 833 }]);
}

#[test]
fn voters_without_a_segment_are_a_group_too() {
    let approve = |first: bool| amounts(&[u32::from(first), u32::from(!first)]);
    let ballots: Vec<CountedBallot> =
        (0..8).map(|n| if n < 4 { of_group(approve(true), 1) } else { counted(approve(false)) }).collect();
    let found = disagreements(&rules(Mode::Approval, 0, 0), &candidates(&[1; 2]), &ballots);
    let all = |number| Disagreement { item: item(number), spread: 1_000, gap: 1_000 };
    assert_eq!(found, [all(1), all(2)]);
}

#[test]
fn an_even_split_is_the_most_there_can_be_however_many_vote() {
    for voters in 2..9_usize {
        let half = |n| counted(amounts(&[if n < voters / 2 { 4 } else { 0 }, 1]));
        let ballots: Vec<CountedBallot> = (0..voters).map(half).collect();
        let found = disagreements(&rules(Mode::Dots, 5, 4), &candidates(&[1; 2]), &ballots);
        assert_eq!(found, [Disagreement { item: item(1), spread: 1_000, gap: 0 }], "{voters}");
    }
}

#[test]
fn who_casts_a_blank_ballot_has_no_opinion() {
    let ballots = [amounts(&[1, 1]), amounts(&[1, 0]), Ballot::default()].map(counted);
    let (rules, candidates) = (rules(Mode::Approval, 0, 0), candidates(&[1; 2]));
    let found = disagreements(&rules, &candidates, &ballots);
    assert_eq!(found, [Disagreement { item: item(2), spread: 1_000, gap: 0 }]);
    let tally = tally(&rules, &candidates, &ballots, false);
    assert_eq!((tally.ballots, tally.blank), (2, 1));
}

#[test]
fn a_budget_buys_what_fits_in_the_order_of_the_result() {
    // Bought by four, three, two and one; 50 tokens: the second is too dear after the first, the third is not.
    let ballots =
        [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]].map(|given| counted(amounts(&given)));
    let (rules, candidates) = (rules(Mode::Budget, 50, 0), candidates(&[30, 40, 20, 10]));
    let tally = tally(&rules, &candidates, &ballots, false);
    let fit = |number, price, total, fits| Fit { item: item(number), price, total, fits };
    assert_eq!(
        fitting(&rules, &candidates, &tally),
        [fit(1, 30, 30, true), fit(2, 40, 30, false), fit(3, 20, 50, true), fit(4, 10, 50, false)]
    );
    assert_eq!(fitting(&Rules { mode: Mode::Approval, tokens: 0, most: 0 }, &candidates, &tally), []);
}

#[test]
fn places_count_as_shares_of_the_way_to_the_top() {
    // Of three items, ranked 1 > 2 > 3 and 3 > 2 > 1: the outer ones are as far apart as can be.
    let ballots = [ranking(&[1, 2, 3]), ranking(&[3, 2, 1])].map(counted);
    let found = disagreements(&rules(Mode::Ranking, 0, 0), &candidates(&[1; 3]), &ballots);
    let spreads: Vec<u32> = found.iter().map(|found| found.spread).collect();
    assert_eq!(spreads, [1_000, 1_000], "item 2 is agreed on");
}

#[test]
fn places_are_compared_among_the_items_of_both_sessions() {
    let rules = rules(Mode::Upvote, 0, 0);
    let before = tally(
        &rules,
        &candidates(&[1; 3]),
        &[counted(amounts(&[1, 1, 0])), counted(amounts(&[1, 0, 0]))],
        false,
    );
    let later: Vec<Candidate> = candidates(&[1; 4]).into_iter().filter(|c| c.item != item(1)).collect();
    let now =
        tally(&rules, &later, &[counted(amounts(&[0, 0, 1, 1])), counted(amounts(&[0, 0, 0, 1]))], false);
    let moves: Vec<(ItemId, u32, Option<u32>)> =
        compare(&now, &before).into_iter().map(|since| (since.item, since.place, since.before)).collect();
    assert_eq!(moves, [(item(4), 1, None), (item(3), 1, Some(2)), (item(2), 2, Some(1))]);
}

#[test]
fn small_groups_are_hidden_and_cannot_be_computed_from_the_rest() {
    let shown = |groups: &[(Option<u32>, u32)]| {
        let own = |ballots| groups::Size { ballots, own: ballots };
        let groups: BTreeMap<Option<SegmentId>, groups::Size> =
            groups.iter().map(|(group, count)| (group.map(segment), own(*count))).collect();
        groups::shown(&groups)
    };
    assert_eq!(shown(&[(Some(1), 3), (Some(2), 5)]), [segment(1), segment(2)]);
    // Two of segment 2 alone would be everybody else: segment 1 hides them.
    assert_eq!(shown(&[(Some(1), 3), (Some(2), 2), (Some(3), 4)]), [segment(3)]);
    assert_eq!(shown(&[(Some(1), 9), (Some(2), 2), (None, 1)]), [segment(1)], "three are left");
    assert_eq!(shown(&[(Some(1), 5), (None, 1)]), []);
    assert_eq!(shown(&[]), []);
}

#[test]
fn ballots_on_behalf_of_customers_do_not_make_a_group_large_enough() {
    let shown = |groups: &[(Option<u32>, u32, u32)]| {
        let size = |(group, own, entered): &(Option<u32>, u32, u32)| {
            (group.map(segment), groups::Size { ballots: own + entered, own: *own })
        };
        groups::shown(&groups.iter().map(size).collect())
    };
    // One voter with two customers around, beside a large group.
    assert_eq!(shown(&[(Some(1), 1, 2), (Some(2), 5, 0), (None, 3, 0)]), [segment(2)]);
    assert_eq!(shown(&[(Some(1), 3, 2), (Some(2), 5, 9)]), [segment(1), segment(2)]);
    // Everybody else is one voter and two customers: the smaller group hides them.
    assert_eq!(shown(&[(Some(1), 3, 0), (Some(2), 4, 0), (None, 1, 2)]), [segment(2)]);
    assert_eq!(shown(&[(Some(1), 4, 0), (None, 0, 3)]), []);
}
