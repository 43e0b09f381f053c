//! Several statements sent in one call. SQLite's driver runs every call on a thread of its own, and going there and back
//! costs more than most statements do. PostgreSQL takes one statement a call.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value, Values,
    sea_query::{Expr, SelectStatement},
};

/// Names the column that says which of the queries a row answers.
const QUERY: &str = "query_";

/// Answers queries in order: the rows of each.
///
/// # Errors
/// Those of the database.
pub(crate) async fn query(
    tx: &DatabaseTransaction,
    mut queries: Vec<SelectStatement>,
) -> Result<Vec<Vec<QueryResult>>, DbErr> {
    let mut answers = Vec::with_capacity(queries.len());
    if tx.get_database_backend() != DbBackend::Sqlite {
        for query in &queries {
            answers.push(tx.query_all(query).await?);
        }
        return Ok(answers);
    }
    for (n, query) in queries.iter_mut().enumerate() {
        query.expr_as(Expr::cust(n.to_string()), QUERY);
        answers.push(Vec::new());
    }
    let backend = DbBackend::Sqlite;
    for row in tx.query_all_raw(joined(queries.iter().map(|query| backend.build(query)))).await? {
        let n: i64 = row.try_get("", QUERY)?;
        let answer = usize::try_from(n).ok().and_then(|n| answers.get_mut(n));
        answer.ok_or_else(|| DbErr::Custom(format!("no query has the number {n}")))?.push(row);
    }
    Ok(answers)
}

/// Executes statements in order.
///
/// # Errors
/// Those of the database. Some of the statements may have been executed: the transaction is to be rolled back.
pub(crate) async fn execute(tx: &DatabaseTransaction, statements: Vec<Statement>) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Sqlite && statements.len() > 1 {
        return tx.execute_raw(joined(statements.into_iter())).await.map(|_| ());
    }
    for statement in statements {
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// Joins statements, whose values are bound by their order.
fn joined(statements: impl Iterator<Item = Statement>) -> Statement {
    let mut values: Vec<Value> = Vec::new();
    let mut text = String::new();
    for statement in statements {
        text.push_str(&statement.sql);
        text.push(';');
        values.extend(statement.values.into_iter().flat_map(|values| values.0));
    }
    Statement { sql: text, values: Some(Values(values)), db_backend: DbBackend::Sqlite }
}
