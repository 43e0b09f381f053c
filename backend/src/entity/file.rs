//! A file that is attached to something on a roadmap.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    /// Those who see the roadmap's product may read the file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub roadmap_id: String,
    /// SHA-256 of the bytes, in hexadecimal digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub name: String,
    /// Of a picture that pages show; empty for anything else.
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// Who attached it here.
    pub user_id: String,
    pub created_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
