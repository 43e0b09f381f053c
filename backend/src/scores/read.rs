//! Ratings as a person may have them.

use std::collections::HashMap;

use domain::{
    ItemId, Product, Timestamp,
    score::{Ratings, ScoreModel},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::Expr,
};

use super::{ChosenModel, Said, Scoreboard};
use crate::{
    Error, Viewer,
    codec::{parse, unsigned},
    db::padded,
    entity::{item, rating},
};

/// The most ratings that one page lists with their raters.
const MOST_LISTED: u64 = 5_000;

/// The most rows of one answer: as many as the criteria of the items that a roadmap may hold.
const MOST_ROWS: u64 = 200_000;

/// What was said about an item, in the order of the criteria.
#[derive(Debug, Default)]
pub(super) struct OfItem {
    pub(super) ratings: Vec<Ratings>,
    pub(super) own: Vec<Option<i64>>,
    pub(super) raters: Vec<u32>,
}

impl OfItem {
    pub(super) fn fill(&mut self, criteria: usize) {
        self.ratings.resize(criteria, Ratings::default());
        self.own.resize(criteria, None);
        self.raters.resize(criteria, 0);
    }
}

type Summed = (String, String, i64, i64, i64, i64, i64);

fn count(number: i64) -> Result<u32, Error> {
    u32::try_from(unsigned(number)?).map_err(Error::internal)
}

/// The place of a criterion by the name that a rating has.
fn place(model: &ScoreModel, name: &str) -> Option<usize> {
    model.criteria.iter().position(|criterion| criterion.name.to_lowercase() == name)
}

impl Viewer {
    /// Ratings by a model of what is on a roadmap. Unless `revealed`, those of others are counted and not read.
    pub(super) async fn ratings(
        &self,
        product: &Product,
        model: &ChosenModel,
        revealed: bool,
    ) -> Result<HashMap<ItemId, OfItem>, Error> {
        let mut found: HashMap<ItemId, OfItem> = HashMap::new();
        let Some(rows) = self.rating_rows(product, model) else { return Ok(found) };
        let criteria = model.model.criteria.len();
        let reader = self.backend.db.reader();
        let own: Vec<(String, String, i64, i64)> = rows
            .clone()
            .select_only()
            .columns([
                rating::Column::ItemId,
                rating::Column::Criterion,
                rating::Column::Value,
                rating::Column::AtMs,
            ])
            .filter(rating::Column::UserId.eq(self.member.id.to_string()))
            .limit(MOST_ROWS)
            .into_tuple()
            .all(reader)
            .await?;
        for (item, criterion, value, at) in own {
            let Some(place) = place(&model.model, &criterion) else { continue };
            let item = found.entry(parse(&item)?).or_default();
            item.fill(criteria);
            item.own[place] = Some(value);
            item.ratings[place] = Ratings::of([(value, Timestamp(at))]);
        }
        if !revealed {
            let counted: Vec<(String, String, i64)> = rows
                .select_only()
                .columns([rating::Column::ItemId, rating::Column::Criterion])
                .expr(Expr::cust("COUNT(*)"))
                .group_by(rating::Column::ItemId)
                .group_by(rating::Column::Criterion)
                .limit(MOST_ROWS)
                .into_tuple()
                .all(reader)
                .await?;
            for (item, criterion, raters) in counted {
                let Some(place) = place(&model.model, &criterion) else { continue };
                let item = found.entry(parse(&item)?).or_default();
                item.fill(criteria);
                item.raters[place] = count(raters)?;
            }
            return Ok(found);
        }
        let summed: Vec<Summed> = rows
            .select_only()
            .columns([rating::Column::ItemId, rating::Column::Criterion])
            .expr(Expr::cust("COUNT(*)"))
            .expr(Expr::cust("CAST(SUM(value) AS BIGINT)"))
            .expr(Expr::cust("MIN(value)"))
            .expr(Expr::cust("MAX(value)"))
            .expr(Expr::cust("MAX(at_ms)"))
            .group_by(rating::Column::ItemId)
            .group_by(rating::Column::Criterion)
            .limit(MOST_ROWS)
            .into_tuple()
            .all(reader)
            .await?;
        for (item, criterion, raters, sum, low, high, latest) in summed {
            let Some(place) = place(&model.model, &criterion) else { continue };
            let item = found.entry(parse(&item)?).or_default();
            item.fill(criteria);
            let raters = count(raters)?;
            item.raters[place] = raters;
            item.ratings[place] = Ratings { raters, sum, low, high, latest: Some(Timestamp(latest)) };
        }
        Ok(found)
    }

    /// Ratings by the criteria of a model, as far as they are on its scales: a model may have got others since. `None` where nothing
    /// is rated.
    fn rating_rows(&self, product: &Product, model: &ChosenModel) -> Option<Select<rating::Entity>> {
        let mut by_criteria = Condition::any();
        for criterion in &model.model.criteria {
            let Some(scale) = criterion.scale() else { continue };
            let (low, high) = scale.bounds();
            let (low, high) = low.as_hundredths().zip(high.as_hundredths())?;
            by_criteria = by_criteria.add(
                Condition::all()
                    .add(rating::Column::Criterion.eq(criterion.name.to_lowercase()))
                    .add(rating::Column::Value.between(low, high)),
            );
        }
        let items = item::Entity::find()
            .select_only()
            .column(item::Column::Id)
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::RoadmapId.eq(product.roadmap.to_string()))
            .filter(item::Column::DeletedMs.is_null());
        let rows = rating::Entity::find()
            .filter(rating::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(rating::Column::Model.eq(&*model.key))
            .filter(rating::Column::ItemId.in_subquery(items.into_query()));
        (!by_criteria.is_empty()).then(|| rows.filter(by_criteria))
    }

    /// What people said about items of a scoreboard, as it was when that was made; only this person while ratings are hidden. Of each
    /// the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ratings_of(
        &self,
        board: &Scoreboard,
        items: &[ItemId],
    ) -> Result<HashMap<ItemId, Vec<Said>>, Error> {
        let mut found: HashMap<ItemId, Vec<Said>> = HashMap::new();
        let Some(mut rows) = self.rating_rows(&board.product, &board.model) else { return Ok(found) };
        if !board.is_revealed {
            rows = rows.filter(rating::Column::UserId.eq(self.member.id.to_string()));
        }
        let rows = rows
            .filter(rating::Column::ItemId.is_in(padded(items.iter().map(ToString::to_string))))
            .order_by_desc(rating::Column::AtMs)
            .order_by_asc(rating::Column::UserId)
            .limit(MOST_LISTED)
            .all(self.backend.db.reader())
            .await?;
        for row in rows {
            let Some(criterion) = place(&board.model.model, &row.criterion) else { continue };
            let (user, at) = (parse(&row.user_id)?, Timestamp(row.at_ms));
            found.entry(parse(&row.item_id)?).or_default().push(Said {
                criterion,
                user,
                value: row.value,
                at,
            });
        }
        Ok(found)
    }
}
