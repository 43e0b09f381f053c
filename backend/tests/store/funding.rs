//! Funding of objectives, and what the items that name them draw.

use backend::{AccessChange, Error, Owner, Viewer, funding::FundingDraft, money::MoneySettings};
use domain::{
    FieldKey, Funding, ItemChange, ItemId, OBJECTIVE, OBJECTIVES, Op, Quarter, RecordChange, RecordId,
    RoadmapId, Role, Value, Visibility, money::Currency, objective_key,
};

use crate::{
    dependencies::product,
    harness::{Store, stories},
    rooms::{create, first_lane},
};

stories! {
    objectives_are_funded_by_lines_for_quarters
    items_draw_from_their_objectives_in_equal_parts
    a_budget_below_what_is_drawn_is_refused_in_every_way
}

fn quarter() -> Quarter {
    "2027-Q1".parse().unwrap()
}

fn change(field: &str, to: Value) -> RecordChange {
    RecordChange { field: field.parse().unwrap(), was: None, to: Some(to) }
}

async fn objective(owner: &Owner, name: &str) -> RecordId {
    let text = |text: &str| Value::Text(text.to_owned());
    let changes = vec![change("name", text(name)), change("quarter", text("2027-Q1"))];
    owner.save_record(&OBJECTIVE, None, changes, None).await.unwrap().record.id
}

/// An item with a cost in whole units that serves objectives.
async fn item(owner: &Owner, roadmap: RoadmapId, title: &str, cost: i64, objectives: &[RecordId]) -> ItemId {
    let (item, made) = create(first_lane(owner, roadmap).await, title);
    let keys = objectives.iter().map(|objective| objective_key(*objective)).collect();
    let set = |field: FieldKey, to| Op::set(item, ItemChange::Value { field, to: Some(to) });
    let ops = vec![
        made,
        set("cost".parse().unwrap(), Value::Number(cost * 100)),
        set(FieldKey::from(OBJECTIVES), Value::Keys(keys)),
    ];
    for answer in owner.submit(roadmap, ops).await.unwrap() {
        assert!(matches!(answer.outcome, domain::wire::Outcome::Accepted { .. }), "{answer:?}");
    }
    item
}

fn line(name: &str, amount: &str, from: &str, to: &str) -> FundingDraft {
    let [name, amount, from, to] = [name, amount, from, to].map(str::to_owned);
    FundingDraft { name, amount, from, to, seen: None }
}

/// What is drawn from each objective of the quarter, in whole units, as a person sees it.
async fn drawn(viewer: &Viewer) -> Vec<(String, i64)> {
    let mut products = viewer.products().await.unwrap();
    products.retain(|product| !product.archived);
    let plan = viewer.quarter(quarter(), &products).await.unwrap();
    let named = plan.objectives.iter().map(|objective| OBJECTIVE.name_of(objective));
    named.zip(plan.alignment.objectives.iter().map(|share| share.drawn / 100)).collect()
}

async fn objectives_are_funded_by_lines_for_quarters(store: Store) {
    let owner = store.owner().await;
    owner.set_money(MoneySettings { currency: Currency::find("EUR"), discount: 800 }, None).await.unwrap();
    let closing = objective(&owner, "Faster closing").await;
    let first = line("Finance", "€ 600", "2027-Q1", "Q2 2027");
    owner.add_funding(closing, &first).await.unwrap();
    owner.add_funding(closing, &line("Innovation fund", "250.50", "", "")).await.unwrap();
    for (wrong, why) in [
        (line("Finance", "5 USD", "", ""), "another currency"),
        (line("Finance", "0", "", ""), "above 0"),
        (line("Finance", "", "", ""), "above 0"),
        (line("", "5", "", ""), "a name"),
        (line("Finance", "5", "soon", ""), "quarter"),
        (line("Finance", "5", "2027-Q2", "2027-Q1"), "Swap"),
    ] {
        let refused = owner.add_funding(closing, &wrong).await;
        assert!(matches!(&refused, Err(Error::Invalid(said)) if said.contains(why)), "{refused:?}");
    }
    let missing = owner.add_funding(RecordId::NIL, &first).await;
    assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");

    // A stale form changes what was edited in it.
    let (lines, _) = owner.funding(&[closing]).await.unwrap();
    let [finance, _] = &lines[..] else { panic!("{lines:?}") };
    let seen = line("Finance", "600", "2027-Q1", "2027-Q2");
    let edited = |draft: FundingDraft| FundingDraft { seen: Some(Box::new(seen.clone())), ..draft };
    owner.change_funding(finance.id, &edited(line("Finance", "700", "2027-Q1", "2027-Q2"))).await.unwrap();
    owner.change_funding(finance.id, &edited(line("The CFO", "600", "2027-Q1", "2027-Q2"))).await.unwrap();
    // What somebody else has changed meanwhile is not written over unseen.
    let other = owner.change_funding(finance.id, &edited(line("Finance", "900", "2027-Q1", "2027-Q2"))).await;
    assert!(
        matches!(&other, Err(Error::Conflict(why)) if why.contains("the amount meanwhile: it is “700” now")),
        "{other:?}"
    );
    owner.change_funding(finance.id, &edited(line("Finance", "700", "2027-Q1", "2027-Q2"))).await.unwrap();
    let reader = store.person("vic", Role::Viewer).await;
    let (lines, removed) = reader.funding(&[closing]).await.unwrap();
    let changed = lines.iter().find(|line| line.id == finance.id).unwrap();
    assert_eq!(domain::FUNDING.name_of(changed), "The CFO");
    assert_eq!(Funding::of(changed).unwrap().amount, 70_000);
    assert!(removed.is_empty() && lines.len() == 2);
    owner.bin_funding(finance.id, true).await.unwrap();
    assert_eq!(reader.funding(&[closing]).await.unwrap().1.len(), 1);
    owner.bin_funding(finance.id, false).await.unwrap();
    assert_eq!(reader.funding(&[closing]).await.unwrap().0.len(), 2);
    assert_eq!(reader.funding(&[RecordId::NIL]).await.unwrap().0.len(), 0);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

/// By hand: 100 and half of 60 for the first, the other half and 40 for the second. Of the hidden product's 40 its strangers know nothing,
/// and in an archived one nothing is drawn.
async fn items_draw_from_their_objectives_in_equal_parts(store: Store) {
    let owner = store.owner().await;
    let other = store.person("sam", Role::Editor).await;
    let (erp, crm) = (product(&owner, "ERP", 0).await, product(&owner, "CRM", 0).await);
    let (closing, calls) = (objective(&owner, "Closing").await, objective(&owner, "Fewer calls").await);
    item(&owner, erp.roadmap, "Ledger", 100, &[closing]).await;
    item(&owner, erp.roadmap, "Both", 60, &[closing, calls]).await;
    item(&owner, crm.roadmap, "Phones", 40, &[calls]).await;
    let expect = |closing, calls| vec![("Closing".to_owned(), closing), ("Fewer calls".to_owned(), calls)];
    assert_eq!(drawn(&owner).await, expect(130, 70));
    owner.change_access(&crm.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    assert_eq!(drawn(&other).await, expect(130, 30));
    owner.set_archived(&erp.key, true).await.unwrap();
    assert_eq!(drawn(&owner).await, expect(0, 40));
    owner.set_budget(closing, "0", None).await.unwrap();
}

async fn a_budget_below_what_is_drawn_is_refused_in_every_way(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let (closing, calls) = (objective(&owner, "Closing").await, objective(&owner, "Fewer calls").await);
    item(&owner, erp.roadmap, "Ledger", 100, &[closing]).await;
    item(&owner, erp.roadmap, "Both", 60, &[closing, calls]).await;
    let refused = |outcome: Result<(), Error>| {
        let Err(Error::Invalid(sentence)) = outcome else { panic!("{outcome:?}") };
        assert!(sentence.contains("130 is already drawn from “Closing”. Raise the budget"), "{sentence}");
    };
    refused(owner.set_budget(closing, "129.99", None).await);
    let directly = vec![change("budget", Value::Number(12_999))];
    refused(owner.save_record(&OBJECTIVE, Some(closing), directly, None).await.map(drop));
    owner.set_budget(closing, "130", None).await.unwrap();
    owner.set_budget(closing, "200", None).await.unwrap();
    owner.set_budget(closing, "", None).await.unwrap();
    owner.set_budget(calls, "30", None).await.unwrap();
    // Taking back: what is drawn has grown since.
    owner.set_budget(closing, "150", None).await.unwrap();
    owner.set_budget(closing, "500", None).await.unwrap();
    item(&owner, erp.roadmap, "More", 200, &[closing]).await;
    let now = owner.records(&OBJECTIVE).await.unwrap();
    let version = now.iter().find(|objective| objective.id == closing).unwrap().version;
    let Err(Error::Invalid(sentence)) = owner.undo_record(&OBJECTIVE, closing, version).await else {
        panic!("the budget fell below what is drawn")
    };
    assert!(sentence.contains("330 is already drawn"), "{sentence}");
    let negative = owner.set_budget(calls, "-5", None).await;
    assert!(matches!(&negative, Err(Error::Invalid(why)) if why.contains("negative")), "{negative:?}");
    // What was seen and is typed again changes nothing, even when it is overdrawn by now.
    item(&owner, erp.roadmap, "Yet more", 900, &[closing]).await;
    owner.set_budget(closing, "500", Some("500")).await.unwrap();
    let other = owner.set_budget(closing, "5000", Some("400")).await;
    assert!(matches!(&other, Err(Error::Conflict(why)) if why.contains("“500” now")), "{other:?}");
    let editor = store.editor().await;
    assert!(editor.as_owner().is_err(), "only owners set budgets");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}
