//! A ballot, and the purse it is paid from. Holds neither a person nor a time.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "voting_ballot")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub voting_id: String,
    /// Whose it is, to nobody without the session's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub pseudonym: Vec<u8>,
    pub tokens: i64,
    /// Never below zero nor above the tokens: the table refuses it. 0 while the session is open, when the cost is encrypted.
    pub spent: i64,
    /// How often it was cast; 0 while nothing was counted yet.
    pub casts: i64,
    /// The ballot as it was cast, as JSON. Withdrawn candidates stay, so that the receipt holds, and cost nothing.
    pub choices: String,
    pub nonce: Vec<u8>,
    pub receipt: String,
    /// In thousandths.
    pub weight: i64,
    pub segment_id: Option<String>,
    /// While the session is open, all of the above but tokens and casts, encrypted; they are empty then.
    pub sealed: Option<Vec<u8>>,
    /// How many of the voter's casts were answered while the session is open, refused ones among them.
    pub answers: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
