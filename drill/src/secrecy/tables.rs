//! What can be seen by whoever gets hold of the database.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{VotingId, voting::Choice};
use sqlx::{
    Column as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

use super::seen::{Seen, comparable};
use crate::server::Server;

/// What somebody takes from the disk while a session is open.
pub(super) struct Taken {
    /// The key's file, which is not in the database and its backups.
    key: Vec<u8>,
    /// Under which the ballots are stored.
    pseudonyms: Vec<Vec<u8>>,
}

/// Reads the database and its log as they are on the disk while the session is open. No ballot may be readable in them,
/// with whatever is in the database and without the key.
pub(super) async fn take(server: &Server, voting: VotingId, ballots: &[Vec<Choice>]) -> Result<Taken> {
    let file = server.folder().join("cairn.db");
    let mut copy = std::fs::read(&file)?;
    copy.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    let readable = ballots.iter().filter(|choices| copy_holds(&copy, choices)).count();
    ensure!(
        readable == 0,
        "{readable} of {} ballots can be read on the disk while the session is open",
        ballots.len()
    );
    let mut db = open(server).await?;
    let rows = sqlx::query("SELECT pseudonym FROM voting_ballot WHERE voting_id = ?")
        .bind(voting.to_string())
        .fetch_all(&mut db)
        .await?;
    let pseudonyms: Vec<Vec<u8>> =
        rows.iter().map(|row| row.try_get("pseudonym")).collect::<Result<_, _>>()?;
    db.close().await?;
    ensure!(pseudonyms.len() == ballots.len(), "{} ballots are stored", pseudonyms.len());
    let key = std::fs::read(server.folder().join("cairn.secret.d").join(voting.to_string()))
        .context("an open session has no key")?;
    ensure!(file_with(&key, server.folder())?.is_some(), "the search does not find a key that is there");
    Ok(Taken { key, pseudonyms })
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
    !given.is_empty() && copy.windows(text.len()).any(|window| window == text.as_bytes())
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
    for trace in taken.pseudonyms.iter().chain([&taken.key]) {
        if let Some(file) = file_with(trace, server.folder())? {
            bail!("what an open session was stored with is still in {}", file.display());
        }
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
        } else if std::fs::read(&path)?.windows(bytes.len()).any(|window| window == bytes) {
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
