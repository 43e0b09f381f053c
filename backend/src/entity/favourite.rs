//! Something that a member has starred.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "favourite")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// `domain::FavouriteKind`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// The id of the product, view or item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub target_id: String,
    /// Favourites are listed by it, the smallest first.
    pub place: i64,
    pub added_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
