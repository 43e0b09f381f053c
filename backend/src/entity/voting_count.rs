//! One of a session's counters of casts, while the session is open.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "voting_count")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub voting_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub stripe: i64,
    /// 1 while casts are counted, 0 once the close counts them.
    pub open: i64,
    pub casts: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
