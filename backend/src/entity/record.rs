//! Records of the kinds that are declared in `domain`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub kind: String,
    /// Where its kind belongs to products.
    pub product_id: Option<String>,
    /// Values by field, as a JSON object.
    pub field_values: String,
    /// Counts its changes, from 1.
    pub version: i64,
    pub created_by: String,
    pub created_ms: i64,
    pub changed_by: String,
    pub changed_ms: i64,
    pub deleted_by: Option<String>,
    pub deleted_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
