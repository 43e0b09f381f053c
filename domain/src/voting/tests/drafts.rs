use super::*;
use crate::Timestamp;

const NOW: Timestamp = Timestamp(1_000);

fn draft() -> VotingDraft {
    VotingDraft {
        title: "What comes next?".parse().unwrap(),
        question: "".parse().unwrap(),
        candidates: candidates(&[30, 60]),
        rules: rules(Mode::Budget, 100, 0),
        secrecy: Secrecy::Sealed,
        reveal: Reveal::AtClose,
        weighted: false,
        split: None,
        quorum: 50,
        opens: None,
        closes: None,
        audience: Audience::Everybody,
        guests: false,
        refund: true,
    }
}

fn refused(change: impl FnOnce(&mut VotingDraft)) -> InvalidDraft {
    let mut draft = draft();
    change(&mut draft);
    draft.check(NOW).unwrap_err()
}

#[test]
fn a_session_that_could_not_work_is_refused_with_its_reason() {
    assert_eq!(draft().check(NOW), Ok(()));
    assert_eq!(refused(|draft| draft.candidates.truncate(1)), InvalidDraft::NoCandidates);
    assert_eq!(
        refused(|draft| draft.candidates = candidates(&[1; 101])),
        InvalidDraft::TooManyCandidates { count: 101 }
    );
    assert_eq!(
        refused(|draft| draft.candidates[1].item = item(1)),
        InvalidDraft::CandidateTwice("Item 2".to_owned())
    );
    assert_eq!(refused(|draft| draft.candidates[1].cost = 0), InvalidDraft::NoCost("Item 2".to_owned()));
    assert_eq!(
        refused(|draft| draft.rules.tokens = 20),
        InvalidDraft::NothingAffordable { cheapest: 30, tokens: 20 }
    );
    assert_eq!(refused(|draft| draft.rules.tokens = 0), InvalidDraft::Rules(InvalidRules::NoTokens));
    assert_eq!(refused(|draft| draft.closes = Some(NOW)), InvalidDraft::ClosesInThePast);
    assert_eq!(
        refused(|draft| {
            draft.opens = Some(Timestamp(3_000));
            draft.closes = Some(Timestamp(3_000));
        }),
        InvalidDraft::ClosesBeforeOpening
    );
    assert_eq!(refused(|draft| draft.quorum = 101), InvalidDraft::Quorum);
    assert_eq!(refused(|draft| draft.audience = Audience::Nobody), InvalidDraft::NoVoters);
    assert_eq!(refused(|draft| draft.audience = Audience::Segments(Vec::new())), InvalidDraft::NoVoters);
    assert_eq!(refused(|draft| draft.weighted = true), InvalidDraft::WeightsWithoutSplit);
}

#[test]
fn guests_alone_are_enough() {
    let mut draft = draft();
    draft.audience = Audience::Nobody;
    draft.guests = true;
    assert_eq!(draft.check(NOW), Ok(()));
}

#[test]
fn a_turnout_is_never_more_than_everybody() {
    let percent = |invited, cast| Turnout { invited, cast }.percent();
    assert_eq!((percent(3, 2), percent(3, 3), percent(2, 3), percent(0, 0)), (66, 100, 100, 0));
}

#[test]
fn a_quorum_is_missed_by_one_voter_and_reached_to_the_point() {
    let misses = |cast, quorum| Turnout { invited: 3, cast }.misses(quorum);
    assert_eq!(
        [misses(2, 67), misses(2, 66), misses(3, 100), misses(0, 1), misses(0, 0)],
        [true, false, false, true, false]
    );
}

/// Every turnout that a small session can have, against every quorum.
#[test]
fn a_quorum_is_missed_where_another_voter_was_needed_for_it() {
    for invited in 1..=40_u32 {
        for quorum in 0..=100_u32 {
            let needed = (0..=invited).find(|voters| voters * 100 >= invited * quorum).unwrap();
            for cast in 0..=invited {
                let turnout = Turnout { invited, cast };
                assert_eq!(turnout.misses(quorum), cast < needed, "{turnout:?}, {quorum} %");
                let shown = turnout.percent();
                assert!(invited * shown <= cast * 100 && cast * 100 < invited * (shown + 1), "{turnout:?}");
            }
        }
    }
}
