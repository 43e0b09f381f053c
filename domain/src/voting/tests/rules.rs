use super::*;

fn refused(mode: Mode, tokens: u32, most: u32, ballot: &Ballot) -> CastRefusal {
    rules(mode, tokens, most).check(ballot, &candidates(&[30, 60, 40])).unwrap_err()
}

#[test]
fn no_more_can_be_spent_than_there_is() {
    let over = |cost, tokens| CastRefusal::OverBudget { cost, tokens };
    assert_eq!(refused(Mode::Upvote, 2, 0, &amounts(&[1, 1, 1])), over(3, 2));
    assert_eq!(refused(Mode::Dots, 5, 0, &amounts(&[3, 3, 0])), over(6, 5));
    assert_eq!(refused(Mode::Budget, 100, 0, &amounts(&[1, 1, 1])), over(130, 100));
    assert_eq!(refused(Mode::Quadratic, 25, 0, &amounts(&[4, 3, 1])), over(26, 25));
    assert_eq!(over(26, 25).to_string(), "This ballot costs 26, but each voter has 25. Take 1 back.");
}

#[test]
fn one_item_gets_no_more_than_the_most() {
    let much = |amount, most| CastRefusal::TooMuch { title: "Item 2".to_owned(), amount, most };
    assert_eq!(refused(Mode::Upvote, 0, 0, &amounts(&[0, 2, 0])), much(2, 1));
    assert_eq!(refused(Mode::Approval, 0, 0, &amounts(&[0, 2, 0])), much(2, 1));
    assert_eq!(refused(Mode::Dots, 5, 3, &amounts(&[0, 4, 0])), much(4, 3));
    assert_eq!(refused(Mode::Budget, 100, 0, &amounts(&[0, 2, 0])), much(2, 1));
    assert_eq!(refused(Mode::Quadratic, 24, 0, &amounts(&[0, 5, 0])), much(5, 4));
    assert_eq!(
        refused(Mode::Importance, 0, 0, &amounts(&[0, 4, 0])),
        CastRefusal::NoSuchGrade { title: "Item 2".to_owned(), grade: 4 }
    );
    assert_eq!(
        refused(Mode::Ranking, 0, 0, &amounts(&[1, 4, 0])),
        CastRefusal::NoSuchPlace { title: "Item 2".to_owned(), place: 4, last: 3 }
    );
}

#[test]
fn only_what_is_up_for_vote_can_be_chosen() {
    let rules = rules(Mode::Dots, 5, 0);
    let mut candidates = candidates(&[1; 2]);
    assert_eq!(rules.check(&amounts(&[0, 0, 1]), &candidates), Err(CastRefusal::NotACandidate));
    candidates[0].withdrawn = true;
    assert_eq!(rules.check(&amounts(&[1, 0]), &candidates), Err(CastRefusal::Withdrawn("Item 1".to_owned())));
}

#[test]
fn places_of_a_ranking_are_distinct_and_close_up() {
    let choices = |places: &[i64]| -> Vec<Choice> {
        (1..).zip(places).map(|(number, place)| Choice { item: item(number), amount: *place }).collect()
    };
    let parsed = |places| Ballot::parse(Mode::Ranking, &choices(places));
    assert_eq!(parsed(&[3, 0, 1]), Ok(amounts(&[2, 0, 1])));
    let twice = parsed(&[2, 1, 2]).unwrap();
    assert_eq!(refused(Mode::Ranking, 0, 0, &twice), CastRefusal::SamePlace(2));
    assert_eq!(rules(Mode::Ranking, 0, 0).check(&ranking(&[2, 3, 1]), &candidates(&[1; 3])), Ok(0));
}

#[test]
fn a_ballot_is_read_as_it_was_typed() {
    let parse = |mode, amount| Ballot::parse(mode, &[Choice { item: item(1), amount }]);
    assert_eq!(parse(Mode::Dots, 0), Ok(Ballot::default()));
    assert_eq!(parse(Mode::Importance, 0), Ok(ballot(&[Some(0)])), "a grade of zero is an answer");
    assert_eq!(parse(Mode::Dots, -1), Err(CastRefusal::Negative(-1)));
    let huge = parse(Mode::Dots, i64::MAX).unwrap();
    assert!(matches!(refused(Mode::Dots, 5, 0, &huge), CastRefusal::TooMuch { .. }));
    let same = [1, 2].map(|amount| Choice { item: item(1), amount });
    assert_eq!(Ballot::parse(Mode::Dots, &same), Err(CastRefusal::Twice));
}

#[test]
fn an_item_can_be_taken_off_a_ballot() {
    assert_eq!(ranking(&[3, 1, 2]).without(item(1), Mode::Ranking), ranking(&[3, 2]));
    assert_eq!(amounts(&[2, 3]).without(item(1), Mode::Dots), amounts(&[0, 3]));
}

#[test]
fn rules_know_only_the_numbers_of_their_mode() {
    assert_eq!(rules(Mode::Approval, 7, 7), Rules { mode: Mode::Approval, tokens: 0, most: 0 });
    assert_eq!(rules(Mode::Upvote, 3, 7), Rules { mode: Mode::Upvote, tokens: 3, most: 0 });
    for mode in [Mode::Dots, Mode::Budget, Mode::Quadratic] {
        assert_eq!(Rules::new(mode, 0, 0), Err(InvalidRules::NoTokens), "{}", mode.as_str());
    }
    assert_eq!(Rules::new(Mode::Dots, 3, 4), Err(InvalidRules::MostAboveTokens));
    assert_eq!(Rules::new(Mode::Quadratic, 15, 4), Err(InvalidRules::MostAboveTokens));
    assert!(Rules::new(Mode::Quadratic, 16, 4).is_ok());
    assert_eq!(
        Rules::new(Mode::Dots, 10_001, 0).unwrap_err().to_string(),
        "Give each voter at most 10000 tokens."
    );
}

#[test]
fn weights_are_read_and_written_as_people_do() {
    for (text, written) in [
        ("1", "1"),
        ("2.5", "2.5"),
        ("0,25", "0.25"),
        ("100", "100"),
        (" 3.100 ", "3.1"),
        ("0", "0"),
        ("1.", "1"),
    ] {
        assert_eq!(text.parse::<Weight>().unwrap().to_string(), written);
    }
    for wrong in ["", "-1", "100.001", "1.2345", "a", ".5.", "+1", "1e2"] {
        assert!(wrong.parse::<Weight>().is_err(), "{wrong}");
    }
}
