//! What a member says about an item, by a criterion of a model.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rating")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    /// Of an item in any roadmap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    /// A method that comes with the program, or the id of a record.
    #[sea_orm(primary_key, auto_increment = false)]
    pub model: String,
    /// The name of the criterion, in lower case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub criterion: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// In hundredths.
    pub value: i64,
    pub at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
