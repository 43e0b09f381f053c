//! What can be seen by whoever gets hold of the database.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{VotingId, voting::Choice};
use sqlx::{
    Column as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteColumn, SqliteConnectOptions, SqliteRow},
};
use tokio::time::sleep;

use super::{
    bytes::{file_with, holds, places},
    seen::Seen,
    trail::{Trail, order_in, orders, pseudonyms, published},
};
use crate::server::Server;

/// How long the server may take to empty the log.
const PATIENCE: Duration = Duration::from_secs(20);

/// What somebody takes from the disk while a session is open.
pub(super) struct Taken {
    /// The key's file, which is not in the database and its backups.
    key: Vec<u8>,
    /// Everything that the rows of the open session held.
    traces: Vec<Vec<u8>>,
    /// The database, its log and a backup, by name.
    copies: [(&'static str, Vec<u8>); 3],
}

/// Reads the database and its log as they are on the disk while the session is open, and a backup. No ballot may be readable in
/// them, with whatever is in the database and without the key.
pub(super) async fn take(
    server: &Server,
    voting: VotingId,
    ballots: &[Vec<Choice>],
    trail: &mut Trail,
) -> Result<Taken> {
    let key = std::fs::read(key_file(server, voting)).context("an open session has no key")?;
    ensure!(file_with(&[&key], server.folder())?.is_some(), "the search does not find a key that is there");
    let target = backup(server).await?;
    let backup = std::fs::read(&target)?;
    std::fs::remove_file(&target)?;
    let file = server.folder().join("cairn.db");
    let log = std::fs::read(log_file(server)).unwrap_or_default();
    let copies = [("database", std::fs::read(&file)?), ("log", log), ("backup", backup)];
    for (what, bytes) in &copies {
        let readable = ballots.iter().filter(|choices| copy_holds(bytes, choices)).count();
        ensure!(
            readable == 0,
            "{readable} of {} ballots can be read in the {what} while the session is open",
            ballots.len()
        );
        ensure!(!holds(bytes, &key), "the key of an open session is in the {what}");
    }
    let [(_, database), (_, log), (_, backup)] = &copies;
    trail.opened(database, log, backup);
    let mut db = open(server).await?;
    let names = pseudonyms(&mut db, voting).await?;
    db.close().await?;
    ensure!(names.len() == ballots.len(), "{} ballots are stored", names.len());
    ensure!(names.iter().all(|name| holds(backup, name)), "the backup does not hold the ballots");
    Ok(Taken { key, traces: trail.traces(), copies })
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
    /// from all files, and nothing there may lead from a ballot as it was stored to one that is published. A backup that is
    /// made now has nothing of what was stored before. Then the log is let go, and the server has to empty it by itself.
    pub(super) async fn end(
        self,
        server: &Server,
        ballots: &[Vec<Choice>],
        (taken, trail): (&Taken, &mut Trail),
        seen: &mut Seen,
    ) -> Result<()> {
        let voting = trail.voting;
        ensure!(!key_file(server, voting).exists(), "a closed session has a key");
        if let Some(file) = file_with(&[&taken.key], server.folder())? {
            bail!("the key of a closed session is in {}", file.display());
        }
        let published = published(server, voting, ballots).await?;
        ensure!(published.len() == ballots.len(), "{} ballots are published", published.len());
        trail.closed(&published);
        for ballot in &published {
            ensure!(!taken.traces.contains(&ballot.pseudonym), "a ballot keeps the name it was stored with");
            for (what, copy) in &taken.copies {
                if places(copy, &ballot.values()).iter().any(Option::is_some) {
                    let owner = trail.name_of(ballot.owner);
                    trail
                        .links
                        .push(format!("the {what} of the open session knows {owner}'s published ballot"));
                }
            }
        }
        let log = std::fs::read(log_file(server)).unwrap_or_default();
        let target = backup(server).await?;
        let backup = std::fs::read(&target)?;
        if places(&backup, &taken.traces()).iter().any(Option::is_some) {
            trail.links.push("a backup made after the close holds what the open session stored".to_owned());
        }
        add_tables(&target, "backup, table", seen).await?;
        std::fs::remove_file(&target)?;
        trail.after = orders(&published);
        trail.after.extend(order_in("place in the log", &log, &published));
        trail.after.extend(order_in("place in the backup", &backup, &published));
        self.0.close().await?;
        let begun = Instant::now();
        while taken.trace(server)?.is_some() && begun.elapsed() < PATIENCE {
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

impl Taken {
    fn traces(&self) -> Vec<&[u8]> {
        self.traces.iter().chain([&self.key]).map(Vec::as_slice).collect()
    }

    /// A file that holds what the open session was stored with.
    fn trace(&self, server: &Server) -> Result<Option<PathBuf>> {
        file_with(&self.traces(), server.folder())
    }
}

/// Makes a backup with the program's own command, and returns where it is.
async fn backup(server: &Server) -> Result<PathBuf> {
    let target = server.folder().join("taken.db");
    let made =
        server.command(["backup", "--db", &database(server), &target.to_string_lossy()]).output().await?;
    ensure!(made.status.success(), "no backup: {}", String::from_utf8_lossy(&made.stderr));
    Ok(target)
}

fn log_file(server: &Server) -> PathBuf {
    server.folder().join("cairn.db-wal")
}

fn key_file(server: &Server, voting: VotingId) -> PathBuf {
    server.folder().join("cairn.secret.d").join(voting.to_string())
}

fn database(server: &Server) -> String {
    format!("sqlite://{}", server.folder().join("cairn.db").display())
}

/// Whether a ballot is there as JSON, the way records publish it.
fn copy_holds(copy: &[u8], choices: &[Choice]) -> bool {
    holds(copy, text_of(choices).as_bytes())
}

/// A ballot as JSON.
pub(super) fn text_of(choices: &[Choice]) -> String {
    let mut given: Vec<(String, i64)> = choices
        .iter()
        .filter(|choice| choice.amount > 0)
        .map(|choice| (choice.item.to_string(), choice.amount))
        .collect();
    given.sort();
    let lines: Vec<String> = given.iter().map(|(item, amount)| format!("\"{item}\":{amount}")).collect();
    format!("{{{}}}", lines.join(","))
}

/// Adds every table of a database nobody uses any more. Neither the session's key nor anything that its rows held while it was
/// open may be in any file.
pub(super) async fn look(
    server: &Server,
    ballots: &[Vec<Choice>],
    (taken, trail): (&Taken, &mut Trail),
    seen: &mut Seen,
) -> Result<()> {
    let file = server.folder().join("cairn.db");
    add_tables(&file, "table", seen).await?;
    if let Some(file) = taken.trace(server)? {
        let file = file.file_name().unwrap_or_default().display();
        trail.links.push(format!("what the open session was stored with is still in {file}"));
    }
    let published = published(server, trail.voting, ballots).await?;
    let copy = std::fs::read(&file)?;
    trail.after.extend(order_in("place in the database", &copy, &published));
    Ok(())
}

/// Adds every table of a database.
async fn add_tables(file: &Path, what: &str, seen: &mut Seen) -> Result<()> {
    let mut db = open_file(file).await?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            .fetch_all(&mut db)
            .await?;
    ensure!(tables.iter().any(|table| table == "voting_ballot"), "there is no table of ballots");
    for table in &tables {
        // Names of tables are the program's own.
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(format!("SELECT * FROM \"{table}\""))).fetch_all(&mut db).await?;
        let lines: Vec<String> = rows.iter().map(|row| line(row, row.columns())).collect::<Result<_>>()?;
        if table == "voting_ballot" {
            // As they lie in the table they are in the order of their random keys, not in that of the casts.
            ensure!(lines.is_sorted(), "ballots lie in the order in which they were cast");
        }
        seen.add_lines(&format!("{what} {table}"), lines.iter().map(|line| without_keys(table, line)));
    }
    Ok(db.close().await?)
}

pub(super) async fn open(server: &Server) -> Result<SqliteConnection> {
    open_file(&server.folder().join("cairn.db")).await
}

async fn open_file(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    SqliteConnection::connect_with(&options).await.context("the database cannot be looked into")
}

/// Columns of a row as text.
pub(super) fn line<'a>(
    row: &SqliteRow,
    columns: impl IntoIterator<Item = &'a SqliteColumn>,
) -> Result<String> {
    let mut values = Vec::with_capacity(row.len());
    for column in columns {
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
