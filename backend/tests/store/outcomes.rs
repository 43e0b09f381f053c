//! Outcomes of shipped items, readiness, falling use, and the reports of it.

use backend::{
    AccessChange, Error, Owner, Viewer, copying,
    figures::{KpiDraft, Point},
    outcomes::{OutcomeDraft, ProductOutcomes},
    reports::{Report, Reports},
};
use domain::{
    Date, FieldKey, Figure, FiscalYear, HistoryKind, Investment, ItemChange, ItemId, OBJECTIVE, OBJECTIVES,
    Op, OutcomeState, Product, Quarter, RecordChange, RecordId, Reject, Role, Status, UseDecision, Value,
    Visibility, objective_key, wire,
};

use crate::{
    dependencies::product,
    harness::{Store, stories},
    rooms::{create, first_lane},
};

stories! {
    a_shipped_item_is_measuring_until_its_outcome_is_recorded_or_waived
    an_outcome_is_changed_where_it_was_edited_and_nobody_else_did
    what_a_key_figure_was_and_is_fills_in_an_outcome
    planned_items_say_what_they_lack
    falling_use_becomes_one_item_that_improves_or_retires
    precision_is_read_from_what_was_promised_first_and_from_the_log
    reports_list_what_was_shipped_with_outcome_objective_and_voters
    of_a_hidden_product_no_outcome_is_seen
    a_backup_holds_outcomes
}

async fn accepted(viewer: &Viewer, product: &Product, ops: Vec<Op>) {
    for answer in viewer.submit(product.roadmap, ops).await.unwrap() {
        assert!(matches!(answer.outcome, wire::Outcome::Accepted { .. }), "{answer:?}");
    }
}

async fn item(viewer: &Viewer, product: &Product, title: &str) -> ItemId {
    let (item, made) = create(first_lane(viewer, product.roadmap).await, title);
    accepted(viewer, product, vec![made]).await;
    item
}

async fn set(viewer: &Viewer, product: &Product, item: ItemId, change: ItemChange) {
    accepted(viewer, product, vec![Op::set(item, change)]).await;
}

fn value(key: &str, text: &str) -> ItemChange {
    ItemChange::Value { field: key.parse().unwrap(), to: Some(Value::Text(text.to_owned())) }
}

async fn shipped(viewer: &Viewer, product: &Product, title: &str) -> ItemId {
    let item = item(viewer, product, title).await;
    set(viewer, product, item, ItemChange::Status(Status::Done)).await;
    item
}

fn draft(note: &str) -> OutcomeDraft {
    OutcomeDraft { note: note.to_owned(), ..OutcomeDraft::default() }
}

async fn kpi(
    viewer: &Viewer,
    product: &Product,
    name: &str,
    family: &str,
    measured: &[(&str, &str)],
) -> RecordId {
    let draft = KpiDraft {
        name: name.to_owned(),
        family: family.to_owned(),
        unit: "calls".to_owned(),
        direction: "up".to_owned(),
        ..KpiDraft::default()
    };
    let id = viewer.save_kpi(&product.key, None, &draft).await.unwrap();
    let point = |(day, value): &(&str, &str)| Point {
        day: day.parse().unwrap(),
        value: Figure::read(value, "").unwrap(),
        source: String::new(),
    };
    viewer.measure(&product.key, id, measured.iter().map(point).collect(), false).await.unwrap();
    id
}

fn measuring(outcomes: &ProductOutcomes) -> Vec<&str> {
    outcomes.measuring.iter().map(|measuring| &*measuring.item.title).collect()
}

async fn of(viewer: &Viewer, product: &Product) -> ProductOutcomes {
    viewer.product_outcomes(&product.key).await.unwrap()
}

fn invalid<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Invalid(why)) => why,
        other => panic!("{other:?}"),
    }
}

async fn a_shipped_item_is_measuring_until_its_outcome_is_recorded_or_waived(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 1).await;
    let key = &erp.key;
    let first = shipped(&owner, &erp, "Faster search").await;
    let second = shipped(&owner, &erp, "Tax forms").await;
    let dropped = item(&owner, &erp, "Dropped").await;
    set(&owner, &erp, dropped, ItemChange::Status(Status::Dropped)).await;
    assert_eq!(measuring(&of(&owner, &erp).await), ["Faster search", "Tax forms"], "what is dropped is not");

    // Editors alone say so, of what is done, with figures, words or a reason.
    let stan = store.person("stan", Role::Stakeholder).await;
    let refused = stan.record_outcome(key, first, &draft("Fewer calls")).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
    assert!(matches!(owner.record_outcome(key, dropped, &draft("x")).await, Err(Error::Conflict(_))));
    let nowhere = owner.waive_outcome(key, ItemId::new(1, [7; 10]), "x").await;
    assert!(matches!(nowhere, Err(Error::NotFound(_))), "{nowhere:?}");
    assert!(invalid(owner.record_outcome(key, first, &draft(" ")).await).contains("what changed"));
    assert!(invalid(owner.waive_outcome(key, second, "  ").await).contains("a reason"));
    assert_eq!(measuring(&of(&owner, &erp).await).len(), 2);

    owner.record_outcome(key, first, &draft("Fewer calls")).await.unwrap();
    owner.waive_outcome(key, second, "Required by law").await.unwrap();
    let now = of(&owner, &erp).await;
    assert_eq!(measuring(&now), [""; 0]);
    let states: Vec<OutcomeState> = now.settled.iter().map(|settled| settled.outcome.state).collect();
    assert_eq!(states, [OutcomeState::Waived, OutcomeState::Recorded]);
    // One item has one, whoever comes second.
    let edith = store.editor().await;
    assert!(invalid(edith.record_outcome(key, second, &draft("Late")).await).contains("already"));

    // Without its outcome it is measuring again; with another, the first stays in the bin.
    let waived = now.settled[0].record.id;
    owner.bin_outcome(key, waived, true).await.unwrap();
    assert_eq!(measuring(&of(&owner, &erp).await), ["Tax forms"]);
    edith.record_outcome(key, second, &draft("Auditors are content")).await.unwrap();
    assert!(invalid(owner.bin_outcome(key, waived, false).await).contains("already"));
    assert_eq!(of(&owner, &erp).await.removed.len(), 1);

    // What is reopened keeps its outcome, and says so.
    set(&owner, &erp, first, ItemChange::Status(Status::InProgress)).await;
    let now = of(&owner, &erp).await;
    assert!(now.settled.iter().any(|settled| settled.is_reopened && settled.outcome.item == first));
    assert_eq!(owner.item_outcome(key, first).await.unwrap(), None);
    assert!(owner.item_outcome(key, second).await.unwrap().unwrap().is_some());

    let filter = backend::rooms::HistoryFilter {
        kind: Some(HistoryKind::Figures),
        ..backend::rooms::HistoryFilter::default()
    };
    let history = owner.product_history(&erp, &filter, Default::default(), 20).await.unwrap();
    let said: Vec<String> = history
        .lines
        .iter()
        .flat_map(|line| match line {
            backend::rooms::JoinedLine::Event(event) => {
                event.events.iter().map(|event| event.sentence()).collect()
            }
            backend::rooms::JoinedLine::Change(_) => Vec::new(),
        })
        .collect();
    assert_eq!(
        said,
        [
            "recorded the outcome of “Tax forms”",
            "removed the outcome of “Tax forms”",
            "waived the outcome of “Tax forms”: Required by law",
            "recorded the outcome of “Faster search”",
        ]
    );
    let csv = String::from_utf8(owner.outcomes_csv(key).await.unwrap()).unwrap();
    assert!(csv.contains("ERP-2,Faster search,recorded"), "{csv}");
    owner.set_archived(key, true).await.unwrap();
    let refused = owner.bin_outcome(key, waived, false).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::Archived))), "{refused:?}");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn an_outcome_is_changed_where_it_was_edited_and_nobody_else_did(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP", 0).await, product(&owner, "CRM", 0).await);
    let calls = kpi(&owner, &erp, "Calls", "quality", &[("2026-01-01", "40")]).await;
    let foreign = kpi(&owner, &crm, "Visits", "quality", &[("2026-01-01", "40")]).await;
    let item = shipped(&owner, &erp, "Faster search").await;
    let figures = |kpi: RecordId, before: &str, after: &str| OutcomeDraft {
        kpi: kpi.to_string(),
        before: before.to_owned(),
        after: after.to_owned(),
        ..draft("Fewer calls")
    };
    let refused = owner.record_outcome(&erp.key, item, &figures(foreign, "1", "2")).await;
    assert!(invalid(refused).contains("of this product"));
    owner.record_outcome(&erp.key, item, &figures(calls, "40 calls", "12,3450")).await.unwrap();
    let settled = of(&owner, &erp).await.settled.remove(0);
    assert_eq!(settled.outcome.change().unwrap().to_string(), "-27.655");
    assert_eq!((settled.kpi.as_deref(), settled.record.text("unit")), (Some("Calls"), Some("calls")));
    let (id, seen) = (settled.record.id, OutcomeDraft::of(&settled.record));

    // Two edit different things, then the same.
    let change = async |draft: OutcomeDraft| owner.change_outcome(&erp.key, id, &draft, &seen).await;
    change(OutcomeDraft { note: "Half the calls".to_owned(), ..seen.clone() }).await.unwrap();
    change(OutcomeDraft { value: "1200".to_owned(), ..seen.clone() }).await.unwrap();
    let other = change(OutcomeDraft { note: "All the calls".to_owned(), ..seen.clone() }).await;
    assert!(matches!(&other, Err(Error::Conflict(why)) if why.contains("Somebody else")), "{other:?}");
    change(OutcomeDraft { after: "12".to_owned(), ..seen.clone() }).await.unwrap();
    let other = change(OutcomeDraft { before: "41".to_owned(), ..seen.clone() }).await;
    assert!(matches!(&other, Err(Error::Conflict(why)) if why.contains("the figures")), "{other:?}");
    change(OutcomeDraft { after: "12".to_owned(), ..seen.clone() }).await.unwrap();
    let now = of(&owner, &erp).await.settled.remove(0);
    let draft = OutcomeDraft::of(&now.record);
    assert_eq!(
        [&*draft.before, &draft.after, &draft.value, &draft.note],
        ["40", "12", "1200", "Half the calls"]
    );
    // The unit is that of then.
    owner.bin_kpi(&erp.key, calls, true).await.unwrap();
    let now = of(&owner, &erp).await.settled.remove(0);
    assert_eq!((now.kpi.as_deref(), now.record.text("unit")), (Some("Calls"), Some("calls")));
    let gone = owner.change_outcome(&crm.key, id, &draft, &draft).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
}

/// Work began on 10 March: the 1st is 9 days away and the 20th 10, so it was 40 before; the latest is 28.
async fn what_a_key_figure_was_and_is_fills_in_an_outcome(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let measured = [("2026-03-01", "40"), ("2026-03-20", "38"), ("2026-05-01", "31"), ("2026-06-01", "28")];
    let calls = kpi(&owner, &erp, "Calls a day", "quality", &measured).await;
    let item = shipped(&owner, &erp, "Faster search").await;
    let day = |text: &str| Some(text.parse().unwrap());
    let schedule = ItemChange::Schedule { start: day("2026-03-10"), end: day("2026-04-30") };
    set(&owner, &erp, item, schedule).await;
    let expected = async || of(&owner, &erp).await.measuring.remove(0);
    assert_eq!(expected().await.expected, None, "it names none");
    set(&owner, &erp, item, value("key_figure", "Calls")).await;
    assert_eq!(expected().await.unknown_figure.as_deref(), Some("Calls"));
    set(&owner, &erp, item, value("key_figure", "calls A day")).await;
    let found = expected().await.expected.unwrap();
    let written = |figure: Option<Figure>| figure.map(|figure| figure.to_string());
    assert_eq!(found.kpi, calls);
    assert_eq!((written(found.before).as_deref(), written(found.after).as_deref()), (Some("40"), Some("28")));
}

/// By hand: with an end in this quarter it is 1 of 4, with a problem 2, an outcome 3, a key figure 4.
async fn planned_items_say_what_they_lack(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 1).await;
    let this = owner.fiscal_year().await.unwrap().quarter(backend::now().utc().date);
    let end = FiscalYear::default().last_day(this).unwrap();
    let item = item(&owner, &erp, "Faster search").await;
    set(&owner, &erp, item, ItemChange::Schedule { start: None, end: Some(end) }).await;
    let state = async || {
        let planned = of(&owner, &erp).await.planned;
        let [one] = &planned[..] else { panic!("{planned:?}") };
        (one.readiness.choice().label.to_string(), one.readiness.missing().collect::<Vec<_>>().join(", "))
    };
    assert_eq!(state().await, ("1/4".to_owned(), "problem, outcome, key figure".to_owned()));
    set(&owner, &erp, item, value("problem", "Nobody finds the report")).await;
    set(&owner, &erp, item, value("outcome", "Half the calls")).await;
    assert_eq!(state().await, ("3/4".to_owned(), "key figure".to_owned()));
    set(&owner, &erp, item, value("key_figure", "Calls")).await;
    assert_eq!(state().await, ("4/4".to_owned(), String::new()));
    assert_eq!(of(&owner, &erp).await.planned[0].unknown_figure.as_deref(), Some("Calls"));
    set(&owner, &erp, item, ItemChange::Status(Status::Done)).await;
    assert!(of(&owner, &erp).await.planned.is_empty(), "what is done needs none");
}

async fn falling_use_becomes_one_item_that_improves_or_retires(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 1).await;
    let days = ["2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01"];
    let measured = |values: [&'static str; 4]| days.into_iter().zip(values).collect::<Vec<_>>();
    let fax = kpi(&owner, &erp, "Orders by fax", "feature_use", &measured(["5", "9", "8", "7"])).await;
    kpi(&owner, &erp, "Logins", "adoption", &measured(["5", "9", "8", "8"])).await;
    kpi(&owner, &erp, "Answers", "quality", &measured(["9", "8", "7", "6"])).await;
    let falling = of(&owner, &erp).await.falling;
    let [one] = &falling[..] else { panic!("{falling:?}") };
    assert_eq!((one.kpi, &*one.name, &*one.unit), (fax, "Orders by fax", "calls"));
    assert_eq!(one.last.map(|(_, value)| value.to_string()), ["9", "8", "7"]);

    let stan = store.person("stan", Role::Stakeholder).await;
    let refused = stan.decide_use(&erp.key, fax, UseDecision::Retire).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
    let made = owner.decide_use(&erp.key, fax, UseDecision::Retire).await.unwrap();
    assert_eq!(made.to_string(), "ERP-2");
    assert_eq!(
        owner.decide_use(&erp.key, fax, UseDecision::Retire).await.unwrap(),
        made,
        "it is open already"
    );
    let view = owner.view(erp.roadmap).await.unwrap().roadmap;
    let item = view.items().find(|item| item.number == 2).unwrap();
    assert_eq!(&*item.fields.title, "Retire “Orders by fax”");
    assert_eq!(item.fields.investment, Some(Investment::Retire));
    assert_eq!(item.fields.values.get("key_figure"), Some(&Value::Text("Orders by fax".to_owned())));
    let improve = owner.decide_use(&erp.key, fax, UseDecision::Improve).await.unwrap();
    assert_eq!(improve.to_string(), "ERP-3");
    // Once it is settled, there can be another.
    set(&owner, &erp, item.id, ItemChange::Status(Status::Dropped)).await;
    assert_eq!(owner.decide_use(&erp.key, fax, UseDecision::Retire).await.unwrap().to_string(), "ERP-4");
    let unknown = owner.decide_use(&erp.key, RecordId::new(1, [1; 10]), UseDecision::Retire).await;
    assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
}

/// What was first promised for the present quarter Q and the next, by hand:
///
/// | item | first promised | now promised | done | is |
/// |---|---|---|---|---|
/// | A | Q | Q | today | on time |
/// | B | Q | Q + 1 | today | on time, by what was promised first |
/// | C | Q | Q | reopened, not done | open |
/// | D | Q | – | dropped | open |
/// | E | Q + 1 | Q + 1 | today | early for Q + 1, nothing to Q |
/// | F | – | – | today | nothing to either |
/// | G | Q − 1 | Q − 1 | today | late for Q − 1 |
/// | H | Q | Q | in the bin | nothing |
///
/// Q: 2 of 4 on time, 50 %. Q − 1: 0 of 1.
async fn precision_is_read_from_what_was_promised_first_and_from_the_log(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP", 0).await, product(&owner, "CRM", 0).await);
    let today = backend::now().utc().date;
    let this = FiscalYear::default().quarter(today);
    let promise = async |product: &Product, title: &str, promised: Option<Quarter>, statuses: &[Status]| {
        let id = item(&owner, product, title).await;
        if let Some(quarter) = promised {
            set(&owner, product, id, value("promised", &quarter.to_string())).await;
        }
        for status in statuses {
            set(&owner, product, id, ItemChange::Status(*status)).await;
        }
        id
    };
    promise(&erp, "A", Some(this), &[Status::Done]).await;
    let later = promise(&crm, "B", Some(this), &[Status::InProgress, Status::Done]).await;
    // Within an hour a promise is corrected: this one is made later.
    let (was, now) = (this.to_string(), this.plus(1).to_string());
    let sql = format!(
        "UPDATE item SET field_values = REPLACE(field_values, '{was}', '{now}') WHERE id = '{later}'"
    );
    store.execute(&sql).await;
    promise(&erp, "C", Some(this), &[Status::Done, Status::InProgress]).await;
    promise(&erp, "D", Some(this), &[Status::Dropped]).await;
    promise(&erp, "E", Some(this.plus(1)), &[Status::Done]).await;
    promise(&erp, "F", None, &[Status::Done]).await;
    promise(&erp, "G", Some(this.plus(-1)), &[Status::Done]).await;
    let binned = promise(&erp, "H", Some(this), &[Status::Done]).await;
    accepted(&owner, &erp, vec![Op::DeleteItems { ids: vec![binned] }]).await;

    let counts = |reports: &Reports, quarter: Quarter| {
        let found = reports.precision.iter().find(|(of, _)| *of == quarter).unwrap().1;
        (found.promised, found.on_time, found.early, found.late, found.percent())
    };
    let all = owner.reports(None).await.unwrap();
    assert_eq!(counts(&all, this), (4, 2, 0, 0, Some(50)));
    assert_eq!(counts(&all, this.plus(-1)), (1, 0, 0, 1, Some(0)));
    let own = owner.reports(Some(&crm.key)).await.unwrap();
    assert_eq!(counts(&own, this), (1, 1, 0, 0, Some(100)));

    // The day is that of the log: had it been done a year ago, it would be early.
    let ago = backend::now().0 - 366 * 24 * 60 * 60 * 1_000;
    store.execute(&format!("UPDATE op_log SET at_ms = {ago} WHERE roadmap_id = '{}'", crm.roadmap)).await;
    assert_eq!(counts(&owner.reports(Some(&crm.key)).await.unwrap(), this), (1, 0, 1, 0, Some(0)));
    let csv = owner.report_csv(None, Report::Precision).await.unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains(&format!("{this},4,1,1,0,2,25")), "{csv}");
}

async fn objective(owner: &Owner, name: &str) -> RecordId {
    let change = |field: &str, to: &str| RecordChange {
        field: field.parse().unwrap(),
        was: None,
        to: Some(Value::Text(to.to_owned())),
    };
    let changes = vec![change("name", name), change("quarter", "2027-Q1")];
    owner.save_record(&OBJECTIVE, None, changes, None).await.unwrap().record.id
}

async fn reports_list_what_was_shipped_with_outcome_objective_and_voters(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let closing = objective(&owner, "Faster closing").await;
    let calls = kpi(&owner, &erp, "Calls", "quality", &[("2026-01-01", "40")]).await;
    let first = shipped(&owner, &erp, "Faster search").await;
    let serves = Value::Keys([objective_key(closing)].into());
    let change = ItemChange::Value { field: FieldKey::from(OBJECTIVES), to: Some(serves) };
    set(&owner, &erp, first, change).await;
    let (stan, edith) = (store.person("stan", Role::Stakeholder).await, store.editor().await);
    accepted(&stan, &erp, vec![Op::Upvote { item: first }]).await;
    accepted(&edith, &erp, vec![Op::Upvote { item: first }]).await;
    let recorded = OutcomeDraft {
        kpi: calls.to_string(),
        before: "40".to_owned(),
        after: "28".to_owned(),
        value: "1200.50".to_owned(),
        note: String::new(),
    };
    owner.record_outcome(&erp.key, first, &recorded).await.unwrap();
    let second = shipped(&owner, &erp, "Tax forms").await;
    owner.waive_outcome(&erp.key, second, "Required by law").await.unwrap();
    shipped(&owner, &erp, "Third").await;

    let reports = edith.reports(None).await.unwrap();
    let titles: Vec<&str> = reports.shipped.iter().map(|item| &*item.title).collect();
    assert_eq!(titles, ["Third", "Tax forms", "Faster search"]);
    let search = &reports.shipped[2];
    assert_eq!((&*search.key, &*search.path, search.votes), ("ERP-1", "/p/ERP/i/ERP-1", 2));
    assert_eq!(search.objectives, ["Faster closing"]);
    assert_eq!((search.kpi.as_deref(), &*search.unit), (Some("Calls"), "calls"));
    assert_eq!(reports.names(&search.voters).len(), 2);
    let quarter = reports.value.last().unwrap();
    assert_eq!((quarter.shipped, quarter.recorded, quarter.waived, quarter.measuring()), (3, 1, 1, 1));
    assert_eq!(quarter.value, 120_050);
    // Stakeholders know how many asked, and not who.
    let reports = stan.reports(Some(&erp.key)).await.unwrap();
    assert_eq!((reports.shipped[2].votes, &*reports.shipped[2].voters), (2, &[][..]));
    let csv = String::from_utf8(edith.report_csv(None, Report::Shipped).await.unwrap()).unwrap();
    let today: Date = backend::now().utc().date;
    let line = format!("ERP-1,Faster search,{today},Faster closing,recorded,Calls,calls,40,28,1200.50,,2,");
    assert!(csv.contains(&line), "{csv}");
    for report in [Report::Value, Report::Balance] {
        assert!(!stan.report_csv(None, report).await.unwrap().is_empty());
    }
}

async fn of_a_hidden_product_no_outcome_is_seen(store: Store) {
    let owner = store.owner().await;
    let (erp, crm) = (product(&owner, "ERP", 0).await, product(&owner, "CRM", 0).await);
    let secret = shipped(&owner, &erp, "Secret search").await;
    set(
        &owner,
        &erp,
        secret,
        value("promised", &FiscalYear::default().quarter(backend::now().utc().date).to_string()),
    )
    .await;
    owner
        .record_outcome(&erp.key, secret, &OutcomeDraft { value: "5".to_owned(), ..draft("Secret") })
        .await
        .unwrap();
    let id = of(&owner, &erp).await.settled[0].record.id;
    shipped(&owner, &crm, "Known").await;
    owner.change_access(&erp.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
    let edith = store.editor().await;
    assert!(matches!(edith.product_outcomes(&erp.key).await, Err(Error::NotFound(_))));
    assert!(matches!(edith.outcomes_csv(&erp.key).await, Err(Error::NotFound(_))));
    assert!(matches!(edith.item_outcome(&erp.key, secret).await, Err(Error::NotFound(_))));
    assert!(matches!(edith.bin_outcome(&erp.key, id, true).await, Err(Error::NotFound(_))));
    assert!(matches!(edith.bin_outcome(&crm.key, id, true).await, Err(Error::NotFound(_))));
    assert!(matches!(edith.record_outcome(&crm.key, secret, &draft("x")).await, Err(Error::NotFound(_))));
    assert!(matches!(edith.reports(Some(&erp.key)).await, Err(Error::NotFound(_))));
    let reports = edith.reports(None).await.unwrap();
    assert_eq!(reports.shipped.len(), 1);
    assert!(reports.precision.iter().all(|(_, precision)| precision.promised == 0));
    let quarter = reports.value.last().unwrap();
    assert_eq!((quarter.shipped, quarter.value), (1, 0));
    let all = owner.reports(None).await.unwrap();
    assert_eq!((all.shipped.len(), all.value.last().unwrap().value), (2, 500));
}

async fn a_backup_holds_outcomes(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let item = shipped(&owner, &erp, "Faster search").await;
    owner.record_outcome(&erp.key, item, &draft("Fewer calls")).await.unwrap();
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    let copied = copying::backup(&store.url, &file).await.unwrap();
    let Some(place) = store.another("outcomes_restored").await else { return };
    assert_eq!(copying::restore(&file, &place.url).await.unwrap(), copied);
    let restored = place.second_process().await;
    let again = restored.people().first_owner().await.unwrap();
    let outcomes = again.product_outcomes(&erp.key).await.unwrap();
    assert_eq!(outcomes.settled[0].record.text("note"), Some("Fewer calls"));
}
