//! A guest of a session, or a customer for whom somebody votes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "voting_voter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub voting_id: String,
    pub kind: String,
    pub name: String,
    /// The customer's name in lower case, by which there is one ballot for each; absent for guests and the removed.
    pub customer_key: Option<String>,
    pub segment_id: Option<String>,
    /// SHA-256 of the secret in a guest's cookie.
    pub token_hash: Option<Vec<u8>>,
    /// The code a guest came in with.
    pub entry_id: Option<String>,
    pub source: Option<String>,
    pub entered_by: Option<String>,
    pub removed_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
