//! The tables, version by version. A version that was released is never changed; what changes is a new one.
//!
//! Only text, bytes and 64-bit integers, no database's own features but the index of the search, the workspace first in every key:
//! so both databases hold them. Times are milliseconds since 1970, identifiers UUIDs as
//! text, sets and operations JSON.

mod events;
mod feeds;
mod figures;
mod files;
mod inbox;
mod money;
mod moves;
mod opinions;
mod personal;
mod record_items;
mod records;
mod rooms;
mod scores;
mod search;
#[cfg(test)]
mod tests;
mod voting;

use futures::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement,
    sea_query::{
        Alias, IndexCreateStatement, Table, TableAlterStatement, TableCreateStatement, TableName, TableRef,
    },
};

/// Which versions of the tables were made. In no version, because it is there before the first.
pub(crate) const VERSION_TABLE: &str = "schema_version";

/// One change that a version makes. The changes of a version happen in their order.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a few dozen are made, once, at start")]
#[cfg_attr(not(test), expect(dead_code, reason = "a kind of change that no released version needed yet"))]
pub(crate) enum Step {
    /// Makes a table, behind those it refers to.
    Create(TableCreateStatement),
    /// Removes a table and its rows.
    Drop(&'static str),
    /// Changes a table. SQLite does one thing in a statement, adds a column only with a default or null, and changes no
    /// constraint.
    Alter(TableAlterStatement),
    Index(IndexCreateStatement),
    /// Changes rows, in SQL that the database understands.
    Sql(&'static str),
    /// Changes rows by code.
    Run(for<'a> fn(&'a DatabaseTransaction) -> BoxFuture<'a, Result<(), DbErr>>),
}

/// What a version changes.
pub(crate) type Version = fn(DbBackend) -> Vec<Step>;

/// Every version in order, the first being 1.
pub(crate) const VERSIONS: &[Version] = &[
    |_| made(records::tables(), records::indexes()),
    |backend| made(rooms::tables(backend), rooms::indexes()),
    |backend| made(voting::tables(backend), voting::indexes()),
    |_| vec![Step::Create(rooms::baseline())],
    |backend| vec![Step::Create(voting::count(backend))],
    |_| made(vec![records::device()], vec![records::device_user()]),
    |_| voting::sealed().map(Step::Alter).into(),
    |_| records::session_use(),
    |backend| vec![Step::Alter(voting::opened()), Step::Create(voting::roll(backend))],
    |_| vec![Step::Create(records::import_memory())],
    |_| records::invitation_uses(),
    |_| voting::answers().map(Step::Alter).into(),
    |_| vec![Step::Alter(rooms::lane_status())],
    |_| rooms::item_values().map(Step::Alter).into(),
    |_| vec![Step::Create(rooms::field_plan())],
    |_| made(vec![records::record()], vec![records::record_kind()]),
    |_| records::product_access(),
    events::steps,
    |_| records::product_records(),
    search::steps,
    |_| rooms::threads().map(Step::Alter).into(),
    record_items::steps,
    inbox::steps,
    |_| feeds::steps(),
    |_| vec![Step::Alter(rooms::lane_limit())],
    |_| moves::steps(),
    |_| vec![Step::Index(records::audit_object())],
    |_| files::steps(),
    personal::steps,
    scores::steps,
    figures::steps,
    opinions::steps,
    money::steps,
];

fn made(tables: Vec<TableCreateStatement>, indexes: Vec<IndexCreateStatement>) -> Vec<Step> {
    tables.into_iter().map(Step::Create).chain(indexes.into_iter().map(Step::Index)).collect()
}

/// The names of all tables of `versions`, each behind those it refers to. What columns they have the database knows.
pub(crate) fn tables(versions: &[Version]) -> Vec<String> {
    let mut names = Vec::new();
    // Both databases have the same tables.
    for step in versions.iter().flat_map(|version| version(DbBackend::Sqlite)) {
        match step {
            Step::Create(table) => match table.get_table_name() {
                Some(TableRef::Table(TableName(_, name), _)) => names.push(name.to_string()),
                _ => unreachable!("migrations make tables by their names"),
            },
            Step::Drop(table) => names.retain(|name| name != table),
            Step::Alter(_) | Step::Index(_) | Step::Sql(_) | Step::Run(_) => {}
        }
    }
    names
}

/// Which version tables were found at, and which this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) version: i64,
    pub(crate) known: i64,
}

/// Brings the tables to the last of `versions`. Leaves those alone that are newer.
///
/// # Errors
/// When the tables cannot be changed; the transaction is to be given up.
pub(crate) async fn run(transaction: &DatabaseTransaction, versions: &[Version]) -> Result<Found, DbErr> {
    let known = i64::try_from(versions.len()).expect("there are not that many versions");
    lock_versions(transaction).await?;
    let found = Found { version: version(transaction).await?, known };
    let done = usize::try_from(found.version).unwrap_or(0);
    let backend = transaction.get_database_backend();
    for (index, version) in versions.iter().enumerate().skip(done) {
        for step in version(backend) {
            step.run(transaction).await?;
        }
        let statement = format!("INSERT INTO schema_version (version) VALUES ({})", index + 1);
        transaction.execute_unprepared(&statement).await?;
    }
    Ok(found)
}

impl Step {
    async fn run(self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        match self {
            Self::Create(table) => transaction.execute(&table).await.map(drop),
            Self::Drop(table) => {
                transaction.execute(&Table::drop().table(Alias::new(table)).take()).await.map(drop)
            }
            Self::Alter(change) => transaction.execute(&change).await.map(drop),
            Self::Index(index) => transaction.execute(&index).await.map(drop),
            Self::Sql(statement) => transaction.execute_unprepared(statement).await.map(drop),
            Self::Run(change) => change(transaction).await,
        }
    }
}

/// Makes the table of versions, if it is not there, and keeps other programs out of it.
async fn lock_versions(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    transaction
        .execute_unprepared("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)")
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Two programs that start at once take turns.
        transaction.execute_unprepared("LOCK TABLE schema_version IN EXCLUSIVE MODE").await?;
    }
    Ok(())
}

/// The version of the tables.
pub(crate) async fn version(transaction: &DatabaseTransaction) -> Result<i64, DbErr> {
    let statement = Statement::from_string(
        transaction.get_database_backend(),
        "SELECT COALESCE(MAX(version), 0) AS version FROM schema_version",
    );
    let row = transaction.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get("", "version"))
}
