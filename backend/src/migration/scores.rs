//! Tables of scores: what people rated, and by which model each product is scored.

use sea_orm::{DbBackend, sea_query::TableCreateStatement};

use super::{
    Step,
    records::{key, number, reference, table, text},
    rooms::in_its_key,
};

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    vec![Step::Create(in_its_key(backend, rating())), Step::Create(in_its_key(backend, product_score()))]
}

/// What a member says about an item by a criterion of a model. An item that moves to another product keeps its id, and so these.
fn rating() -> TableCreateStatement {
    table("rating")
        .col(text("workspace_id"))
        .col(text("item_id"))
        .col(text("model"))
        .col(text("criterion"))
        .col(text("user_id"))
        .col(number("value"))
        .col(number("at_ms"))
        .primary_key(&mut key(&["workspace_id", "item_id", "model", "criterion", "user_id"]))
        .foreign_key(&mut reference(
            "rating",
            &["workspace_id", "user_id"],
            "member",
            &["workspace_id", "user_id"],
        ))
        .take()
}

/// The model that a product has chosen, and when the ratings by it were revealed.
fn product_score() -> TableCreateStatement {
    table("product_score")
        .col(text("workspace_id"))
        .col(text("product_id"))
        .col(text("model"))
        .col(number("revealed_ms").null())
        .primary_key(&mut key(&["workspace_id", "product_id"]))
        .foreign_key(&mut reference(
            "product_score",
            &["workspace_id", "product_id"],
            "product",
            &["workspace_id", "id"],
        ))
        .take()
}
