//! Writing what was decided: a few statements for a whole commit, whatever the number of rooms and operations.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Change, Entry, Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, Iterable, PrimaryKeyToColumn, QueryFilter, QuerySelect, QueryTrait, Statement,
    sea_query::OnConflict,
};

use crate::{
    Error,
    codec::{signed, to_json},
    db::{Database, MAX_VALUES, together},
    entity::{client_cursor, comment, field_plan, item, lane, log_item, op_log, refusal, roadmap, vote},
    exchange::Running,
};

use super::{
    decide::Work,
    rows::{RoomId, comment_row, item_row, lane_row, vote_row},
};

/// The most rows of a commit whose statements are sent at once: a lone edit has five or six.
const FEW: usize = 8;

/// The most votes one statement deletes: SQLite bounds how deep a condition may be nested.
const DELETED_AT_ONCE: usize = 200;

/// Of a page's last numbers the refusals are remembered, for so many milliseconds.
const REMEMBERED: u64 = 1_000;
const REMEMBERED_MILLIS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Writes log, refusals, cursors, rows and heads of every room that changed. An import hears how far that is.
///
/// # Errors
/// [`Error::Cancelled`] when the import was stopped, beside those of the database.
pub(super) async fn write(
    tx: &DatabaseTransaction,
    work: &[&Work],
    at: Timestamp,
    running: Option<&Running>,
) -> Result<(), Error> {
    let work: Vec<&Work> = work.iter().copied().filter(|work| work.changed()).collect();
    let each = |row: fn(&Work, RoomId, &mut Rows, Timestamp)| {
        let mut rows = Rows::default();
        for work in &work {
            row(work, work.room.id, &mut rows, at);
        }
        rows
    };
    let rows = each(collect);
    let records = rows.count();
    let held = (rows.log.len() <= 1 && records <= FEW && running.is_none()).then(Vec::new);
    let tx = &mut Writer { tx, running, written: 0, records, held };

    upsert(tx, rows.lanes).await?;
    upsert(tx, rows.items).await?;
    upsert(tx, rows.comments).await?;
    upsert(tx, rows.field_plans).await?;
    insert_new(tx, rows.votes).await?;
    for votes in rows.withdrawn.chunks(DELETED_AT_ONCE) {
        let any = votes.iter().fold(Condition::any(), |any, vote| {
            any.add(
                Condition::all()
                    .add(vote::Column::WorkspaceId.eq(&vote.workspace_id))
                    .add(vote::Column::RoadmapId.eq(&vote.roadmap_id))
                    .add(vote::Column::ItemId.eq(&vote.item_id))
                    .add(vote::Column::UserId.eq(&vote.user_id)),
            )
        });
        let statement = vote::Entity::delete_many().filter(any).build(tx.tx.get_database_backend());
        tx.send(statement, 0).await?;
    }
    insert(tx, rows.log).await?;
    insert(tx, rows.log_items).await?;
    insert(tx, rows.refusals).await?;
    for work in work {
        forget_refusals(tx.tx, work).await?;
    }
    upsert(tx, rows.cursors).await?;
    upsert(tx, rows.heads).await?;
    tx.flush().await
}

/// Of a page that was just refused something, forgets the refusals that it does not ask for any more: it repeats what is
/// unanswered, one push at most.
async fn forget_refusals(tx: &DatabaseTransaction, work: &Work) -> Result<(), Error> {
    let newest: BTreeMap<_, _> = work.refusals.iter().map(|(client, cseq, _)| (client, *cseq)).collect();
    for (client, newest) in newest {
        if newest > REMEMBERED {
            refusal::Entity::delete_many()
                .filter(refusal::Column::WorkspaceId.eq(work.room.id.workspace.to_string()))
                .filter(refusal::Column::RoadmapId.eq(work.room.id.roadmap.to_string()))
                .filter(refusal::Column::ClientId.eq(client.to_string()))
                .filter(refusal::Column::Cseq.lte(signed(newest - REMEMBERED)))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}

/// Forgets refusals that are older than a page repeats anything, a few at a time so that nobody waits for it.
pub(super) async fn forget_old_refusals(db: &Database, now: Timestamp) -> Result<u64, Error> {
    let before = now.0 - REMEMBERED_MILLIS;
    let mut forgotten = 0;
    loop {
        let tx = db.begin().await?;
        let old: Vec<refusal::Model> =
            refusal::Entity::find().filter(refusal::Column::AtMs.lt(before)).limit(200).all(&tx).await?;
        let any = old.iter().fold(Condition::any(), |any, refusal| {
            any.add(
                Condition::all()
                    .add(refusal::Column::WorkspaceId.eq(&refusal.workspace_id))
                    .add(refusal::Column::RoadmapId.eq(&refusal.roadmap_id))
                    .add(refusal::Column::ClientId.eq(&refusal.client_id))
                    .add(refusal::Column::Cseq.eq(refusal.cseq)),
            )
        });
        if old.is_empty() {
            return Ok(forgotten);
        }
        forgotten += refusal::Entity::delete_many().filter(any).exec(&tx).await?.rows_affected;
        tx.commit().await?;
    }
}

/// Sends statements: all at once where they are few, otherwise one by one, and tells an import after each.
struct Writer<'a> {
    tx: &'a DatabaseTransaction,
    running: Option<&'a Running>,
    written: usize,
    records: usize,
    /// What is sent at the end. Only few rows are, because each number of rows is a text of its own for the database to
    /// understand, and there are not many texts of few rows.
    held: Option<Vec<Statement>>,
}

impl Writer<'_> {
    async fn send(&mut self, statement: Statement, records: usize) -> Result<(), Error> {
        match &mut self.held {
            Some(held) => held.push(statement),
            None => {
                self.tx.execute_raw(statement).await?;
                self.wrote(records)?;
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Error> {
        let held = self.held.take().unwrap_or_default();
        Ok(together::execute(self.tx, held).await?)
    }

    fn wrote(&mut self, records: usize) -> Result<(), Error> {
        self.written += records;
        if let Some(running) = self.running {
            running.save(self.written, self.records);
            running.check()?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Rows {
    lanes: Vec<lane::Model>,
    items: Vec<item::Model>,
    comments: Vec<comment::Model>,
    field_plans: Vec<field_plan::Model>,
    votes: Vec<vote::Model>,
    withdrawn: Vec<vote::Model>,
    log: Vec<op_log::Model>,
    log_items: Vec<log_item::Model>,
    refusals: Vec<refusal::Model>,
    cursors: Vec<client_cursor::Model>,
    heads: Vec<roadmap::Model>,
}

impl Rows {
    /// Those that [`Writer`] inserts.
    fn count(&self) -> usize {
        let Self {
            lanes,
            items,
            comments,
            field_plans,
            votes,
            withdrawn: _,
            log,
            log_items,
            refusals,
            cursors,
            heads,
        } = self;
        let document = lanes.len() + items.len() + comments.len() + field_plans.len() + votes.len();
        document + log.len() + log_items.len() + refusals.len() + cursors.len() + heads.len()
    }
}

fn collect(work: &Work, id: RoomId, rows: &mut Rows, at: Timestamp) {
    let (workspace_id, roadmap_id) = (id.workspace.to_string(), id.roadmap.to_string());
    let document = &work.roadmap;
    let lanes = work.touched.lanes.iter().filter_map(|lane| document.lane(*lane));
    rows.lanes.extend(lanes.map(|lane| lane_row(id, lane)));
    let items = work.touched.items.iter().filter_map(|item| document.item(*item));
    rows.items.extend(items.map(|item| item_row(id, item)));
    let comments = work.touched.comments.iter().filter_map(|comment| document.comment(*comment));
    rows.comments.extend(comments.map(|comment| comment_row(id, comment)));
    if work.touched.fields {
        let (workspace_id, roadmap_id) = (workspace_id.clone(), roadmap_id.clone());
        rows.field_plans.push(field_plan::Model {
            workspace_id,
            roadmap_id,
            plan: to_json(document.fields()),
        });
    }
    for (item, user) in &work.touched.votes {
        let row = vote_row(id, *item, *user);
        if document.has_voted(*item, *user) { rows.votes.push(row) } else { rows.withdrawn.push(row) }
    }

    for (entry, changes) in &work.entries {
        rows.log.push(log_row(id, entry, changes));
        let items: BTreeSet<_> = changes.iter().filter_map(Change::item).collect();
        rows.log_items.extend(items.into_iter().map(|item| log_item::Model {
            workspace_id: workspace_id.clone(),
            roadmap_id: roadmap_id.clone(),
            item_id: item.to_string(),
            seq: signed(entry.seq),
        }));
    }
    rows.refusals.extend(work.refusals.iter().map(|(client, cseq, reject)| refusal::Model {
        workspace_id: workspace_id.clone(),
        roadmap_id: roadmap_id.clone(),
        client_id: client.to_string(),
        cseq: signed(*cseq),
        at_ms: at.0,
        reject: to_json(reject),
    }));
    rows.cursors.extend(work.moved.iter().map(|(client, cursor)| client_cursor::Model {
        workspace_id: workspace_id.clone(),
        roadmap_id: roadmap_id.clone(),
        client_id: client.to_string(),
        user_id: cursor.user.to_string(),
        last_cseq: signed(cursor.last),
        seen_ms: at.0,
    }));
    if !work.entries.is_empty() {
        rows.heads.push(roadmap::Model {
            workspace_id,
            id: roadmap_id,
            product_id: work.base.product.to_string(),
            head: signed(work.head),
            epoch: signed(work.base.epoch),
            last_number: i64::from(document.last_number()),
        });
    }
}

fn log_row(id: RoomId, entry: &Entry, changes: &[Change]) -> op_log::Model {
    op_log::Model {
        workspace_id: id.workspace.to_string(),
        roadmap_id: id.roadmap.to_string(),
        seq: signed(entry.seq),
        client_id: entry.client.to_string(),
        cseq: signed(entry.cseq),
        actor_id: entry.actor.to_string(),
        at_ms: entry.at.0,
        op: to_json(&entry.op),
        changes: to_json(&changes),
    }
}

/// Inserts rows that must be new.
async fn insert<M>(tx: &mut Writer<'_>, rows: Vec<M>) -> Result<(), Error>
where
    M: sea_orm::ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
{
    insert_or(tx, rows, None).await
}

/// Inserts rows; ones that are there already stay.
async fn insert_new<M>(tx: &mut Writer<'_>, rows: Vec<M>) -> Result<(), Error>
where
    M: sea_orm::ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
{
    insert_or(tx, rows, Some(OnConflict::columns(key::<M>()).do_nothing().to_owned())).await
}

/// Inserts rows; of ones that are there already every column beside the key is set.
async fn upsert<M>(tx: &mut Writer<'_>, rows: Vec<M>) -> Result<(), Error>
where
    M: sea_orm::ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
{
    let key = key::<M>();
    let is_key = |column: &<M::Entity as EntityTrait>::Column| {
        key.iter().any(|key| sea_orm::IdenStatic::as_str(key) == sea_orm::IdenStatic::as_str(column))
    };
    let rest = <M::Entity as EntityTrait>::Column::iter().filter(|column| !is_key(column));
    let conflict = OnConflict::columns(key.iter().copied()).update_columns(rest).to_owned();
    insert_or(tx, rows, Some(conflict)).await
}

fn key<M: sea_orm::ModelTrait>() -> Vec<<M::Entity as EntityTrait>::Column> {
    <M::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect()
}

async fn insert_or<M>(tx: &mut Writer<'_>, rows: Vec<M>, conflict: Option<OnConflict>) -> Result<(), Error>
where
    M: sea_orm::ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
{
    let at_once = MAX_VALUES / <M::Entity as EntityTrait>::Column::iter().count();
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
    while rows.peek().is_some() {
        let count = rows.len().min(at_once);
        let mut insert = M::Entity::insert_many(rows.by_ref().take(at_once));
        if let Some(conflict) = &conflict {
            insert = insert.on_conflict(conflict.clone());
        }
        tx.send(insert.build(tx.tx.get_database_backend()), count).await?;
    }
    Ok(())
}
