//! What can be seen by whoever gets hold of the database.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{VotingId, voting::Choice};
use sqlx::{
    Column as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use tokio::time::sleep;

use super::seen::{Seen, comparable};
use crate::server::Server;

/// How long the server may take to empty the log.
const PATIENCE: Duration = Duration::from_secs(20);

/// What somebody takes from the disk while a session is open.
pub(super) struct Taken {
    /// The key's file, which is not in the database and its backups.
    key: Vec<u8>,
    /// Under which the ballots are stored.
    pseudonyms: Vec<Vec<u8>>,
    /// A backup.
    backup: Vec<u8>,
}

/// Reads the database and its log as they are on the disk while the session is open, and a backup. No ballot may be readable in
/// them, with whatever is in the database and without the key.
pub(super) async fn take(server: &Server, voting: VotingId, ballots: &[Vec<Choice>]) -> Result<Taken> {
    let key = std::fs::read(key_file(server, voting)).context("an open session has no key")?;
    ensure!(file_with(&key, server.folder())?.is_some(), "the search does not find a key that is there");
    let target = server.folder().join("taken.db");
    let made =
        server.command(["backup", "--db", &database(server), &target.to_string_lossy()]).output().await?;
    ensure!(made.status.success(), "no backup: {}", String::from_utf8_lossy(&made.stderr));
    let backup = std::fs::read(&target)?;
    std::fs::remove_file(&target)?;
    let file = server.folder().join("cairn.db");
    let log = std::fs::read(file.with_extension("db-wal")).unwrap_or_default();
    for (what, bytes) in [("database", &std::fs::read(&file)?), ("log", &log), ("backup", &backup)] {
        let readable = ballots.iter().filter(|choices| copy_holds(bytes, choices)).count();
        ensure!(
            readable == 0,
            "{readable} of {} ballots can be read in the {what} while the session is open",
            ballots.len()
        );
        ensure!(!holds(bytes, &key), "the key of an open session is in the {what}");
    }
    let pseudonyms = pseudonyms(server, voting).await?;
    ensure!(pseudonyms.len() == ballots.len(), "{} ballots are stored", pseudonyms.len());
    ensure!(pseudonyms.iter().all(|name| holds(&backup, name)), "the backup does not hold the ballots");
    Ok(Taken { key, pseudonyms, backup })
}

/// Somebody who reads the database, and so keeps its log from being emptied.
pub(super) struct Reader(SqliteConnection);

impl Reader {
    pub(super) async fn begin(server: &Server) -> Result<Self> {
        let mut db = open(server).await?;
        sqlx::raw_sql("BEGIN; SELECT count(*) FROM voting_ballot").execute(&mut db).await?;
        Ok(Self(db))
    }

    /// Looks at the disk after the session was closed, while the log still holds what was stored before. The key has to be gone
    /// from all files, and nothing there may lead from a ballot as it was stored to one that is published. Then the log is let
    /// go, and the server has to empty it by itself.
    pub(super) async fn end(self, server: &Server, voting: VotingId, taken: &Taken) -> Result<()> {
        ensure!(!key_file(server, voting).exists(), "a closed session has a key");
        if let Some(file) = file_with(&taken.key, server.folder())? {
            bail!("the key of a closed session is in {}", file.display());
        }
        let published = pseudonyms(server, voting).await?;
        ensure!(published.len() == taken.pseudonyms.len(), "{} ballots are published", published.len());
        ensure!(
            published.iter().all(|name| !taken.pseudonyms.contains(name) && !holds(&taken.backup, name)),
            "a ballot is published under the name it was stored with"
        );
        self.0.close().await?;
        let begun = Instant::now();
        while taken.trace(server)?.is_some() {
            ensure!(begun.elapsed() < PATIENCE, "the log is not emptied when nobody reads it any more");
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

impl Taken {
    /// A file that holds what the open session was stored with.
    fn trace(&self, server: &Server) -> Result<Option<PathBuf>> {
        for trace in self.pseudonyms.iter().chain([&self.key]) {
            if let Some(file) = file_with(trace, server.folder())? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }
}

/// The names under which a session's ballots are stored now.
async fn pseudonyms(server: &Server, voting: VotingId) -> Result<Vec<Vec<u8>>> {
    let mut db = open(server).await?;
    let names = sqlx::query_scalar("SELECT pseudonym FROM voting_ballot WHERE voting_id = ?")
        .bind(voting.to_string())
        .fetch_all(&mut db)
        .await?;
    db.close().await?;
    Ok(names)
}

fn key_file(server: &Server, voting: VotingId) -> PathBuf {
    server.folder().join("cairn.secret.d").join(voting.to_string())
}

fn database(server: &Server) -> String {
    format!("sqlite://{}", server.folder().join("cairn.db").display())
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Whether a ballot is there as JSON, the way records publish it.
fn copy_holds(copy: &[u8], choices: &[Choice]) -> bool {
    let mut given: Vec<(String, i64)> = choices
        .iter()
        .filter(|choice| choice.amount > 0)
        .map(|choice| (choice.item.to_string(), choice.amount))
        .collect();
    given.sort();
    let lines: Vec<String> = given.iter().map(|(item, amount)| format!("\"{item}\":{amount}")).collect();
    let text = format!("{{{}}}", lines.join(","));
    !given.is_empty() && holds(copy, text.as_bytes())
}

/// Adds every table of a database nobody uses any more. Neither the session's key nor a name that a ballot had while the
/// session was open may be in any file.
pub(super) async fn look(server: &Server, taken: &Taken, seen: &mut Seen) -> Result<()> {
    let mut db = open(server).await?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            .fetch_all(&mut db)
            .await?;
    ensure!(tables.iter().any(|table| table == "voting_ballot"), "there is no table of ballots");
    for table in &tables {
        // Names of tables are the program's own.
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(format!("SELECT * FROM \"{table}\""))).fetch_all(&mut db).await?;
        let mut lines: Vec<String> = rows.iter().map(line).collect::<Result<_>>()?;
        if table == "voting_ballot" {
            // As they lie in the table they are in the order of their random keys, not in that of the casts.
            ensure!(lines.is_sorted(), "ballots lie in the order in which they were cast");
        }
        let mut rest: Vec<String> =
            lines.drain(..).map(|line| comparable(&without_keys(table, &line))).collect();
        rest.sort();
        seen.add(&format!("table {table}"), &rest.join("\n"));
    }
    db.close().await?;
    if let Some(file) = taken.trace(server)? {
        bail!("what an open session was stored with is still in {}", file.display());
    }
    Ok(())
}

/// A file of a folder that holds these bytes.
fn file_with(bytes: &[u8], folder: &Path) -> Result<Option<PathBuf>> {
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if path.is_dir() {
            if let Some(found) = file_with(bytes, &path)? {
                return Ok(Some(found));
            }
        } else if holds(&std::fs::read(&path)?, bytes) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

async fn open(server: &Server) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(server.folder().join("cairn.db")).read_only(true);
    SqliteConnection::connect_with(&options).await.context("the database cannot be looked into")
}

/// A row as text.
fn line(row: &SqliteRow) -> Result<String> {
    let mut values = Vec::with_capacity(row.len());
    for column in row.columns() {
        let index = column.ordinal();
        let value = row.try_get_raw(index)?;
        let text = if value.is_null() {
            "-".to_owned()
        } else {
            match value.type_info().name() {
                "INTEGER" => row.try_get::<i64, _>(index)?.to_string(),
                "BLOB" => {
                    row.try_get::<Vec<u8>, _>(index)?.iter().map(|byte| format!("{byte:02x}")).collect()
                }
                _ => row.try_get::<String, _>(index)?,
            }
        };
        values.push(text);
    }
    Ok(values.join(" | "))
}

/// A ballot's key is a random number to whoever does not have the salt, which is gone. The rows are compared without it.
fn without_keys(table: &str, line: &str) -> String {
    if table == "voting_ballot" || table == "voting_cast" {
        line.splitn(4, " | ")
            .enumerate()
            .filter(|(column, _)| *column != 2)
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
            .join(" | ")
    } else {
        line.to_owned()
    }
}
