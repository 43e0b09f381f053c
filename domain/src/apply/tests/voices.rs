use std::collections::BTreeSet;

use crate::{
    CommentChange, Context, Document, Op, Reaction, Reject, Roadmap, Stamp, Timestamp, UserId, apply,
    fixture::*,
};

#[test]
fn an_upvote_counts_once_for_each_person() {
    let mut roadmap = roadmap();
    let effects = done(&mut roadmap, &Op::Upvote { item: item(1) }, 3);
    assert_eq!(roadmap.vote_count(item(1)), 2);
    assert!(roadmap.has_voted(item(1), person(3)) && !roadmap.has_voted(item(1), person(1)));
    assert_eq!(effects.touched.votes, BTreeSet::from([(item(1), person(3))]));
    assert_eq!(sentences(&effects), ["upvoted “A”"]);
    assert_eq!(effects.inverse, [], "a vote is not taken back by undo, but by its voter");
    assert_eq!(refused(&roadmap, &Op::Upvote { item: item(1) }, 3), Reject::AlreadyUpvoted);
}

#[test]
fn an_upvote_is_withdrawn_also_from_the_bin() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::DeleteItems { ids: items(&[1]) }, 1);
    assert_eq!(refused(&roadmap, &Op::Upvote { item: item(1) }, 3), Reject::ItemDeleted("A".to_owned()));
    let effects = done(&mut roadmap, &Op::WithdrawUpvote { item: item(1) }, 2);
    assert_eq!(sentences(&effects), ["withdrew the upvote from “A”"]);
    assert_eq!(roadmap.vote_count(item(1)), 0);
    assert!(roadmap.votes(item(1)).is_none());
    assert_eq!(refused(&roadmap, &Op::WithdrawUpvote { item: item(1) }, 2), Reject::NotUpvoted);
}

#[test]
fn votes_survive_a_stay_in_the_bin() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::DeleteItems { ids: items(&[1]) }, 1);
    done(&mut roadmap, &Op::restore(items(&[1])), 1);
    assert_eq!(roadmap.vote_count(item(1)), 1);
}

#[test]
fn a_masked_copy_counts_votes_without_voters() {
    let nobody = Context { actor: UserId::NIL, at: Timestamp(0) };
    let mut masked = roadmap().masked_for(person(3));
    assert_eq!(masked.vote_count(item(1)), 1);
    assert!(masked.votes(item(1)).unwrap().voters.is_empty());

    apply(&mut masked, &Op::Upvote { item: item(1) }, &nobody).unwrap();
    done(&mut masked, &Op::Upvote { item: item(1) }, 3);
    assert_eq!(masked.vote_count(item(1)), 3);
    apply(&mut masked, &Op::WithdrawUpvote { item: item(1) }, &nobody).unwrap();
    apply(&mut masked, &Op::WithdrawUpvote { item: item(1) }, &nobody).unwrap();
    assert!(masked.has_voted(item(1), person(3)), "the own vote is known");
    done(&mut masked, &Op::WithdrawUpvote { item: item(1) }, 3);
    assert_eq!(apply(&mut masked, &Op::WithdrawUpvote { item: item(1) }, &nobody), Err(Reject::NotUpvoted));
    assert_eq!(masked.masked_for(person(3)), masked);
}

#[test]
fn a_reaction_is_its_authors_own_and_counts_once() {
    let mut roadmap = roadmap();
    let react = |on| Op::SetComment {
        id: comment(1),
        change: CommentChange::Reacted { reaction: Reaction::Love, on },
    };
    for by in [1, 3, 3] {
        done(&mut roadmap, &react(true), by);
    }
    let people = |roadmap: &Roadmap| {
        let comment = roadmap.comment(comment(1)).unwrap();
        comment.reactions.get(&Reaction::Love).cloned().unwrap_or_default()
    };
    assert_eq!(people(&roadmap), BTreeSet::from([person(1), person(3)]));
    assert!(done(&mut roadmap, &react(false), 2).changes.is_empty(), "somebody else's stays");
    done(&mut roadmap, &react(false), 1);
    done(&mut roadmap, &react(false), 3);
    assert!(roadmap.comment(comment(1)).unwrap().reactions.is_empty());
}

#[test]
fn comments_are_added_edited_deleted_and_restored() {
    let roadmap = roadmap();
    let add = Op::comment(comment(9), item(2), body("Sure?\n*Yes.*"));
    let edit = Op::EditComment { id: comment(1), body: body("Why not?") };
    let set = |change| Op::SetComment { id: comment(1), change };
    let cases = [
        (add, "commented on “B”"),
        (edit.clone(), "edited a comment on “A”"),
        (Op::DeleteComment { id: comment(1) }, "deleted a comment on “A”"),
        (set(CommentChange::Resolved(true)), "resolved a thread on “A”"),
        (
            set(CommentChange::Reacted { reaction: Reaction::Agree, on: true }),
            "reacted 👍 to a comment on “A”",
        ),
        (Op::RestoreComment { id: comment(2) }, "restored a comment on “A”"),
    ];
    for (op, sentence) in cases {
        let after = done_and_taken_back(&roadmap, &op, 1);
        assert_ne!(after, roadmap);
        let effects = done(&mut roadmap.clone(), &op, 1);
        assert_eq!(sentences(&effects), [sentence]);
        assert_eq!((effects.touched.comments.len(), effects.touched.threads.len()), (1, 1));
    }
    let mut after = roadmap.clone();
    done(&mut after, &edit, 2);
    assert_eq!(
        after.comment(comment(1)).unwrap().edited,
        Some(Stamp { by: person(2), at: Timestamp(1_000) })
    );
    assert_eq!(done(&mut after, &edit, 2), crate::Effects::default(), "the same words are no edit");
}

#[test]
fn a_thread_is_in_order_of_time_and_leaves_out_the_deleted() {
    let mut roadmap = roadmap();
    for (number, at) in [(3, 3_000), (4, 500), (5, 1_000)] {
        let op = Op::comment(comment(number), item(1), body("!"));
        apply(&mut roadmap, &op, &Context { actor: person(1), at: Timestamp(at) }).unwrap();
    }
    let thread: Vec<_> = roadmap.thread(item(1)).map(|comment| comment.id).collect();
    assert_eq!(thread, [comment(4), comment(1), comment(5), comment(3)], "at the same time, by id");
    assert_eq!(Roadmap::from(Document::from(roadmap.clone())), roadmap);
}

#[test]
fn a_comment_can_be_changed_while_its_item_is_in_the_bin() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &Op::DeleteItems { ids: items(&[1]) }, 1);
    done(&mut roadmap, &Op::EditComment { id: comment(1), body: body("Gone.") }, 1);
    done(&mut roadmap, &Op::DeleteComment { id: comment(1) }, 1);
    let add = Op::comment(comment(9), item(1), body("Late."));
    assert_eq!(refused(&roadmap, &add, 1), Reject::ItemDeleted("A".to_owned()));
}
