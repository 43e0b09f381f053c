//! The mix that is wanted, the days of teams, and who may set them.

use backend::{Error, Viewer, balance::bands::Recorded};
use domain::{
    CAPACITY, CAPACITY_REQUEST, DISCIPLINES, Investment, ItemChange, Op, Product, Quarter, RecordChange,
    RecordId, Reject, Role, TARGET_MIX, TEAM, UserId, Value,
    balance::{Balance, Measure, Target, TargetMix},
};

use crate::{
    dependencies::product,
    harness::{Store, stories},
    rooms::{create, first_lane},
};

stories! {
    a_target_is_set_by_editors_of_its_product_and_by_owners_for_all
    the_balance_of_a_quarter_is_that_of_products_somebody_sees
    a_product_manager_asks_for_days_that_only_the_lead_gives
    what_does_not_fit_is_what_ranks_lowest_in_all_products
    a_breach_of_the_band_is_recorded_once_and_so_is_the_way_back
    work_takes_days_of_disciplines
}

const MIX: TargetMix = TargetMix { shares: [50, 30, 15, 5], band: 10 };

fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

async fn a_target_is_set_by_editors_of_its_product_and_by_owners_for_all(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await.key;
    let editor = store.editor().await;
    let stan = store.person("stan", Role::Stakeholder).await;
    let forbidden = |outcome: Result<(), Error>| {
        assert!(matches!(outcome, Err(Error::Refused(Reject::NotAllowed(_)))), "{outcome:?}");
    };
    forbidden(stan.set_target(Some(&erp), None, Some(MIX)).await);
    forbidden(editor.set_target(None, None, Some(MIX)).await);
    editor.set_target(Some(&erp), None, Some(MIX)).await.unwrap();
    owner.set_target(None, Some(quarter("2027-Q1")), Some(MIX)).await.unwrap();
    let wrong = TargetMix { shares: [50, 30, 15, 4], band: 10 };
    let refused = editor.set_target(Some(&erp), None, Some(wrong)).await;
    assert!(matches!(&refused, Err(Error::Invalid(sentence)) if sentence.contains("99 %")), "{refused:?}");
    assert_eq!(stan.targets(Some(&erp)).await.unwrap(), [Target { quarter: None, mix: MIX }]);
    assert_eq!(stan.targets(None).await.unwrap(), [Target { quarter: Some(quarter("2027-Q1")), mix: MIX }]);
    // It is changed in place, removed, and set again.
    let other = TargetMix { shares: [40, 40, 15, 5], band: 5 };
    editor.set_target(Some(&erp), None, Some(other)).await.unwrap();
    assert_eq!(stan.targets(Some(&erp)).await.unwrap(), [Target { quarter: None, mix: other }]);
    editor.set_target(Some(&erp), None, None).await.unwrap();
    assert_eq!(stan.targets(Some(&erp)).await.unwrap(), []);
    editor.set_target(Some(&erp), None, Some(MIX)).await.unwrap();
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

/// An item in the first quarter of 2027 with an effort and a team.
async fn plan(viewer: &Viewer, product: &Product, title: &str, days: &str, team: Option<&str>) {
    let (item, made) = create(first_lane(viewer, product.roadmap).await, title);
    let day = |text: &str| Some(text.parse().unwrap());
    let mut ops = vec![
        made,
        Op::set(item, ItemChange::Schedule { start: day("2027-01-01"), end: day("2027-03-31") }),
        Op::set(item, ItemChange::Effort(Some(days.parse().unwrap()))),
        Op::set(item, ItemChange::Investment(Some(Investment::Run))),
    ];
    let to = team.map(|team| Value::Text(team.to_owned()));
    ops.push(Op::set(item, ItemChange::Value { field: "team".parse().unwrap(), to }));
    for answer in viewer.submit(product.roadmap, ops).await.unwrap() {
        assert!(matches!(answer.outcome, domain::wire::Outcome::Accepted { .. }), "{answer:?}");
    }
}

async fn the_balance_of_a_quarter_is_that_of_products_somebody_sees(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP", 0).await, product(&owner, "CRM", 0).await);
    plan(&owner, &erp, "Ledger", "6", None).await;
    plan(&owner, &crm, "Leads", "2.5", None).await;
    let sum = async |products: &[Product], of: &str| {
        let (work, is_cut) = owner.work_of(products, quarter(of)).await.unwrap();
        assert!(!is_cut);
        Balance::of(work.iter().map(|work| work.weighed(Measure::Effort)), None).planned
    };
    assert_eq!(sum(&[erp.clone(), crm.clone()], "2027-Q1").await, [0, 0, 85, 0]);
    assert_eq!(sum(std::slice::from_ref(&crm), "2027-Q1").await, [0, 0, 25, 0]);
    assert_eq!(sum(&[erp, crm], "2027-Q2").await, [0; 4]);
}

/// By hand, with a target of 50, 30, 15 and 5 % and a band of 10 points: with 10 days of run alone, innovation (0 of 40 to 60) and retention
/// (0 of 20 to 40) are below and run (100 of 5 to 25) above; retire (0 of 0 to 15) is within. With 40 days of innovation and 20 of retention
/// more the shares are 57.1, 28.6, 14.3 and 0 %: all within.
async fn a_breach_of_the_band_is_recorded_once_and_so_is_the_way_back(store: Store) {
    let (owner, editor) = (store.owner().await, store.editor().await);
    let erp = product(&owner, "ERP", 0).await;
    let far = quarter("2031-Q1");
    editor.set_target(Some(&erp.key), Some(far), Some(MIX)).await.unwrap();
    let lane = first_lane(&owner, erp.roadmap).await;
    let add = async |viewer: &Viewer, title: &str, days: &str, of: Investment| {
        let (item, made) = create(lane, title);
        let day = |text: &str| Some(text.parse().unwrap());
        let ops = vec![
            made,
            Op::set(item, ItemChange::Schedule { start: day("2031-01-01"), end: day("2031-03-31") }),
            Op::set(item, ItemChange::Effort(Some(days.parse().unwrap()))),
            Op::set(item, ItemChange::Investment(Some(of))),
        ];
        for answer in viewer.submit(erp.roadmap, ops).await.unwrap() {
            assert!(matches!(answer.outcome, domain::wire::Outcome::Accepted { .. }), "{answer:?}");
        }
    };
    let recorded = async |is_it: &dyn Fn(&Recorded) -> bool| {
        for _ in 0..200 {
            let found = owner.recorded_breaches(&erp).await.unwrap().remove(&far);
            if let Some(found) = found.filter(is_it) {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it was not recorded");
    };
    add(&editor, "Patches", "10", Investment::Run).await;
    let left = recorded(&|_| true).await;
    let outside = [("innovation", false), ("retention", false), ("run", true)];
    assert_eq!(left.breach.outside, outside.map(|(name, above)| (name.to_owned(), above)).into());
    assert_eq!((left.by, left.breach.shares), (editor.member().id, [0, 0, 100, 0]));
    // More of the same is nothing new.
    add(&owner, "More patches", "0.1", Investment::Run).await;
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(recorded(&|_| true).await, left);
    add(&owner, "Portal", "40", Investment::Innovation).await;
    add(&owner, "Renewals", "20", Investment::Retention).await;
    let back = recorded(&|found| found.breach.outside.is_empty()).await;
    assert_eq!((back.by, back.breach.shares), (owner.member().id, [57, 29, 14, 0]));
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn team(owner: &backend::Owner, name: &str, lead: UserId) -> RecordId {
    let set = |field: &str, to: String| RecordChange {
        field: field.parse().unwrap(),
        was: None,
        to: Some(Value::Text(to)),
    };
    let changes = vec![set("name", name.to_owned()), set("lead", lead.to_string())];
    owner.save_record(&TEAM, None, changes, None).await.unwrap().record.id
}

async fn id_of(viewer: &Viewer, name: &str) -> UserId {
    let members = viewer.members().await.unwrap();
    members.iter().find(|member| &*member.name == name).unwrap().id
}

async fn a_product_manager_asks_for_days_that_only_the_lead_gives(store: Store) {
    let owner = store.owner().await;
    let editor = store.editor().await;
    let lead = store.person("lena", Role::Stakeholder).await;
    let payments = team(&owner, "Payments", id_of(&owner, "lena").await).await;
    let now = quarter("2027-Q1");
    // Nobody else's days to give, whatever the way.
    let refused = editor.set_capacity(payments, &[(now, Some(60))]).await;
    let Err(Error::Forbidden(sentence)) = refused else { panic!("{refused:?}") };
    assert!(sentence.contains("lead of Payments"), "{sentence}");
    let changes = vec![RecordChange {
        field: "name".parse().unwrap(),
        was: None,
        to: Some(Value::Text("Payments".to_owned())),
    }];
    for def in [&CAPACITY, &CAPACITY_REQUEST] {
        assert!(editor.save_record(def, None, changes.clone(), None).await.is_err());
        assert!(editor.save_product_record(def, None, None, changes.clone()).await.is_err());
    }
    lead.set_capacity(payments, &[(now, Some(60)), (now.plus(1), Some(50)), (now.plus(2), None)])
        .await
        .unwrap();
    lead.set_capacity(payments, &[(now.plus(1), None)]).await.unwrap();
    lead.set_capacity(payments, &[(now.plus(1), Some(55))]).await.unwrap();
    let days = async || {
        let all = lead.capacities(now, 3, Vec::new()).await.unwrap();
        all.teams[0].cells.iter().map(|cell| cell.days).collect::<Vec<_>>()
    };
    assert_eq!(days().await, [Some(60), Some(55), None]);
    assert!(matches!(owner.set_capacity(payments, &[(now, Some(100_001))]).await, Err(Error::Invalid(_))));

    // A request is answered once, by the lead, with a reason.
    let silent = editor.ask_for_capacity(payments, now, 5, String::new()).await;
    assert!(matches!(&silent, Err(Error::Invalid(sentence)) if sentence.contains("what the days are for")));
    let by_lead = lead.ask_for_capacity(payments, now, 5, "x".to_owned()).await;
    assert!(
        matches!(by_lead, Err(Error::Refused(Reject::NotAllowed(_)))),
        "she is a stakeholder: {by_lead:?}"
    );
    editor.ask_for_capacity(payments, now, 5, "The audit".to_owned()).await.unwrap();
    editor.ask_for_capacity(payments, now, 7, "More".to_owned()).await.unwrap();
    let requests = lead.capacities(now, 1, Vec::new()).await.unwrap().requests;
    let [second, first] = &requests[..] else { panic!("{requests:?}") };
    assert!(first.may_answer && first.said.reason == "The audit");
    assert!(!editor.capacities(now, 1, Vec::new()).await.unwrap().requests[0].may_answer);
    let refused = editor.answer_request(first.id, true, "Mine".to_owned()).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let silent = lead.answer_request(first.id, true, " ".to_owned()).await;
    assert!(matches!(&silent, Err(Error::Invalid(sentence)) if sentence.contains("reason")), "{silent:?}");
    lead.answer_request(first.id, true, "After the holidays".to_owned()).await.unwrap();
    lead.answer_request(second.id, false, "No room".to_owned()).await.unwrap();
    let again = lead.answer_request(second.id, true, "Yet".to_owned()).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    assert_eq!(days().await, [Some(65), Some(55), None], "yes adds them, no does not");
    let answered = editor.capacities(now, 1, Vec::new()).await.unwrap().requests;
    assert_eq!((answered[1].said.answer, answered[0].said.answer), (Some(true), Some(false)));
    assert_eq!(answered[1].answered.unwrap().by, id_of(&owner, "lena").await);
    // Both are in the log.
    let history = owner.record_history(&CAPACITY_REQUEST, Some(first.id), 10).await.unwrap();
    let by: Vec<UserId> = history.iter().map(|event| event.by).collect();
    assert_eq!(by, [id_of(&owner, "lena").await, id_of(&owner, "edith").await]);
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());

    // A copy has all of it.
    owner.set_target(None, None, Some(MIX)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    backend::copying::backup(&store.url, &file).await.unwrap();
    let Some(place) = store.another("capacity_restored").await else { return };
    backend::copying::restore(&file, &place.url).await.unwrap();
    let restored = place.second_process().await;
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    let there = restored.people().first_owner().await.unwrap();
    for def in [&CAPACITY, &CAPACITY_REQUEST, &TARGET_MIX] {
        let kept = owner.product_records(def, None).await.unwrap();
        assert!(!kept.is_empty());
        assert_eq!(there.product_records(def, None).await.unwrap(), kept, "{}", def.kind);
    }
}

/// Payments has 40 days, of which a quarter is design and 60 % development: 10 and 24 days. By hand:
///
/// | item | days | design | development | test |
/// |---|---|---|---|---|
/// | Ledger, the quarter | 20 | 8 | 12 | |
/// | Audit, the quarter | 12 | 4.5 | 6 | 1.5 |
/// | Spike, the quarter | not said | | | 2 |
/// | in all | 32 | 12.5 of 10 | 18 of 24 | 3.5 |
async fn work_takes_days_of_disciplines(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let payments = team(&owner, "Payments", UserId::NIL).await;
    let change = |to: &str| RecordChange {
        field: "disciplines".parse().unwrap(),
        was: None,
        to: Some(Value::Text(to.to_owned())),
    };
    let too_much =
        owner.save_record(&TEAM, Some(payments), vec![change("Design 60 %, Test 50 %")], None).await;
    assert!(
        matches!(&too_much, Err(Error::Invalid(said)) if said.contains("add up to 110 %")),
        "{too_much:?}"
    );
    let said = vec![change("Design 25 %\nDevelopment 60 %\nSpeaks French")];
    owner.save_record(&TEAM, Some(payments), said, None).await.unwrap();
    let now = quarter("2027-Q1");
    owner.set_capacity(payments, &[(now, Some(40))]).await.unwrap();
    for (title, days, by) in [
        ("Ledger", "20", "Design 8, Development 12"),
        ("Audit", "12", "design 4.5, Development 6, Test 1.5"),
        ("Spike", "0", "Test 2"),
    ] {
        plan(&owner, &erp, title, days, Some("Payments")).await;
        let view = owner.view(erp.roadmap).await.unwrap();
        let item = view.roadmap.items().find(|item| &*item.fields.title == title).unwrap().id;
        let set = |to: &str| {
            let to = Some(Value::Text(to.to_owned()));
            vec![Op::set(item, ItemChange::Value { field: DISCIPLINES.parse().unwrap(), to })]
        };
        let refused = owner.submit(erp.roadmap, set("Design, 8")).await.unwrap();
        assert!(matches!(refused[0].outcome, domain::wire::Outcome::Refused(_)), "{refused:?}");
        owner.submit(erp.roadmap, set(by)).await.unwrap();
    }
    let all = owner.capacities(now, 2, owner.products().await.unwrap()).await.unwrap();
    let days = |cell: usize| -> Vec<(String, u64, Option<u64>)> {
        let rows = all.teams[0].cells[cell].disciplines.iter();
        rows.map(|row| (row.name.clone(), row.planned, row.days)).collect()
    };
    let row = |name: &str, planned, days| (name.to_owned(), planned, days);
    let first = [row("Design", 125, Some(100)), row("Development", 180, Some(240)), row("Test", 35, None)];
    assert_eq!(days(0), first);
    assert_eq!(days(1), [], "nobody has said how many days there are");
}

/// Payments has 10 days. Both products have one lane; by place in it, then by product: Leads (CRM, 1st) 4 days, Ledger (ERP, 1st) 4,
/// Audit (ERP, 2nd) 3, Export (ERP, 3rd) 1. Together 12: Export falls below, 11 are left, then Audit, and 8 fit.
async fn what_does_not_fit_is_what_ranks_lowest_in_all_products(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP", 0).await, product(&owner, "CRM", 0).await);
    let payments = team(&owner, "Payments", UserId::NIL).await;
    let now = quarter("2027-Q1");
    owner.set_capacity(payments, &[(now, Some(10))]).await.unwrap();
    for (product, title, days) in
        [(&erp, "Ledger", "4"), (&erp, "Audit", "3"), (&erp, "Export", "1"), (&crm, "Leads", "4")]
    {
        plan(&owner, product, title, days, Some("payments")).await;
    }
    plan(&owner, &crm, "Nobody’s", "7", Some("No such team")).await;
    let all = owner.capacities(now, 2, owner.products().await.unwrap()).await.unwrap();
    let cell = &all.teams[0].cells[0];
    let below: Vec<&str> = cell.below.iter().map(|work| &*work.title).collect();
    assert_eq!((cell.days, cell.planned, &below[..]), (Some(10), 120, &["Audit", "Export"][..]));
    assert_eq!(all.teams[0].cells[1].planned, 0);
    assert_eq!(all.unassigned, [70, 0]);

    // A board of one product has what the others leave: 10 − 4 days.
    let products = owner.products().await.unwrap();
    let board = owner.team_quarters(now, &[erp.roadmap], products.clone()).await.unwrap();
    let [here] = &board[..] else { panic!("{board:?}") };
    assert_eq!((&*here.team, here.capacity, here.elsewhere), ("Payments", 100, 40));
    let all = [erp.roadmap, crm.roadmap];
    let board = owner.team_quarters(now, &all, products.clone()).await.unwrap();
    assert_eq!(board[0].elsewhere, 0, "both products are on the page");
    let board = owner.team_quarters(now, &[], products.clone()).await.unwrap();
    assert_eq!(board[0].elsewhere, 120, "neither is on the page");
    let far = owner.team_quarters(now.plus(20), &[erp.roadmap], products).await.unwrap();
    assert_eq!(far, []);
}
