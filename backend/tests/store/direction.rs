//! Objectives of a quarter: at most three are open, however one is opened, and items of every product can serve them.

use backend::{Editor, Error, Owner};
use domain::{
    FieldKey, ItemChange, ItemId, OBJECTIVE, OBJECTIVES, Op, RecordChange, RecordId, Value, objective_key,
};

use crate::{
    dependencies::product,
    harness::{Store, stories},
    rooms::{create, first_lane},
};

stories! {
    a_fourth_objective_of_a_quarter_is_opened_in_no_way
    two_processes_do_not_open_a_fourth_together
    items_of_every_product_serve_the_objectives_of_a_quarter
    what_serves_another_quarter_is_not_read
}

fn change(field: &str, was: Option<&str>, to: Option<&str>) -> RecordChange {
    let text = |text: &str| Value::Text(text.to_owned());
    RecordChange { field: field.parse().unwrap(), was: was.map(text), to: to.map(text) }
}

async fn make(editor: &Editor, name: &str, state: &str) -> Result<RecordId, Error> {
    let changes = vec![
        change("name", None, Some(name)),
        change("quarter", None, Some("2027-Q1")),
        change("state", None, Some(state)),
    ];
    Ok(editor.save_record(&OBJECTIVE, None, changes, None).await?.record.id)
}

async fn open_now(owner: &Owner) -> Vec<String> {
    let all = owner.records(&OBJECTIVE).await.unwrap();
    let open = all.iter().filter(|record| domain::objective_state(record) == domain::ObjectiveState::Open);
    open.map(|record| OBJECTIVE.name_of(record)).collect()
}

async fn a_fourth_objective_of_a_quarter_is_opened_in_no_way(store: Store) {
    let owner = store.owner().await;
    let mut ids = Vec::new();
    for name in ["One", "Three", "Two"] {
        ids.push(make(&owner, name, "open").await.unwrap());
    }
    let names = ["One", "Three", "Two"];
    let refused = |outcome: Result<(), Error>| {
        let Err(Error::Invalid(sentence)) = outcome else { panic!("{outcome:?}") };
        assert!(names.iter().all(|name| sentence.contains(name)), "{sentence}");
    };
    refused(make(&owner, "Four", "open").await.map(drop));
    let draft = make(&owner, "Four", "draft").await.unwrap();
    let open = vec![change("state", Some("draft"), Some("open"))];
    refused(owner.save_record(&OBJECTIVE, Some(draft), open, None).await.map(drop));

    // From the bin.
    owner.delete_record(&OBJECTIVE, ids[0], None).await.unwrap();
    let open = vec![change("state", Some("draft"), Some("open"))];
    owner.save_record(&OBJECTIVE, Some(draft), open, None).await.unwrap();
    let Err(Error::Invalid(sentence)) = owner.restore_record(&OBJECTIVE, ids[0]).await else {
        panic!("it came back")
    };
    assert!(sentence.contains("Four"), "{sentence}");

    // By taking back what made room for it.
    let away = vec![change("quarter", Some("2027-Q1"), Some("2027-Q2"))];
    let moved = owner.save_record(&OBJECTIVE, Some(draft), away, None).await.unwrap();
    owner.restore_record(&OBJECTIVE, ids[0]).await.unwrap();
    let undone = owner.undo_record(&OBJECTIVE, draft, moved.record.version).await;
    refused(undone.map(drop));
    assert_eq!(open_now(&owner).await, ["Four", "One", "Three", "Two"], "Four in another quarter");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn two_processes_do_not_open_a_fourth_together(store: Store) {
    if store.is_sqlite() {
        return;
    }
    let owner = store.owner().await;
    for name in ["One", "Two"] {
        make(&owner, name, "open").await.unwrap();
    }
    let second = store.second_process().await;
    let there = second.people().first_owner().await.unwrap().as_owner().unwrap();
    let (third, fourth) = tokio::join!(make(&owner, "Three", "open"), make(&there, "Four", "open"));
    assert!(third.is_ok() != fourth.is_ok(), "{third:?} {fourth:?}");
    assert_eq!(open_now(&owner).await.len(), 3);
}

fn serves(item: ItemId, objective: RecordId) -> Op {
    let keys = [objective_key(objective)].into();
    Op::set(item, ItemChange::Value { field: FieldKey::from(OBJECTIVES), to: Some(Value::Keys(keys)) })
}

async fn items_of_every_product_serve_the_objectives_of_a_quarter(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP", 0).await, product(&owner, "CRM", 0).await);
    let objective = make(&owner, "Faster closing", "open").await.unwrap();
    let planned = |item| {
        let day = |text: &str| Some(text.parse().unwrap());
        Op::set(item, ItemChange::Schedule { start: day("2027-01-01"), end: day("2027-03-31") })
    };
    let effort = |item, days: &str| Op::set(item, ItemChange::Effort(Some(days.parse().unwrap())));
    for (product, title, days) in [(&erp, "Ledger", "6"), (&crm, "Leads", "2.5")] {
        let (item, one) = create(first_lane(&owner, product.roadmap).await, title);
        let (other, another) = create(first_lane(&owner, product.roadmap).await, "Something else");
        let ops = vec![
            one,
            serves(item, objective),
            planned(item),
            effort(item, days),
            another,
            planned(other),
            effort(other, "1"),
        ];
        for answer in owner.submit(product.roadmap, ops).await.unwrap() {
            assert!(matches!(answer.outcome, domain::wire::Outcome::Accepted { .. }), "{answer:?}");
        }
    }
    let products = owner.products().await.unwrap();
    let plan = owner.quarter("2027-Q1".parse().unwrap(), &products).await.unwrap();
    let [served] = &plan.alignment.objectives[..] else { panic!("there is one objective") };
    // 6 + 2.5 days serve it, 1 + 1 serve none: 85 of 105 tenths.
    assert_eq!((served.effort, plan.alignment.none.effort, plan.alignment.aligned()), (85, 20, Some(81)));
    let mut titles: Vec<&str> = served.items.iter().map(|at| &*plan.items[*at].title).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["Leads", "Ledger"]);
    let one = [products[0].clone()];
    let plan = owner.quarter("2027-Q1".parse().unwrap(), &one).await.unwrap();
    assert_eq!(plan.alignment.objectives[0].items.len(), 1, "of those products alone");

    // What is closed is not offered any more, and kept by what served it.
    let closed =
        vec![change("state", Some("open"), Some("closed")), change("result", None, Some("Done in two days"))];
    owner.save_record(&OBJECTIVE, Some(objective), closed, None).await.unwrap();
    let roadmap = owner.view(erp.roadmap).await.unwrap().roadmap;
    let field = roadmap.fields().find(&FieldKey::from(OBJECTIVES)).unwrap();
    assert!(field.kind.choices()[0].retired);
    let plan = owner.quarter("2027-Q1".parse().unwrap(), &products).await.unwrap();
    assert_eq!(plan.alignment.objectives[0].items.len(), 2);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn what_serves_another_quarter_is_not_read(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let now = make(&owner, "Faster closing", "open").await.unwrap();
    let later = make(&owner, "Fewer calls", "draft").await.unwrap();
    let away = vec![change("quarter", Some("2027-Q1"), Some("2027-Q2"))];
    owner.save_record(&OBJECTIVE, Some(later), away, None).await.unwrap();
    let lane = first_lane(&owner, erp.roadmap).await;
    let ((ledger, one), (leads, other), (_, none)) =
        (create(lane, "Ledger"), create(lane, "Leads"), create(lane, "Neither"));
    let ops = vec![one, other, none, serves(ledger, now), serves(leads, later)];
    for answer in owner.submit(erp.roadmap, ops).await.unwrap() {
        assert!(matches!(answer.outcome, domain::wire::Outcome::Accepted { .. }), "{answer:?}");
    }
    let products = owner.products().await.unwrap();
    for (quarter, expected) in [("2027-Q1", &["Ledger"][..]), ("2027-Q2", &["Leads"]), ("2027-Q3", &[])] {
        let plan = owner.quarter(quarter.parse().unwrap(), &products).await.unwrap();
        let titles: Vec<&str> = plan.items.iter().map(|item| &*item.title).collect();
        assert_eq!(titles, expected, "{quarter}");
    }
}
