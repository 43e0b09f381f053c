//! Entities, tables and copies say the same of every column.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, Iden, Iterable, Statement,
    sea_query::{ColumnDef, ColumnType, Index, Table},
};

use super::*;
use crate::{
    copying::{self, CopyError, Epoch},
    db::{
        Database, IfMissing,
        tables::{Column, Kind, columns},
    },
    entity,
};

/// An empty database with the tables of the versions known so far, and what keeps it.
async fn sqlite() -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/cairn.db", folder.path().display());
    (Database::open(&url, IfMissing::Make).await.unwrap(), folder)
}

async fn postgres(story: &str) -> Option<Database> {
    let url = crate::postgres::new_database(story, None).await?;
    Some(Database::open(&url, IfMissing::Make).await.unwrap())
}

/// The tables of an entity each, as the entities have them.
fn entities() -> BTreeMap<String, BTreeSet<Column>> {
    fn of<E: EntityTrait>() -> (String, BTreeSet<Column>) {
        let columns = E::Column::iter().map(|column| {
            let defined = column.def();
            let kind = match defined.get_column_type() {
                ColumnType::String(_) | ColumnType::Text => Some(Kind::Text),
                ColumnType::VarBinary(_) | ColumnType::Blob => Some(Kind::Bytes),
                ColumnType::BigInteger => Some(Kind::Number),
                _ => None,
            };
            Column { name: Iden::to_string(&column), kind, nullable: defined.is_null() }
        });
        (E::default().table_name().to_owned(), columns.collect())
    }
    macro_rules! all {
        ($($table:ident)*) => { [$(of::<entity::$table::Entity>()),*] };
    }
    let all = all! {
        account alignment_rating audit audit_product baseline client_cursor comment device favourite feed field_plan file file_contents import_memory invitation item lane log_item measurement member mention money_entry money_setting notice notice_place op_log product product_owner product_score rating record record_item refusal
        roadmap segment segment_member session vote voting voting_ballot voting_cast voting_count voting_entry voting_outcome
        vision_rating voting_roll voting_voter visit watch workspace
    };
    BTreeMap::from(all)
}

/// The tables that are really there.
async fn found(database: &Database) -> BTreeSet<String> {
    let query = match database.backend() {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        _ => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
    };
    let rows =
        database.reader().query_all_raw(Statement::from_string(database.backend(), query)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
}

/// Leaves an empty database.
async fn drop_all(database: &Database) {
    let index = ["search_words", "search_row"];
    for table in
        index.into_iter().chain(tables(VERSIONS).iter().rev().map(String::as_str)).chain([VERSION_TABLE])
    {
        execute(database, &format!("DROP TABLE {table}")).await;
    }
}

async fn agree(database: &Database) {
    let entities = entities();
    let mut named: BTreeSet<String> = tables(VERSIONS).into_iter().collect();
    assert_eq!(named, entities.keys().cloned().collect(), "a table without an entity, or the reverse");
    named.insert("schema_version".to_owned());
    let mut there = found(database).await;
    // The index of the search is made again where rows are copied to.
    there.retain(|name| !name.starts_with("search_"));
    assert_eq!(there, named, "what copies carry is not what is there");
    for (table, expected) in entities {
        let found = columns(database.reader(), &table).await.unwrap();
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{table}");
        assert!(
            expected.iter().all(|column| column.kind.is_some()),
            "{table} has a column copies cannot carry"
        );
    }
}

#[tokio::test]
async fn entities_and_tables_agree_on_sqlite() {
    agree(&sqlite().await.0).await;
}

#[tokio::test]
async fn entities_and_tables_agree_on_postgres() {
    if let Some(database) = postgres("agree").await {
        agree(&database).await;
    }
}

/// A later version that uses every kind of change.
fn later(_: DbBackend) -> Vec<Step> {
    let motto = ColumnDef::new(Alias::new("motto")).text().null().take();
    let stars = ColumnDef::new(Alias::new("stars")).big_integer().not_null().default(3).take();
    let badge =
        records::table("badge").col(records::text("id").primary_key()).col(records::bytes("face")).take();
    let alter = |column: ColumnDef| {
        Step::Alter(Table::alter().table(Alias::new("workspace")).add_column(column).take())
    };
    vec![
        Step::Create(badge),
        Step::Create(records::table("mistake").col(records::text("id").primary_key()).take()),
        alter(motto),
        alter(stars),
        Step::Index(
            Index::create().name("stars").table(Alias::new("workspace")).col(Alias::new("stars")).take(),
        ),
        Step::Sql("UPDATE workspace SET motto = 'Ad astra ' || name"),
        Step::Run(|tx| {
            Box::pin(async move {
                let statement = "UPDATE workspace SET stars = stars + 2";
                tx.execute_unprepared(statement).await.map(drop)
            })
        }),
        Step::Drop("mistake"),
    ]
}

async fn execute(database: &Database, statement: &str) {
    let tx = database.begin().await.unwrap();
    tx.execute_unprepared(statement).await.unwrap();
    tx.commit().await.unwrap();
}

/// A database that has a row, and to which the later version then comes.
async fn alter(database: &Database) -> Vec<Version> {
    execute(database, "INSERT INTO workspace (id, singleton, name, created_ms) VALUES ('w', 1, 'Ada', 1)")
        .await;
    let versions = [VERSIONS, &[later]].concat();
    database.update(&versions).await.unwrap();
    execute(database, "INSERT INTO badge (id, face) VALUES ('b', 'smile')").await;
    versions
}

/// Of one row of the workspace what the later version added.
async fn added(database: &Database) -> (Option<String>, i64) {
    let statement = Statement::from_string(database.backend(), "SELECT motto, stars FROM workspace");
    let row = database.reader().query_one_raw(statement).await.unwrap().unwrap();
    (row.try_get("", "motto").unwrap(), row.try_get("", "stars").unwrap())
}

async fn carries(source: Database, target: Database) {
    let versions = alter(&source).await;
    let expected = (Some("Ad astra Ada".to_owned()), 5);
    assert_eq!(added(&source).await, expected, "rows that were there are changed, too");

    let refused = copying::copy(&source, &target, &versions, Epoch::Kept, None).await.unwrap_err();
    assert!(
        matches!(&refused, CopyError::Columns { table, columns } if table == "workspace" && columns == "motto, stars"),
        "a column that would be lost is refused: {refused}"
    );

    target.update(&versions).await.unwrap();
    let copied = copying::copy(&source, &target, &versions, Epoch::Kept, None).await.unwrap().copied();
    assert_eq!((copied.rows["workspace"], copied.rows["badge"]), (1, 1));
    assert!(!copied.rows.contains_key("mistake"));
    assert_eq!(added(&target).await, expected, "the copy carries a column that was added later");
}

#[tokio::test]
async fn a_copy_carries_a_column_that_a_later_version_added() {
    let ((source, _here), (target, _there)) = (sqlite().await, sqlite().await);
    carries(source, target).await;
}

#[tokio::test]
async fn a_copy_carries_a_column_that_a_later_version_added_from_and_to_postgres() {
    let (Some(source), Some(target)) = (postgres("altered").await, postgres("altered_there").await) else {
        return;
    };
    let ((there, _folder), (here, _other)) = (sqlite().await, sqlite().await);
    carries(source, there).await;
    carries(here, target).await;
}

#[tokio::test]
async fn sessions_and_invitations_of_an_older_version_are_told_apart_by_their_use() {
    let (database, _folder) = sqlite().await;
    drop_all(&database).await;
    database.update(&VERSIONS[..7]).await.unwrap();
    for row in [
        "workspace (id, singleton, name, created_ms) VALUES ('w', 1, 'Works', 1)",
        "account (id, email, name, colour, created_ms) VALUES ('u', 'ada@example.org', 'Ada', 0, 1)",
        "member (workspace_id, user_id, role, joined_ms) VALUES ('w', 'u', 'owner', 1)",
        "session (workspace_id, token_hash, user_id, created_ms, expires_ms) VALUES ('w', x'01', 'u', 5, 9)",
        "invitation (workspace_id, id, token_hash, role, invited_by, created_ms, expires_ms, accepted_ms) \
         VALUES ('w', 'used', x'01', 'viewer', 'u', 1, 9, 4), ('w', 'open', x'02', 'viewer', 'u', 1, 9, NULL)",
    ] {
        execute(&database, &format!("INSERT INTO {row}")).await;
    }
    database.update(VERSIONS).await.unwrap();
    let session = entity::session::Entity::find().one(database.reader()).await.unwrap().unwrap();
    assert_eq!((session.used_ms, session.browser), (5, None));
    let invitations = entity::invitation::Entity::find().all(database.reader()).await.unwrap();
    let uses: BTreeMap<_, _> =
        invitations.into_iter().map(|row| (row.id, (row.uses, row.max_uses, row.name))).collect();
    assert_eq!(uses["used"], (1, 1, None));
    assert_eq!(uses["open"], (0, 1, None));
}

#[tokio::test]
async fn events_of_an_older_version_are_found_by_the_products_they_are_about() {
    let (database, _folder) = sqlite().await;
    drop_all(&database).await;
    database.update(&VERSIONS[..16]).await.unwrap();
    execute(&database, "INSERT INTO workspace (id, singleton, name, created_ms) VALUES ('w', 1, 'Works', 1)")
        .await;
    for (id, key) in [("p1", "ERP"), ("p2", "SHOP")] {
        execute(
            &database,
            &format!(
                "INSERT INTO product (workspace_id, id, roadmap_id, key, name, kind, stage, purpose, created_ms) \
                 VALUES ('w', '{id}', 'r-{id}', '{key}', 'Name', 'service', 'growth', '', 1)"
            ),
        )
        .await;
    }
    let events = [
        ("workspace.created", "w", r#"{"name":"Works"}"#),
        ("product.created", "p1", r#"{"key":"ERP","name":"Name"}"#),
        ("product.created", "p2", r#"{"key":"SHOP","name":"Name"}"#),
        ("baseline.named", "b", r#"{"product":"SHOP","name":"Q1","seq":1}"#),
        ("voting.created", "v", r#"{"title":"Both","candidates":["ERP-1","SHOP-2","GONE-3"]}"#),
        ("voting.edited", "v", r#"{"title":"One","candidates":["ERP-1"]}"#),
        ("voting.opened", "v", r#"{"title":"One","closes":null}"#),
        ("member.joined", "u", r#"{"role":"viewer"}"#),
    ];
    for (n, (action, object, body)) in (1..).zip(events) {
        execute(
            &database,
            &format!(
                "INSERT INTO audit (workspace_id, n, at_ms, actor_id, action, object, body, prev_hash, hash) \
                 VALUES ('w', {n}, {n}, 'u', '{action}', '{object}', '{body}', x'', x'')"
            ),
        )
        .await;
    }
    database.update(VERSIONS).await.unwrap();
    let links = entity::audit_product::Entity::find().all(database.reader()).await.unwrap();
    let mut links: Vec<_> = links.iter().map(|link| (&*link.product_id, link.n)).collect();
    links.sort_unstable();
    assert_eq!(links, [("p1", 2), ("p1", 5), ("p1", 6), ("p1", 7), ("p2", 3), ("p2", 4), ("p2", 5)]);
}
