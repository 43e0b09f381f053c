//! Tables of the inbox: who watches what, who is mentioned where, and what people are notified of. Version 23.

use sea_orm::{DbBackend, sea_query::TableCreateStatement};

use super::{
    Step,
    records::{key, number, reference, table, text},
    rooms::in_its_key,
};

pub(super) fn steps(backend: DbBackend) -> Vec<Step> {
    let mut index = key(&["workspace_id", "n"]);
    let index = index.name("notice_n").table(sea_orm::sea_query::Alias::new("notice")).take();
    vec![
        Step::Create(in_its_key(backend, watch())),
        Step::Create(in_its_key(backend, mention())),
        Step::Create(in_its_key(backend, notice())),
        Step::Create(in_its_key(backend, notice_place())),
        Step::Index(index),
        // Nobody is notified of what happened before there was an inbox.
        Step::Sql("INSERT INTO notice_place SELECT workspace_id, id, head FROM roadmap"),
    ]
}

/// What people said about watching an item; without a row it follows from what they did there.
fn watch() -> TableCreateStatement {
    of_item("watch")
        .col(text("user_id"))
        .col(number("watching"))
        .col(number("since_ms"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "item_id", "user_id"]))
        .take()
}

/// Who is meant by a name in texts of an item.
fn mention() -> TableCreateStatement {
    of_item("mention")
        .col(text("user_id"))
        .col(text("name"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "item_id", "user_id", "name"]))
        .take()
}

/// What somebody is notified of: of each item and kind one row.
fn notice() -> TableCreateStatement {
    of_item("notice")
        .col(text("user_id"))
        .col(text("kind"))
        // How many times it happened since it was read; 0 once it is.
        .col(number("unread"))
        .col(number("seq"))
        .col(text("actor_id"))
        .col(number("at_ms"))
        .col(number("n"))
        .primary_key(&mut key(&["workspace_id", "user_id", "roadmap_id", "item_id", "kind"]))
        .take()
}

/// Up to where each log was read for notices; without a roadmap, the number of the last notice that changed. It refers to nothing:
/// a reader that makes a row would wait for the lock of the workspace, whose holder may wait for the reader.
fn notice_place() -> TableCreateStatement {
    table("notice_place")
        .col(text("workspace_id"))
        .col(text("roadmap_id"))
        .col(number("seq"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id"]))
        .take()
}

fn of_item(name: &str) -> TableCreateStatement {
    table(name)
        .col(text("workspace_id"))
        .col(text("roadmap_id"))
        .col(text("item_id"))
        .foreign_key(&mut reference(
            name,
            &["workspace_id", "roadmap_id", "item_id"],
            "item",
            &["workspace_id", "roadmap_id", "id"],
        ))
        .take()
}
