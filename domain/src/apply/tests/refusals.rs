use crate::{
    CommentChange, CommentId, Investment, ItemChange, ItemId, LaneId, Op, Place, Reject, fixture::*,
};

/// Every way an operation can make no sense; none changes anything.
#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let roadmap = roadmap();
    let in_bin = || Reject::ItemDeleted("X".to_owned());
    let run = || ItemChange::Investment(Some(Investment::Run));
    let old = || Reject::LaneDeleted("Old".to_owned());
    let name = || "Name".parse().unwrap();
    let resolve = |number| Op::SetComment { id: comment(number), change: CommentChange::Resolved(true) };
    let cases = [
        (create(1, 1, Place::Last, "Again"), Reject::DuplicateId),
        (create(6, 1, Place::Last, "Again"), Reject::DuplicateId),
        (create(9, 9, Place::Last, "Nowhere"), Reject::UnknownLane),
        (create(9, 4, Place::Last, "Nowhere"), old()),
        (set(9, run()), Reject::UnknownItem),
        (set(6, run()), in_bin()),
        (move_items(&[], 1, Place::Last), Reject::Nothing),
        (move_items(&[1, 9], 2, Place::Last), Reject::UnknownItem),
        (move_items(&[1, 6], 2, Place::Last), in_bin()),
        (move_items(&[1], 9, Place::Last), Reject::UnknownLane),
        (move_items(&[1], 4, Place::Last), old()),
        (Op::DeleteItems { ids: vec![] }, Reject::Nothing),
        (Op::DeleteItems { ids: items(&[1, 9]) }, Reject::UnknownItem),
        (Op::DeleteItems { ids: items(&[1, 6]) }, in_bin()),
        (Op::restore(vec![]), Reject::Nothing),
        (Op::restore(items(&[6, 9])), Reject::UnknownItem),
        (Op::restore(items(&[6, 1])), Reject::ItemNotDeleted("A".to_owned())),
        (Op::CreateLane { id: lane(1), name: name(), place: Place::Last }, Reject::DuplicateId),
        (Op::CreateLane { id: lane(4), name: name(), place: Place::Last }, Reject::DuplicateId),
        (Op::CreateLane { id: LaneId::NIL, name: name(), place: Place::Last }, Reject::DuplicateId),
        (Op::RenameLane { id: lane(9), name: name() }, Reject::UnknownLane),
        (Op::RenameLane { id: lane(4), name: name() }, old()),
        (Op::SetLaneStatus { id: lane(9), status: None }, Reject::UnknownLane),
        (Op::SetLaneStatus { id: lane(4), status: None }, old()),
        (Op::SetLaneLimit { id: lane(9), limit: None }, Reject::UnknownLane),
        (Op::SetLaneLimit { id: lane(4), limit: None }, old()),
        (Op::MoveLane { id: lane(9), place: Place::First }, Reject::UnknownLane),
        (Op::MoveLane { id: lane(4), place: Place::First }, old()),
        (Op::DeleteLane { id: lane(9), move_to: lane(1) }, Reject::UnknownLane),
        (Op::DeleteLane { id: lane(4), move_to: lane(1) }, old()),
        (Op::DeleteLane { id: lane(1), move_to: lane(1) }, Reject::MoveToSameLane),
        (Op::DeleteLane { id: lane(1), move_to: lane(4) }, old()),
        (Op::DeleteLane { id: lane(1), move_to: lane(9) }, Reject::UnknownLane),
        (Op::RestoreLane { id: lane(9), place: Place::Last }, Reject::UnknownLane),
        (Op::RestoreLane { id: lane(1), place: Place::Last }, Reject::LaneNotDeleted("Now".to_owned())),
        (Op::Upvote { item: item(9) }, Reject::UnknownItem),
        (Op::Upvote { item: item(6) }, in_bin()),
        (Op::WithdrawUpvote { item: item(9) }, Reject::UnknownItem),
        (Op::WithdrawUpvote { item: item(2) }, Reject::NotUpvoted),
        (Op::comment(comment(1), item(1), body("!")), Reject::DuplicateId),
        (Op::comment(CommentId::NIL, item(1), body("!")), Reject::DuplicateId),
        (Op::comment(comment(9), item(9), body("!")), Reject::UnknownItem),
        (Op::comment(comment(9), item(6), body("!")), in_bin()),
        (Op::EditComment { id: comment(9), body: body("!") }, Reject::UnknownComment),
        (Op::EditComment { id: comment(2), body: body("!") }, Reject::CommentDeleted),
        (Op::DeleteComment { id: comment(9) }, Reject::UnknownComment),
        (Op::DeleteComment { id: comment(2) }, Reject::CommentDeleted),
        (Op::RestoreComment { id: comment(9) }, Reject::UnknownComment),
        (resolve(9), Reject::UnknownComment),
        (resolve(2), Reject::CommentDeleted),
        (Op::RestoreComment { id: comment(1) }, Reject::CommentNotDeleted),
    ];
    for (op, reject) in cases {
        assert_eq!(refused(&roadmap, &op, 1), reject, "{op:?}");
    }
    let nameless = Op::DeleteItems { ids: vec![ItemId::NIL] };
    assert_eq!(refused(&roadmap, &nameless, 1), Reject::UnknownItem);
}

#[test]
fn the_last_lane_stays() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::DeleteLane { id: lane(2), move_to: lane(1) }, 1);
    done(&mut roadmap, &Op::DeleteLane { id: lane(3), move_to: lane(1) }, 1);
    assert_eq!(refused(&roadmap, &Op::DeleteLane { id: lane(1), move_to: lane(2) }, 1), Reject::LastLane);
}

#[test]
fn a_refusal_is_a_sentence() {
    let sentences = [
        Reject::NotAllowed(crate::Role::Editor).to_string(),
        Reject::ItemDeleted("X".to_owned()).to_string(),
        Reject::TooMany { max: 5, count: 6 }.to_string(),
    ];
    assert_eq!(
        sentences,
        [
            "As an editor you cannot do this. Ask an owner of the workspace for another role.",
            "“X” is in the bin. Restore it to change it.",
            "A single step can change at most 5 things; this changes 6. Do it in several steps.",
        ]
    );
}
