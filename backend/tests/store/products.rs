//! The list of products.

use std::collections::BTreeSet;

use backend::{Error, Profile, rooms::Moment};
use domain::{ProductKind, ProductName, Purpose, Reject, Role, Stage, Timestamp, voting::Phase};

use crate::harness::{Store, stories};

stories! {
    a_product_comes_with_a_roadmap_of_four_lanes
    a_key_is_given_once_even_to_archived_products
    of_many_who_take_a_key_one_gets_it
    a_product_is_renamed_archived_and_restored
    products_are_the_editors
    the_sample_organisation_is_complete_and_consistent
    the_sample_organisation_has_three_months_behind_it
    the_votes_of_the_sample_organisation_took_their_time
    a_demonstration_needs_a_database_of_its_own
}

pub(crate) fn profile(name: &str) -> Profile {
    Profile {
        name: name.parse().unwrap(),
        kind: ProductKind::Platform,
        stage: Stage::Maturity,
        purpose: "".parse().unwrap(),
    }
}

/// What is said about a product besides its stage.
pub(crate) fn said(name: &str) -> (ProductName, ProductKind, Purpose) {
    let Profile { name, kind, purpose, .. } = profile(name);
    (name, kind, purpose)
}

async fn a_product_comes_with_a_roadmap_of_four_lanes(store: Store) {
    let owner = store.owner().await;
    assert_eq!(owner.product_summaries().await.unwrap(), []);
    let product = owner.create_product("erp".parse().unwrap(), profile("ERP platform")).await.unwrap();
    let view = owner.view(product.roadmap).await.unwrap();
    let lanes = view.roadmap.lane_order().iter().map(|id| view.roadmap.lane(*id).unwrap().name.to_string());
    assert_eq!(lanes.collect::<Vec<_>>(), ["Now", "Next", "Later", "Done"]);
    assert_eq!(owner.product(&"ERP".parse().unwrap()).await.unwrap(), product);
    assert!(matches!(owner.product(&"CRM".parse().unwrap()).await, Err(Error::NotFound(_))));
}

async fn a_key_is_given_once_even_to_archived_products(store: Store) {
    let owner = store.owner().await;
    owner.create_product("ERP".parse().unwrap(), profile("One")).await.unwrap();
    owner.set_archived(&"ERP".parse().unwrap(), true).await.unwrap();
    let refused = owner.create_product("ERP".parse().unwrap(), profile("Two")).await;
    match refused {
        Err(Error::Conflict(sentence)) => {
            assert!(sentence.contains("“One”, which is archived,"), "{sentence}")
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(owner.products().await.unwrap().len(), 1);
}

async fn of_many_who_take_a_key_one_gets_it(store: Store) {
    let owner = store.owner().await;
    let tries: Vec<_> = (0..5)
        .map(|n| {
            let owner = owner.clone();
            tokio::spawn(async move {
                owner.create_product("ERP".parse().unwrap(), profile(&format!("P{n}"))).await
            })
        })
        .collect();
    let mut made = 0;
    for attempt in tries {
        made += usize::from(attempt.await.unwrap().is_ok());
    }
    assert_eq!(made, 1);
    // Founded, and one product: the refused left no trace.
    assert_eq!(store.backend.verify_audit().await.unwrap(), 2);
}

async fn a_product_is_renamed_archived_and_restored(store: Store) {
    let owner = store.owner().await;
    let key = "DESK".parse().unwrap();
    owner.create_product(key, profile("Helpdesk")).await.unwrap();
    let key = "DESK".parse().unwrap();
    let (name, kind, _) = said("Desktop support");
    owner.edit_product(&key, (name, kind, "Helps.".parse().unwrap())).await.unwrap();
    owner.set_archived(&key, true).await.unwrap();
    let product = owner.product(&key).await.unwrap();
    assert_eq!(
        (&*product.name, product.stage, &*product.purpose),
        ("Desktop support", Stage::Maturity, "Helps.")
    );
    assert!(product.archived);
    owner.set_archived(&key, false).await.unwrap();
    assert!(!owner.product(&key).await.unwrap().archived);
    assert!(matches!(owner.set_archived(&"NONE".parse().unwrap(), true).await, Err(Error::NotFound(_))));
}

async fn products_are_the_editors(store: Store) {
    let owner = store.owner().await;
    let editor = store.editor().await;
    editor.create_product("ERP".parse().unwrap(), profile("ERP")).await.unwrap();
    owner.set_role(editor.member().id, Role::Stakeholder).await.unwrap();
    let refused = editor.edit_product(&"ERP".parse().unwrap(), said("Mine")).await;
    assert!(matches!(refused, Err(Error::Refused(Reject::NotAllowed(Role::Stakeholder)))), "{refused:?}");
    assert_eq!(&*owner.products().await.unwrap()[0].name, "ERP");
}

async fn the_sample_organisation_is_complete_and_consistent(store: Store) {
    let backend = store.backend.clone().into_demo().await.unwrap();
    for role in Role::ALL {
        let session = backend.people().demo_sign_in(role, None).await.unwrap();
        let viewer = backend.people().authenticate(&session.secret).await.unwrap().unwrap();
        assert_eq!(viewer.role(), role);
        let summaries = viewer.product_summaries().await.unwrap();
        let counts: Vec<(&str, bool)> =
            summaries.iter().map(|s| (&*s.product.key, s.items >= 12 && s.votes >= 10)).collect();
        assert_eq!(counts, [("DESK", true), ("ERP", true), ("FARM", true), ("SHOP", true)]);
        assert!(summaries[1].items >= 40, "{}", summaries[1].items);
    }
    let figures = backend.check().await.unwrap();
    assert!(figures.problems.is_empty(), "{:?}", figures.problems);
    let again = store.second_process().await.into_demo().await.unwrap();
    assert_eq!(again.people().first_owner().await.unwrap().products().await.unwrap().len(), 4);
    let refused = store.backend.people().demo_sign_in(Role::Owner, None).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "not a demonstration: {refused:?}");
}

async fn the_sample_organisation_has_three_months_behind_it(store: Store) {
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    let started = backend::now();
    let backend = store.backend.clone().into_demo().await.unwrap();
    let owner = backend.people().first_owner().await.unwrap();
    for product in owner.products().await.unwrap() {
        let (mut times, mut actors, mut days, mut before) =
            (Vec::new(), BTreeSet::new(), BTreeSet::new(), None);
        loop {
            let page = owner.history(product.roadmap, before, None, 500).await.unwrap();
            for line in &page.lines {
                times.push(line.at);
                actors.insert(line.actor);
                days.insert(line.at.0 / DAY);
            }
            before = Some(page.next);
            if !page.more {
                break;
            }
        }
        let key = &product.key;
        assert!(times.is_sorted_by(|later, earlier| later >= earlier), "{key}: time goes back");
        let (last, first) = (times[0], times[times.len() - 1]);
        assert!(last < started, "{key}: something is yet to happen");
        assert!(last.0 - first.0 >= 80 * DAY, "{key}: {} days", (last.0 - first.0) / DAY);
        assert!(started.0 - last.0 <= 10 * DAY, "{key}: nothing happened lately");
        assert!(actors.len() >= 4 && days.len() >= 15, "{key}: {} people, {} days", actors.len(), days.len());

        let month = Moment::Time(Timestamp(started.0 - 30 * DAY));
        let then = owner.past(product.roadmap, month).await.unwrap();
        let today = owner.past(product.roadmap, Moment::Seq(u64::MAX)).await.unwrap();
        let changes = owner.changes_between(product.roadmap, &then, &today).await.unwrap();
        assert!(changes.comparison.items.len() >= 3, "{key}: {} differ", changes.comparison.items.len());
        let baselines = owner.baselines(product.roadmap).await.unwrap();
        let planned = owner.past(product.roadmap, Moment::Seq(baselines[0].seq)).await.unwrap();
        assert!(planned.at.unwrap() <= baselines[0].named.at, "{key}: named before it was");
    }
    assert_eq!(backend.check().await.unwrap().problems, Vec::<String>::new());
}

async fn the_votes_of_the_sample_organisation_took_their_time(store: Store) {
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    let started = backend::now().0;
    let backend = store.backend.clone().into_demo().await.unwrap();
    let owner = backend.people().first_owner().await.unwrap();
    let votings = owner.votings().await.unwrap();
    let of_phase = |phase: Phase| votings.iter().find(|voting| voting.phase == phase).unwrap();
    let (decided, asked) = (of_phase(Phase::Revealed), of_phase(Phase::Open));
    let mut moments = Vec::new();
    for action in ["voting.opened", "voting.closed", "voting.order_taken"] {
        let at = store
            .texts(&format!(
                "SELECT CAST(at_ms AS TEXT) FROM audit WHERE action = '{action}' AND object = '{}'",
                decided.id
            ))
            .await;
        assert_eq!(at.len(), 1, "{action}: {at:?}");
        moments.push(at[0].parse::<i64>().unwrap());
    }
    let days: Vec<i64> = moments.iter().map(|at| at / DAY).collect();
    assert!(days.is_sorted_by(|earlier, later| earlier < later) && days[2] < started / DAY, "{days:?}");
    assert_eq!(decided.opens, Some(Timestamp(moments[0])));
    assert_eq!(decided.closes, Some(Timestamp(moments[1])), "it was closed by hand, after all had voted");
    assert_eq!(decided.turnout.cast, 5);

    let farm = owner.product(&"FARM".parse().unwrap()).await.unwrap();
    let history = owner.history(farm.roadmap, None, None, 500).await.unwrap();
    let steps: Vec<i64> =
        history.lines.iter().filter(|line| line.reason.is_some()).map(|line| line.at.0).collect();
    assert!(steps.contains(&moments[2]), "the board was put in order then: {steps:?}, {moments:?}");

    let (opened, closes) = (asked.opens.unwrap().0, asked.closes.unwrap().0);
    assert!(moments[2] / DAY < opened / DAY && opened / DAY < started / DAY && started < closes);
    assert_eq!(asked.turnout.cast, 3);
}

async fn a_demonstration_needs_a_database_of_its_own(store: Store) {
    store.owner().await;
    assert!(matches!(store.backend.clone().into_demo().await, Err(Error::Conflict(_))));
}
