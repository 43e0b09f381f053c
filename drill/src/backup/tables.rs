//! What is in a SQLite file, as somebody reads it who knows nothing of Cairn's tables.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use futures::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

/// Rows of a table: their number, and a sum of their hashes that does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) rows: u64,
    hashes: u64,
}

pub(super) type Tables = BTreeMap<String, Sum>;

/// A database as a stranger opens it. A finished copy is read without permission to write, so that nothing is put right by looking.
pub(super) async fn open(file: &Path, finished: bool) -> Result<SqliteConnection> {
    let options =
        SqliteConnectOptions::new().filename(file).read_only(finished).busy_timeout(Duration::from_secs(30));
    SqliteConnection::connect_with(&options)
        .await
        .with_context(|| format!("{} cannot be opened", file.display()))
}

/// Sums of every table. `without` names a column that may differ, as `table.column`.
pub(super) async fn sums(db: &mut SqliteConnection, without: Option<&str>) -> Result<Tables> {
    let names: Vec<String> = sqlx::query_scalar(
        // The index of the search is made again where rows are copied to, in their order; `cairn check` counts it. The server
        // notifies people of edits a moment after them, while a copy is made, too.
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_%' \
         AND name NOT IN ('notice', 'notice_place', 'mention') ORDER BY name",
    )
    .fetch_all(&mut *db)
    .await?;
    let mut tables = Tables::new();
    for name in names {
        let sum = sum(db, &format!("SELECT * FROM \"{name}\""), &name, without).await?;
        tables.insert(name, sum);
    }
    Ok(tables)
}

/// The sum of what a query of one table finds.
pub(super) async fn sum(
    db: &mut SqliteConnection,
    query: &str,
    table: &str,
    without: Option<&str>,
) -> Result<Sum> {
    let mut sum = Sum::default();
    // Names of tables are the program's own.
    let mut rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch(db);
    while let Some(row) = rows.try_next().await? {
        sum.rows += 1;
        sum.hashes = sum.hashes.wrapping_add(hash(&row, table, without)?);
    }
    Ok(sum)
}

fn hash(row: &SqliteRow, table: &str, without: Option<&str>) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for column in row.columns() {
        if without.is_some_and(|without| without == format!("{table}.{}", column.name())) {
            continue;
        }
        let index = column.ordinal();
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            0.hash(&mut hasher);
            continue;
        }
        match value.type_info().name() {
            "INTEGER" => row.try_get::<i64, _>(index)?.hash(&mut hasher),
            "BLOB" => row.try_get::<&[u8], _>(index)?.hash(&mut hasher),
            _ => row.try_get::<&str, _>(index)?.hash(&mut hasher),
        }
    }
    Ok(hasher.finish())
}

/// Says in which tables two databases differ.
pub(super) fn compare(expected: &Tables, found: &Tables) -> Result<()> {
    let names: Vec<&String> = expected.keys().chain(found.keys()).collect();
    for name in names {
        let (expected, found) = (expected.get(name), found.get(name));
        if expected != found {
            bail!("the table {name} has {found:?} where {expected:?} belongs");
        }
    }
    Ok(())
}

/// Head of every roadmap.
pub(super) async fn heads(db: &mut SqliteConnection) -> Result<BTreeMap<String, i64>> {
    let heads: Vec<(String, i64)> = sqlx::query_as("SELECT id, head FROM roadmap").fetch_all(db).await?;
    Ok(heads.into_iter().collect())
}

/// Whether a copy holds every entry that the log had before the copy began, none that the log has not, and the log as far as its
/// own heads. Everything that nobody edits has to be the same.
pub(super) async fn compare_under_load(
    source: &mut SqliteConnection,
    copy: &mut SqliteConnection,
    before: &BTreeMap<String, i64>,
) -> Result<()> {
    let heads = heads(copy).await?;
    for (roadmap, head) in before {
        let found = heads.get(roadmap).with_context(|| format!("the roadmap {roadmap} is missing"))?;
        ensure!(found >= head, "a roadmap's head is {found}, but {head} was acknowledged before");
    }
    for (roadmap, head) in &heads {
        // Ids are letters and digits.
        let all = format!("SELECT * FROM op_log WHERE roadmap_id = '{roadmap}'");
        let expected = sum(source, &format!("{all} AND seq <= {head}"), "op_log", None).await?;
        let found = sum(copy, &all, "op_log", None).await?;
        ensure!(found == expected, "the log of {roadmap} has {found:?} where {expected:?} belongs");
    }
    for table in ["account", "workspace", "schema_version", "product"] {
        let all = format!("SELECT * FROM {table}");
        let (expected, found) = (sum(source, &all, table, None).await?, sum(copy, &all, table, None).await?);
        ensure!(found == expected, "the table {table} has {found:?} where {expected:?} belongs");
    }
    Ok(())
}

/// Makes the database about so many bytes larger, by accounts that nobody has.
pub(super) async fn grow(file: &Path, bytes: u64, first: u64) -> Result<u64> {
    const EACH: u64 = 50_000;
    /// In a transaction: others write meanwhile.
    const AT_ONCE: u64 = 40;
    let mut db = open(file, false).await?;
    let last = first + bytes.div_ceil(EACH);
    for begin in (first..last).step_by(usize::try_from(AT_ONCE)?) {
        let end = last.min(begin + AT_ONCE) - 1;
        sqlx::query(
            "WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i < $2) \
             INSERT INTO account (id, email, name, password_hash, colour, created_ms) \
             SELECT 'filler-' || i, i || '@filler.example', 'Nobody', hex(randomblob($3)), 1, i FROM n",
        )
        .bind(i64::try_from(begin)?)
        .bind(i64::try_from(end)?)
        .bind(i64::try_from(EACH / 2)?)
        .execute(&mut db)
        .await?;
    }
    db.close().await?;
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_row_more_less_or_other_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db");
        std::fs::File::create(&file).expect("a file");
        let mut db = open(&file, false).await.expect("it opens");
        sqlx::raw_sql("CREATE TABLE t (a TEXT, b BLOB, c INTEGER); INSERT INTO t VALUES ('x', x'00', 1), ('y', NULL, 2)")
            .execute(&mut db)
            .await
            .expect("a table");
        let before = sums(&mut db, None).await.expect("sums");
        compare(&before, &before).expect("the same is the same");
        for change in
            ["UPDATE t SET b = x'01' WHERE c = 1", "DELETE FROM t WHERE c = 2", "CREATE TABLE u (a TEXT)"]
        {
            sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {change}"))).execute(&mut db).await.expect("changes");
            let after = sums(&mut db, None).await.expect("sums");
            assert!(compare(&before, &after).is_err(), "{change}");
            assert!(compare(&after, &before).is_err(), "{change}");
            sqlx::raw_sql("ROLLBACK").execute(&mut db).await.expect("rolls back");
        }
        let without = sums(&mut db, Some("t.b")).await.expect("sums");
        sqlx::raw_sql("UPDATE t SET b = NULL").execute(&mut db).await.expect("changes");
        compare(&without, &sums(&mut db, Some("t.b")).await.expect("sums"))
            .expect("that column does not count");
    }
}
