//! Live channels end with the session that opened them: signed out, replaced, expired, or its person removed.
//!
//! Each channel watches the hash of its session's secret. Ending a session notifies the channels of this process
//! directly and other processes by [`Word::Session`]; a notification that is lost is made up for by a look at the table once
//! a second. The commit of an operation reads the session itself, so nothing depends on how fast a channel closes.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryResult, QuerySelect,
    QueryTrait,
    sea_query::{LockType, SelectStatement},
};
use tokio::sync::watch;

use crate::{
    Backend, Error, Viewer, WeakBackend,
    clock::now,
    db::padded,
    entity::{session, voting_voter, workspace},
    wake::Word,
};

/// How often sessions that other processes may have ended are looked for.
const INTERVAL: Duration = Duration::from_secs(1);

/// As [`INTERVAL`], where no other process serves the database; somebody may still empty its table.
const INTERVAL_ALONE: Duration = Duration::from_secs(60);

/// Sessions asked about in one query.
const AT_ONCE: usize = 5_000;

/// The longest a channel sleeps before it reads the clock again, which somebody may have set.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// SHA-256 of a session's secret, as the table keeps it.
pub(crate) type SessionHash = [u8; 32];

/// The session of a member who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionKey {
    pub(crate) hash: SessionHash,
    pub(crate) expires: Timestamp,
}

/// Sessions with live channels in this process.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    watched: Mutex<HashMap<SessionHash, watch::Sender<bool>>>,
}

impl Channels {
    /// Ends every channel of a session.
    pub(crate) fn end(&self, hash: &SessionHash) {
        if let Some(sender) = self.lock().get(hash) {
            sender.send_replace(true);
        }
    }

    fn watch(self: &Arc<Self>, hash: SessionHash, expires: Option<Timestamp>) -> SessionWatch {
        let ended = self.lock().entry(hash).or_default().subscribe();
        SessionWatch { channels: self.clone(), hash, expires, ended }
    }

    fn hashes(&self) -> Vec<SessionHash> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionHash, watch::Sender<bool>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A live channel's hold on its session.
#[derive(Debug)]
pub struct SessionWatch {
    channels: Arc<Channels>,
    hash: SessionHash,
    expires: Option<Timestamp>,
    ended: watch::Receiver<bool>,
}

impl SessionWatch {
    /// Waits until the session has ended or expired. Can be dropped while waiting, and called again.
    pub async fn ended(&mut self) {
        loop {
            let left = self.expires.map(|expires| u64::try_from(expires.0 - now().0).unwrap_or(0));
            if left == Some(0) {
                return;
            }
            let sleep = left.map_or(LONGEST_SLEEP, |left| Duration::from_millis(left).min(LONGEST_SLEEP));
            tokio::select! {
                // An error means that nobody is left to end it.
                _ = self.ended.wait_for(|ended| *ended) => return,
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }
}

impl Drop for SessionWatch {
    fn drop(&mut self) {
        let mut watched = self.channels.lock();
        // Under the lock: of two that end at once the second finds that nobody is left.
        self.ended = watch::Sender::new(true).subscribe();
        if watched.get(&self.hash).is_some_and(|sender| sender.receiver_count() == 0) {
            watched.remove(&self.hash);
        }
    }
}

impl Viewer {
    /// Watches the session for a live channel. `None` for what the program does by itself, without a session.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the session has ended already.
    pub async fn watch_session(&self) -> Result<Option<SessionWatch>, Error> {
        let Some(SessionKey { hash, expires }) = self.session else { return Ok(None) };
        self.backend.watch_session(hash, Some(expires)).await.map(Some)
    }
}

impl Backend {
    /// Watches a session first and then looks whether it is there, so that no end falls in between.
    pub(crate) async fn watch_session(
        &self,
        hash: SessionHash,
        expires: Option<Timestamp>,
    ) -> Result<SessionWatch, Error> {
        let watch = self.people.channels.watch(hash, expires);
        if find(self, &[hash]).await?.is_empty() { Err(ended()) } else { Ok(watch) }
    }

    /// Ends the live channels of sessions that ended, here and in other processes.
    pub(crate) fn sessions_ended(&self, hashes: &[SessionHash]) {
        for hash in hashes {
            self.people.channels.end(hash);
            self.rooms.say(Word::Session(*hash));
        }
    }

    /// Ends the live channels of a session that another process ended.
    pub(crate) fn hear_of_session(&self, hash: &SessionHash) {
        self.people.channels.end(hash);
    }
}

/// The answer to a request whose session ended under way.
pub(crate) fn ended() -> Error {
    Error::Unauthenticated("You are not signed in any more. Sign in and try again.".into())
}

/// The hash as a table has it.
pub(crate) fn hash_of(bytes: &[u8]) -> Result<SessionHash, Error> {
    bytes.try_into().map_err(|_| Error::internal("a session's hash has not 32 bytes"))
}

/// Which of these sessions hold, locked until the transaction ends: signing out waits for it, or it for signing out.
pub(crate) async fn lock_sessions(
    tx: &DatabaseTransaction,
    hashes: &HashSet<SessionHash>,
    at: Timestamp,
) -> Result<HashSet<SessionHash>, Error> {
    match locking(hashes, at) {
        Some(query) => tx.query_all(&query).await?.iter().map(locked).collect(),
        None => Ok(HashSet::new()),
    }
}

/// The query of [`lock_sessions`], unless nothing is asked.
pub(crate) fn locking(hashes: &HashSet<SessionHash>, at: Timestamp) -> Option<SelectStatement> {
    // The one there is; the table's key begins with it.
    let workspace = workspace::Entity::find().select_only().column(workspace::Column::Id).into_query();
    let query = session::Entity::find()
        .select_only()
        .column(session::Column::TokenHash)
        .filter(session::Column::WorkspaceId.in_subquery(workspace))
        .filter(session::Column::TokenHash.is_in(padded(hashes.iter().map(|hash| hash.to_vec()))))
        .filter(session::Column::ExpiresMs.gt(at.0))
        .lock(LockType::Share);
    (!hashes.is_empty()).then(|| query.into_query())
}

/// A session in the answer to [`locking`].
pub(crate) fn locked(row: &QueryResult) -> Result<SessionHash, Error> {
    hash_of(&row.try_get::<Vec<u8>>("", "token_hash")?)
}

/// Which of these are sessions of members or guests.
async fn find(backend: &Backend, hashes: &[SessionHash]) -> Result<HashSet<SessionHash>, Error> {
    let db = backend.db.reader();
    let Some(workspace) = backend.people().workspace().await? else { return Ok(HashSet::new()) };
    let workspace = workspace.id.to_string();
    let mut found = HashSet::new();
    for some in hashes.chunks(AT_ONCE) {
        let some = || some.iter().map(|hash| hash.to_vec());
        let members: Vec<Vec<u8>> = session::Entity::find()
            .select_only()
            .column(session::Column::TokenHash)
            .filter(session::Column::WorkspaceId.eq(&workspace))
            .filter(session::Column::TokenHash.is_in(some()))
            .into_tuple()
            .all(db)
            .await?;
        let guests: Vec<Vec<u8>> = voting_voter::Entity::find()
            .select_only()
            .column(voting_voter::Column::TokenHash)
            .filter(voting_voter::Column::WorkspaceId.eq(&workspace))
            .filter(voting_voter::Column::TokenHash.is_in(some()))
            .filter(voting_voter::Column::RemovedMs.is_null())
            .into_tuple()
            .all(db)
            .await?;
        for hash in members.iter().chain(&guests) {
            found.insert(hash_of(hash)?);
        }
    }
    Ok(found)
}

/// Looks for sessions that other processes ended, until the backend ends.
pub(crate) async fn run(backend: WeakBackend, shared: bool) {
    loop {
        tokio::time::sleep(if shared { INTERVAL } else { INTERVAL_ALONE }).await;
        let Some(backend) = backend.upgrade() else { return };
        match look(&backend).await {
            Err(_) if backend.db.is_closed() => return,
            Err(error) => tracing::warn!(?error, "looking for ended sessions failed; it is tried again"),
            Ok(()) => {}
        }
    }
}

async fn look(backend: &Backend) -> Result<(), Error> {
    let watched = backend.people.channels.hashes();
    if watched.is_empty() {
        return Ok(());
    }
    let found = find(backend, &watched).await?;
    for hash in watched.iter().filter(|hash| !found.contains(*hash)) {
        backend.people.channels.end(hash);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    const HASH: SessionHash = [7; 32];

    #[tokio::test]
    async fn every_channel_of_a_session_ends_with_it_and_none_is_remembered() {
        let channels = Arc::new(Channels::default());
        let (mut one, mut two) = (channels.watch(HASH, None), channels.watch(HASH, None));
        let mut other = channels.watch([8; 32], None);
        channels.end(&HASH);
        one.ended().await;
        two.ended().await;
        assert!(tokio::time::timeout(Duration::from_millis(20), other.ended()).await.is_err());
        drop((one, two, other));
        assert!(channels.lock().is_empty());
    }

    #[test]
    fn channels_that_end_at_once_leave_nothing() {
        for _ in 0..2_000 {
            let channels = Arc::new(Channels::default());
            let watches = [(); 2].map(|()| channels.watch(HASH, None));
            let together = Barrier::new(watches.len());
            std::thread::scope(|scope| {
                for watch in watches {
                    scope.spawn(|| {
                        together.wait();
                        drop(watch);
                    });
                }
            });
            assert!(channels.lock().is_empty());
        }
    }

    #[tokio::test]
    async fn a_channel_ends_when_its_session_expires() {
        let channels = Arc::new(Channels::default());
        let mut later = channels.watch(HASH, Some(Timestamp(now().0 + 60_000)));
        assert!(tokio::time::timeout(Duration::from_millis(20), later.ended()).await.is_err());
        let mut soon = channels.watch(HASH, Some(Timestamp(now().0 + 30)));
        soon.ended().await;
        assert!(now() >= soon.expires.unwrap());
    }
}
