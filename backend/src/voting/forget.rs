//! Removing the traces of a session that was closed: its key, and what the database's files hold of its rows.

use std::time::{Duration, Instant};

use domain::VotingId;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use crate::{Backend, Error, WeakBackend};

/// Between two attempts, while readers hold the log.
const RETRY: Duration = Duration::from_millis(500);

/// After this time it is a warning that traces are still there.
const LONG: Duration = Duration::from_secs(60);

/// The number of the next transaction.
const FIRST_AFTER: &str = "SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text";

/// How many connections to this database see it as it was before the transaction `$1`.
const OLDER: &str = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() \
                     AND pid <> pg_backend_pid() AND age(backend_xmin) > age($1::text::xid)";

/// How many pseudonyms are searched for in the log.
pub(super) const TRACES: usize = 8;

/// What is left in the database's files of rows that were deleted.
struct Left {
    /// Bytes that must no longer be in SQLite's log.
    traces: Vec<Vec<u8>>,
    /// The first transaction of PostgreSQL that began after the rows were deleted, once it is known.
    after: Option<String>,
}

impl Left {
    fn of(traces: Vec<Vec<u8>>) -> Self {
        Self { traces, after: None }
    }
}

/// Destroys the key, so that what is left of the ballots anywhere can be read by nobody, and then what is left here. While
/// somebody reads the log, or the rows as they were, the second goes on in the background; `traces` are bytes that must no
/// longer be in the log.
pub(super) async fn forget(backend: &Backend, id: VotingId, traces: Vec<Vec<u8>>) {
    // The sweep tries again.
    if let Err(error) = backend.voting.keys.destroy(id) {
        tracing::error!(%error, %id, "the key of a closed voting session could not be removed");
    }
    backend.voting.removing().insert(id);
    let mut left = Left::of(traces);
    if !attempt(backend, id, &mut left).await {
        clear_on(backend, id, left);
    }
}

/// Removes what the database's files hold of rows that were deleted, in the background until it is done.
pub(super) fn clear(backend: &Backend, id: VotingId, traces: Vec<Vec<u8>>) {
    clear_on(backend, id, Left::of(traces));
}

fn clear_on(backend: &Backend, id: VotingId, mut left: Left) {
    let weak = backend.weak();
    tokio::spawn(async move {
        let (begun, mut warned) = (Instant::now(), false);
        loop {
            tokio::time::sleep(RETRY).await;
            let Some(backend) = weak.upgrade() else { return };
            if attempt(&backend, id, &mut left).await || backend.db.is_closed() {
                return;
            }
            if !warned && begun.elapsed() > LONG {
                warned = true;
                tracing::warn!(%id, "encrypted rows of a closed voting session are still in the database: somebody reads it");
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

async fn attempt(backend: &Backend, id: VotingId, left: &mut Left) -> bool {
    match remove(backend, left).await {
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

async fn remove(backend: &Backend, left: &mut Left) -> Result<bool, Error> {
    match backend.db.backend() {
        DbBackend::Sqlite => {
            if !backend.db.truncate_log().await? {
                return Ok(false);
            }
            let log = backend.db.read_log().await.map_err(Error::internal)?;
            Ok(!left.traces.iter().any(|trace| log.windows(trace.len()).any(|part| part == trace)))
        }
        _ => {
            let writer = backend.db.writer();
            let after = match &left.after {
                Some(after) => after,
                None => left.after.insert(text(writer, FIRST_AFTER, []).await?),
            };
            // `VACUUM` keeps what a transaction may see that began before.
            let older = text(writer, OLDER, [after.as_str().into()]).await?;
            writer.execute_unprepared("VACUUM voting, voting_ballot, voting_cast, voting_count").await?;
            Ok(older == "0")
        }
    }
}

/// The one text that a query of PostgreSQL answers.
async fn text<const N: usize>(
    db: &impl ConnectionTrait,
    query: &str,
    values: [Value; N],
) -> Result<String, Error> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, query, values);
    let row = db.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Error::internal(DbErr::RecordNotFound(query.to_owned())))?;
    Ok(row.try_get_by_index(0)?)
}
