use super::*;
use crate::{ItemChange, Op, Place, fixture::*};

/// What is said of the second board, seen from the fixture's.
fn after(ops: &[Op]) -> Vec<String> {
    let before = roadmap();
    let mut after = before.clone();
    for op in ops {
        done(&mut after, op, 1);
    }
    told(&Comparison::between(&before, &after))
}

fn told(comparison: &Comparison) -> Vec<String> {
    let lanes = comparison.lanes.iter().map(|lane| format!("{lane:?}"));
    let items = comparison.items.iter().map(|difference| {
        let what = match &difference.what {
            Difference::Added { lane } => format!("added to {lane}"),
            Difference::Removed { lane } => format!("removed from {lane}"),
            Difference::Moved { from, to } => format!("{from} > {to}"),
            Difference::Reordered { lane, from, to } => format!("{lane} {from} > {to}"),
            Difference::Rescheduled { .. } => format!("{:+} days", difference.what.slip().unwrap()),
            Difference::Reestimated { before, after } => format!("{before:?} > {after:?}"),
            Difference::Set { field, before, after } => format!("{field:?} {before:?} > {after:?}"),
            Difference::ValueSet(DifferentValue { field, before, after, .. }) => {
                format!("{field} {before:?} > {after:?}")
            }
        };
        format!("{}: {what}", difference.title)
    });
    lanes.chain(items).collect()
}

fn ends(number: u8, end: Option<&str>) -> Op {
    set(number, ItemChange::Schedule { start: None, end: end.map(|end| end.parse().unwrap()) })
}

#[test]
fn what_is_the_same_is_not_told() {
    assert!(Comparison::between(&roadmap(), &roadmap()).is_empty());
    let there = move_items(&[1], 2, Place::Last);
    let back = move_items(&[1], 1, Place::First);
    assert_eq!(after(&[there, back]), Vec::<String>::new());
    let comment = Op::comment(comment(9), item(1), body("Because."));
    assert_eq!(after(&[comment]), Vec::<String>::new());
}

#[test]
fn what_came_and_went_is_told_with_its_lane() {
    let ops = [create(9, 2, Place::Last, "New"), Op::DeleteItems { ids: items(&[2]) }];
    assert_eq!(after(&ops), ["B: removed from Now", "New: added to Next"]);
    assert_eq!(after(&[Op::restore(items(&[6]))]), ["X: added to Now"]);
    let passing = [create(9, 2, Place::Last, "New"), Op::DeleteItems { ids: items(&[9]) }];
    assert_eq!(after(&passing), Vec::<String>::new());
}

#[test]
fn a_move_is_told_by_the_fewest_items_that_explain_it() {
    assert_eq!(after(&[move_items(&[1], 2, Place::Last)]), ["A: Now > Next"]);
    assert_eq!(after(&[move_items(&[4], 1, Place::First)]), ["D: Now 4 > 1"]);
    assert_eq!(after(&[move_items(&[1], 1, Place::Last)]), ["A: Now 1 > 4"]);
    // One that leaves moves nobody else.
    assert_eq!(after(&[Op::DeleteItems { ids: items(&[1]) }]), ["A: removed from Now"]);
    let turned = [move_items(&[2], 1, Place::First), move_items(&[3], 1, Place::First)];
    assert_eq!(after(&turned).len(), 2);
}

#[test]
fn an_end_that_moved_is_told_in_days() {
    let before = {
        let mut roadmap = roadmap();
        done(&mut roadmap, &ends(1, Some("2026-11-30")), 1);
        roadmap
    };
    let then = |end| {
        let mut after = before.clone();
        done(&mut after, &ends(1, end), 1);
        told(&Comparison::between(&before, &after))
    };
    assert_eq!(then(Some("2026-12-02")), ["A: +2 days"]);
    assert_eq!(then(Some("2026-11-01")), ["A: -29 days"]);
    assert_eq!(then(None), ["A: End Text(\"2026-11-30\") > Empty"]);
}

#[test]
fn fields_and_lanes_are_told_before_and_after() {
    let effort = PersonDays::from_tenths(125);
    let ops = [set(1, ItemChange::Effort(effort)), set(1, ItemChange::Title(title("Alpha")))];
    assert_eq!(
        after(&ops),
        [
            "Alpha: None > Some(PersonDays { tenths: 125 })".to_owned(),
            "Alpha: Title Text(\"A\") > Text(\"Alpha\")".to_owned()
        ]
    );
    let ops = [
        Op::RenameLane { id: lane(1), name: "Today".parse().unwrap() },
        Op::DeleteLane { id: lane(3), move_to: lane(1) },
        Op::CreateLane { id: lane(9), name: "Never".parse().unwrap(), place: Place::Last },
    ];
    assert_eq!(
        after(&ops),
        [
            "Added { name: \"Never\" }",
            "Removed { name: \"Later\" }",
            "Renamed { before: \"Now\", after: \"Today\" }"
        ]
    );
}

#[test]
fn each_difference_finds_the_fact_behind_it() {
    let before = roadmap();
    let mut after = before.clone();
    let mut facts = Vec::new();
    let effort = ItemChange::Effort(PersonDays::from_tenths(10));
    for op in [
        move_items(&[1], 2, Place::Last),
        move_items(&[4], 1, Place::First),
        set(2, effort),
        set(3, ItemChange::Title(title("Gamma"))),
        Op::DeleteItems { ids: items(&[5]) },
        create(9, 1, Place::Last, "New"),
    ] {
        facts.extend(done(&mut after, &op, 1).changes);
    }
    let comparison = Comparison::between(&before, &after);
    assert_eq!(comparison.items.len(), 6, "{comparison:?}");
    for difference in &comparison.items {
        let of_item = |fact: &&Change| fact.item() == Some(difference.item) && difference.what.is_of(fact);
        assert_eq!(facts.iter().filter(of_item).count(), 1, "{difference:?}");
    }
}
