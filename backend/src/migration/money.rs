//! Tables of money: what products cost and bring, and how a workspace counts.

use sea_orm::{
    DbBackend,
    sea_query::{Alias, Index, TableCreateStatement},
};

use super::{
    Step,
    records::{key, number, reference, table, text},
    rooms::in_its_key,
};

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    let of_product = Index::create()
        .name("money_entry_month")
        .table(Alias::new("money_entry"))
        .col(Alias::new("workspace_id"))
        .col(Alias::new("product_id"))
        .col(Alias::new("month"))
        .take();
    vec![
        Step::Create(in_its_key(backend, money_entry())),
        Step::Index(of_product),
        Step::Create(in_its_key(backend, money_setting())),
    ]
}

/// What a product costs, brings or saves in a month, planned or actual. An item that moves to another product leaves its money.
fn money_entry() -> TableCreateStatement {
    table("money_entry")
        .col(text("workspace_id"))
        .col(text("id"))
        .col(text("product_id"))
        .col(text("item_id").null())
        .col(text("month"))
        .col(text("kind"))
        .col(text("basis"))
        .col(number("amount"))
        .col(text("label"))
        .col(text("by_id"))
        .col(number("at_ms"))
        .col(number("deleted_ms").null())
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut reference(
            "money_entry",
            &["workspace_id", "product_id"],
            "product",
            &["workspace_id", "id"],
        ))
        .take()
}

/// The currency of a workspace, and at which rate later money counts less.
fn money_setting() -> TableCreateStatement {
    table("money_setting")
        .col(text("workspace_id"))
        .col(text("currency"))
        .col(number("discount"))
        .primary_key(&mut key(&["workspace_id"]))
        .foreign_key(&mut reference("money_setting", &["workspace_id"], "workspace", &["id"]))
        .take()
}
