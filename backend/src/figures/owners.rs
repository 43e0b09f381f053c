//! Who owns a product: for the business, and for IT. A part of its profile.

use std::collections::HashMap;

use domain::{OwnerSide, ProductId, ProductKey, Role, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    audit::Action,
    codec::parse,
    db::padded,
    entity::product_owner,
};

/// The owners of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    pub business: Option<UserId>,
    pub it: Option<UserId>,
}

impl Owners {
    /// The owner of a side.
    pub fn of(self, side: OwnerSide) -> Option<UserId> {
        match side {
            OwnerSide::Business => self.business,
            OwnerSide::It => self.it,
        }
    }

    /// Takes what a row says.
    fn take(&mut self, row: &product_owner::Model) -> Result<(), Error> {
        let user = Some(parse(&row.user_id)?);
        match row.side.parse::<OwnerSide>() {
            Ok(OwnerSide::Business) => self.business = user,
            Ok(OwnerSide::It) => self.it = user,
            Err(_) => {}
        }
        Ok(())
    }
}

impl Viewer {
    /// The owners of a product.
    pub(super) async fn owners_of(&self, product: ProductId) -> Result<Owners, Error> {
        let workspace = self.workspace.to_string();
        read(self.backend.db.reader(), &workspace, &product.to_string()).await
    }

    /// Names the owners of a product.
    ///
    /// # Errors
    /// [`Error::Invalid`] when one of them is no member for whom the product exists.
    pub async fn set_owners(&self, key: &ProductKey, owners: Owners) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let before = read(tx, &row.workspace_id, &row.id).await?;
            if before == owners {
                return Ok(());
            }
            for side in OwnerSide::ALL {
                let (was, owner) = (before.of(*side), owners.of(*side));
                if was == owner {
                    continue;
                }
                if let Some(user) = owner {
                    let role = change.role_of(user).await?;
                    let sees = match role {
                        Some(role) => change.role_in(user, role, &row).await?.is_some(),
                        None => false,
                    };
                    if !sees {
                        return Err(Error::Invalid(format!(
                            "Choose a member who can see this product as {}.",
                            side.in_sentence()
                        )));
                    }
                }
                product_owner::Entity::delete_by_id((
                    row.workspace_id.clone(),
                    row.id.clone(),
                    side.as_str().to_owned(),
                ))
                .exec(tx)
                .await?;
                if let Some(user) = owner {
                    product_owner::Entity::insert(product_owner::ActiveModel {
                        workspace_id: Set(row.workspace_id.clone()),
                        product_id: Set(row.id.clone()),
                        side: Set(side.as_str().to_owned()),
                        user_id: Set(user.to_string()),
                    })
                    .exec_without_returning(tx)
                    .await?;
                }
            }
            let told = |owners: Owners| json!({ "business": owners.business, "it": owners.it });
            let body = json!({ "owners": { "before": told(before), "after": told(owners) } });
            change.audit(Action::ProductEdited, &row.id, body).await
        })
    }
}

/// The owners of a product, by the ids as rows have them.
pub(super) async fn read(db: &impl ConnectionTrait, workspace: &str, product: &str) -> Result<Owners, Error> {
    let found = of_products(db, workspace, std::iter::once(product.to_owned())).await?;
    Ok(found.into_values().next().unwrap_or_default())
}

/// The owners of those of these products that have any.
pub(crate) async fn of_products(
    db: &impl ConnectionTrait,
    workspace: &str,
    products: impl Iterator<Item = String>,
) -> Result<HashMap<String, Owners>, Error> {
    let rows = product_owner::Entity::find()
        .filter(product_owner::Column::WorkspaceId.eq(workspace))
        .filter(product_owner::Column::ProductId.is_in(padded(products)))
        .all(db)
        .await?;
    let mut owners: HashMap<String, Owners> = HashMap::new();
    for row in rows {
        owners.entry(row.product_id.clone()).or_default().take(&row)?;
    }
    Ok(owners)
}
