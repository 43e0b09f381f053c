//! What was done to roadmaps, in order: the past, of which the other tables are the present.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "op_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub roadmap_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// The page it came from, and its number there: each is in the log at most once.
    pub client_id: String,
    pub cseq: i64,
    pub actor_id: String,
    pub at_ms: i64,
    /// `domain::Op` as JSON.
    pub op: String,
    /// What it changed, `domain::Change`s as JSON.
    pub changes: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
