//! Invitation links: each lets one person join, with a role, for a week.

use domain::{Email, Invitation, InvitationId, PersonName, Role, Stamp, Timestamp, UserId, WorkspaceName};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};
use serde_json::json;

use super::{NewSession, Password, People, Secret, Visit, accounts, sessions};
use crate::{
    Error,
    access::{Change, Owner, change},
    audit::Action,
    clock::{new_id, now},
    entity::{account, invitation},
    tidy,
};

/// How long a link can be used.
const VALID_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// The most links that can be open at a time.
const MOST: usize = 200;

/// What the holder of a link is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub workspace: WorkspaceName,
    pub role: Role,
    pub invited_by: PersonName,
}

/// Somebody who accepts an invitation.
#[derive(Clone, Debug)]
pub struct Newcomer {
    pub name: String,
    pub email: Email,
    /// A new one, or that of the account that has the address already.
    pub password: String,
    /// Where the person comes from.
    pub visit: Visit,
}

impl Owner {
    /// Makes a link. Its secret is returned once and cannot be had again.
    pub async fn invite(&self, role: Role) -> Result<(Invitation, Secret), Error> {
        let secret = Secret::random();
        let invitation = change!(self.backend, |tx| {
            let change = Change::by_member(tx, self, Role::Owner).await?;
            if open(tx, &change.workspace.to_string(), change.at).await?.len() >= MOST {
                return Err(Error::Conflict(format!(
                    "There are {MOST} open invitations. Revoke some that are no longer needed."
                )));
            }
            let id = new_id(InvitationId::new);
            let expires = Timestamp(change.at.0 + VALID_MS);
            invitation::Entity::insert(invitation::ActiveModel {
                workspace_id: Set(change.workspace.to_string()),
                id: Set(id.to_string()),
                token_hash: Set(secret.hash()),
                role: Set(role.to_string()),
                invited_by: Set(change.actor.to_string()),
                created_ms: Set(change.at.0),
                expires_ms: Set(expires.0),
                accepted_ms: Set(None),
                accepted_by: Set(None),
                revoked_ms: Set(None),
            })
            .exec_without_returning(tx)
            .await?;
            change.audit(Action::Invited, &id.to_string(), json!({ "role": role })).await?;
            Ok(Invitation { id, role, created: Stamp { by: change.actor, at: change.at }, expires })
        })?;
        Ok((invitation, secret))
    }

    /// The links that can still be used, newest first.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, Error> {
        let rows = open(self.backend.db.reader(), &self.workspace.to_string(), now()).await?;
        rows.into_iter().map(read).collect()
    }

    /// Makes a link useless.
    pub async fn revoke_invitation(&self, id: InvitationId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = Change::by_member(tx, self, Role::Owner).await?;
            let row = invitation::Entity::find_by_id((change.workspace.to_string(), id.to_string()))
                .one(tx)
                .await?
                .ok_or_else(unknown)?;
            usable(&row, change.at)?;
            mark(&change, &row.id, invitation::Column::RevokedMs, change.at.0).await?;
            change.audit(Action::InvitationRevoked, &row.id, json!({})).await
        })
    }
}

impl People {
    /// What a link offers.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown link, [`Error::Conflict`] for one that is used, revoked or too old.
    pub async fn offer(&self, secret: &Secret) -> Result<Offer, Error> {
        let workspace = self.founded().await?;
        let db = self.backend.db.reader();
        let row = by_secret(db, &workspace.id.to_string(), secret).await?;
        usable(&row, now())?;
        let inviter = account::Entity::find_by_id(row.invited_by)
            .one(db)
            .await?
            .ok_or_else(|| Error::internal("the inviter has gone"))?;
        Ok(Offer {
            workspace: workspace.name,
            role: row.role.parse().map_err(|error: String| Error::internal(error))?,
            invited_by: inviter.name.parse().map_err(Error::internal)?,
        })
    }

    /// Uses up a link: makes an account, or takes the one with this address and password, and makes it a member.
    ///
    /// # Errors
    /// As [`People::offer`]; [`Error::Conflict`] when the address has an account with another password or belongs
    /// to a member already; [`Error::Invalid`] for a name or password that cannot be.
    pub async fn accept(&self, secret: &Secret, newcomer: Newcomer) -> Result<NewSession, Error> {
        let workspace = self.founded().await?;
        self.offer(secret).await?;
        let known = account::Entity::find()
            .filter(account::Column::Email.eq(newcomer.email.to_string()))
            .one(self.backend.db.reader())
            .await?;
        let joining = match known {
            Some(_) => self.known_person(&newcomer).await?,
            None => self.new_person(&newcomer, &workspace.name).await?,
        };
        let session = change!(self.backend, |tx| {
            let change = Change::begin(tx, workspace.id, UserId::NIL).await?;
            let row = by_secret(tx, &workspace.id.to_string(), secret).await?;
            usable(&row, change.at)?;
            let role = row.role.parse().map_err(|error: String| Error::internal(error))?;
            let user = match &joining {
                Joining::Known(user) => *user,
                Joining::New { name, password_hash } => {
                    if accounts::find(tx, &newcomer.email).await?.is_some() {
                        return Err(address_taken());
                    }
                    accounts::create(tx, &newcomer.email, name, Some(password_hash.clone())).await?
                }
            };
            let change = Change { actor: user, ..change };
            if change.role_of(user).await?.is_some() {
                return Err(Error::Conflict("You are a member already. Sign in instead.".into()));
            }
            accounts::join(&change, user, role).await?;
            mark(&change, &row.id, invitation::Column::AcceptedMs, change.at.0).await?;
            mark(&change, &row.id, invitation::Column::AcceptedBy, user.to_string()).await?;
            let body = json!({ "role": role, "invitation": row.id });
            change.audit(Action::MemberJoined, &user.to_string(), body).await?;
            sessions::open(&change, user, &newcomer.visit).await
        })?;
        self.backend.members_changed();
        Ok(session)
    }

    async fn known_person(&self, newcomer: &Newcomer) -> Result<Joining, Error> {
        let user = self.verify(&newcomer.email, &newcomer.password, &newcomer.visit).await?;
        user.map(Joining::Known).ok_or_else(address_taken)
    }

    async fn new_person(&self, newcomer: &Newcomer, workspace: &WorkspaceName) -> Result<Joining, Error> {
        let name = tidy(&newcomer.name).parse()?;
        let about = [newcomer.name.as_str(), &newcomer.email, workspace];
        let password = Password::parse(&newcomer.password, &about)?;
        Ok(Joining::New { name, password_hash: self.backend.people.hasher.hash(password).await? })
    }
}

/// Who joins, once the password has been dealt with.
enum Joining {
    Known(UserId),
    New { name: PersonName, password_hash: String },
}

async fn open(
    db: &impl ConnectionTrait,
    workspace: &str,
    at: Timestamp,
) -> Result<Vec<invitation::Model>, Error> {
    Ok(invitation::Entity::find()
        .filter(invitation::Column::WorkspaceId.eq(workspace))
        .filter(invitation::Column::AcceptedMs.is_null())
        .filter(invitation::Column::RevokedMs.is_null())
        .filter(invitation::Column::ExpiresMs.gt(at.0))
        .order_by_desc(invitation::Column::Id)
        .all(db)
        .await?)
}

async fn by_secret(
    db: &impl ConnectionTrait,
    workspace: &str,
    secret: &Secret,
) -> Result<invitation::Model, Error> {
    invitation::Entity::find()
        .filter(invitation::Column::WorkspaceId.eq(workspace))
        .filter(invitation::Column::TokenHash.eq(secret.hash()))
        .one(db)
        .await?
        .ok_or_else(unknown)
}

fn usable(row: &invitation::Model, at: Timestamp) -> Result<(), Error> {
    let refused =
        |why: &str| Err(Error::Conflict(format!("This invitation {why}. Ask an owner for a new one.")));
    if row.revoked_ms.is_some() {
        refused("was revoked")
    } else if row.accepted_ms.is_some() {
        refused("has been used")
    } else if row.expires_ms <= at.0 {
        refused("has expired")
    } else {
        Ok(())
    }
}

async fn mark(
    change: &Change<'_>,
    id: &str,
    column: invitation::Column,
    value: impl Into<sea_orm::Value>,
) -> Result<(), Error> {
    invitation::Entity::update_many()
        .col_expr(column, Expr::value(value))
        .filter(invitation::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(invitation::Column::Id.eq(id))
        .exec(change.tx)
        .await?;
    Ok(())
}

fn read(row: invitation::Model) -> Result<Invitation, Error> {
    Ok(Invitation {
        id: row.id.parse().map_err(Error::internal)?,
        role: row.role.parse().map_err(|error: String| Error::internal(error))?,
        created: Stamp {
            by: row.invited_by.parse().map_err(Error::internal)?,
            at: Timestamp(row.created_ms),
        },
        expires: Timestamp(row.expires_ms),
    })
}

fn unknown() -> Error {
    Error::NotFound(
        "There is no such invitation. Check that the whole link was copied, or ask for a new one.".into(),
    )
}

fn address_taken() -> Error {
    Error::Conflict(
        "This address has an account here, with another password. Enter that password to join.".into(),
    )
}
