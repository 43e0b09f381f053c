//! Tables of voting sessions and of the segments votes are counted by.

use sea_orm::{
    DbBackend,
    sea_query::{
        Alias, ColumnDef, Expr, ExprTrait, IndexCreateStatement, Table, TableAlterStatement,
        TableCreateStatement,
    },
};

use super::{
    records::{bytes, key, number, reference, table, text, unique},
    rooms::in_its_key,
};

/// Tables in an order in which each finds the ones it refers to.
pub(super) fn tables(backend: DbBackend) -> Vec<TableCreateStatement> {
    vec![
        segment(),
        in_its_key(backend, segment_member()),
        voting(),
        voting_outcome(),
        voting_entry(),
        voting_voter(),
        in_its_key(backend, voting_ballot()),
        in_its_key(backend, voting_cast()),
    ]
}

/// What is found by something else than its primary key.
pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        // Looked for once a second, by each process.
        key(&["phase"]).name("voting_phase").table(Alias::new("voting")).take(),
        unique("voting_entry", &["workspace_id", "code_hash"]),
        unique("voting_voter", &["workspace_id", "token_hash"]),
        unique("voting_voter", &["workspace_id", "voting_id", "customer_key"]),
    ]
}

fn segment() -> TableCreateStatement {
    table("segment")
        .col(text("workspace_id"))
        .col(text("id"))
        .col(text("kind"))
        .col(text("name"))
        .col(number("weight"))
        .col(number("removed_ms").null())
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut reference("segment", &["workspace_id"], "workspace", &["id"]))
        .take()
}

fn segment_member() -> TableCreateStatement {
    table("segment_member")
        .col(text("workspace_id"))
        .col(text("kind"))
        .col(text("user_id"))
        .col(text("segment_id"))
        .primary_key(&mut key(&["workspace_id", "kind", "user_id"]))
        .foreign_key(&mut reference(
            "segment_member",
            &["workspace_id", "user_id"],
            "member",
            &["workspace_id", "user_id"],
        ))
        .foreign_key(&mut of_segment("segment_member"))
        .take()
}

fn voting() -> TableCreateStatement {
    table("voting")
        .col(text("workspace_id"))
        .col(text("id"))
        .col(text("draft"))
        .col(text("phase"))
        .col(number("opens_ms").null())
        .col(number("closes_ms").null())
        .col(number("revision"))
        .col(bytes("salt").null())
        .col(bytes("key_print").null())
        .col(text("turnout").null())
        .col(text("created_by"))
        .col(number("created_ms"))
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut reference("voting", &["workspace_id"], "workspace", &["id"]))
        .take()
}

fn voting_outcome() -> TableCreateStatement {
    of_voting("voting_outcome")
        .col(text("outcome"))
        .primary_key(&mut key(&["workspace_id", "voting_id"]))
        .take()
}

fn voting_entry() -> TableCreateStatement {
    of_voting("voting_entry")
        .col(text("id"))
        .col(bytes("code_hash"))
        .col(text("name").null())
        .col(text("segment_id").null())
        .col(number("used"))
        .col(number("revoked_ms").null())
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut of_segment("voting_entry"))
        .take()
}

fn voting_voter() -> TableCreateStatement {
    of_voting("voting_voter")
        .col(text("id"))
        .col(text("kind"))
        .col(text("name"))
        .col(text("customer_key").null())
        .col(text("segment_id").null())
        .col(bytes("token_hash").null())
        .col(text("entry_id").null())
        .col(text("source").null())
        .col(text("entered_by").null())
        .col(number("removed_ms").null())
        .primary_key(&mut key(&["workspace_id", "id"]))
        .foreign_key(&mut of_segment("voting_voter"))
        .take()
}

fn voting_ballot() -> TableCreateStatement {
    let spent = || Expr::col(Alias::new("spent"));
    of_voting("voting_ballot")
        .col(pseudonym())
        .col(number("tokens"))
        .col(number("spent"))
        .col(number("casts"))
        .col(text("choices"))
        .col(bytes("nonce"))
        .col(text("receipt"))
        .col(number("weight"))
        .col(text("segment_id").null())
        .check(spent().gte(0).and(spent().lte(Expr::col(Alias::new("tokens")))))
        .primary_key(&mut key(&["workspace_id", "voting_id", "pseudonym"]))
        .take()
}

fn voting_cast() -> TableCreateStatement {
    of_voting("voting_cast")
        .col(pseudonym())
        .col(text("cast_id"))
        .col(bytes("digest"))
        .col(text("answer"))
        .primary_key(&mut key(&["workspace_id", "voting_id", "pseudonym", "cast_id"]))
        .take()
}

/// Counters of a session's casts. Version 5.
pub(super) fn count(backend: DbBackend) -> TableCreateStatement {
    let made = of_voting("voting_count")
        .col(number("stripe"))
        .col(number("open"))
        .col(number("casts"))
        .primary_key(&mut key(&["workspace_id", "voting_id", "stripe"]))
        .take();
    in_its_key(backend, made)
}

/// What is encrypted while a session is open. Version 6.
pub(super) fn sealed() -> [TableAlterStatement; 2] {
    ["voting_ballot", "voting_cast"]
        .map(|name| Table::alter().table(Alias::new(name)).add_column(bytes("sealed").null()).take())
}

/// What is frozen when a session opens. Version 9.
pub(super) fn opened() -> TableAlterStatement {
    Table::alter().table(Alias::new("voting")).add_column(text("opened").null()).take()
}

/// Who is invited to an open session. Version 9.
pub(super) fn roll(backend: DbBackend) -> TableCreateStatement {
    let made = of_voting("voting_roll")
        .col(text("user_id"))
        .col(text("segment_id").null())
        .primary_key(&mut key(&["workspace_id", "voting_id", "user_id"]))
        .foreign_key(&mut of_segment("voting_roll"))
        .take();
    in_its_key(backend, made)
}

/// Which of a voter's answers are remembered. Version 12.
pub(super) fn answers() -> [TableAlterStatement; 2] {
    [("voting_ballot", "answers"), ("voting_cast", "nth")].map(|(name, column)| {
        Table::alter().table(Alias::new(name)).add_column(number(column).default(0)).take()
    })
}

fn pseudonym() -> ColumnDef {
    bytes("pseudonym")
}

fn of_voting(name: &str) -> TableCreateStatement {
    table(name)
        .col(text("workspace_id"))
        .col(text("voting_id"))
        .foreign_key(&mut reference(name, &["workspace_id", "voting_id"], "voting", &["workspace_id", "id"]))
        .take()
}

fn of_segment(name: &str) -> sea_orm::sea_query::ForeignKeyCreateStatement {
    reference(name, &["workspace_id", "segment_id"], "segment", &["workspace_id", "id"])
}
