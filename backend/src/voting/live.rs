//! Telling open pages what happens to a session: when it changed, and at most four times a second.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    VotingId, WorkspaceId,
    voting::{Phase, Secrecy, VotingNews},
};
use sea_orm::{ConnectionTrait, QuerySelect};
use tokio::sync::{Notify, watch};

use super::{
    record::{self, tally_of},
    session::{self, Session},
};
use crate::{Backend, Error, Viewer, WeakBackend, entity::voting_ballot};

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
    /// What was told last: revision, ballots, casts.
    told: (u64, i64, i64),
}

impl Live {
    /// Something about a session changed.
    pub(super) fn touch(&self, id: VotingId) {
        if self.lock().contains_key(&id) {
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<VotingId, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Viewer {
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
        if let Err(error) = tell(&strong).await {
            tracing::warn!(?error, "open pages could not be told of a vote; it is tried again");
        }
        let live = strong.voting.live.clone();
        drop(strong);
        tokio::time::sleep(PACE).await;
        drop(tokio::time::timeout(INTERVAL - PACE, live.changed.notified()).await);
    }
}

async fn tell(backend: &Backend) -> Result<(), Error> {
    let live = &backend.voting.live;
    let open: Vec<(VotingId, WorkspaceId, (u64, i64, i64))> = {
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

/// What is another whenever there is something to tell.
async fn signature(db: &impl ConnectionTrait, session: &Session) -> Result<(u64, i64, i64), Error> {
    let casts: Vec<i64> = session::ballots(session.workspace, session.id)
        .select_only()
        .column(voting_ballot::Column::Casts)
        .into_tuple()
        .all(db)
        .await?;
    let count = i64::try_from(casts.len()).unwrap_or(i64::MAX);
    Ok((session.revision, count, casts.iter().sum()))
}

async fn read(
    backend: &Backend,
    workspace: WorkspaceId,
    id: VotingId,
) -> Result<((u64, i64, i64), VotingNews), Error> {
    let tx = backend.db.begin_read().await?;
    let session = session::find(&tx, workspace, id).await?;
    let told = signature(&tx, &session).await?;
    let news = news(&tx, &session).await?;
    tx.rollback().await?;
    Ok((told, news))
}

async fn news(db: &impl ConnectionTrait, session: &Session) -> Result<VotingNews, Error> {
    let tally = match (session.draft.secrecy, session.phase) {
        (Secrecy::Open, Phase::Open) => Some(standing(db, session).await?),
        _ => None,
    };
    Ok(VotingNews {
        phase: session.phase,
        revision: session.revision,
        turnout: session::turnout(db, session).await?,
        closes: session.draft.closes,
        tally,
    })
}

/// The tally of an open session so far.
pub(super) async fn standing(
    db: &impl ConnectionTrait,
    session: &Session,
) -> Result<domain::voting::Tally, Error> {
    let rows = session::ballots(session.workspace, session.id).all(db).await?;
    let ballots = rows.iter().map(record::published).collect::<Result<Vec<_>, _>>()?;
    let draft = &session.draft;
    Ok(tally_of(&draft.rules, &draft.candidates, &ballots, draft.weighted))
}
