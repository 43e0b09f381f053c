//! A browser in which somebody is signed in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    /// SHA-256 of the token in the cookie: who reads the table cannot sign in with it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    pub user_id: String,
    pub created_ms: i64,
    pub expires_ms: i64,
    /// When the session was last used, give or take an hour.
    pub used_ms: i64,
    /// What it was opened with, such as `Firefox on Windows`, where that is known.
    pub browser: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
