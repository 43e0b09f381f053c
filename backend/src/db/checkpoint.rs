//! Moves SQLite's write-ahead log into the database file, off the path of commits.

use std::{path::PathBuf, sync::Weak, time::Duration};

use sea_orm::{
    DbErr,
    sqlx::{self, Row, sqlite::SqliteConnectOptions},
};

use super::{Database, Inner};

/// From this size on the log is moved, in bytes.
pub(super) const WAL_LIMIT: u64 = 4 * 1024 * 1024;

/// From this size on writers have to wait until it is done: the log only ever grows while readers or writers are
/// always in it.
const WAL_HARD_LIMIT: u64 = 256 * 1024 * 1024;

const INTERVAL: Duration = Duration::from_millis(500);

/// Starts the task. It ends with the database.
pub(super) async fn start(database: &Database) -> Result<(), DbErr> {
    if let Some(file) = database.inner.file.clone() {
        tokio::spawn(run(std::sync::Arc::downgrade(&database.inner), file));
    }
    Ok(())
}

async fn run(database: Weak<Inner>, file: PathBuf) {
    use sqlx::ConnectOptions;

    let options = SqliteConnectOptions::new().filename(&file).disable_statement_logging();
    let mut wal = file.into_os_string();
    wal.push("-wal");
    let mut connection = None;
    let mut last = None;
    while database.strong_count() > 0 {
        tokio::time::sleep(INTERVAL).await;
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
}

/// True when all of the log is in the file, so that the next writer begins it anew.
async fn checkpoint(connection: &mut sqlx::SqliteConnection, mode: &str) -> Result<bool, sqlx::Error> {
    let sql = match mode {
        "PASSIVE" => "PRAGMA wal_checkpoint(PASSIVE)",
        _ => "PRAGMA wal_checkpoint(RESTART)",
    };
    let row = sqlx::query(sql).fetch_one(connection).await?;
    let (pages, moved): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
    Ok(pages == moved)
}
