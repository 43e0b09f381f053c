//! What happens by the clock: scheduled sessions open, due ones close, and items that are done with leave the ballot.
//!
//! Every process looks once a second. That two of them act is no harm: the session's row decides.

use std::time::Duration;

use domain::{ItemId, Status, Timestamp, UserId, voting::Phase};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    board, close, forget,
    session::{self, Session},
    setup,
};
use crate::{
    Backend, Error, WeakBackend,
    access::{RecordTx, change},
    clock::now,
    codec::parse,
    entity::voting,
};

const INTERVAL: Duration = Duration::from_secs(1);

pub(super) async fn run(backend: WeakBackend) {
    forget::clear_left(backend.clone());
    while let Some(backend) = backend.upgrade() {
        match look(&backend).await {
            Err(_) if backend.db.is_closed() => return,
            Err(error) => tracing::warn!(?error, "looking after voting sessions failed; it is tried again"),
            Ok(()) => {}
        }
        // Held any longer, the database would never end.
        drop(backend);
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn look(backend: &Backend) -> Result<(), Error> {
    let rows = voting::Entity::find()
        .filter(voting::Column::Phase.is_in([Phase::Scheduled.as_str(), Phase::Open.as_str()]))
        .all(backend.db.reader())
        .await?;
    let sessions: Vec<Session> = rows.into_iter().map(Session::read).collect::<Result<_, _>>()?;
    destroy_keys(backend, &sessions).await?;
    for session in sessions {
        let id = session.id;
        // One session that cannot be dealt with shall not keep the others waiting.
        match attend(backend, session, now()).await {
            Err(error) if backend.db.is_closed() => return Err(error),
            Err(error) => {
                tracing::error!(?error, %id, "a voting session could not be looked after; it is tried again");
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Destroys keys of closed sessions that are still there, as after a crash between the count and the removal.
async fn destroy_keys(backend: &Backend, running: &[Session]) -> Result<(), Error> {
    let keys = &backend.voting.keys;
    let running: Vec<_> = running.iter().map(|session| session.id).collect();
    keys.retain(&running);
    for id in keys.list().map_err(Error::internal)?.into_iter().filter(|id| !running.contains(id)) {
        let row = voting::Entity::find()
            .filter(voting::Column::Id.eq(id.to_string()))
            .one(backend.db.reader())
            .await?;
        // A key of a draft belongs to an opening that is under way, one of no session to another database.
        if row.is_some_and(|row| [Phase::Closed.as_str(), Phase::Revealed.as_str()].contains(&&*row.phase)) {
            keys.destroy(id).map_err(Error::internal)?;
        }
    }
    Ok(())
}

async fn attend(backend: &Backend, session: Session, now: Timestamp) -> Result<(), Error> {
    let due = |time: Option<Timestamp>| time.is_some_and(|time| time <= now);
    match session.phase {
        Phase::Scheduled if due(session.draft.opens) => open(backend, &session, now).await,
        // Nothing is thrown away by a process that merely lacks the key.
        Phase::Open if session.session_key(&backend.voting).is_err() => {
            // The key is destroyed once a close is committed, perhaps after the session was read. Then nothing is wrong.
            let session = session::find(backend.db.reader(), session.workspace, session.id).await?;
            let is_over = session.phase == Phase::Open && due(session.draft.closes);
            if is_over && backend.voting.is_first_warning(session.id) {
                let folder = backend.voting.keys.folder().display();
                tracing::error!(id = %session.id, %folder, "a voting session is over, but its key is not in the folder of keys");
            }
            Ok(())
        }
        Phase::Open if due(session.draft.closes) => {
            close::close(backend, session.workspace, session.id, UserId::NIL).await.map(drop)
        }
        Phase::Open if session.draft.refund => refund(backend, &session).await,
        _ => Ok(()),
    }
}

async fn open(backend: &Backend, session: &Session, now: Timestamp) -> Result<(), Error> {
    let opened = change!(backend, |tx| {
        let change = RecordTx::begin(tx, session.workspace, UserId::NIL).await?;
        let session = session::lock(tx, session.workspace, session.id).await?;
        if session.phase != Phase::Scheduled || session.draft.opens.is_none_or(|opens| opens > now) {
            return Ok(false);
        }
        setup::open(backend, &change, session).await.map(|()| true)
    })?;
    if opened {
        backend.voting_changed(session.id);
        board::tell(backend, session.workspace, session.id).await;
    }
    Ok(())
}

/// Withdraws candidates whose items are done, dropped or in the bin.
async fn refund(backend: &Backend, session: &Session) -> Result<(), Error> {
    let rows = session::items(backend.db.reader(), session).await?;
    let over = [Status::Done.as_str(), Status::Dropped.as_str()];
    let gone = rows
        .iter()
        .filter(|row| row.deleted_ms.is_some() || over.contains(&row.status.as_str()))
        .map(|row| parse(&row.id))
        .collect::<Result<Vec<ItemId>, _>>()?;
    let open = session.open_candidates();
    let gone: Vec<ItemId> =
        open.iter().map(|candidate| candidate.item).filter(|item| gone.contains(item)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    change!(backend, |tx| {
        let change = RecordTx::begin(tx, session.workspace, UserId::NIL).await?;
        let session = session::lock(tx, session.workspace, session.id).await?;
        let left = session.open_candidates();
        if session.phase != Phase::Open || !left.iter().any(|candidate| gone.contains(&candidate.item)) {
            return Ok(());
        }
        close::withdraw(&change, session, &gone).await
    })?;
    backend.voting_changed(session.id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_session_that_is_closed_after_it_was_read_lacks_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/cairn.db", folder.path().display());
        let backend = Backend::open(&url).await.unwrap().into_demo().await.unwrap();
        let open = voting::Entity::find().filter(voting::Column::Phase.eq(Phase::Open.as_str()));
        let mut session = Session::read(open.one(backend.db.reader()).await.unwrap().unwrap()).unwrap();
        let id = session.id;
        session.draft.closes = Some(now());
        close::close(&backend, session.workspace, id, UserId::NIL).await.unwrap();
        attend(&backend, session, now()).await.unwrap();
        assert!(backend.voting.is_first_warning(id), "it was said to be over without its key");
    }
}
