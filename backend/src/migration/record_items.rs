//! Which items records are about, for the way back from an item to them. Version 22.

use sea_orm::{
    DbBackend,
    sea_query::{Alias, Index},
};

use super::{
    Step,
    records::{key, reference, table, text},
    rooms::in_its_key,
};

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    let links = table("record_item")
        .col(text("workspace_id"))
        .col(text("record_id"))
        .col(text("field"))
        .col(text("roadmap_id"))
        .col(text("item_id"))
        .primary_key(&mut key(&["workspace_id", "record_id", "field"]))
        .foreign_key(&mut reference(
            "record_item",
            &["workspace_id", "record_id"],
            "record",
            &["workspace_id", "id"],
        ))
        .take();
    let index = Index::create()
        .name("record_item_item")
        .table(Alias::new("record_item"))
        .col(Alias::new("workspace_id"))
        .col(Alias::new("roadmap_id"))
        .col(Alias::new("item_id"))
        .take();
    vec![Step::Create(in_its_key(backend, links)), Step::Index(index)]
}
