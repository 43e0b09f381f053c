//! Saved views: who sees and changes them.

use backend::{AccessChange, Error, Viewer};
use domain::{ProductKey, RecordChange, RecordDef, RecordId, Reject, Role, VIEW, Value, Visibility};

use crate::{
    harness::{Store, stories},
    products::profile,
};

stories! {
    a_view_is_for_its_author_until_it_is_shared
    a_shared_view_is_changed_by_those_who_edit_the_product
    views_of_a_hidden_product_do_not_exist
    records_of_products_and_of_the_workspace_are_kept_apart
    views_of_the_portfolio_belong_to_no_product
}

fn key() -> ProductKey {
    "ERP".parse().unwrap()
}

fn set(field: &str, to: Option<Value>) -> RecordChange {
    RecordChange { field: field.parse().unwrap(), was: None, to }
}

fn named(name: &str) -> RecordChange {
    set("name", Some(Value::Text(name.to_owned())))
}

async fn save(viewer: &Viewer, id: Option<RecordId>, changes: Vec<RecordChange>) -> Result<RecordId, Error> {
    Ok(viewer.save_product_record(&VIEW, Some(&key()), id, changes).await?.record.id)
}

async fn names(viewer: &Viewer) -> Vec<String> {
    let views = viewer.product_records(&VIEW, Some(&key())).await.unwrap();
    views.iter().map(|view| VIEW.name_of(view)).collect()
}

fn is_not_allowed<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Refused(Reject::NotAllowed(_)))), "{result:?}");
}

async fn a_view_is_for_its_author_until_it_is_shared(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key(), profile("ERP")).await.unwrap();
    let [viewer, editor] =
        [store.person("vera", Role::Viewer).await, store.person("edda", Role::Editor).await];
    let own = save(&viewer, None, vec![named("Mine")]).await.unwrap();
    assert_eq!((names(&viewer).await, names(&editor).await), (vec!["Mine".to_owned()], vec![]));
    let theirs = save(&editor, Some(own), vec![named("Theirs")]).await;
    assert!(matches!(theirs, Err(Error::NotFound(_))), "{theirs:?}");
    let theirs = editor.bin_product_record(&VIEW, Some(&key()), own, true).await;
    assert!(matches!(theirs, Err(Error::NotFound(_))), "{theirs:?}");
    is_not_allowed(save(&viewer, Some(own), vec![set("shared", Some(Value::Yes))]).await);
    is_not_allowed(save(&viewer, None, vec![named("For all"), set("shared", Some(Value::Yes))]).await);
    save(&editor, None, vec![named("Mine")]).await.expect("a name is taken among those that one sees");
    viewer.bin_product_record(&VIEW, Some(&key()), own, true).await.unwrap();
    assert_eq!(names(&viewer).await, Vec::<String>::new());
    viewer.bin_product_record(&VIEW, Some(&key()), own, false).await.unwrap();
    assert_eq!(names(&viewer).await, ["Mine"]);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_shared_view_is_changed_by_those_who_edit_the_product(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key(), profile("ERP")).await.unwrap();
    let [viewer, editor, other] = [
        store.person("vera", Role::Viewer).await,
        store.person("edda", Role::Editor).await,
        store.person("otto", Role::Editor).await,
    ];
    let shared = vec![named("Sales"), set("shared", Some(Value::Yes))];
    let id = save(&editor, None, shared.clone()).await.unwrap();
    assert_eq!(names(&viewer).await, ["Sales"]);
    is_not_allowed(save(&viewer, Some(id), vec![named("Mine now")]).await);
    is_not_allowed(viewer.bin_product_record(&VIEW, Some(&key()), id, true).await);
    save(&other, Some(id), vec![named("Revenue"), set("default", Some(Value::Yes))]).await.unwrap();
    assert_eq!(names(&viewer).await, ["Revenue"]);
    save(&other, None, shared).await.unwrap();
    let twice = save(&editor, None, vec![named("revenue"), set("shared", Some(Value::Yes))]).await;
    assert!(matches!(twice, Err(Error::Invalid(_))), "{twice:?}");
}

async fn views_of_a_hidden_product_do_not_exist(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key(), profile("ERP")).await.unwrap();
    let editor = store.person("edda", Role::Editor).await;
    let id = save(&editor, None, vec![named("Plan")]).await.unwrap();
    owner.change_access(&key(), AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let is_missing = |result: Result<(), Error>| assert!(matches!(result, Err(Error::NotFound(_))));
    is_missing(editor.product_records(&VIEW, Some(&key())).await.map(drop));
    is_missing(save(&editor, Some(id), vec![named("Other")]).await.map(drop));
    is_missing(save(&editor, None, vec![named("Other")]).await.map(drop));
    is_missing(editor.bin_product_record(&VIEW, Some(&key()), id, true).await);
}

async fn records_of_products_and_of_the_workspace_are_kept_apart(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key(), profile("ERP")).await.unwrap();
    let id = save(&owner, None, vec![named("Plan")]).await.unwrap();
    let is_missing = |result: Result<(), Error>| assert!(matches!(result, Err(Error::NotFound(_))));
    is_missing(owner.save_record(&VIEW, Some(id), vec![named("Other")], None).await.map(drop));
    is_missing(owner.save_record(&VIEW, None, vec![named("Other")], None).await.map(drop));
    is_missing(owner.delete_record(&VIEW, id, None).await);
    let team = RecordDef::find("team").unwrap();
    is_missing(owner.save_product_record(team, Some(&key()), None, vec![named("Other")]).await.map(drop));
    owner.create_product("CRM".parse().unwrap(), profile("CRM")).await.unwrap();
    let crm: ProductKey = "CRM".parse().unwrap();
    is_missing(owner.save_product_record(&VIEW, Some(&crm), Some(id), vec![named("Other")]).await.map(drop));
    assert_eq!(owner.product_records(&VIEW, Some(&crm)).await.unwrap(), []);
    // Nobody fills the workspace with views that they remove again.
    for number in 1..200 {
        let id = save(&owner, None, vec![named(&format!("View {number}"))]).await.unwrap();
        owner.bin_product_record(&VIEW, Some(&key()), id, true).await.unwrap();
    }
    let beyond = save(&owner, None, vec![named("One more")]).await.unwrap_err();
    assert!(matches!(&beyond, Error::Conflict(why) if why.contains("200 views")), "{beyond}");
}

async fn views_of_the_portfolio_belong_to_no_product(store: Store) {
    let owner = store.owner().await;
    owner.create_product(key(), profile("ERP")).await.unwrap();
    let [viewer, editor] =
        [store.person("vera", Role::Viewer).await, store.person("edda", Role::Editor).await];
    let save = |by: Viewer, changes: Vec<RecordChange>| async move {
        by.save_product_record(&VIEW, None, None, changes).await.map(|saved| saved.record.id)
    };
    let names = |by: Viewer| async move {
        let views = by.product_records(&VIEW, None).await.unwrap();
        views.iter().map(|view| VIEW.name_of(view)).collect::<Vec<_>>()
    };
    let shared = || vec![named("Quarter review"), set("shared", Some(Value::Yes))];
    save(viewer.clone(), vec![named("My secret plan")]).await.unwrap();
    is_not_allowed(save(viewer.clone(), shared()).await);
    let id = save(editor.clone(), shared()).await.unwrap();
    assert_eq!(names(viewer.clone()).await, ["My secret plan", "Quarter review"]);
    assert_eq!(names(editor.clone()).await, ["Quarter review"]);
    assert_eq!(owner.product_records(&VIEW, Some(&key())).await.unwrap(), []);
    is_not_allowed(viewer.bin_product_record(&VIEW, None, id, true).await);
    let elsewhere = owner.bin_product_record(&VIEW, Some(&key()), id, true).await;
    assert!(matches!(elsewhere, Err(Error::NotFound(_))), "{elsewhere:?}");
    // The search finds what everybody may read.
    assert!(editor.search("secret plan").await.unwrap().is_empty());
    editor.bin_product_record(&VIEW, None, id, true).await.unwrap();
    assert_eq!(names(viewer).await, ["My secret plan"]);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}
