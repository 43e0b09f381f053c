//! Invitation links: each lets one person join, or as many as it says, with a role and for a while.

use domain::{Email, Invitation, InvitationId, PersonName, Role, Stamp, Timestamp, UserId, WorkspaceName};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};
use serde_json::json;

use super::{DAY_MS, NewSession, Password, People, Secret, Visit, accounts, sessions};
use crate::{
    Error,
    access::{Owner, RecordTx, change},
    audit::Action,
    clock::{new_id, now},
    entity::{account, invitation},
    tidy,
};

/// For how many days a link for one person can be used.
const PERSONAL_DAYS: u32 = 7;

/// The most links that can be open at a time.
const MOST: usize = 200;

/// The most links that are made at once.
const MOST_AT_ONCE: usize = 50;

/// The most people that one link lets in.
const MOST_USES: u32 = 500;

/// The most days that a link for several people is good for.
const MOST_DAYS: u32 = 30;

/// A link to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    role: Role,
    name: Option<PersonName>,
    uses: u32,
    days: u32,
}

impl NewInvitation {
    /// For one person, for a week. The name is what the inviter calls them.
    pub fn personal(role: Role, name: Option<PersonName>) -> Self {
        Self { role, name, uses: 1, days: PERSONAL_DAYS }
    }

    /// For everybody who has the link, until it was used so often or is so many days old.
    ///
    /// # Errors
    /// [`Error::Invalid`] for owners, who are invited one by one, and beyond 500 people or 30 days.
    pub fn shared(role: Role, uses: u32, days: u32) -> Result<Self, Error> {
        let refused = |sentence: String| Err(Error::Invalid(sentence));
        if role.can_manage_people() {
            return refused("A shared link can’t make owners. Invite owners one by one.".into());
        }
        if !(2..=MOST_USES).contains(&uses) {
            return refused(format!(
                "A shared link is for 2 to {MOST_USES} people. Choose a number between."
            ));
        }
        if !(1..=MOST_DAYS).contains(&days) {
            return refused(format!(
                "A shared link works for 1 to {MOST_DAYS} days. Choose a number between."
            ));
        }
        Ok(Self { role, name: None, uses, days })
    }
}

/// What the holder of a link is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub workspace: WorkspaceName,
    pub role: Role,
    pub invited_by: PersonName,
    /// What the inviter calls whoever the link is for.
    pub name: Option<PersonName>,
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
    /// Makes links, all or none. Their secrets are returned once and cannot be had again.
    ///
    /// # Errors
    /// [`Error::Invalid`] for more than 50 at once, [`Error::Conflict`] when more than 200 would be open.
    pub async fn invite(&self, links: &[NewInvitation]) -> Result<Vec<(Invitation, Secret)>, Error> {
        if links.len() > MOST_AT_ONCE {
            return Err(Error::Invalid(format!(
                "These are {} invitations; {MOST_AT_ONCE} can be made at once. Make the rest afterwards.",
                links.len()
            )));
        }
        let made = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Owner).await?;
            if open(tx, &change.workspace.to_string(), change.at).await?.len() + links.len() > MOST {
                return Err(Error::Conflict(format!(
                    "At most {MOST} invitations can be open. Revoke some that are no longer needed."
                )));
            }
            let mut made = Vec::with_capacity(links.len());
            for link in links {
                made.push(make(&change, link).await?);
            }
            Ok(made)
        })?;
        self.backend.invitations_changed();
        Ok(made)
    }

    /// The links that can still be used, newest first.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, Error> {
        let rows = open(self.backend.db.reader(), &self.workspace.to_string(), now()).await?;
        rows.into_iter().map(read).collect()
    }

    /// Makes a link useless.
    pub async fn revoke_invitation(&self, id: InvitationId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Owner).await?;
            let row = invitation::Entity::find_by_id((change.workspace.to_string(), id.to_string()))
                .one(tx)
                .await?
                .ok_or_else(unknown)?;
            usable(&row, change.at)?;
            mark(&change, &row.id, invitation::Column::RevokedMs, change.at.0).await?;
            change.audit(Action::InvitationRevoked, &row.id, json!({})).await
        })?;
        self.backend.invitations_changed();
        Ok(())
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
            name: row.name.map(|name| name.parse()).transpose().map_err(Error::internal)?,
        })
    }

    /// Uses a link: makes an account, or takes the one with this address and password, and makes it a member.
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
            let change = RecordTx::begin(tx, workspace.id, UserId::NIL).await?;
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
            let change = RecordTx { actor: user, ..change };
            if change.role_of(user).await?.is_some() {
                return Err(Error::Conflict("You are a member already. Sign in instead.".into()));
            }
            accounts::join(&change, user, role).await?;
            mark(&change, &row.id, invitation::Column::Uses, row.uses + 1).await?;
            if row.uses + 1 >= row.max_uses {
                mark(&change, &row.id, invitation::Column::AcceptedMs, change.at.0).await?;
                mark(&change, &row.id, invitation::Column::AcceptedBy, user.to_string()).await?;
            }
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

async fn make(change: &RecordTx<'_>, link: &NewInvitation) -> Result<(Invitation, Secret), Error> {
    let (id, secret) = (new_id(InvitationId::new), Secret::random());
    let expires = Timestamp(change.at.0 + i64::from(link.days) * DAY_MS);
    invitation::Entity::insert(invitation::ActiveModel {
        workspace_id: Set(change.workspace.to_string()),
        id: Set(id.to_string()),
        token_hash: Set(secret.hash()),
        role: Set(link.role.to_string()),
        invited_by: Set(change.actor.to_string()),
        created_ms: Set(change.at.0),
        expires_ms: Set(expires.0),
        accepted_ms: Set(None),
        accepted_by: Set(None),
        revoked_ms: Set(None),
        name: Set(link.name.as_ref().map(ToString::to_string)),
        max_uses: Set(link.uses.into()),
        uses: Set(0),
    })
    .exec_without_returning(change.tx)
    .await?;
    let body = json!({ "role": link.role, "uses": link.uses, "days": link.days });
    change.audit(Action::Invited, &id.to_string(), body).await?;
    let created = Stamp { by: change.actor, at: change.at };
    let (role, name) = (link.role, link.name.clone());
    Ok((Invitation { id, role, created, expires, name, uses: 0, max_uses: link.uses }, secret))
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
        refused(if row.max_uses > 1 { "has let in as many as it may" } else { "has been used" })
    } else if row.expires_ms <= at.0 {
        refused("has expired")
    } else {
        Ok(())
    }
}

async fn mark(
    change: &RecordTx<'_>,
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
        name: row.name.map(|name| name.parse()).transpose().map_err(Error::internal)?,
        uses: u32::try_from(row.uses).map_err(Error::internal)?,
        max_uses: u32::try_from(row.max_uses).map_err(Error::internal)?,
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
