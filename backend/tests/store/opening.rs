//! Databases that open, and those that are refused with a sentence.

use std::time::{Duration, Instant};

use backend::{Backend, Error, OpenError};
use domain::{ItemChange, Op};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::{
    harness::{Store, stories},
    rooms::{create, first_lane, product},
};

stories! {
    a_commit_after_a_statement_that_failed_is_no_success
    a_database_opens_again
    a_newer_database_is_refused_and_left_alone
    a_transaction_that_nobody_waited_for_is_over
}

async fn a_database_opens_again(store: Store) {
    let owner = store.owner().await;
    let again = store.second_process().await;
    assert_eq!(again.people().first_owner().await.unwrap().member(), owner.member());
}

async fn a_newer_database_is_refused_and_left_alone(store: Store) {
    store.execute("INSERT INTO schema_version (version) VALUES (99)").await;
    let refused = Backend::open(&store.url).await.unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 99, .. }), "{refused}");
    assert!(refused.to_string().contains("newer Cairn"), "{refused}");
}

async fn a_transaction_that_nobody_waited_for_is_over(store: Store) {
    store.owner().await;
    // As requests are dropped whose browsers have gone: at any moment while a transaction begins.
    for microseconds in 0..400 {
        let begun = tokio::time::timeout(Duration::from_micros(microseconds), store.backend.db.begin()).await;
        drop(begun);
        let begun =
            tokio::time::timeout(Duration::from_micros(microseconds), store.backend.db.begin_read()).await;
        drop(begun);
    }
    if store.backend.db.backend() == DbBackend::Postgres {
        let open = "SELECT pid::text FROM pg_stat_activity \
                    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        let deadline = Instant::now() + Duration::from_secs(20);
        while store.rows(open).await > 0 {
            assert!(Instant::now() < deadline, "connections were given back inside a transaction");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    store.execute("UPDATE workspace SET name = 'Another name'").await;
    assert_eq!(store.rows("SELECT 1 FROM workspace WHERE name = 'Another name'").await, 1);
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    for address in ["", "cairn.db", "mysql://host/cairn", "sqlite::memory:", "sqlite:"] {
        let refused = Backend::open(address).await.unwrap_err();
        assert!(matches!(refused, OpenError::Address(_)), "{address}: {refused}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    // A file stands where the folder should be made; that stops root, too.
    let refused = Backend::open(&format!("sqlite://{}/data/cairn.db", file.display())).await.unwrap_err();
    assert!(matches!(refused, OpenError::Folder { .. }), "{refused}");
    assert!(refused.to_string().contains("file/data cannot be written"), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cairn.db");
    std::fs::write(&file, "this is a letter, not a database\n".repeat(100)).unwrap();
    let refused = Backend::open(&format!("sqlite://{}", file.display())).await.unwrap_err();
    assert!(matches!(refused, OpenError::File { .. }), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap().len(), 3_300);
}

#[tokio::test]
async fn an_unreachable_server_is_named_without_its_password() {
    let refused = Backend::open("postgres://ann:secret@127.0.0.1:1/cairn").await.unwrap_err();
    assert!(matches!(refused, OpenError::Unreachable { .. }), "{refused}");
    let sentence = refused.to_string();
    assert!(sentence.contains("ann@127.0.0.1:1") && !sentence.contains("secret"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_write_ahead_log_of_sqlite_does_not_grow_for_ever() {
    const MIB: u64 = 1024 * 1024;
    let store = Store::sqlite().await;
    let (owner, product) = product(&store).await;
    let (item, created) = create(first_lane(&owner, product.roadmap).await, "Long");
    let text = |n: usize| ItemChange::Description(n.to_string().repeat(4_000).parse().unwrap());
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let log = store.url.trim_start_matches("sqlite://").to_owned() + "-wal";
    let size = || std::fs::metadata(&log).unwrap().len();
    let mut most = 0;
    for _ in 0..20 {
        let ops = (1000..1030).map(|n| Op::set(item, text(n))).collect();
        owner.submit(product.roadmap, ops).await.unwrap();
        most = most.max(size());
    }
    assert!(most > 5 * MIB, "only {most} bytes were written");
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        // The next writer starts the log from the beginning, once all of it has been moved.
        owner.submit(product.roadmap, vec![Op::set(item, text(2000))]).await.unwrap();
        if size() <= 4 * MIB {
            return;
        }
    }
    panic!("the log still has {} bytes", size());
}

async fn a_commit_after_a_statement_that_failed_is_no_success(store: Store) {
    store.owner().await;
    let transaction = store.backend.db.begin().await.unwrap();
    transaction.execute_unprepared("UPDATE workspace SET name = 'Other'").await.unwrap();
    transaction.execute_unprepared("INSERT INTO nowhere VALUES (1)").await.unwrap_err();
    let committed = backend::Database::commit(transaction).await.is_ok();
    let found = store.rows("SELECT 1 FROM workspace WHERE name = 'Other'").await;
    // SQLite goes on after a statement that failed, PostgreSQL does not.
    assert_eq!((committed, found), if store.url.starts_with("sqlite") { (true, 1) } else { (false, 0) });
}

/// SQLite does so when the disk is full, and the driver does not hear of it.
#[tokio::test]
async fn a_transaction_that_the_database_ended_by_itself_holds_nobody_up() {
    let store = Store::sqlite().await;
    let owner = store.owner().await;
    let tx = store.backend.db.begin().await.unwrap();
    tx.execute_unprepared("ROLLBACK").await.unwrap();
    drop(tx);
    for commits in [true, false, true, false, true] {
        let tx = store.backend.db.begin().await.unwrap();
        tx.execute_unprepared("UPDATE account SET colour = colour + 1").await.unwrap();
        if commits {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
    }
    // Read by another connection, as somebody would after a crash.
    let colours = store.texts("SELECT CAST(colour AS TEXT) FROM account").await;
    assert_eq!(colours, [(owner.member().colour + 3).to_string()]);
}

#[tokio::test]
async fn what_finds_the_disk_full_is_refused_and_done_when_there_is_space() {
    let store = Store::sqlite().await;
    let (owner, product) = product(&store).await;
    let (item, created) = create(first_lane(&owner, product.roadmap).await, "Long");
    owner.submit(product.roadmap, vec![created]).await.unwrap();
    let before = owner.view(product.roadmap).await.unwrap();
    // No page more than there are.
    store.execute("PRAGMA max_page_count = 1").await;
    let text = || vec![Op::set(item, ItemChange::Description("long ".repeat(3_000).parse().unwrap()))];
    for _ in 0..3 {
        let refused = owner.submit(product.roadmap, text()).await.unwrap_err();
        assert!(matches!(refused, Error::Full(_)), "{refused:?}");
        assert!(refused.to_string().contains("disk is full"), "{refused}");
        let after = owner.view(product.roadmap).await.unwrap();
        assert_eq!((after.roadmap, after.head), (before.roadmap.clone(), before.head), "nothing was changed");
    }
    store.execute("PRAGMA max_page_count = 1000000").await;
    owner.submit(product.roadmap, text()).await.unwrap();
    assert_eq!(store.backend.check().await.unwrap().problems, Vec::<String>::new());
}
