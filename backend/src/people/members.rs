//! The members: who they are, their roles, their leaving.

use domain::{Holder, Member, Role, UserId, WorkspaceId};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef,
    Select, sea_query::Expr,
};
use serde_json::json;

use super::{MemberRow, devices, feeds, sessions};
use crate::{
    Error,
    access::{Owner, RecordTx, Viewer, change},
    audit::Action,
    entity::{account, member},
    favourites, products, visits,
    voting::{self, Losing},
};

/// Members joined with their accounts, with the columns of [`MemberRow`].
pub(super) fn query(workspace: WorkspaceId) -> Select<member::Entity> {
    member::Entity::find()
        .select_only()
        .columns([member::Column::UserId, member::Column::Role, member::Column::RemovedMs])
        .columns([account::Column::Name, account::Column::Email, account::Column::Colour])
        .join(JoinType::InnerJoin, with_account())
        .filter(member::Column::WorkspaceId.eq(workspace.to_string()))
}

/// From a member to their account.
pub(crate) fn with_account() -> RelationDef {
    member::Entity::belongs_to(account::Entity).from(member::Column::UserId).to(account::Column::Id).into()
}

impl Viewer {
    /// Everybody who is or was a member, in the order in which they joined; the former ones are still named in
    /// history. Their addresses are for those who write: an import finds an item's owner by it.
    pub async fn members(&self) -> Result<Vec<Member>, Error> {
        let sees_former = self.role().can_edit();
        query(self.workspace)
            .order_by_asc(member::Column::UserId)
            .into_model::<MemberRow>()
            .all(self.backend.db.reader())
            .await?
            .into_iter()
            .map(|row| {
                let member = Member::try_from(row)?;
                let email = member.email.filter(|_| member.active || sees_former);
                Ok(Member { email, ..member })
            })
            .collect()
    }
}

impl Owner {
    /// Gives a member another role. It counts at once, in open pages too.
    ///
    /// # Errors
    /// [`Error::Conflict`] for the last owner.
    pub async fn set_role(&self, user: UserId, role: Role) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Owner).await?;
            let before = present(&change, user).await?;
            if before == role {
                return Ok(());
            }
            keep_an_owner(&change, before).await?;
            voting::note_voter(tx, change.workspace, user, Losing::Role).await?;
            update(&change, user, member::Column::Role, role.as_str()).await?;
            if role == Role::Owner {
                // What products gave them is less, and would come back with another role.
                products::revoke_everywhere(&change, Holder::Person(user)).await?;
            }
            let body = json!({ "before": before, "after": role });
            change.audit(Action::RoleChanged, &user.to_string(), body).await
        })?;
        self.backend.members_changed();
        Ok(())
    }

    /// Removes a member, who is signed out everywhere at once. What they wrote and did stays, under their name.
    ///
    /// # Errors
    /// [`Error::Conflict`] for the last owner.
    pub async fn remove_member(&self, user: UserId) -> Result<(), Error> {
        let sessions = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Owner).await?;
            let role = present(&change, user).await?;
            keep_an_owner(&change, role).await?;
            voting::note_voter(tx, change.workspace, user, Losing::Role).await?;
            // The member first, then products, then groups: a commit locks them in this order.
            update(&change, user, member::Column::RemovedMs, change.at.0).await?;
            products::revoke_everywhere(&change, Holder::Person(user)).await?;
            voting::leave_segments(&change, user).await?;
            let sessions = sessions::close_all(&change, user, None).await?;
            devices::forget_all(&change, user).await?;
            feeds::forget_all(&change, user).await?;
            favourites::forget_all(&change, user).await?;
            visits::forget_all(&change, user).await?;
            change.audit(Action::MemberRemoved, &user.to_string(), json!({ "role": role })).await?;
            Ok(sessions)
        })?;
        self.backend.members_changed();
        self.backend.sessions_ended(&sessions);
        Ok(())
    }
}

async fn present(change: &RecordTx<'_>, user: UserId) -> Result<Role, Error> {
    change
        .role_of(user)
        .await?
        .ok_or_else(|| Error::NotFound("This person is not a member. Reload the page.".into()))
}

/// Refuses when an owner is about to stop being one and there is no other.
async fn keep_an_owner(change: &RecordTx<'_>, before: Role) -> Result<(), Error> {
    if before != Role::Owner {
        return Ok(());
    }
    let owners = member::Entity::find()
        .filter(member::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(member::Column::Role.eq(Role::Owner.as_str()))
        .filter(member::Column::RemovedMs.is_null())
        .count(change.tx)
        .await?;
    if owners > 1 {
        Ok(())
    } else {
        Err(Error::Conflict(
            "A workspace keeps at least one owner. Make somebody else an owner first.".into(),
        ))
    }
}

async fn update(
    change: &RecordTx<'_>,
    user: UserId,
    column: member::Column,
    value: impl Into<sea_orm::Value>,
) -> Result<(), Error> {
    member::Entity::update_many()
        .col_expr(column, Expr::value(value))
        .filter(member::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(member::Column::UserId.eq(user.to_string()))
        .exec(change.tx)
        .await?;
    Ok(())
}
