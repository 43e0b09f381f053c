//! What shipped items changed: which of them are measuring, and what was recorded or waived; how ready the next ones are; and what is
//! used less and less.

mod decide;
mod done;
mod save;

use std::collections::{BTreeMap, HashMap};

use domain::{
    Date, Figure, FiscalYear, ItemId, KPI, Member, OUTCOME, Outcome, OutcomeState, Product, ProductKey,
    Quarter, Record, RecordId, RoadmapId, Span, Status, Value, Values, is_falling_use, nearest_figure,
    readiness::{KEY_FIGURE, Readiness},
    unit_of,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub(crate) use self::done::DoneItem;
pub use self::save::OutcomeDraft;
use crate::{
    Error, Viewer,
    clock::now,
    codec::{json, parse},
    db::padded,
    entity::{item, measurement},
    exchange::CsvWriter,
    money::MoneySettings,
    records,
};

/// The most shipped items of a product that are read, the newest.
const MOST_ITEMS: u64 = 5_000;

/// The most measurements that are read to fill in what was before and what is now: the newest of all key figures.
const MOST_MEASUREMENTS: u64 = 10_000;

/// The most removed outcomes that can be restored: the latest.
const SHOWN_REMOVED: usize = 50;

/// The outcomes of a product, as a person may see them.
#[derive(Clone, Debug)]
pub struct ProductOutcomes {
    pub product: Product,
    pub settings: MoneySettings,
    pub year: FiscalYear,
    /// Shipped items without an outcome, those that wait longest first.
    pub measuring: Vec<Measuring>,
    /// What was recorded or waived, the latest first.
    pub settled: Vec<Settled>,
    /// Outcomes in the bin, the latest first.
    pub removed: Vec<Record>,
    /// Key figures by which an outcome can be measured.
    pub kpis: Vec<Record>,
    pub members: Vec<Member>,
    /// What is planned for this quarter and the next, by quarter, the least ready first.
    pub planned: Vec<Planned>,
    /// What is used less and less.
    pub falling: Vec<FallingUse>,
    /// Whether there is more than can be read.
    pub is_cut: bool,
}

/// A shipped item whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measuring {
    pub item: ShippedItem,
    /// The key figure that the item names, with what it was when work began, and what it is now.
    pub expected: Option<Expected>,
    /// The name of a key figure that the product has not.
    pub unknown_figure: Option<String>,
}

/// A shipped item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippedItem {
    pub id: ItemId,
    pub number: u32,
    pub title: String,
    pub since: Date,
}

/// What the outcome of an item is expected to be measured by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub kpi: RecordId,
    pub before: Option<Figure>,
    pub after: Option<Figure>,
}

/// An outcome that was recorded or waived.
#[derive(Clone, Debug)]
pub struct Settled {
    pub record: Record,
    pub outcome: Outcome,
    /// The number of the item, where it is still on the roadmap.
    pub number: Option<u32>,
    /// Whether the item is not done any more.
    pub is_reopened: bool,
    /// What the key figure is called, in the bin too.
    pub kpi: Option<String>,
}

/// An item that is planned for a quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub quarter: Quarter,
    pub number: u32,
    pub title: String,
    pub readiness: Readiness,
    /// The name of a key figure that the product has not.
    pub unknown_figure: Option<String>,
}

/// A key figure of use whose last three measurements fall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallingUse {
    pub kpi: RecordId,
    pub name: String,
    pub unit: String,
    /// The last three, the latest last.
    pub last: [(Date, Figure); 3],
}

/// Measurements by key figure, each by day.
type Series = HashMap<RecordId, Vec<(Date, Figure)>>;

/// An item as outcomes ask about it.
struct Row {
    id: ItemId,
    number: u32,
    title: String,
    status: Status,
    start: Option<Date>,
    end: Option<Date>,
    created: i64,
    values: Values,
}

/// The name of the key figure that an item is measured by.
fn named_figure(values: &Values) -> Option<&str> {
    match values.get(KEY_FIGURE) {
        Some(Value::Text(name)) => Some(name.trim()).filter(|name| !name.is_empty()),
        _ => None,
    }
}

/// The key figure of that name.
fn figure_named<'a>(kpis: &'a [Record], name: &str) -> Option<&'a Record> {
    kpis.iter().find(|kpi| KPI.name_of(kpi).to_lowercase() == name.to_lowercase())
}

impl Viewer {
    /// The outcomes of a product.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn product_outcomes(&self, key: &ProductKey) -> Result<ProductOutcomes, Error> {
        let product = self.product(key).await?;
        let workspace = self.workspace.to_string();
        let all = records::all(self.backend.db.reader(), &workspace, &OUTCOME, Some(product.id)).await?;
        let (present, mut removed): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|record| record.deleted.is_none());
        removed.sort_by_key(|record| std::cmp::Reverse(record.deleted.map(|deleted| deleted.at)));
        removed.truncate(SHOWN_REMOVED);
        let outcomes: Vec<(Record, Outcome)> =
            present.into_iter().filter_map(|record| Some((record.clone(), Outcome::of(&record)?))).collect();
        let (kpis, removed_kpis) = self.kpis_of(product.id).await?;
        let rows = self.shipped_rows(&product, outcomes.iter().map(|(_, outcome)| outcome.item)).await?;
        let is_cut = rows.len() as u64 == MOST_ITEMS;
        let series = self.newest_series(&kpis).await?;

        let by_id: HashMap<ItemId, &Row> = rows.iter().map(|row| (row.id, row)).collect();
        let is_settled = |row: &&Row| outcomes.iter().any(|(_, outcome)| outcome.item == row.id);
        let open: Vec<&Row> =
            rows.iter().filter(|row| row.status == Status::Done && !is_settled(row)).collect();
        let asked: Vec<DoneItem> =
            open.iter().map(|row| DoneItem { id: row.id, created: row.created, end: row.end }).collect();
        // One that moved here was perhaps done elsewhere.
        let roadmaps: Vec<RoadmapId> = self.products().await?.iter().map(|product| product.roadmap).collect();
        let done = self.done_dates(&roadmaps, &asked).await?;
        let mut measuring: Vec<Measuring> = open
            .into_iter()
            .filter_map(|row| Some(measuring(row, *done.get(&row.id)?, &kpis, &series)))
            .collect();
        measuring.sort_by_key(|of| (of.item.since, of.item.number));

        let named = |kpi: RecordId| kpis.iter().chain(&removed_kpis).find(|record| record.id == kpi);
        let mut settled: Vec<Settled> = outcomes
            .into_iter()
            .map(|(record, outcome)| Settled {
                number: by_id.get(&outcome.item).map(|row| row.number),
                is_reopened: by_id.get(&outcome.item).is_some_and(|row| row.status != Status::Done),
                kpi: outcome.kpi.and_then(named).map(|kpi| KPI.name_of(kpi)),
                record,
                outcome,
            })
            .collect();
        settled.sort_by_key(|one| std::cmp::Reverse((one.record.created.at, one.record.id)));
        let year = self.fiscal_year().await?;
        Ok(ProductOutcomes {
            settings: self.money_settings().await?,
            measuring,
            settled,
            removed,
            members: self.members().await?,
            planned: self.planned(&product, year, &kpis).await?,
            falling: falling(&kpis, &series),
            year,
            kpis,
            product,
            is_cut,
        })
    }

    /// Items of a product that are done, and those that have an outcome.
    async fn shipped_rows(
        &self,
        product: &Product,
        settled: impl Iterator<Item = ItemId>,
    ) -> Result<Vec<Row>, Error> {
        type Columns = (String, i64, String, String, Option<String>, Option<String>, i64, Option<String>);
        let settled: Vec<String> = settled.map(|item| item.to_string()).collect();
        let mut wanted = Condition::any().add(item::Column::Status.eq(Status::Done.as_str()));
        for some in settled.chunks(500) {
            wanted = wanted.add(item::Column::Id.is_in(padded(some.iter().cloned())));
        }
        let rows: Vec<Columns> = item::Entity::find()
            .select_only()
            .columns([
                item::Column::Id,
                item::Column::Number,
                item::Column::Title,
                item::Column::Status,
                item::Column::StartOn,
                item::Column::EndOn,
                item::Column::CreatedMs,
                item::Column::FieldValues,
            ])
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::RoadmapId.eq(product.roadmap.to_string()))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .filter(wanted)
            .order_by_desc(item::Column::Number)
            .limit(MOST_ITEMS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let day = |day: Option<String>| day.as_deref().map(parse::<Date>).transpose();
        rows.into_iter()
            .map(|(id, number, title, status, start, end, created, values)| {
                Ok(Row {
                    id: parse(&id)?,
                    number: u32::try_from(number).map_err(Error::internal)?,
                    title,
                    status: parse(&status)?,
                    start: day(start)?,
                    end: day(end)?,
                    created,
                    values: values.as_deref().map(json).transpose()?.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// The newest measurements of key figures, in one query.
    async fn newest_series(&self, kpis: &[Record]) -> Result<Series, Error> {
        let mut series = Series::new();
        if kpis.is_empty() {
            return Ok(series);
        }
        let rows: Vec<(String, String, i64)> = measurement::Entity::find()
            .select_only()
            .columns([measurement::Column::KpiId, measurement::Column::Day, measurement::Column::Value])
            .filter(measurement::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(measurement::Column::KpiId.is_in(padded(kpis.iter().map(|kpi| kpi.id.to_string()))))
            .order_by_desc(measurement::Column::Day)
            .limit(MOST_MEASUREMENTS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        for (kpi, day, value) in rows.into_iter().rev() {
            let value = Figure::from_parts(value).ok_or_else(|| crate::codec::unreadable(&value))?;
            series.entry(parse(&kpi)?).or_default().push((parse(&day)?, value));
        }
        Ok(series)
    }

    /// What is planned for this quarter and the next, with how ready it is.
    async fn planned(
        &self,
        product: &Product,
        year: FiscalYear,
        kpis: &[Record],
    ) -> Result<Vec<Planned>, Error> {
        let this = year.quarter(now().utc().date);
        let Some((first, last)) = year.first_day(this).zip(year.last_day(this.plus(1))) else {
            return Ok(Vec::new());
        };
        let (work, _) = self.work_between(std::slice::from_ref(product), first, last, |rows| rows).await?;
        let mut planned: Vec<Planned> = work
            .into_iter()
            .filter_map(|work| {
                let Span { start, end } = work.span;
                // What has begun earlier or ends later belongs to the nearest of the two.
                let quarter = year.quarter(end.or(start)?).clamp(this, this.plus(1));
                let unknown = named_figure(&work.values).filter(|name| figure_named(kpis, name).is_none());
                Some(Planned {
                    quarter,
                    number: work.number,
                    readiness: Readiness::of(work.status, work.span, &work.values)?,
                    unknown_figure: unknown.map(str::to_owned),
                    title: work.title,
                })
            })
            .collect();
        planned.sort_by_key(|item| (item.quarter, item.readiness.points(), item.number));
        Ok(planned)
    }

    /// The outcomes of a product as a file of comma-separated values: measuring items first, then what was recorded or waived.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn outcomes_csv(&self, key: &ProductKey) -> Result<Vec<u8>, Error> {
        let outcomes = self.product_outcomes(key).await?;
        let mut writer = CsvWriter::new();
        writer.record([
            "Item",
            "Title",
            "State",
            "Done since",
            "Key figure",
            "Unit",
            "Before",
            "After",
            "Change",
            "Value per year",
            "Currency",
            "What changed",
            "Reason",
            "Recorded on",
            "Recorded by",
        ]);
        let key_of = |number: u32| format!("{key}-{number}");
        for Measuring { item, .. } in &outcomes.measuring {
            let mut row =
                vec![key_of(item.number), item.title.clone(), "measuring".to_owned(), item.since.to_string()];
            row.resize(15, String::new());
            writer.record(row);
        }
        let figure = |figure: Option<Figure>| figure.map(Figure::written).unwrap_or_default();
        for Settled { record, outcome, number, kpi, .. } in &outcomes.settled {
            let text = |field: &str| record.text(field).unwrap_or_default().to_owned();
            let by = outcomes.members.iter().find(|member| member.id == record.created.by);
            writer.record([
                number.map(key_of).unwrap_or_default(),
                OUTCOME.name_of(record),
                outcome.state.as_str().to_owned(),
                String::new(),
                kpi.clone().unwrap_or_default(),
                unit_of(record).to_owned(),
                figure(outcome.before),
                figure(outcome.after),
                figure(outcome.change()),
                outcome.value.map(domain::amount).unwrap_or_default(),
                outcome.value.map(|_| outcomes.settings.code().to_owned()).unwrap_or_default(),
                text("note"),
                text("reason"),
                text("date"),
                by.map_or_else(String::new, |member| member.name.to_string()),
            ]);
        }
        Ok(writer.finish())
    }

    /// What is known of an item that is done: `None` while it is not, and for one that does not exist for this person. Without an outcome
    /// it is measuring.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn item_outcome(
        &self,
        key: &ProductKey,
        id: ItemId,
    ) -> Result<Option<Option<(Record, Outcome)>>, Error> {
        let product = self.product(key).await?;
        if self.shipped_item(&product, id).await?.is_none_or(|(_, status)| status != Status::Done) {
            return Ok(None);
        }
        let workspace = self.workspace.to_string();
        let all = records::all(self.backend.db.reader(), &workspace, &OUTCOME, Some(product.id)).await?;
        let present = all.into_iter().filter(|record| record.deleted.is_none());
        let of_item = present.filter_map(|record| Some((record.clone(), Outcome::of(&record)?)));
        Ok(Some(of_item.into_iter().find(|(_, outcome)| outcome.item == id)))
    }
}

/// A shipped item without an outcome, with what its key figure was when work on it began, and is now.
fn measuring(row: &Row, since: Date, kpis: &[Record], series: &Series) -> Measuring {
    let named = named_figure(&row.values);
    let found = named.and_then(|name| figure_named(kpis, name));
    let expected = found.map(|kpi| {
        let measured = series.get(&kpi.id).map_or(&[][..], Vec::as_slice);
        let began = row.start.unwrap_or(since);
        let after = measured.last().filter(|(day, _)| *day > began);
        Expected {
            kpi: kpi.id,
            before: nearest_figure(measured, began),
            after: after.map(|(_, value)| *value),
        }
    });
    let item = ShippedItem { id: row.id, number: row.number, title: row.title.clone(), since };
    let unknown_figure = named.filter(|_| found.is_none()).map(str::to_owned);
    Measuring { item, expected, unknown_figure }
}

/// What is used less and less, by name.
fn falling(kpis: &[Record], series: &Series) -> Vec<FallingUse> {
    let falling = kpis.iter().filter_map(|kpi| {
        let measured = series.get(&kpi.id)?;
        let values: Vec<Figure> = measured.iter().map(|(_, value)| *value).collect();
        let last: [(Date, Figure); 3] = *measured.last_chunk()?;
        is_falling_use(kpi, &values).then(|| FallingUse {
            kpi: kpi.id,
            name: KPI.name_of(kpi),
            unit: unit_of(kpi).to_owned(),
            last,
        })
    });
    falling.collect()
}

/// The outcomes of products by item, those in the bin not included.
pub(crate) async fn of_items(
    viewer: &Viewer,
    products: &[Product],
) -> Result<BTreeMap<ItemId, (Record, Outcome)>, Error> {
    let workspace = viewer.workspace.to_string();
    let all = records::of_kind(viewer.backend.db.reader(), &workspace, &OUTCOME).await?;
    let is_theirs = |record: &Record| {
        record.deleted.is_none() && products.iter().any(|product| record.product == Some(product.id))
    };
    let found = all.into_iter().filter(is_theirs);
    Ok(found
        .filter_map(|record| Outcome::of(&record).map(|outcome| (outcome.item, (record, outcome))))
        .collect())
}

/// Whether an outcome was recorded, and not waived.
pub(crate) fn is_recorded(outcome: &Outcome) -> bool {
    outcome.state == OutcomeState::Recorded
}
