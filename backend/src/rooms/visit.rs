//! What a member may do with a roadmap: look, come in, change.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bytes::Bytes;
use domain::{
    ClientId, CommentId, Document, Entry, ItemId, Op, Reject, Roadmap, RoadmapId, Role, Timestamp, UserId,
    wire::{Acked, Outcome, Peer, Pushed, Snapshot, Thread},
};
use sea_orm::EntityTrait;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    Bell, Connection, RoomId, Rooms, commit,
    moving::Moving,
    no_roadmap, not_loaded,
    room::{Audience, Room, frames, refetch},
    shutting_down,
};
use crate::{
    Error, Viewer,
    clock::{new_id, past},
    entity::product,
    exchange::Running,
};

/// A roadmap as its reader may see it, at a place in its log.
#[derive(Clone, Debug)]
pub struct View {
    pub roadmap: Arc<Roadmap>,
    /// What its reader may do in its product.
    pub role: Role,
    pub head: u64,
    pub epoch: u64,
}

/// What a page has of a room when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    pub roadmap: RoadmapId,
    pub client: ClientId,
    pub epoch: u64,
    pub have: u64,
    /// Whether no frame is to be in short form.
    pub plain: bool,
}

/// The most comments that a page may ask to find in its document.
const MOST_COMMENTS: usize = 256;

/// So many comments of an item are sent at once, and so many bytes of them.
const THREAD_COMMENTS: usize = 100;
const THREAD_BYTES: usize = 128 * 1024;

/// What a page gets when it comes.
#[derive(Debug)]
pub struct Joined {
    pub connection: Connection,
    /// What the person may do in the room.
    pub role: Role,
    pub head: u64,
    pub epoch: u64,
    /// Others who are there; in a crowd some of them.
    pub peers: Vec<Peer>,
    /// What later frames in short form name by their slots.
    pub slots: Vec<Uuid>,
    /// Frames with what the page missed, or the request to load the document again; to be sent before any other.
    pub tail: Vec<Bytes>,
}

/// What somebody did to a roadmap, and when.
#[derive(Debug)]
pub(crate) struct PastEdit {
    pub(crate) user: UserId,
    pub(crate) at: Timestamp,
    pub(crate) op: Op,
}

/// What the committer is to decide at once.
struct Submission {
    user: UserId,
    client: ClientId,
    past: Option<Timestamp>,
    ops: Vec<Pushed>,
    running: Option<Arc<Running>>,
    moving: Option<Box<Moving>>,
}

type Answer = oneshot::Receiver<Result<Vec<Acked>, Error>>;

impl Viewer {
    pub(super) fn rooms(&self) -> &Rooms {
        &self.backend.rooms
    }

    /// Opens a room, with the role that this person has in its product. Every way into a room is through here.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap, or its product does not exist for this person.
    pub(super) async fn enter(&self, roadmap: RoadmapId) -> Result<(Arc<Room>, Role), Error> {
        let room = self.rooms().open(RoomId { workspace: self.workspace(), roadmap }).await?;
        let product = room.committed().ok_or_else(not_loaded)?.product;
        let key = (self.workspace().to_string(), product.to_string());
        let row =
            product::Entity::find_by_id(key).one(self.backend.db.reader()).await?.ok_or_else(no_roadmap)?;
        let role = self.roles_in(&[row]).await?.remove(0).ok_or_else(no_roadmap)?;
        Ok((room, role))
    }

    /// A roadmap without what somebody with this role may not know of votes.
    pub(super) fn as_seen(&self, role: Role, roadmap: Arc<Roadmap>) -> Arc<Roadmap> {
        if role.sees_voters() { roadmap } else { Arc::new(roadmap.masked_for(self.member().id)) }
    }

    /// An entry without what somebody with this role may not know of votes.
    pub(super) fn entry_as_seen(&self, role: Role, entry: Entry) -> Entry {
        if role.sees_voters() { entry } else { entry.masked_for(self.member().id) }
    }

    /// The roadmap as the viewer may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn view(&self, roadmap: RoadmapId) -> Result<View, Error> {
        let (room, role) = self.enter(roadmap).await?;
        let published = room.state().published.clone().ok_or_else(not_loaded)?;
        let roadmap = self.as_seen(role, published.roadmap);
        Ok(View { roadmap, role, head: published.head, epoch: published.epoch })
    }

    /// The roadmap as a page starts from it: with the comments that the page names and the newest of one item, and the
    /// number of all others.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn snapshot(
        &self,
        roadmap: RoadmapId,
        comments: &[CommentId],
        item: Option<u32>,
    ) -> Result<Snapshot, Error> {
        let view = self.view(roadmap).await?;
        let mut held: HashSet<CommentId> = comments.iter().take(MOST_COMMENTS).copied().collect();
        if let Some(item) = item.and_then(|number| view.roadmap.item_numbered(number)) {
            let newest = view.roadmap.part_of_thread(item.id, None, THREAD_COMMENTS, THREAD_BYTES);
            held.extend(newest.iter().map(|comment| comment.id));
        }
        let document = Document::from(view.roadmap.holding(|comment| held.contains(&comment.id)));
        Ok(Snapshot { roadmap, epoch: view.epoch, head: view.head, document })
    }

    /// Comments of an item, older than the one given, or the newest.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn thread(
        &self,
        roadmap: RoadmapId,
        item: ItemId,
        before: Option<(Timestamp, CommentId)>,
    ) -> Result<Thread, Error> {
        let view = self.view(roadmap).await?;
        let comments = view.roadmap.part_of_thread(item, before, THREAD_COMMENTS, THREAD_BYTES);
        Ok(Thread { epoch: view.epoch, seq: view.head, comments })
    }

    /// Does operations for a member without a page, such as an import. Each is decided by itself, as if the member
    /// had pushed it; the answers are in order. Returns when they are durable.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap, [`Error::Busy`] when too much waits already,
    /// [`Error::Unavailable`] when the database is not there.
    pub async fn submit(&self, roadmap: RoadmapId, ops: Vec<Op>) -> Result<Vec<Acked>, Error> {
        self.push(roadmap, new_id(ClientId::new), ops, None).await
    }

    /// As [`Viewer::submit`], for what was planned from a file here: its comments have no pace, and it is done whole or not
    /// at all. Not when [`Viewer::claim_import`] was faster.
    ///
    /// # Errors
    /// As [`Viewer::submit`], and [`Error::Cancelled`] when the import was stopped or claimed before it was durable.
    pub(crate) async fn submit_import(
        &self,
        roadmap: RoadmapId,
        client: ClientId,
        ops: Vec<Op>,
        running: &Arc<Running>,
    ) -> Result<Vec<Acked>, Error> {
        let answers = self.push(roadmap, client, ops, Some(running.clone())).await?;
        match answers.first().map(|answer| &answer.outcome) {
            Some(Outcome::Refused(Reject::NotInBatch | Reject::OutOfOrder { .. })) => Err(Error::Cancelled),
            _ => Ok(answers),
        }
    }

    /// Takes the place of an import in the log, in whatever process it runs. Whether it got there first: the import is not
    /// done any more then. Otherwise it is, whole.
    ///
    /// # Errors
    /// As [`Viewer::submit`].
    pub(crate) async fn claim_import(&self, roadmap: RoadmapId, client: ClientId) -> Result<bool, Error> {
        // No import has such a step, and every roadmap refuses it. The number is taken all the same.
        let step = Op::Batch { ops: vec![Op::Batch { ops: Vec::new(), reason: None }], reason: None };
        let answers = self.push(roadmap, client, vec![step], None).await?;
        Ok(answers.iter().all(|answer| matches!(answer.outcome, Outcome::Refused(_))))
    }

    async fn push(
        &self,
        roadmap: RoadmapId,
        client: ClientId,
        ops: Vec<Op>,
        running: Option<Arc<Running>>,
    ) -> Result<Vec<Acked>, Error> {
        let (room, _) = self.enter(roadmap).await?;
        let user = self.member().id;
        let ops = (1..).zip(ops).map(|(cseq, op)| Pushed { cseq, op }).collect();
        let submission = Submission { user, client, past: past(), ops, running, moving: None };
        self.enqueue(room, submission)?.await.map_err(|_| shutting_down())?
    }

    /// As [`Viewer::submit`], for what several people did one after the other at times of their own: none may be earlier than
    /// the one before, or than the last entry of the log.
    pub(crate) async fn submit_past(
        &self,
        roadmap: RoadmapId,
        edits: Vec<PastEdit>,
    ) -> Result<Vec<Acked>, Error> {
        let (room, _) = self.enter(roadmap).await?;
        let mut pages: HashMap<UserId, (ClientId, u64)> = HashMap::new();
        let mut answers = Vec::with_capacity(edits.len());
        for PastEdit { user, at, op } in edits {
            let (client, cseq) = pages.entry(user).or_insert_with(|| (new_id(ClientId::new), 0));
            *cseq += 1;
            let ops = vec![Pushed { cseq: *cseq, op }];
            let submission =
                Submission { user, client: *client, past: Some(at), ops, running: None, moving: None };
            answers.push(self.enqueue(room.clone(), submission)?);
        }
        let mut all = Vec::with_capacity(answers.len());
        for answer in answers {
            all.extend(answer.await.map_err(|_| shutting_down())??);
        }
        Ok(all)
    }

    /// Moves an item to another room, in one step.
    pub(super) async fn submit_move(&self, roadmap: RoadmapId, moving: Moving) -> Result<Vec<Acked>, Error> {
        let (room, _) = self.enter(roadmap).await?;
        // It has a number, and would be refused. What is done instead is decided with both rooms at hand.
        let ops = vec![Pushed { cseq: 1, op: Op::batch(Vec::new()) }];
        let (user, client) = (self.member().id, new_id(ClientId::new));
        let moving = Some(Box::new(moving));
        let submission = Submission { user, client, past: None, ops, running: None, moving };
        self.enqueue(room, submission)?.await.map_err(|_| shutting_down())?
    }

    /// Gives operations to the committer; its answer comes when they are durable.
    fn enqueue(&self, room: Arc<Room>, submission: Submission) -> Result<Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let Submission { user, client, past, ops, running, moving } = submission;
        self.rooms().try_submit(ops, |ops, space| commit::Push {
            room,
            user,
            session: self.session.map(|session| session.hash),
            client,
            past,
            ops,
            epoch: None,
            reply: commit::Reply::Caller(reply),
            running,
            moving,
            _space: space,
        })?;
        Ok(answer)
    }

    /// Gives a page its place in a room, and what it missed. The bell rings whenever there is something for it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such roadmap.
    pub async fn join(&self, hello: Hello, bell: Bell) -> Result<Joined, Error> {
        let accesses = self.rooms().accesses();
        let now = Self { member: self.current_member().await?, ..self.clone() };
        let (room, role) = now.enter(hello.roadmap).await?;
        let user = self.member().id;
        let audience = if role.sees_voters() { Audience::Full } else { Audience::Masked(Some(user)) };
        // First the place, then the tail: what is committed from now on is queued.
        let (connection, published, peers, slots, tail) = {
            let mut state = room.state();
            let published = state.published.clone().ok_or_else(not_loaded)?;
            let tail = if hello.epoch != published.epoch || hello.have > published.head {
                Some(vec![refetch()])
            } else if hello.have == published.head {
                Some(Vec::new())
            } else {
                state.ring.after(hello.have).map(|entries| frames(entries, audience))
            };
            let slots = if hello.plain { Vec::new() } else { state.writer.slots() };
            let connection = Connection::take(
                self.rooms().clone(),
                room.clone(),
                &mut state.seats,
                (self, role),
                hello,
                bell,
            );
            let peers = connection.meet(&state);
            (connection, published, peers, slots, tail)
        };
        if accesses.has_changed().unwrap_or(false) {
            // The place was taken by a role that is another by now, perhaps, and nobody looked at it.
            self.rooms().look_at_roles();
        }
        let tail = match tail {
            Some(tail) => tail,
            None => self.rooms().tail(room.id, hello.have, &published, audience).await?,
        };
        Ok(Joined { connection, role, head: published.head, epoch: published.epoch, peers, slots, tail })
    }
}
