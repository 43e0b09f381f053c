//! To whom a product exists, and who decides that: the owners of the workspace.

use domain::{
    Grant, Holder, Member, ProductAccess, ProductKey, Role, SegmentId, Visibility, voting::Segment,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{
    Error,
    access::{
        Owner, RecordTx, change,
        product::{Locked, access_of, special},
    },
    audit::Action,
    codec::{parse, to_json},
    entity::{product, segment},
    voting,
};

/// To whom a product exists, with the people and groups there are.
#[derive(Clone, Debug)]
pub struct AccessFacts {
    pub access: ProductAccess,
    /// Present members, by name.
    pub people: Vec<Member>,
    pub groups: Vec<Segment>,
}

/// What an owner changes about an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessChange {
    Show(Visibility),
    /// Gives a person or a group a role, or takes it.
    Grant(Holder, Option<Role>),
}

impl Owner {
    /// To whom a product exists.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such product.
    pub async fn product_access(&self, key: &ProductKey) -> Result<AccessFacts, Error> {
        let row = self.product_row(key).await?;
        let mut people = self.members().await?;
        people.retain(|member| member.active);
        people.sort_by_cached_key(|member| member.name.to_lowercase());
        Ok(AccessFacts { access: access_of(&row), people, groups: self.segments().await? })
    }

    /// Changes to whom a product exists. It counts at once, in open pages too.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a product, person or group that there is not, [`Error::Invalid`] for what an access cannot be.
    pub async fn change_access(&self, key: &ProductKey, wanted: AccessChange) -> Result<(), Error> {
        let roadmap = change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_product(tx, self, key, Role::Owner).await?;
            let roadmap = parse(&row.roadmap_id)?;
            let before = access_of(&row);
            let mut after = before.clone();
            match wanted {
                AccessChange::Show(visibility) => after.visibility = visibility,
                AccessChange::Grant(to, role) => {
                    if role.is_some() {
                        must_be_there(&change, to).await?;
                    }
                    after.grant(to, role).map_err(|error| Error::Invalid(error.to_string()))?;
                }
            }
            if after != before {
                voting::note_voters(tx, change.workspace, roadmap).await?;
                write(&change, &row, &before, &after).await?;
            }
            Ok(roadmap)
        })?;
        self.backend.product_changed(roadmap);
        Ok(())
    }
}

/// # Errors
/// [`Error::NotFound`] unless there is such a member or group, [`Error::Conflict`] for an owner.
async fn must_be_there(change: &RecordTx<'_>, holder: Holder) -> Result<(), Error> {
    match holder {
        Holder::Person(user) => match change.role_of(user).await? {
            Some(Role::Owner) => Err(Error::Conflict("Owners of the workspace own every product.".into())),
            Some(_) => Ok(()),
            None => Err(Error::NotFound("This person is not a member. Reload the page.".into())),
        },
        Holder::Group(group) => {
            let key = (change.workspace.to_string(), group.to_string());
            let row = segment::Entity::find_by_id(key).one(change.tx).await?;
            if row.is_some_and(|row| row.removed_ms.is_none()) {
                Ok(())
            } else {
                Err(Error::NotFound("There is no such group any more. Reload the page.".into()))
            }
        }
    }
}

async fn write(
    change: &RecordTx<'_>,
    row: &product::Model,
    before: &ProductAccess,
    after: &ProductAccess,
) -> Result<(), Error> {
    let column = if *after == ProductAccess::default() { String::new() } else { to_json(after) };
    product::Entity::update_many()
        .col_expr(product::Column::Access, Expr::value(column))
        .filter(product::Column::WorkspaceId.eq(&row.workspace_id))
        .filter(product::Column::Id.eq(&row.id))
        .exec(change.tx)
        .await?;
    change.audit(Action::AccessChanged, &row.id, json!({ "before": before, "after": after })).await
}

/// Takes the roles that products gave a person or a group, so that they are not there for somebody who comes back.
pub(crate) async fn revoke_everywhere(change: &RecordTx<'_>, holder: Holder) -> Result<(), Error> {
    for row in special(change.tx, change.workspace, None, Locked::No).await? {
        let before = access_of(&row);
        let grants: Vec<Grant> = before.grants.iter().copied().filter(|grant| grant.to != holder).collect();
        if grants.len() < before.grants.len() {
            let after = ProductAccess { grants, ..before.clone() };
            write(change, &row, &before, &after).await?;
        }
    }
    Ok(())
}

/// Whether a product gives a role to the members of a group. Then only an owner may change who they are.
///
/// # Errors
/// [`Error::Forbidden`] for everybody else.
pub(crate) async fn check_group(change: &RecordTx<'_>, group: SegmentId, name: &str) -> Result<bool, Error> {
    for row in special(change.tx, change.workspace, None, Locked::No).await? {
        if access_of(&row).groups().any(|named| named == group) {
            if change.role_of(change.actor).await? == Some(Role::Owner) {
                return Ok(true);
            }
            return Err(Error::Forbidden(format!(
                "“{name}” decides who sees a product, so only an owner can change who is in it. Ask one."
            )));
        }
    }
    Ok(false)
}
