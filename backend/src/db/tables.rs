//! What the database itself knows about its tables.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Text,
    Bytes,
    Number,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// None when its type is one that no migration gives.
    pub(crate) kind: Option<Kind>,
    pub(crate) nullable: bool,
}

/// The columns of a table in their order. None of them when there is no such table.
pub(crate) async fn columns(db: &impl ConnectionTrait, table: &str) -> Result<Vec<Column>, DbErr> {
    let query = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT name, type, 1 - \"notnull\" AS nullable FROM pragma_table_info($1) ORDER BY cid"
        }
        _ => {
            "SELECT attname::text AS name, format_type(atttypid, NULL) AS type, \
             CASE WHEN attnotnull THEN 0 ELSE 1 END::bigint AS nullable FROM pg_attribute \
             WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        }
    };
    let statement = Statement::from_sql_and_values(db.get_database_backend(), query, [table.into()]);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let declared: String = row.try_get("", "type")?;
            let nullable = row.try_get::<i64>("", "nullable")? == 1;
            let kind = kind(db.get_database_backend(), &declared);
            Ok(Column { name: row.try_get("", "name")?, kind, nullable })
        })
        .collect()
}

/// What a declared type holds.
fn kind(backend: DbBackend, declared: &str) -> Option<Kind> {
    match (backend, declared.to_ascii_lowercase().as_str()) {
        (_, "text") => Some(Kind::Text),
        (DbBackend::Sqlite, "blob") | (DbBackend::Postgres, "bytea") => Some(Kind::Bytes),
        // SQLite's integers have 64 bits, whatever they are called.
        (DbBackend::Sqlite, "integer" | "bigint") | (DbBackend::Postgres, "bigint") => Some(Kind::Number),
        _ => None,
    }
}
