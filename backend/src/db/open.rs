//! Opening a database, and refusing one that could lose what was acknowledged.

use std::{
    fmt,
    io::{self, Read},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, Statement,
    sqlx::{
        self, ConnectOptions, Connection,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use super::{checkpoint::WAL_LIMIT, private};

/// How long a writer waits for another process that writes to the same SQLite file. SQLite tries ten times a second and
/// keeps no queue: a process that writes without a break has kept another waiting for ten seconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait for a free connection to SQLite, of which one writes.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to wait for a free connection to PostgreSQL. The pool retries in pauses of up to a fifth of it: this is
/// how soon it is noticed that a server is back.
const POSTGRES_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that was idle for longer is asked whether it still works before it is used.
const ASK_AFTER: Duration = Duration::from_secs(1);

const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// Why a database cannot be used, as a sentence for whoever started the program.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "“{0}” isn’t a valid database address. Use sqlite://folder/cairn.db or postgres://user@host/database."
    )]
    Address(String),
    #[error("There is no database at {0}. Say with --db where it is, or start `cairn serve` to make one.")]
    Missing(PathBuf),
    #[error(
        "There is no database at {}, only the write-ahead log of one that was there. Bring the database file back, or \
         move the log {}-wal away.", .0.display(), .0.display()
    )]
    LogAlone(PathBuf),
    #[error("There are no tables of Cairn in {0}. Say with --db where the database is.")]
    Empty(String),
    #[error("The folder {folder} cannot be written: {cause}. Make it writable, or choose another with --db.")]
    Folder { folder: PathBuf, cause: String },
    #[error("{file} cannot be opened as a Cairn database: {cause}. Choose another file with --db.")]
    File { file: PathBuf, cause: String },
    #[error(
        "The database {address} cannot be reached: {cause}. Check that it is running and that the address is right."
    )]
    Unreachable { address: String, cause: String },
    #[error(
        "The database was written by a newer Cairn: its tables have version {found}, this program knows version \
         {known}. Start the newer program, or restore a backup made with this one."
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "The database runs with {name} = {found}, under which an acknowledged change could be lost. \
         Set it to {wanted} and start again."
    )]
    Unsafe { name: &'static str, found: String, wanted: &'static str },
    #[error(
        "The secret of voting sessions in {file} cannot be used: {cause}. Put the right file there, or say with \
         --secret-file where it is."
    )]
    Secret { file: PathBuf, cause: String },
    #[error(
        "Files can’t be kept at {0}. Use a folder, or, with a Cairn that was built with the feature s3, an address like \
         s3://bucket/folder."
    )]
    Files(String),
    #[error("The database could not be prepared: {0}.")]
    Database(#[from] DbErr),
}

/// Whether a database that is not there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMissing {
    Make,
    Refuse,
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    /// The address of a PostgreSQL database.
    Postgres(String),
}

impl Place {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let path = path.split_once('?').map_or(path, |(path, _)| path);
            if path.is_empty() || path.starts_with(':') {
                return Err(OpenError::Address(url.to_owned()));
            }
            Ok(Self::File(path.into()))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(url.to_owned()))
        } else {
            Err(OpenError::Address(url.to_owned()))
        }
    }
}

/// Fit to be shown.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

/// Connects: who writes, who reads, and the file if it is one.
pub(super) async fn connect(
    place: &Place,
    if_missing: IfMissing,
) -> Result<(DatabaseConnection, DatabaseConnection, Option<PathBuf>), OpenError> {
    match place {
        Place::File(file) => {
            let size = std::fs::metadata(file).map(|metadata| metadata.len()).ok();
            // SQLite would throw away a log without its file.
            if size.is_none_or(|size| size == 0) && with_suffix(file, "-wal").exists() {
                return Err(OpenError::LogAlone(file.clone()));
            }
            match size {
                None if if_missing == IfMissing::Refuse => Err(OpenError::Missing(file.clone())),
                Some(0) if if_missing == IfMissing::Refuse => Err(OpenError::Empty(place.to_string())),
                _ => sqlite(file).await,
            }
        }
        Place::Postgres(url) => {
            let pool = postgres(url).await?;
            Ok((pool.clone(), pool, None))
        }
    }
}

/// A file's name with something behind it, as SQLite names what is beside a database.
pub(crate) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The folder in which a file or folder is.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The only connection to a new file that nobody else knows of.
pub(super) async fn alone(file: &Path) -> Result<DatabaseConnection, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(true)
        // Cut short it is thrown away, so it needs no journal on disk, and is synced once, at its end.
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-16384")
        .disable_statement_logging();
    let refused = |error: sqlx::Error| OpenError::File { file: file.to_owned(), cause: cause(&error) };
    Ok(sqlite_pool(1).connect_with(options).await.map_err(refused)?.into())
}

/// A fresh connection to what is there.
pub(super) async fn reopen(place: &Place) -> Result<DatabaseConnection, OpenError> {
    match place {
        Place::File(file) => {
            let options = SqliteConnectOptions::new()
                .filename(file)
                .busy_timeout(BUSY_TIMEOUT)
                .pragma("query_only", "ON")
                .disable_statement_logging();
            let refused = |error: sqlx::Error| OpenError::File { file: file.clone(), cause: cause(&error) };
            // Who only reads a file that keeps a log leaves an empty one beside it.
            let keeps_log = keeps_log(file).map_err(|error| refused(sqlx::Error::Io(error)))?;
            let options = options.read_only(!keeps_log);
            Ok(sqlite_pool(1).connect_with(options).await.map_err(refused)?.into())
        }
        Place::Postgres(url) => postgres(url).await,
    }
}

async fn sqlite(file: &Path) -> Result<(DatabaseConnection, DatabaseConnection, Option<PathBuf>), OpenError> {
    check_folder(file)?;
    create_private(file)?;
    let refused = |error: sqlx::Error| OpenError::File { file: file.to_owned(), cause: cause(&error) };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    let writing = options
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // A task of its own moves the log into the file, so that no commit pays for it.
        .pragma("wal_autocheckpoint", "0")
        .pragma("journal_size_limit", WAL_LIMIT.to_string())
        .pragma("cache_size", "-16384")
        // What a closed secret vote deletes is overwritten.
        .pragma("secure_delete", "ON");
    let writer = sqlite_pool(1).connect_with(writing).await.map_err(refused)?;
    let reader = sqlite_pool(SQLITE_READERS).connect_with(options.read_only(true)).await.map_err(refused)?;

    let writer = DatabaseConnection::from(writer);
    check_setting(&writer, "PRAGMA journal_mode", "journal_mode", &["wal"], "wal").await?;
    check_setting(&writer, "PRAGMA synchronous", "synchronous", &["2", "3"], "full (2)").await?;
    check_setting(&writer, "PRAGMA foreign_keys", "foreign_keys", &["1"], "on (1)").await?;
    Ok((writer, DatabaseConnection::from(reader), Some(file.to_owned())))
}

fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            // After some errors, such as a full disk, SQLite ends a transaction by itself. The driver does not hear of it: from then
            // on it begins savepoints on this connection. After one that is rolled back, SQLite has a transaction open that
            // nobody ends, and what is acknowledged within it is never committed. So the connection is given up.
            Box::pin(async move {
                if connection.is_in_transaction() {
                    // The rollback of a transaction that was dropped may still be under way.
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Whether a SQLite file keeps a write-ahead log, by its header.
fn keeps_log(file: &Path) -> io::Result<bool> {
    const WRITE_VERSION: usize = 18;
    const LOG: u8 = 2;
    let mut header = [0; WRITE_VERSION + 1];
    std::fs::File::open(file)?.read_exact(&mut header)?;
    Ok(header[WRITE_VERSION] == LOG)
}

/// SQLite needs to make files beside the database, so the folder counts as much as the file.
fn check_folder(file: &Path) -> Result<(), OpenError> {
    let folder = folder_of(file);
    let refused = |error: std::io::Error| OpenError::Folder {
        folder: folder.to_owned(),
        cause: lower_first(&error.to_string()),
    };
    private::create_folder(folder).map_err(refused)?;
    let probe = folder.join(format!(".cairn-{}", std::process::id()));
    std::fs::File::create(&probe).map_err(refused)?;
    std::fs::remove_file(&probe).map_err(refused)
}

/// Makes the file before SQLite does, for its owner alone; SQLite makes those beside it the same. Warns where that comes too late.
fn create_private(file: &Path) -> Result<(), OpenError> {
    match private::create_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(OpenError::File { file: file.to_owned(), cause: lower_first(&error.to_string()) });
        }
        _ => {}
    }
    private::warn_of_open(["", "-wal", "-shm"].map(|suffix| with_suffix(file, suffix)));
    Ok(())
}

async fn postgres(url: &str) -> Result<DatabaseConnection, OpenError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| OpenError::Address(without_password(url)))?
        .application_name("cairn")
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(POSTGRES_ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            // The server may have restarted while nobody used it.
            Box::pin(async move {
                if state.idle_for > ASK_AFTER {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(|error| OpenError::Unreachable { address: without_password(url), cause: cause(&error) })?;
    let pool = DatabaseConnection::from(pool);
    check_setting(&pool, "SHOW fsync", "fsync", &["on"], "on").await?;
    check_setting(&pool, "SHOW synchronous_commit", "synchronous_commit", &["on", "remote_apply"], "on")
        .await?;
    Ok(pool)
}

async fn check_setting(
    connection: &DatabaseConnection,
    query: &str,
    name: &'static str,
    accepted: &[&str],
    wanted: &'static str,
) -> Result<(), OpenError> {
    let statement = Statement::from_string(connection.get_database_backend(), query);
    let row = connection.query_one_raw(statement).await?;
    let found = match row {
        Some(row) => match row.try_get_by_index::<String>(0) {
            Ok(text) => text,
            Err(_) => row.try_get_by_index::<i64>(0)?.to_string(),
        },
        None => "nothing".to_owned(),
    };
    if accepted.contains(&found.as_str()) { Ok(()) } else { Err(OpenError::Unsafe { name, found, wanted }) }
}

/// An address fit to be shown.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    }
}

/// The innermost cause, fit to stand in the middle of a sentence.
fn cause(error: &sqlx::Error) -> String {
    let text = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "no connection came about in time".to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    lower_first(text.trim_end_matches('.'))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(without_password("postgres://ann:s@cret@db/x"), "postgres://ann@db/x");
        assert_eq!(without_password("postgres://db/x"), "postgres://db/x");
    }
}
