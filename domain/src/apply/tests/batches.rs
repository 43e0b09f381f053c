use crate::{ItemChange, Op, Place, Reject, fixture::*};

fn batch(ops: impl IntoIterator<Item = Op>) -> Op {
    Op::batch(ops.into_iter().collect())
}

#[test]
fn a_batch_does_everything_in_order_and_is_taken_back_as_one() {
    let op = batch([
        create(9, 1, Place::First, "New"),
        set(9, ItemChange::Title(title("Newer"))),
        move_items(&[9, 1], 2, Place::Last),
        Op::DeleteLane { id: lane(1), move_to: lane(3) },
        Op::RestoreLane { id: lane(4), place: Place::First },
        move_items(&[9], 4, Place::First),
    ]);
    let after = done_and_taken_back(&roadmap(), &op, 1);
    assert_eq!(board(&after), "Old: Newer | Next: E A | Later: B C D");
}

#[test]
fn a_batch_is_all_or_nothing() {
    let roadmap = roadmap();
    let last_fails = batch([
        create(9, 1, Place::First, "New"),
        Op::DeleteLane { id: lane(1), move_to: lane(3) },
        Op::DeleteItems { ids: items(&[6]) },
    ]);
    assert_eq!(refused(&roadmap, &last_fails, 1), Reject::ItemDeleted("X".to_owned()));
}

#[test]
fn a_batch_holds_neither_votes_nor_batches_nor_nothing() {
    let roadmap = roadmap();
    let first = create(9, 1, Place::First, "New");
    for op in [Op::Upvote { item: item(2) }, Op::WithdrawUpvote { item: item(1) }, batch([first.clone()])] {
        assert_eq!(refused(&roadmap, &batch([first.clone(), op]), 2), Reject::NotInBatch);
    }
    assert_eq!(refused(&roadmap, &batch([]), 1), Reject::Nothing);
    let many = batch((0..5_001).map(|_| set(1, ItemChange::Title(title("A")))));
    assert_eq!(refused(&roadmap, &many, 1), Reject::TooMany { max: 5_000, count: 5_001 });
}

#[test]
fn taking_back_a_batch_can_itself_be_taken_back() {
    let mut roadmap = roadmap();
    let op = batch([move_items(&[1, 3], 2, Place::First), Op::DeleteItems { ids: items(&[2]) }]);
    let undo = done(&mut roadmap, &op, 1).inverse;
    let done_once = board(&roadmap);
    let redo = done(&mut roadmap, &batch(undo), 1).inverse;
    done(&mut roadmap, &batch(redo), 1);
    assert_eq!(board(&roadmap), done_once);
}
