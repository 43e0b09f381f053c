//! A roadmap as it was, and what changed since.

use backend::{
    Editor, Error,
    rooms::{Moment, Past},
};
use domain::{BaselineId, Document, ItemChange, Op, PersonDays, Place, Product, Role, Timestamp, UserId};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane},
};

stories! {
    every_moment_is_as_it_was_then
    a_moment_is_found_by_the_clock
    the_past_keeps_votes_secret
    changes_are_told_with_who_when_and_why
    moments_get_names
}

async fn product(store: &Store) -> (Editor, Product) {
    let (owner, product) = crate::rooms::product(store).await;
    (owner.as_editor().unwrap(), product)
}

async fn submit(editor: &Editor, product: &Product, ops: Vec<Op>) {
    for ops in ops.chunks(64) {
        editor.submit(product.roadmap, ops.to_vec()).await.unwrap();
    }
}

async fn at(editor: &Editor, product: &Product, seq: u64) -> Past {
    editor.past(product.roadmap, Moment::Seq(seq)).await.unwrap()
}

fn rename(id: domain::ItemId, title: &str) -> Op {
    Op::set(id, ItemChange::Title(title.parse().unwrap()))
}

async fn every_moment_is_as_it_was_then(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "0");
    submit(&owner, &product, vec![created]).await;
    let first = owner.snapshot(product.roadmap, &[], None).await.unwrap();
    let mut seen = vec![(first.head, first.document)];
    // More than lie between two folds that are kept, and so more than one page of the log.
    for round in 1..=9 {
        let ops = (0..150).map(|n| rename(item, &format!("{}", round * 1_000 + n)));
        submit(&owner, &product, ops.collect()).await;
        let now = owner.snapshot(product.roadmap, &[], None).await.unwrap();
        seen.push((now.head, now.document));
    }
    let last = seen.last().unwrap().0;
    // Back and forth, by a process that has folded nothing yet, and by one that has been at each of them.
    let other = store.second_process().await;
    let reader = other.people().first_owner().await.unwrap();
    for (seq, document) in seen.iter().rev().chain(&seen) {
        let past = at(&reader, &product, *seq).await;
        assert_eq!((past.seq, &Document::from((*past.roadmap).clone())), (*seq, document));
    }
    let nothing = at(&owner, &product, 0).await;
    assert_eq!((nothing.at, Document::from((*nothing.roadmap).clone())), (None, Document::default()));
    assert_eq!(at(&owner, &product, u64::MAX).await.seq, last);
    let unknown = owner.past(domain::RoadmapId(uuid::Uuid::from_u128(7)), Moment::Seq(1)).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
}

async fn a_moment_is_found_by_the_clock(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    submit(&owner, &product, (0..20).map(|n| create(lane, &n.to_string()).1).collect()).await;
    // An entry a minute.
    store.execute("UPDATE op_log SET at_ms = seq * 60000").await;
    let find = async |minutes: i64| {
        let moment = Moment::Time(Timestamp(minutes * 60_000 + 30_000));
        owner.past(product.roadmap, moment).await.unwrap().seq
    };
    for minutes in 0..=24 {
        assert_eq!(find(minutes).await, minutes.unsigned_abs());
    }
    assert_eq!(find(-1).await, 0);
    assert_eq!(find(1_000_000).await, 24);
    let exactly = owner.past(product.roadmap, Moment::Time(Timestamp(7 * 60_000))).await.unwrap();
    assert_eq!((exactly.seq, exactly.at), (7, Some(Timestamp(420_000))));
}

async fn the_past_keeps_votes_secret(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (item, created) = create(lane, "Wanted");
    submit(&owner, &product, vec![created]).await;
    let voter = store.person("stan", Role::Stakeholder).await;
    let viewer = store.person("vera", Role::Viewer).await;
    voter.submit(product.roadmap, vec![Op::Upvote { item }]).await.unwrap();
    submit(&owner, &product, vec![rename(item, "Later")]).await;
    let mut known = Vec::new();
    for person in [&*owner, &voter, &viewer] {
        let past = person.past(product.roadmap, Moment::Seq(6)).await.unwrap();
        let votes = past.roadmap.votes(item).unwrap();
        assert_eq!(votes.count, 1);
        known.push((votes.voters.len(), past.actor));
    }
    let stan = voter.member().id;
    assert_eq!(known, [(1, stan), (1, stan), (0, UserId::NIL)]);
}

async fn changes_are_told_with_who_when_and_why(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (one, create_one) = create(lane, "One");
    let (two, create_two) = create(lane, "Two");
    submit(&owner, &product, vec![create_one, create_two]).await;
    let from = at(&owner, &product, u64::MAX).await;
    let edith = store.editor().await;
    let estimate = |tenths| Op::set(one, ItemChange::Effort(PersonDays::from_tenths(tenths)));
    submit(&owner, &product, vec![estimate(10)]).await;
    submit(&edith, &product, vec![estimate(20)]).await;
    let order = Op::MoveItems { ids: vec![two], lane, place: Place::First };
    let reason = Some("the vote “What comes next?”".parse().unwrap());
    submit(&owner, &product, vec![Op::Batch { ops: vec![order], reason: reason.clone() }]).await;
    let to = at(&owner, &product, u64::MAX).await;

    let changes = owner.changes_between(product.roadmap, &from, &to).await.unwrap();
    assert_eq!(changes.comparison.items.len(), 2, "{changes:?}");
    let origin = |item| {
        let index = changes.comparison.items.iter().position(|difference| difference.item == item).unwrap();
        changes.origins[&index].clone()
    };
    assert_eq!((origin(one).actor, origin(one).reason), (edith.member().id, None));
    assert_eq!((origin(two).actor, origin(two).reason), (owner.member().id, reason));
    assert_eq!(origin(two).at, to.at.unwrap());
    let none = owner.changes_between(product.roadmap, &to, &to).await.unwrap();
    assert!(none.comparison.is_empty() && none.origins.is_empty());
}

async fn moments_get_names(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    submit(&owner, &product, vec![create(lane, "One").1]).await;
    let name = |name: &str| name.parse().unwrap();
    let plan = owner.name_baseline(&product.key, 4, name("Plan")).await.unwrap();
    let now = owner.name_baseline(&product.key, u64::MAX, name("Now")).await.unwrap();
    assert_eq!((plan.seq, now.seq), (4, 5));
    let taken = owner.name_baseline(&product.key, 2, name("Plan")).await;
    assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
    assert_eq!(owner.baselines(product.roadmap).await.unwrap(), [now.clone(), plan.clone()]);

    owner.remove_baseline(&product.key, plan.id).await.unwrap();
    assert_eq!(owner.baselines(product.roadmap).await.unwrap(), [now]);
    for gone in [plan.id, BaselineId(uuid::Uuid::from_u128(7))] {
        let again = owner.remove_baseline(&product.key, gone).await;
        assert!(matches!(again, Err(Error::NotFound(_))), "{again:?}");
    }
    assert_eq!(store.rows("SELECT n FROM audit WHERE action LIKE 'baseline.%'").await, 3);
    store.backend.verify_audit().await.unwrap();
}
