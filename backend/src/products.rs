//! Products: the portfolio's records. What is on their roadmaps is in rooms.

mod access;

use std::collections::HashMap;

use domain::{
    BUILT_IN_TEMPLATES, Product, ProductId, ProductKey, ProductKind, ProductName, ProductSummary, Purpose,
    RoadmapId, Role, SetUp, Stage, Visibility, WorkspaceId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};
use serde_json::{Value, json};

pub use self::access::{AccessChange, AccessFacts};
pub(crate) use self::access::{check_group, revoke_everywhere};

use crate::{
    Error,
    access::{Editor, RecordTx, Viewer, change, product::access_of},
    amounts,
    audit::Action,
    clock::new_id,
    entity::product,
};

/// What people say about a product besides its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: ProductName,
    pub kind: ProductKind,
    pub stage: Stage,
    pub purpose: Purpose,
}

impl Viewer {
    /// Every product that exists for this person, archived ones too, by name.
    pub async fn products(&self) -> Result<Vec<Product>, Error> {
        let rows = product::Entity::find()
            .filter(product::Column::WorkspaceId.eq(self.workspace.to_string()))
            .order_by_asc(product::Column::Key)
            .all(self.backend.db.reader())
            .await?;
        let roles = self.roles_in(&rows).await?;
        let mut products = rows
            .into_iter()
            .zip(roles)
            .filter_map(|(row, role)| role.map(|role| read(row, role)))
            .collect::<Result<Vec<_>, _>>()?;
        products.sort_by_cached_key(|product| product.name.to_lowercase());
        Ok(products)
    }

    /// Every product that exists for this person, with how much its roadmap holds.
    pub async fn product_summaries(&self) -> Result<Vec<ProductSummary>, Error> {
        let products = self.products().await?;
        let counts: HashMap<RoadmapId, (u32, u32)> = self.backend.counts(self.workspace).await?;
        let summary = |product: Product| {
            let (items, votes) = counts.get(&product.roadmap).copied().unwrap_or_default();
            ProductSummary { product, items, votes }
        };
        Ok(products.into_iter().map(summary).collect())
    }

    /// The product with this key.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none that this person may know of.
    pub async fn product(&self, key: &ProductKey) -> Result<Product, Error> {
        let row = self.product_row(key).await?;
        let role = self.roles_in(std::slice::from_ref(&row)).await?.remove(0);
        read(row, role.ok_or_else(|| unknown(key))?)
    }

    /// The row of the product with this key, whether or not this person may know of it.
    async fn product_row(&self, key: &ProductKey) -> Result<product::Model, Error> {
        find(self.backend.db.reader(), self.workspace, key).await?.ok_or_else(|| unknown(key))
    }
}

impl Editor {
    /// Makes a product and its roadmap, with the lanes a roadmap starts with.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another product, archived or not, has the key.
    pub async fn create_product(&self, key: ProductKey, profile: Profile) -> Result<Product, Error> {
        self.create_product_as(key, profile, &BUILT_IN_TEMPLATES[0].set_up()).await
    }

    /// Makes a product and its roadmap, set up as a template says.
    ///
    /// # Errors
    /// Also [`Error::Invalid`] when a roadmap cannot be so.
    pub async fn create_product_as(
        &self,
        key: ProductKey,
        profile: Profile,
        set_up: &SetUp,
    ) -> Result<Product, Error> {
        let product: Product = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            if let Some(other) = find(tx, change.workspace, &key).await? {
                let own = change.role_of(change.actor).await?.ok_or(domain::Reject::NotMember)?;
                let is_seen = change.role_in(change.actor, own, &other).await?.is_some();
                return Err(Error::Conflict(if is_seen { taken(&other) } else { taken_unseen(&key) }));
            }
            let all = product::Column::WorkspaceId.eq(self.workspace.to_string());
            amounts::PRODUCTS.check(tx, product::Entity::find().filter(all)).await?;
            let (id, roadmap) = (new_id(ProductId::new), new_id(RoadmapId::new));
            product::Entity::insert(product::ActiveModel {
                workspace_id: Set(change.workspace.to_string()),
                id: Set(id.to_string()),
                roadmap_id: Set(roadmap.to_string()),
                key: Set(key.to_string()),
                name: Set(profile.name.to_string()),
                kind: Set(profile.kind.as_str().to_owned()),
                stage: Set(profile.stage.as_str().to_owned()),
                purpose: Set(profile.purpose.to_string()),
                created_ms: Set(change.at.0),
                archived_ms: Set(None),
                access: Set(String::new()),
            })
            .exec_without_returning(tx)
            .await?;
            let by = (change.actor, change.at);
            self.backend.create_roadmap(tx, change.workspace, (id, roadmap), set_up, by).await?;
            let body = json!({ "key": key, "name": profile.name, "roadmap": roadmap });
            change.audit(Action::ProductCreated, &id.to_string(), body).await?;
            let Profile { name, kind, stage, purpose } = profile.clone();
            let (key, role) = (key.clone(), self.role());
            Ok(Product {
                id,
                roadmap,
                key,
                name,
                kind,
                stage,
                purpose,
                archived: false,
                restricted: false,
                role,
            })
        })?;
        self.follow_fields(&product).await?;
        for (name, face, state) in &set_up.views {
            self.add_view(&product.key, name, *face, state).await?;
        }
        Ok(product)
    }

    /// Changes what is said about a product, besides its stage. Its key stays, because item keys and links are made of it.
    pub async fn edit_product(
        &self,
        key: &ProductKey,
        (name, kind, purpose): (ProductName, ProductKind, Purpose),
    ) -> Result<(), Error> {
        let roadmap = change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_product(tx, self, key, Role::Editor).await?;
            let before = read(row.clone(), Role::Editor)?;
            let after = Profile { name: name.clone(), kind, stage: before.stage, purpose: purpose.clone() };
            write(&change, &row, after, json!({})).await?;
            Ok(before.roadmap)
        })?;
        self.backend.product_changed(roadmap);
        Ok(())
    }

    /// Archives a product, which makes its roadmap read-only, or takes it out of the archive.
    pub async fn set_archived(&self, key: &ProductKey, archived: bool) -> Result<(), Error> {
        let roadmap = change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_product(tx, self, key, Role::Editor).await?;
            let before = read(row.clone(), Role::Editor)?;
            if before.archived != archived {
                let at = archived.then_some(change.at.0);
                product::Entity::update_many()
                    .col_expr(product::Column::ArchivedMs, Expr::value(at))
                    .filter(product::Column::WorkspaceId.eq(&row.workspace_id))
                    .filter(product::Column::Id.eq(&row.id))
                    .exec(tx)
                    .await?;
                let action = if archived { Action::ProductArchived } else { Action::ProductRestored };
                change.audit(action, &row.id, json!({ "key": key })).await?;
            }
            Ok(before.roadmap)
        })?;
        self.backend.product_changed(roadmap);
        if !archived {
            // Those that came while it was in the archive.
            self.follow_fields(&self.product(key).await?).await?;
        }
        Ok(())
    }
}

/// Writes what is said about a product, and what it was into the audit log, with `more` about why.
pub(crate) async fn write(
    change: &RecordTx<'_>,
    row: &product::Model,
    after: Profile,
    more: Value,
) -> Result<(), Error> {
    product::Entity::update_many()
        .col_expr(product::Column::Name, Expr::value(after.name.to_string()))
        .col_expr(product::Column::Kind, Expr::value(after.kind.as_str()))
        .col_expr(product::Column::Stage, Expr::value(after.stage.as_str()))
        .col_expr(product::Column::Purpose, Expr::value(after.purpose.to_string()))
        .filter(product::Column::WorkspaceId.eq(&row.workspace_id))
        .filter(product::Column::Id.eq(&row.id))
        .exec(change.tx)
        .await?;
    let mut body = more;
    body["before"] =
        json!({ "name": row.name, "kind": row.kind, "stage": row.stage, "purpose": row.purpose });
    body["after"] = json!({
        "name": after.name, "kind": after.kind, "stage": after.stage, "purpose": after.purpose,
    });
    change.audit(Action::ProductEdited, &row.id, body).await
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    key: &ProductKey,
) -> Result<Option<product::Model>, Error> {
    Ok(product::Entity::find()
        .filter(product::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(product::Column::Key.eq(key.to_string()))
        .one(db)
        .await?)
}

/// A product, and what its reader may do in it.
pub(crate) fn read(row: product::Model, role: Role) -> Result<Product, Error> {
    let restricted = access_of(&row).visibility == Visibility::Chosen;
    Ok(Product {
        id: row.id.parse().map_err(Error::internal)?,
        roadmap: row.roadmap_id.parse().map_err(Error::internal)?,
        key: row.key.parse().map_err(Error::internal)?,
        name: row.name.parse().map_err(Error::internal)?,
        kind: row.kind.parse().map_err(|error: String| Error::internal(error))?,
        stage: row.stage.parse().map_err(|error: String| Error::internal(error))?,
        purpose: row.purpose.parse().map_err(Error::internal)?,
        archived: row.archived_ms.is_some(),
        restricted,
        role,
    })
}

fn taken(other: &product::Model) -> String {
    let archived = if other.archived_ms.is_some() { ", which is archived," } else { "" };
    format!("The key {} belongs to “{}”{archived} already. Choose another.", other.key, other.name)
}

/// Of a product that does not exist for who asks.
fn taken_unseen(key: &ProductKey) -> String {
    format!("The key {key} is taken. Choose another.")
}

pub(crate) fn unknown(key: &ProductKey) -> Error {
    Error::NotFound(format!("There is no product {key} here. Look for it in the list of products."))
}
