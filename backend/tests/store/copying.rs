//! Copies of everything: backups, restored, and moves between databases.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use backend::{
    Backend, OpenError,
    copying::{self, CopyError},
};
use domain::{ItemChange, Op};
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane, product},
};

stories! {
    a_backup_holds_everything_and_can_be_restored
    a_backup_made_while_people_write_is_whole
    nothing_is_written_over
    what_was_moved_is_the_same_on_the_other_kind_of_database
    a_copy_larger_than_the_write_ahead_log_is_whole
    a_database_that_alters_what_it_gets_is_refused
    what_is_empty_is_not_copied
    what_is_only_part_of_a_database_is_not_well
}

/// Rows that make a database large: more than the log holds before a task of its own moves it.
const LARGE: usize = 160;
const BYTES_EACH: usize = 100_000;

async fn grow(store: &Store) {
    let bytes = if store.url.starts_with("sqlite") { "hex(zeroblob(50000))" } else { "repeat('00', 50000)" };
    store
        .execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LARGE}) \
             INSERT INTO account (id, email, name, password_hash, colour, created_ms) \
             SELECT 'id ' || i, 'e' || i || '@example.org', 'Nobody', {bytes}, 1, 1 FROM n"
        ))
        .await;
}

/// What a database holds in those rows, read by a connection that knows nothing of ours.
async fn large_rows(url: &str) -> (i64, i64) {
    let database = sea_orm::Database::connect(url).await.unwrap();
    let query = "SELECT COUNT(*) AS rows, COALESCE(SUM(LENGTH(password_hash)), 0) AS bytes FROM account \
                 WHERE name = 'Nobody'";
    let statement = Statement::from_string(database.get_database_backend(), query);
    let row = database.query_one_raw(statement).await.unwrap().unwrap();
    let found = (row.try_get("", "rows").unwrap(), row.try_get("", "bytes").unwrap());
    database.close().await.unwrap();
    found
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

async fn a_copy_larger_than_the_write_ahead_log_is_whole(store: Store) {
    let expected = (LARGE as i64, (LARGE * BYTES_EACH) as i64);
    product(&store).await;
    grow(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    copying::backup(&store.url, &file).await.unwrap();
    assert_eq!(names(folder.path()), ["friday.db"], "one file, nothing beside it");
    assert_eq!(large_rows(&format!("sqlite://{}?mode=ro", file.display())).await, expected);
    assert_eq!(names(folder.path()), ["friday.db"], "reading it leaves nothing beside it");

    let place = format!("sqlite://{}/restored.db", folder.path().display());
    copying::restore(&file, &place).await.unwrap();
    assert_eq!(names(folder.path()), ["friday.db", "restored.db"]);
    assert_eq!(large_rows(&format!("{place}?mode=ro")).await, expected);

    // Into one that is there and empty, on which a process works.
    let Some(there) = store.another("large").await else { return };
    copying::restore(&file, &there.url).await.unwrap();
    assert_eq!(large_rows(&there.url).await, expected);
    assert_eq!(there.second_process().await.check().await.unwrap().problems, Vec::<String>::new());
}

/// Lets a database change a table that was compared already, once a later one is filled.
async fn meddle(store: &Store) {
    let change = "UPDATE workspace SET name = 'Eve';";
    if store.is_sqlite() {
        store.execute(&format!("CREATE TRIGGER meddle AFTER INSERT ON account BEGIN {change} END")).await;
        return;
    }
    let body = format!("BEGIN {change} RETURN NULL; END");
    store
        .execute(&format!("CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
        .await;
    store
        .execute("CREATE TRIGGER meddle AFTER INSERT ON account FOR EACH ROW EXECUTE FUNCTION meddle()")
        .await;
}

/// What was committed is read again by a fresh connection, and called done only when it is the same.
async fn a_database_that_alters_what_it_gets_is_refused(store: Store) {
    product(&store).await;
    let Some(there) = store.another("meddling").await else { return };
    meddle(&there).await;
    let refused = copying::migrate(&store.url, &there.url).await.unwrap_err();
    let CopyError::Unlike { table, place } = &refused else { panic!("{refused}") };
    assert_eq!(table, "workspace");
    let name = place.rsplit('/').next().unwrap();
    assert!(there.url.ends_with(name), "{place} is not {}", there.url);
    assert!(refused.to_string().contains("Do not use it"), "{refused}");
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new(), "the source stays whole");
}

async fn what_is_empty_is_not_copied(store: Store) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    let refused = copying::backup(&store.url, &file).await.unwrap_err();
    assert!(matches!(refused, CopyError::Nothing(_)), "{refused}");
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let refused = copying::restore(&empty, &store.url).await.unwrap_err();
    assert!(matches!(refused, CopyError::Open(OpenError::Empty(_))), "{refused}");
    assert_eq!(names(folder.path()), ["empty.db"]);
    assert_eq!(std::fs::metadata(&empty).unwrap().len(), 0, "it is left as it was");
}

async fn what_is_only_part_of_a_database_is_not_well(store: Store) {
    let problems = || async { store.backend.check().await.unwrap().problems };
    assert!(
        problems().await[0].starts_with("There is no workspace in this database"),
        "{:?}",
        problems().await
    );
    product(&store).await;
    assert_eq!(problems().await, Vec::<String>::new());
    if let Some(file) = store.url.strip_prefix("sqlite://") {
        let part = format!("{file}.part");
        std::fs::write(&part, "").unwrap();
        assert!(problems().await[0].contains("cairn.db.part is left of a copy"), "{:?}", problems().await);
        std::fs::remove_file(&part).unwrap();
    }
    store.execute("DROP TABLE voting_outcome").await;
    assert_eq!(problems().await.len(), 1);
    assert!(problems().await[0].starts_with("The table voting_outcome is missing"), "{:?}", problems().await);
}

#[tokio::test]
async fn a_log_without_its_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (file, log) = (folder.path().join("cairn.db"), folder.path().join("cairn.db-wal"));
    std::fs::write(&log, "what was saved last").unwrap();
    let refused = Backend::open(&format!("sqlite://{}", file.display())).await.unwrap_err();
    assert!(matches!(refused, OpenError::LogAlone(_)), "{refused}");
    assert_eq!(names(folder.path()), ["cairn.db-wal"]);
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "what was saved last");
}

async fn a_backup_holds_everything_and_can_be_restored(store: Store) {
    let (owner, product) = product(&store).await;
    let (item, created) = create(first_lane(&owner, product.roadmap).await, "Single “sign-on”, naïve");
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let before = owner.view(product.roadmap).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    let copied = copying::backup(&store.url, &file).await.unwrap();
    assert_eq!(copied.rows["item"], 1);
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["friday.db"], "one file, nothing beside it");

    // What happens after the backup is not in it.
    let title = ItemChange::Title("Later".parse().unwrap());
    owner.submit(product.roadmap, vec![Op::set(item, title)]).await.unwrap();
    let place = format!("sqlite://{}/restored.db", folder.path().display());
    assert_eq!(copying::restore(&file, &place).await.unwrap(), copied);
    let restored = Backend::open(&place).await.unwrap();
    assert_eq!(restored.check().await.unwrap().problems, Vec::<String>::new());
    let view = restored.people().first_owner().await.unwrap().view(product.roadmap).await.unwrap();
    assert_eq!((&view.roadmap, view.head), (&before.roadmap, before.head));
    assert!(view.epoch > before.epoch, "pages that saw more must load it anew");
}

async fn a_backup_made_while_people_write_is_whole(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let done = Arc::new(AtomicBool::new(false));
    let writing = {
        let (owner, done) = (owner.clone(), done.clone());
        tokio::spawn(async move {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                let ops = (0..5).map(|n| create(lane, &format!("Item {count} {n}")).1).collect();
                owner.submit(product.roadmap, ops).await.unwrap();
                count += 1;
            }
            count
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let mut sizes = Vec::new();
    for n in 0..3 {
        let file = folder.path().join(format!("{n}.db"));
        sizes.push(copying::backup(&store.url, &file).await.unwrap().total());
        let copy = Backend::open_existing(&format!("sqlite://{}", file.display())).await.unwrap();
        assert_eq!(copy.check().await.unwrap().problems, Vec::<String>::new());
    }
    done.store(true, Ordering::Relaxed);
    assert!(writing.await.unwrap() > 3, "people were held up by the backup");
    assert!(sizes.is_sorted() && sizes[0] < sizes[2], "nothing was written meanwhile: {sizes:?}");
}

async fn nothing_is_written_over(store: Store) {
    product(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    std::fs::write(&file, "precious").unwrap();
    let refused = copying::backup(&store.url, &file).await.unwrap_err();
    assert!(matches!(refused, CopyError::Exists(_)), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");

    let other = Store::sqlite().await;
    product(&other).await;
    let refused = copying::migrate(&other.url, &store.url).await.unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    assert_eq!(store.backend.check().await.unwrap().roadmaps, 1);

    let nowhere = folder.path().join("nowhere.db");
    let place = format!("sqlite://{}/new.db", folder.path().display());
    let refused = copying::restore(&nowhere, &place).await.unwrap_err();
    assert!(matches!(refused, CopyError::Open(OpenError::Missing(_))), "{refused}");
}

/// From here to SQLite and back to this kind of database again.
async fn what_was_moved_is_the_same_on_the_other_kind_of_database(store: Store) {
    let (owner, product) = product(&store).await;
    let lane = first_lane(&owner, product.roadmap).await;
    let ops = (0..300).map(|n| create(lane, &format!("Item {n}")).1).collect();
    owner.submit(product.roadmap, ops).await.unwrap();
    let there = Store::sqlite().await;
    let moved = copying::migrate(&store.url, &there.url).await.unwrap();
    let Some(back) = store.another("moved_back").await else { return };
    assert_eq!(copying::migrate(&there.url, &back.url).await.unwrap(), moved);
    let again = back.second_process().await;
    assert_eq!(again.check().await.unwrap().problems, Vec::<String>::new());
    let view = again.people().first_owner().await.unwrap().view(product.roadmap).await.unwrap();
    assert_eq!(view.roadmap, owner.view(product.roadmap).await.unwrap().roadmap);
}
