//! Dependencies: who makes and sees them, what is refused, and who hears of it.

use backend::{
    AccessChange, Error, Viewer,
    exchange::{Format, Separator},
    rooms::{HistoryFilter, HistoryPlace},
};
use domain::{
    ClientId, DEPENDENCY, HistoryKind, Holder, ItemChange, ItemKey, Op, Product, ProductKey, RecordId,
    Reject, Role, Visibility,
    dependency::{Dependency, DependencyKind, FarItem, Move},
    wire::{ServerMessage, Topic},
};

use crate::{
    harness::{Store, stories},
    products::profile,
    rooms::{create, id, join, next},
};

stories! {
    a_dependency_is_seen_from_both_ends_and_taken_back
    a_dependency_that_cannot_be_is_refused_and_nothing_is_kept
    a_cycle_over_a_hidden_product_does_not_name_it
    a_dependency_exists_for_those_alone_who_see_both_products
    whoever_edits_one_of_two_products_links_their_items
    of_two_that_would_close_a_cycle_one_is_kept
    what_a_slip_would_reach_in_other_products_is_known
    links_that_lead_nowhere_are_found
    pages_hear_of_dependencies_and_of_what_theirs_depend_on
    what_waits_in_another_product_is_shifted_as_one_step
    a_file_of_a_roadmap_has_its_dependencies
    what_is_done_to_a_dependency_is_in_the_history_of_both_ends
    a_page_of_several_products_has_the_dependencies_of_all
}

fn key(text: &str) -> ProductKey {
    text.parse().unwrap()
}

fn item(text: &str) -> ItemKey {
    text.parse().unwrap()
}

/// A product with so many items.
pub(crate) async fn product(owner: &backend::Owner, name: &str, items: usize) -> Product {
    let product = owner.create_product(key(name), profile(name)).await.unwrap();
    let lane = owner.view(product.roadmap).await.unwrap().roadmap.lane_order()[0];
    let ops = (1..=items).map(|n| create(lane, &format!("{name} item {n}")).1);
    owner.submit(product.roadmap, ops.collect()).await.unwrap();
    product
}

/// `"ERP-1 blocks CRM-2"`.
pub(crate) async fn link(viewer: &Viewer, text: &str) -> Result<Dependency, Error> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [from, kind, to] = parts[..] else { panic!("{text}") };
    viewer.add_dependency(&item(from), kind.parse::<DependencyKind>().unwrap(), &item(to), 0, "").await
}

async fn refused(viewer: &Viewer, text: &str) -> String {
    match link(viewer, text).await {
        Err(Error::Invalid(why) | Error::NotFound(why)) => why,
        other => panic!("{text}: {other:?}"),
    }
}

async fn ids(viewer: &Viewer, product: &str) -> Vec<RecordId> {
    viewer.dependencies(&[key(product)]).await.unwrap().links.into_iter().map(|link| link.id).collect()
}

async fn is_sound(store: &Store) {
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_dependency_is_seen_from_both_ends_and_taken_back(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 2).await;
    product(&owner, "CRM", 1).await;
    let made = link(&owner, "ERP-2 needs CRM-1").await.unwrap();
    let erp = owner.dependencies(&[key("ERP")]).await.unwrap();
    assert_eq!(erp.links, std::slice::from_ref(&made));
    let far: Vec<String> = erp.far.iter().map(|far| format!("{} {}", far.key(), far.title)).collect();
    assert_eq!(far, ["CRM-1 CRM item 1"]);
    let crm = owner.dependencies(&[key("CRM")]).await.unwrap();
    assert_eq!((&crm.links[..], crm.far[0].key()), (std::slice::from_ref(&made), "ERP-2".to_owned()));
    owner.bin_dependency(made.id, true).await.unwrap();
    assert!(ids(&owner, "ERP").await.is_empty() && ids(&owner, "CRM").await.is_empty());
    owner.bin_dependency(made.id, false).await.unwrap();
    assert_eq!(ids(&owner, "ERP").await, [made.id]);
    owner.bin_dependency(made.id, true).await.unwrap();
    // Said again, it is the same one.
    assert_eq!(link(&owner, "ERP-2 needs CRM-1").await.unwrap().id, made.id);
    assert_eq!(ids(&owner, "CRM").await, [made.id]);
    let events = owner.record_history(&DEPENDENCY, None, 10).await.unwrap();
    assert_eq!(events.len(), 5);
    is_sound(&store).await;
}

async fn a_dependency_that_cannot_be_is_refused_and_nothing_is_kept(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 4).await;
    product(&owner, "CRM", 2).await;
    link(&owner, "ERP-1 blocks CRM-1").await.unwrap();
    link(&owner, "ERP-2 needs CRM-1").await.unwrap();
    assert_eq!(
        refused(&owner, "ERP-2 blocks ERP-1").await,
        "This would be a cycle: ERP-2 → ERP-1 → CRM-1 → ERP-2. Remove one of these first."
    );
    assert!(refused(&owner, "ERP-1 blocks ERP-1").await.contains("itself"));
    assert_eq!(
        refused(&owner, "CRM-1 needs ERP-1").await,
        "ERP-1 already blocks CRM-1. Remove that dependency first."
    );
    assert_eq!(refused(&owner, "ERP-1 blocks ERP-9").await, "There is no item ERP-9 here. Check its key.");
    assert_eq!(refused(&owner, "ERP-1 blocks ABC-1").await, "There is no item ABC-1 here. Check its key.");
    let binned = owner.view(erp.roadmap).await.unwrap().roadmap.item_numbered(4).unwrap().id;
    owner.submit(erp.roadmap, vec![Op::DeleteItems { ids: vec![binned] }]).await.unwrap();
    assert_eq!(refused(&owner, "ERP-1 blocks ERP-4").await, "ERP-4 is in the bin. Restore it first.");
    let note = "x".repeat(201);
    let long = owner.add_dependency(&item("ERP-1"), DependencyKind::Blocks, &item("ERP-3"), 0, &note).await;
    assert!(matches!(long, Err(Error::Invalid(_))), "{long:?}");
    let far = owner.add_dependency(&item("ERP-1"), DependencyKind::Blocks, &item("ERP-3"), 9_999, "").await;
    assert!(matches!(far, Err(Error::Invalid(_))), "{far:?}");
    assert_eq!(store.rows("SELECT id FROM record WHERE kind = 'dependency'").await, 2);
    assert_eq!(store.rows("SELECT record_id FROM record_item").await, 4);
    is_sound(&store).await;
}

async fn a_cycle_over_a_hidden_product_does_not_name_it(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 2).await;
    product(&owner, "SEC", 1).await;
    link(&owner, "ERP-1 blocks SEC-1").await.unwrap();
    link(&owner, "SEC-1 blocks ERP-2").await.unwrap();
    let editor = store.person("edda", Role::Editor).await;
    owner.change_access(&key("SEC"), AccessChange::Show(Visibility::Chosen)).await.unwrap();
    assert_eq!(
        refused(&editor, "ERP-2 blocks ERP-1").await,
        "This would be a cycle: ERP-2 → ERP-1 → an item you can’t see → ERP-2. Remove one of these first."
    );
    assert_eq!(refused(&editor, "ERP-2 blocks SEC-1").await, "There is no item SEC-1 here. Check its key.");
}

async fn a_dependency_exists_for_those_alone_who_see_both_products(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 2).await;
    product(&owner, "SEC", 2).await;
    let hidden = link(&owner, "ERP-1 blocks SEC-1").await.unwrap();
    link(&owner, "SEC-1 blocks SEC-2").await.unwrap();
    let open = link(&owner, "ERP-1 blocks ERP-2").await.unwrap();
    owner.change_access(&key("SEC"), AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let editor = store.person("edda", Role::Editor).await;
    let seen = editor.dependencies(&[key("ERP")]).await.unwrap();
    assert_eq!((seen.links.len(), seen.links[0].id, seen.far), (1, open.id, vec![]));
    assert!(matches!(editor.dependencies(&[key("SEC")]).await, Err(Error::NotFound(_))));
    let removed = editor.bin_dependency(hidden.id, true).await;
    assert!(matches!(removed, Err(Error::NotFound(_))), "{removed:?}");
    // Whoever is let in sees it.
    let grant = AccessChange::Grant(Holder::Person(editor.member().id), Some(Role::Viewer));
    owner.change_access(&key("SEC"), grant).await.unwrap();
    assert_eq!(ids(&editor, "ERP").await.len(), 3);
    assert!(store.texts("SELECT r.id FROM search_row r WHERE r.kind = 'dependency'").await.is_empty());
}

async fn whoever_edits_one_of_two_products_links_their_items(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 2).await;
    product(&owner, "CRM", 1).await;
    let viewer = store.person("vera", Role::Viewer).await;
    let is_not_allowed = |result: Result<Dependency, Error>| {
        assert!(matches!(result, Err(Error::Refused(Reject::NotAllowed(_)))), "{result:?}");
    };
    is_not_allowed(link(&viewer, "ERP-1 blocks CRM-1").await);
    let grant = AccessChange::Grant(Holder::Person(viewer.member().id), Some(Role::Editor));
    owner.change_access(&key("ERP"), grant).await.unwrap();
    let made = link(&viewer, "ERP-1 needs CRM-1").await.unwrap();
    viewer.bin_dependency(made.id, true).await.unwrap();
    viewer.bin_dependency(made.id, false).await.unwrap();
    owner.set_archived(&key("ERP"), true).await.unwrap();
    let archived = viewer.bin_dependency(made.id, true).await;
    assert!(matches!(archived, Err(Error::Refused(Reject::Archived))), "{archived:?}");
    owner.bin_dependency(made.id, true).await.expect("CRM is not archived, and the owner may edit it");
}

async fn of_two_that_would_close_a_cycle_one_is_kept(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 2).await;
    let (a, b) = (store.person("edda", Role::Editor).await, store.person("otto", Role::Editor).await);
    for _ in 0..8 {
        let (first, second) = tokio::join!(link(&a, "ERP-1 blocks ERP-2"), link(&b, "ERP-2 blocks ERP-1"));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let kept = ids(&owner, "ERP").await;
        assert_eq!(kept.len(), 1);
        owner.bin_dependency(kept[0], true).await.unwrap();
    }
    is_sound(&store).await;
}

async fn what_a_slip_would_reach_in_other_products_is_known(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 2).await;
    product(&owner, "CRM", 3).await;
    product(&owner, "WEB", 1).await;
    for text in ["ERP-1 blocks CRM-1", "CRM-1 blocks CRM-2", "WEB-1 needs CRM-2", "CRM-3 blocks CRM-1"] {
        link(&owner, text).await.unwrap();
    }
    let known = owner.dependencies(&[key("ERP")]).await.unwrap();
    // What blocks an item of another product is that one's affair.
    assert_eq!(known.links.len(), 3);
    let far: Vec<String> = known.far.iter().map(domain::dependency::FarItem::key).collect();
    assert_eq!(far.len(), 3);
    assert!(["CRM-1", "CRM-2", "WEB-1"].iter().all(|key| far.contains(&(*key).to_owned())), "{far:?}");
    assert_eq!(owner.dependencies(&[key("WEB")]).await.unwrap().links.len(), 1);
}

async fn links_that_lead_nowhere_are_found(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 2).await;
    link(&owner, "ERP-1 blocks ERP-2").await.unwrap();
    is_sound(&store).await;
    store.execute("DELETE FROM record_item WHERE field = 'to'").await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("is not found by the items")), "{problems:?}");
}

async fn pages_hear_of_dependencies_and_of_what_theirs_depend_on(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 1).await;
    let crm = product(&owner, "CRM", 1).await;
    let other = store.second_process().await;
    let there = other.people().first_owner().await.unwrap();
    let mut page = join(&there, crm.roadmap, id(ClientId::new)).await.connection;
    link(&owner, "ERP-1 blocks CRM-1").await.unwrap();
    let is_told = ServerMessage::Changed { topic: Topic::Dependencies };
    // SQLite is one process's.
    if store.is_sqlite() {
        page = join(&owner, crm.roadmap, id(ClientId::new)).await.connection;
        link(&owner, "ERP-1 blocks CRM-1").await.unwrap_err();
        let made = owner.dependencies(&[key("CRM")]).await.unwrap().links[0].id;
        owner.bin_dependency(made, true).await.unwrap();
        while next(&mut page).await != is_told {}
        owner.bin_dependency(made, false).await.unwrap();
    }
    while next(&mut page).await != is_told {}
    let blocker = owner.view(erp.roadmap).await.unwrap().roadmap.item_numbered(1).unwrap().id;
    let end = Some("2027-06-30".parse().unwrap());
    let moved = Op::set(blocker, ItemChange::Schedule { start: None, end });
    let actor = if store.is_sqlite() { owner.clone() } else { there };
    actor.submit(erp.roadmap, vec![moved]).await.unwrap();
    while next(&mut page).await != is_told {}
    let far = &owner.dependencies(&[key("CRM")]).await.unwrap().far[0];
    assert_eq!(far.plan.end, end);
}

async fn what_waits_in_another_product_is_shifted_as_one_step(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 1).await;
    let crm = product(&owner, "CRM", 2).await;
    let day = |text: &str| Some(text.parse().unwrap());
    let move_of = |number| Move { number, was: (None, None), to: (day("2027-07-01"), day("2027-07-31")) };
    let moves = [move_of(1), move_of(2)];
    owner.shift_items(&key("CRM"), &moves, &item("ERP-1"), false).await.unwrap();
    let history = owner.history(crm.roadmap, None, None, 10).await.unwrap();
    assert_eq!(history.lines[0].reason.as_deref(), Some("ERP-1 moved"));
    let again = owner.shift_items(&key("CRM"), &moves, &item("ERP-1"), false).await;
    assert!(matches!(&again, Err(Error::Conflict(why)) if why.contains("CRM-1 has changed")), "{again:?}");
    let back: Vec<Move> = moves.iter().map(Move::back).collect();
    owner.shift_items(&key("CRM"), &back, &item("ERP-1"), true).await.unwrap();
    assert_eq!(owner.view(crm.roadmap).await.unwrap().roadmap.item_numbered(2).unwrap().fields.start, None);
    // What few see is not named to those who read the history.
    owner.change_access(&key("ERP"), AccessChange::Show(Visibility::Chosen)).await.unwrap();
    owner.shift_items(&key("CRM"), &moves, &item("ERP-1"), false).await.unwrap();
    let history = owner.history(crm.roadmap, None, None, 10).await.unwrap();
    assert_eq!(history.lines[0].reason.as_deref(), Some("An item that this waits for moved"));
    let viewer = store.person("vera", Role::Viewer).await;
    let unseen = viewer.shift_items(&key("CRM"), &back, &item("ERP-1"), true).await;
    assert!(matches!(unseen, Err(Error::NotFound(_))), "{unseen:?}");
    let refused = viewer.shift_items(&key("CRM"), &back, &item("CRM-1"), true).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
}

async fn a_file_of_a_roadmap_has_its_dependencies(store: Store) {
    let owner = store.owner().await;
    product(&owner, "ERP", 1).await;
    product(&owner, "CRM", 1).await;
    link(&owner, "ERP-1 needs CRM-1").await.unwrap();
    let file = |viewer: Viewer| async move {
        let bytes = viewer.export(&key("ERP"), Format::Json, Separator::Comma).await.unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()["dependencies"].clone()
    };
    let expected = serde_json::json!([{ "from": "ERP-1", "kind": "needs", "to": "CRM-1" }]);
    assert_eq!(file((**owner).clone()).await, expected);
    owner.change_access(&key("CRM"), AccessChange::Show(Visibility::Chosen)).await.unwrap();
    assert_eq!(file(store.person("vera", Role::Viewer).await).await, serde_json::Value::Null);
}

async fn what_is_done_to_a_dependency_is_in_the_history_of_both_ends(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 2).await;
    let crm = product(&owner, "CRM", 1).await;
    let made = link(&owner, "ERP-1 blocks CRM-1").await.unwrap();
    let changed = owner.change_dependency(made.id, 3, "by contract").await.unwrap();
    assert_eq!((changed.lag, &*changed.note), (3, "by contract"));
    assert_eq!(owner.dependencies(&[key("CRM")]).await.unwrap().links, std::slice::from_ref(&changed));
    // Saved as it is, nothing happened.
    owner.change_dependency(made.id, 3, "by contract").await.unwrap();
    let far = owner.change_dependency(made.id, 9_999, "").await;
    assert!(matches!(far, Err(Error::Invalid(_))), "{far:?}");
    owner.bin_dependency(made.id, true).await.unwrap();
    assert!(matches!(owner.change_dependency(made.id, 1, "").await, Err(Error::NotFound(_))));
    owner.bin_dependency(made.id, false).await.unwrap();
    let expected = [
        "restored the dependency “ERP-1 blocks CRM-1”",
        "removed the dependency “ERP-1 blocks CRM-1”",
        "changed the dependency “ERP-1 blocks CRM-1”: days between from 0 to 3, note “by contract”",
        "added the dependency “ERP-1 blocks CRM-1”",
    ];
    let said = |viewer: Viewer, of: Product, number: u32| async move {
        let view = viewer.view(of.roadmap).await.unwrap();
        let item = view.roadmap.item_numbered(number).unwrap().id;
        let lines = viewer.item_events(of.roadmap, item).await.unwrap();
        let events = lines.iter().flat_map(|line| &line.events);
        events.map(domain::ProductEvent::sentence).collect::<Vec<_>>()
    };
    let joined = |viewer: Viewer, of: Product| async move {
        let filter = HistoryFilter { kind: Some(HistoryKind::Dependencies), ..HistoryFilter::default() };
        viewer.product_history(&of, &filter, HistoryPlace::default(), 50).await.unwrap().lines.len()
    };
    let all = (**owner).clone();
    assert_eq!(said(all.clone(), erp.clone(), 1).await, expected);
    assert_eq!(said(all.clone(), crm.clone(), 1).await, expected);
    assert_eq!(said(all.clone(), erp.clone(), 2).await, Vec::<String>::new());
    assert_eq!(joined(all.clone(), erp.clone()).await, 4);
    // Who does not see one of the products hears of none of it.
    owner.change_access(&key("CRM"), AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let viewer = store.person("vera", Role::Viewer).await;
    assert_eq!(said(viewer.clone(), erp.clone(), 1).await, Vec::<String>::new());
    assert_eq!(joined(viewer.clone(), erp).await, 0);
    let unseen = viewer.change_dependency(made.id, 1, "").await;
    assert!(matches!(unseen, Err(Error::NotFound(_))), "{unseen:?}");
    is_sound(&store).await;
}

async fn a_page_of_several_products_has_the_dependencies_of_all(store: Store) {
    let owner = store.owner().await;
    for name in ["ERP", "CRM", "WEB"] {
        product(&owner, name, 1).await;
    }
    link(&owner, "ERP-1 blocks CRM-1").await.unwrap();
    link(&owner, "CRM-1 blocks WEB-1").await.unwrap();
    let both = owner.dependencies(&[key("ERP"), key("CRM")]).await.unwrap();
    assert_eq!(both.links.len(), 2);
    let far: Vec<String> = both.far.iter().map(FarItem::key).collect();
    assert_eq!(far, ["WEB-1"], "what is shown is not far");
    let unknown = owner.dependencies(&[key("ERP"), key("NIX")]).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
}
