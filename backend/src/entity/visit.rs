//! When a member was last at a roadmap.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub roadmap_id: String,
    /// The end of the log when the visit before ended.
    pub since_seq: i64,
    /// When that was; null during the first visit.
    pub since_ms: Option<i64>,
    /// The end of the log when a page was last open.
    pub seen_seq: i64,
    pub seen_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
