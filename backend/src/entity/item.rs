//! Roadmap items, those in the bin too.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub roadmap_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub number: i64,
    pub lane_id: String,
    pub rank: String,
    pub title: String,
    pub description: String,
    pub kind: String,
    pub investment: Option<String>,
    pub effort_tenths: Option<i64>,
    pub start_on: Option<String>,
    pub end_on: Option<String>,
    pub owner_id: Option<String>,
    /// A JSON list, sorted.
    pub tags: String,
    pub status: String,
    pub source_key: Option<String>,
    /// What the fields of the table hold, as a JSON object; null where none is filled.
    pub field_values: Option<String>,
    /// What fields that keep it held first, as a JSON object; null where there is none.
    pub first_values: Option<String>,
    pub created_by: String,
    pub created_ms: i64,
    pub deleted_by: Option<String>,
    pub deleted_ms: Option<i64>,
    /// The key under which it goes on in another product.
    pub moved_to: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
