//! Writing notices: of each person, item and kind one row, joined while it is unread.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{ItemId, NoticeKind, Timestamp, UserId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{LockType, OnConflict},
};

use super::mentioned::Names;
use crate::{
    Backend, Database, Error,
    codec::{signed, unsigned},
    entity::{mention, notice, notice_place},
    rooms::RoomId,
};

/// The most rows of one person. Of those that are read the oldest go first, then the oldest.
const MOST: u64 = 300;

/// Rows written at once.
const AT_ONCE: usize = 200;

/// Somebody is to be notified.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft {
    pub(super) user: UserId,
    pub(super) item: ItemId,
    pub(super) kind: NoticeKind,
    pub(super) seq: i64,
    pub(super) actor: UserId,
    pub(super) at: Timestamp,
    pub(super) is_typing: bool,
}

/// Locks the notices of a workspace against other writers; the number of the last that changed.
pub(super) async fn lock_number(tx: &DatabaseTransaction, workspace: &str) -> Result<i64, Error> {
    let first = place(workspace, "", 0);
    let conflict = OnConflict::columns([notice_place::Column::WorkspaceId, notice_place::Column::RoadmapId])
        .do_nothing()
        .to_owned();
    notice_place::Entity::insert(first).on_conflict(conflict).exec_without_returning(tx).await?;
    let row = notice_place::Entity::find_by_id((workspace.to_owned(), String::new()))
        .lock(LockType::Update)
        .one(tx)
        .await?;
    row.map(|row| row.seq).ok_or_else(|| Error::internal("the number of notices has gone"))
}

pub(super) async fn set_number(tx: &DatabaseTransaction, workspace: &str, n: i64) -> Result<(), Error> {
    set_places(tx, vec![place(workspace, "", n)]).await
}

fn place(workspace: &str, roadmap: &str, seq: i64) -> notice_place::ActiveModel {
    notice_place::ActiveModel {
        workspace_id: Set(workspace.to_owned()),
        roadmap_id: Set(roadmap.to_owned()),
        seq: Set(seq),
    }
}

async fn set_places(tx: &DatabaseTransaction, places: Vec<notice_place::ActiveModel>) -> Result<(), Error> {
    let conflict = OnConflict::columns([notice_place::Column::WorkspaceId, notice_place::Column::RoadmapId])
        .update_column(notice_place::Column::Seq)
        .to_owned();
    notice_place::Entity::insert_many(places).on_conflict(conflict).exec_without_returning(tx).await?;
    Ok(())
}

/// Up to where the log of a room was read, as it is stored.
async fn stored(tx: &DatabaseTransaction, room: RoomId) -> Result<u64, Error> {
    let key = (room.workspace.to_string(), room.roadmap.to_string());
    let row = notice_place::Entity::find_by_id(key).one(tx).await?;
    row.map_or(Ok(0), |row| unsigned(row.seq))
}

/// Stores how far logs were read, unless another process read further.
pub(super) async fn store_places(backend: &Backend, places: &[(RoomId, u64)]) -> Result<(), Error> {
    let Some((first, _)) = places.first() else { return Ok(()) };
    let tx = backend.db.begin().await?;
    lock_number(&tx, &first.workspace.to_string()).await?;
    let mut further = Vec::new();
    for (room, seq) in places {
        if stored(&tx, *room).await? < *seq {
            further.push(place(&room.workspace.to_string(), &room.roadmap.to_string(), signed(*seq)));
        }
    }
    if !further.is_empty() {
        set_places(&tx, further).await?;
    }
    Ok(Database::commit(tx).await?)
}

/// Writes what entries of a log came to, and up to where it was read. What another process did already is left out.
pub(super) async fn write(
    backend: &Backend,
    room: RoomId,
    to: u64,
    drafts: &[Draft],
    names: &Names,
) -> Result<(), Error> {
    let (workspace, roadmap) = (room.workspace.to_string(), room.roadmap.to_string());
    let tx = backend.db.begin().await?;
    let n = lock_number(&tx, &workspace).await? + 1;
    let done = signed(stored(&tx, room).await?);
    let mentioned = drafts.iter().filter(|draft| draft.kind == NoticeKind::Mention);
    let mentioned: HashSet<_> = mentioned.map(|draft| (draft.item, draft.user)).collect();
    let drafts: Vec<&Draft> = drafts.iter().filter(|draft| draft.seq > done).collect();
    if drafts.is_empty() {
        return Ok(tx.rollback().await?);
    }
    let mut rows = known(&tx, room, &drafts).await?;
    let mut grown = HashSet::new();
    for draft in drafts {
        let row = rows.entry((draft.user, draft.item, draft.kind)).or_insert_with(|| {
            grown.insert(draft.user);
            notice::Model {
                workspace_id: workspace.clone(),
                user_id: draft.user.to_string(),
                roadmap_id: roadmap.clone(),
                item_id: draft.item.to_string(),
                kind: draft.kind.as_str().to_owned(),
                unread: 0,
                seq: 0,
                actor_id: String::new(),
                at_ms: 0,
                n: 0,
            }
        });
        let actor = draft.actor.to_string();
        // What somebody goes on typing is one thing.
        if !(draft.is_typing && row.unread > 0 && row.actor_id == actor) {
            row.unread += 1;
        }
        (row.seq, row.actor_id, row.at_ms, row.n) = (draft.seq, actor, draft.at.0, n);
    }
    let mut rows: Vec<notice::Model> = rows.into_values().filter(|row| row.n == n).collect();
    let conflict = OnConflict::columns([
        notice::Column::WorkspaceId,
        notice::Column::UserId,
        notice::Column::RoadmapId,
        notice::Column::ItemId,
        notice::Column::Kind,
    ])
    .update_columns([
        notice::Column::Unread,
        notice::Column::Seq,
        notice::Column::ActorId,
        notice::Column::AtMs,
        notice::Column::N,
    ])
    .to_owned();
    while !rows.is_empty() {
        let some = rows.drain(..rows.len().min(AT_ONCE)).map(IntoActiveModel::into_active_model);
        let insert = notice::Entity::insert_many(some.collect::<Vec<_>>());
        insert.on_conflict(conflict.clone()).exec_without_returning(&tx).await?;
    }
    add_mentions(&tx, room, names, &mentioned).await?;
    set_places(&tx, vec![place(&workspace, &roadmap, signed(to)), place(&workspace, "", n)]).await?;
    for user in grown {
        forget_oldest(&tx, &workspace, &user.to_string()).await?;
    }
    Ok(Database::commit(tx).await?)
}

type Rows = BTreeMap<(UserId, ItemId, NoticeKind), notice::Model>;

/// What the people and items of drafts have already.
async fn known(tx: &DatabaseTransaction, room: RoomId, drafts: &[&Draft]) -> Result<Rows, Error> {
    let mut by_user: HashMap<UserId, HashSet<ItemId>> = HashMap::new();
    for draft in drafts {
        by_user.entry(draft.user).or_default().insert(draft.item);
    }
    let mut rows = Rows::new();
    for (user, items) in by_user {
        let all = notice::Entity::find()
            .filter(notice::Column::WorkspaceId.eq(room.workspace.to_string()))
            .filter(notice::Column::UserId.eq(user.to_string()))
            .filter(notice::Column::RoadmapId.eq(room.roadmap.to_string()))
            .all(tx)
            .await?;
        for row in all {
            let (item, kind) = (crate::codec::parse(&row.item_id)?, crate::codec::parse(&row.kind)?);
            if items.contains(&item) {
                rows.insert((user, item, kind), row);
            }
        }
    }
    Ok(rows)
}

/// Keeps who was meant by names, of those who were notified of it.
async fn add_mentions(
    tx: &DatabaseTransaction,
    room: RoomId,
    names: &Names,
    notified: &HashSet<(ItemId, UserId)>,
) -> Result<(), Error> {
    let found = names.found.iter().filter(|(item, user, _)| notified.contains(&(*item, *user)));
    let rows = found.map(|(item, user, name)| mention::ActiveModel {
        workspace_id: Set(room.workspace.to_string()),
        roadmap_id: Set(room.roadmap.to_string()),
        item_id: Set(item.to_string()),
        user_id: Set(user.to_string()),
        name: Set(name.clone()),
    });
    let conflict = OnConflict::columns([
        mention::Column::WorkspaceId,
        mention::Column::RoadmapId,
        mention::Column::ItemId,
        mention::Column::UserId,
        mention::Column::Name,
    ])
    .do_nothing()
    .to_owned();
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    mention::Entity::insert_many(rows).on_conflict(conflict).exec_without_returning(tx).await?;
    Ok(())
}

/// Forgets what somebody has beyond [`MOST`].
async fn forget_oldest(tx: &DatabaseTransaction, workspace: &str, user: &str) -> Result<(), Error> {
    let own =
        Condition::all().add(notice::Column::WorkspaceId.eq(workspace)).add(notice::Column::UserId.eq(user));
    let count = notice::Entity::find().filter(own.clone()).count(tx).await?;
    let Some(many) = count.checked_sub(MOST).filter(|many| *many > 0) else { return Ok(()) };
    let oldest = notice::Entity::find()
        .filter(own.clone())
        .order_by_desc(notice::Column::Unread.eq(0))
        .order_by_asc(notice::Column::AtMs)
        .limit(many)
        .all(tx)
        .await?;
    for row in oldest {
        notice::Entity::delete_many()
            .filter(own.clone())
            .filter(notice::Column::RoadmapId.eq(row.roadmap_id))
            .filter(notice::Column::ItemId.eq(row.item_id))
            .filter(notice::Column::Kind.eq(row.kind))
            .exec(tx)
            .await?;
    }
    Ok(())
}
