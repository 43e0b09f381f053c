//! The answer to a cast, for when it is sent again.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "voting_cast")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub voting_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pseudonym: Vec<u8>,
    /// A keyed hash of its number, which is made of the time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub cast_id: String,
    /// A keyed hash of what was sent: other choices under the same number are another cast.
    pub digest: Vec<u8>,
    /// As JSON: what was counted, or the refusal.
    pub answer: String,
    /// While the session is open, the answer, encrypted; `answer` is empty then.
    pub sealed: Option<Vec<u8>>,
    /// Which of the voter's answers it is, while the session is open: 1 is the first. Says nothing about other voters.
    pub nth: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
