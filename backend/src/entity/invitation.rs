//! A link with which somebody may join: one person, or as many as it says.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the token in the link.
    pub token_hash: Vec<u8>,
    pub role: String,
    pub invited_by: String,
    pub created_ms: i64,
    pub expires_ms: i64,
    /// When it was used up, and by whom.
    pub accepted_ms: Option<i64>,
    pub accepted_by: Option<String>,
    pub revoked_ms: Option<i64>,
    /// For whom it is, as the inviter wrote it.
    pub name: Option<String>,
    /// How many may join with it, and how many have.
    pub max_uses: i64,
    pub uses: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
