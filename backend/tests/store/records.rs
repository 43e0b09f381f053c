//! Records of kinds that are declared: saved, merged, moved to the bin, undone, and as they were.

use backend::{Editor, Error};
use domain::{
    CAPACITY, CAPACITY_REQUEST, CONTRACT, FUNDING, FieldDef, FieldKey, ItemChange, KEY_RESULT, KPI, OUTCOME,
    Op, PLAYBOOK, Product, RECORDS, Reason, RecordChange, RecordDef, RecordDid, RecordId, Reject, Role,
    SCORE_MODEL, SOLUTION, Scope, TARGET_MIX, USER_MOVE, VIEW, Value, field_of, wire::Outcome,
};

use crate::{
    dependencies::{link, product},
    harness::{Store, stories},
    products::profile,
    rooms::{create, first_lane},
};

stories! {
    different_fields_merge_and_who_replaces_one_unseen_is_told
    records_go_to_the_bin_and_come_back
    the_history_of_a_record_says_what_it_was_at_any_moment
    a_change_is_taken_back_unless_somebody_built_on_it
    records_of_every_kind_are_kept_checked_and_copied
    who_may_not_write_a_kind_is_refused
    a_field_of_the_workspace_is_on_every_roadmap
}

fn team() -> &'static RecordDef {
    RecordDef::find("team").unwrap()
}

fn key(field: &str) -> FieldKey {
    field.parse().unwrap()
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

fn change(field: &str, was: Option<&str>, to: Option<&str>) -> RecordChange {
    RecordChange { field: key(field), was: was.and_then(text), to: to.and_then(text) }
}

async fn make(editor: &Editor, name: &str) -> RecordId {
    editor.save_record(team(), None, vec![change("name", None, Some(name))], None).await.unwrap().record.id
}

async fn different_fields_merge_and_who_replaces_one_unseen_is_told(store: Store) {
    let owner = store.owner().await;
    let id = make(&owner, "Payments").await;
    let save = async |changes| owner.save_record(team(), Some(id), changes, None).await.unwrap();
    let first = save(vec![change("disciplines", None, Some("Java"))]).await;
    assert_eq!(first.replaced, []);
    let second = save(vec![change("name", Some("Payments"), Some("Money"))]).await;
    assert_eq!((second.replaced, second.record.version), (vec![], 3));
    // Made on what was there before the first.
    let third = save(vec![change("disciplines", None, Some("Rust"))]).await;
    assert_eq!(third.replaced, [key("disciplines")]);
    let [record] = &owner.records(team()).await.unwrap()[..] else { panic!("there is one") };
    assert_eq!(record.values.get("name"), text("Money").as_ref());
    assert_eq!(record.values.get("disciplines"), text("Rust").as_ref());
    // What is so already changes nothing.
    let same = save(vec![change("disciplines", Some("Rust"), Some("Rust"))]).await;
    assert_eq!(same.record.version, third.record.version);
}

async fn records_go_to_the_bin_and_come_back(store: Store) {
    let owner = store.owner().await;
    let id = make(&owner, "Payments").await;
    owner.delete_record(team(), id, "Merged".parse().ok()).await.unwrap();
    assert_eq!(owner.records(team()).await.unwrap(), []);
    assert_eq!(owner.records_in_bin(team()).await.unwrap().len(), 1);
    let edit =
        owner.save_record(team(), Some(id), vec![change("name", Some("Payments"), Some("X"))], None).await;
    assert!(matches!(edit, Err(Error::NotFound(_))));
    assert!(matches!(owner.delete_record(team(), id, None).await, Err(Error::NotFound(_))));
    // Its name is free meanwhile, and then it is not.
    let other = make(&owner, "payments").await;
    let refused = owner.restore_record(team(), id).await.unwrap_err();
    assert!(refused.to_string().contains("already"), "{refused}");
    owner.delete_record(team(), other, None).await.unwrap();
    owner.restore_record(team(), id).await.unwrap();
    assert_eq!(owner.records(team()).await.unwrap()[0].id, id);
    let history = owner.record_history(team(), Some(id), 10).await.unwrap();
    let did: Vec<RecordDid> = history.iter().map(|event| event.did).collect();
    assert_eq!(did, [RecordDid::Restored, RecordDid::Deleted, RecordDid::Created]);
    assert_eq!(history[1].reason.as_deref(), Some("Merged"));
}

async fn the_history_of_a_record_says_what_it_was_at_any_moment(store: Store) {
    let owner = store.owner().await;
    let id = make(&owner, "A").await;
    for (was, to) in [("A", "B"), ("B", "C")] {
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        owner.save_record(team(), Some(id), vec![change("name", Some(was), Some(to))], None).await.unwrap();
    }
    let mut events = owner.record_history(team(), Some(id), 10).await.unwrap();
    events.reverse();
    let mut names = Vec::new();
    for event in &events {
        let then = owner.record_at(team(), id, event.at).await.unwrap().unwrap();
        names.push(team().name_of(&then));
    }
    assert_eq!(names, ["A", "B", "C"]);
    let before = domain::Timestamp(events[0].at.0 - 1);
    assert_eq!(owner.record_at(team(), id, before).await.unwrap(), None);
}

async fn a_change_is_taken_back_unless_somebody_built_on_it(store: Store) {
    let owner = store.owner().await;
    let id = make(&owner, "A").await;
    let save =
        async |change| owner.save_record(team(), Some(id), vec![change], None).await.unwrap().record.version;
    let renamed = save(change("name", Some("A"), Some("B"))).await;
    save(change("disciplines", None, Some("Rust"))).await;
    assert_eq!(team().name_of(&owner.undo_record(team(), id, renamed).await.unwrap().record), "A");
    let again = owner.undo_record(team(), id, renamed).await.unwrap_err();
    assert!(matches!(again, Error::Conflict(_)), "{again}");
    assert!(again.to_string().contains("Can't undo: the name has changed since."));
    assert!(matches!(owner.undo_record(team(), id, 99).await, Err(Error::NotFound(_))));
}

/// A row for every kind that there will be.
async fn records_of_every_kind_are_kept_checked_and_copied(store: Store) {
    let owner = store.owner().await;
    let erp = made(&owner, "ERP").await.key;
    // Of these the service makes what links items.
    product(&owner, "CRM", 4).await;
    for text in ["CRM-1 blocks CRM-2", "CRM-3 needs CRM-2", "CRM-4 relates CRM-1"] {
        link(&owner, text).await.unwrap();
    }
    let crm = "CRM".parse().unwrap();
    owner.set_archived(&crm, true).await.unwrap();
    // Targets and capacities hold only what adds up and names a team, key figures and key results numbers and who agreed, funding
    // lines an objective, outcomes a shipped item, retirement plans products and days in order, and solutions belong to no product: tests
    // of their own make them.
    let apart = [
        TARGET_MIX.kind,
        CAPACITY.kind,
        CAPACITY_REQUEST.kind,
        KPI.kind,
        KEY_RESULT.kind,
        FUNDING.kind,
        OUTCOME.kind,
        USER_MOVE.kind,
        CONTRACT.kind,
        SOLUTION.kind,
    ];
    let any = RECORDS.iter().filter(|def| !matches!(def.scope, Scope::Items { .. }));
    let (of_workspace, of_products): (Vec<&RecordDef>, Vec<&RecordDef>) =
        any.filter(|def| !apart.contains(&def.kind)).partition(|def| def.is_of_workspace());
    for def in of_products.into_iter().chain(of_workspace) {
        if def.is_of_workspace() {
            // The fields of the workspace are made up here, and no roadmap could follow them.
            owner.set_archived(&erp, true).await.unwrap();
        }
        for number in 0..3 {
            // Of the views of a product one is the default.
            let fields = def.fields.iter().filter(|field| number == 0 || field.key != "default");
            // A formula is more than any text; without a method a model has criteria alone.
            let is_any = |field: &&FieldDef| !["method", "formula"].contains(&&*field.key);
            let fields = fields.filter(|field| def.kind != SCORE_MODEL.kind || is_any(field));
            // So is what a playbook suggests.
            let is_any = |field: &&FieldDef| !["score_model", "figures", "mix"].contains(&&*field.key);
            let fields = fields.filter(|field| def.kind != PLAYBOOK.kind || is_any(field));
            let fill = fields.map(|field| RecordChange {
                field: field.into(),
                was: None,
                to: Some(match field.example(number) {
                    // A budget is not negative.
                    Value::Number(amount) if field.key == "budget" => Value::Number(amount.abs()),
                    value => value,
                }),
            });
            if def.is_of_workspace() {
                owner.save_record(def, None, fill.collect(), "A test".parse().ok()).await.unwrap();
            } else {
                owner.save_product_record(def, Some(&erp), None, fill.collect()).await.unwrap();
            }
        }
    }
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    backend::copying::backup(&store.url, &file).await.unwrap();
    let Some(place) = store.another("records_restored").await else { return };
    backend::copying::restore(&file, &place.url).await.unwrap();
    let restored = place.second_process().await;
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    let again = restored.people().first_owner().await.unwrap();
    for def in RECORDS.iter().filter(|def| def.is_of_workspace()) {
        assert_eq!(again.records(def).await.unwrap(), owner.records(def).await.unwrap());
    }
    let linked = owner.dependencies(std::slice::from_ref(&crm)).await.unwrap();
    assert_eq!(
        (linked.links.len(), &again.dependencies(std::slice::from_ref(&crm)).await.unwrap()),
        (3, &linked)
    );
    let views = owner.product_records(&VIEW, Some(&erp)).await.unwrap();
    assert_eq!((views.len(), &again.product_records(&VIEW, Some(&erp)).await.unwrap()), (3, &views));
    // A row that somebody changed behind the program's back is found.
    store.execute("UPDATE record SET field_values = '{\"name\":\"Forged\"}'").await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("add up to")), "{problems:?}");
}

async fn who_may_not_write_a_kind_is_refused(store: Store) {
    let owner = store.owner().await;
    let id = make(&owner, "A").await;
    let stakeholder = store.person("stan", Role::Stakeholder).await;
    assert!(stakeholder.as_editor().is_err());
    assert_eq!(stakeholder.records(team()).await.unwrap().len(), 1, "members read");
    let wrong = owner.save_record(
        team(),
        Some(id),
        vec![RecordChange { field: key("colour"), was: None, to: Some(Value::Yes) }],
        None,
    );
    assert!(matches!(wrong.await, Err(Error::Invalid(_))));
    assert!("x".repeat(201).parse::<Reason>().is_err(), "a reason is short");
}

async fn made(editor: &Editor, key: &str) -> Product {
    editor.create_product(key.parse().unwrap(), profile(key)).await.unwrap()
}

async fn a_field_of_the_workspace_is_on_every_roadmap(store: Store) {
    let owner = store.owner().await;
    let editor = store.editor().await;
    let field = RecordDef::find("field").unwrap();
    let (erp, old) = (made(&owner, "ERP").await, made(&owner, "OLD").await);
    owner.set_archived(&old.key, true).await.unwrap();
    let region = vec![
        change("name", None, Some("Region")),
        change("holds", None, Some("choice")),
        change("choices", None, Some("North\nSouth")),
    ];
    let refused = editor.save_record(field, None, region.clone(), None).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Editor)))), "{refused:?}");
    let id = owner.save_record(field, None, region, None).await.unwrap().record.id;
    let key = FieldKey::from(field_of(id));
    let label = async |product: &Product| {
        let roadmap = owner.view(product.roadmap).await.unwrap().roadmap;
        let found = roadmap.fields().find(&key).map(|def| def.label.to_string());
        found.filter(|_| roadmap.fields().is_used(&key))
    };
    assert_eq!((label(&erp).await.as_deref(), label(&old).await), (Some("Region"), None));
    // A product that comes later has it, and one that comes back from the archive.
    let crm = made(&editor, "CRM").await;
    assert_eq!(label(&crm).await.as_deref(), Some("Region"));
    owner.set_archived(&old.key, false).await.unwrap();
    assert_eq!(label(&old).await.as_deref(), Some("Region"));

    let lane = first_lane(&owner, erp.roadmap).await;
    let (item, create) = create(lane, "Single sign-on");
    let fill = Op::set(item, ItemChange::Value { field: key.clone(), to: text("k1") });
    for answer in owner.submit(erp.roadmap, vec![create, fill]).await.unwrap() {
        assert!(matches!(answer.outcome, Outcome::Accepted { .. }), "{answer:?}");
    }
    let rename = vec![change("name", Some("Region"), Some("Area"))];
    owner.save_record(field, Some(id), rename, None).await.unwrap();
    assert_eq!(label(&crm).await.as_deref(), Some("Area"));
    let other =
        owner.save_record(field, Some(id), vec![change("holds", Some("choice"), Some("date"))], None).await;
    assert!(matches!(other, Err(Error::Invalid(_))), "{other:?}");

    owner.delete_record(field, id, None).await.unwrap();
    assert_eq!([label(&erp).await, label(&crm).await, label(&old).await], [None, None, None]);
    let roadmap = owner.view(erp.roadmap).await.unwrap().roadmap;
    assert_eq!(
        roadmap.item(item).unwrap().fields.values.get(&key),
        text("k1").as_ref(),
        "what is filled is kept"
    );
    owner.restore_record(field, id).await.unwrap();
    assert_eq!(label(&erp).await.as_deref(), Some("Area"));
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}
