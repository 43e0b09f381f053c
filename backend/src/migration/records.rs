//! Tables of people and products.

use sea_orm::sea_query::{
    Alias, ColumnDef, ForeignKey, ForeignKeyAction, Index, IndexCreateStatement, Table, TableCreateStatement,
};

use super::Step;

/// Tables in an order in which each finds the ones it refers to.
pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![workspace(), account(), member(), session(), invitation(), product(), audit()]
}

/// Uniqueness beyond primary keys, and the look-ups that have none.
pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("workspace", &["singleton"]),
        unique("account", &["email"]),
        unique("invitation", &["workspace_id", "token_hash"]),
        unique("product", &["workspace_id", "key"]),
        unique("product", &["workspace_id", "roadmap_id"]),
        Index::create()
            .name("session_user")
            .table(Alias::new("session"))
            .col(Alias::new("workspace_id"))
            .col(Alias::new("user_id"))
            .take(),
    ]
}

fn workspace() -> TableCreateStatement {
    table("workspace")
        .col(text("id").primary_key())
        .col(number("singleton"))
        .col(text("name"))
        .col(number("created_ms"))
        .take()
}

fn account() -> TableCreateStatement {
    table("account")
        .col(text("id").primary_key())
        .col(text("email"))
        .col(text("name"))
        .col(text("password_hash").null())
        .col(number("colour"))
        .col(number("created_ms"))
        .take()
}

fn member() -> TableCreateStatement {
    table("member")
        .col(text("workspace_id"))
        .col(text("user_id"))
        .col(text("role"))
        .col(number("joined_ms"))
        .col(number("removed_ms").null())
        .primary_key(&mut key(&["workspace_id", "user_id"]))
        .foreign_key(&mut reference("member", &["workspace_id"], "workspace", &["id"]))
        .foreign_key(&mut reference("member", &["user_id"], "account", &["id"]))
        .take()
}

fn session() -> TableCreateStatement {
    table("session")
        .col(text("workspace_id"))
        .col(bytes("token_hash"))
        .col(text("user_id"))
        .col(number("created_ms"))
        .col(number("expires_ms"))
        .primary_key(&mut key(&["workspace_id", "token_hash"]))
        .foreign_key(&mut of_member("session", "user_id"))
        .take()
}

/// When a session was last used, and with what it was opened.
pub(super) fn session_use() -> Vec<Step> {
    vec![
        add("session", number("used_ms").default(0).take()),
        add("session", optional_text("browser")),
        Step::Sql("UPDATE session SET used_ms = created_ms"),
    ]
}

/// To whom a product exists. Who has left is in no segment any more, by which they could see one on coming back.
pub(super) fn product_access() -> Vec<Step> {
    vec![
        add("product", text("access").default("").take()),
        Step::Sql(
            "DELETE FROM segment_member WHERE EXISTS (SELECT 1 FROM member WHERE \
             member.workspace_id = segment_member.workspace_id AND member.user_id = segment_member.user_id \
             AND member.removed_ms IS NOT NULL)",
        ),
    ]
}

/// For whom an invitation is, and how many may use it.
pub(super) fn invitation_uses() -> Vec<Step> {
    vec![
        add("invitation", optional_text("name")),
        add("invitation", number("max_uses").default(1).take()),
        add("invitation", number("uses").default(0).take()),
        Step::Sql("UPDATE invitation SET uses = 1 WHERE accepted_ms IS NOT NULL"),
    ]
}

/// Records that belong to a product, and in which month the workspace's year begins.
pub(super) fn product_records() -> Vec<Step> {
    let index = Index::create()
        .name("record_product")
        .table(Alias::new("record"))
        .col(Alias::new("workspace_id"))
        .col(Alias::new("product_id"))
        .col(Alias::new("kind"))
        .take();
    vec![
        add("record", optional_text("product_id")),
        Step::Index(index),
        add("workspace", number("first_month").default(1).take()),
    ]
}

fn add(table: &str, column: ColumnDef) -> Step {
    Step::Alter(Table::alter().table(Alias::new(table)).add_column(column).take())
}

fn optional_text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().null().take()
}

pub(super) fn device() -> TableCreateStatement {
    table("device")
        .col(text("workspace_id"))
        .col(bytes("token_hash"))
        .col(text("user_id"))
        .col(number("used_ms"))
        .primary_key(&mut key(&["workspace_id", "token_hash", "user_id"]))
        .foreign_key(&mut of_member("device", "user_id"))
        .take()
}

/// Records of the kinds that are declared. Version 16.
pub(super) fn record() -> TableCreateStatement {
    table("record")
        .col(text("workspace_id"))
        .col(text("id"))
        .col(text("kind"))
        .col(text("field_values"))
        .col(number("version"))
        .col(text("created_by"))
        .col(number("created_ms"))
        .col(text("changed_by"))
        .col(number("changed_ms"))
        .col(text("deleted_by").null())
        .col(number("deleted_ms").null())
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut reference("record", &["workspace_id"], "workspace", &["id"]))
        .take()
}

pub(super) fn record_kind() -> IndexCreateStatement {
    Index::create()
        .name("record_kind")
        .table(Alias::new("record"))
        .col(Alias::new("workspace_id"))
        .col(Alias::new("kind"))
        .take()
}

/// What was done to a record, for the history of the items that it links. Version 27.
pub(super) fn audit_object() -> IndexCreateStatement {
    Index::create()
        .name("audit_object")
        .table(Alias::new("audit"))
        .col(Alias::new("workspace_id"))
        .col(Alias::new("object"))
        .take()
}

pub(super) fn device_user() -> IndexCreateStatement {
    Index::create()
        .name("device_user")
        .table(Alias::new("device"))
        .col(Alias::new("workspace_id"))
        .col(Alias::new("user_id"))
        .take()
}

fn invitation() -> TableCreateStatement {
    table("invitation")
        .col(text("workspace_id"))
        .col(text("id"))
        .col(bytes("token_hash"))
        .col(text("role"))
        .col(text("invited_by"))
        .col(number("created_ms"))
        .col(number("expires_ms"))
        .col(number("accepted_ms").null())
        .col(text("accepted_by").null())
        .col(number("revoked_ms").null())
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut of_member("invitation", "invited_by"))
        .take()
}

fn product() -> TableCreateStatement {
    table("product")
        .col(text("workspace_id"))
        .col(text("id"))
        .col(text("roadmap_id"))
        .col(text("key"))
        .col(text("name"))
        .col(text("kind"))
        .col(text("stage"))
        .col(text("purpose"))
        .col(number("created_ms"))
        .col(number("archived_ms").null())
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut reference("product", &["workspace_id"], "workspace", &["id"]))
        .take()
}

/// What was chosen about files that were imported.
pub(super) fn import_memory() -> TableCreateStatement {
    table("import_memory")
        .col(text("workspace_id"))
        .col(text("product_id"))
        .col(text("columns"))
        .col(text("chosen"))
        .col(number("used_ms"))
        .primary_key(&mut key(&["workspace_id", "product_id", "columns"]))
        .foreign_key(&mut reference(
            "import_memory",
            &["workspace_id", "product_id"],
            "product",
            &["workspace_id", "id"],
        ))
        .take()
}

fn audit() -> TableCreateStatement {
    table("audit")
        .col(text("workspace_id"))
        .col(number("n"))
        .col(number("at_ms"))
        .col(text("actor_id"))
        .col(text("action"))
        .col(text("object"))
        .col(text("body"))
        .col(bytes("prev_hash"))
        .col(bytes("hash"))
        .primary_key(&mut key(&["workspace_id", "n"]))
        .foreign_key(&mut reference("audit", &["workspace_id"], "workspace", &["id"]))
        .take()
}

pub(super) fn table(name: &str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).take()
}

pub(super) fn text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().not_null().take()
}

pub(super) fn number(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().not_null().take()
}

pub(super) fn bytes(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).blob().not_null().take()
}

pub(super) fn key(columns: &[&str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(Alias::new(*column));
    }
    key
}

pub(super) fn unique(table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = key(columns);
    index.unique().name(format!("{table}_{}", columns.last().copied().unwrap_or_default()));
    index.table(Alias::new(table)).take()
}

fn of_member(table: &str, user: &str) -> sea_orm::sea_query::ForeignKeyCreateStatement {
    reference(table, &["workspace_id", user], "member", &["workspace_id", "user_id"])
}

pub(super) fn reference(
    table: &str,
    columns: &[&str],
    to: &str,
    to_columns: &[&str],
) -> sea_orm::sea_query::ForeignKeyCreateStatement {
    let mut foreign = ForeignKey::create();
    foreign.from_tbl(Alias::new(table)).to_tbl(Alias::new(to));
    for (column, to_column) in columns.iter().zip(to_columns) {
        foreign.from_col(Alias::new(*column)).to_col(Alias::new(*to_column));
    }
    foreign.on_delete(ForeignKeyAction::Restrict).take()
}
