//! Scores: the items of a product in an order that people can question. What is stored are ratings, and by which model a product is
//! scored; everything else is computed from them when somebody looks.
//!
//! A model may hide ratings until an editor of the product reveals them. Until then a person is given their own ratings, scores from
//! these alone, and how many others have rated; what others said is not even read. So nothing made of it can be in an answer.

mod choose;
mod computed;
mod order;
mod rate;
mod read;

pub(crate) use self::choose::choose_in;

use std::collections::HashMap;

use domain::{
    ItemId, LaneId, Product, ProductId, ProductKey, Record, RecordId, Role, SCORE_MODEL, Status, Timestamp,
    UserId, WorkspaceId, hides_ratings, is_default_score_model,
    score::{DEFAULT_METHOD, Input, Method, Number, ScoreModel, Scored, Source, ranked},
    score_model, score_model_method,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    Backend, Error, Viewer,
    entity::{item, product_score, rating},
    problems::tell_rows,
    records,
};

/// The least role that may rate: the one that may vote.
const RATES: Role = Role::Stakeholder;

/// A model as a product uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenModel {
    /// A method that comes with the program, or the id of a record.
    pub key: String,
    pub name: String,
    pub method: Method,
    pub model: ScoreModel,
    /// Whether it hides ratings until they are revealed.
    pub hides: bool,
}

/// The items of a product in the order of their scores, as a person may see them.
#[derive(Clone, Debug)]
pub struct Scoreboard {
    pub product: Product,
    pub model: ChosenModel,
    /// Whether the product has chosen it.
    pub is_chosen: bool,
    /// Whether others' ratings are in this.
    pub is_revealed: bool,
    /// The highest score first.
    pub items: Vec<ScoredItem>,
    /// What could be chosen instead: keys and names.
    pub models: Vec<(String, String)>,
}

/// An item with its score, and what this person said about it.
#[derive(Clone, Debug)]
pub struct ScoredItem {
    pub scored: Scored,
    pub number: u32,
    pub title: String,
    pub status: Status,
    pub lane: LaneId,
    /// Own ratings in hundredths, in the order of the criteria.
    pub own: Vec<Option<i64>>,
    /// How many have rated each criterion.
    pub raters: Vec<u32>,
}

/// What one person said about an item by a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The place of the criterion.
    pub criterion: usize,
    pub user: UserId,
    /// In hundredths.
    pub value: i64,
    pub at: Timestamp,
}

/// What a product has chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ProductChoice {
    model: String,
    revealed: bool,
}

impl ProductChoice {
    /// Whether others see the ratings by a model. They were revealed for the model that was chosen then: one that takes its place,
    /// because it was removed or another became the default, keeps its own hidden.
    fn reveals(&self, model: &ChosenModel) -> bool {
        !model.hides || (self.revealed && self.model == model.key)
    }
}

impl ChosenModel {
    fn built_in(method: Method) -> Option<Self> {
        let (key, name) = (method.as_str().to_owned(), method.label().to_owned());
        Some(Self { key, name, method, model: method.model()?, hides: false })
    }

    fn default_method() -> Self {
        Self::built_in(DEFAULT_METHOD).expect("a test makes every model")
    }
}

async fn choice(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    product: ProductId,
) -> Result<ProductChoice, Error> {
    let row = product_score::Entity::find_by_id((workspace.to_string(), product.to_string())).one(db).await?;
    Ok(row.map_or_else(ProductChoice::default, |row| ProductChoice {
        model: row.model,
        revealed: row.revealed_ms.is_some(),
    }))
}

/// A model by its key; `None` where there is none, or no longer.
async fn find_model(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    key: &str,
) -> Result<Option<ChosenModel>, Error> {
    if let Some(method) = Method::find(key) {
        return Ok(ChosenModel::built_in(method));
    }
    let Ok(id) = key.parse::<RecordId>() else { return Ok(None) };
    let found = records::by_ids(db, &workspace.to_string(), &SCORE_MODEL, vec![id.to_string()]).await?;
    Ok(found.iter().find(|record| record.deleted.is_none()).and_then(own_model))
}

/// A model by what people call it: a method, or a record of the workspace. `None` where there is none.
pub(crate) async fn named_model(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    name: &str,
) -> Result<Option<ChosenModel>, Error> {
    let is_called = |label: &str| label.to_lowercase() == name.trim().to_lowercase();
    let all = records::all(db, &workspace.to_string(), &SCORE_MODEL, None).await?;
    let own = all.iter().find(|record| record.deleted.is_none() && is_called(&SCORE_MODEL.name_of(record)));
    if let Some(own) = own {
        return Ok(own_model(own));
    }
    let method =
        Method::ALL.into_iter().find(|method| is_called(method.as_str()) || is_called(method.label()));
    Ok(method.and_then(ChosenModel::built_in))
}

/// A record as a model; `None` where it cannot be read any more.
fn own_model(record: &Record) -> Option<ChosenModel> {
    Some(ChosenModel {
        key: record.id.to_string(),
        name: SCORE_MODEL.name_of(record),
        method: score_model_method(record),
        model: score_model(record).ok()?,
        hides: hides_ratings(record),
    })
}

/// The model of a product: the one that it has chosen, or the workspace's default, or the program's.
async fn model_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    choice: &ProductChoice,
) -> Result<ChosenModel, Error> {
    if let Some(chosen) = find_model(db, workspace, &choice.model).await? {
        return Ok(chosen);
    }
    let all = records::all(db, &workspace.to_string(), &SCORE_MODEL, None).await?;
    let default = all.iter().find(|record| record.deleted.is_none() && is_default_score_model(record));
    Ok(default.and_then(own_model).unwrap_or_else(ChosenModel::default_method))
}

impl Viewer {
    /// The items of a product that are neither done nor dropped, by their scores.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such product for this person.
    pub async fn scoreboard(&self, key: &ProductKey) -> Result<Scoreboard, Error> {
        let product = self.product(key).await?;
        let db = self.backend.db.reader();
        let choice = choice(db, self.workspace, product.id).await?;
        let model = model_of(db, self.workspace, &choice).await?;
        self.scoreboard_by(product, model, &choice).await
    }

    /// The items of a product as they would be scored by a model, if it were chosen now.
    pub(crate) async fn scoreboard_if(
        &self,
        product: Product,
        model: ChosenModel,
    ) -> Result<Scoreboard, Error> {
        let choice = ProductChoice { model: model.key.clone(), revealed: false };
        self.scoreboard_by(product, model, &choice).await
    }

    async fn scoreboard_by(
        &self,
        product: Product,
        model: ChosenModel,
        choice: &ProductChoice,
    ) -> Result<Scoreboard, Error> {
        let is_revealed = choice.reveals(&model);
        let view = self.view(product.roadmap).await?;
        let mut ratings = self.ratings(&product, &model, is_revealed).await?;
        let counts_result = model.model.criteria.iter().any(|it| it.source == Source::VotingResult);
        let points = if counts_result { self.last_points(product.roadmap).await? } else { HashMap::new() };
        let mut details: HashMap<ItemId, (Vec<Option<i64>>, Vec<u32>)> = HashMap::new();
        let mut items = Vec::new();
        let live = view.roadmap.board_order().filter_map(|id| view.roadmap.item(id));
        for item in live.filter(|item| item.deleted.is_none() && !item.fields.status.is_settled()) {
            let mut said = ratings.remove(&item.id).unwrap_or_default();
            said.fill(model.model.criteria.len());
            let inputs = model.model.criteria.iter().zip(&said.ratings).map(|(criterion, ratings)| {
                match &criterion.source {
                    Source::Rating(_) => Input { value: ratings.mean(), ratings: Some(ratings.clone()) },
                    Source::Field(field) => Input { value: field.of(item), ratings: None },
                    Source::Upvotes => {
                        let votes = i64::from(view.roadmap.vote_count(item.id));
                        Input { value: Some(Number::whole(votes)), ratings: None }
                    }
                    Source::VotingResult => Input {
                        value: points.get(&item.id).map(|points| Number::thousandths(points.0)),
                        ratings: None,
                    },
                }
            });
            items.push((item.id, inputs.collect()));
            details.insert(item.id, (said.own, said.raters));
        }
        let items = ranked(&model.model, items).into_iter().filter_map(|scored| {
            let item = view.roadmap.item(scored.item)?;
            let (own, raters) = details.remove(&scored.item)?;
            Some(ScoredItem {
                number: item.number,
                title: item.fields.title.to_string(),
                status: item.fields.status,
                lane: item.lane,
                scored,
                own,
                raters,
            })
        });
        let items = items.collect();
        let own = self.records(&SCORE_MODEL).await?;
        let own = own.iter().filter_map(own_model).map(|model| (model.key, model.name));
        let built_in = Method::ALL.into_iter().filter_map(ChosenModel::built_in);
        let models = own.chain(built_in.map(|model| (model.key, model.name))).collect();
        let is_chosen = choice.model == model.key;
        Ok(Scoreboard { product, model, is_chosen, is_revealed, items, models })
    }
}

impl Backend {
    /// Adds to the problems ratings of items and models of products that don’t exist.
    pub(crate) async fn check_scores(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        let tx = self.db.begin_read().await?;
        let items = item::Entity::find().select_only().column(item::Column::Id).into_query();
        let lost = rating::Entity::find().filter(rating::Column::ItemId.not_in_subquery(items));
        tell_rows(problems, &tx, lost, ("rating is", "ratings are"), "of items that don’t exist").await?;
        for row in product_score::Entity::find().all(&tx).await? {
            // One in the bin is a model still: the product goes on with it when it is restored.
            let is_known = row.model.is_empty()
                || Method::find(&row.model).is_some()
                || !records::by_ids(&tx, &row.workspace_id, &SCORE_MODEL, vec![row.model.clone()])
                    .await?
                    .is_empty();
            if !is_known {
                problems
                    .push(format!("The product {} is scored by a model that doesn’t exist.", row.product_id));
            }
        }
        tx.rollback().await?;
        Ok(())
    }
}
