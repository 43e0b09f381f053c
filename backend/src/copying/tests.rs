//! A copy is compared where it ends, and a file has its name only when it is complete.

use std::{
    fs,
    future::poll_fn,
    io::{Seek, SeekFrom, Write},
    path::Path,
    pin::pin,
};

use sea_orm::ConnectionTrait;

use super::*;
use crate::db::with_suffix;

/// A database with a workspace.
async fn founded(folder: &Path) -> Database {
    let url = format!("sqlite://{}/cairn.db", folder.display());
    let database = Database::open(&url, IfMissing::Make).await.unwrap();
    execute(&database, "INSERT INTO workspace (id, singleton, name, created_ms) VALUES ('w', 1, 'Ada', 1)")
        .await;
    database
}

async fn execute(database: &Database, statement: &str) {
    let tx = database.begin().await.unwrap();
    tx.execute_unprepared(statement).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_is_found_in_the_finished_file_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let source = founded(folder.path()).await;
    let file = folder.path().join("friday.db");
    let written = copy_to_file(&source, &file, Epoch::Kept, None).await.unwrap();
    let place = Place::File(file.clone());
    assert_eq!(first_difference(&place, &written).await.unwrap(), None);

    for (change, table) in [
        ("UPDATE workspace SET name = 'Eve'", "workspace"),
        ("INSERT INTO account (id, email, name, colour, created_ms) VALUES ('a', 'e', 'n', 1, 1)", "account"),
        ("DELETE FROM schema_version WHERE version > 1", migration::VERSION_TABLE),
    ] {
        fs::remove_file(&file).unwrap();
        let written = copy_to_file(&source, &file, Epoch::Kept, None).await.unwrap();
        let damaged = sea_orm::Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
        damaged.execute_unprepared(change).await.unwrap();
        damaged.close().await.unwrap();
        assert_eq!(first_difference(&place, &written).await.unwrap().as_deref(), Some(table), "{change}");
    }
    // A table that is not even there.
    fs::write(&file, "").unwrap();
    assert!(first_difference(&place, &written).await.is_err());
}

/// Writes over a text in place, as a bad disk does.
fn damage(file: &Path, text: &[u8], with: &[u8]) {
    let bytes = fs::read(file).unwrap();
    let at = bytes.windows(text.len()).position(|window| window == text).expect("the text is in the file");
    let mut open = fs::OpenOptions::new().write(true).open(file).unwrap();
    open.seek(SeekFrom::Start(at.try_into().unwrap())).unwrap();
    open.write_all(with).unwrap();
}

#[tokio::test]
async fn a_finished_file_that_differs_is_refused_and_removed() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = founded(folder.path()).await;
    execute(&source, "UPDATE workspace SET name = 'Lovelace'").await;
    let file = copies.path().join("friday.db");
    let mut damaged = false;
    let mut copying = pin!(copy_to_file(&source, &file, Epoch::Kept, None));
    // With its name on, the copy waits for a fresh connection: the damage is done before that has read anything.
    let refused = poll_fn(|context| {
        if !damaged && file.exists() {
            damage(&file, b"Lovelace", b"Lovelock");
            damaged = true;
        }
        copying.as_mut().poll(context)
    })
    .await
    .unwrap_err();
    assert!(damaged, "{refused}");
    assert!(matches!(&refused, CopyError::Differs(table) if table == "workspace"), "{refused}");
    assert_eq!(fs::read_dir(copies.path()).unwrap().count(), 0, "neither the file nor anything beside it");
    // The name is free again.
    copy_to_file(&source, &file, Epoch::Kept, None).await.unwrap();
}

#[test]
fn an_unfinished_file_is_held_and_then_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    let part = with_suffix(&file, PART);
    // Left by one that was killed.
    fs::write(&part, "half a backup").unwrap();
    fs::write(with_suffix(&part, "-wal"), "and its log").unwrap();

    let held = Part::claim(&file).unwrap();
    assert_eq!(fs::metadata(&part).unwrap().len(), 0);
    assert!(!with_suffix(&part, "-wal").exists());
    let refused = Part::claim(&file).unwrap_err();
    assert!(matches!(refused, CopyError::Underway(_)), "{refused}");
    drop(held);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays");

    let held = Part::claim(&file).unwrap();
    drop(held.finish().unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "what is not kept does not stay either");
}

#[test]
fn a_file_that_appears_meanwhile_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    let held = Part::claim(&file).unwrap();
    fs::write(&file, "precious").unwrap();
    let refused = held.finish().unwrap_err();
    assert!(matches!(refused, CopyError::Exists(_)), "{refused}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_a_copy() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("friday.db");
    fs::write(with_suffix(&file, PART), "").unwrap();
    fs::set_permissions(with_suffix(&file, PART), fs::Permissions::from_mode(0o644)).unwrap();
    Part::claim(&file).unwrap().finish().unwrap().keep();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Exports that earlier versions have written: of databases as they left them.
#[tokio::test]
async fn an_export_of_an_earlier_version_is_imported() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(golden).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in [files.first().unwrap(), files.last().unwrap()] {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("old.db");
        fs::copy(file, &copy).unwrap();
        let old = Database::reopen(&Place::File(copy)).await.unwrap();
        let mut exported = Vec::new();
        lines::write(&old, &mut exported).await.unwrap();
        old.close().await;
        let url = format!("sqlite://{}/new.db", folder.path().display());
        let imported = import(&*exported, &url).await.unwrap();
        assert!(imported.copied.rows["item"] > 50);
        let backend = crate::Backend::open_existing(&url).await.unwrap();
        assert_eq!(backend.check().await.unwrap().problems, Vec::<String>::new());
    }
}
