//! A code with which guests come to a session.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "voting_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub voting_id: String,
    /// A keyed hash of the code.
    pub code_hash: Vec<u8>,
    /// For one person; otherwise for everybody who has the code.
    pub name: Option<String>,
    pub segment_id: Option<String>,
    pub used: i64,
    pub revoked_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
