//! People: who may come in, and as what.

mod account;
mod accounts;
mod browsers;
pub(crate) mod channels;
mod common;
mod devices;
pub(crate) mod feeds;
mod invitations;
pub(crate) mod members;
mod passwords;
mod sessions;
mod setup;
pub(crate) mod throttle;
pub(crate) mod tokens;
pub(crate) mod year;

use std::sync::{Arc, OnceLock};

use domain::{Member, UserId, WorkspaceId, WorkspaceName};
use sea_orm::{EntityTrait, FromQueryResult};

pub use account::OpenSession;
pub use accounts::NewUser;
pub use browsers::browser_name;
pub use channels::SessionWatch;
pub use devices::{DEVICE_DAYS, Visit};
pub use feeds::Feed;
pub use invitations::{NewInvitation, Newcomer, Offer};
pub use passwords::Password;
pub use sessions::{MAX_SESSIONS, NewSession, SESSION_DAYS};
pub use setup::Founding;
pub use throttle::network;
pub use tokens::Secret;

use crate::{Backend, Error, entity::workspace};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: WorkspaceName,
}

/// What has to do with people before it is known who is asking: founding, signing in, accepting an invitation.
#[derive(Clone, Debug)]
pub struct People {
    backend: Backend,
}

/// What the process remembers about people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    workspace: Arc<OnceLock<Workspace>>,
    hasher: passwords::Hasher,
    throttle: Arc<throttle::Throttle>,
    channels: Arc<channels::Channels>,
    /// Held while the use of a session is noted.
    noting: Arc<tokio::sync::Mutex<()>>,
    /// Whether anybody may sign in as a person of the sample organisation.
    pub(crate) demo: bool,
}

impl Backend {
    /// Founding, signing in and joining.
    pub fn people(&self) -> People {
        People { backend: self.clone() }
    }
}

impl People {
    /// The workspace, or `None` before the first visitor has founded it.
    pub async fn workspace(&self) -> Result<Option<Workspace>, Error> {
        let memory = &self.backend.people.workspace;
        if let Some(workspace) = memory.get() {
            return Ok(Some(workspace.clone()));
        }
        let Some(row) = workspace::Entity::find().one(self.backend.db.reader()).await? else {
            return Ok(None);
        };
        let workspace = Workspace {
            id: row.id.parse().map_err(Error::internal)?,
            name: row.name.parse().map_err(Error::internal)?,
        };
        Ok(Some(memory.get_or_init(|| workspace).clone()))
    }

    /// The workspace, of which there must be one by now.
    pub(crate) async fn founded(&self) -> Result<Workspace, Error> {
        self.workspace().await?.ok_or_else(|| {
            Error::Conflict("There is no workspace yet. Open this site's first page to create it.".into())
        })
    }
}

/// A member's row joined with the account's.
#[derive(Debug, FromQueryResult)]
pub(crate) struct MemberRow {
    user_id: String,
    name: String,
    email: String,
    colour: i64,
    role: String,
    removed_ms: Option<i64>,
}

impl TryFrom<MemberRow> for Member {
    type Error = Error;

    fn try_from(row: MemberRow) -> Result<Member, Error> {
        Ok(Member {
            id: row.user_id.parse::<UserId>().map_err(Error::internal)?,
            name: row.name.parse().map_err(Error::internal)?,
            email: Some(row.email.parse().map_err(Error::internal)?),
            role: row.role.parse().map_err(|error: String| Error::internal(error))?,
            colour: u8::try_from(row.colour).unwrap_or_default(),
            active: row.removed_ms.is_none(),
        })
    }
}
