use std::collections::BTreeMap;

use super::{
    insight::{Disagreement, compare, disagreements, sensitivity},
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
    // Of six pairs four are a whole 1000 apart: 4000 / 6 = 666. Item 3: three pairs 200 apart: 600 / 6 = 100.
    assert_eq!(
        found,
        [
            Disagreement { item: item(1), spread: 666, gap: 0 },
            Disagreement { item: item(3), spread: 100, gap: 0 },
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
    // Pairs: 0, 1000, 667, 1000, 667, 333 apart.
    assert_eq!(found, [Disagreement { item: item(1), spread: 611, gap: 834 }]);
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
fn a_lead_says_what_would_turn_it() {
    // 1 has 5 dots, 2 has 3, 3 has 3.
    let ballots = [amounts(&[3, 2, 0]), amounts(&[2, 1, 3])].map(counted);
    let (rules, candidates) = (rules(Mode::Dots, 6, 0), candidates(&[1; 3]));
    let tally = tally(&rules, &candidates, &ballots, false);
    let leads = sensitivity(&rules, &candidates, &ballots, &tally, false);
    let short: Vec<(Score, Option<u32>)> = leads.iter().map(|lead| (lead.margin, lead.voters)).collect();
    assert_eq!(short, [(Score(2_000), Some(3)), (Score(0), Some(1))]);
}

#[test]
fn the_lead_of_a_mean_is_counted_in_steps_of_grades() {
    // 1: 3, 3 → 3.0. 2: 3, 2, 2, 2 → 2.25. Each step moves the lower mean by 0.25: four pass 3.0.
    let ballots = [
        ballot(&[Some(3), Some(3)]),
        ballot(&[Some(3), Some(2)]),
        ballot(&[None, Some(2)]),
        ballot(&[None, Some(2)]),
    ]
    .map(counted);
    let (rules, candidates) = (rules(Mode::Importance, 0, 0), candidates(&[1; 2]));
    let tally = tally(&rules, &candidates, &ballots, false);
    let lead = sensitivity(&rules, &candidates, &ballots, &tally, false)[0];
    assert_eq!((lead.margin, lead.voters), (Score(750), Some(4)));
}

#[test]
fn the_lead_in_a_ranking_is_counted_in_ballots_that_turn_round() {
    // Three of four prefer 1: two have to turn round for 2 to lead.
    let ballots = [ranking(&[1, 2]), ranking(&[1, 2]), ranking(&[1, 2]), ranking(&[2, 1])].map(counted);
    let (rules, candidates) = (rules(Mode::Ranking, 0, 0), candidates(&[1; 2]));
    let tally = tally(&rules, &candidates, &ballots, false);
    let lead = sensitivity(&rules, &candidates, &ballots, &tally, false)[0];
    assert_eq!((lead.margin, lead.voters), (Score(2_000), Some(2)));
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
