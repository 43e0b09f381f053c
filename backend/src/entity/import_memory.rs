//! What was chosen about files with the same columns, for one product.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_memory")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: String,
    /// A digest of the columns' names.
    #[sea_orm(primary_key, auto_increment = false)]
    pub columns: String,
    /// Mapping and answers, as JSON.
    pub chosen: String,
    pub used_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
