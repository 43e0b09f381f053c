//! Databases that open, and those that are refused with a sentence.

use backend::{Backend, OpenError};

use crate::harness::{Store, stories};

stories! {
    a_database_opens_again
    a_newer_database_is_refused_and_left_alone
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
