//! Items that were moved to another product.

use sea_orm::sea_query::{Alias, ColumnDef, Table};

use super::Step;

/// Under which key an item goes on.
pub(super) fn steps() -> Vec<Step> {
    let mut column = ColumnDef::new(Alias::new("moved_to"));
    vec![Step::Alter(Table::alter().table(Alias::new("item")).add_column(column.text().null()).take())]
}
