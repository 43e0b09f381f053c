//! What a key figure was on a day.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "measurement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    /// A record of the kind `kpi`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kpi_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: String,
    /// In ten-thousandths, see `domain::Figure`.
    pub value: i64,
    /// Where it comes from, in a few words; may be empty.
    pub source: String,
    pub by_id: String,
    pub at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
