//! The tables, version by version. A version that was released is never changed; what changes is a new one.
//!
//! Only text, bytes and 64-bit integers, no database's own features, the workspace first in every key: so both databases,
//! and those that speak PostgreSQL's language, hold them. Times are milliseconds since 1970, identifiers UUIDs as
//! text, sets and operations JSON.

mod records;
mod rooms;
mod voting;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement,
    sea_query::{IndexCreateStatement, TableCreateStatement},
};

use crate::db::{Database, OpenError};

/// What a version adds.
type Version = fn(DbBackend) -> (Vec<TableCreateStatement>, Vec<IndexCreateStatement>);

/// Every version in order, the first being 1.
const VERSIONS: &[Version] = &[
    |_| (records::tables(), records::indexes()),
    |backend| (rooms::tables(backend), rooms::indexes()),
    |backend| (voting::tables(backend), voting::indexes()),
    |_| (vec![rooms::baseline()], Vec::new()),
];

/// Every table, each behind those it refers to.
pub(crate) fn tables(backend: DbBackend) -> Vec<TableCreateStatement> {
    VERSIONS.iter().flat_map(|version| version(backend).0).collect()
}

/// Brings the tables to the newest version.
///
/// # Errors
/// When the tables are newer than this program, or cannot be changed; then they are as they were.
pub(crate) async fn run(database: &Database) -> Result<(), OpenError> {
    let transaction = database.begin().await?;
    let known = i64::try_from(VERSIONS.len()).expect("there are not that many versions");
    let found = version(&transaction).await?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let done = usize::try_from(found).unwrap_or(0);
    let backend = transaction.get_database_backend();
    for (index, version) in VERSIONS.iter().enumerate().skip(done) {
        let (tables, indexes) = version(backend);
        for table in tables {
            transaction.execute(&table).await?;
        }
        for index in indexes {
            transaction.execute(&index).await?;
        }
        let statement = format!("INSERT INTO schema_version (version) VALUES ({})", index + 1);
        transaction.execute_unprepared(&statement).await?;
    }
    transaction.commit().await?;
    if found < known {
        tracing::info!(from = found, to = known, "tables brought up to date");
    }
    Ok(())
}

async fn version(transaction: &DatabaseTransaction) -> Result<i64, DbErr> {
    transaction
        .execute_unprepared("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)")
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Two programs that start at once take turns.
        transaction.execute_unprepared("LOCK TABLE schema_version IN EXCLUSIVE MODE").await?;
    }
    let statement = Statement::from_string(
        transaction.get_database_backend(),
        "SELECT COALESCE(MAX(version), 0) AS version FROM schema_version",
    );
    let row = transaction.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get("", "version"))
}
