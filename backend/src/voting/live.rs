//! Telling open pages what happens to a session: when it changed, and at most four times a second.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    VotingId, WorkspaceId,
    voting::{Turnout, VotingNews},
};
use sea_orm::ConnectionTrait;
use tokio::sync::{Notify, watch};

use super::{
    record,
    session::{self, Session},
};
use crate::{Backend, Error, Viewer, WeakBackend, wake::Word};

/// How long changes are collected.
const PACE: Duration = Duration::from_millis(250);

/// How often it is looked for what other processes changed.
const INTERVAL: Duration = Duration::from_secs(1);

/// Who listens to which session.
#[derive(Debug, Default)]
pub(crate) struct Live {
    channels: Mutex<HashMap<VotingId, Channel>>,
    changed: Notify,
}

#[derive(Debug)]
struct Channel {
    workspace: WorkspaceId,
    news: watch::Sender<VotingNews>,
    /// What was told last.
    told: Signature,
}

impl Live {
    /// Something about a session changed.
    fn touch(&self, id: VotingId) {
        if self.lock().contains_key(&id) {
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<VotingId, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend {
    /// Something about a session changed: pages that listen are told, here and in other processes.
    pub(super) fn voting_changed(&self, id: VotingId) {
        self.voting.live.touch(id);
        self.rooms.say(Word::Votes);
    }

    /// Another process changed something about some session.
    pub(crate) fn hear_of_votes(&self) {
        self.voting.live.changed.notify_one();
    }
}

impl Viewer {
    /// A number that changes whenever it does who sees which product, and with it which sessions.
    pub fn subscribe_accesses(&self) -> watch::Receiver<u64> {
        self.backend.rooms.accesses()
    }

    /// Whether this person may still see a session.
    ///
    /// # Errors
    /// [`Error::NotFound`] otherwise.
    pub async fn check_voting(&self, id: VotingId) -> Result<(), Error> {
        self.visible(id).await.map(drop)
    }

    /// Listens to what happens to a session.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none that this person may see.
    pub async fn subscribe_voting(&self, id: VotingId) -> Result<watch::Receiver<VotingNews>, Error> {
        let session = self.visible(id).await?;
        subscribe(&self.backend, session.workspace, id).await
    }
}

pub(super) async fn subscribe(
    backend: &Backend,
    workspace: WorkspaceId,
    id: VotingId,
) -> Result<watch::Receiver<VotingNews>, Error> {
    let live = &backend.voting.live;
    if let Some(channel) = live.lock().get(&id) {
        return Ok(channel.news.subscribe());
    }
    let (told, news) = read(backend, workspace, id).await?;
    let mut channels = live.lock();
    // Somebody else may have come first.
    let channel =
        channels.entry(id).or_insert_with(|| Channel { workspace, news: watch::Sender::new(news), told });
    Ok(channel.news.subscribe())
}

pub(super) async fn run(backend: WeakBackend) {
    while let Some(strong) = backend.upgrade() {
        match tell(&strong).await {
            Err(_) if strong.db.is_closed() => return,
            Err(error) => tracing::warn!(?error, "open pages could not be told of a vote; it is tried again"),
            Ok(()) => {}
        }
        let live = strong.voting.live.clone();
        drop(strong);
        tokio::time::sleep(PACE).await;
        drop(tokio::time::timeout(INTERVAL - PACE, live.changed.notified()).await);
    }
}

async fn tell(backend: &Backend) -> Result<(), Error> {
    let live = &backend.voting.live;
    let open: Vec<(VotingId, WorkspaceId, Signature)> = {
        let mut channels = live.lock();
        channels.retain(|_, channel| channel.news.receiver_count() > 0);
        channels.iter().map(|(id, channel)| (*id, channel.workspace, channel.told)).collect()
    };
    for (id, workspace, told) in open {
        let session = match session::find(backend.db.reader(), workspace, id).await {
            Err(Error::NotFound(_)) => {
                // Deleted: who listened hears the end.
                live.lock().remove(&id);
                continue;
            }
            found => found?,
        };
        if signature(backend.db.reader(), &session).await? == told {
            continue;
        }
        let (told, news) = read(backend, workspace, id).await?;
        if let Some(channel) = live.lock().get_mut(&id) {
            channel.told = told;
            channel.news.send_if_modified(|last| {
                let modified = *last != news;
                *last = news;
                modified
            });
        }
    }
    Ok(())
}

/// What is another whenever there is something to tell: the revision, who may vote and who did, and how often.
type Signature = (u64, Turnout, i64);

async fn signature(db: &impl ConnectionTrait, session: &Session) -> Result<Signature, Error> {
    let casts = session::casts(db, session).await?;
    Ok((session.revision, session::turnout(db, session).await?, casts))
}

async fn read(
    backend: &Backend,
    workspace: WorkspaceId,
    id: VotingId,
) -> Result<(Signature, VotingNews), Error> {
    let tx = backend.db.begin_read().await?;
    let session = session::find(&tx, workspace, id).await?;
    let told = signature(&tx, &session).await?;
    let tally = match session.shows_standing() {
        true => match record::standing(&tx, &backend.voting, &session).await {
            // Without the key there is nothing to count.
            Err(Error::Conflict(_)) => None,
            standing => Some(standing?.tally),
        },
        false => None,
    };
    tx.rollback().await?;
    let (phase, revision, (_, turnout, _)) = (session.phase, session.revision, told);
    Ok((told, VotingNews { phase, revision, turnout, closes: session.draft.closes, tally }))
}
