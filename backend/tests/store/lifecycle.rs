//! How products leave the stages of their life cycle.

use backend::{
    Editor, Error, Profile, StageMove, Ticked,
    figures::{KpiDraft, Point},
    money::MoneyDraft,
};
use domain::{
    Health, ItemChange, Op, OwnerSide, PLAYBOOK, Product, RecordChange, Reject, Role, Stage, Value,
};

use crate::{
    dependencies,
    harness::{Store, stories},
    products::profile,
    retirement,
};

stories! {
    a_stage_is_left_with_its_checklist_or_a_reason
    a_stage_has_the_checklist_of_its_playbook
    stages_are_those_of_products_that_somebody_sees
    two_who_move_a_product_do_not_both_succeed
    products_show_who_uses_them_what_they_cost_and_how_they_are
}

async fn product(editor: &Editor, key: &str) -> Product {
    let profile = Profile { stage: Stage::Growth, ..profile(key) };
    editor.create_product(key.parse().unwrap(), profile).await.unwrap()
}

fn moved((from, to): (Stage, Stage), done: &[&str], reason: &str) -> StageMove {
    let reason = (!reason.is_empty()).then(|| reason.parse().unwrap());
    let done = done.iter().map(|point| (*point).to_owned()).collect();
    StageMove { from, to, done, reason, ticked: Ticked::default() }
}

const ON: (Stage, Stage) = (Stage::Growth, Stage::Maturity);

fn is_invalid(outcome: Result<(), Error>, words: &str) {
    assert!(matches!(&outcome, Err(Error::Invalid(sentence)) if sentence.contains(words)), "{outcome:?}");
}

async fn a_stage_is_left_with_its_checklist_or_a_reason(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP").await.key;
    let stan = store.person("stan", Role::Stakeholder).await;
    let refused = stan.as_editor_of(&erp).await.map(drop);
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
    let editor: Editor = store.editor().await;
    let list = stan.life_cycle().await.unwrap().checklist(Stage::Growth);
    let all: Vec<&str> = list.iter().map(String::as_str).collect();

    is_invalid(editor.move_stage(&erp, &moved(ON, &all[1..], "")).await, all[0]);
    assert_eq!(stan.product(&erp).await.unwrap().stage, Stage::Growth);
    editor.move_stage(&erp, &moved(ON, &all, "")).await.unwrap();
    assert_eq!(stan.product(&erp).await.unwrap().stage, Stage::Maturity);
    // It is there already, and back it goes for a reason alone.
    let late = editor.move_stage(&erp, &moved(ON, &all, "")).await;
    assert!(matches!(&late, Err(Error::Conflict(sentence)) if sentence.contains("has moved")), "{late:?}");
    is_invalid(editor.move_stage(&erp, &moved((ON.1, ON.1), &[], "So")).await, "already");
    let back = (ON.1, ON.0);
    is_invalid(editor.move_stage(&erp, &moved(back, &all, "")).await, "goes back");
    editor.move_stage(&erp, &moved(back, &[], "Use grows again")).await.unwrap();
    // With a reason, points stay open.
    editor.move_stage(&erp, &moved(ON, &all[..1], "The board decided so")).await.unwrap();

    let cycle = stan.life_cycle().await.unwrap();
    let staged = &cycle.products[0];
    let told: Vec<_> = staged
        .changes
        .iter()
        .map(|change| {
            (change.to, change.checklist.done.len(), change.checklist.open.len(), change.reason.as_deref())
        })
        .collect();
    assert_eq!(
        told,
        [
            (Stage::Maturity, 1, list.len() - 1, Some("The board decided so")),
            (Stage::Growth, 0, 0, Some("Use grows again")),
            (Stage::Maturity, list.len(), 0, None),
        ]
    );
    assert_eq!(staged.since(), Some(staged.changes[0].at));
    assert!(staged.created.is_some_and(|created| created <= staged.changes[2].at));

    owner.set_archived(&erp, true).await.unwrap();
    let archived = editor.move_stage(&erp, &moved(back, &[], "So")).await;
    assert!(matches!(archived, Err(Error::Refused(Reject::Archived))), "{archived:?}");
    assert!(stan.life_cycle().await.unwrap().products.is_empty());
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_stage_has_the_checklist_of_its_playbook(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP").await.key;
    owner.keep_playbook(Stage::Growth).await.unwrap();
    owner.keep_playbook(Stage::Growth).await.unwrap();
    let playbooks = owner.records(&PLAYBOOK).await.unwrap();
    let [own] = &playbooks[..] else { panic!("{playbooks:?}") };
    let built_in = own.values.get("checklist").cloned();
    let set = |was: Option<Value>, to: &str| {
        vec![RecordChange { field: "checklist".parse().unwrap(), was, to: Some(Value::Text(to.into())) }]
    };
    owner.save_record(&PLAYBOOK, Some(own.id), set(built_in, "Costs are known"), None).await.unwrap();
    assert_eq!(owner.life_cycle().await.unwrap().checklist(Stage::Growth), ["Costs are known"]);
    is_invalid(owner.move_stage(&erp, &moved(ON, &[], "")).await, "Costs are known");
    // In the bin, it holds no longer.
    owner.delete_record(&PLAYBOOK, own.id, None).await.unwrap();
    assert!(owner.life_cycle().await.unwrap().checklist(Stage::Growth).len() > 1);
    // Those who do not own the workspace have no way to change one.
    let editor = store.editor().await;
    let refused = editor.save_record(&PLAYBOOK, Some(own.id), set(None, "Nothing"), None).await.map(drop);
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
}

async fn stages_are_those_of_products_that_somebody_sees(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP").await, product(&owner, "CRM").await);
    let editor = store.editor().await;
    let owners = backend::figures::Owners { business: Some(editor.member().id), it: None };
    owner.set_owners(&erp.key, owners).await.unwrap();
    owner.move_stage(&crm.key, &moved((Stage::Growth, Stage::Launch), &[], "Too early")).await.unwrap();
    let hide = backend::AccessChange::Show(domain::Visibility::Chosen);
    owner.change_access(&crm.key, hide).await.unwrap();
    let cycle = editor.life_cycle().await.unwrap();
    let [staged] = &cycle.products[..] else { panic!("{cycle:?}") };
    assert_eq!((staged.product.id, staged.owners), (erp.id, owners));
    assert_eq!(staged.owners.of(OwnerSide::Business), Some(editor.member().id));
    let hidden = editor.move_stage(&crm.key, &moved(ON, &[], "Mine")).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
    assert_eq!(owner.life_cycle().await.unwrap().products.len(), 2);
}

async fn two_who_move_a_product_do_not_both_succeed(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP").await.key;
    let editor = store.editor().await;
    let wanted = moved(ON, &[], "Together");
    let (one, other) = tokio::join!(owner.move_stage(&erp, &wanted), editor.move_stage(&erp, &wanted));
    assert_eq!([one, other].iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(owner.life_cycle().await.unwrap().products[0].changes.len(), 1);
}

/// One of two key figures misses its target, and one of four planned items is late: neither more than half nor more than a quarter. The
/// product cost 70 four months ago, which lies within the four quarters that ended last; 130 people use it.
async fn products_show_who_uses_them_what_they_cost_and_how_they_are(store: Store) {
    let owner = store.owner().await;
    let erp = dependencies::product(&owner, "ERP", 5).await;
    let bare = product(&owner, "CRM").await;
    let today = backend::now().utc().date;
    for (name, family, direction, target, value) in
        [("Active users", "adoption", "up", "100", "130"), ("Closing time", "efficiency", "down", "2.5", "3")]
    {
        let [name, family, direction, target] = [name, family, direction, target].map(str::to_owned);
        let draft = KpiDraft { name, family, direction, target, ..KpiDraft::default() };
        let kpi = owner.save_kpi(&erp.key, None, &draft).await.unwrap();
        for (days, value) in [(-9, "1"), (-2, value)] {
            let (day, source) = (today.plus_days(days).unwrap(), String::new());
            let point = Point { day, value: value.parse().unwrap(), source };
            owner.measure(&erp.key, kpi, vec![point], false).await.unwrap();
        }
    }
    let month = domain::money::Month::of(today).plus(-4).to_string();
    let [kind, basis, amount] = ["cost", "actual", "70"].map(str::to_owned);
    let cost = MoneyDraft { month, kind, basis, amount, ..MoneyDraft::default() };
    owner.save_money(&erp.key, None, &cost).await.unwrap();
    let items: Vec<_> = owner.view(erp.roadmap).await.unwrap().roadmap.items().map(|item| item.id).collect();
    for (item, end) in items.into_iter().zip(["2020-02-01", "2090-01-01", "2090-01-01", "2090-01-01"]) {
        let schedule = ItemChange::Schedule { start: None, end: end.parse().ok() };
        owner.submit(erp.roadmap, vec![Op::set(item, schedule)]).await.unwrap();
    }
    owner.save_user_move(&erp.key, None, &retirement::group("Finance", "40", "")).await.unwrap();

    let reader = store.person("vic", Role::Viewer).await;
    let cycle = reader.life_cycle().await.unwrap();
    let glance = |product: &Product| {
        let staged = cycle.products.iter().find(|staged| staged.product.id == product.id).unwrap();
        staged.glance.clone()
    };
    let own = glance(&erp);
    assert_eq!((own.health, own.cost, own.retirement), (Health::Watch, Some(7_000), None));
    assert_eq!(own.reason, "1 of 2 key figures off target, 1 of 4 planned items late");
    let users = own.users.unwrap();
    assert_eq!((&*users.name, users.count.to_string()), ("Active users", "130".to_owned()));
    let other = glance(&bare);
    assert_eq!((other.health, other.cost, other.users), (Health::Unknown, None, None));

    // In retirement, who has to move is there, too.
    owner.move_stage(&erp.key, &moved((erp.stage, Stage::Retirement), &[], "Replaced")).await.unwrap();
    let cycle = reader.life_cycle().await.unwrap();
    let staged = cycle.products.iter().find(|staged| staged.product.id == erp.id).unwrap();
    assert_eq!(staged.glance.retirement.map(|sums| sums.left()), Some(40));
}
