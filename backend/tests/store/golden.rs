//! Databases as earlier versions left them are opened, checked, edited, backed up and restored.
//!
//! `tests/golden/vN.db` is the sample organisation as the last version with tables of version N left it (`cairn backup` of
//! `cairn serve --demo`). A release that changes the tables adds one.

use std::{collections::BTreeSet, path::PathBuf};

use backend::{
    Backend, copying,
    rooms::{HistoryFilter, HistoryPlace},
};
use domain::{FIELDS, HistoryKind, ItemChange, Op, wire::Outcome};
use sea_orm::{ConnectionTrait, Statement};

use crate::harness::{Store, stories};

stories! {
    databases_of_earlier_versions_go_on_as_they_are
}

fn golden() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// The first column of what a query finds, read by a connection that knows nothing of ours.
async fn texts(url: &str, query: &str) -> BTreeSet<String> {
    let database = sea_orm::Database::connect(url).await.unwrap();
    let statement = Statement::from_string(database.get_database_backend(), query);
    let rows = database.query_all_raw(statement).await.unwrap();
    let found = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    database.close().await.unwrap();
    found
}

async fn databases_of_earlier_versions_go_on_as_they_are(store: Store) {
    let golden = golden();
    assert!(!golden.is_empty());
    for (number, golden) in golden.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cairn.db");
        std::fs::copy(golden, &file).unwrap();
        let old = format!("sqlite://{}", file.display());
        let titles = texts(&old, "SELECT title FROM item").await;
        assert!(titles.len() > 50, "{} holds too little", golden.display());

        // Where the tables are brought up to date: in the file itself, or on the way to PostgreSQL.
        let url = if store.is_sqlite() {
            old
        } else {
            let Some(moved) = store.another(&format!("golden_{number}")).await else { return };
            copying::migrate(&old, &moved.url).await.unwrap();
            moved.url
        };
        let backend = Backend::open_existing(&url).await.unwrap();
        assert_eq!(backend.check().await.unwrap().problems, Vec::<String>::new());
        let owner = backend.people().first_owner().await.unwrap();
        let products = owner.products().await.unwrap();
        for product in &products {
            let events = HistoryFilter { kind: Some(HistoryKind::Product), ..HistoryFilter::default() };
            let history = owner.product_history(product, &events, HistoryPlace::default(), 9).await.unwrap();
            assert!(!history.lines.is_empty(), "{} was never created", product.key);
        }
        let mut found = BTreeSet::new();
        for product in &products {
            let view = owner.view(product.roadmap).await.unwrap();
            found.extend(view.roadmap.items().map(|item| item.fields.title.to_string()));
        }
        assert_eq!(found, titles, "everything is there");

        // Fields that came later are filled, and what was there before is edited.
        let product = products.iter().find(|product| !product.archived).unwrap();
        let view = owner.view(product.roadmap).await.unwrap();
        let item = view.roadmap.items().find(|item| item.deleted.is_none()).unwrap().id;
        let fill = |field| ItemChange::Value { field, to: Some(FIELDS[3].example(7)) };
        let ops = vec![
            Op::set(item, ItemChange::Title("Edited".parse().unwrap())),
            Op::set(item, fill((&FIELDS[3]).into())),
        ];
        let answers = owner.submit(product.roadmap, ops).await.unwrap();
        let accepted = |acked: &domain::wire::Acked| matches!(acked.outcome, Outcome::Accepted { .. });
        assert!(answers.iter().all(accepted), "{answers:?}");
        assert_eq!(backend.check().await.unwrap().problems, Vec::<String>::new());

        let backup = folder.path().join("backup.db");
        let copied = copying::backup(&url, &backup).await.unwrap();
        let Some(place) = store.another(&format!("golden_restored_{number}")).await else { return };
        assert_eq!(copying::restore(&backup, &place.url).await.unwrap(), copied);
        let restored = place.second_process().await;
        assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
        let again = restored.people().first_owner().await.unwrap();
        for product in &products {
            let (before, after) =
                (owner.view(product.roadmap).await.unwrap(), again.view(product.roadmap).await.unwrap());
            assert_eq!((&after.roadmap, after.head), (&before.roadmap, before.head));
        }
    }
}
