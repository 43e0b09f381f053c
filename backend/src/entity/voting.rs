//! A voting session.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "voting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// What was chosen when it was set up, as JSON.
    pub draft: String,
    pub phase: String,
    pub opens_ms: Option<i64>,
    pub closes_ms: Option<i64>,
    /// Counts up with every change that people should see at once.
    pub revision: i64,
    /// Makes, with the secret outside the database, the key of the pseudonyms of a closed session that is not secret.
    pub salt: Option<Vec<u8>>,
    /// By which the right key is known: of an open session the one in its file, of a closed one that of secret and salt.
    pub key_print: Option<Vec<u8>>,
    /// How many could vote and how many did, as JSON. Set when the session is closed.
    pub turnout: Option<String>,
    /// What was frozen when it opened, as JSON: the segments with their weights, and the edition of its record.
    pub opened: Option<String>,
    pub created_by: String,
    pub created_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
