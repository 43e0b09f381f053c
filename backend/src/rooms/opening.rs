//! What a commit reads: the rooms of its batch, brought up to date, and who may do what in them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use domain::{ClientId, Context, Entry, UserId, Visibility, apply, wire::Outcome};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Select,
    sea_query::{LockType, SelectStatement},
};

use crate::{
    Error,
    access::product::{Locked, access_of, groups, role_in},
    clock::now,
    codec::{json, parse, signed, unsigned},
    db::{padded, together},
    entity::{client_cursor, member, op_log, product, refusal, roadmap},
    people::channels::{self, SessionHash},
};

use super::{
    commit::Batch,
    decide::{Cursor, Work},
    room::{Published, Room},
    rows::{self, Head, RoomId},
    texts,
};

/// What the transaction has read.
pub(super) struct Opened {
    pub(super) works: BTreeMap<RoomId, Work>,
    /// The sessions of the batch that hold.
    pub(super) sessions: HashSet<SessionHash>,
}

/// Locks the rooms of a batch when it writes, brings them up to date and reads who may do what.
pub(super) async fn open(tx: &DatabaseTransaction, batch: &Batch) -> Result<Opened, Error> {
    let rooms: BTreeMap<RoomId, Arc<Room>> = batch
        .pushes
        .iter()
        .flat_map(|push| std::iter::once(&push.room).chain(push.moving.as_ref().map(|moving| &moving.to)))
        .chain(&batch.catch_up)
        .map(|room| (room.id, room.clone()))
        .collect();
    let rows = Rows::read(tx, batch, &rooms).await?;
    let mut works = BTreeMap::new();
    for row in &rows.heads {
        let id = RoomId { workspace: parse(&row.workspace_id)?, roadmap: parse(&row.id)? };
        if let Some(room) = rooms.get(&id) {
            works.insert(id, bring_up_to_date(tx, room.clone(), row).await?);
        }
    }
    if let Some(missing) = rooms.keys().find(|id| !works.contains_key(id)) {
        return Err(Error::internal(format!("the roadmap {} has gone", missing.roadmap)));
    }
    if !batch.pushes.is_empty() {
        set_permissions(tx, batch, &rows, &mut works).await?;
        set_cursors(tx, batch, &rows, &mut works).await?;
    }
    for work in works.values_mut() {
        let id = work.room.id;
        texts::read_written(tx, work, batch.pushes.iter().filter(|push| push.room.id == id)).await?;
    }
    Ok(Opened { works, sessions: rows.sessions })
}

/// What is read of every room of a batch, whatever is in it.
#[derive(Default)]
struct Rows {
    heads: Vec<roadmap::Model>,
    members: Vec<member::Model>,
    products: HashMap<String, product::Model>,
    cursors: Vec<client_cursor::Model>,
    sessions: HashSet<SessionHash>,
}

impl Rows {
    /// Reads them in one order, in which they are locked, so that two processes cannot wait for each other. Roles,
    /// archiving and sessions are held until the transaction ends.
    async fn read(
        tx: &DatabaseTransaction,
        batch: &Batch,
        rooms: &BTreeMap<RoomId, Arc<Room>>,
    ) -> Result<Self, Error> {
        let workspaces: HashSet<String> = rooms.keys().map(|id| id.workspace.to_string()).collect();
        let workspaces = padded(workspaces);
        let ids = padded(rooms.keys().map(|id| id.roadmap.to_string()));
        let heads = roadmap::Entity::find()
            .filter(roadmap::Column::WorkspaceId.is_in(&workspaces))
            .filter(roadmap::Column::Id.is_in(&ids))
            .order_by_asc(roadmap::Column::WorkspaceId)
            .order_by_asc(roadmap::Column::Id);
        if batch.pushes.is_empty() {
            return Ok(Self { heads: heads.all(tx).await?, ..Self::default() });
        }

        let users: HashSet<String> = batch.pushes.iter().map(|push| push.user.to_string()).collect();
        let members = member::Entity::find()
            .filter(member::Column::WorkspaceId.is_in(&workspaces))
            .filter(member::Column::UserId.is_in(padded(users)))
            .order_by_asc(member::Column::UserId);
        let known = rooms.values().map(|room| known(room).map(|known| known.product.to_string()));
        let products = product::Entity::find()
            .filter(product::Column::WorkspaceId.is_in(&workspaces))
            .filter(product::Column::Id.is_in(padded(known.collect::<Result<Vec<_>, _>>()?)))
            .order_by_asc(product::Column::Id);
        let clients: HashSet<String> = batch.pushes.iter().map(|push| push.client.to_string()).collect();
        let cursors = client_cursor::Entity::find()
            .filter(client_cursor::Column::WorkspaceId.is_in(&workspaces))
            .filter(client_cursor::Column::RoadmapId.is_in(&ids))
            .filter(client_cursor::Column::ClientId.is_in(padded(clients)));
        let hashes: HashSet<SessionHash> = batch.pushes.iter().filter_map(|push| push.session).collect();
        let mut queries = vec![
            locked(heads, LockType::Update),
            locked(members, LockType::Share),
            locked(products, LockType::Share),
            cursors.into_query(),
        ];
        queries.extend(channels::locking(&hashes, now()));

        let mut answers = together::query(tx, queries).await?.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        Ok(Self {
            heads: models(next())?,
            members: models(next())?,
            products: models(next())?.into_iter().map(|row: product::Model| (row.id.clone(), row)).collect(),
            cursors: models(next())?,
            sessions: next().iter().map(channels::locked).collect::<Result<_, _>>()?,
        })
    }
}

fn locked<E: EntityTrait>(select: Select<E>, lock: LockType) -> SelectStatement {
    select.lock(lock).into_query()
}

fn models<M: FromQueryResult>(rows: Vec<QueryResult>) -> Result<Vec<M>, DbErr> {
    rows.iter().map(|row| M::from_query_result(row, "")).collect()
}

fn known(room: &Room) -> Result<Published, Error> {
    room.committed().ok_or_else(|| Error::internal("a room was used before it was loaded"))
}

async fn bring_up_to_date(
    tx: &DatabaseTransaction,
    room: Arc<Room>,
    row: &roadmap::Model,
) -> Result<Work, Error> {
    let head = Head::of(row)?;
    let known = known(&room)?;
    if known.head == head.seq && known.epoch == head.epoch {
        return Ok(Work::new(room, known));
    }
    if known.epoch == head.epoch && known.head < head.seq {
        let missed = rows::read_log(tx, room.id, known.head, head.seq - known.head).await?;
        if let Some(roadmap) = continued(&known, &missed, head.seq) {
            let base = Published { roadmap: Arc::new(roadmap), head: head.seq, ..known };
            let mut work = Work::new(room, base);
            work.caught_up = missed;
            return Ok(work);
        }
        tracing::error!(roadmap = %room.id.roadmap, "the log does not continue what is in memory; reloading");
    }
    let (roadmap, _) = rows::read(tx, room.id).await?.ok_or_else(|| Error::internal("a roadmap has gone"))?;
    let base = Published { roadmap: Arc::new(roadmap), head: head.seq, epoch: head.epoch, ..known };
    let mut work = Work::new(room, base);
    work.reset = true;
    Ok(work)
}

fn continued(known: &Published, missed: &[Entry], head: u64) -> Option<domain::Roadmap> {
    if missed.last()?.seq != head {
        return None;
    }
    let mut roadmap = (*known.roadmap).clone();
    for entry in missed {
        apply(&mut roadmap, &entry.op, &Context { actor: entry.actor, at: entry.at }).ok()?;
    }
    Some(roadmap)
}

async fn set_permissions(
    tx: &DatabaseTransaction,
    batch: &Batch,
    rows: &Rows,
    works: &mut BTreeMap<RoomId, Work>,
) -> Result<(), Error> {
    let users: HashSet<UserId> = batch.pushes.iter().map(|push| push.user).collect();
    for work in works.values_mut() {
        let id = work.room.id.workspace;
        let row =
            rows.products.get(&*work.base.product).ok_or_else(|| Error::internal("a product has gone"))?;
        work.archived = row.archived_ms.is_some();
        let access = access_of(row);
        work.restricted = access.visibility != Visibility::Everyone;
        let groups = groups(tx, id, access.groups(), Some(&users), Locked::Yes).await?;
        let workspace = id.to_string();
        let members = rows.members.iter();
        for row in members.filter(|row| row.removed_ms.is_none() && row.workspace_id == workspace) {
            let user = parse(&row.user_id)?;
            work.roles.insert(user, role_in(&access, user, parse(&row.role)?, &groups));
        }
    }
    Ok(())
}

async fn set_cursors(
    tx: &DatabaseTransaction,
    batch: &Batch,
    rows: &Rows,
    works: &mut BTreeMap<RoomId, Work>,
) -> Result<(), Error> {
    for row in &rows.cursors {
        let id = RoomId { workspace: parse(&row.workspace_id)?, roadmap: parse(&row.roadmap_id)? };
        let cursor = Cursor { user: parse(&row.user_id)?, last: unsigned(row.last_cseq)? };
        if let Some(work) = works.get_mut(&id) {
            work.cursors.insert(parse(&row.client_id)?, cursor);
        }
    }
    for push in &batch.pushes {
        let Some(work) = works.get_mut(&push.room.id) else { continue };
        let decided = work.cursors.get(&push.client).map_or(0, |cursor| cursor.last);
        let numbers = push.ops.iter().map(|op| op.cseq).filter(|cseq| (1..=decided).contains(cseq));
        if let (Some(first), Some(last)) = (numbers.clone().min(), numbers.max()) {
            let answers = read_answers(tx, push.room.id, push.client, first, last).await?;
            work.answered.extend(answers);
        }
    }
    Ok(())
}

/// The answers a page's operations from `first` to `last` got.
async fn read_answers(
    tx: &DatabaseTransaction,
    id: RoomId,
    client: ClientId,
    first: u64,
    last: u64,
) -> Result<HashMap<(ClientId, u64), Outcome>, Error> {
    let accepted = op_log::Entity::find()
        .filter(op_log::Column::WorkspaceId.eq(id.workspace.to_string()))
        .filter(op_log::Column::RoadmapId.eq(id.roadmap.to_string()))
        .filter(op_log::Column::ClientId.eq(client.to_string()))
        .filter(op_log::Column::Cseq.between(signed(first), signed(last)))
        .select_only()
        .columns([op_log::Column::Cseq, op_log::Column::Seq])
        .into_tuple::<(i64, i64)>()
        .all(tx)
        .await?;
    let refused = refusal::Entity::find()
        .filter(refusal::Column::WorkspaceId.eq(id.workspace.to_string()))
        .filter(refusal::Column::RoadmapId.eq(id.roadmap.to_string()))
        .filter(refusal::Column::ClientId.eq(client.to_string()))
        .filter(refusal::Column::Cseq.between(signed(first), signed(last)))
        .all(tx)
        .await?;
    let mut answers = HashMap::new();
    for (cseq, seq) in accepted {
        answers.insert((client, unsigned(cseq)?), Outcome::Accepted { seq: unsigned(seq)? });
    }
    for row in refused {
        answers.insert((client, unsigned(row.cseq)?), Outcome::Refused(json(&row.reject)?));
    }
    Ok(answers)
}
