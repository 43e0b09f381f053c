//! How far each page's operations were decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_cursor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub roadmap_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    /// The only person whose operations this page may send.
    pub user_id: String,
    /// Everything up to here was decided, accepted or refused.
    pub last_cseq: i64,
    pub seen_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
