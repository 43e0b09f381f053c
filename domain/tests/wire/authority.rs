//! Who may do what: every role with every operation.

use std::collections::BTreeSet;

use domain::{
    CommentChange, Context, Document, Op, Place, Reject, Roadmap, Role, TextOf, Timestamp, apply, authorise,
};

use super::samples::{self, comment, item, lane, user};

/// A comment by person 1 on item 1.
fn roadmap() -> Roadmap {
    let mut roadmap = Roadmap::from(Document::default());
    let context = Context { actor: user(1), at: Timestamp(0) };
    for op in [
        Op::CreateLane { id: lane(1), name: "Now".parse().unwrap(), place: Place::Last },
        Op::CreateItem {
            id: item(1),
            lane: lane(1),
            place: Place::Last,
            fields: Box::new(domain::ItemFields::titled("SSO".parse().unwrap())),
        },
        Op::comment(comment(1), item(1), "Why?".parse().unwrap()),
    ] {
        apply(&mut roadmap, &op, &context).unwrap();
    }
    roadmap
}

/// The least role that may do it to another person's things; `None` for nobody. Exhaustive on purpose: a new operation
/// does not compile until somebody has decided.
fn least_role(op: &Op) -> Option<Role> {
    match op {
        Op::Upvote { .. } | Op::WithdrawUpvote { .. } | Op::AddComment { .. } => Some(Role::Stakeholder),
        Op::EditComment { .. } | Op::EditText { text: TextOf::Comment(_), .. } => None,
        Op::SetComment { change: CommentChange::Reacted { .. }, .. } => Some(Role::Stakeholder),
        Op::SetComment { change: CommentChange::Resolved(_), .. } => Some(Role::Editor),
        // Only the server does these.
        Op::SendItem { .. } | Op::ReceiveItem { .. } | Op::ReceiveComments { .. } => None,
        Op::DeleteComment { .. } | Op::RestoreComment { .. } => Some(Role::Editor),
        Op::CreateItem { .. }
        | Op::SetItem { .. }
        | Op::MoveItems { .. }
        | Op::DeleteItems { .. }
        | Op::RestoreItems { .. }
        | Op::CreateLane { .. }
        | Op::RenameLane { .. }
        | Op::SetLaneStatus { .. }
        | Op::SetLaneLimit { .. }
        | Op::MoveLane { .. }
        | Op::DeleteLane { .. }
        | Op::RestoreLane { .. }
        | Op::CreateField { .. }
        | Op::SetField { .. }
        | Op::EditText { text: TextOf::Description(_), .. }
        | Op::Batch { .. } => Some(Role::Editor),
    }
}

#[test]
fn every_role_with_every_operation() {
    let roadmap = roadmap();
    let covered: BTreeSet<String> = samples::ops().iter().map(samples::kind).collect();
    assert_eq!(covered, samples::kinds::<Op>());
    for op in samples::ops() {
        for role in Role::ALL {
            let allowed = authorise(&roadmap, &op, user(2), role);
            let expected = match least_role(&op) {
                Some(least) if role >= least => Ok(()),
                _ if op.is_of_server() => Err(Reject::NotAllowed(role)),
                _ if role >= Role::Stakeholder
                    && (samples::kind(&op).ends_with("_comment") || least_role(&op).is_none()) =>
                {
                    Err(Reject::NotYourComment)
                }
                _ => Err(Reject::NotAllowed(role)),
            };
            assert_eq!(allowed, expected, "{role} with {op:?}");
        }
    }
}

#[test]
fn everybody_who_comments_changes_their_own_comments_and_no_viewer_does() {
    let roadmap = roadmap();
    let body = || "How?".parse().unwrap();
    for op in [
        Op::EditComment { id: comment(1), body: body() },
        Op::DeleteComment { id: comment(1) },
        Op::RestoreComment { id: comment(1) },
        Op::SetComment { id: comment(1), change: CommentChange::Resolved(true) },
    ] {
        for role in [Role::Owner, Role::Editor, Role::Stakeholder] {
            assert_eq!(authorise(&roadmap, &op, user(1), role), Ok(()), "{role} with {op:?}");
        }
        let demoted = authorise(&roadmap, &op, user(1), Role::Viewer);
        assert_eq!(demoted, Err(Reject::NotAllowed(Role::Viewer)));
    }
    let unknown = Op::EditComment { id: comment(9), body: body() };
    assert_eq!(authorise(&roadmap, &unknown, user(1), Role::Owner), Err(Reject::UnknownComment));
}

#[test]
fn an_answer_stands_in_a_thread_of_its_item() {
    let mut roadmap = roadmap();
    let reply = |number, of, to| {
        let body = "Yes.".parse().unwrap();
        Op::AddComment { id: comment(number), item: item(of), body, reply_to: Some(comment(to)) }
    };
    let check = |roadmap: &Roadmap, op: &Op| authorise(roadmap, op, user(2), Role::Stakeholder);
    let context = Context { actor: user(1), at: Timestamp(0) };
    assert_eq!(check(&roadmap, &reply(8, 1, 1)), Ok(()));
    assert_eq!(check(&roadmap, &reply(8, 1, 9)), Err(Reject::UnknownComment));
    assert_eq!(check(&roadmap, &reply(8, 2, 1)), Err(Reject::UnknownComment), "on another item");
    apply(&mut roadmap, &reply(8, 1, 1), &context).unwrap();
    assert_eq!(roadmap.comment(comment(8)).unwrap().reply_to, Some(comment(1)));
    assert_eq!(check(&roadmap, &reply(9, 1, 8)), Err(Reject::UnknownComment), "an answer begins no thread");
    apply(&mut roadmap, &Op::DeleteComment { id: comment(1) }, &context).unwrap();
    assert_eq!(check(&roadmap, &reply(9, 1, 1)), Err(Reject::CommentDeleted));
}

#[test]
fn a_batch_may_do_what_its_steps_may() {
    let roadmap = roadmap();
    let edit = |number| Op::EditComment { id: comment(number), body: "How?".parse().unwrap() };
    let add = Op::comment(comment(9), item(1), "New.".parse().unwrap());
    let batch = |ops: &[Op]| Op::batch(ops.to_vec());
    let check = |op: &Op, actor, role| authorise(&roadmap, op, user(actor), role);
    assert_eq!(check(&batch(&[edit(1)]), 1, Role::Editor), Ok(()));
    assert_eq!(check(&batch(&[edit(1)]), 2, Role::Owner), Err(Reject::NotYourComment));
    assert_eq!(check(&batch(&[batch(&[edit(1)])]), 2, Role::Owner), Err(Reject::NotYourComment));
    assert_eq!(check(&batch(&[add, edit(9)]), 2, Role::Editor), Ok(()), "its own new comment");
    assert_eq!(check(&batch(&[]), 2, Role::Stakeholder), Err(Reject::NotAllowed(Role::Stakeholder)));
}

#[test]
fn capabilities_grow_with_the_role() {
    let table: Vec<[bool; 5]> = Role::ALL
        .iter()
        .map(|role| {
            [
                role.can_vote(),
                role.can_comment(),
                role.can_edit(),
                role.sees_voters(),
                role.can_manage_people(),
            ]
        })
        .collect();
    assert_eq!(
        table,
        [[true; 5], [true, true, true, true, false], [true, true, false, false, false], [false; 5]]
    );
    for role in Role::ALL {
        assert_eq!(role.as_str().parse::<Role>().unwrap(), role);
    }
    assert!("admin".parse::<Role>().is_err());
}
