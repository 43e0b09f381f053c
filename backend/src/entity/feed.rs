//! A personal link to the dates of a roadmap.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the token in the link.
    pub token_hash: Vec<u8>,
    /// Whose link it is: it shows what this member sees.
    pub user_id: String,
    pub product_id: String,
    /// The saved view whose items are in it; all where there is none.
    pub view_id: Option<String>,
    pub created_ms: i64,
    /// When it was last read, to the hour.
    pub used_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
