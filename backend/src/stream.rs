//! The stream of records: sends open pages what records have become, and that members or invitations changed.
//!
//! What changed is read from the audit log, in which every change of them is, whichever process made it: the server, another
//! one, or the command line. Nothing is lost, and while nobody listens nothing is read. A page resumes by its place in the log.
//! The latest changes are encoded once and kept for all pages; a page that reads more slowly than they are forgotten loads all
//! records again.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use bytes::Bytes;
use domain::{
    RecordDef, Role, UserId,
    wire::{ChangedRecord, Cursor, MAX_FRAME, ServerMessage, Topic},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::Notify;

use crate::{
    Backend, Error, Viewer, WeakBackend,
    codec::{hex, parse, signed, unsigned},
    entity::{audit, member, record},
    records,
    rooms::{self, Bell, Cut, FRAME, lock},
};

/// How often the log is looked at for what other processes did.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long changes are collected.
const PACE: Duration = Duration::from_millis(250);

/// Events read in one query.
const AT_ONCE: u64 = 1_000;

/// The most events of the log after which a page resumes, rather than load all records again.
const LONGEST_TAIL: u64 = 2_000;

/// The most changes that are kept for pages.
const KEPT: usize = 512;

/// The most bytes of them, and of what a page is sent when it resumes.
const KEPT_BYTES: usize = 512 * 1024;

/// Records asked about in one query.
const IDS_AT_ONCE: usize = 50;

/// A frame of changes, around their JSON.
const OPEN: &str = r#"{"records":{"changes":["#;
const CLOSE: &str = "]}}";

/// The stream of the workspace's records. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stream(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    changed: Notify,
    /// Held while the log is looked at, and while a page takes its place: none has a role that was looked at before.
    looking: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The last event that was looked at; `None` while nobody listens.
    head: Option<Cursor>,
    /// Changes after this event are all kept.
    since: u64,
    kept: VecDeque<Encoded>,
    bytes: usize,
    places: BTreeMap<u64, Place>,
    next: u64,
}

/// A changed record as JSON.
#[derive(Debug)]
struct Encoded {
    n: u64,
    text: String,
}

/// An open page.
#[derive(Debug)]
struct Place {
    user: UserId,
    role: Role,
    /// The event up to which it was sent what changed.
    at: u64,
    /// Members or invitations changed since it was last notified.
    members: bool,
    /// So did the inbox of the page's person.
    inbox: bool,
    cut: Option<Cut>,
    bell: Bell,
}

/// What the log has after an event.
struct News {
    head: Cursor,
    /// `None` when they are more than is kept for pages.
    changes: Option<Vec<Encoded>>,
    members: bool,
    /// The roles of present members, where one may have changed.
    roles: Option<HashMap<UserId, Role>>,
}

/// A page's place in the stream. Dropping it leaves the stream.
#[derive(Debug)]
pub struct Following {
    stream: Stream,
    number: u64,
}

/// What a page gets that takes a place in the stream.
#[derive(Debug)]
pub struct Followed {
    pub following: Following,
    /// As whom the page follows.
    pub role: Role,
    /// From where on changes follow, those that the page missed before aside.
    pub cursor: Cursor,
    /// What it missed, as frames.
    pub tail: Vec<Bytes>,
}

impl Stream {
    /// Has the log looked at now.
    pub(crate) fn wake(&self) {
        self.0.changed.notify_one();
    }

    /// Tells open pages of these people that their inbox changed.
    pub(crate) fn inbox_changed(&self, users: &HashSet<UserId>) {
        for place in self.state().places.values_mut().filter(|place| users.contains(&place.user)) {
            place.inbox = true;
            place.bell.ring();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

impl Viewer {
    /// The workspace's last event: records that are read afterwards are as it has left them, or later.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn cursor(&self) -> Result<Cursor, Error> {
        last_cursor(self.backend.db.reader(), &self.workspace.to_string()).await
    }

    /// Gives a page a place in the stream of records, and what it missed since it read them. The bell rings whenever there is
    /// something for it.
    ///
    /// # Errors
    /// When the person is not a member any more, or the database cannot be reached.
    pub async fn follow_records(&self, since: Option<Cursor>, bell: Bell) -> Result<Followed, Error> {
        let (stream, workspace) = (self.backend.stream.clone(), self.workspace.to_string());
        let (following, role, cursor) = {
            let _looking = stream.0.looking.lock().await;
            let followed = stream.state().head.clone();
            let head = match followed {
                Some(head) => head,
                None => self.cursor().await?,
            };
            let member = self.current_member().await?;
            let (user, role, at) = (member.id, member.role, head.n);
            let place = Place { user, role, at, members: false, inbox: false, cut: None, bell };
            let following =
                Following { number: stream.state().add_place(&head, place), stream: stream.clone() };
            (following, role, head)
        };
        let tail = match &since {
            Some(since) => self.missed(&workspace, since, &cursor).await?,
            None => Vec::new(),
        };
        Ok(Followed { following, role, cursor, tail })
    }

    /// What changed between two events, as frames; the request to load all records where that cannot be said, or is much.
    async fn missed(&self, workspace: &str, since: &Cursor, head: &Cursor) -> Result<Vec<Bytes>, Error> {
        let tx = self.backend.db.begin_read().await?;
        let known = since.n == 0 || cursor_at(&tx, workspace, since.n).await?.as_ref() == Some(since);
        if !known || head.n.saturating_sub(since.n) > LONGEST_TAIL {
            return Ok(vec![rooms::refetch()]);
        }
        if head.n <= since.n {
            return Ok(Vec::new());
        }
        let events = events(&tx, workspace, since.n, Some(head.n)).await?;
        let changes = changes(&tx, workspace, &events).await?;
        tx.rollback().await?;
        let Some(changes) = changes else { return Ok(vec![rooms::refetch()]) };
        let mut frames = Vec::new();
        let mut rest = &changes[..];
        while !rest.is_empty() {
            let (frame, count) = frame(rest.iter());
            frames.push(frame);
            rest = &rest[count..];
        }
        Ok(frames)
    }
}

impl Following {
    /// Whether the place is taken away, and why.
    pub fn is_cut(&self) -> Option<Cut> {
        self.stream.state().places.get(&self.number).and_then(|place| place.cut)
    }

    /// The next frame, if there is something to send.
    pub fn ready(&self) -> Option<Bytes> {
        self.stream.state().ready(self.number)
    }

    /// The last event that was looked at.
    pub fn head(&self) -> u64 {
        self.stream.state().head.as_ref().map_or(0, |head| head.n)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stream.state().places.remove(&self.number);
    }
}

impl State {
    /// Takes a place at `head`, the last event that was looked at, or from which on changes are to be kept.
    fn add_place(&mut self, head: &Cursor, place: Place) -> u64 {
        if self.head.is_none() {
            (self.since, self.head) = (head.n, Some(head.clone()));
        }
        self.next += 1;
        self.places.insert(self.next, place);
        self.next
    }

    /// The last event that was looked at, while somebody listens; otherwise forgets what was kept.
    fn head_while_followed(&mut self) -> Option<Cursor> {
        if self.places.is_empty() {
            (self.head, self.kept, self.bytes) = (None, VecDeque::new(), 0);
        }
        self.head.clone()
    }

    fn publish(&mut self, news: News) {
        let News { head, changes, members, roles } = news;
        let is_new = changes.as_ref().is_none_or(|changes| !changes.is_empty());
        match changes {
            Some(changes) => changes.into_iter().for_each(|change| self.retain(change)),
            None => (self.since, self.kept, self.bytes) = (head.n, VecDeque::new(), 0),
        }
        self.head = Some(head);
        for place in self.places.values_mut() {
            place.members |= members;
            if roles.as_ref().is_some_and(|roles| roles.get(&place.user) != Some(&place.role)) {
                place.cut = Some(Cut::Permissions);
            }
            if is_new || members || place.cut.is_some() {
                place.bell.ring();
            }
        }
    }

    fn retain(&mut self, change: Encoded) {
        self.bytes += change.text.len();
        self.kept.push_back(change);
        while self.kept.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.text.len();
            self.since = oldest.n;
        }
    }

    fn ready(&mut self, number: u64) -> Option<Bytes> {
        let Self { head, since, kept, places, .. } = self;
        let place = places.get_mut(&number).filter(|place| place.cut.is_none())?;
        if std::mem::take(&mut place.members) {
            return Some(rooms::encode(&ServerMessage::Changed { topic: Topic::Members }));
        }
        if std::mem::take(&mut place.inbox) {
            return Some(rooms::encode(&ServerMessage::Changed { topic: Topic::Inbox }));
        }
        let head = head.as_ref()?.n;
        if place.at < *since {
            place.at = head;
            return Some(rooms::refetch());
        }
        let first = kept.partition_point(|change| change.n <= place.at);
        if first == kept.len() {
            place.at = place.at.max(head);
            return None;
        }
        let (frame, count) = frame(kept.range(first..));
        place.at = kept[first + count - 1].n;
        Some(frame)
    }
}

impl Encoded {
    /// Whether a frame can hold it.
    fn fits(&self) -> bool {
        OPEN.len() + self.text.len() + CLOSE.len() <= MAX_FRAME
    }
}

/// As many changes as a frame may hold, or one alone, and how many they are.
fn frame<'a>(changes: impl Iterator<Item = &'a Encoded>) -> (Bytes, usize) {
    let mut frame = String::from(OPEN);
    let mut count = 0;
    for change in changes {
        if count > 0 {
            if frame.len() + 1 + change.text.len() + CLOSE.len() > FRAME {
                break;
            }
            frame.push(',');
        }
        frame.push_str(&change.text);
        count += 1;
    }
    (Bytes::from(frame + CLOSE), count)
}

/// Sends pages what changes, until the backend ends.
pub(crate) async fn run(backend: WeakBackend) {
    while let Some(strong) = backend.upgrade() {
        match read_log(&strong).await {
            Err(_) if strong.db.is_closed() => return,
            Err(error) => {
                tracing::warn!(?error, "open pages could not be sent what changed; it is tried again");
            }
            Ok(()) => {}
        }
        let stream = strong.stream.clone();
        drop(strong);
        tokio::time::sleep(PACE).await;
        drop(tokio::time::timeout(INTERVAL - PACE, stream.0.changed.notified()).await);
    }
}

async fn read_log(backend: &Backend) -> Result<(), Error> {
    let stream = &backend.stream;
    let _looking = stream.0.looking.lock().await;
    let Some(seen) = stream.state().head_while_followed() else { return Ok(()) };
    let Some(workspace) = backend.people().workspace().await? else { return Ok(()) };
    let workspace = workspace.id.to_string();
    let tx = backend.db.begin_read().await?;
    let events = events(&tx, &workspace, seen.n, None).await?;
    let Some(newest) = events.last() else { return Ok(tx.rollback().await?) };
    if events.len() as u64 == AT_ONCE {
        stream.wake();
    }
    let is_of = |kind: &str| events.iter().any(|event| event.action.starts_with(kind));
    let roles = if is_of("member.") { Some(roles(&tx, &workspace).await?) } else { None };
    let news = News {
        head: newest.cursor()?,
        changes: changes(&tx, &workspace, &events).await?,
        members: is_of("member.") || is_of("invitation."),
        roles,
    };
    tx.rollback().await?;
    stream.state().publish(news);
    Ok(())
}

/// What of an event is read here.
#[derive(sea_orm::FromQueryResult)]
struct Event {
    n: i64,
    action: String,
    object: String,
    hash: Vec<u8>,
}

impl Event {
    fn cursor(&self) -> Result<Cursor, Error> {
        Ok(Cursor { n: unsigned(self.n)?, hash: hex(self.hash.get(..8).unwrap_or(&self.hash)) })
    }
}

fn query(workspace: &str) -> sea_orm::Select<audit::Entity> {
    audit::Entity::find()
        .select_only()
        .columns([audit::Column::N, audit::Column::Action, audit::Column::Object, audit::Column::Hash])
        .filter(audit::Column::WorkspaceId.eq(workspace))
}

/// Events after one: up to another, or the next of them.
async fn events(
    db: &impl ConnectionTrait,
    workspace: &str,
    after: u64,
    to: Option<u64>,
) -> Result<Vec<Event>, Error> {
    let rows = query(workspace).filter(audit::Column::N.gt(signed(after))).order_by_asc(audit::Column::N);
    let rows = match to {
        Some(to) => rows.filter(audit::Column::N.lte(signed(to))),
        None => rows.limit(AT_ONCE),
    };
    Ok(rows.into_model().all(db).await?)
}

async fn cursor_at(db: &impl ConnectionTrait, workspace: &str, n: u64) -> Result<Option<Cursor>, Error> {
    let event = query(workspace).filter(audit::Column::N.eq(signed(n))).into_model::<Event>().one(db).await?;
    event.map(|event| event.cursor()).transpose()
}

async fn last_cursor(db: &impl ConnectionTrait, workspace: &str) -> Result<Cursor, Error> {
    let event = query(workspace).order_by_desc(audit::Column::N).into_model::<Event>().one(db).await?;
    event.map_or_else(|| Ok(Cursor::default()), |event| event.cursor())
}

/// The records that events are about, each as it is, at the place of its last event. Those of a newer program's kinds are left
/// out. `None` when they are more than [`KEPT_BYTES`], or one is more than a frame.
async fn changes(
    db: &impl ConnectionTrait,
    workspace: &str,
    events: &[Event],
) -> Result<Option<Vec<Encoded>>, Error> {
    let mut cursors: HashMap<&str, Cursor> = HashMap::new();
    for event in events.iter().filter(|event| event.action.starts_with("record.")) {
        cursors.insert(&event.object, event.cursor()?);
    }
    let ids: Vec<&str> = cursors.keys().copied().collect();
    let (mut changes, mut bytes) = (Vec::new(), 0);
    for some in ids.chunks(IDS_AT_ONCE) {
        let rows = record::Entity::find()
            .filter(record::Column::WorkspaceId.eq(workspace))
            .filter(record::Column::Id.is_in(some.iter().copied()))
            .all(db)
            .await?;
        for row in rows {
            // What belongs to a product is not for everybody.
            let def = RecordDef::find(&row.kind).filter(|def| def.is_of_workspace());
            let (Some(def), Some(cursor)) = (def, cursors.get(&*row.id)) else {
                continue;
            };
            let kind = def.kind.to_owned();
            let change = ChangedRecord { cursor: cursor.clone(), kind, record: records::read(row)? };
            let text = serde_json::to_string(&change).map_err(Error::internal)?;
            let encoded = Encoded { n: change.cursor.n, text };
            bytes += encoded.text.len();
            if bytes > KEPT_BYTES || !encoded.fits() {
                return Ok(None);
            }
            changes.push(encoded);
        }
    }
    changes.sort_by_key(|change| change.n);
    Ok(Some(changes))
}

async fn roles(db: &impl ConnectionTrait, workspace: &str) -> Result<HashMap<UserId, Role>, Error> {
    let rows = member::Entity::find()
        .filter(member::Column::WorkspaceId.eq(workspace))
        .filter(member::Column::RemovedMs.is_null())
        .all(db)
        .await?;
    rows.iter().map(|row| Ok((parse(&row.user_id)?, parse(&row.role)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(n: u64, bytes: usize) -> Encoded {
        Encoded { n, text: "7".repeat(bytes) }
    }

    fn cursor(n: u64) -> Cursor {
        Cursor { n, hash: String::new() }
    }

    /// A stream at event 10, and the number of a page that is there, too.
    fn followed() -> (State, u64) {
        let mut state = State::default();
        let (user, role, bell) = (UserId::NIL, Role::Viewer, Bell::default());
        let number = state.add_place(
            &cursor(10),
            Place { user, role, at: 10, members: false, inbox: false, cut: None, bell },
        );
        (state, number)
    }

    fn tell(state: &mut State, changes: Vec<Encoded>) {
        let head = cursor(changes.last().map_or(0, |change| change.n));
        let changes = changes.iter().all(Encoded::fits).then_some(changes);
        state.publish(News { head, changes, members: false, roles: None });
    }

    #[test]
    fn changes_come_in_frames_of_a_bounded_length_and_once() {
        let (mut state, page) = followed();
        assert_eq!(state.ready(page), None);
        tell(&mut state, (11..=20).map(|n| change(n, 4_000)).collect());
        let mut lengths = Vec::new();
        while let Some(frame) = state.ready(page) {
            lengths.push(frame.len());
        }
        assert_eq!(lengths.len(), 3);
        assert!(lengths.iter().all(|length| *length <= FRAME), "{lengths:?}");
        tell(&mut state, vec![change(21, 100_000)]);
        assert_eq!(state.ready(page).map(|frame| frame.len()), Some(100_000 + OPEN.len() + CLOSE.len()));
        assert_eq!(state.ready(page), None);
    }

    #[test]
    fn a_page_that_reads_too_slowly_loads_all_records_again() {
        for (many, bytes) in [(KEPT as u64 + 1, 10), (6, 100_000), (1, MAX_FRAME)] {
            let (mut state, page) = followed();
            for n in 0..many {
                tell(&mut state, vec![change(11 + n, bytes)]);
            }
            assert!(state.kept.len() <= KEPT && state.bytes <= KEPT_BYTES);
            assert_eq!(state.ready(page), Some(rooms::refetch()));
            assert_eq!(state.ready(page), None);
            tell(&mut state, vec![change(11 + many, 10)]);
            assert!(state.ready(page).is_some_and(|frame| frame.starts_with(OPEN.as_bytes())));
        }
    }

    #[test]
    fn nothing_is_kept_while_nobody_listens() {
        let (mut state, page) = followed();
        tell(&mut state, vec![change(11, 10)]);
        assert_eq!(state.head_while_followed(), Some(cursor(11)));
        state.places.remove(&page);
        assert_eq!(state.head_while_followed(), None);
        assert!(state.kept.is_empty() && state.bytes == 0);
    }
}
