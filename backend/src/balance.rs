//! What the work of products is for, and the mix that is wanted.

pub mod bands;

use domain::{
    Date, Investment, Product, ProductKey, Quarter, Record, RecordChange, RoadmapId, Span, Status,
    TARGET_MIX, Value, Values,
    balance::{Measure, Target, TargetMix, Weighed},
    target_of,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::ExprTrait};

use crate::{
    Error, Viewer,
    codec::{json, parse, unsigned},
    db::padded,
    entity::item,
};

/// The most items that are weighed at once.
pub(crate) const MOST_ITEMS: u64 = 20_000;

/// An item, as far as balance and capacity ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    pub roadmap: RoadmapId,
    pub number: u32,
    pub title: String,
    pub span: Span,
    pub status: Status,
    pub investment: Option<Investment>,
    /// In tenths of a person-day.
    pub effort: u64,
    pub values: Values,
    pub(crate) lane: String,
    pub(crate) rank: String,
}

impl Work {
    /// As balance weighs it.
    pub fn weighed(&self, by: Measure) -> Weighed {
        let amount = by.amount(self.effort, &self.values);
        Weighed { span: self.span, status: self.status, investment: self.investment, amount }
    }

    /// The team that it names.
    pub fn team(&self) -> Option<&str> {
        match self.values.get("team") {
            Some(Value::Text(team)) => Some(team),
            _ => None,
        }
    }
}

impl Viewer {
    /// Items of products that are planned within a quarter and not dropped, and whether there are more than can be read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn work_of(&self, products: &[Product], quarter: Quarter) -> Result<(Vec<Work>, bool), Error> {
        let Some((first, last)) = self.fiscal_year().await?.days(quarter) else {
            return Ok((Vec::new(), false));
        };
        self.work_between(products, first, last, |rows| rows).await
    }

    pub(crate) async fn work_between(
        &self,
        products: &[Product],
        first: Date,
        last: Date,
        only: impl FnOnce(Select<item::Entity>) -> Select<item::Entity>,
    ) -> Result<(Vec<Work>, bool), Error> {
        if products.is_empty() {
            return Ok((Vec::new(), false));
        }
        let (first, last) = (first.to_string(), last.to_string());
        // A plan with one day is that day.
        let starts_in_time = item::Column::StartOn
            .lte(&*last)
            .or(item::Column::StartOn.is_null().and(item::Column::EndOn.lte(&*last)));
        let ends_in_time = item::Column::EndOn
            .gte(&*first)
            .or(item::Column::EndOn.is_null().and(item::Column::StartOn.gte(&*first)));
        let roadmaps = padded(products.iter().map(|product| product.roadmap.to_string()));
        let rows = item::Entity::find()
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::RoadmapId.is_in(roadmaps))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .filter(item::Column::Status.ne(Status::Dropped.as_str()))
            .filter(starts_in_time.and(ends_in_time));
        let rows: Vec<Row> = only(rows)
            .select_only()
            .columns([
                item::Column::RoadmapId,
                item::Column::Number,
                item::Column::Title,
                item::Column::Status,
                item::Column::Investment,
                item::Column::EffortTenths,
                item::Column::StartOn,
                item::Column::EndOn,
                item::Column::FieldValues,
                item::Column::LaneId,
                item::Column::Rank,
            ])
            .order_by_asc(item::Column::RoadmapId)
            .order_by_asc(item::Column::Id)
            .limit(MOST_ITEMS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let is_cut = rows.len() as u64 == MOST_ITEMS;
        Ok((rows.into_iter().map(read).collect::<Result<_, _>>()?, is_cut))
    }

    /// The targets of a product, or those of the portfolio, that of every quarter first.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn targets(&self, key: Option<&ProductKey>) -> Result<Vec<Target>, Error> {
        let records = self.product_records(&TARGET_MIX, key).await?;
        let mut targets: Vec<Target> = records.iter().filter_map(target_of).collect();
        targets.sort_by_key(|target| target.quarter);
        Ok(targets)
    }

    /// Sets the mix that is wanted of a product, or of the portfolio, in a quarter or in every one. Without a mix there is none any more.
    ///
    /// # Errors
    /// [`Error::Invalid`] when its shares do not add up, and [`domain::Reject::NotAllowed`] when this person may not set it.
    pub async fn set_target(
        &self,
        key: Option<&ProductKey>,
        quarter: Option<Quarter>,
        mix: Option<TargetMix>,
    ) -> Result<(), Error> {
        let records = self.product_records(&TARGET_MIX, key).await?;
        let is_it = |record: &&Record| target_of(record).is_some_and(|target| target.quarter == quarter);
        let present = records.iter().find(is_it);
        let Some(mix) = mix else {
            let gone = || Error::NotFound("There is no such target any more. Reload the page.".to_owned());
            let id = present.ok_or_else(gone)?.id;
            return self.bin_product_record(&TARGET_MIX, key, id, true).await;
        };
        let changes = target_changes(present, quarter, mix)?;
        self.save_product_record(&TARGET_MIX, key, present.map(|record| record.id), changes).await?;
        Ok(())
    }
}

/// What makes a record the target of a quarter, or of every one.
pub(crate) fn target_changes(
    present: Option<&Record>,
    quarter: Option<Quarter>,
    mix: TargetMix,
) -> Result<Vec<RecordChange>, Error> {
    let name = quarter.map_or_else(|| "Every quarter".to_owned(), |quarter| quarter.to_string());
    let mut values = vec![("name", Value::Text(name)), ("band", Value::Number(mix.band.into()))];
    values.extend(quarter.map(|quarter| ("quarter", Value::Text(quarter.to_string()))));
    let shares = Investment::ALL.iter().zip(mix.shares);
    values.extend(shares.map(|(of, share)| (of.as_str(), Value::Number(share.into()))));
    changes(present, values)
}

/// What gives a record these values.
pub(crate) fn changes(
    present: Option<&Record>,
    values: impl IntoIterator<Item = (&'static str, Value)>,
) -> Result<Vec<RecordChange>, Error> {
    let change = |(key, to): (&'static str, Value)| {
        let was = present.and_then(|record| record.values.get(key).cloned());
        let field = key.parse().map_err(Error::internal)?;
        Ok((was.as_ref() != Some(&to)).then_some(RecordChange { field, was, to: Some(to) }))
    };
    values.into_iter().map(change).filter_map(Result::transpose).collect()
}

type Row = (
    String,
    i64,
    String,
    String,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    String,
);

fn read(row: Row) -> Result<Work, Error> {
    let (roadmap, number, title, status, investment, effort, start, end, values, lane, rank) = row;
    let day = |day: Option<String>| day.as_deref().map(parse::<Date>).transpose();
    Ok(Work {
        roadmap: parse(&roadmap)?,
        number: u32::try_from(number).map_err(Error::internal)?,
        title,
        span: Span { start: day(start)?, end: day(end)? },
        status: parse(&status)?,
        investment: investment.as_deref().map(parse).transpose()?,
        effort: effort.map(unsigned).transpose()?.unwrap_or_default(),
        values: values.as_deref().map(json).transpose()?.unwrap_or_default(),
        lane,
        rank,
    })
}
