//! Sessions that an older version of the program has opened go on in this one.

use domain::{UserId, VotingId, WorkspaceId, voting::Phase};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    gate,
    session::{self, Session},
};
use crate::{
    Backend, Error, OpenError,
    access::{Change, change},
    entity::voting,
};

/// Gives what this version needs to sessions that are open. Done before anybody is served; changes nothing the second time.
pub(super) async fn take_over(backend: &Backend) -> Result<(), OpenError> {
    let rows = voting::Entity::find()
        .filter(voting::Column::Phase.eq(Phase::Open.as_str()))
        .all(backend.db.reader())
        .await?;
    for row in rows {
        let id = row.id.clone();
        let taken = match Session::read(row) {
            Ok(session) => take(backend, session.workspace, session.id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            tracing::error!(?error, %id, "a voting session that is open could not be taken over");
        }
    }
    Ok(())
}

async fn take(backend: &Backend, workspace: WorkspaceId, id: VotingId) -> Result<(), Error> {
    change!(backend, |tx| {
        let change = Change::begin(tx, workspace, UserId::NIL).await?;
        let session = session::lock(tx, workspace, id).await?;
        if session.phase != Phase::Open {
            return Ok(());
        }
        if gate::counters(change.tx, &session).await?.is_empty() {
            let casts = session::casts(tx, &session).await?;
            gate::open(tx, &session, casts).await?;
        }
        Ok(())
    })
}
