//! Tables of rooms: what roadmaps are now, and the log of how they came to be so.

use sea_orm::{
    DbBackend,
    sea_query::{Alias, IndexCreateStatement, Table, TableAlterStatement, TableCreateStatement},
};

use super::records::{key, number, reference, table, text, unique};

/// Tables in an order in which each finds the ones it refers to.
pub(super) fn tables(backend: DbBackend) -> Vec<TableCreateStatement> {
    vec![
        roadmap(),
        op_log(),
        in_its_key(backend, log_item()),
        in_its_key(backend, refusal()),
        in_its_key(backend, client_cursor()),
        lane(),
        item(),
        comment(),
        in_its_key(backend, vote()),
    ]
}

/// What is found by something else than its primary key.
pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("roadmap", &["workspace_id", "product_id"]),
        unique("op_log", &["workspace_id", "roadmap_id", "client_id", "cseq"]),
        unique("item", &["workspace_id", "roadmap_id", "number"]),
    ]
}

/// The status that a lane sets. Version 13.
pub(super) fn lane_status() -> TableAlterStatement {
    Table::alter().table(Alias::new("lane")).add_column(text("status").null()).take()
}

/// How many items people mean to have in a lane.
pub(super) fn lane_limit() -> TableAlterStatement {
    Table::alter().table(Alias::new("lane")).add_column(number("item_limit").null()).take()
}

/// What declared fields of items hold, and held first. Version 14.
pub(super) fn item_values() -> [TableAlterStatement; 2] {
    let item = |column: &str| Table::alter().table(Alias::new("item")).add_column(text(column).null()).take();
    [item("field_values"), item("first_values")]
}

/// The fields of a roadmap, where they are not the usual ones. Version 15.
pub(super) fn field_plan() -> TableCreateStatement {
    of_roadmap("field_plan").col(text("plan")).primary_key(&mut key(&["workspace_id", "roadmap_id"])).take()
}

/// Threads of comments: what answers what, what is settled, and who reacted how. Version 21.
pub(super) fn threads() -> [TableAlterStatement; 4] {
    let columns = [text("reply_to"), text("resolved_by"), number("resolved_ms"), text("reactions")];
    columns.map(|mut column| Table::alter().table(Alias::new("comment")).add_column(column.null()).take())
}

/// A narrow table that SQLite keeps in its primary key instead of beside it.
pub(super) fn in_its_key(backend: DbBackend, mut table: TableCreateStatement) -> TableCreateStatement {
    if backend == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table
}

fn roadmap() -> TableCreateStatement {
    table("roadmap")
        .col(text("workspace_id"))
        .col(text("id"))
        .col(text("product_id"))
        .col(number("head"))
        .col(number("epoch"))
        .col(number("last_number"))
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut reference(
            "roadmap",
            &["workspace_id", "product_id"],
            "product",
            &["workspace_id", "id"],
        ))
        .take()
}

fn op_log() -> TableCreateStatement {
    of_roadmap("op_log")
        .col(number("seq"))
        .col(text("client_id"))
        .col(number("cseq"))
        .col(text("actor_id"))
        .col(number("at_ms"))
        .col(text("op"))
        .col(text("changes"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "seq"]))
        .take()
}

fn log_item() -> TableCreateStatement {
    of_roadmap("log_item")
        .col(text("item_id"))
        .col(number("seq"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "item_id", "seq"]))
        .take()
}

fn refusal() -> TableCreateStatement {
    of_roadmap("refusal")
        .col(text("client_id"))
        .col(number("cseq"))
        .col(number("at_ms"))
        .col(text("reject"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "client_id", "cseq"]))
        .take()
}

fn client_cursor() -> TableCreateStatement {
    of_roadmap("client_cursor")
        .col(text("client_id"))
        .col(text("user_id"))
        .col(number("last_cseq"))
        .col(number("seen_ms"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "client_id"]))
        .take()
}

fn lane() -> TableCreateStatement {
    of_roadmap("lane")
        .col(text("id"))
        .col(text("name"))
        .col(text("rank"))
        .col(text("deleted_by").null())
        .col(number("deleted_ms").null())
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "id"]))
        .take()
}

fn item() -> TableCreateStatement {
    of_roadmap("item")
        .col(text("id"))
        .col(number("number"))
        .col(text("lane_id"))
        .col(text("rank"))
        .col(text("title"))
        .col(text("description"))
        .col(text("kind"))
        .col(text("investment").null())
        .col(number("effort_tenths").null())
        .col(text("start_on").null())
        .col(text("end_on").null())
        .col(text("owner_id").null())
        .col(text("tags"))
        .col(text("status"))
        .col(text("source_key").null())
        .col(text("created_by"))
        .col(number("created_ms"))
        .col(text("deleted_by").null())
        .col(number("deleted_ms").null())
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "id"]))
        .foreign_key(&mut reference(
            "item",
            &["workspace_id", "roadmap_id", "lane_id"],
            "lane",
            &["workspace_id", "roadmap_id", "id"],
        ))
        .take()
}

fn comment() -> TableCreateStatement {
    of_item("comment")
        .col(text("id"))
        .col(text("body"))
        .col(text("created_by"))
        .col(number("created_ms"))
        .col(text("edited_by").null())
        .col(number("edited_ms").null())
        .col(text("deleted_by").null())
        .col(number("deleted_ms").null())
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "id"]))
        .take()
}

fn vote() -> TableCreateStatement {
    of_item("vote")
        .col(text("user_id"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "item_id", "user_id"]))
        .take()
}

/// A named moment.
pub(super) fn baseline() -> TableCreateStatement {
    of_roadmap("baseline")
        .col(text("id"))
        .col(number("seq"))
        .col(text("name"))
        .col(text("created_by"))
        .col(number("created_ms"))
        .primary_key(&mut key(&["workspace_id", "roadmap_id", "id"]))
        .take()
}

fn of_roadmap(name: &str) -> TableCreateStatement {
    table(name)
        .col(text("workspace_id"))
        .col(text("roadmap_id"))
        .foreign_key(&mut reference(
            name,
            &["workspace_id", "roadmap_id"],
            "roadmap",
            &["workspace_id", "id"],
        ))
        .take()
}

fn of_item(name: &str) -> TableCreateStatement {
    of_roadmap(name)
        .col(text("item_id"))
        .foreign_key(&mut reference(
            name,
            &["workspace_id", "roadmap_id", "item_id"],
            "item",
            &["workspace_id", "roadmap_id", "id"],
        ))
        .take()
}
