//! By which model a product is scored, and whether its ratings are revealed.

use domain::{ProductField, ProductKey, Role};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde_json::{Value, json};

use super::{ChosenModel, ProductChoice, choice, find_model, model_of};
use crate::{
    Editor, Error,
    access::{RecordTx, change},
    audit::Action,
    codec::parse,
    entity::{product, product_score},
};

impl Editor {
    /// Chooses the model by which a product is scored; an empty key leaves it to the workspace. Ratings by another stay, and are
    /// there again when that is chosen; what a model hides is hidden again.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such model.
    pub async fn choose_score_model(&self, key: &ProductKey, model: &str) -> Result<(), Error> {
        let roadmap = change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            if !model.is_empty() && find_model(tx, self.workspace, model).await?.is_none() {
                return Err(Error::NotFound(
                    "There is no such score model any more. Reload the page and choose another.".to_owned(),
                ));
            }
            choose_in(&change, &row, model).await?;
            parse(&row.roadmap_id)
        })?;
        self.backend.scores_changed(roadmap);
        Ok(())
    }

    /// Reveals the ratings of a product to those who see it, or hides them again.
    ///
    /// # Errors
    /// [`Error::Conflict`] when its model hides none.
    pub async fn reveal_ratings(&self, key: &ProductKey, revealed: bool) -> Result<(), Error> {
        let roadmap = change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let before = choice(tx, self.workspace, parse(&row.id)?).await?;
            let model = model_of(tx, self.workspace, &before).await?;
            if !model.hides {
                return Err(Error::Conflict(format!(
                    "{} doesn’t hide ratings: everybody sees them.",
                    model.name
                )));
            }
            if before.reveals(&model) != revealed {
                // What is revealed is named, also where the product only follows the workspace.
                let after = ProductChoice { model: model.key, revealed };
                set(&change, &row, before, after).await?;
            }
            parse(&row.roadmap_id)
        })?;
        self.backend.scores_changed(roadmap);
        Ok(())
    }
}

/// Chooses the model of a product within a change that has begun.
pub(crate) async fn choose_in(change: &RecordTx<'_>, row: &product::Model, model: &str) -> Result<(), Error> {
    let before = choice(change.tx, change.workspace, parse(&row.id)?).await?;
    if before.model == model {
        return Ok(());
    }
    let after = ProductChoice { model: model.to_owned(), revealed: false };
    set(change, row, before, after).await
}

/// What the history of the product has about it.
fn words(model: &ChosenModel, choice: &ProductChoice) -> Value {
    let ratings = match (model.hides, choice.reveals(model)) {
        (false, _) => "Shown",
        (true, true) => "Revealed",
        (true, false) => "Hidden",
    };
    json!({ ProductField::ScoreModel.as_str(): model.name, ProductField::Ratings.as_str(): ratings })
}

async fn set(
    change: &RecordTx<'_>,
    row: &product::Model,
    before: ProductChoice,
    after: ProductChoice,
) -> Result<(), Error> {
    let was = model_of(change.tx, change.workspace, &before).await?;
    let is = model_of(change.tx, change.workspace, &after).await?;
    let same = OnConflict::columns([product_score::Column::WorkspaceId, product_score::Column::ProductId])
        .update_columns([product_score::Column::Model, product_score::Column::RevealedMs])
        .to_owned();
    product_score::Entity::insert(product_score::ActiveModel {
        workspace_id: Set(row.workspace_id.clone()),
        product_id: Set(row.id.clone()),
        model: Set(after.model.clone()),
        revealed_ms: Set(after.revealed.then_some(change.at.0)),
    })
    .on_conflict(same)
    .exec_without_returning(change.tx)
    .await?;
    let body = json!({ "before": words(&was, &before), "after": words(&is, &after) });
    change.audit(Action::ScoresSet, &row.id, body).await
}
