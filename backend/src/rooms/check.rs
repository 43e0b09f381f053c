//! Whether the present follows from the past: `cairn check`.

use std::collections::HashMap;

use domain::{Context, Roadmap, apply};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

use super::rows::{self, RoomId};
use crate::codec::{parse, unsigned};
use crate::{
    Database, Error,
    entity::{client_cursor, op_log, refusal, roadmap},
};

/// Log entries read at once.
const PAGE: u64 = 1_000;

/// What was counted while checking, and what was found to be wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub roadmaps: u64,
    pub lanes: u64,
    pub items: u64,
    pub comments: u64,
    pub votes: u64,
    /// Entries of all logs.
    pub entries: u64,
    /// Pages that ever sent an operation.
    pub pages: u64,
    /// Events of the audit log.
    pub audited: u64,
    /// Voting sessions.
    pub sessions: u64,
    /// Ballots of all sessions.
    pub ballots: u64,
    /// Files that were attached, each counted once.
    pub files: u64,
    /// Files that belong to nothing: a server was stopped while it took them. They take room and do no harm.
    pub unused_files: u64,
    /// One sentence each. Empty when all is well.
    pub problems: Vec<String>,
}

/// Checks every room: the log is gapless up to the head, the rows equal its fold, every operation was decided once.
/// Reads one state of the database throughout.
///
/// # Errors
/// When the database cannot be read; what is wrong in it is in the figures.
pub(crate) async fn check(db: &Database) -> Result<Figures, Error> {
    let tx = db.begin_read().await?;
    let mut figures = Figures::default();
    check_database(&tx, &mut figures).await?;
    let rooms = roadmap::Entity::find().order_by_asc(roadmap::Column::Id).all(&tx).await?;
    for row in rooms {
        let id = RoomId { workspace: parse(&row.workspace_id)?, roadmap: parse(&row.id)? };
        let before = figures.problems.len();
        if let Err(error) = check_room(&tx, id, &mut figures).await {
            figures.problems.push(format!("it cannot be read: {error:?}"));
        }
        for problem in &mut figures.problems[before..] {
            *problem = format!("Roadmap {}: {problem}.", id.roadmap);
        }
    }
    tx.rollback().await?;
    Ok(figures)
}

async fn check_room(tx: &DatabaseTransaction, id: RoomId, figures: &mut Figures) -> Result<(), Error> {
    let (rows, row) = rows::read(tx, id).await?.ok_or_else(|| Error::internal("a roadmap has gone"))?;
    figures.roadmaps += 1;
    figures.lanes += count(rows.lanes());
    figures.items += count(rows.items());
    figures.comments += count(rows.comments());
    figures.votes += rows.items().map(|item| u64::from(rows.vote_count(item.id))).sum::<u64>();

    let head = unsigned(row.head)?;
    let mut folded = Roadmap::default();
    let mut seq = 0;
    loop {
        let page = rows::read_log(tx, id, seq, PAGE).await?;
        let Some(last) = page.last() else { break };
        seq = last.seq;
        figures.entries += count(page.iter());
        for entry in page {
            let context = Context { actor: entry.actor, at: entry.at };
            if let Err(reject) = apply(&mut folded, &entry.op, &context) {
                figures.problems.push(format!("entry {} does not apply: {reject}", entry.seq));
                return Ok(());
            }
        }
    }
    if seq != head {
        figures.problems.push(format!("its head is {head}, but its log ends at {seq}"));
    }
    if folded != rows {
        figures
            .problems
            .push(format!("its rows differ from what its log says: {}", difference(&folded, &rows)));
    }
    check_cursors(tx, id, figures).await
}

/// Names the first thing that differs.
fn difference(folded: &Roadmap, rows: &Roadmap) -> String {
    let lanes =
        folded.lanes().find(|lane| rows.lane(lane.id) != Some(lane)).map(|lane| format!("lane {}", lane.id));
    let items = || {
        let differs = |item: &&std::sync::Arc<domain::Item>| rows.item(item.id) != Some(item);
        folded.items().find(differs).map(|item| format!("item {}", item.id))
    };
    let comments = || {
        let differs = |comment: &&std::sync::Arc<domain::Comment>| rows.comment(comment.id) != Some(comment);
        folded.comments().find(differs).map(|comment| format!("comment {}", comment.id))
    };
    let votes = || {
        let differs = |item: &&std::sync::Arc<domain::Item>| folded.votes(item.id) != rows.votes(item.id);
        folded.items().find(differs).map(|item| format!("votes of item {}", item.id))
    };
    lanes
        .or_else(items)
        .or_else(comments)
        .or_else(votes)
        .unwrap_or_else(|| "rows that no entry made, or another last number".to_owned())
}

async fn check_cursors(tx: &DatabaseTransaction, id: RoomId, figures: &mut Figures) -> Result<(), Error> {
    let (workspace, key) = (id.workspace.to_string(), id.roadmap.to_string());
    let accepted: Vec<(String, i64, i64)> = op_log::Entity::find()
        .select_only()
        .column(op_log::Column::ClientId)
        .column_as(op_log::Column::Cseq.count(), "decided")
        .column_as(op_log::Column::Cseq.max(), "last")
        .filter(op_log::Column::WorkspaceId.eq(&workspace))
        .filter(op_log::Column::RoadmapId.eq(&key))
        .group_by(op_log::Column::ClientId)
        .into_tuple()
        .all(tx)
        .await?;
    let refused: Vec<(String, i64, i64)> = refusal::Entity::find()
        .select_only()
        .column(refusal::Column::ClientId)
        .column_as(refusal::Column::Cseq.count(), "decided")
        .column_as(refusal::Column::Cseq.max(), "last")
        .filter(refusal::Column::WorkspaceId.eq(&workspace))
        .filter(refusal::Column::RoadmapId.eq(&key))
        .group_by(refusal::Column::ClientId)
        .into_tuple()
        .all(tx)
        .await?;
    let cursors = client_cursor::Entity::find()
        .filter(client_cursor::Column::WorkspaceId.eq(&workspace))
        .filter(client_cursor::Column::RoadmapId.eq(&key))
        .all(tx)
        .await?;
    figures.pages += count(cursors.iter());

    let mut decided: HashMap<String, (i64, i64)> = HashMap::new();
    for (client, number, last) in accepted.into_iter().chain(refused) {
        let entry = decided.entry(client).or_default();
        *entry = (entry.0 + number, Ord::max(entry.1, last));
    }
    for cursor in cursors {
        let (number, last) = decided.remove(&cursor.client_id).unwrap_or_default();
        // Refusals are forgotten after a while, answers that were accepted never.
        if number > cursor.last_cseq || last > cursor.last_cseq {
            let client = cursor.client_id;
            figures.problems.push(format!(
                "page {client} has {number} answers up to {last}, but its cursor is at {}",
                cursor.last_cseq
            ));
        }
    }
    for client in decided.into_keys() {
        figures.problems.push(format!("page {client} is in the log but has no cursor"));
    }
    Ok(())
}

/// What the database itself can tell. PostgreSQL enforces its constraints at all times; SQLite only while asked to.
async fn check_database(tx: &DatabaseTransaction, figures: &mut Figures) -> Result<(), Error> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    for row in tx.query_all_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA foreign_key_check")).await?
    {
        let (from, to): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        figures.problems.push(format!("A row of {from} refers to a row of {to} that does not exist."));
    }
    for row in
        tx.query_all_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check(10)")).await?
    {
        let found: String = row.try_get_by_index(0)?;
        if found != "ok" {
            figures.problems.push(format!("The database file is damaged: {found}."));
        }
    }
    Ok(())
}

fn count(things: impl Iterator) -> u64 {
    u64::try_from(things.count()).unwrap_or(u64::MAX)
}
