//! Texts that many write at once.

use backend::Viewer;
use domain::{
    ClientId, Delta, Entry, FieldValue, ItemChange, ItemId, Op, Reject, RoadmapId, Role, TextOf,
    wire::{Outcome, Pushed},
};

use crate::{
    harness::{Store, stories},
    rooms::{answers, create, entries, first_lane, id, is_sound, join, product},
};

stories! {
    two_pages_write_one_description_and_both_have_all_of_it
    an_edit_that_was_made_long_ago_is_carried_over_everything_since
    what_one_person_types_is_one_line_of_history
}

fn write(item: ItemId, base: u64, old: &str, new: &str) -> Op {
    Op::EditText { text: TextOf::Description(item), base, delta: Delta::between(old, new) }
}

async fn text(viewer: &Viewer, roadmap: RoadmapId, item: ItemId) -> String {
    viewer.view(roadmap).await.unwrap().roadmap.text(TextOf::Description(item)).unwrap().to_owned()
}

/// An item that is described like that, and the head.
async fn described(owner: &Viewer, roadmap: RoadmapId, start: &str) -> (ItemId, u64) {
    let (item, created) = create(first_lane(owner, roadmap).await, "Written");
    owner.submit(roadmap, vec![created]).await.unwrap();
    let base = owner.view(roadmap).await.unwrap().head;
    owner.submit(roadmap, vec![write(item, base, "", start)]).await.unwrap();
    (item, base + 1)
}

async fn two_pages_write_one_description_and_both_have_all_of_it(store: Store) {
    let (owner, product) = product(&store).await;
    let editor = store.person("edith", Role::Editor).await;
    let (item, base) = described(&owner, product.roadmap, "One. Two.").await;
    let mut first = join(&owner, product.roadmap, id(ClientId::new)).await.connection;
    let second = join(&editor, product.roadmap, id(ClientId::new)).await.connection;
    let push = |op| vec![Pushed { cseq: 1, op }];
    first.push(push(write(item, base, "One. Two.", "Begin. One. Mid. Two.")), 0).await.unwrap();
    second.push(push(write(item, base, "One. Two.", "One. Middle. Two. End.")), 0).await.unwrap();
    assert!(matches!(answers(&mut first).await[..], [Outcome::Accepted { .. }]));
    let mut seen: Vec<Entry> = Vec::new();
    while seen.len() < 2 {
        seen.extend(entries(&mut first).await);
    }
    // The log has each as a change of the text right before it.
    let mut now = "One. Two.".to_owned();
    for entry in &seen {
        let Op::EditText { base, delta, .. } = &entry.op else { panic!("{entry:?}") };
        assert_eq!(*base, entry.seq - 1);
        now = delta.apply(&now).unwrap();
    }
    assert_eq!(text(&owner, product.roadmap, item).await, now);
    for part in ["Begin. One.", "Mid.", "Middle.", "Two. End."] {
        assert!(now.contains(part), "{now} has no {part}");
    }
    drop((first, second));
    is_sound(&store.backend).await;
}

async fn an_edit_that_was_made_long_ago_is_carried_over_everything_since(store: Store) {
    let (owner, product) = product(&store).await;
    let roadmap = product.roadmap;
    let (item, base) = described(&owner, roadmap, "One. Two.").await;
    let mut now = "One. Two.".to_owned();
    for n in 0..20 {
        let ops = (0..50).map(|k| Op::set(item, ItemChange::Title(format!("{n} {k}").parse().unwrap())));
        owner.submit(roadmap, ops.take(if n % 2 == 0 { 20 } else { 10 }).collect()).await.unwrap();
        let head = owner.view(roadmap).await.unwrap().head;
        let longer = format!("{n}, {now}");
        owner.submit(roadmap, vec![write(item, head, &now, &longer)]).await.unwrap();
        now = longer;
    }
    // A process that has nothing of it in memory.
    let other = store.second_process().await;
    let other: Viewer = (**other.people().first_owner().await.unwrap()).clone();
    let late = write(item, base, "One. Two.", "One. Late. Two.");
    let outcome = other.submit(roadmap, vec![late]).await.unwrap().remove(0).outcome;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    now = now.replace("One.", "One. Late.");
    assert_eq!(text(&other, roadmap, item).await, now);

    // Nobody says what was between an entry that is not there yet and the present.
    let early = write(item, 1_000_000, &now, "Early.");
    let outcome = owner.submit(roadmap, vec![early]).await.unwrap().remove(0).outcome;
    assert_eq!(outcome, Outcome::Refused(Reject::StaleText));
    is_sound(&store.backend).await;
}

async fn what_one_person_types_is_one_line_of_history(store: Store) {
    let (owner, product) = product(&store).await;
    let editor = store.person("edith", Role::Editor).await;
    let (item, _) = described(&owner, product.roadmap, "Intro.\nOne.\nOutro.").await;
    let mut now = "Intro.\nOne.\nOutro.".to_owned();
    for (who, from, to) in [
        (&editor, "One.", "One. T"),
        (&owner, "Outro.", "Outro!"),
        (&editor, "One. T", "One. Two"),
        (&editor, "One. Two", "One. Two.\nThree."),
    ] {
        let head = owner.view(product.roadmap).await.unwrap().head;
        let new = now.replace(from, to);
        who.submit(product.roadmap, vec![write(item, head, &now, &new)]).await.unwrap();
        now = new;
    }
    let history = owner.history(product.roadmap, None, Some(item), 10).await.unwrap();
    let told: Vec<_> = history.lines.iter().map(|line| (line.actor, line.changes.len())).collect();
    assert_eq!(told, [(editor.member().id, 1), (owner.member().id, 1), (owner.member().id, 1)]);
    let domain::Change::ItemSet { before, after, .. } = &history.lines[0].changes[0] else {
        panic!("{told:?}")
    };
    let text = |text: &str| FieldValue::Text(text.to_owned());
    assert_eq!((before, after), (&text("One."), &text("One. Two.\nThree.")));
    assert_eq!(history.lines.last().map(|line| line.seq), Some(history.next));
    assert_eq!(owner.history(product.roadmap, None, None, 2).await.unwrap().lines.len(), 2);
}
