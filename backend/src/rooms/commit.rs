//! The committer: the one task of a process that writes operations. It takes what waits, of all rooms, decides it
//! and makes it durable in one transaction; while that is under way the next operations collect.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    ClientId, Timestamp, UserId,
    wire::{Acked, Pushed},
};
use sea_orm::DatabaseTransaction;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::{
    Database, Error,
    clock::now,
    exchange::Running,
    files,
    metrics::Metrics,
    people::channels::{self, SessionHash},
    wake::{Wakes, Word},
};

use super::{
    connection::Seat,
    decide::Work,
    moving::Moving,
    opening::{Opened, open},
    publish::Told,
    room::{Published, Room},
    rows::RoomId,
    store,
};

/// The most operations one transaction takes. More would not make it cheaper, only slower.
const MAX_OPS: usize = 256;

/// How long a database that does not answer is waited for. After that, what waits is given back to its senders.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Something for the committer to do.
#[derive(Debug)]
pub(super) enum Job {
    Push(Push),
    /// Another process may have written to this room.
    CatchUp(Arc<Room>),
    /// Finish what came before, then tell.
    Drain(oneshot::Sender<()>),
}

/// Operations of one page.
#[derive(Debug)]
pub(super) struct Push {
    pub(super) room: Arc<Room>,
    pub(super) user: UserId,
    /// The session that sent it, which must hold when it is committed.
    pub(super) session: Option<SessionHash>,
    pub(super) client: ClientId,
    /// When it is said to have happened; `None` for what happens now.
    pub(super) past: Option<Timestamp>,
    pub(super) ops: Vec<Pushed>,
    /// The history for which they were numbered; `None` for a caller, which knows of none.
    pub(super) epoch: Option<u64>,
    pub(super) reply: Reply,
    /// The import whose steps they are, which is done whole or not at all, and alone.
    pub(super) running: Option<Arc<Running>>,
    /// Where an item goes, instead of its operations. It is done alone, too.
    pub(super) moving: Option<Box<Moving>>,
    /// The room it takes among what waits.
    pub(super) _space: OwnedSemaphorePermit,
}

impl Push {
    /// Whether no other is done in the same transaction.
    fn is_alone(&self) -> bool {
        self.running.is_some() || self.moving.is_some()
    }
}

/// Where the answers go.
#[derive(Debug)]
pub(super) enum Reply {
    Page(Arc<Seat>),
    Caller(oneshot::Sender<Result<Vec<Acked>, Error>>),
}

impl Reply {
    /// Gives the push back undecided. The page says it again on its next connection.
    fn fail(self, error: Error) {
        match self {
            Reply::Page(seat) => {
                seat.cut(match error {
                    Error::Full(_) => super::Cut::Full,
                    Error::Unauthenticated(_) => super::Cut::SignedOut,
                    _ => super::Cut::Trouble,
                });
            }
            // A caller that has gone away does not mind.
            Reply::Caller(caller) => drop(caller.send(Err(error))),
        }
    }
}

/// What the publisher tells after a commit, in order.
#[derive(Debug)]
pub(super) enum News {
    /// A push without answers was numbered for another history, and is not decided.
    Committed {
        answers: Vec<(Reply, Option<Vec<Acked>>)>,
        rooms: Vec<Told>,
    },
    Drain(oneshot::Sender<()>),
}

/// To whom the committer speaks.
pub(super) struct Outside {
    pub(super) news: mpsc::Sender<News>,
    pub(super) wakes: Wakes,
    pub(super) metrics: Metrics,
}

pub(super) async fn run(db: Database, mut jobs: mpsc::Receiver<Job>, outside: Outside) {
    let mut waiting = VecDeque::new();
    let mut received = Vec::with_capacity(MAX_OPS);
    loop {
        if waiting.is_empty() {
            if jobs.recv_many(&mut received, MAX_OPS).await == 0 {
                return;
            }
        } else {
            // What is received here makes room for others to wait: no more than that.
            while waiting.len() + received.len() < MAX_OPS
                && let Ok(job) = jobs.try_recv()
            {
                received.push(job);
            }
        }
        waiting.extend(received.drain(..));
        match take(&mut waiting) {
            Taken::Batch(batch) => {
                let writes = !batch.pushes.is_empty();
                commit(&db, batch, &outside).await;
                if writes {
                    outside.wakes.say(Word::Rooms);
                }
            }
            Taken::Drain(done) => {
                if outside.news.send(News::Drain(done)).await.is_err() {
                    return;
                }
            }
        }
    }
}

enum Taken {
    Batch(Batch),
    Drain(oneshot::Sender<()>),
}

/// What one transaction is to do.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) pushes: Vec<Push>,
    pub(super) catch_up: Vec<Arc<Room>>,
}

fn take(waiting: &mut VecDeque<Job>) -> Taken {
    let mut batch = Batch::default();
    let mut ops = 0;
    let mut any = false;
    while let Some(job) = waiting.pop_front() {
        match job {
            Job::Push(push) if any && (ops + push.ops.len() > MAX_OPS || push.is_alone()) => {
                waiting.push_front(Job::Push(push));
                break;
            }
            Job::Push(push) if push.is_alone() => {
                batch.pushes.push(push);
                break;
            }
            Job::Push(push) => {
                ops += push.ops.len();
                batch.pushes.push(push);
            }
            Job::CatchUp(room) => batch.catch_up.push(room),
            Job::Drain(done) if any => {
                waiting.push_front(Job::Drain(done));
                break;
            }
            Job::Drain(done) => return Taken::Drain(done),
        }
        any = true;
    }
    Taken::Batch(batch)
}

/// Commits a batch, however often that has to be tried, and hands the news on.
async fn commit(db: &Database, batch: Batch, outside: &Outside) {
    let since = Instant::now();
    match persist(db, &batch).await {
        Ok(done) => tell(batch, done, since, outside).await,
        Err(error)
            if batch.pushes.len() + batch.catch_up.len() > 1
                && !matches!(error, Error::Unavailable(_) | Error::Full(_)) =>
        {
            // One of them is at fault; the others shall not suffer for it.
            tracing::error!(?error, "a commit failed; its parts are tried one by one");
            let alone = batch.pushes.into_iter().map(|push| Batch { pushes: vec![push], ..Batch::default() });
            let rooms =
                batch.catch_up.into_iter().map(|room| Batch { catch_up: vec![room], ..Batch::default() });
            for batch in alone.chain(rooms) {
                match persist(db, &batch).await {
                    Ok(done) => tell(batch, done, since, outside).await,
                    Err(error) => give_back(batch, &error),
                }
            }
        }
        Err(error) => give_back(batch, &error),
    }
}

fn give_back(batch: Batch, error: &Error) {
    if !matches!(error, Error::Cancelled | Error::Conflict(_)) {
        tracing::error!(?error, pushes = batch.pushes.len(), "operations could not be committed");
    }
    for push in batch.pushes {
        push.reply.fail(error.for_another());
    }
}

/// What a committed batch came to.
struct Done {
    works: Vec<Work>,
    /// For each push, in order.
    decisions: Vec<Decision>,
}

/// What becomes of a push.
enum Decision {
    Answered(Vec<Acked>),
    /// It was numbered for another history of the room; nothing of it is decided.
    OtherHistory,
    /// Its session has ended; nothing of it is decided.
    SignedOut,
}

impl Decision {
    fn answers(&self) -> &[Acked] {
        match self {
            Decision::Answered(answers) => answers,
            Decision::OtherHistory | Decision::SignedOut => &[],
        }
    }
}

/// Tries until it is durable, or the database has not answered for too long.
///
/// When a connection is lost while committing, nobody knows whether it was committed. The next attempt finds out: it
/// reads the cursors under lock, and what had been decided is answered from the log.
async fn persist(db: &Database, batch: &Batch) -> Result<Done, Error> {
    let since = Instant::now();
    let mut pause = Duration::from_millis(2);
    loop {
        let error = match attempt(db, batch).await {
            Err(error) if matches!(error, Error::Unavailable(_)) && since.elapsed() < PATIENCE => error,
            result => return result,
        };
        tracing::warn!(?error, "a commit is tried again");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn attempt(db: &Database, batch: &Batch) -> Result<Done, Error> {
    let running = batch.pushes.iter().find_map(|push| push.running.as_deref());
    running.map_or(Ok(()), Running::check)?;
    // Who only catches up with other processes stands in nobody's way.
    let tx = if batch.pushes.is_empty() { db.begin_read().await? } else { db.begin().await? };
    for push in &batch.pushes {
        if let Some(moving) = &push.moving {
            moving.hold_movable(&tx, push.room.id).await?;
        }
    }
    let Opened { mut works, sessions } = open(&tx, batch).await?;
    // After the rooms are locked: times follow the order of the log.
    let at = now();
    // A fault in `apply` must cost one push, not the committer.
    let decisions = catch_unwind(AssertUnwindSafe(|| decide(&mut works, batch, &sessions, at)))
        .map_err(|_| Error::internal("deciding an operation panicked"))?;
    let works: Vec<Work> = works.into_values().collect();
    if works.iter().any(Work::changed) {
        store::write(&tx, &works.iter().collect::<Vec<_>>(), at, running).await?;
        for push in &batch.pushes {
            carry_files(&tx, push, &works).await?;
        }
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(Done { works, decisions })
}

/// The files that a moved item names go along with it.
async fn carry_files(tx: &DatabaseTransaction, push: &Push, works: &[Work]) -> Result<(), Error> {
    let Some(moving) = &push.moving else { return Ok(()) };
    let Some(there) = works.iter().find(|work| work.room.id == moving.to.id && work.changed()) else {
        return Ok(());
    };
    let rooms = (push.room.id.roadmap, moving.to.id.roadmap);
    files::carry(tx, push.room.id.workspace, rooms, moving.item, &there.roadmap).await
}

fn decide(
    works: &mut BTreeMap<RoomId, Work>,
    batch: &Batch,
    sessions: &HashSet<SessionHash>,
    at: Timestamp,
) -> Vec<Decision> {
    let mut decisions = Vec::with_capacity(batch.pushes.len());
    for push in &batch.pushes {
        // Where an item goes is another room.
        let mut there = push.moving.as_ref().and_then(|moving| works.remove(&moving.to.id));
        let work = works.get_mut(&push.room.id).expect("every room of the batch was opened");
        // A former member is refused as such, once and for all.
        let has_left = !work.roles.contains_key(&push.user);
        let holds = has_left || push.session.is_none_or(|session| sessions.contains(&session));
        decisions.push(if !holds {
            Decision::SignedOut
        } else if push.epoch.is_some_and(|epoch| epoch != work.base.epoch) {
            Decision::OtherHistory
        } else {
            // Nobody wrote the comments of a file one by one, and those of three past months come at once.
            work.is_import = push.running.is_some() || push.past.is_some();
            let at = push.past.unwrap_or(at);
            Decision::Answered(match push.running {
                _ if push.moving.is_some() => {
                    let moving = push.moving.as_deref().zip(there.as_mut());
                    work.decide_move(moving, push.user, push.client, &push.ops, at)
                }
                Some(_) => work.decide_whole(push.user, push.client, &push.ops, at),
                None => work.decide(push.user, push.client, &push.ops, at),
            })
        });
        works.extend(there.map(|there| (there.room.id, there)));
    }
    decisions
}

async fn tell(batch: Batch, done: Done, since: Instant, outside: &Outside) {
    outside.metrics.committed(since, done.decisions.iter().flat_map(Decision::answers));
    let mut rooms = Vec::with_capacity(done.works.len());
    for work in done.works {
        outside.metrics.caught_up(&work.caught_up, now());
        work.room.paces.settle(work.spent, now());
        let mut entries = work.caught_up;
        entries.extend(work.entries.into_iter().map(|(entry, _)| entry));
        if entries.is_empty() && !work.reset {
            continue;
        }
        let published = Published { roadmap: Arc::new(work.roadmap), head: work.head, ..work.base };
        work.room.set_committed(published.clone());
        rooms.push(Told { room: work.room, published, entries, reset: work.reset });
    }
    let replies = batch.pushes.into_iter().map(|push| push.reply);
    let mut answers = Vec::with_capacity(done.decisions.len());
    for (reply, decision) in replies.zip(done.decisions) {
        match decision {
            Decision::Answered(acked) => answers.push((reply, Some(acked))),
            Decision::OtherHistory => answers.push((reply, None)),
            Decision::SignedOut => reply.fail(channels::ended()),
        }
    }
    if outside.news.send(News::Committed { answers, rooms }).await.is_err() {
        tracing::error!("nobody is left to publish what was committed");
    }
}
