//! The database: one SQLite file or PostgreSQL, from one code path.
//!
//! On SQLite there is one connection that writes and a few that only read. Every writing transaction is
//! `BEGIN IMMEDIATE`: a deferred one that reads and then writes fails at once when another has written meanwhile.
//! What makes an acknowledgement trustworthy, `synchronous=FULL` and PostgreSQL's `synchronous_commit`, is read back
//! from the database at start, and the server refuses to run otherwise.

mod checkpoint;
pub(crate) mod complete;
mod open;
pub(crate) mod private;
pub(crate) mod tables;
pub(crate) mod together;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait, sqlx,
};

use crate::migration;

use checkpoint::Checkpoints;
pub use open::OpenError;
pub(crate) use open::{IfMissing, Place, folder_of, with_suffix, without_password};

/// Binds fewer values than the smaller of the two databases' limits for one statement (SQLite: 32,766).
pub(crate) const MAX_VALUES: usize = 30_000;

/// Values for a list in a statement, the last of them repeated until there are a power of two. A list of each length is a text of its own,
/// which the database has to understand first and then remembers; of these lengths there are few.
pub(crate) fn padded<T: Clone>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    /// The SQLite file.
    file: Option<PathBuf>,
    /// What moves the log of a SQLite file, until the database is closed.
    checkpoints: Mutex<Option<Checkpoints>>,
    closed: AtomicBool,
}

/// A database as tasks hold it that shall not keep it open.
#[derive(Clone, Debug)]
pub(crate) struct WeakDatabase(Weak<Inner>);

impl WeakDatabase {
    pub(crate) fn upgrade(&self) -> Option<Database> {
        self.0.upgrade().map(|inner| Database { inner })
    }
}

impl Database {
    pub(crate) fn weak(&self) -> WeakDatabase {
        WeakDatabase(Arc::downgrade(&self.inner))
    }

    /// The file, if the database is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.inner.file.as_deref()
    }

    /// For what cannot be done in a transaction. On SQLite the only connection that writes: give it back soon.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// Opens a database and brings its tables up to date.
    ///
    /// # Errors
    /// A sentence for whoever started the program: wrong address, unwritable folder, unreachable server, a database
    /// made by a newer Cairn, settings under which an acknowledged change could be lost.
    pub(crate) async fn open(url: &str, if_missing: IfMissing) -> Result<Self, OpenError> {
        Self::open_place(&Place::parse(url)?, if_missing).await
    }

    /// The same at a place that was parsed.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) async fn open_place(place: &Place, if_missing: IfMissing) -> Result<Self, OpenError> {
        let (writer, reader, file) = open::connect(place, if_missing).await?;
        let database = Self::of(writer, reader, file);
        if let Err(error) = database.prepare(place, if_missing).await {
            database.close().await;
            return Err(error);
        }
        if let Some(file) = database.inner.file.clone() {
            let checkpoints = Checkpoints::start(Arc::downgrade(&database.inner), file);
            *database.checkpoints() = Some(checkpoints);
        }
        Ok(database)
    }

    /// Brings the tables up to date.
    async fn prepare(&self, place: &Place, if_missing: IfMissing) -> Result<(), OpenError> {
        let versions = migration::VERSION_TABLE;
        if if_missing == IfMissing::Refuse && tables::columns(self.reader(), versions).await?.is_empty() {
            return Err(OpenError::Empty(place.to_string()));
        }
        self.update(migration::VERSIONS).await
    }

    /// Brings the tables to the last of `versions`.
    ///
    /// # Errors
    /// When the tables are newer than this program, or cannot be changed; then they are as they were.
    pub(crate) async fn update(&self, versions: &[migration::Version]) -> Result<(), OpenError> {
        let transaction = self.begin().await?;
        let migration::Found { version, known } = migration::run(&transaction, versions).await?;
        if version > known {
            return Err(OpenError::Newer { found: version, known });
        }
        transaction.commit().await?;
        if version < known {
            tracing::info!(from = version, to = known, "tables brought up to date");
        }
        Ok(())
    }

    /// Makes a file with the tables of `versions`, which is renamed when it is complete: one connection and no log beside it, so
    /// that it is whole as soon as it is closed. What is in it is safe only when the file was synced after that.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) async fn create_alone(
        file: &Path,
        versions: &[migration::Version],
    ) -> Result<Self, OpenError> {
        let alone = open::alone(file).await?;
        let database = Self::of(alone.clone(), alone, None);
        database.update(versions).await?;
        Ok(database)
    }

    /// Opens a database by one fresh connection, to read what others wrote. Changes nothing, its tables' version either.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) async fn reopen(place: &Place) -> Result<Self, OpenError> {
        let connection = open::reopen(place).await?;
        Ok(Self::of(connection.clone(), connection, None))
    }

    fn of(writer: DatabaseConnection, reader: DatabaseConnection, file: Option<PathBuf>) -> Self {
        let (checkpoints, closed) = (Mutex::new(None), AtomicBool::new(false));
        Self { inner: Arc::new(Inner { writer, reader, file, checkpoints, closed }) }
    }

    fn checkpoints(&self) -> MutexGuard<'_, Option<Checkpoints>> {
        self.inner.checkpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For reading outside a transaction. Cannot write on SQLite.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    pub fn backend(&self) -> DbBackend {
        self.inner.writer.get_database_backend()
    }

    /// Begins a transaction that may write. On SQLite at most one is open at a time, so keep it short.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = match self.backend() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                ..TransactionOptions::default()
            },
        };
        begin_whole(&self.inner.writer, options).await
    }

    /// Begins a transaction in which all reads see one and the same state.
    pub async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = match self.backend() {
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        begin_whole(&self.inner.reader, options).await
    }

    /// Commits a transaction.
    ///
    /// # Errors
    /// Also where a statement of it has failed: PostgreSQL answers `COMMIT` with a rollback then, and no error. It refuses
    /// every other statement, so one comes first.
    pub async fn commit(transaction: DatabaseTransaction) -> Result<(), DbErr> {
        if transaction.get_database_backend() == DbBackend::Postgres {
            transaction.execute_unprepared("SELECT 1").await?;
        }
        transaction.commit().await
    }

    /// Moves SQLite's log into the file and empties it. False while somebody reads or writes it.
    pub(crate) async fn truncate_log(&self) -> Result<bool, DbErr> {
        match self.file() {
            Some(file) => checkpoint::truncate(file).await.map_err(|error| DbErr::Custom(error.to_string())),
            None => Ok(true),
        }
    }

    /// The bytes of SQLite's log.
    pub(crate) async fn read_log(&self) -> std::io::Result<Vec<u8>> {
        let Some(file) = self.file() else { return Ok(Vec::new()) };
        match tokio::fs::read(with_suffix(file, "-wal")).await {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            log => log,
        }
    }

    /// Closes every connection; what is committed is on disk already. The last one that closes a SQLite file moves its log
    /// into it; while another process has it open, the log stays beside it.
    pub async fn close(&self) {
        self.inner.closed.store(true, Ordering::Release);
        let checkpoints = self.checkpoints().take();
        if let Some(checkpoints) = checkpoints {
            checkpoints.stop().await;
        }
        for connection in [&self.inner.reader, &self.inner.writer] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "closing the database failed");
            }
        }
    }

    /// Whether [`Self::close`] was called: what then fails has no more to do, and nobody needs to hear of it.
    pub(crate) fn is_closed(&self) -> bool {
        self.inner.closed.load(Ordering::Acquire)
    }
}

/// Begins a transaction in a task of its own, so that it begins whole or not at all.
///
/// A request can be dropped at any moment. Where that happens between sending `BEGIN` and hearing of it, the driver gives
/// the connection back without knowing of the transaction: whatever uses it next works inside it, and what that writes is
/// never committed. The task hears of it, and a transaction that nobody waits for is rolled back.
async fn begin_whole(
    connection: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, DbErr> {
    let connection = connection.clone();
    let begun = tokio::spawn(async move { connection.begin_with_options(options).await });
    begun.await.unwrap_or_else(|error| Err(DbErr::Custom(format!("a transaction did not begin: {error}"))))
}

/// What a database error means for the transaction it happened in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It got in the way of another transaction and was undone; it may be tried again.
    Retryable,
    /// The connection is gone, or the disk failed. If that happened while committing, nobody knows whether it was committed.
    Unreachable,
    /// The disk is full. Nothing was committed.
    Full,
    Other,
}

pub(crate) fn kind_of(error: &DbErr) -> Failure {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Failure::Unreachable,
            _ => Failure::Other,
        };
    };
    if is_full(error) {
        return Failure::Full;
    }
    match &**cause {
        sqlx::Error::Database(error) => match error.code().as_deref() {
            // PostgreSQL: serialization failure, deadlock.
            Some("40001" | "40P01") => Failure::Retryable,
            Some(code) if is_busy(code) => Failure::Retryable,
            Some(code) if is_failed_disk(code) => Failure::Unreachable,
            // PostgreSQL: connection exceptions, shutdown, crash, starting up, too many connections.
            Some(code)
                if code.starts_with("08")
                    || matches!(code, "57P01" | "57P02" | "57P03" | "53300" | "25P03") =>
            {
                Failure::Unreachable
            }
            _ => Failure::Other,
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Failure::Unreachable,
        _ => Failure::Other,
    }
}

/// Whether the disk of the database is full: SQLite's error, PostgreSQL's, or that of the system beneath.
pub(crate) fn is_full(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    match &**cause {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_code_of_full_disk(&code)),
        sqlx::Error::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
        }
        _ => false,
    }
}

fn is_code_of_full_disk(code: &str) -> bool {
    // SQLite: full, and no room for the index of its log. PostgreSQL: disk full.
    matches!(code, "13" | "4874" | "53100")
}

/// An input or output error: SQLite's of whatever kind, or PostgreSQL's.
fn is_failed_disk(code: &str) -> bool {
    const IO: u32 = 10;
    code == "58030" || code.len() < 5 && code.parse::<u32>().is_ok_and(|code| code & 0xff == IO)
}

/// SQLite's busy and locked, of whatever kind: the kind is in the higher bits. PostgreSQL's codes have five characters.
fn is_busy(code: &str) -> bool {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    code.len() < 5 && code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, BUSY | LOCKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_one_that_fails_are_told_apart() {
        for code in ["13", "4874", "53100"] {
            assert!(is_code_of_full_disk(code), "{code}");
        }
        // Failed writes and syncs; PostgreSQL's own.
        for code in ["10", "778", "1034", "58030"] {
            assert!(is_failed_disk(code) && !is_code_of_full_disk(code), "{code}");
        }
        for code in ["5", "19", "22021", "40001"] {
            assert!(!is_failed_disk(code) && !is_code_of_full_disk(code), "{code}");
        }
    }

    #[test]
    fn every_kind_of_busy_is_tried_again() {
        for code in ["5", "6", "261", "262", "517", "773"] {
            assert!(is_busy(code), "{code}");
        }
        // Constraint, full disk, and PostgreSQL's character not in repertoire.
        for code in ["19", "2067", "13", "22021"] {
            assert!(!is_busy(code), "{code}");
        }
    }
}
