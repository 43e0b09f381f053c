//! What can be seen by whoever gets hold of the database.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{VotingId, voting::Secrecy};
use sqlx::{
    Column as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

use super::seen::{Seen, comparable};
use crate::server::Server;

/// The session's salt, without which no ballot can be linked to its voter.
pub(super) async fn salt(server: &Server, voting: VotingId) -> Result<Vec<u8>> {
    let mut db = open(server).await?;
    let row = sqlx::query("SELECT salt FROM voting WHERE id = ?")
        .bind(voting.to_string())
        .fetch_one(&mut db)
        .await?;
    let salt: Option<Vec<u8>> = row.try_get("salt")?;
    db.close().await?;
    salt.filter(|salt| salt.len() >= 16).context("an open session has no salt")
}

/// Adds every table of a database nobody uses any more. The salt of a secret session must not be in any of its files; that
/// of another has to be found, which shows that the search would have found the first.
pub(super) async fn look(server: &Server, level: Secrecy, salt: &[u8], seen: &mut Seen) -> Result<()> {
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
    match (level, file_with(salt, server.folder())?) {
        (Secrecy::Secret, Some(file)) => bail!("the salt of a closed session is still in {}", file.display()),
        (Secrecy::Open | Secrecy::Sealed, None) => {
            bail!("A session that is not secret keeps its salt, but the search does not find it.")
        }
        _ => Ok(()),
    }
}

/// A file of a folder that holds these bytes.
fn file_with(bytes: &[u8], folder: &Path) -> Result<Option<PathBuf>> {
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if std::fs::read(&path)?.windows(bytes.len()).any(|window| window == bytes) {
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
