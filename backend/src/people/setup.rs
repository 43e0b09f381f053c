//! Founding the workspace: the first visitor becomes its owner.

use domain::{Email, PersonName, Role, UserId, WorkspaceId, WorkspaceName};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde_json::json;

use super::{NewSession, Password, People, Visit, Workspace, accounts, sessions};
use crate::{
    Error,
    access::{RecordTx, change},
    audit::Action,
    clock::{new_id, now},
    entity::workspace,
};

/// A workspace just founded.
#[derive(Clone, Debug)]
pub struct Founding {
    pub workspace: Workspace,
    pub owner: UserId,
    /// The founder is signed in at once.
    pub session: NewSession,
}

impl People {
    /// Founds the workspace and makes the founder its owner. Of several who try at once, exactly one succeeds.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is a workspace already.
    pub async fn found(
        &self,
        name: WorkspaceName,
        owner: PersonName,
        email: Email,
        password: Option<Password>,
        visit: impl Into<Visit>,
    ) -> Result<Founding, Error> {
        if self.workspace().await?.is_some() {
            return Err(taken());
        }
        let visit = visit.into();
        let hash = match password {
            Some(password) => Some(self.backend.people.hasher.hash(password).await?),
            None => None,
        };
        let founding = change!(self.backend, |tx| {
            let id = new_id(WorkspaceId::new);
            let row = workspace::ActiveModel {
                id: Set(id.to_string()),
                singleton: Set(1),
                name: Set(name.to_string()),
                first_month: Set(1),
                created_ms: Set(now().0),
            };
            let inserted = workspace::Entity::insert(row)
                .on_conflict(OnConflict::column(workspace::Column::Singleton).do_nothing().to_owned())
                .exec_without_returning(tx)
                .await?;
            if inserted == 0 {
                return Err(taken());
            }
            let user = accounts::create(tx, &email, &owner, hash.clone()).await?;
            let change = RecordTx::begin(tx, id, user).await?;
            accounts::join(&change, user, Role::Owner).await?;
            change.audit(Action::WorkspaceCreated, &id.to_string(), json!({ "name": name })).await?;
            let session = sessions::open(&change, user, &visit).await?;
            Ok(Founding { workspace: Workspace { id, name: name.clone() }, owner: user, session })
        })?;
        Ok(founding)
    }
}

fn taken() -> Error {
    Error::Conflict("This workspace exists already. Sign in, or ask its owner for an invitation.".into())
}
