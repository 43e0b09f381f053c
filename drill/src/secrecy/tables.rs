//! What can be seen by whoever gets hold of the database.

use anyhow::{Context as _, Result, bail, ensure};
use domain::VotingId;
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

/// Adds every table of a database nobody uses any more, and says whether the salt can still be found in its files.
pub(super) async fn look(server: &Server, voting: VotingId, salt: Vec<u8>, seen: &mut Seen) -> Result<()> {
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
    let secret: Option<String> = sqlx::query_scalar("SELECT draft FROM voting WHERE id = ?")
        .bind(voting.to_string())
        .fetch_optional(&mut db)
        .await?;
    db.close().await?;
    if secret.is_some_and(|draft| draft.contains("\"secret\"")) {
        for file in std::fs::read_dir(server.folder())? {
            let path = file?.path();
            let bytes = std::fs::read(&path)?;
            if bytes.windows(salt.len()).any(|window| window == salt) {
                bail!("the salt of a closed session is still in {}", path.display());
            }
        }
    }
    Ok(())
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
