//! Rating an item.

use domain::{ItemId, ProductKey};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{RATES, choice, model_of};
use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    codec::parse,
    entity::{item, rating},
};

impl Viewer {
    /// Rates an item by criteria of the product's model, as typed; what is empty takes the rating back. All of it or nothing. `model`
    /// is the one that the person saw.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a rating that is not on its scale, [`Error::Conflict`] when the product is scored by another model by
    /// now, [`Error::NotFound`] when there is no such item.
    pub async fn rate(
        &self,
        key: &ProductKey,
        item: ItemId,
        model: &str,
        typed: &[(String, String)],
    ) -> Result<(), Error> {
        let roadmap = change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, RATES).await?;
            let choice = choice(tx, self.workspace, parse(&row.id)?).await?;
            let chosen = model_of(tx, self.workspace, &choice).await?;
            if chosen.key != model {
                return Err(Error::Conflict(format!(
                    "The items are scored by {} now. Reload the page and rate them by that.",
                    chosen.name
                )));
            }
            let at = (row.workspace_id.clone(), row.roadmap_id.clone(), item.to_string());
            let found = item::Entity::find_by_id(at).one(tx).await?;
            if !found.is_some_and(|item| item.deleted_ms.is_none() && item.moved_to.is_none()) {
                return Err(Error::NotFound(
                    "There is no such item here any more. Reload the page.".to_owned(),
                ));
            }
            for (name, text) in typed {
                let criterion = chosen.model.criterion(name);
                let Some((criterion, scale)) = criterion.and_then(|found| Some((found, found.scale()?)))
                else {
                    return Err(Error::Invalid(format!(
                        "{} has no criterion “{name}” to rate.",
                        chosen.name
                    )));
                };
                let criterion_key = criterion.name.to_lowercase();
                if text.trim().is_empty() {
                    let person = change.actor.to_string();
                    let at =
                        (row.workspace_id.clone(), item.to_string(), model.to_owned(), criterion_key, person);
                    rating::Entity::delete_by_id(at).exec(tx).await?;
                    continue;
                }
                let value = scale.rating(text).map_err(|scale| {
                    Error::Invalid(format!(
                        "“{}” isn’t a rating of {}. Use {scale}.",
                        text.trim(),
                        criterion.name
                    ))
                })?;
                let same = OnConflict::columns([
                    rating::Column::WorkspaceId,
                    rating::Column::ItemId,
                    rating::Column::Model,
                    rating::Column::Criterion,
                    rating::Column::UserId,
                ])
                .update_columns([rating::Column::Value, rating::Column::AtMs])
                .to_owned();
                rating::Entity::insert(rating::ActiveModel {
                    workspace_id: Set(row.workspace_id.clone()),
                    item_id: Set(item.to_string()),
                    model: Set(model.to_owned()),
                    criterion: Set(criterion_key),
                    user_id: Set(change.actor.to_string()),
                    value: Set(value),
                    at_ms: Set(change.at.0),
                })
                .on_conflict(same)
                .exec_without_returning(tx)
                .await?;
            }
            parse(&row.roadmap_id)
        })?;
        self.backend.scores_changed(roadmap);
        Ok(())
    }
}
