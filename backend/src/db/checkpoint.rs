//! Moves SQLite's write-ahead log into the database file, off the path of commits.

use std::{path::PathBuf, sync::Weak, time::Duration};

use sea_orm::sqlx::{self, Row, sqlite::SqliteConnectOptions};
use tokio::{sync::oneshot, task::JoinHandle};

use super::{Inner, with_suffix};

/// From this size on the log is moved, in bytes.
pub(super) const WAL_LIMIT: u64 = 4 * 1024 * 1024;

/// From this size on writers have to wait until it is done: the log only ever grows while readers or writers are
/// always in it.
const WAL_HARD_LIMIT: u64 = 256 * 1024 * 1024;

const INTERVAL: Duration = Duration::from_millis(500);

/// The running task.
#[derive(Debug)]
pub(super) struct Checkpoints {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts the task for a file. It ends with the database, or when it is stopped.
    pub(super) fn start(database: Weak<Inner>, file: PathBuf) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(run(database, file, stopped)) }
    }

    /// Ends the task and closes its connection. While one connection is open, closing another leaves the log beside
    /// the file: this one goes first.
    pub(super) async fn stop(self) {
        // It may have ended by itself.
        self.stop.send(()).unwrap_or_default();
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the task that moves the write-ahead log failed");
        }
    }
}

async fn run(database: Weak<Inner>, file: PathBuf, mut stopped: oneshot::Receiver<()>) {
    use sqlx::{ConnectOptions, Connection};

    let options = SqliteConnectOptions::new().filename(&file).disable_statement_logging();
    let wal = with_suffix(&file, "-wal");
    let mut connection = None;
    let mut last = None;
    while database.strong_count() > 0 {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            // The database keeps the sender, until it is closed or dropped.
            _ = &mut stopped => break,
        }
        let Ok(metadata) = tokio::fs::metadata(&wal).await else { continue };
        let written = metadata.modified().ok();
        if metadata.len() < WAL_LIMIT || written == last {
            continue;
        }
        let mode = if metadata.len() < WAL_HARD_LIMIT { "PASSIVE" } else { "RESTART" };
        let result = match &mut connection {
            Some(connection) => checkpoint(connection, mode).await,
            none => match options.connect().await {
                Ok(opened) => checkpoint(none.insert(opened), mode).await,
                Err(error) => Err(error),
            },
        };
        match result {
            Ok(true) => last = written,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "moving the write-ahead log failed; it is tried again");
                connection = None;
            }
        }
    }
    if let Some(connection) = connection
        && let Err(error) = connection.close().await
    {
        tracing::warn!(%error, "closing the connection that moves the write-ahead log failed");
    }
}

/// True when all of the log is in the file, so that the next writer starts it from the beginning.
async fn checkpoint(connection: &mut sqlx::SqliteConnection, mode: &str) -> Result<bool, sqlx::Error> {
    let sql = match mode {
        "PASSIVE" => "PRAGMA wal_checkpoint(PASSIVE)",
        _ => "PRAGMA wal_checkpoint(RESTART)",
    };
    let row = sqlx::query(sql).fetch_one(connection).await?;
    let (pages, moved): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
    Ok(pages == moved)
}

/// Moves all of the log into the file and empties it, on a connection of its own, so that writers do not wait for
/// readers. False while somebody is in the log.
pub(super) async fn truncate(file: &std::path::Path) -> Result<bool, sqlx::Error> {
    use sqlx::{ConnectOptions, Connection};

    const PATIENCE: Duration = Duration::from_millis(250);
    let options =
        SqliteConnectOptions::new().filename(file).busy_timeout(PATIENCE).disable_statement_logging();
    let mut connection = options.connect().await?;
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await;
    let busy = row.and_then(|row| row.try_get::<i64, _>(0));
    connection.close().await?;
    Ok(busy? == 0)
}
