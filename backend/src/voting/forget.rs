//! Removing the traces of a session that was closed: its key, and what the database's files hold of its rows.

use std::time::{Duration, Instant};

use domain::VotingId;
use sea_orm::{ConnectionTrait, DbBackend};

use crate::{Backend, Error, WeakBackend};

/// Between two attempts, while readers hold the log.
const RETRY: Duration = Duration::from_millis(500);

/// After this time it is a warning that traces are still there.
const LONG: Duration = Duration::from_secs(60);

/// How many pseudonyms are searched for in the log.
pub(super) const TRACES: usize = 8;

/// Destroys the key, so that what is left of the ballots anywhere can be read by nobody, and then what is left here. While
/// somebody reads the log the second goes on in the background; `traces` are bytes that must no longer be in it.
pub(super) async fn forget(backend: &Backend, id: VotingId, traces: Vec<Vec<u8>>) {
    // The sweep tries again.
    if let Err(error) = backend.voting.keys.destroy(id) {
        tracing::error!(%error, %id, "the key of a closed voting session could not be removed");
    }
    backend.voting.removing().insert(id);
    if !attempt(backend, id, &traces).await {
        clear(backend, id, traces);
    }
}

/// Removes what the database's files hold of rows that were deleted, in the background until it is done.
pub(super) fn clear(backend: &Backend, id: VotingId, traces: Vec<Vec<u8>>) {
    let weak = backend.weak();
    tokio::spawn(async move {
        let (begun, mut warned) = (Instant::now(), false);
        loop {
            tokio::time::sleep(RETRY).await;
            let Some(backend) = weak.upgrade() else { return };
            if attempt(&backend, id, &traces).await || backend.db.is_closed() {
                return;
            }
            if !warned && begun.elapsed() > LONG {
                warned = true;
                tracing::warn!(%id, "encrypted rows of a closed voting session are still in the log: somebody reads it");
            }
        }
    });
}

/// Empties the log once, in the background until it is done: an earlier process may have ended between a close and that.
pub(super) fn clear_left(weak: WeakBackend) {
    tokio::spawn(async move {
        while let Some(backend) = weak.upgrade().filter(|backend| !backend.db.is_closed()) {
            match backend.db.truncate_log().await {
                Ok(true) => return,
                Ok(false) => {}
                // What it holds of ballots is encrypted, and the next start tries again.
                Err(error) => {
                    return tracing::warn!(%error, "the log of an earlier process could not be emptied");
                }
            }
            drop(backend);
            tokio::time::sleep(RETRY).await;
        }
    });
}

async fn attempt(backend: &Backend, id: VotingId, traces: &[Vec<u8>]) -> bool {
    match remove(backend, traces).await {
        Ok(true) => {
            backend.voting.removing().remove(&id);
            backend.voting_changed(id);
            true
        }
        Ok(false) => false,
        Err(error) => {
            tracing::warn!(?error, %id, "traces of a closed voting session could not be removed; it is tried again");
            false
        }
    }
}

async fn remove(backend: &Backend, traces: &[Vec<u8>]) -> Result<bool, Error> {
    match backend.db.backend() {
        DbBackend::Sqlite => {
            if !backend.db.truncate_log().await? {
                return Ok(false);
            }
            let log = backend.db.read_log().await.map_err(Error::internal)?;
            Ok(!traces.iter().any(|trace| log.windows(trace.len()).any(|part| part == trace)))
        }
        _ => {
            backend
                .db
                .writer()
                .execute_unprepared("VACUUM voting, voting_ballot, voting_cast, voting_count")
                .await?;
            Ok(true)
        }
    }
}
