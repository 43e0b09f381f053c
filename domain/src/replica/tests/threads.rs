//! Comments that a page counts, and those that it loads.

use super::*;
use crate::{Comment, wire::Thread};

/// The room with a second comment on A that is not deleted, all of whose comments another person wrote.
fn full() -> Roadmap {
    let mut full = roadmap();
    done(&mut full, &Op::comment(comment(3), item(1), body("Because.")), 1);
    full
}

/// A page that only counts the comments, at entry 10.
fn counting() -> Replica {
    let document = Document::from(full().holding(|_| false));
    let mut page = Replica::new(Snapshot { document, ..snapshot(10) }, client(1), person(1), Role::Editor);
    page.welcomed(1);
    page
}

/// The thread of A as it is after these entries.
fn thread(entries: &[Entry]) -> Thread {
    let mut full = full();
    entries.iter().for_each(|entry| drop(apply_entry(&mut full, entry).unwrap()));
    let seq = entries.last().map_or(10, |entry| entry.seq);
    Thread { epoch: 1, seq, comments: full.part_of_thread(item(1), None, 100, 100_000) }
}

/// An entry as it comes over the wire.
fn about(seq: u64, op: Op) -> Entry {
    let items = op.comment_items(&full());
    Entry { items, ..entry(seq, op) }
}

fn shown(page: &Replica) -> (Vec<String>, usize) {
    let view = page.view();
    (view.thread(item(1)).map(|comment| comment.body.to_string()).collect(), view.comment_count(item(1)))
}

fn typed(before: &str, after: &str) -> Op {
    Op::EditText { text: TextOf::Comment(comment(1)), base: 0, delta: Delta::between(before, after) }
}

#[test]
fn entries_about_comments_that_are_not_held_change_their_number() {
    let mut page = counting();
    assert_eq!(shown(&page), (vec![], 2));
    let delete = |number| Op::DeleteComment { id: comment(number) };
    let restore = |number| Op::RestoreComment { id: comment(number) };
    let edit = Op::EditComment { id: comment(1), body: body("Really?") };
    let add = Op::comment(comment(9), item(1), body("New."));
    let steps = Op::batch(vec![add, delete(9), restore(9), delete(1), restore(2), restore(1), delete(3)]);
    for (seq, (op, count)) in (11..).zip([
        (delete(1), 1),
        (restore(1), 2),
        (edit, 2),
        (typed("Really?", "Really, why?"), 2),
        (restore(2), 3),
        (delete(2), 2),
        (steps, 3),
    ]) {
        let touched = page.receive(vec![about(seq, op.clone())]).unwrap();
        assert_eq!(page.view().comment_count(item(1)), count, "after {op:?}");
        assert!(touched.threads.contains(&item(1)) || matches!(op, Op::EditText { .. }), "{op:?}");
    }
    assert_eq!(shown(&page), (vec!["New.".to_owned()], 3), "what is added is held");
    // What cannot be: the copy is not the log's.
    let wrong = Entry { items: vec![item(2)], ..entry(18, delete(8)) };
    assert_eq!(page.receive(vec![wrong]), Err(Gap { head: 17, got: 18 }));
}

#[test]
fn a_thread_is_brought_up_to_date_when_it_is_taken() {
    let entries = [
        about(11, typed("Why?", "Why not?")),
        about(12, Op::DeleteComment { id: comment(3) }),
        about(13, Op::RestoreComment { id: comment(2) }),
    ];
    for known in 0..=3 {
        let thread = thread(&entries[..known]);
        let mut behind = counting();
        behind.receive(entries[..known.max(1) - 1].to_vec()).unwrap();
        if known > 0 {
            assert_eq!(behind.load_thread(&thread), Err(Unready::Later), "it lacks entry {}", thread.seq);
        }
        let mut page = counting();
        page.receive(entries.to_vec()).unwrap();
        assert_eq!(shown(&page).1, 2);
        assert!(page.load_thread(&thread).unwrap().threads.contains(&item(1)));
        let mut all = thread_of(&entries);
        // The comment that was restored after the thread had been read is counted.
        let restored = if known < 3 { all.remove(1) } else { String::new() };
        assert_eq!(shown(&page), (all, 2), "{restored}");
        assert_eq!(page.load_thread(&Thread { epoch: 2, ..thread }), Err(Unready::Stale));
    }
    // Entries that were forgotten, and a document that came later.
    let mut page = counting();
    let toggle = |seq| match seq % 2 {
        1 => Op::DeleteComment { id: comment(1) },
        _ => Op::RestoreComment { id: comment(1) },
    };
    page.receive((11..=100).map(|seq| about(seq, toggle(seq))).collect()).unwrap();
    assert_eq!(page.load_thread(&thread(&[])), Err(Unready::Stale));
    assert_eq!(shown(&page).1, 2);
    page.replace(Snapshot { document: Document::from(full().holding(|_| false)), ..snapshot(100) });
    assert_eq!(page.load_thread(&thread(&[about(11, toggle(11))])), Err(Unready::Stale));
}

fn thread_of(entries: &[Entry]) -> Vec<String> {
    thread(entries).comments.iter().map(|comment| comment.body.to_string()).collect()
}

#[test]
fn a_comment_that_is_not_held_is_deleted_and_restored_by_the_server() {
    let mut page = counting();
    let delete = Op::DeleteComment { id: comment(1) };
    let edited = page.edit(delete.clone(), Timestamp(0)).unwrap();
    assert_eq!(edited.inverse, [Op::RestoreComment { id: comment(1) }]);
    assert_eq!((shown(&page).1, page.unsaved()), (2, 1));
    assert_eq!(numbers(page.take_push()), [1]);
    page.receive(vec![Entry { items: vec![item(1)], ..own(11, 1, delete) }]).unwrap();
    assert_eq!((shown(&page).1, page.pending().count()), (1, 0));
    let unseen = page.edit(Op::EditComment { id: comment(1), body: body("No.") }, Timestamp(0));
    assert_eq!(unseen, Err(Reject::UnknownComment));
}

#[test]
fn a_fresh_document_brings_the_comments_that_a_page_holds() {
    let mut page = counting();
    page.load_thread(&thread(&[])).unwrap();
    edit(&mut page, &typed("Why?", "Why, then?"));
    assert_eq!(page.held_comments(), [comment(1), comment(3)], "those with pending edits first");
    let entries = [about(11, typed("Why?", "Oh. Why?"))];
    let mut full = full();
    apply_entry(&mut full, &entries[0]).unwrap();
    let held = page.held_comments();
    let document = Document::from(full.holding(|comment: &Comment| held.contains(&comment.id)));
    page.replace(Snapshot { document, ..snapshot(11) });
    assert_eq!(shown(&page).0, ["Oh. Why, then?", "Because."]);
}

#[test]
fn what_a_page_left_waits_for_the_comment_it_was_written_in() {
    for epoch in [1, 9] {
        let mut page = counting();
        let edits = vec![
            left(4, typed("Why?", "Why, then?"), Some("Why?")),
            left(5, typed("Why, then?", "Why, then? Now?"), None),
        ];
        page.adopt(client(7), epoch, edits);
        assert!(page.lacks_comments());
        assert_eq!(page.take_push(), None, "nobody knows yet what the change is of");
        assert_eq!(page.left().next().unwrap().1, Some("Why?"), "what it was made on is kept");
        assert_eq!(page.held_comments(), [comment(1)]);
        let mut entries = vec![about(11, typed("Why?", "Oh. Why?"))];
        if epoch == 1 {
            // The first of them had been sent.
            let mine = about(12, typed("Oh. Why?", "Oh. Why, then?"));
            entries.push(Entry { client: client(7), cseq: 4, actor: person(1), ..mine });
        }
        page.receive(entries.clone()).unwrap();
        let mut full = full();
        entries.iter().for_each(|entry| drop(apply_entry(&mut full, entry).unwrap()));
        let document = Document::from(full.holding(|held: &Comment| held.id == comment(1)));
        page.replace(Snapshot { document, ..snapshot(page.head()) });
        assert_eq!(shown(&page), (vec!["Oh. Why, then? Now?".to_owned()], 2));
        page.welcomed(1);
        assert!(!page.lacks_comments() && page.take_push().is_some());
    }
}
