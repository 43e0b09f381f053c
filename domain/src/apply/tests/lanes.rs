use std::collections::BTreeSet;

use crate::{Op, Place, Status, fixture::*};

fn lane_op(number: u8, place: Place<crate::LaneId>) -> Op {
    Op::MoveLane { id: lane(number), place }
}

#[test]
fn a_lane_is_added_where_it_belongs() {
    let place = Place::Beside { after: Some(lane(1)), before: Some(lane(2)) };
    let op = Op::CreateLane { id: lane(9), name: "Soon".parse().unwrap(), place };
    let after = done_and_taken_back(&roadmap(), &op, 1);
    assert_eq!(board(&after), "Now: A B C D | Soon: | Next: E | Later:");

    let effects = done(&mut roadmap(), &op, 1);
    assert_eq!(sentences(&effects), ["added the lane Soon"]);
    assert!(effects.touched.lane_order);
    assert_eq!(effects.touched.lanes, BTreeSet::from([lane(9)]));
}

#[test]
fn the_only_lane_cannot_be_taken_back() {
    let op = Op::CreateLane { id: lane(1), name: "Now".parse().unwrap(), place: Place::Last };
    assert_eq!(done(&mut crate::Roadmap::default(), &op, 1).inverse, []);
}

#[test]
fn a_lane_is_renamed() {
    let op = Op::RenameLane { id: lane(2), name: "Up next".parse().unwrap() };
    let after = done_and_taken_back(&roadmap(), &op, 1);
    assert_eq!(board(&after), "Now: A B C D | Up next: E | Later:");
    assert_eq!(sentences(&done(&mut roadmap(), &op, 1)), ["renamed the lane Next to Up next"]);

    let same = Op::RenameLane { id: lane(2), name: "Next".parse().unwrap() };
    assert_eq!(done(&mut roadmap(), &same, 1), crate::Effects::default());
}

#[test]
fn a_lane_says_which_status_its_items_get_and_leaves_setting_it_to_whoever_moves_them() {
    let to = |status| Op::SetLaneStatus { id: lane(2), status };
    let done_then = to(Some(Status::Done));
    let after = done_and_taken_back(&roadmap(), &done_then, 1);
    assert_eq!(after.lane(lane(2)).unwrap().status, Some(Status::Done));
    assert_eq!(
        sentences(&done(&mut roadmap(), &done_then, 1)),
        ["set the lane Next to give items the status Done"]
    );
    assert_eq!(done(&mut after.clone(), &done_then, 1), crate::Effects::default());
    let none = done(&mut after.clone(), &to(None), 1);
    assert_eq!(sentences(&none), ["set the lane Next to leave statuses as they are"]);

    let mut moved = after.clone();
    done(&mut moved, &move_items(&[1], 2, Place::Last), 1);
    assert_eq!(moved.item(item(1)).unwrap().fields.status, Status::Proposed);
}

#[test]
fn a_lane_has_a_limit_beyond_which_nothing_is_refused() {
    let to = |limit| Op::SetLaneLimit { id: lane(1), limit: std::num::NonZeroU16::new(limit) };
    let after = done_and_taken_back(&roadmap(), &to(2), 1);
    assert_eq!(after.lane(lane(1)).unwrap().limit.map(u16::from), Some(2));
    assert_eq!(sentences(&done(&mut roadmap(), &to(2), 1)), ["set the limit of the lane Now to 2"]);
    let changed = done_and_taken_back(&after, &to(4), 1);
    assert_eq!(
        sentences(&done(&mut after.clone(), &to(4), 1)),
        ["changed the limit of the lane Now from 2 to 4"]
    );
    assert_eq!(sentences(&done(&mut changed.clone(), &to(0), 1)), ["removed the limit of the lane Now"]);
    assert_eq!(done(&mut after.clone(), &to(2), 1), crate::Effects::default());
    // Four items are there, and more come.
    done(&mut after.clone(), &move_items(&[5], 1, Place::Last), 1);
}

#[test]
fn lanes_are_reordered() {
    let cases = [
        (3, Place::First, "Later: | Now: A B C D | Next: E"),
        (1, Place::Last, "Next: E | Later: | Now: A B C D"),
        (1, Place::Beside { after: Some(lane(2)), before: Some(lane(3)) }, "Next: E | Now: A B C D | Later:"),
        (1, Place::Beside { after: Some(lane(4)), before: Some(lane(3)) }, "Next: E | Now: A B C D | Later:"),
        (1, Place::Beside { after: Some(lane(4)), before: Some(lane(8)) }, "Next: E | Later: | Now: A B C D"),
    ];
    for (number, place, expected) in cases {
        assert_eq!(board(&done_and_taken_back(&roadmap(), &lane_op(number, place), 1)), expected);
    }
    let effects = done(&mut roadmap(), &lane_op(3, Place::First), 1);
    assert_eq!(sentences(&effects), ["moved the lane Later from position 3 to 1"]);
    assert_eq!(done(&mut roadmap(), &lane_op(1, Place::First), 1), crate::Effects::default());
}

#[test]
fn a_deleted_lane_gives_its_items_to_another_and_takes_them_back() {
    let op = Op::DeleteLane { id: lane(1), move_to: lane(2) };
    let after = done_and_taken_back(&roadmap(), &op, 2);
    assert_eq!(board(&after), "Next: E A B C D | Later:");
    assert!(after.lane(lane(1)).unwrap().deleted.is_some());
    assert_eq!(after.lane_items(lane(1)), []);

    let effects = done(&mut roadmap(), &op, 2);
    assert_eq!(sentences(&effects).last().unwrap(), "deleted the lane Now and moved its 4 items to Next");
    assert_eq!(effects.touched.items, items(&[1, 2, 3, 4]).into_iter().collect());
    assert_eq!(effects.touched.orders, BTreeSet::from([lane(1), lane(2)]));
}

#[test]
fn an_empty_lane_goes_without_a_word_about_items() {
    let op = Op::DeleteLane { id: lane(3), move_to: lane(2) };
    done_and_taken_back(&roadmap(), &op, 1);
    assert_eq!(sentences(&done(&mut roadmap(), &op, 1)), ["deleted the lane Later"]);
}

#[test]
fn a_lane_comes_back_empty_and_where_it_is_wanted() {
    let place = Place::Beside { after: None, before: Some(lane(2)) };
    let op = Op::RestoreLane { id: lane(4), place };
    let after = done_and_taken_back(&roadmap(), &op, 1);
    assert_eq!(board(&after), "Now: A B C D | Old: | Next: E | Later:");
    assert_eq!(sentences(&done(&mut roadmap(), &op, 1)), ["restored the lane Old"]);
}

#[test]
fn what_was_put_into_a_new_lane_survives_its_undoing() {
    let mut roadmap = roadmap();
    let op = Op::CreateLane { id: lane(9), name: "Soon".parse().unwrap(), place: Place::First };
    let effects = done(&mut roadmap, &op, 1);
    done(&mut roadmap, &move_items(&[5], 9, Place::Last), 2);
    done(&mut roadmap, &effects.inverse[0], 1);
    assert_eq!(board(&roadmap), "Now: A B C D E | Next: | Later:");
}

#[test]
fn endless_moves_keep_lanes_in_order() {
    let mut roadmap = roadmap();
    for round in 0..20_000_u32 {
        let last = *roadmap.lane_order().last().unwrap();
        let place = if round % 2 == 0 { Place::First } else { Place::at(&roadmap.lane_order()[..2], 1) };
        done(&mut roadmap, &Op::MoveLane { id: last, place }, 1);
        let ranks: Vec<_> = roadmap.lane_order().iter().map(|id| &roadmap.lane(*id).unwrap().rank).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
        assert!(ranks.iter().all(|rank| rank.as_str().len() <= crate::Rank::REBALANCE_AT));
    }
}
