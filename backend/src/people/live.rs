//! Notifies open pages when members, invitations or records of declared kinds change.
//!
//! What changed is read from the audit log, in which every change of them is, whichever process made it: the server, another
//! one, or the command line. Nothing is lost, and while nobody listens nothing is read.

use std::time::Duration;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::{Mutex, Notify, watch};

use crate::{Backend, Error, Viewer, WeakBackend, entity::audit};

/// How often the log is looked at for what other processes did.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long changes are collected.
const PACE: Duration = Duration::from_millis(250);

/// Events read in one query.
const AT_ONCE: u64 = 1_000;

/// Those who listen, and what they have been notified of.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// A number that grows with every change.
    version: watch::Sender<u64>,
    changed: Notify,
    /// The last event of the log that was looked at; `None` while nobody listens.
    seen: Mutex<Option<i64>>,
}

impl Live {
    /// Has the log looked at now.
    pub(crate) fn wake(&self) {
        self.changed.notify_one();
    }
}

impl Viewer {
    /// A number that changes whenever a member, an invitation or a record does.
    pub async fn subscribe_people(&self) -> Result<watch::Receiver<u64>, Error> {
        let live = &self.backend.people.live;
        // Listened to first: what happens from here on is not missed.
        let version = live.version.subscribe();
        let mut seen = live.seen.lock().await;
        if seen.is_none() {
            let workspace = self.workspace.to_string();
            *seen = Some(head(self.backend.db.reader(), &workspace).await?);
        }
        Ok(version)
    }
}

async fn head(db: &impl ConnectionTrait, workspace: &str) -> Result<i64, Error> {
    let last: Option<i64> = audit::Entity::find()
        .select_only()
        .column(audit::Column::N)
        .filter(audit::Column::WorkspaceId.eq(workspace))
        .order_by_desc(audit::Column::N)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.unwrap_or(0))
}

/// Notifies those who listen, until the backend ends.
pub(crate) async fn run(backend: WeakBackend) {
    while let Some(strong) = backend.upgrade() {
        match look(&strong).await {
            Err(_) if strong.db.is_closed() => return,
            Err(error) => {
                tracing::warn!(?error, "open pages could not be notified of members; it is tried again");
            }
            Ok(()) => {}
        }
        let live = strong.people.live.clone();
        drop(strong);
        tokio::time::sleep(PACE).await;
        drop(tokio::time::timeout(INTERVAL - PACE, live.changed.notified()).await);
    }
}

async fn look(backend: &Backend) -> Result<(), Error> {
    let live = &backend.people.live;
    let mut seen = live.seen.lock().await;
    if live.version.receiver_count() == 0 {
        *seen = None;
    }
    let (Some(last), Some(workspace)) = (*seen, backend.people().workspace().await?) else { return Ok(()) };
    let events: Vec<(i64, String)> = audit::Entity::find()
        .select_only()
        .columns([audit::Column::N, audit::Column::Action])
        .filter(audit::Column::WorkspaceId.eq(workspace.id.to_string()))
        .filter(audit::Column::N.gt(last))
        .order_by_asc(audit::Column::N)
        .limit(AT_ONCE)
        .into_tuple()
        .all(backend.db.reader())
        .await?;
    if let Some((newest, _)) = events.last() {
        *seen = Some(*newest);
    }
    let shown =
        |action: &str| ["member.", "invitation.", "record."].iter().any(|kind| action.starts_with(kind));
    if events.iter().any(|(_, action)| shown(action)) {
        live.version.send_modify(|version| *version += 1);
    }
    Ok(())
}
