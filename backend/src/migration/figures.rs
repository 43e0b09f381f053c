//! Tables of key figures: what was measured, and who owns a product.

use sea_orm::{DbBackend, sea_query::TableCreateStatement};

use super::{
    Step,
    records::{key, number, reference, table, text},
    rooms::in_its_key,
};

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    vec![Step::Create(in_its_key(backend, measurement())), Step::Create(in_its_key(backend, product_owner()))]
}

/// What a key figure was on a day, in ten-thousandths.
fn measurement() -> TableCreateStatement {
    table("measurement")
        .col(text("workspace_id"))
        .col(text("kpi_id"))
        .col(text("day"))
        .col(number("value"))
        .col(text("source"))
        .col(text("by_id"))
        .col(number("at_ms"))
        .primary_key(&mut key(&["workspace_id", "kpi_id", "day"]))
        .foreign_key(&mut reference(
            "measurement",
            &["workspace_id", "kpi_id"],
            "record",
            &["workspace_id", "id"],
        ))
        .take()
}

/// Who owns a product for a side, the business or IT.
fn product_owner() -> TableCreateStatement {
    table("product_owner")
        .col(text("workspace_id"))
        .col(text("product_id"))
        .col(text("side"))
        .col(text("user_id"))
        .primary_key(&mut key(&["workspace_id", "product_id", "side"]))
        .foreign_key(&mut reference(
            "product_owner",
            &["workspace_id", "product_id"],
            "product",
            &["workspace_id", "id"],
        ))
        .foreign_key(&mut reference(
            "product_owner",
            &["workspace_id", "user_id"],
            "member",
            &["workspace_id", "user_id"],
        ))
        .take()
}
