//! A product or service of the portfolio.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub roadmap_id: String,
    /// Unique in the workspace, archived products included: item keys never come to mean two things.
    pub key: String,
    pub name: String,
    pub kind: String,
    pub stage: String,
    pub purpose: String,
    pub created_ms: i64,
    pub archived_ms: Option<i64>,
    /// To whom it exists and what they may do, as JSON; empty where everyone has the role they have in the workspace.
    pub access: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
