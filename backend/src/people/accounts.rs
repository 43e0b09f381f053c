//! Accounts and memberships as rows, and adding them from the command line.

use domain::{Email, Member, PersonName, Role, UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use serde_json::json;

use super::{MemberRow, Password, People, members, setup::Founding};
use crate::{
    Error,
    access::{Owner, RecordTx, Viewer, change},
    audit::Action,
    clock::{new_id, now},
    entity::{account, member},
};

/// Somebody added from the command line.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: Email,
    pub name: PersonName,
    pub role: Role,
    /// Without one the person cannot sign in until they are given one.
    pub password: Option<Password>,
}

impl People {
    /// Adds a member without an invitation. The first one, who must be an owner, founds the workspace with it. A former
    /// member comes back under their old name, with the new password if one is given.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the address belongs to a member already, or when the first one is no owner.
    pub async fn add_user(&self, user: NewUser) -> Result<UserId, Error> {
        if self.workspace().await?.is_none() {
            return self.found_by(user).await;
        }
        let workspace = self.founded().await?.id;
        let hash = match user.password {
            Some(password) => Some(self.backend.people.hasher.hash(password).await?),
            None => None,
        };
        change!(self.backend, |tx| {
            let known = find(tx, &user.email).await?;
            let change = RecordTx::begin(tx, workspace, UserId::NIL).await?;
            if let Some(known) = &known
                && change.role_of(id_of(known)?).await?.is_some()
            {
                return Err(Error::Conflict(format!("{} is a member already.", user.email)));
            }
            let id = match known {
                Some(known) => {
                    let id = id_of(&known)?;
                    if let Some(hash) = &hash {
                        set_password(tx, id, hash.clone()).await?;
                    }
                    id
                }
                None => create(tx, &user.email, &user.name, hash.clone()).await?,
            };
            join(&change, id, user.role).await?;
            let body = json!({ "role": user.role, "by": "command line" });
            change.audit(Action::MemberAdded, &id.to_string(), body).await?;
            Ok(id)
        })
    }

    async fn found_by(&self, user: NewUser) -> Result<UserId, Error> {
        if user.role != Role::Owner {
            return Err(Error::Conflict(
                "The first person of a workspace is its owner. Add an owner first, with --role owner.".into(),
            ));
        }
        let workspace = "Our organisation".parse().expect("the name is short and one line");
        let Founding { owner, session, .. } =
            self.found(workspace, user.name, user.email, user.password, None).await?;
        // Nobody has its secret.
        self.sign_out(&session.secret).await?;
        Ok(owner)
    }

    /// A new random password, for somebody who is told it once.
    pub fn generate_password(&self) -> Password {
        Password::generate()
    }
}

impl People {
    /// A member's handle without a session, for what the program itself does in somebody's name.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the person is no active member.
    pub(crate) async fn on_behalf_of(&self, user: UserId) -> Result<Viewer, Error> {
        let workspace = self.founded().await?.id;
        let row = members::query(workspace)
            .filter(member::Column::UserId.eq(user.to_string()))
            .filter(member::Column::RemovedMs.is_null())
            .into_model::<MemberRow>()
            .one(self.backend.db.reader())
            .await?
            .ok_or_else(|| Error::NotFound("This person is not a member.".into()))?;
        Ok(Viewer { backend: self.backend.clone(), workspace, member: row.try_into()?, session: None })
    }

    /// The owner of longest standing, in whose name the command line acts.
    ///
    /// # Errors
    /// [`Error::Conflict`] before the workspace is founded.
    pub async fn first_owner(&self) -> Result<Owner, Error> {
        let workspace = self.founded().await?.id;
        let row = member::Entity::find()
            .filter(member::Column::WorkspaceId.eq(workspace.to_string()))
            .filter(member::Column::Role.eq(Role::Owner.as_str()))
            .filter(member::Column::RemovedMs.is_null())
            .order_by_asc(member::Column::UserId)
            .one(self.backend.db.reader())
            .await?
            .ok_or_else(|| Error::internal("a workspace without an owner"))?;
        self.on_behalf_of(row.user_id.parse().map_err(Error::internal)?).await?.as_owner()
    }
}

/// The account with this address.
pub(super) async fn find(tx: &DatabaseTransaction, email: &Email) -> Result<Option<account::Model>, Error> {
    Ok(account::Entity::find().filter(account::Column::Email.eq(email.as_ref() as &str)).one(tx).await?)
}

pub(super) fn id_of(account: &account::Model) -> Result<UserId, Error> {
    account.id.parse().map_err(Error::internal)
}

/// Makes an account. The caller holds the workspace's lock and has looked whether the address is taken.
pub(super) async fn create(
    tx: &DatabaseTransaction,
    email: &Email,
    name: &PersonName,
    password_hash: Option<String>,
) -> Result<UserId, Error> {
    let id = new_id(UserId::new);
    let number = account::Entity::find().count(tx).await?;
    account::Entity::insert(account::ActiveModel {
        id: Set(id.to_string()),
        email: Set(email.to_string()),
        name: Set(name.to_string()),
        password_hash: Set(password_hash),
        colour: Set(i64::try_from(number % u64::from(Member::COLOURS)).unwrap_or_default()),
        created_ms: Set(now().0),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(id)
}

pub(super) async fn set_password(tx: &DatabaseTransaction, id: UserId, hash: String) -> Result<(), Error> {
    let account = account::ActiveModel { password_hash: Set(Some(hash)), ..Default::default() };
    account::Entity::update_many()
        .set(account)
        .filter(account::Column::Id.eq(id.to_string()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes an account a member, or a former member one again.
pub(super) async fn join(change: &RecordTx<'_>, user: UserId, role: Role) -> Result<(), Error> {
    member::Entity::insert(member::ActiveModel {
        workspace_id: Set(change.workspace.to_string()),
        user_id: Set(user.to_string()),
        role: Set(role.to_string()),
        joined_ms: Set(change.at.0),
        removed_ms: Set(None),
    })
    .on_conflict(
        OnConflict::columns([member::Column::WorkspaceId, member::Column::UserId])
            .update_columns([member::Column::Role, member::Column::JoinedMs, member::Column::RemovedMs])
            .to_owned(),
    )
    .exec_without_returning(change.tx)
    .await?;
    Ok(())
}
