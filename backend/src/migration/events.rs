//! Which events of the audit log are about which product. Version 17.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement,
    sea_query::{Alias, Expr, Query, TableCreateStatement},
};
use serde_json::Value;

use super::{
    Step,
    records::{key, number, reference, table, text},
    rooms::in_its_key,
};

/// Events read at once.
const PAGE: usize = 1_000;

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    vec![Step::Create(in_its_key(backend, audit_product())), Step::Run(|tx| Box::pin(link(tx)))]
}

fn audit_product() -> TableCreateStatement {
    table("audit_product")
        .col(text("workspace_id"))
        .col(text("product_id"))
        .col(number("n"))
        .primary_key(&mut key(&["workspace_id", "product_id", "n"]))
        .foreign_key(&mut reference(
            "audit_product",
            &["workspace_id", "product_id"],
            "product",
            &["workspace_id", "id"],
        ))
        .foreign_key(&mut reference("audit_product", &["workspace_id", "n"], "audit", &["workspace_id", "n"]))
        .take()
}

/// Finds the products of the events that are there: what later events say when they are written. Not by entities, which have
/// the columns of the latest version.
async fn link(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let products = Statement::from_string(backend, "SELECT id, key FROM product");
    let mut products_by_key: HashMap<String, String> = HashMap::new();
    for row in tx.query_all_raw(products).await? {
        products_by_key.insert(row.try_get_by_index(1)?, row.try_get_by_index(0)?);
    }
    // The products of a session, by the last event that lists its items.
    let mut of_session: HashMap<String, BTreeSet<String>> = HashMap::new();
    let mut last = 0_i64;
    loop {
        let page = format!(
            "SELECT workspace_id, n, action, object, body FROM audit WHERE n > {last} AND \
             (action LIKE 'product.%' OR action LIKE 'baseline.%' OR action LIKE 'voting.%') ORDER BY n LIMIT {PAGE}"
        );
        let rows = tx.query_all_raw(Statement::from_string(backend, page)).await?;
        for row in &rows {
            let workspace: String = row.try_get_by_index(0)?;
            last = row.try_get_by_index(1)?;
            let (action, object): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
            let body: String = row.try_get_by_index(4)?;
            let body: Value = serde_json::from_str(&body)
                .map_err(|error| DbErr::Custom(format!("event {last}: {error}")))?;
            let of_key = |key: &Value| products_by_key.get(key.as_str().unwrap_or_default()).cloned();
            let about: BTreeSet<String> = match action.split_once('.') {
                Some(("product", _)) => [object].into(),
                Some(("baseline", _)) => of_key(&body["product"]).into_iter().collect(),
                _ => {
                    if let Some(items) = body["candidates"].as_array() {
                        let keys = items.iter().filter_map(|item| item.as_str()?.rsplit_once('-'));
                        let about = keys.filter_map(|(key, _)| products_by_key.get(key).cloned()).collect();
                        of_session.insert(object.clone(), about);
                    }
                    of_session.get(&object).cloned().unwrap_or_default()
                }
            };
            for product in about {
                let columns = ["workspace_id", "product_id", "n"].map(Alias::new);
                let mut insert =
                    Query::insert().into_table(Alias::new("audit_product")).columns(columns).to_owned();
                insert.values_panic([
                    Expr::value(workspace.clone()),
                    Expr::value(product),
                    Expr::value(last),
                ]);
                tx.execute(&insert).await?;
            }
        }
        if rows.len() < PAGE {
            return Ok(());
        }
    }
}
