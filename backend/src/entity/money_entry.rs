//! What a product costs, brings or saves in a month.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "money_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub product_id: String,
    /// The item of the product that it is for.
    pub item_id: Option<String>,
    /// `2027-01`, see `domain::money::Month`.
    pub month: String,
    /// `domain::money::MoneyKind`.
    pub kind: String,
    /// `domain::money::Basis`.
    pub basis: String,
    /// In hundredths of the workspace's currency.
    pub amount: i64,
    /// What it is, in a few words; may be empty.
    pub label: String,
    pub by_id: String,
    pub at_ms: i64,
    /// When it was removed; it can be restored.
    pub deleted_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
