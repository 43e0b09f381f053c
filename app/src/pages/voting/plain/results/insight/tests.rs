//! What results say in words, on the page as the server draws it.

use domain::{
    ItemId, Reason, RoadmapId, SegmentId, VotingId,
    voting::{
        Audience, Ballot, Candidate, CountedBallot, Firmness, GroupResult, Margin, Mode, Phase, Results,
        Reveal, Rules, Score, Secrecy, SegmentKind, Tally, Turnout, VotingDraft, VotingFacts, Weight,
        firmness,
        insight::{disagreements, fitting},
        tally,
    },
};
use leptos::prelude::Owner;

use super::super::{Reader, html_of};

fn item(number: u8) -> ItemId {
    ItemId::new(0, [number; 10])
}

/// The result of ballots that give items 1, 2 and so on these amounts, `None` for nothing said.
fn result(mode: Mode, tokens: u32, costs: &[u32], given: &[&[Option<u32>]]) -> Results {
    let candidates: Vec<Candidate> = (1..)
        .zip(costs)
        .map(|(number, cost)| Candidate {
            item: item(number),
            roadmap: RoadmapId::NIL,
            key: String::new(),
            title: format!("Item {number}").parse().unwrap(),
            cost: *cost,
            withdrawn: false,
        })
        .collect();
    let choices = |amounts: &[Option<u32>]| -> Ballot {
        (1..).zip(amounts).filter_map(|(number, amount)| Some((item(number), (*amount)?))).collect()
    };
    let counted = |amounts: &&[Option<u32>]| CountedBallot {
        choices: choices(amounts),
        weight: Weight::ONE,
        group: None,
    };
    let ballots: Vec<CountedBallot> = given.iter().map(counted).collect();
    let draft = VotingDraft {
        title: "Next quarter".parse().unwrap(),
        question: "".parse().unwrap(),
        candidates,
        rules: Rules::new(mode, tokens, 0).unwrap(),
        secrecy: Secrecy::Sealed,
        reveal: Reveal::AtClose,
        weighted: false,
        split: None,
        quorum: 0,
        opens: None,
        closes: None,
        audience: Audience::Everybody,
        guests: false,
        refund: false,
    };
    let cast = u32::try_from(ballots.len()).unwrap();
    let facts = VotingFacts {
        id: VotingId::NIL,
        draft,
        phase: Phase::Revealed,
        turnout: Turnout { invited: cast, cast },
        revision: 1,
        keyless: false,
        removing: false,
    };
    let empty = Results {
        facts,
        withheld: None,
        tally: Tally::default(),
        groups: Vec::new(),
        disagreements: Vec::new(),
        leads: Vec::new(),
        winner: None,
        fits: Vec::new(),
        compared: None,
        earlier: Vec::new(),
        receipts: Vec::new(),
        weight: Score(0),
        setup: String::new(),
        digest: String::new(),
        reason: Reason::parse("Result of a vote").unwrap(),
    };
    counted_from(empty, &ballots)
}

fn counted_from(empty: Results, ballots: &[CountedBallot]) -> Results {
    let (rules, candidates) = (empty.facts.draft.rules, &empty.facts.draft.candidates);
    let tally = tally(&rules, candidates, ballots, false);
    let (leads, winner) = firmness(&rules, candidates, ballots, &tally, false);
    Results {
        disagreements: disagreements(&rules, candidates, ballots),
        fits: fitting(&rules, candidates, &tally),
        leads,
        winner,
        tally,
        ..empty
    }
}

/// A result's page.
fn page(results: Results) -> String {
    let reader = Reader { manages: false, is_guest: true };
    Owner::new().with(|| html_of(results, reader))
}

/// The words of a result's page, one space between any two.
fn words(results: Results) -> String {
    let html = page(results);
    let texts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let words: Vec<&str> = texts.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

#[track_caller]
fn says(page: &str, sentences: &[&str]) {
    for sentence in sentences {
        assert!(page.contains(sentence), "“{sentence}” is not in: {page}");
    }
}

#[track_caller]
fn omits(page: &str, sentences: &[&str]) {
    for sentence in sentences {
        assert!(!page.contains(sentence), "“{sentence}” is in: {page}");
    }
}

const YES: Option<u32> = Some(1);
const NO: Option<u32> = None;

#[test]
fn a_tie_is_called_level_and_has_no_winner_to_be_firm() {
    let page = words(result(Mode::Approval, 0, &[1, 1], &[&[YES, NO], &[NO, YES]]));
    says(&page, &["How stable is this order?", "Item 1 level with Item 2 Level 1 ballot"]);
    omits(&page, &["another item", "Item 1 before Item 2"]);
}

#[test]
fn exact_numbers_of_ballots_are_said_in_singular_and_plural() {
    let page = words(result(Mode::Approval, 0, &[1, 1], &[&[YES, NO]]));
    says(
        &page,
        &["One different ballot would make another item win.", "Item 1 before Item 2 1 ahead 1 ballot"],
    );
    omits(&page, &["least", "1 ballots", "would have to be different for another"]);
    let page = words(result(Mode::Approval, 0, &[1, 1], &[&[YES, NO], &[YES, NO], &[YES, NO]]));
    says(
        &page,
        &[
            "2 ballots would have to be different for another item to win.",
            "Item 1 before Item 2 3 ahead 2 ballots",
        ],
    );
    omits(&page, &["least", "One different ballot"]);
}

#[test]
fn a_bound_is_never_said_as_if_it_were_exact() {
    let with = |firmness| {
        let mut results = result(Mode::Ranking, 0, &[1, 1], &[&[Some(1), Some(2)]]);
        results.leads[0].firmness = firmness;
        results.winner = Some(firmness);
        words(results)
    };
    let page = with(Firmness::AtLeast(2));
    says(
        &page,
        &[
            "At least 2 ballots would have to be different for another item to win.",
            "more ballot At least 2 ballots",
        ],
    );
    let page = with(Firmness::AtLeast(1));
    says(
        &page,
        &[
            "At least 1 ballot would have to be different for another item to win.",
            "more ballot At least 1 ballot",
        ],
    );
    omits(&page, &["One different ballot", "1 ballots"]);
}

#[test]
fn what_no_ballots_can_change_is_said_to_be_so() {
    let page = words(result(Mode::Budget, 10, &[10, 11], &[&[YES, NO], &[YES, NO]]));
    says(&page, &["No change of ballots would make another item win.", "2 ahead No number of ballots"]);
}

#[test]
fn leads_of_rankings_and_grades_are_said_by_what_they_are() {
    let ranked: &[Option<u32>] = &[Some(1), Some(2)];
    says(&words(result(Mode::Ranking, 0, &[1, 1], &[ranked])), &["Preferred by 1 more ballot 1 ballot"]);
    says(&words(result(Mode::Ranking, 0, &[1, 1], &[ranked; 3])), &["Preferred by 3 more ballots 2 ballots"]);
    let mut weighted = result(Mode::Ranking, 0, &[1, 1], &[ranked]);
    weighted.facts.draft.weighted = true;
    says(&words(weighted), &["Preferred, by a weight of 1 "]);
    let mut indirect = result(Mode::Ranking, 0, &[1, 1], &[ranked]);
    indirect.leads[0].margin = Margin::Indirect;
    says(&words(indirect), &["Decided by way of other items"]);
    let page = words(result(Mode::Importance, 0, &[1, 1], &[&[Some(3), NO], &[Some(2), NO]]));
    says(&page, &["Nobody graded the lower one", "graded by nobody"]);
    let mut close = result(Mode::Importance, 0, &[1, 1], &[&[Some(3), Some(2)]]);
    says(&words(close.clone()), &["1 ahead"]);
    close.leads[0].margin = Margin::Points(Score(0));
    says(&words(close), &["Less than 0.001 ahead"]);
}

#[test]
fn an_item_that_nobody_graded_has_a_dash_for_a_mean() {
    let page = words(result(Mode::Importance, 0, &[1, 1], &[&[Some(3), NO], &[Some(2), NO]]));
    says(&page, &["1 Item 1 2.5 2 2 Item 2 graded by nobody – 0"]);
}

#[test]
fn ballots_and_their_weight_are_told_together() {
    let mut split = result(Mode::Approval, 0, &[1, 1], &[&[YES, NO], &[YES, NO]]);
    split.facts.draft.split = Some(SegmentKind::Department);
    split.weight = Score(4_500);
    says(&page(split), &["2 ballots weigh 4.5 in all, by the weights of the opening."]);
    let mut split = result(Mode::Approval, 0, &[1, 1], &[&[YES, NO]]);
    split.facts.draft.split = Some(SegmentKind::Department);
    split.weight = Score(2_000);
    says(&page(split), &["1 ballot weighs 2 in all, by the weights of the opening."]);
    omits(&page(result(Mode::Approval, 0, &[1, 1], &[&[YES, NO]])), &["in all"]);
}

#[test]
fn one_voter_disagrees_with_nobody() {
    let page = words(result(Mode::Dots, 5, &[1, 1], &[&[Some(5), NO]]));
    says(&page, &["100 % turnout: 1 of 1 voted.", "Item 1 before Item 2 5 ahead 1 ballot"]);
    omits(&page, &["Talk about these first", "Spread"]);
}

#[test]
fn without_a_vote_there_is_no_order_to_be_firm() {
    let mut nobody = result(Mode::Budget, 5, &[1, 1], &[]);
    nobody.facts.turnout.invited = 3;
    let page = words(nobody);
    says(&page, &["Nobody voted, so there is no order."]);
    omits(&page, &["stable", "What fits", "Talk about", "turnout"]);

    let page = words(result(Mode::Budget, 5, &[1, 1], &[&[]]));
    says(&page, &["Only blank ballots were cast, so there is no order.", "100 % turnout: 1 of 1 voted."]);
    says(&page, &["One ballot was blank and counts towards the turnout only."]);
    omits(&page, &["stable", "What fits", "Talk about"]);
    let page = words(result(Mode::Budget, 5, &[1, 1], &[&[], &[]]));
    says(&page, &["2 ballots were blank and count towards the turnout only."]);
}

#[test]
fn spread_and_gap_are_shares_of_the_most_there_can_be() {
    let half = |groups: [Option<SegmentId>; 2]| {
        let results = result(Mode::Approval, 0, &[1, 1], &[&[YES, YES], &[NO, YES]]);
        let ballots: Vec<CountedBallot> = groups
            .into_iter()
            .zip([vec![1, 2], vec![2]])
            .map(|(group, items)| CountedBallot {
                choices: items.into_iter().map(|number| (item(number), 1)).collect(),
                weight: Weight::ONE,
                group,
            })
            .collect();
        counted_from(results, &ballots)
    };
    let page = words(half([None; 2]));
    says(&page, &["Talk about these first", "Item Spread Item 1 100 %"]);
    omits(&page, &["Gap", "Item 1 100 % 100 %"]);

    let segment = SegmentId::new(0, [1; 10]);
    let mut split = half([Some(segment), None]);
    split.facts.draft.split = Some(SegmentKind::Department);
    let group = |segment: Option<SegmentId>| GroupResult {
        segment,
        name: segment.map(|_| "Sales".parse().unwrap()),
        weight: Weight::ONE,
        tally: Tally::default(),
    };
    split.groups = vec![group(Some(segment)), group(None)];
    let page = words(split);
    says(&page, &["Voters without a segment count as one.", "Item Spread Gap Item 1 100 % 100 %"]);
}

#[test]
fn a_budget_shows_prices_what_fits_and_what_that_costs_in_all() {
    let page = words(result(
        Mode::Budget,
        100,
        &[60, 50, 40],
        &[&[YES, NO, YES], &[YES, NO, YES], &[YES, NO, NO], &[NO, YES, NO], &[NO, YES, NO]],
    ));
    says(&page, &["What fits 2 items for 100 of the 100 tokens a voter has,", "Item Price Total Fits"]);
    says(&page, &["Item 1 60 60 ✓ fits Item 2 50 does not fit Item 3 40 100 ✓ fits"]);

    let page = words(result(Mode::Budget, 50, &[50, 60], &[&[YES, NO]]));
    says(&page, &["1 item for 50 of the 50 tokens", "Item 1 50 50 ✓ fits Item 2 60 does not fit"]);
    let page = words(result(Mode::Budget, 1, &[1, 2], &[&[YES, NO]]));
    says(&page, &["1 item for 1 of the 1 token a voter has,"]);
    let page = words(result(Mode::Dots, 5, &[1, 1], &[&[YES, NO]]));
    omits(&page, &["What fits", "Price"]);
}
