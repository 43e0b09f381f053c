//! What people keep for themselves: favourites, what is new since they were there, and how it stands with each product.

use backend::{AccessChange, Error, Viewer};
use domain::{
    CommentId, FavouriteKind, Investment, ItemChange, ItemId, Op, PersonDays, Product, RecordChange, Role,
    Status, VIEW, Value, Visibility, wire::Outcome,
};
use uuid::Uuid;

use crate::{
    harness::{Store, stories},
    products::profile,
    rooms::{create, first_lane, id, product},
};

stories! {
    favourites_are_listed_in_their_order_as_far_as_they_are_seen
    somebody_has_a_hundred_favourites
    what_others_changed_since_the_last_visit_is_new
    reports_of_one_person_at_once_are_all_taken
    how_it_stands_with_each_product_is_known_at_once
}

async fn done(viewer: &Viewer, product: &Product, ops: Vec<Op>) {
    let answers = viewer.submit(product.roadmap, ops).await.unwrap();
    assert!(answers.iter().all(|answer| matches!(answer.outcome, Outcome::Accepted { .. })), "{answers:?}");
}

async fn item(viewer: &Viewer, product: &Product, title: &str) -> ItemId {
    let (id, make) = create(first_lane(viewer, product.roadmap).await, title);
    done(viewer, product, vec![make]).await;
    id
}

async fn names(viewer: &Viewer) -> Vec<String> {
    let products = viewer.products().await.unwrap();
    viewer.favourites(&products).await.unwrap().into_iter().map(|one| one.name).collect()
}

async fn show_to(owner: &Viewer, product: &Product, visibility: Visibility) {
    owner.as_owner().unwrap().change_access(&product.key, AccessChange::Show(visibility)).await.unwrap();
}

async fn favourites_are_listed_in_their_order_as_far_as_they_are_seen(store: Store) {
    let (owner, product) = product(&store).await;
    let viewer = store.person("vera", Role::Viewer).await;
    let first = item(&owner, &product, "Single sign-on").await;
    let name =
        RecordChange { field: "name".parse().unwrap(), was: None, to: Some(Value::Text("Mine".to_owned())) };
    let own = viewer.save_product_record(&VIEW, Some(&product.key), None, vec![name.clone()]).await.unwrap();
    let theirs = owner.save_product_record(&VIEW, Some(&product.key), None, vec![name]).await.unwrap();
    let star = |kind, id| viewer.set_favourite(kind, id, true);
    star(FavouriteKind::Item, first.0).await.unwrap();
    star(FavouriteKind::Product, product.id.0).await.unwrap();
    star(FavouriteKind::Product, product.id.0).await.expect("twice is once");
    star(FavouriteKind::View, own.record.id.0).await.unwrap();
    for (kind, unknown) in [
        (FavouriteKind::View, theirs.record.id.0),
        (FavouriteKind::Item, id(ItemId::new).0),
        (FavouriteKind::Product, first.0),
    ] {
        let refused = star(kind, unknown).await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    }
    let erp = product.name.to_string();
    assert_eq!(names(&viewer).await, ["Single sign-on", &erp, "Mine"]);
    assert_eq!(names(&owner).await, Vec::<String>::new(), "everybody has their own");

    viewer.move_favourite(FavouriteKind::View, own.record.id.0, true).await.unwrap();
    viewer.move_favourite(FavouriteKind::Item, first.0, true).await.expect("nothing is above the first");
    assert_eq!(names(&viewer).await, ["Single sign-on", "Mine", &erp]);
    // A neighbour that is not listed is passed over.
    viewer.bin_product_record(&VIEW, Some(&product.key), own.record.id, true).await.unwrap();
    viewer.move_favourite(FavouriteKind::Product, product.id.0, true).await.unwrap();
    assert_eq!(names(&viewer).await, [&erp, "Single sign-on"]);
    viewer.bin_product_record(&VIEW, Some(&product.key), own.record.id, false).await.unwrap();
    assert_eq!(names(&viewer).await.len(), 3);

    // Renamed, moved to the bin and restored.
    done(&owner, &product, vec![Op::set(first, ItemChange::Title("SSO".parse().unwrap()))]).await;
    assert!(names(&viewer).await.contains(&"SSO".to_owned()));
    done(&owner, &product, vec![Op::DeleteItems { ids: vec![first] }]).await;
    assert!(!names(&viewer).await.contains(&"SSO".to_owned()));

    show_to(&owner, &product, Visibility::Chosen).await;
    assert_eq!(names(&viewer).await, Vec::<String>::new(), "what is hidden is not listed");
    let refused = star(FavouriteKind::Product, product.id.0).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    show_to(&owner, &product, Visibility::Everyone).await;
    assert_eq!(names(&viewer).await.len(), 2, "and is there again");
    viewer.set_favourite(FavouriteKind::Product, product.id.0, false).await.unwrap();
    assert_eq!(names(&viewer).await, ["Mine"]);

    owner.as_owner().unwrap().remove_member(viewer.member().id).await.unwrap();
    let gone = viewer.set_favourite(FavouriteKind::View, own.record.id.0, false).await;
    assert!(gone.is_err(), "who has left changes nothing: {gone:?}");
}

async fn somebody_has_a_hundred_favourites(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let (ids, ops): (Vec<ItemId>, Vec<Op>) =
        (0..101).map(|number| create(lane, &format!("Item {number}"))).unzip();
    done(&owner, &product, vec![Op::batch(ops)]).await;
    for id in &ids[..100] {
        owner.set_favourite(FavouriteKind::Item, id.0, true).await.unwrap();
    }
    let refused = owner.set_favourite(FavouriteKind::Item, ids[100].0, true).await;
    assert!(matches!(&refused, Err(Error::Conflict(why)) if why.contains("100")), "{refused:?}");
    owner.set_favourite(FavouriteKind::Item, ids[5].0, true).await.expect("it is one already");
    // What is in the bin takes no room.
    done(&owner, &product, vec![Op::DeleteItems { ids: vec![ids[5]] }]).await;
    owner.set_favourite(FavouriteKind::Item, ids[100].0, true).await.unwrap();
    assert_eq!(names(&owner).await.len(), 100);
    let missing = owner.move_favourite(FavouriteKind::Item, Uuid::nil(), true).await;
    assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");
}

async fn what_others_changed_since_the_last_visit_is_new(store: Store) {
    let (owner, product) = product(&store).await;
    let editor: Viewer = (*store.editor().await).clone();
    let [first, second, third] = [
        item(&owner, &product, "One").await,
        item(&owner, &product, "Two").await,
        item(&owner, &product, "Three").await,
    ];
    let key = std::slice::from_ref(&product.key);
    let visit = async || editor.visit(key).await.unwrap().remove(0);
    let away = async || {
        store.execute("UPDATE visit SET seen_ms = seen_ms - 3600000").await;
    };
    let at_first = visit().await;
    assert!(at_first.since.is_none() && at_first.changed.is_empty(), "{at_first:?}");
    done(&owner, &product, vec![Op::set(first, ItemChange::Status(Status::InProgress))]).await;
    assert!(visit().await.changed.is_empty(), "the same visit has nothing before it");
    away().await;
    // Seen up to here; what comes now is new.
    done(&owner, &product, vec![Op::set(second, ItemChange::Status(Status::InProgress))]).await;
    done(&editor, &product, vec![Op::set(first, ItemChange::Status(Status::Done))]).await;
    done(&owner, &product, vec![Op::Upvote { item: third }]).await;
    let second_visit = visit().await;
    assert_eq!(
        second_visit.changed.iter().copied().collect::<Vec<_>>(),
        [second],
        "own changes and votes aside"
    );
    assert!(second_visit.since.is_some() && !second_visit.more);
    let comment = Op::comment(id(CommentId::new), third, "When?".parse().unwrap());
    done(&owner, &product, vec![comment]).await;
    assert_eq!(visit().await.changed.len(), 2, "the mark stays during a visit");
    assert_eq!(visit().await.since, second_visit.since);
    // More than is read of an entry.
    let lane = first_lane(&owner, product.roadmap).await;
    let many = (0..100).map(|number| create(lane, &format!("Item number {number} of many in one step")).1);
    done(&owner, &product, vec![Op::batch(many.collect())]).await;
    assert_eq!(visit().await.changed.len(), 102);
    away().await;
    assert!(visit().await.changed.is_empty(), "all was seen");

    let other = store.person("stan", Role::Stakeholder).await;
    show_to(&owner, &product, Visibility::Chosen).await;
    let hidden = other.visit(key).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
    let many = vec![product.key.clone(); 61];
    assert!(matches!(owner.visit(&many).await, Err(Error::Invalid(_))));
    assert_eq!(owner.visit(&[]).await.unwrap(), []);
}

async fn reports_of_one_person_at_once_are_all_taken(store: Store) {
    let owner = store.owner().await;
    let mut keys = Vec::new();
    for number in 0..12 {
        let name = format!("Product {number}");
        let product = owner.create_product(format!("P{number:03}").parse().unwrap(), profile(&name)).await;
        keys.push(product.unwrap().key);
    }
    let rest: Vec<_> = keys.iter().rev().cloned().collect();
    for round in 0..20 {
        let reports = tokio::join!(owner.visit(&keys), owner.visit(&rest), owner.visit(&keys));
        assert!(matches!(reports, (Ok(_), Ok(_), Ok(_))), "in round {round}: {reports:?}");
    }
}

async fn how_it_stands_with_each_product_is_known_at_once(store: Store) {
    let (owner, product) = product(&store).await;
    let stakeholder = store.person("sam", Role::Stakeholder).await;
    let quiet = owner.as_editor().unwrap().create_product("DESK".parse().unwrap(), profile("Desk")).await;
    let quiet = quiet.unwrap();
    let [first, second, third] = [
        item(&owner, &product, "One").await,
        item(&owner, &product, "Two").await,
        item(&owner, &product, "Three").await,
    ];
    let kind = |id, kind| Op::set(id, ItemChange::Investment(Some(kind)));
    done(&owner, &product, vec![kind(first, Investment::Innovation), kind(second, Investment::Run)]).await;
    done(&owner, &product, vec![kind(third, Investment::Run)]).await;
    let states = async |viewer: &Viewer| {
        let products = viewer.products().await.unwrap();
        viewer.product_states(products).await.unwrap()
    };
    let of = |states: &[backend::ProductState], id| {
        states.iter().find(|state| state.product.id == id).cloned().expect("it is listed")
    };
    let state = of(&states(&owner).await, product.id);
    assert_eq!((state.items, state.balance, state.is_effort, state.open_votes), (3, [1, 0, 2, 0], false, 0));
    let (actor, change) = state.last.unwrap().what.expect("it can be shown");
    assert_eq!(actor, owner.member().id);
    assert_eq!(change.item(), Some(third));
    let effort = |id, tenths| Op::set(id, ItemChange::Effort(PersonDays::from_tenths(tenths)));
    done(&owner, &product, vec![effort(first, 35), effort(second, 10), effort(third, 700)]).await;
    done(&owner, &product, vec![Op::set(third, ItemChange::Status(Status::Done))]).await;
    let state = of(&states(&owner).await, product.id);
    assert_eq!((state.items, state.balance, state.is_effort), (3, [35, 0, 10, 0], true));
    assert_eq!(of(&states(&owner).await, quiet.id).items, 0);

    // Whose vote it was is for those who may know.
    done(&stakeholder, &product, vec![Op::Upvote { item: first }]).await;
    for viewer in [&owner, &stakeholder] {
        let last = of(&states(viewer).await, product.id).last.unwrap();
        assert_eq!(last.what, None, "{last:?}");
    }
    show_to(&owner, &product, Visibility::Chosen).await;
    let seen = states(&stakeholder).await;
    assert_eq!(seen.iter().map(|state| state.product.id).collect::<Vec<_>>(), [quiet.id]);
}

/// How long the first page's queries take with 200 products of 200 items: `cargo test -p backend --test store -- --ignored first_page`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, which takes a while to prepare"]
async fn first_page_of_many_products() {
    let store = Store::sqlite().await;
    let owner = store.owner().await;
    for number in 0..200 {
        let key = format!("P{number:03}").parse().unwrap();
        let product = owner.create_product(key, profile(&format!("Product {number}"))).await.unwrap();
        let lane = first_lane(&owner, product.roadmap).await;
        let make = |item: usize| {
            let (id, make) = create(lane, &format!("Item {item} of product {number}"));
            let kind = Investment::ALL[item % 4];
            let effort = PersonDays::from_tenths(u32::try_from(item).unwrap() * 5 + 5);
            [make, Op::set(id, ItemChange::Investment(Some(kind))), Op::set(id, ItemChange::Effort(effort))]
        };
        done(&owner, &product, vec![Op::batch((0..200).flat_map(make).collect())]).await;
    }
    let products = owner.products().await.unwrap();
    for shown in [60, 200] {
        let mut times = Vec::new();
        for _ in 0..11 {
            let begun = std::time::Instant::now();
            let states = owner.product_states(products[..shown].to_vec()).await.unwrap();
            times.push(begun.elapsed());
            assert_eq!(states.len(), shown);
        }
        times.sort();
        eprintln!("{shown} products of 200 with 40,000 items: median {:?}, worst {:?}", times[5], times[10]);
    }
}
