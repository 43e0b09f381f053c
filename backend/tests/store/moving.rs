//! An item moves to another product and back.

use std::time::Duration;

use backend::{
    AccessChange, Error, Viewer,
    exchange::{Format, Separator},
    search::Found,
};
use domain::{
    CommentId, FieldId, FieldLabel, ItemChange, ItemId, Op, Product, Reject, Status, Value, Visibility,
    dependency::DependencyKind, voting::Mode, wire::Outcome,
};

use sea_orm::ConnectionTrait;

use crate::{
    harness::{Store, stories},
    products::profile,
    rooms::{create, first_lane, id, is_sound, product},
    voting::House,
};

stories! {
    an_item_moves_to_another_product_and_back_with_all_that_it_has
    what_cannot_be_moved_stays_where_it_is
    of_a_move_and_a_dependency_at_once_one_is_refused
    what_is_being_voted_on_moves_when_voting_has_closed
    what_opens_while_an_item_moves_keeps_it
}

async fn all_accepted(viewer: &Viewer, product: &Product, ops: Vec<Op>) {
    let answers = viewer.submit(product.roadmap, ops).await.unwrap();
    let refused = answers.iter().find(|answer| matches!(answer.outcome, Outcome::Refused(_)));
    assert_eq!(refused, None);
}

/// Two products with an item in the first, which has a value of a field that only that product has.
async fn two(store: &Store) -> (Viewer, Product, Product, ItemId) {
    let (viewer, erp) = product(store).await;
    let owner = viewer.as_owner().unwrap();
    let crm = owner.create_product("CRM".parse().unwrap(), profile("Customers")).await.unwrap();
    let (item, op) = create(first_lane(&viewer, erp.roadmap).await, "Single sign-on");
    let field = id(FieldId::new);
    let label = FieldLabel::parse("Service level").unwrap();
    let custom = domain::CustomField { label, kind: domain::FieldKind::Text, required_from: None };
    let value = |key: domain::FieldKey, text: &str| {
        let to = Some(Value::Text(text.to_owned()));
        Op::set(item, ItemChange::Value { field: key, to })
    };
    let ops = vec![
        op,
        Op::CreateField { id: field, field: Box::new(custom) },
        value(field.into(), "Gold"),
        value("team".parse().unwrap(), "Payments"),
        Op::set(item, ItemChange::Description("Why and how.".parse().unwrap())),
        Op::comment(id(CommentId::new), item, "Which accounts?".parse().unwrap()),
        Op::Upvote { item },
    ];
    all_accepted(&viewer, &erp, ops).await;
    (viewer, erp, crm, item)
}

async fn an_item_moves_to_another_product_and_back_with_all_that_it_has(store: Store) {
    let (viewer, erp, crm, item) = two(&store).await;
    let before = viewer.view(erp.roadmap).await.unwrap().roadmap.item(item).unwrap().clone();
    let moved = viewer.move_item(&erp.key, item, &crm.key).await.unwrap();
    assert_eq!((moved.key.to_string().as_str(), moved.left), ("CRM-1", vec!["Service level".to_owned()]));
    let (here, there) = (viewer.view(erp.roadmap).await.unwrap(), viewer.view(crm.roadmap).await.unwrap());
    let left = here.roadmap.item(item).unwrap();
    assert_eq!(left.moved.as_ref().map(ToString::to_string).as_deref(), Some("CRM-1"));
    assert_eq!(here.roadmap.board_order().count(), 0);
    let file = viewer.export(&erp.key, Format::Json, Separator::Comma).await.unwrap();
    assert!(!String::from_utf8(file).unwrap().contains("Single sign-on"), "what moved is in no bin");
    let arrived = there.roadmap.item(item).unwrap().clone();
    assert_eq!(arrived.fields.description, before.fields.description);
    assert_eq!(arrived.fields.values.len(), 1, "what the other product has no field for stays behind");
    assert_eq!(arrived.created, before.created);
    assert_eq!((there.roadmap.comment_count(item), there.roadmap.vote_count(item)), (1, 1));
    assert!(there.roadmap.has_voted(item, viewer.member().id));

    let says = |lines: Vec<backend::rooms::HistoryLine>| -> Vec<String> {
        let changes = lines.into_iter().flat_map(|line| line.changes);
        changes.map(|change| change.sentence(|_| String::new())).collect()
    };
    let history = viewer.history(crm.roadmap, None, Some(item), 50).await.unwrap();
    assert_eq!(says(history.lines), ["moved “Single sign-on” here from ERP-1, to Now"]);
    let history = viewer.history(erp.roadmap, None, Some(item), 50).await.unwrap();
    assert_eq!(says(history.lines).first().map(String::as_str), Some("moved “Single sign-on” to CRM-1"));

    let late = Op::set(item, ItemChange::Status(Status::Done));
    let answers = viewer.submit(erp.roadmap, vec![late.clone(), Op::restore(vec![item])]).await.unwrap();
    let is_moved = |outcome: &Outcome| matches!(outcome, Outcome::Refused(Reject::ItemMoved { .. }));
    assert!(answers.iter().all(|answer| is_moved(&answer.outcome)), "{answers:?}");
    all_accepted(&viewer, &crm, vec![late, Op::WithdrawUpvote { item }]).await;
    is_sound(&store.backend).await;
    // Its old key leads to it.
    for key in ["erp-1", "CRM-1"] {
        let hits = viewer.search(key).await.unwrap();
        let first = Found::Item { product: crm.key.clone(), number: 1 };
        assert_eq!(hits.first().map(|hit| &hit.what), Some(&first), "{key}");
    }

    let back = viewer.move_item(&crm.key, item, &erp.key).await.unwrap();
    assert_eq!((back.key.to_string().as_str(), back.left.len()), ("ERP-1", 0), "its old key is its own");
    let here = viewer.view(erp.roadmap).await.unwrap();
    let again = here.roadmap.item(item).unwrap();
    assert_eq!((again.fields.status, again.number), (Status::Done, before.number));
    assert_eq!(again.fields.values, before.fields.values, "what stayed behind is there");
    assert_eq!((here.roadmap.comment_count(item), here.roadmap.vote_count(item)), (1, 0));
    is_sound(&store.backend).await;
    // Another process reads the same from the tables.
    let other = store.second_process().await;
    assert_eq!(other.check().await.unwrap().problems, Vec::<String>::new());
}

async fn of_a_move_and_a_dependency_at_once_one_is_refused(store: Store) {
    let (viewer, erp, crm, item) = two(&store).await;
    let (_, other) = create(first_lane(&viewer, crm.roadmap).await, "Customers");
    all_accepted(&viewer, &crm, vec![other]).await;
    // By another process, too, where there can be one.
    let process = store.second_process().await;
    let far = process.people().first_owner().await.unwrap();
    let far: &Viewer = if store.is_sqlite() { &viewer } else { &far };
    let ends: [domain::ItemKey; 2] = ["ERP-1", "CRM-1"].map(|key| key.parse().unwrap());
    for round in 0..20 {
        let linking = if round % 2 == 0 { &viewer } else { far };
        let (linked, moved) = tokio::join!(
            linking.add_dependency(&ends[0], DependencyKind::Blocks, &ends[1], 0, ""),
            viewer.move_item(&erp.key, item, &crm.key),
        );
        match (linked, moved) {
            (Ok(linked), Err(Error::Conflict(_))) => {
                viewer.bin_dependency(linked.id, true).await.unwrap();
            }
            (Err(Error::Invalid(_)), Ok(_)) => {
                viewer.move_item(&crm.key, item, &erp.key).await.unwrap();
            }
            both => panic!("in round {round}: {both:?}"),
        }
    }
    is_sound(&store.backend).await;
}

async fn what_cannot_be_moved_stays_where_it_is(store: Store) {
    let (viewer, erp, crm, item) = two(&store).await;
    let owner = viewer.as_owner().unwrap();
    let head = |view: backend::rooms::View| view.head;
    let before = head(viewer.view(erp.roadmap).await.unwrap());
    let refused = |result: Result<backend::rooms::MovedItem, Error>, what: &str| {
        let is_meant = matches!(
            result,
            Err(Error::NotFound(_)
                | Error::Conflict(_)
                | Error::Invalid(_)
                | Error::Forbidden(_)
                | Error::Refused(_))
        );
        assert!(is_meant, "{what}: {result:?}");
    };
    refused(viewer.move_item(&erp.key, item, &erp.key).await, "where it is already");
    refused(viewer.move_item(&erp.key, item, &"NONE".parse().unwrap()).await, "nowhere");
    refused(viewer.move_item(&crm.key, item, &erp.key).await, "from where it is not");
    owner.change_access(&crm.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    refused(viewer.move_item(&erp.key, item, &crm.key).await, "to a product for chosen people");
    owner.change_access(&crm.key, AccessChange::Show(Visibility::Everyone)).await.unwrap();
    viewer.as_editor().unwrap().set_archived(&crm.key, true).await.unwrap();
    refused(viewer.move_item(&erp.key, item, &crm.key).await, "to an archived product");
    viewer.as_editor().unwrap().set_archived(&crm.key, false).await.unwrap();
    let (_, other) = create(first_lane(&viewer, crm.roadmap).await, "Customers");
    all_accepted(&viewer, &crm, vec![other]).await;
    let ends: [domain::ItemKey; 2] = ["ERP-1", "CRM-1"].map(|key| key.parse().unwrap());
    let linked = viewer.add_dependency(&ends[0], DependencyKind::Blocks, &ends[1], 0, "").await.unwrap();
    let result = viewer.move_item(&erp.key, item, &crm.key).await;
    assert!(matches!(&result, Err(Error::Conflict(why)) if why.contains("dependencies")), "{result:?}");
    viewer.bin_dependency(linked.id, true).await.unwrap();
    assert_eq!(head(viewer.view(erp.roadmap).await.unwrap()), before);
    assert_eq!(head(viewer.view(crm.roadmap).await.unwrap()), 5, "the lanes it began with, and an item");
    viewer.move_item(&erp.key, item, &crm.key).await.unwrap();
    is_sound(&store.backend).await;
}

async fn what_is_being_voted_on_moves_when_voting_has_closed(store: Store) {
    let house = House::build(&store, 2).await;
    let crm = house.editor.create_product("CRM".parse().unwrap(), profile("Customers")).await.unwrap();
    let (from, item) = (&house.product.key, house.items[0]);
    let voting = house.open(house.draft(Mode::Budget, 20)).await;
    let result = house.editor.move_item(from, item, &crm.key).await;
    let sentence = "This item is in the open vote “Next quarter”. Move it when voting has closed.";
    assert!(matches!(&result, Err(Error::Conflict(why)) if why == sentence), "{result:?}");
    house.editor.close_voting(voting).await.unwrap();
    house.editor.move_item(from, item, &crm.key).await.unwrap();
    is_sound(&store.backend).await;
}

async fn what_opens_while_an_item_moves_keeps_it(store: Store) {
    let house = House::build(&store, 2).await;
    let crm = house.editor.create_product("CRM".parse().unwrap(), profile("Customers")).await.unwrap();
    let voting = house.open(house.draft(Mode::Budget, 20)).await;
    let phase = |phase: &str| format!("UPDATE voting SET phase = '{phase}' WHERE id = '{voting}'");
    store.execute(&phase("draft")).await;
    let opening = store.backend.db.begin().await.unwrap();
    opening.execute_unprepared("UPDATE workspace SET id = id").await.unwrap();
    let (mover, from, item, to) = (house.editor.clone(), house.product.key.clone(), house.items[0], crm.key);
    let moving = tokio::spawn(async move { mover.move_item(&from, item, &to).await });
    // The move has found no open vote by then, and waits.
    tokio::time::sleep(Duration::from_millis(500)).await;
    opening.execute_unprepared(&phase("open")).await.unwrap();
    opening.commit().await.unwrap();
    let result = moving.await.unwrap();
    let sentence = "Move it when voting has closed.";
    assert!(matches!(&result, Err(Error::Conflict(why)) if why.ends_with(sentence)), "{result:?}");
    is_sound(&store.backend).await;
}
