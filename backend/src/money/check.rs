//! Whether entries in the database can be read.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{of_product, read};
use crate::{
    Backend, Error,
    entity::{money_entry, money_setting},
};

impl Backend {
    /// Adds to the problems every money entry that cannot be one.
    pub(crate) async fn check_money(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        let tx = self.db.begin_read().await?;
        let products: Vec<(String, String)> = money_entry::Entity::find()
            .select_only()
            .columns([money_entry::Column::WorkspaceId, money_entry::Column::ProductId])
            .distinct()
            .order_by_asc(money_entry::Column::WorkspaceId)
            .order_by_asc(money_entry::Column::ProductId)
            .into_tuple()
            .all(&tx)
            .await?;
        for (workspace, product) in products {
            for row in of_product(&workspace, &product).order_by_asc(money_entry::Column::Id).all(&tx).await?
            {
                let (id, amount) = (row.id.clone(), row.amount);
                if read(row).is_err() || !(0..=domain::money::MOST).contains(&amount) {
                    problems.push(format!("The money entry {id} cannot be read."));
                }
            }
        }
        let settings = money_setting::Entity::find().filter(money_setting::Column::Discount.lt(0));
        for row in settings.all(&tx).await? {
            problems.push(format!("The discount rate of {} cannot be one.", row.workspace_id));
        }
        tx.rollback().await?;
        Ok(())
    }
}
