//! What people chose about files with the same columns, remembered for each product.

use domain::{
    Product, Role,
    exchange::{Answers, Mapping},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Editor, Error,
    access::{RecordTx, change},
    codec::hex,
    entity::import_memory,
};

/// The most sets of columns that are remembered for a product, and the bytes of one. Those not used the longest go.
const MOST: u64 = 100;
const MAX_BYTES: usize = 256 * 1024;

/// Answers about a single file, which mean nothing for the next one.
const OF_ONE_FILE: [&str; 4] = ["sheet", "header", "archived", "bin"];

/// What was chosen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Remembered {
    pub(super) mapping: Mapping,
    pub(super) answers: Answers,
}

/// What tells a set of columns from others.
pub(super) fn digest(headers: &[String]) -> String {
    hex(&Sha256::digest(headers.join("\n")))
}

impl Editor {
    /// What was chosen for files with these columns, if one was imported into the product before.
    pub(super) async fn remembered_import(
        &self,
        product: &Product,
        digest: &str,
    ) -> Result<Option<Remembered>, Error> {
        let key = (self.workspace().to_string(), product.id.to_string(), digest.to_owned());
        let row = import_memory::Entity::find_by_id(key).one(self.backend.db.reader()).await?;
        // What a later version wrote otherwise is as good as forgotten.
        Ok(row.and_then(|row| serde_json::from_str(&row.chosen).ok()))
    }

    pub(super) async fn remember_import(
        &self,
        product: &Product,
        digest: &str,
        chosen: &Remembered,
    ) -> Result<(), Error> {
        let mut chosen = chosen.clone();
        chosen.answers.0.retain(|id, _| !OF_ONE_FILE.contains(&id.as_str()));
        let chosen = serde_json::to_string(&chosen).map_err(Error::internal)?;
        if chosen.len() > MAX_BYTES {
            return Ok(());
        }
        let (workspace, key, product) = (self.workspace().to_string(), &product.key, product.id.to_string());
        change!(self.backend, |tx| {
            let (change, _) = RecordTx::in_product(tx, self, key, Role::Editor).await?;
            import_memory::Entity::insert(import_memory::ActiveModel {
                workspace_id: Set(workspace.clone()),
                product_id: Set(product.clone()),
                columns: Set(digest.to_owned()),
                chosen: Set(chosen.clone()),
                used_ms: Set(change.at.0),
            })
            .on_conflict(
                OnConflict::columns([
                    import_memory::Column::WorkspaceId,
                    import_memory::Column::ProductId,
                    import_memory::Column::Columns,
                ])
                .update_columns([import_memory::Column::Chosen, import_memory::Column::UsedMs])
                .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
            let of_product = import_memory::Entity::find()
                .filter(import_memory::Column::WorkspaceId.eq(&workspace))
                .filter(import_memory::Column::ProductId.eq(&product));
            let count = of_product.clone().count(tx).await?;
            if let Some(surplus) = count.checked_sub(MOST).filter(|surplus| *surplus > 0) {
                let oldest = of_product.order_by_asc(import_memory::Column::UsedMs).limit(surplus);
                for row in oldest.all(tx).await? {
                    let key = (row.workspace_id, row.product_id, row.columns);
                    import_memory::Entity::delete_by_id(key).exec(tx).await?;
                }
            }
            Ok(())
        })
    }
}
