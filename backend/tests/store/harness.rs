//! Databases for stories, and the people in them.

mod postgres;

use std::{io::Write, os::unix::fs::OpenOptionsExt};

use backend::{Backend, Editor, FileSettings, Owner, Viewer, people::NewUser};
use domain::Role;
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Tells each story on both databases.
macro_rules! stories {
    ($($story:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(crate::harness::Store::sqlite().await).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                if let Some(store) = crate::harness::Store::postgres(stringify!($story)).await {
                    super::$story(store).await;
                }
            })*
        }
    };
}
pub(crate) use stories;

/// How many rounds a story of chance plays: as usual, or as many as `CAIRN_ROUNDS` says.
pub(crate) fn rounds(usual: u64) -> u64 {
    let asked = std::env::var("CAIRN_ROUNDS").ok();
    asked.map_or(usual, |rounds| rounds.parse().expect("CAIRN_ROUNDS is a number of rounds"))
}

/// Where the chance of a story begins: at the same place every time, or at another for each `CAIRN_SEED`.
pub(crate) fn seed() -> u64 {
    let asked = std::env::var("CAIRN_SEED").ok();
    let seed: u64 = asked.map_or(0, |seed| seed.parse().expect("CAIRN_SEED is a number"));
    // Never zero, at which this chance would stand still.
    0x9e37_79b9_7f4a_7c15_u64.wrapping_add(seed.wrapping_mul(0xbf58_476d_1ce4_e5b9)) | 1
}

/// Files in a folder of the story's own, whichever database it is told on.
fn files_in(folder: &TempDir) -> FileSettings {
    let place = folder.path().join("cairn.files").display().to_string();
    FileSettings { place: Some(place), ..FileSettings::default() }
}

/// Prepares an empty database once, so that those of the stories are copies of it.
async fn make_tables(url: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let backend = Backend::open_with(url, Some(folder.path().join("cairn.secret"))).await;
    backend.expect("an empty database opens").db.close().await;
}

/// An open, empty database.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) backend: Backend,
    pub(crate) url: String,
    /// Holds the SQLite file, and the secret of voting sessions.
    folder: TempDir,
}

impl Store {
    pub(crate) async fn sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(|| async {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let file = folder.path().join("cairn.db");
            make_tables(&format!("sqlite://{}", file.display())).await;
            std::fs::read(file).expect("the template is a file")
        });
        let template = template.await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("cairn.db");
        let mut copy =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).unwrap();
        copy.write_all(template).expect("the folder can be written");
        Self::open(format!("sqlite://{}", file.display()), folder).await
    }

    /// `None` when there is no PostgreSQL.
    pub(crate) async fn postgres(story: &str) -> Option<Self> {
        static TEMPLATE: OnceCell<Option<String>> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(|| async {
            let url = postgres::new_database("template", None).await?;
            make_tables(&url).await;
            Some(url)
        });
        let url = postgres::new_database(story, Some(template.await.as_deref()?)).await?;
        Some(Self::open(url, tempfile::tempdir().expect("a temporary folder")).await)
    }

    async fn open(url: String, folder: TempDir) -> Self {
        let backend = Backend::open_with(&url, Some(folder.path().join("cairn.secret"))).await;
        let backend = backend.expect("an empty database opens").with_files(files_in(&folder));
        Self { backend: backend.expect("files are kept in a folder"), url, folder }
    }

    /// Another, empty database of the same kind.
    pub(crate) async fn another(&self, story: &str) -> Option<Self> {
        if self.is_sqlite() { Some(Self::sqlite().await) } else { Self::postgres(story).await }
    }

    /// Another process on the same database.
    pub(crate) async fn second_process(&self) -> Backend {
        let secret = self.folder.path().join("cairn.secret");
        let backend = Backend::open_with(&self.url, Some(secret)).await.expect("the database opens twice");
        backend.with_files(files_in(&self.folder)).expect("files are kept in a folder")
    }

    /// The file of an open voting session's key.
    pub(crate) fn key_file(&self, voting: domain::VotingId) -> std::path::PathBuf {
        self.folder.path().join("cairn.secret.d").join(voting.to_string())
    }

    /// The length of SQLite's log.
    pub(crate) fn log_bytes(&self) -> u64 {
        std::fs::metadata(self.folder.path().join("cairn.db-wal")).map_or(0, |log| log.len())
    }

    /// Founds the workspace. People of stories have no passwords unless they set one.
    pub(crate) async fn owner(&self) -> Owner {
        self.person("ada", Role::Owner).await.as_owner().expect("ada is an owner")
    }

    pub(crate) async fn editor(&self) -> Editor {
        self.person("edith", Role::Editor).await.as_editor().expect("edith is an editor")
    }

    /// Adds a member and signs them in.
    pub(crate) async fn person(&self, name: &str, role: Role) -> Viewer {
        let password = self.backend.people().generate_password();
        let user = NewUser {
            email: format!("{name}@example.org").parse().unwrap(),
            name: name.parse().unwrap(),
            role,
            password: Some(password.clone()),
        };
        self.backend.people().add_user(user).await.expect("the person is new");
        self.sign_in(name, password.reveal()).await
    }

    /// How many rows a query finds.
    pub(crate) async fn rows(&self, query: &str) -> usize {
        let db = self.backend.db.reader();
        let statement = Statement::from_string(db.get_database_backend(), query);
        db.query_all_raw(statement).await.expect("the query is right").len()
    }

    /// The first column of what a query finds, as texts.
    pub(crate) async fn texts(&self, query: &str) -> Vec<String> {
        let db = self.backend.db.reader();
        let statement = Statement::from_string(db.get_database_backend(), query);
        let rows = db.query_all_raw(statement).await.expect("the query is right");
        rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite")
    }

    /// The columns of a table.
    pub(crate) async fn columns(&self, table: &str) -> Vec<String> {
        self.texts(&if self.is_sqlite() {
            format!("SELECT name FROM pragma_table_info('{table}')")
        } else {
            format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = '{table}'"
            )
        })
        .await
    }

    /// Does something to the tables that no service does.
    pub(crate) async fn execute(&self, sql: &str) {
        let tx = self.backend.db.begin().await.unwrap();
        tx.execute_unprepared(sql).await.expect("the statement is right");
        tx.commit().await.unwrap();
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Viewer {
        let people = self.backend.people();
        let session = people.sign_in(&format!("{name}@example.org"), password, None).await.expect("signs in");
        people.authenticate(&session.secret).await.unwrap().expect("the session counts")
    }
}
