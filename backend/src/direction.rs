//! What a quarter is to reach, and the work of all products that serves it.

use std::collections::HashMap;

use domain::{
    Date, FieldKey, FiscalYear, MAX_CHOICES, OBJECTIVE, OBJECTIVES, Product, Quarter, Record, RecordId,
    RoadmapId, Span, Status, Values,
    alignment::{Alignment, Planned},
    objective_key, objective_quarter, objective_state,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    Error, Viewer,
    codec::{json, parse, unsigned},
    db::padded,
    entity::item,
    funding,
};

/// The most items of a quarter that are read.
const MOST_ITEMS: u64 = 5_000;

/// A quarter, as a person may see it.
#[derive(Clone, Debug)]
pub struct QuarterPlan {
    pub quarter: Quarter,
    pub year: FiscalYear,
    /// Its objectives: open ones first, then drafts, then closed ones.
    pub objectives: Vec<Record>,
    /// What is planned for it, and what serves its objectives, in products that this person may see.
    pub items: Vec<QuarterItem>,
    pub alignment: Alignment,
    /// Whether there is more than can be read.
    pub is_cut: bool,
}

/// An item of a quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarterItem {
    pub roadmap: RoadmapId,
    pub number: u32,
    pub title: String,
    pub status: Status,
    /// In tenths of a person-day.
    pub effort: Option<u32>,
    pub span: Span,
}

impl Viewer {
    /// The objectives of a quarter, and the work that serves them or does not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn quarter(&self, quarter: Quarter, products: &[Product]) -> Result<QuarterPlan, Error> {
        let year = self.fiscal_year().await?;
        let mut objectives = self.records(&OBJECTIVE).await?;
        objectives.retain(|objective| objective_quarter(objective) == Some(quarter));
        objectives.sort_by_key(|objective| (objective_state(objective), objective.id));
        let ids: Vec<RecordId> = objectives.iter().map(|objective| objective.id).collect();
        let (mut items, mut planned) = (Vec::new(), Vec::new());
        for row in self.quarter_rows(quarter, year, &ids, products).await? {
            let (item, plan) = read(row)?;
            items.push(item);
            planned.push(plan);
        }
        let is_cut = items.len() as u64 == MOST_ITEMS;
        let alignment = Alignment::of(&planned, &ids, quarter, year);
        Ok(QuarterPlan { quarter, year, objectives, items, alignment, is_cut })
    }

    /// How many items of each product are neither done nor dropped, and serve no objective of whatever quarter.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unaligned(&self, products: &[Product]) -> Result<HashMap<RoadmapId, usize>, Error> {
        if products.is_empty() {
            return Ok(HashMap::new());
        }
        let serves = format!("%\"{}\"%", FieldKey::from(OBJECTIVES));
        let settled = [Status::Done, Status::Dropped].map(Status::as_str);
        let counts: Vec<(String, i64)> = item::Entity::find()
            .select_only()
            .column(item::Column::RoadmapId)
            .expr(Expr::cust("COUNT(*)"))
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(
                item::Column::RoadmapId
                    .is_in(padded(products.iter().map(|product| product.roadmap.to_string()))),
            )
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .filter(item::Column::Status.is_not_in(settled))
            .filter(item::Column::FieldValues.is_null().or(item::Column::FieldValues.not_like(serves)))
            .group_by(item::Column::RoadmapId)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let count = |count: i64| usize::try_from(count).map_err(Error::internal);
        counts.into_iter().map(|(roadmap, of)| Ok((parse(&roadmap)?, count(of)?))).collect()
    }

    /// Items that are planned for the quarter, or name one of its objectives. Of those, as many are asked for as a field offers.
    async fn quarter_rows(
        &self,
        quarter: Quarter,
        year: FiscalYear,
        objectives: &[RecordId],
        products: &[Product],
    ) -> Result<Vec<Row>, Error> {
        let days = year.first_day(quarter).zip(year.last_day(quarter));
        let Some((first, last)) = days.filter(|_| !products.is_empty()) else { return Ok(Vec::new()) };
        let (first, last) = (first.to_string(), last.to_string());
        // A plan with one day is that day.
        let starts_in_time = item::Column::StartOn
            .lte(&*last)
            .or(item::Column::StartOn.is_null().and(item::Column::EndOn.lte(&*last)));
        let ends_in_time = item::Column::EndOn
            .gte(&*first)
            .or(item::Column::EndOn.is_null().and(item::Column::StartOn.gte(&*first)));
        let mut belongs = Condition::any().add(starts_in_time.and(ends_in_time));
        for id in padded(objectives.iter().take(MAX_CHOICES)) {
            belongs = belongs.add(item::Column::FieldValues.contains(objective_key(*id)));
        }
        let roadmaps = padded(products.iter().map(|product| product.roadmap.to_string()));
        let rows = item::Entity::find()
            .select_only()
            .columns([
                item::Column::RoadmapId,
                item::Column::Number,
                item::Column::Title,
                item::Column::Status,
                item::Column::EffortTenths,
                item::Column::StartOn,
                item::Column::EndOn,
                item::Column::FieldValues,
            ])
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::RoadmapId.is_in(roadmaps))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .filter(item::Column::Status.ne(Status::Dropped.as_str()))
            .filter(belongs)
            .order_by_asc(item::Column::EndOn)
            .order_by_asc(item::Column::RoadmapId)
            .order_by_asc(item::Column::Number)
            .limit(MOST_ITEMS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        Ok(rows)
    }
}

type Row = (String, i64, String, String, Option<i64>, Option<String>, Option<String>, Option<String>);

fn read(row: Row) -> Result<(QuarterItem, Planned), Error> {
    let (roadmap, number, title, status, effort, start, end, values) = row;
    let day = |day: Option<String>| day.as_deref().map(parse::<Date>).transpose();
    let values: Values = values.as_deref().map(json).transpose()?.unwrap_or_default();
    let (objectives, cost) = (funding::objectives(&values), funding::cost(&values));
    let item = QuarterItem {
        roadmap: parse(&roadmap)?,
        number: u32::try_from(number).map_err(Error::internal)?,
        title,
        status: parse(&status)?,
        effort: effort.map(unsigned).transpose()?.map(u32::try_from).transpose().map_err(Error::internal)?,
        span: Span { start: day(start)?, end: day(end)? },
    };
    let (span, status, effort) = (item.span, item.status, item.effort.unwrap_or_default());
    let planned = Planned { span, effort, cost, status, objectives };
    Ok((item, planned))
}
