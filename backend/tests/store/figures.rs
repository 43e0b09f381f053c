//! Key figures of products: agreed on by two owners, measured, and followed by key results.

use backend::{
    AccessChange, Editor, Error, Owner, Viewer, copying,
    figures::{KeyResult, KeyResultDraft, KpiDraft, Measured, Owners, Point},
};
use domain::{
    Figure, KPI, OBJECTIVE, OwnerSide, Product, RecordChange, RecordId, Reject, Role, Value, Visibility,
    kpi_agreed_by, kpi_is_agreed, kpi_is_published,
};

use crate::{
    dependencies::product,
    harness::{Store, stories},
};

stories! {
    each_owner_agrees_for_their_side_alone
    what_was_agreed_on_is_withdrawn_with_its_change
    a_form_changes_what_was_edited_in_it
    a_day_is_measured_once_or_corrected
    measurements_are_bounded_and_of_the_past
    pasted_measurements_are_added_whole_or_not_at_all
    key_results_follow_their_key_figures
    of_a_hidden_product_no_key_result_is_seen
    a_backup_holds_measurements_and_owners
}

fn draft(name: &str, target: &str) -> KpiDraft {
    KpiDraft {
        name: name.to_owned(),
        definition: "As counted at the end of the month".to_owned(),
        family: "adoption".to_owned(),
        unit: "%".to_owned(),
        direction: "up".to_owned(),
        target: target.to_owned(),
        published: true,
        seen: None,
    }
}

fn point(day: &str, value: &str) -> Point {
    Point { day: day.parse().unwrap(), value: Figure::read(value, "").unwrap(), source: "Survey".to_owned() }
}

async fn objective(owner: &Editor) -> RecordId {
    let change = |field: &str, to: &str| RecordChange {
        field: field.parse().unwrap(),
        was: None,
        to: Some(Value::Text(to.to_owned())),
    };
    let changes = vec![change("name", "Faster closing"), change("quarter", "2027-Q1")];
    owner.save_record(&OBJECTIVE, None, changes, None).await.unwrap().record.id
}

async fn hide(owner: &Owner, product: &Product) {
    owner.change_access(&product.key, AccessChange::Show(Visibility::Chosen)).await.unwrap();
}

/// The only key figure of a product.
async fn only(viewer: &Viewer, product: &Product) -> backend::figures::Kpi {
    let mut kpis = viewer.product_figures(&product.key).await.unwrap().kpis;
    assert_eq!(kpis.len(), 1);
    kpis.remove(0)
}

async fn each_owner_agrees_for_their_side_alone(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let business = store.person("bea", Role::Viewer).await;
    let kpi = owner.save_kpi(&erp.key, None, &draft("Users", "80")).await.unwrap();
    let agree = async |who: &Viewer, side| who.agree_on_kpi(&erp.key, kpi, side, true, None).await;
    assert!(matches!(agree(&owner, OwnerSide::Business).await, Err(Error::Forbidden(_))), "nobody owns it");
    let owners = Owners { business: Some(business.member().id), it: Some(owner.member().id) };
    let refused = business.set_owners(&erp.key, owners).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Viewer)))), "{refused:?}");
    owner.set_owners(&erp.key, owners).await.unwrap();

    // Whatever their role: the owner of the workspace not for the business, a viewer for it.
    assert!(matches!(agree(&owner, OwnerSide::Business).await, Err(Error::Forbidden(_))));
    assert!(matches!(agree(&business, OwnerSide::It).await, Err(Error::Forbidden(_))));
    agree(&business, OwnerSide::Business).await.unwrap();
    let found = only(&owner, &erp).await.record;
    assert_eq!(kpi_agreed_by(&found, OwnerSide::Business), Some(business.member().id));
    assert!(!kpi_is_agreed(&found) && !kpi_is_published(&found), "it is proposed still");
    agree(&owner, OwnerSide::It).await.unwrap();
    let found = only(&owner, &erp).await.record;
    assert!(kpi_is_agreed(&found) && kpi_is_published(&found));

    // No other way makes somebody agree.
    let forged = RecordChange {
        field: "agreed_it".parse().unwrap(),
        was: None,
        to: Some(Value::Text(business.member().id.to_string())),
    };
    let refused = owner.save_product_record(&KPI, Some(&erp.key), Some(kpi), vec![forged]).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    business.agree_on_kpi(&erp.key, kpi, OwnerSide::Business, false, None).await.unwrap();
    assert!(!kpi_is_agreed(&only(&owner, &erp).await.record));

    // Owners are members who see the product.
    hide(&owner, &erp).await;
    let stranger = store.person("sam", Role::Editor).await;
    let refused =
        owner.set_owners(&erp.key, Owners { it: Some(stranger.member().id), ..Owners::default() }).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert!(matches!(agree(&business, OwnerSide::Business).await, Err(Error::NotFound(_))));
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_form_changes_what_was_edited_in_it(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let me = Some(owner.member().id);
    owner.set_owners(&erp.key, Owners { business: me, it: me }).await.unwrap();
    let first = draft("Users", "80");
    let kpi = owner.save_kpi(&erp.key, None, &first).await.unwrap();
    let edited = |name: &str, target: &str, seen: &KpiDraft| KpiDraft {
        seen: Some(Box::new(seen.clone())),
        ..draft(name, target)
    };
    // Somebody opens the form; another sets a target, and the owners agree on it; the first saves another name.
    owner.save_kpi(&erp.key, Some(kpi), &edited("Users", "12,3450", &first)).await.unwrap();
    for side in OwnerSide::ALL {
        owner.agree_on_kpi(&erp.key, kpi, *side, true, None).await.unwrap();
    }
    owner.save_kpi(&erp.key, Some(kpi), &edited("Active users", "80", &first)).await.unwrap();
    let record = only(&owner, &erp).await.record;
    assert_eq!((record.text("name"), record.text("target")), (Some("Active users"), Some("12.345")));
    assert!(kpi_is_agreed(&record));
    // So it is with key results.
    let objective = objective(&owner).await;
    let first = result("Calls", "12", "4", "10");
    let id = owner.add_key_result(objective, None, &first).await.unwrap();
    let edited = |name: &str, target: &str| KeyResultDraft {
        seen: Some(Box::new(first.clone())),
        ..result(name, "12", target, "10")
    };
    owner.change_key_result(id, &edited("Calls", "5")).await.unwrap();
    owner.change_key_result(id, &edited("Calls a day", "4")).await.unwrap();
    let found = owner.key_results(&[objective]).await.unwrap().remove(0).record;
    assert_eq!((found.text("name"), found.text("target")), (Some("Calls a day"), Some("5")));
}

async fn what_was_agreed_on_is_withdrawn_with_its_change(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let me = Some(owner.member().id);
    owner.set_owners(&erp.key, Owners { business: me, it: me }).await.unwrap();
    let kpi = owner.save_kpi(&erp.key, None, &draft("Users", "80")).await.unwrap();
    let agree = async || {
        for side in OwnerSide::ALL {
            owner.agree_on_kpi(&erp.key, kpi, *side, true, None).await.unwrap();
        }
        assert!(kpi_is_agreed(&only(&owner, &erp).await.record));
    };
    agree().await;
    owner.save_kpi(&erp.key, Some(kpi), &draft("Active users", "80")).await.unwrap();
    assert!(kpi_is_agreed(&only(&owner, &erp).await.record), "a name is not what they agreed on");
    for changed in [
        draft("Users", "90"),
        KpiDraft { unit: "people".to_owned(), ..draft("Users", "90") },
        KpiDraft { definition: "Otherwise".to_owned(), ..draft("Users", "90") },
    ] {
        agree().await;
        owner.save_kpi(&erp.key, Some(kpi), &changed).await.unwrap();
        let found = only(&owner, &erp).await.record;
        assert!(OwnerSide::ALL.iter().all(|side| kpi_agreed_by(&found, *side).is_none()), "{changed:?}");
    }
    // What they read is what they agree on.
    let read = domain::kpi_terms(&only(&owner, &erp).await.record);
    owner.save_kpi(&erp.key, Some(kpi), &draft("Users", "95")).await.unwrap();
    let stale = owner.agree_on_kpi(&erp.key, kpi, OwnerSide::It, true, Some(&read)).await;
    assert!(matches!(stale, Err(Error::Conflict(_))), "{stale:?}");
    // Nobody agrees on what has no target.
    let vague = owner.save_kpi(&erp.key, None, &draft("Vague", "")).await.unwrap();
    let refused = owner.agree_on_kpi(&erp.key, vague, OwnerSide::It, true, None).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn a_day_is_measured_once_or_corrected(store: Store) {
    let (owner, reader) = (store.owner().await, store.person("vic", Role::Viewer).await);
    let erp = product(&owner, "ERP", 0).await;
    let kpi = owner.save_kpi(&erp.key, None, &draft("Users", "80")).await.unwrap();
    let measure = async |points: Vec<Point>, corrects| owner.measure(&erp.key, kpi, points, corrects).await;
    measure(vec![point("2026-10-01", "40.0001"), point("2026-10-02", "41")], false).await.unwrap();
    let Err(Error::Conflict(sentence)) =
        measure(vec![point("2026-10-01", "39"), point("2026-10-03", "42")], false).await
    else {
        panic!("a day was measured twice")
    };
    assert!(sentence.contains("2026-10-01 (40.0001 %)") && sentence.contains("Correct"), "{sentence}");
    assert_eq!(only(&owner, &erp).await.count, 2, "nothing is half done");
    let corrected =
        measure(vec![point("2026-10-01", "39"), point("2026-10-02", "41"), point("2026-10-03", "42")], true);
    let corrected = corrected.await.unwrap();
    assert_eq!(corrected, Measured { added: 1, corrected: 1, unchanged: 1 });
    let found = only(&reader, &erp).await;
    let values: Vec<String> = found.measurements.iter().map(|one| one.value.to_string()).collect();
    assert_eq!(values, ["39", "41", "42"]);

    let refused = reader.measure(&erp.key, kpi, vec![point("2026-10-04", "1")], false).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
    let day = |text: &str| text.parse().unwrap();
    let refused = reader.remove_measurement(&erp.key, kpi, day("2026-10-01")).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(_)))), "{refused:?}");
    owner.remove_measurement(&erp.key, kpi, day("2026-10-02")).await.unwrap();
    let gone = owner.remove_measurement(&erp.key, kpi, day("2026-10-02")).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    let (name, file) = reader.measurements_csv(&erp.key, kpi).await.unwrap();
    assert_eq!(name, "Users");
    let file = String::from_utf8(file).unwrap();
    assert!(file.contains("2026-10-01,39,%,Survey,ada\r\n2026-10-03,42,"), "{file}");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn measurements_are_bounded_and_of_the_past(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let kpi = owner.save_kpi(&erp.key, None, &draft("Users", "80")).await.unwrap();
    let future = owner.measure(&erp.key, kpi, vec![point("2199-01-01", "1")], false).await;
    assert!(matches!(&future, Err(Error::Invalid(why)) if why.contains("future")), "{future:?}");
    let none = owner.measure(&erp.key, kpi, Vec::new(), false).await;
    assert!(matches!(none, Err(Error::Invalid(_))), "{none:?}");
    let twice = vec![point("2026-01-01", "1"), point("2026-01-01", "2")];
    let twice = owner.measure(&erp.key, kpi, twice, true).await;
    assert!(matches!(&twice, Err(Error::Invalid(why)) if why.contains("twice")), "{twice:?}");
    let mut days = (1991..2020).flat_map(|year| {
        (1..=12).flat_map(move |month| (1..=28).map(move |day| format!("{year}-{month:02}-{day:02}")))
    });
    let mut some = |count| days.by_ref().take(count).map(|day| point(&day, "1")).collect::<Vec<_>>();
    for count in [2_000, 2_000, 999] {
        owner.measure(&erp.key, kpi, some(count), false).await.unwrap();
    }
    let full = owner.measure(&erp.key, kpi, some(2), false).await;
    assert!(matches!(&full, Err(Error::Conflict(why)) if why.contains("at most 5000")), "{full:?}");
    let many = owner.measure(&erp.key, kpi, some(2_001), false).await;
    assert!(matches!(&many, Err(Error::Invalid(why)) if why.contains("at a time")), "{many:?}");
    let found = only(&owner, &erp).await;
    assert_eq!((found.count, found.measurements.len()), (4_999, 400), "the newest are shown");
}

async fn pasted_measurements_are_added_whole_or_not_at_all(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let kpi = owner.save_kpi(&erp.key, None, &draft("Users", "80")).await.unwrap();
    let refused = owner.measure_text(&erp.key, kpi, "Datum;Wert\n1.10.2026;40,5 %\nbald;41\n", false).await;
    assert!(matches!(&refused, Err(Error::Invalid(why)) if why.contains("Line 3")), "{refused:?}");
    assert_eq!(only(&owner, &erp).await.count, 0);
    let text = "Datum;Wert\n1.10.2026;40,5 %\n2.10.2026;41,1250\n";
    let added = owner.measure_text(&erp.key, kpi, text, false).await.unwrap();
    assert_eq!((added.added, added.corrected), (2, 0));
    let again = owner.measure_text(&erp.key, kpi, text, false).await.unwrap();
    assert_eq!((again.added, again.unchanged), (0, 2), "the same file once more changes nothing");
    let (_, file) = owner.measurements_csv(&erp.key, kpi).await.unwrap();
    let back = owner.measure_text(&erp.key, kpi, &String::from_utf8(file).unwrap(), false).await.unwrap();
    assert_eq!(back.unchanged, 2, "what is downloaded can be pasted");
}

pub(crate) fn result(name: &str, start: &str, target: &str, current: &str) -> KeyResultDraft {
    KeyResultDraft {
        name: name.to_owned(),
        start: start.to_owned(),
        target: target.to_owned(),
        current: current.to_owned(),
        confidence: "70".to_owned(),
        ..KeyResultDraft::default()
    }
}

/// By hand: adoption from 40 to 80 at 50 is 10 / 40 = 25 %; calls from 12 to 4 at 10 are 2 / 8 = 25 %; at 2 they are 10 / 8 = 125 %, of
/// which 100 count: (25 + 100) / 2 = 62.5, rounded 63.
async fn key_results_follow_their_key_figures(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let kpi = owner.save_kpi(&erp.key, None, &draft("Users", "80")).await.unwrap();
    let objective = objective(&owner).await;
    let adoption =
        owner.add_key_result(objective, Some(kpi), &result("Adoption", "40", "80", "")).await.unwrap();
    let calls = owner.add_key_result(objective, None, &result("Calls", "12", "4", "10")).await.unwrap();
    let progress = async || {
        let results = owner.key_results(&[objective]).await.unwrap();
        (
            results.iter().map(|result| result.progress).collect::<Vec<_>>(),
            KeyResult::together(results.iter()),
        )
    };
    assert_eq!(progress().await, (vec![None, Some(25)], Some(13)), "nothing was measured yet");
    owner
        .measure(&erp.key, kpi, vec![point("2026-10-02", "50"), point("2026-10-01", "70")], false)
        .await
        .unwrap();
    assert_eq!(progress().await, (vec![Some(25), Some(25)], Some(25)), "the newest day counts");
    owner.change_key_result(calls, &result("Calls", "12", "4", "2")).await.unwrap();
    assert_eq!(progress().await, (vec![Some(25), Some(125)], Some(63)));

    let same = owner.add_key_result(objective, None, &result("Nothing", "5", "5,0", "")).await;
    assert!(matches!(&same, Err(Error::Invalid(why)) if why.contains("both 5")), "{same:?}");
    let typed = owner.add_key_result(RecordId::NIL, None, &result("Lost", "1", "2", "")).await;
    assert!(matches!(typed, Err(Error::NotFound(_))), "{typed:?}");

    // What measured it went to the bin: it is not measured any more.
    owner.bin_kpi(&erp.key, kpi, true).await.unwrap();
    assert_eq!(progress().await.0, [None, Some(125)]);
    owner.bin_kpi(&erp.key, kpi, false).await.unwrap();
    owner.bin_key_result(adoption, true).await.unwrap();
    assert_eq!(progress().await, (vec![Some(125)], Some(100)));
    assert_eq!(owner.removed_key_results(&[objective]).await.unwrap().len(), 1);
    owner.bin_key_result(adoption, false).await.unwrap();
    for number in 0..8 {
        let name = format!("Result {number}");
        owner.add_key_result(objective, None, &result(&name, "1", "2", "")).await.unwrap();
    }
    let full = owner.add_key_result(objective, None, &result("One more", "1", "2", "")).await;
    assert!(matches!(&full, Err(Error::Conflict(why)) if why.contains("10 key results")), "{full:?}");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn of_a_hidden_product_no_key_result_is_seen(store: Store) {
    let (owner, other) = (store.owner().await, store.editor().await);
    let erp = product(&owner, "ERP", 0).await;
    let kpi = owner.save_kpi(&erp.key, None, &draft("Zyzzyva", "80")).await.unwrap();
    let objective = objective(&owner).await;
    let secret =
        owner.add_key_result(objective, Some(kpi), &result("Quixotic", "47114711", "80", "")).await.unwrap();
    owner.add_key_result(objective, None, &result("Calls", "12", "4", "10")).await.unwrap();
    owner.measure(&erp.key, kpi, vec![point("2026-10-02", "42424242")], false).await.unwrap();
    assert_eq!(other.key_results(&[objective]).await.unwrap().len(), 2);
    hide(&owner, &erp).await;
    let seen = other.key_results(&[objective]).await.unwrap();
    let told = format!("{seen:?} {:?}", other.kpis_to_choose().await.unwrap());
    for word in ["Zyzzyva", "Quixotic", "47114711", "42424242", &kpi.to_string(), &secret.to_string()] {
        assert!(!told.contains(word), "{word} is told: {told}");
    }
    assert_eq!(KeyResult::together(seen.iter()), Some(25), "the progress is that of what they see");
    assert!(matches!(other.product_figures(&erp.key).await, Err(Error::NotFound(_))));
    assert!(matches!(other.measurements_csv(&erp.key, kpi).await, Err(Error::NotFound(_))));
    let drafted = result("Quixotic", "1", "2", "");
    assert!(matches!(other.change_key_result(secret, &drafted).await, Err(Error::NotFound(_))));
    assert!(matches!(other.bin_key_result(secret, true).await, Err(Error::NotFound(_))));
    let chosen = other.add_key_result(objective, Some(kpi), &drafted).await;
    let missing = other.add_key_result(objective, Some(RecordId::NIL), &drafted).await;
    assert_eq!(format!("{chosen:?}"), format!("{missing:?}"), "as if there were none");
}

async fn a_backup_holds_measurements_and_owners(store: Store) {
    let owner = store.owner().await;
    let erp = product(&owner, "ERP", 0).await;
    let me = Some(owner.member().id);
    owner.set_owners(&erp.key, Owners { business: me, it: None }).await.unwrap();
    let kpi = owner.save_kpi(&erp.key, None, &draft("Users", "80")).await.unwrap();
    owner.measure(&erp.key, kpi, vec![point("2026-10-02", "50.1250")], false).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    let copied = copying::backup(&store.url, &file).await.unwrap();
    assert_eq!((copied.rows["measurement"], copied.rows["product_owner"]), (1, 1));
    let place = format!("sqlite://{}/restored.db", folder.path().display());
    copying::restore(&file, &place).await.unwrap();
    let restored = backend::Backend::open(&place).await.unwrap();
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    let there = restored.people().first_owner().await.unwrap().product_figures(&erp.key).await.unwrap();
    assert_eq!(there.owners.business, me);
    assert_eq!(there.kpis[0].measurements, only(&owner, &erp).await.measurements);

    // A check finds what is no measurement.
    let sql = "UPDATE measurement SET day = '2026-13-01'";
    store.execute(sql).await;
    let problems = store.backend.check().await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("2026-13-01")), "{problems:?}");
}
