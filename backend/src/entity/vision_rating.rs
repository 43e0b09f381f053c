//! What a member says about a version of a vision, by one of its checks.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vision_rating")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    /// The record of the version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub vision_id: String,
    /// The check.
    #[sea_orm(primary_key, auto_increment = false)]
    pub asked: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// From 1 to 5.
    pub value: i64,
    pub at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
