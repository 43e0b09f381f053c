//! What was done to records, by whom, chained by hashes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    /// 1 for the first, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i64,
    pub at_ms: i64,
    pub actor_id: String,
    pub action: String,
    pub object: String,
    /// What changed, as JSON.
    pub body: String,
    pub prev_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
