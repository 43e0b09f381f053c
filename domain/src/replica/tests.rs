mod texts;
mod threads;

use super::*;
use crate::{Description, Document, ItemChange, ItemId, Place, fixture::*};

fn client(number: u8) -> ClientId {
    ClientId::new(5, [number; 10])
}

fn snapshot(head: u64) -> Snapshot {
    Snapshot { roadmap: RoadmapId::NIL, epoch: 1, head, document: Document::from(roadmap()) }
}

/// An editor's page with the document at entry 10, connected.
fn page() -> Replica {
    let mut page = Replica::new(snapshot(10), client(1), person(1), Role::Editor);
    page.welcomed(1);
    page
}

fn rename(number: u8, name: &str) -> Op {
    set(number, ItemChange::Title(title(name)))
}

fn entry(seq: u64, op: Op) -> Entry {
    Entry { seq, client: client(9), cseq: seq, actor: person(3), at: Timestamp(2_000), op, items: Vec::new() }
}

fn own(seq: u64, cseq: u64, op: Op) -> Entry {
    Entry { client: client(1), cseq, actor: person(1), ..entry(seq, op) }
}

fn left(cseq: u64, op: Op, on: Option<&str>) -> Left {
    Left { cseq, op, at: Timestamp(1_000), on: on.map(str::to_owned) }
}

fn accepted(cseq: u64, seq: u64) -> Acked {
    Acked { cseq, outcome: Outcome::Accepted { seq } }
}

fn refused(cseq: u64) -> Acked {
    Acked { cseq, outcome: Outcome::Refused(Reject::Archived) }
}

fn edit(page: &mut Replica, op: &Op) -> Edited {
    page.edit(op.clone(), Timestamp(1_500)).unwrap()
}

fn numbers(push: Option<Vec<Pushed>>) -> Vec<u64> {
    push.into_iter().flatten().map(|pushed| pushed.cseq).collect()
}

fn titles(roadmap: &Roadmap) -> String {
    board(roadmap).split(" |").next().unwrap().to_owned()
}

#[test]
fn an_edit_shows_at_once_and_is_confirmed_by_its_entry() {
    let mut page = page();
    let op = rename(1, "Alpha");
    let edited = edit(&mut page, &op);
    assert_eq!(edited.inverse, [rename(1, "A")]);
    assert_eq!(
        (titles(page.view()), titles(page.confirmed())),
        ("Now: Alpha B C D".into(), "Now: A B C D".into())
    );
    assert_eq!((page.unsaved(), page.head()), (1, 10));

    assert_eq!(numbers(page.take_push()), [1]);
    assert_eq!(page.acknowledge(vec![accepted(1, 11)]), (Touched::default(), vec![]));
    assert_eq!((page.unsaved(), page.pending().count()), (0, 1), "saved, and its entry is still to come");
    page.receive(vec![own(11, 1, op)]).unwrap();
    assert_eq!((page.pending().count(), page.head()), (0, 11));
    assert_eq!(page.view(), page.confirmed());
    assert_eq!(titles(page.view()), "Now: Alpha B C D");
}

#[test]
fn entries_that_got_lost_are_missed_even_when_none_follow() {
    let mut page = page();
    assert!(!page.lacks(11), "they may still be on their way");
    assert!(page.lacks(11));
    page.welcomed(1);
    assert!(!page.lacks(11), "the connection has begun anew");
    page.receive(vec![entry(11, rename(1, "Alpha"))]).unwrap();
    assert!(!page.lacks(11));
}

#[test]
fn a_refused_edit_is_refused_at_once_where_the_page_knows() {
    let mut page = page();
    let before = page.view().clone();
    assert_eq!(page.edit(Op::Upvote { item: item(9) }, Timestamp(0)), Err(Reject::UnknownItem));
    let mut viewer = Replica::new(snapshot(10), client(2), person(2), Role::Viewer);
    assert_eq!(viewer.edit(rename(1, "X"), Timestamp(0)), Err(Reject::NotAllowed(Role::Viewer)));
    assert_eq!((page.view(), page.unsaved(), viewer.unsaved()), (&before, 0, 0));
    assert_eq!(page.take_push(), None);
}

#[test]
fn others_entries_go_below_what_is_pending() {
    let mut page = page();
    edit(&mut page, &move_items(&[1], 2, Place::First));
    let touched = page
        .receive(vec![entry(11, rename(1, "Alpha")), entry(12, create(9, 1, Place::First, "New"))])
        .unwrap();
    assert_eq!(board(page.view()), "Now: New B C D | Next: Alpha E | Later:");
    assert_eq!(board(page.confirmed()), "Now: New Alpha B C D | Next: E | Later:");
    assert!(
        touched.items.contains(&item(9))
            && touched.items.contains(&item(1))
            && touched.orders.contains(&lane(1))
    );
}

#[test]
fn entries_are_taken_once_and_only_in_order() {
    let mut page = page();
    page.receive(vec![entry(11, create(9, 1, Place::Last, "New"))]).unwrap();
    let before = page.clone();
    let touched =
        page.receive(vec![entry(10, rename(1, "Old")), entry(11, create(9, 1, Place::Last, "New"))]).unwrap();
    assert_eq!((touched, page.view(), page.head()), (Touched::default(), before.view(), 11));

    assert_eq!(page.receive(vec![entry(13, rename(1, "Alpha"))]), Err(Gap { head: 11, got: 13 }));
    let hole = vec![entry(12, rename(1, "Alpha")), entry(14, rename(1, "Beta"))];
    assert_eq!(page.receive(hole), Err(Gap { head: 12, got: 14 }), "a frame with a hole is not begun");
    assert_eq!((page.view(), page.head()), (before.view(), 11));
    assert_eq!(page.hello(), before.hello());

    page.receive(vec![entry(11, rename(1, "Old")), entry(12, rename(1, "Alpha"))]).unwrap();
    assert_eq!(titles(page.view()), "Now: Alpha B C D New");
}

#[test]
fn what_is_unanswered_is_sent_again_and_what_is_answered_is_not() {
    let mut page = page();
    let ops = [rename(1, "Alpha"), rename(2, "Beta"), rename(3, "Gamma")];
    edit(&mut page, &ops[0]);
    edit(&mut page, &ops[1]);
    assert_eq!(numbers(page.take_push()), [1, 2]);
    edit(&mut page, &ops[2]);
    assert_eq!(page.take_push(), None, "one push is under way");
    page.acknowledge(vec![accepted(1, 11)]);
    assert_eq!(page.take_push(), None, "half of it is answered");
    page.welcomed(1);
    assert_eq!(numbers(page.take_push()), [2, 3]);
    // The answer was lost, its entry tells as much.
    page.receive(vec![own(11, 1, ops[0].clone()), own(12, 2, ops[1].clone())]).unwrap();
    page.welcomed(1);
    assert_eq!(numbers(page.take_push()), [3]);
    page.acknowledge(vec![accepted(2, 12), accepted(3, 13)]);
    page.receive(vec![own(13, 3, ops[2].clone())]).unwrap();
    assert_eq!((page.pending().count(), page.take_push()), (0, None));
    edit(&mut page, &rename(4, "Delta"));
    assert_eq!(numbers(page.take_push()), [4], "numbers go on");
}

#[test]
fn a_refusal_is_told_once() {
    let mut page = page();
    edit(&mut page, &create(9, 1, Place::Last, "New"));
    edit(&mut page, &rename(9, "Newer"));
    page.take_push();
    let (touched, told) = page.acknowledge(vec![refused(1), refused(1)]);
    assert_eq!(told, [Refusal { op: create(9, 1, Place::Last, "New"), reject: Reject::Archived }]);
    assert!(touched.items.contains(&item(9)) && touched.orders.contains(&lane(1)));
    assert_eq!(titles(page.view()), "Now: A B C D", "it has left the view, and what built on it too");
    assert_eq!(page.acknowledge(vec![refused(1)]), (Touched::default(), vec![]));
    assert_eq!(
        page.pending().map(|pending| pending.doomed.clone()).collect::<Vec<_>>(),
        [Some(Reject::UnknownItem)]
    );
}

#[test]
fn a_doomed_edit_waits_for_the_servers_word() {
    let mut page = page();
    edit(&mut page, &rename(1, "Alpha"));
    page.take_push();
    page.receive(vec![entry(11, Op::DeleteItems { ids: items(&[1]) })]).unwrap();
    assert_eq!(page.pending().next().unwrap().doomed, Some(Reject::ItemDeleted("A".to_owned())));
    assert_eq!(page.unsaved(), 1);
    page.receive(vec![entry(12, Op::restore(items(&[1])))]).unwrap();
    assert_eq!(page.pending().next().unwrap().doomed, None, "somebody brought it back");
    assert_eq!(titles(page.view()), "Now: Alpha B C D");
}

#[test]
fn a_fresh_document_keeps_what_is_pending() {
    let mut page = page();
    for name in ["One", "Two", "Three"] {
        edit(&mut page, &rename(1, name));
    }
    page.take_push();
    page.acknowledge(vec![accepted(1, 15), accepted(2, 20)]);
    let touched = page.replace(snapshot(15));
    let left: Vec<(u64, Option<u64>)> =
        page.pending().map(|pending| (pending.cseq, pending.accepted)).collect();
    assert_eq!(left, [(2, Some(20)), (3, None)], "the first is in the document");
    assert_eq!((titles(page.view()), page.head()), ("Now: Three B C D".into(), 15));
    assert_eq!(numbers(page.take_push()), [3]);
    assert!(touched.items.contains(&item(2)), "rows of another document count as changed");
}

#[test]
fn an_answer_for_what_the_document_holds_already_ends_the_wait() {
    let mut page = page();
    edit(&mut page, &create(9, 1, Place::Last, "New"));
    page.take_push();
    // It was accepted as entry 11, the answer was lost, and the document came over HTTP.
    let mut fresh = roadmap();
    done(&mut fresh, &create(9, 1, Place::Last, "New"), 1);
    page.replace(Snapshot { document: Document::from(fresh), ..snapshot(11) });
    assert_eq!(page.pending().next().unwrap().doomed, Some(Reject::DuplicateId));
    assert_eq!(numbers(page.take_push()), [1]);
    let (_, told) = page.acknowledge(vec![accepted(1, 11)]);
    assert_eq!((told, page.pending().count()), (vec![], 0));
    assert_eq!(titles(page.view()), "Now: A B C D New");
}

#[test]
fn a_document_of_another_epoch_is_taken_and_what_is_pending_is_sent_anew() {
    let mut page = page();
    edit(&mut page, &rename(1, "Alpha"));
    edit(&mut page, &rename(2, "Beta"));
    page.take_push();
    page.acknowledge(vec![accepted(1, 11)]);
    page.receive(vec![own(11, 1, rename(1, "Alpha"))]).unwrap();
    page.acknowledge(vec![accepted(2, 12)]);
    edit(&mut page, &rename(3, "Gamma"));

    page.identify(client(2));
    page.replace(Snapshot { epoch: 2, ..snapshot(40) });
    assert_eq!(titles(page.view()), "Now: A Beta Gamma D", "what was confirmed is gone with the old log");
    page.welcomed(2);
    assert_eq!(numbers(page.take_push()), [1, 2], "what was acknowledged there is not here");
    assert_eq!((page.client(), page.epoch(), page.unsaved()), (client(2), 2, 2));
    page.receive(vec![Entry { client: client(2), ..own(41, 1, rename(2, "Beta")) }]).unwrap();
    assert_eq!(page.unsaved(), 1);
}

#[test]
fn a_page_sends_nothing_to_a_server_of_another_epoch_before_it_has_its_document() {
    let mut page = page();
    for name in ["One", "Two"] {
        edit(&mut page, &rename(1, name));
    }
    page.take_push();
    page.acknowledge(vec![accepted(1, 11)]);
    page.receive(vec![own(11, 1, rename(1, "One"))]).unwrap();

    // The server was restored from a backup that knows less of this page: number 2 would be out of order there.
    page.welcomed(2);
    assert_eq!(page.take_push(), None, "its document is of another epoch");
    page.identify(client(2));
    page.replace(Snapshot { epoch: 2, ..snapshot(10) });
    assert_eq!(page.take_push(), None, "the server knows it by its earlier name");
    page.welcomed(2);
    assert_eq!(numbers(page.take_push()), [1]);
}

#[test]
fn answers_to_earlier_numbers_are_not_taken_for_answers_to_new_ones() {
    let mut page = page();
    for name in ["One", "Two"] {
        edit(&mut page, &rename(1, name));
    }
    page.take_push();
    page.acknowledge(vec![accepted(1, 11)]);
    page.receive(vec![own(11, 1, rename(1, "One"))]).unwrap();
    edit(&mut page, &rename(2, "Three"));
    page.identify(client(2));
    page.replace(Snapshot { epoch: 2, ..snapshot(10) });

    let late = page.acknowledge(vec![refused(2)]);
    assert_eq!(late, (Touched::default(), vec![]), "this was number 2 under its earlier name");
    page.welcomed(2);
    assert_eq!(numbers(page.take_push()), [1, 2]);
    assert_eq!(titles(page.view()), "Now: Two Three C D");
}

#[test]
fn entries_of_one_epoch_are_not_applied_to_the_document_of_another() {
    let mut page = page();
    page.identify(client(2));
    page.replace(Snapshot { epoch: 2, ..snapshot(10) });
    // These were on their way before the server was restored, and fit by their number only.
    assert_eq!(page.receive(vec![entry(11, rename(1, "Alpha"))]), Ok(Touched::default()));
    assert_eq!((titles(page.view()), page.head()), ("Now: A B C D".into(), 10));
    page.welcomed(2);
    page.receive(vec![entry(11, rename(1, "Beta"))]).unwrap();
    assert_eq!((titles(page.view()), page.head()), ("Now: Beta B C D".into(), 11));
}

#[test]
fn a_page_that_diverged_asks_for_the_document() {
    let mut page = page();
    let impossible = vec![entry(11, rename(1, "Alpha")), entry(12, rename(99, "?"))];
    assert_eq!(page.receive(impossible), Err(Gap { head: 11, got: 12 }));
    assert!(matches!(page.hello(), ClientMessage::Hello { epoch: 0, .. }));
    // A server does not decide what is pushed after such a hello.
    edit(&mut page, &rename(1, "Beta"));
    page.welcomed(1);
    assert_eq!(page.take_push(), None);
    let touched = page.replace(snapshot(12));
    assert!(touched.items.contains(&item(1)));
    assert!(matches!(page.hello(), ClientMessage::Hello { epoch: 1, have: 12, .. }));
    page.welcomed(1);
    assert_eq!(page.take_push().map(|ops| ops.len()), Some(1));
    page.receive(vec![entry(13, rename(1, "Alpha"))]).unwrap();
}

#[test]
fn an_own_entry_in_the_tail_is_as_good_as_its_answer() {
    let mut page = page();
    for name in ["Alpha", "Beta", "Gamma"] {
        edit(&mut page, &rename(1, name));
    }
    assert_eq!(page.take_push().map(|ops| ops.len()), Some(3));
    // The connection is lost. The first was refused, the second is in the log, the third never came.
    page.welcomed(1);
    assert_eq!(page.take_push().map(|ops| ops.len()), Some(3));
    page.receive(vec![own(11, 2, rename(1, "Beta"))]).unwrap();
    assert_eq!(page.pending().map(|pending| pending.cseq).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(page.take_push(), None, "what is under way is waited for");
    let (_, refusals) = page.acknowledge(vec![refused(1), accepted(2, 11), accepted(3, 12)]);
    assert_eq!(refusals.len(), 1);
    assert_eq!(page.unsaved(), 0);
    page.receive(vec![own(12, 3, rename(1, "Gamma"))]).unwrap();
    assert_eq!(page.pending().count(), 0);
}

#[test]
fn a_push_fits_a_frame() {
    let mut page = page();
    let long = |letter: &str| Description::parse(&letter.repeat(20_000)).unwrap();
    for round in 0..200_u32 {
        let text = if round % 2 == 0 { long("移") } else { long("\"") };
        edit(&mut page, &set(1, ItemChange::Description(text)));
    }
    let mut sent = Vec::new();
    while let Some(ops) = page.take_push() {
        assert!(ops.len() <= MAX_PUSH);
        sent.extend(ops.iter().map(|pushed| pushed.cseq));
        let results = ops.iter().map(|pushed| refused(pushed.cseq)).collect();
        let frame = serde_json::to_string(&ClientMessage::Push { ops }).unwrap();
        assert!(frame.len() <= crate::wire::MAX_FRAME, "{} bytes", frame.len());
        page.acknowledge(results);
    }
    assert_eq!(sent, (1..=200).collect::<Vec<u64>>(), "all were sent, in order");

    let many = |count: u64| (0..count).map(|n| create_with(n, "x".repeat(200))).collect();
    let before = page.view().clone();
    assert_eq!(page.edit(Op::batch(many(2_000)), Timestamp(0)), Err(Reject::TooLarge));
    assert_eq!((page.view(), page.unsaved()), (&before, 0));
    edit(&mut page, &Op::batch(many(500)));
    for _ in 0..100 {
        edit(&mut page, &rename(1, "A"));
    }
    assert_eq!(page.take_push().map(|ops| ops.len()), Some(MAX_PUSH));
}

fn create_with(number: u64, text: String) -> Op {
    let fields = Box::new(crate::ItemFields::titled(title(&text)));
    Op::CreateItem { id: ItemId::new(number, [8; 10]), lane: lane(1), place: Place::Last, fields }
}

#[test]
fn a_page_takes_its_own_vote_by_name_and_others_masked() {
    let masked = Document::from(roadmap().masked_for(person(4)));
    let mut page =
        Replica::new(Snapshot { document: masked, ..snapshot(10) }, client(1), person(4), Role::Stakeholder);
    page.welcomed(1);
    edit(&mut page, &Op::Upvote { item: item(1) });
    assert_eq!(page.view().vote_count(item(1)), 2);
    let own =
        Entry { client: client(1), cseq: 1, actor: person(4), ..entry(11, Op::Upvote { item: item(1) }) };
    let other = entry(12, Op::Upvote { item: item(1) });
    let entries = [own, other].map(|entry| entry.masked_for(person(4)));
    let touched = page.receive(entries.to_vec()).unwrap();
    assert!(touched.votes.iter().any(|(voted, _)| *voted == item(1)));
    assert_eq!(page.view().vote_count(item(1)), 3);
    assert!(page.view().has_voted(item(1), person(4)) && !page.view().has_voted(item(1), person(3)));
}

#[test]
fn what_a_page_that_is_gone_left_is_sent_first_and_under_its_own_numbers() {
    let mut page = page();
    edit(&mut page, &rename(3, "Gamma"));
    let left = vec![left(4, rename(1, "Alpha"), None), left(5, rename(3, "Gone"), None)];
    let touched = page.adopt(client(7), 1, left);
    assert!(touched.items.contains(&item(1)));
    assert_eq!(titles(page.view()), "Now: Alpha B Gamma D", "what was done here comes on top");
    assert_eq!((page.sender(), page.unsaved()), (client(7), 3));
    assert!(matches!(page.hello(), ClientMessage::Hello { client: sender, .. } if sender == client(7)));
    assert_eq!(numbers(page.take_push()), [4, 5]);

    // The first was on the server's disk already; its entry is in the document this page began with.
    page.acknowledge(vec![accepted(4, 9)]);
    assert_eq!((page.sender(), page.take_push()), (client(7), None), "the other is on its way");
    page.acknowledge(vec![accepted(5, 11)]);
    assert_eq!((page.sender(), page.unsaved()), (client(1), 1));
    assert!(matches!(page.hello(), ClientMessage::Hello { client: sender, .. } if sender == client(1)));
    page.welcomed(1);
    assert_eq!(numbers(page.take_push()), [1]);
    page.receive(vec![Entry { client: client(7), ..own(11, 5, rename(3, "Gone")) }]).unwrap();
    page.receive(vec![own(12, 1, rename(3, "Gamma"))]).unwrap();
    assert_eq!((page.pending().count(), titles(page.view())), (0, "Now: A B Gamma D".into()));
}

#[test]
fn what_was_taken_over_is_renumbered_with_the_rest_for_another_epoch() {
    let mut page = page();
    page.adopt(client(7), 1, vec![left(4, rename(1, "Alpha"), None)]);
    edit(&mut page, &rename(3, "Gamma"));
    page.identify(client(2));
    page.replace(Snapshot { epoch: 2, ..snapshot(40) });
    page.welcomed(2);
    assert_eq!((page.sender(), numbers(page.take_push())), (client(2), vec![1, 2]));
}

#[test]
fn what_was_left_in_another_epoch_gets_numbers_of_this_one() {
    let mut page = page();
    edit(&mut page, &rename(3, "Gamma"));
    page.adopt(client(7), 9, vec![left(4, rename(1, "Alpha"), None)]);
    assert_eq!(titles(page.view()), "Now: Alpha B Gamma D");
    assert_eq!((page.sender(), numbers(page.take_push())), (client(1), vec![1, 2]));
}
