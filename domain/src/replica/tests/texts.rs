//! Texts that others write in, too.

use super::*;

const TEXT: TextOf = TextOf::Description(ItemId::NIL);

fn text() -> TextOf {
    TextOf::Description(item(1))
}

/// What makes one text of the other.
fn write(old: &str, new: &str) -> Op {
    Op::EditText { text: text(), base: 0, delta: Delta::between(old, new) }
}

fn type_in(page: &mut Replica, new: &str) {
    let op = write(shown(page), new);
    edit(page, &op);
}

fn shown(page: &Replica) -> &str {
    page.view().text(text()).unwrap()
}

/// A page whose first item is described like that, at entry 11.
fn described(start: &str) -> Replica {
    let mut page = page();
    page.receive(vec![entry(11, write("", start))]).unwrap();
    page
}

/// The next push: numbers, bases and changes.
fn pushed(page: &mut Replica) -> Vec<(u64, u64, Delta)> {
    let edits = page.take_push().into_iter().flatten().map(|pushed| match pushed.op {
        Op::EditText { base, delta, .. } => (pushed.cseq, base, delta),
        other => panic!("{other:?}"),
    });
    edits.collect()
}

#[test]
fn what_others_type_comes_under_what_is_typed_here() {
    let mut page = described("One. Two.");
    type_in(&mut page, "One. Mine. Two.");
    assert_eq!(pushed(&mut page), [(1, 11, Delta::between("One. Two.", "One. Mine. Two."))]);
    type_in(&mut page, "One. Mine. Two. More.");
    assert_eq!(page.take_push(), None);

    page.receive(vec![entry(12, write("One. Two.", "Theirs. One. Two."))]).unwrap();
    assert_eq!(shown(&page), "Theirs. One. Mine. Two. More.");
    // The connection breaks: the same number, carried over, on a newer base.
    page.welcomed(1);
    assert_eq!(pushed(&mut page), [(1, 12, Delta::between("Theirs. One. Two.", "Theirs. One. Mine. Two."))]);
    page.acknowledge(vec![accepted(1, 13)]);
    assert_eq!(page.take_push(), None, "what the next was made on is not confirmed");
    page.receive(vec![own(13, 1, write("Theirs. One. Two.", "Theirs. One. Mine. Two."))]).unwrap();
    assert_eq!(shown(&page), "Theirs. One. Mine. Two. More.");
    let rest = Delta::between("Theirs. One. Mine. Two.", "Theirs. One. Mine. Two. More.");
    assert_eq!(pushed(&mut page), [(2, 13, rest)]);
}

#[test]
fn further_typing_becomes_part_of_what_was_never_sent() {
    let mut page = described("");
    type_in(&mut page, "a");
    page.take_push();
    for typed in ["ab", "abc", "ab"] {
        type_in(&mut page, typed);
    }
    assert_eq!(page.pending().map(|pending| pending.cseq).collect::<Vec<_>>(), [1, 2]);
    edit(&mut page, &rename(2, "Beta"));
    type_in(&mut page, "ab!");
    assert_eq!(page.pending().count(), 4);
    // What was sent once may have been taken, whatever became of the connection.
    page.welcomed(1);
    assert_eq!(numbers(page.take_push()), [1]);
    page.acknowledge(vec![accepted(1, 12)]);
    page.receive(vec![own(12, 1, write("", "a"))]).unwrap();
    assert_eq!(numbers(page.take_push()), [2, 3]);
}

#[test]
fn what_several_type_at_one_place_is_not_mixed() {
    let mut page = described("One.");
    type_in(&mut page, "One. A");
    page.receive(vec![entry(12, write("One.", "One. B"))]).unwrap();
    assert_eq!(shown(&page), "One. A B", "what was never sent");
    page.take_push();
    type_in(&mut page, "One. AA B");
    let theirs = |seq, client, delta: &str| {
        let delta = serde_json::from_str(delta).unwrap();
        Entry { client, ..entry(seq, Op::EditText { text: text(), base: seq - 1, delta }) }
    };
    page.receive(vec![theirs(13, ClientId::NIL, r#"[4," C",2]"#)]).unwrap();
    assert_eq!(shown(&page), "One. C AA B", "what was sent, and what continues it");
    page.receive(vec![theirs(14, client(250), r#"[6," D",2]"#)]).unwrap();
    assert_eq!(shown(&page), "One. C AA D B", "as the server has it");
}

#[test]
fn a_refused_edit_leaves_what_was_typed_on_top_of_it() {
    let mut page = described("One.");
    type_in(&mut page, "One. Refused.");
    page.take_push();
    type_in(&mut page, "Zero. One. Refused.");
    page.acknowledge(vec![refused(1)]);
    assert_eq!(shown(&page), "Zero. One.");
    assert_eq!(pushed(&mut page), [(2, 11, Delta::between("One.", "Zero. One."))]);
}

#[test]
fn a_fresh_document_is_merged_with_what_is_pending() {
    let mut page = described("One. Two. Three.");
    type_in(&mut page, "One. Two. Three. Mine.");
    page.take_push();
    page.acknowledge(vec![accepted(1, 13)]);
    type_in(&mut page, "First. One. Two. Three. Mine.");
    let mut fresh = snapshot(20);
    let mut roadmap = Roadmap::from(fresh.document);
    let theirs = write("", "One. Changed. Three. Mine.");
    apply(&mut roadmap, &theirs, &by(3)).unwrap();
    fresh.document = Document::from(roadmap);
    page.replace(fresh);
    assert_eq!(shown(&page), "First. One. Changed. Three. Mine.");
    page.welcomed(1);
    assert_eq!(numbers(page.take_push()), [2]);
}

#[test]
fn what_is_written_anew_as_it_was_moves_nothing_in_it() {
    let rewrite = set(1, ItemChange::Description(Description::parse("One. Two.").unwrap()));
    // Confirmed, and refused.
    for confirmed in [true, false] {
        let mut page = described("One. Two.");
        edit(&mut page, &rewrite);
        let sent = page.take_push().unwrap();
        type_in(&mut page, "One. Mine. Two.");
        if confirmed {
            page.receive(vec![own(12, 1, sent[0].op.clone())]).unwrap();
        } else {
            page.acknowledge(vec![refused(1)]);
        }
        assert_eq!(shown(&page), "One. Mine. Two.");
        let (base, delta) = (page.head(), Delta::between("One. Two.", "One. Mine. Two."));
        assert_eq!(pushed(&mut page), [(2, base, delta)]);
    }
}

#[test]
fn a_text_that_a_fresh_document_lacks_begins_again_as_it_was_created_here() {
    let text = TextOf::Description(item(9));
    let write = |old: &str, new: &str| Op::EditText { text, base: 0, delta: Delta::between(old, new) };
    let description = Description::parse("One.").unwrap();
    let fields = crate::ItemFields { description, ..crate::ItemFields::titled(title("New")) };
    let new = Op::CreateItem { id: item(9), lane: lane(1), place: Place::Last, fields: Box::new(fields) };
    let mut page = page();
    edit(&mut page, &new);
    edit(&mut page, &write("One.", "One. Two."));
    // The server did both, its answers were lost, and the document it gives now has them; the next one has not.
    let mut with = roadmap();
    for op in [&new, &write("One.", "One. Two.")] {
        apply(&mut with, op, &Context { actor: person(1), at: Timestamp(2_000) }).unwrap();
    }
    page.replace(Snapshot { document: Document::from(with), ..snapshot(12) });
    page.identify(client(2));
    page.replace(Snapshot { epoch: 2, ..snapshot(10) });
    assert_eq!(page.view().text(text), Some("One. Two."));
    page.welcomed(2);
    let ops: Vec<Op> = page.take_push().into_iter().flatten().map(|pushed| pushed.op).collect();
    assert_eq!(ops, [new, Op::EditText { text, base: 10, delta: Delta::between("One.", "One. Two.") }]);
}

#[test]
fn a_text_that_is_written_anew_keeps_what_is_being_typed() {
    let mut page = described("One. Two.");
    type_in(&mut page, "One. Mine. Two.");
    page.receive(vec![entry(12, set(1, ItemChange::Description("All new. ".parse().unwrap())))]).unwrap();
    assert_eq!(shown(&page), "All new. Mine. ");
    // Nothing changed: nothing moves.
    page.receive(vec![entry(13, set(1, ItemChange::Description("All new. ".parse().unwrap())))]).unwrap();
    assert_eq!(shown(&page), "All new. Mine. ");
}

#[test]
fn what_a_page_left_is_merged_with_the_text_as_it_is_now() {
    for epoch in [1, 9] {
        let mut page = described("One. Two. Three.");
        type_in(&mut page, "One. Two. Three. Here.");
        let edits = vec![
            left(4, write("One. Three.", "Left. One. Three."), Some("One. Three.")),
            left(5, write("Left. One. Three.", "Left. Again. One. Three."), None),
        ];
        page.adopt(client(7), epoch, edits);
        assert_eq!(shown(&page), "Left. Again. One. Two. Three. Here.");
        let waiting: Vec<_> = page.left().map(|(pending, on)| (pending.op.clone(), on.is_some())).collect();
        assert_eq!(waiting.iter().map(|(_, first)| *first).collect::<Vec<_>>(), [true, false, false]);
    }
}

#[test]
fn a_text_without_an_edit_that_is_doomed_is_not_edited_further() {
    let mut page = described("One.");
    type_in(&mut page, "One. Two.");
    page.receive(vec![entry(12, Op::DeleteItems { ids: items(&[1]) })]).unwrap();
    assert_eq!(shown(&page), "One.");
    edit(&mut page, &Op::restore(items(&[1])));
    let again = page.edit(write("One.", "One!"), Timestamp(1_600));
    assert!(matches!(again, Err(Reject::ItemDeleted(_))), "{again:?}");
    assert!(matches!(
        page.edit(Op::EditText { text: TEXT, base: 0, delta: Delta::default() }, Timestamp(0)),
        Err(Reject::UnknownItem)
    ));
}
