//! Reads the logs of rooms for what people are notified of, behind those who write them. Every process reads; a lock and the place
//! that is stored with the notices see to it that each entry counts once. On every look pages hear whose inbox changed.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::{Change, ItemId, NoticeKind, RoadmapId, Timestamp, UserId, WorkspaceId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{CaseStatement, Expr, ExprTrait, Func},
};
use tokio::sync::Notify;

use super::{
    facts::{Facts, members},
    mentioned::Names,
    write::{self, Draft},
};
use crate::{
    Backend, Error, WeakBackend,
    clock::now,
    codec::{json, parse, signed, unsigned},
    entity::{notice, notice_place, op_log},
    rooms::{RoomId, lock},
};

/// How often the logs are looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// Entries read at once.
const AT_ONCE: u64 = 500;

/// The most characters of what an entry changed that are read. An import changes more.
const LONGEST: i32 = 64 * 1024;

/// A step that changes more items, such as an import, notifies nobody of each.
const MOST_ITEMS: usize = 50;

/// What happened earlier notifies nobody: an import may bring it, or a server that was off for long.
const NEWS_MILLIS: i64 = 14 * 24 * 60 * 60 * 1_000;

/// How often places are stored in logs that had nothing to notify of.
const STORED_EVERY: Duration = Duration::from_secs(30);

/// What this process has read. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    wake: Notify,
    looking: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Up to where logs were read, where that is further than is stored.
    read: HashMap<RoomId, u64>,
    stored: Option<Instant>,
    /// The number of the last notice of which pages heard.
    heard: Option<i64>,
}

impl Reader {
    /// Has the logs looked at now.
    pub(crate) fn wake(&self) {
        self.0.wake.notify_one();
    }
}

/// A log with entries that were not read.
struct Behind {
    room: RoomId,
    from: u64,
}

/// Something that happened to an item.
struct Happening {
    item: ItemId,
    seq: i64,
    actor: UserId,
    at: Timestamp,
    /// What those who watch are notified of.
    kind: Option<NoticeKind>,
    /// Who is notified of something of their own.
    addressed: Vec<(UserId, NoticeKind)>,
    is_creation: bool,
    is_assignment: bool,
    /// Typed into a text, of which many entries are one thing.
    is_typing: bool,
}

/// Reads logs until the backend ends.
pub(crate) async fn run(backend: WeakBackend) {
    while let Some(strong) = backend.upgrade() {
        match look(&strong).await {
            Err(_) if strong.db.is_closed() => return,
            Err(error) => tracing::warn!(?error, "could not look for news in the logs; retrying"),
            Ok(()) => {}
        }
        let reader = strong.inbox.clone();
        drop(strong);
        drop(tokio::time::timeout(INTERVAL, reader.0.wake.notified()).await);
    }
}

impl Backend {
    /// Reads what is new in the logs and notifies people of it, as a server does by itself once a second.
    ///
    /// # Errors
    /// When the database fails; what was not read then is read with the next look.
    pub async fn read_for_notices(&self) -> Result<(), Error> {
        look(self).await
    }

    /// Adds to the problems that a log was read for notices beyond its end: what comes next would notify nobody.
    pub(crate) async fn check_inbox(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        let db = self.db.reader();
        let query = "SELECT r.id FROM roadmap r JOIN notice_place p \
                     ON p.workspace_id = r.workspace_id AND p.roadmap_id = r.id WHERE p.seq > r.head";
        for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await? {
            let roadmap: String = row.try_get_by_index(0)?;
            problems.push(format!("The log of roadmap {roadmap} was read for notices beyond its end."));
        }
        Ok(())
    }
}

async fn look(backend: &Backend) -> Result<(), Error> {
    // One look at a time, so that none reads what another is about to write.
    let _looking = backend.inbox.0.looking.lock().await;
    for Behind { room, from } in behind(backend).await? {
        // A log that cannot be read keeps nobody else from their news.
        if let Err(error) = read_log(backend, room, from).await {
            if backend.db.is_closed() {
                return Err(error);
            }
            tracing::warn!(?error, ?room, "could not read a log for notices; retrying");
        }
    }
    store_places(backend).await?;
    notify_pages(backend).await
}

async fn behind(backend: &Backend) -> Result<Vec<Behind>, Error> {
    let db = backend.db.reader();
    let query = "SELECT r.workspace_id, r.id, r.head, COALESCE(p.seq, 0) FROM roadmap r \
                 LEFT JOIN notice_place p ON p.workspace_id = r.workspace_id AND p.roadmap_id = r.id \
                 WHERE r.head > COALESCE(p.seq, 0)";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await?;
    let mut behind = Vec::new();
    for row in rows {
        let (workspace, roadmap): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (workspace, roadmap): (WorkspaceId, RoadmapId) = (parse(&workspace)?, parse(&roadmap)?);
        let (head, stored) = (unsigned(row.try_get_by_index(2)?)?, unsigned(row.try_get_by_index(3)?)?);
        let room = RoomId { workspace, roadmap };
        let read = lock(&backend.inbox.0.state).read.get(&room).copied();
        let from = read.filter(|read| *read > stored).unwrap_or(stored);
        if head > from {
            behind.push(Behind { room, from });
        }
    }
    Ok(behind)
}

/// What an entry changed, or an empty text where that is too long.
pub(super) fn short_changes() -> Expr {
    let length = Expr::from(Func::char_length(Expr::col(op_log::Column::Changes)));
    let is_short = length.lte(Expr::value(LONGEST));
    CaseStatement::new().case(is_short, Expr::col(op_log::Column::Changes)).finally(Expr::value("")).into()
}

async fn read_log(backend: &Backend, room: RoomId, mut from: u64) -> Result<(), Error> {
    let mut names = None;
    loop {
        let rows: Vec<(i64, String, i64, String)> = op_log::Entity::find()
            .select_only()
            .columns([op_log::Column::Seq, op_log::Column::ActorId, op_log::Column::AtMs])
            .expr_as(short_changes(), "short_changes")
            .filter(op_log::Column::WorkspaceId.eq(room.workspace.to_string()))
            .filter(op_log::Column::RoadmapId.eq(room.roadmap.to_string()))
            .filter(op_log::Column::Seq.gt(signed(from)))
            .order_by_asc(op_log::Column::Seq)
            .limit(AT_ONCE)
            .into_tuple()
            .all(backend.db.reader())
            .await?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        let (to, is_all) = (unsigned(*last)?, (rows.len() as u64) < AT_ONCE);
        let oldest = now().0 - NEWS_MILLIS;
        let mut happenings = Vec::new();
        for (seq, actor, at, changes) in rows {
            if at >= oldest && !changes.is_empty() {
                let (actor, at) = (parse(&actor)?, Timestamp(at));
                collect_news(
                    backend,
                    room,
                    &mut names,
                    (seq, actor, at),
                    &json::<Vec<Change>>(&changes)?,
                    &mut happenings,
                )
                .await?;
            }
        }
        let drafts = drafts(backend, room, happenings).await?;
        if !drafts.is_empty() {
            let names = names.take().unwrap_or_default();
            write::write(backend, room, to, &drafts, &names).await?;
        }
        lock(&backend.inbox.0.state).read.insert(room, to);
        from = to;
        if is_all {
            return Ok(());
        }
    }
}

/// Adds what one entry did that somebody could be notified of.
async fn collect_news(
    backend: &Backend,
    room: RoomId,
    names: &mut Option<Names>,
    (seq, actor, at): (i64, UserId, Timestamp),
    changes: &[Change],
    happenings: &mut Vec<Happening>,
) -> Result<(), Error> {
    let items: HashSet<ItemId> = changes.iter().filter_map(Change::item).collect();
    if items.len() > MOST_ITEMS {
        return Ok(());
    }
    for change in changes {
        let Some(item) = change.item() else { continue };
        let kind = NoticeKind::of(change);
        let mut addressed = Vec::new();
        if let Some((before, after)) = change.mentioning().filter(|(_, after)| after.contains('@')) {
            if names.is_none() {
                *names = Some(Names::read(backend, room.workspace).await?);
            }
            if let Some(names) = names {
                let new = names.new_in(before, after, item);
                addressed.extend(new.into_iter().map(|user| (user, NoticeKind::Mention)));
            }
        }
        if let Some((former, owner)) = change.owners() {
            addressed.extend(owner.map(|owner| (owner, NoticeKind::Assigned)));
            addressed.extend(former.map(|former| (former, NoticeKind::Change)));
        }
        let is_creation = matches!(change, Change::ItemCreated { .. });
        if kind.is_some() || is_creation || !addressed.is_empty() {
            let (is_typing, is_assignment) = (change.text().is_some(), change.owners().is_some());
            happenings.push(Happening {
                item,
                seq,
                actor,
                at,
                kind,
                addressed,
                is_creation,
                is_assignment,
                is_typing,
            });
        }
    }
    Ok(())
}

/// Who is notified of what.
async fn drafts(backend: &Backend, room: RoomId, happenings: Vec<Happening>) -> Result<Vec<Draft>, Error> {
    if happenings.is_empty() {
        return Ok(Vec::new());
    }
    let db = backend.db.reader();
    let items = happenings.iter().map(|happening| happening.item).collect();
    let facts = Facts::read(db, room, &items).await?;
    let assigned: HashSet<ItemId> =
        happenings.iter().filter(|it| it.is_assignment).map(|it| it.item).collect();
    let mut drafts = Vec::new();
    for Happening { item, seq, actor, at, kind, addressed, is_creation, is_typing, .. } in happenings {
        let mut kinds: HashMap<UserId, NoticeKind> = HashMap::new();
        let watchers = facts.watchers(item, at).filter_map(|user| Some((user, kind?)));
        let owner = facts.owner(item).filter(|_| is_creation && !assigned.contains(&item));
        let owner = owner.map(|owner| (owner, NoticeKind::Assigned));
        for (user, kind) in addressed.into_iter().chain(owner).chain(watchers) {
            let is_own = matches!(kind, NoticeKind::Mention | NoticeKind::Assigned);
            if user != actor && (is_own || !facts.has_stopped(item, user)) {
                let known = kinds.entry(user).or_insert(kind);
                *known = (*known).min(kind);
            }
        }
        drafts.extend(kinds.into_iter().map(|(user, kind)| Draft {
            user,
            item,
            kind,
            seq,
            actor,
            at,
            is_typing,
        }));
    }
    let people: HashSet<UserId> = drafts.iter().map(|draft| draft.user).collect();
    if !people.is_empty() {
        let seen: HashSet<UserId> = members(db, room, Some(&people)).await?.into_iter().collect();
        drafts.retain(|draft| seen.contains(&draft.user));
    }
    Ok(drafts)
}

/// Stores how far logs were read that had nothing to notify of, now and then and all at once.
async fn store_places(backend: &Backend) -> Result<(), Error> {
    let places: Vec<(RoomId, u64)> = {
        let mut state = lock(&backend.inbox.0.state);
        // Not right at the start, when SQLite's log was just emptied of what an earlier process left.
        let is_due = state.stored.get_or_insert_with(Instant::now).elapsed() >= STORED_EVERY;
        if state.read.is_empty() || !is_due {
            return Ok(());
        }
        state.stored = Some(Instant::now());
        state.read.iter().map(|(room, seq)| (*room, *seq)).collect()
    };
    write::store_places(backend, &places).await?;
    lock(&backend.inbox.0.state).read.retain(|room, seq| !places.contains(&(*room, *seq)));
    Ok(())
}

/// Pages hear whose inbox changed, whichever process wrote it.
async fn notify_pages(backend: &Backend) -> Result<(), Error> {
    let db = backend.db.reader();
    let row = notice_place::Entity::find().filter(notice_place::Column::RoadmapId.eq("")).one(db).await?;
    let (number, workspace) = row.map_or((0, String::new()), |row| (row.seq, row.workspace_id));
    let heard = *lock(&backend.inbox.0.state).heard.get_or_insert(number);
    if heard >= number {
        return Ok(());
    }
    let users: Vec<String> = notice::Entity::find()
        .select_only()
        .column(notice::Column::UserId)
        .distinct()
        .filter(notice::Column::WorkspaceId.eq(workspace))
        .filter(notice::Column::N.gt(heard))
        .into_tuple()
        .all(db)
        .await?;
    let users: HashSet<UserId> = users.iter().map(|user| parse(user)).collect::<Result<_, _>>()?;
    backend.rooms.inbox_changed(&users);
    backend.stream.inbox_changed(&users);
    lock(&backend.inbox.0.state).heard = Some(number);
    Ok(())
}
