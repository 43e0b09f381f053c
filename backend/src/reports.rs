//! What readers of a portfolio ask for: how well promises are kept, what was delivered and what came of it, and what the work was for.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Date, Figure, FiscalYear, ItemId, KPI, Member, OBJECTIVE, Outcome, Product, ProductKey, Quarter, Record,
    RecordId, RoadmapId, Role, Status, UserId, Values,
    balance::{Balance, Measure, Weighed, shares},
    delivery::{Precision, Promise},
    unit_of,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    Error, Viewer,
    clock::now,
    codec::{json, parse},
    db::padded,
    entity::{item, vote},
    exchange::CsvWriter,
    funding,
    money::MoneySettings,
    outcomes::{self, DoneItem},
    promises::{PROMISED, first_promised},
    records,
};

/// How many quarters are shown, with the present one.
pub const QUARTERS: i32 = 6;

/// The most items that are read, the newest.
const MOST_ITEMS: u64 = 20_000;

/// Items that are asked about in one query.
const AT_ONCE: usize = 500;

/// The most upvotes of which the voters are read.
const MOST_VOTERS: u64 = 20_000;

/// The reports of a product, or of all that a person sees.
#[derive(Clone, Debug)]
pub struct Reports {
    pub product: Option<Product>,
    pub products: Vec<Product>,
    pub settings: MoneySettings,
    pub year: FiscalYear,
    /// By quarter of the calendar year, the latest last: promises are made for those.
    pub precision: Vec<(Quarter, Precision)>,
    /// By quarter of the workspace's year, the latest last.
    pub value: Vec<QuarterValue>,
    pub balance: Vec<(Quarter, Balance)>,
    /// What was shipped in these quarters, the latest first.
    pub shipped: Vec<Shipped>,
    pub members: Vec<Member>,
    /// Whether there is more than can be read.
    pub is_cut: bool,
}

/// What a quarter brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarterValue {
    pub quarter: Quarter,
    pub shipped: usize,
    pub recorded: usize,
    pub waived: usize,
    /// What the recorded outcomes are worth in a year, in hundredths.
    pub value: i64,
}

impl QuarterValue {
    /// Shipped items whose outcome is not known.
    pub fn measuring(&self) -> usize {
        self.shipped - self.recorded - self.waived
    }
}

/// An item that was shipped.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// Such as `ERP-12`.
    pub key: String,
    /// The address of its page.
    pub path: String,
    pub title: String,
    pub done: Date,
    /// The objectives that it names, as they are called.
    pub objectives: Vec<String>,
    pub outcome: Option<Outcome>,
    /// In what the outcome is measured.
    pub unit: String,
    /// The key figure of the outcome.
    pub kpi: Option<String>,
    /// How many people asked for it by an upvote.
    pub votes: usize,
    /// Who they are, where this person may know it.
    pub voters: Vec<UserId>,
}

/// A file of these reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    Precision,
    Value,
    Shipped,
    Balance,
}

impl Report {
    /// By the name of its file.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "precision" => Some(Self::Precision),
            "value" => Some(Self::Value),
            "shipped" => Some(Self::Shipped),
            "balance" => Some(Self::Balance),
            _ => None,
        }
    }
}

type Columns = (String, String, i64, String, String, Option<String>, i64, Option<String>, Option<String>);

struct Row {
    roadmap: RoadmapId,
    id: ItemId,
    number: u32,
    title: String,
    status: Status,
    end: Option<Date>,
    created: i64,
    values: Values,
    /// The quarter that was promised before any other.
    promised: Option<Quarter>,
}

fn read(row: Columns) -> Result<Row, Error> {
    let (roadmap, id, number, title, status, end, created, values, firsts) = row;
    Ok(Row {
        roadmap: parse(&roadmap)?,
        id: parse(&id)?,
        number: u32::try_from(number).map_err(Error::internal)?,
        title,
        status: parse(&status)?,
        end: end.as_deref().map(parse).transpose()?,
        created,
        values: values.as_deref().map(json).transpose()?.unwrap_or_default(),
        promised: first_promised(firsts.as_deref())?,
    })
}

impl Viewer {
    /// The reports of a product, or of all products that this person sees and that are not archived.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn reports(&self, key: Option<&ProductKey>) -> Result<Reports, Error> {
        let mut products = self.products().await?;
        let all: Vec<RoadmapId> = products.iter().map(|product| product.roadmap).collect();
        let product = match key {
            Some(key) => Some(self.product(key).await?),
            None => None,
        };
        match &product {
            Some(product) => products = vec![product.clone()],
            None => products.retain(|product| !product.archived),
        }
        let year = self.fiscal_year().await?;
        let today = now().utc().date;
        let this = year.quarter(today);
        let quarters: Vec<Quarter> = (0..QUARTERS).rev().map(|ago| this.plus(-ago)).collect();
        let rows = self.report_rows(&products).await?;
        let mut is_cut = rows.len() as u64 == MOST_ITEMS;
        let asked: Vec<DoneItem> = rows
            .iter()
            .filter(|row| row.status == Status::Done)
            .map(|row| DoneItem { id: row.id, created: row.created, end: row.end })
            .collect();
        let done = self.done_dates(&all, &asked).await?;

        let promises: Vec<Promise> = rows
            .iter()
            .filter_map(|row| Some(Promise { first: row.promised?, done: done.get(&row.id).copied() }))
            .collect();
        let calendar = FiscalYear::default().quarter(today);
        let precision = (0..QUARTERS).rev().map(|ago| calendar.plus(-ago));
        let precision = precision.map(|quarter| (quarter, Precision::of(&promises, quarter))).collect();

        let first = year.first_day(quarters[0]);
        let mut rows: Vec<(Row, Date)> = rows
            .into_iter()
            .filter_map(|row| done.get(&row.id).map(|day| (*day, row)))
            .map(|(day, row)| (row, day))
            .collect();
        rows.retain(|(_, day)| first.is_none_or(|first| *day >= first));
        rows.sort_by_key(|(row, day)| std::cmp::Reverse((*day, row.created, row.number)));
        let shipped = self.shipped(rows, &products).await?;
        let value = quarters.iter().map(|quarter| of_quarter(*quarter, year, &shipped)).collect();

        let (balance, work_is_cut) = self.balance_of(&products, &quarters, year).await?;
        is_cut |= work_is_cut;
        Ok(Reports {
            settings: self.money_settings().await?,
            members: self.members().await?,
            product,
            products,
            year,
            precision,
            value,
            balance,
            shipped,
            is_cut,
        })
    }

    /// Items that are done or were promised.
    async fn report_rows(&self, products: &[Product]) -> Result<Vec<Row>, Error> {
        if products.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = Condition::any()
            .add(item::Column::Status.eq(Status::Done.as_str()))
            .add(item::Column::FirstValues.contains(format!("\"{PROMISED}\"")));
        let rows: Vec<Columns> = item::Entity::find()
            .select_only()
            .columns([
                item::Column::RoadmapId,
                item::Column::Id,
                item::Column::Number,
                item::Column::Title,
                item::Column::Status,
                item::Column::EndOn,
                item::Column::CreatedMs,
                item::Column::FieldValues,
                item::Column::FirstValues,
            ])
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(
                item::Column::RoadmapId
                    .is_in(padded(products.iter().map(|product| product.roadmap.to_string()))),
            )
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .filter(wanted)
            .order_by_desc(item::Column::CreatedMs)
            .order_by_desc(item::Column::Id)
            .limit(MOST_ITEMS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Shipped items with what is known of them.
    async fn shipped(&self, rows: Vec<(Row, Date)>, products: &[Product]) -> Result<Vec<Shipped>, Error> {
        let outcomes = outcomes::of_items(self, products).await?;
        let kpis: Vec<String> =
            outcomes.values().filter_map(|(_, outcome)| outcome.kpi).map(|kpi| kpi.to_string()).collect();
        let mut names: HashMap<RecordId, String> = HashMap::new();
        let (reader, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        for some in kpis.chunks(AT_ONCE) {
            for kpi in records::by_ids(reader, &workspace, &KPI, some.to_vec()).await? {
                names.insert(kpi.id, KPI.name_of(&kpi));
            }
        }
        let objectives: HashMap<RecordId, String> = self
            .all_records(&OBJECTIVE)
            .await?
            .iter()
            .map(|objective| (objective.id, OBJECTIVE.name_of(objective)))
            .collect();
        let by_roadmap: HashMap<RoadmapId, &Product> =
            products.iter().map(|product| (product.roadmap, product)).collect();
        let ids: Vec<(RoadmapId, ItemId)> = rows.iter().map(|(row, _)| (row.roadmap, row.id)).collect();
        let votes = self.vote_counts(&ids).await?;
        let mut voters = self.voters_of(&ids, &by_roadmap).await?;
        let mut shipped = Vec::with_capacity(rows.len());
        for (row, done) in rows {
            let Some(product) = by_roadmap.get(&row.roadmap) else { continue };
            let key = format!("{}-{}", product.key, row.number);
            let own: Option<&(Record, Outcome)> =
                outcomes.get(&row.id).filter(|(record, _)| record.product == Some(product.id));
            let named = funding::objectives(&row.values);
            shipped.push(Shipped {
                path: format!("/p/{}/i/{key}", product.key),
                key,
                title: row.title,
                done,
                objectives: named.iter().filter_map(|id| objectives.get(id).cloned()).collect(),
                unit: own.map(|(record, _)| unit_of(record).to_owned()).unwrap_or_default(),
                kpi: own.and_then(|(_, outcome)| names.get(&outcome.kpi?).cloned()),
                outcome: own.map(|(_, outcome)| outcome.clone()),
                votes: votes.get(&(row.roadmap, row.id)).copied().unwrap_or_default(),
                voters: voters.remove(&(row.roadmap, row.id)).unwrap_or_default(),
            });
        }
        Ok(shipped)
    }

    /// How many upvotes items have.
    async fn vote_counts(
        &self,
        items: &[(RoadmapId, ItemId)],
    ) -> Result<HashMap<(RoadmapId, ItemId), usize>, Error> {
        let mut counts = HashMap::new();
        for some in items.chunks(AT_ONCE) {
            let rows: Vec<(String, String, i64)> = vote::Entity::find()
                .select_only()
                .columns([vote::Column::RoadmapId, vote::Column::ItemId])
                .expr(Expr::cust("COUNT(*)"))
                .filter(self.of_items(some))
                .group_by(vote::Column::RoadmapId)
                .group_by(vote::Column::ItemId)
                .into_tuple()
                .all(self.backend.db.reader())
                .await?;
            for (roadmap, item, count) in rows {
                counts.insert(
                    (parse(&roadmap)?, parse(&item)?),
                    usize::try_from(count).map_err(Error::internal)?,
                );
            }
        }
        Ok(counts)
    }

    /// Who upvoted items, in products where this person may know that.
    async fn voters_of(
        &self,
        items: &[(RoadmapId, ItemId)],
        products: &HashMap<RoadmapId, &Product>,
    ) -> Result<HashMap<(RoadmapId, ItemId), Vec<UserId>>, Error> {
        let is_told = |(roadmap, _): &&(RoadmapId, ItemId)| {
            products.get(roadmap).is_some_and(|product| Role::sees_voters(product.role))
        };
        let items: Vec<(RoadmapId, ItemId)> = items.iter().filter(is_told).copied().collect();
        let mut voters: HashMap<_, Vec<UserId>> = HashMap::new();
        for some in items.chunks(AT_ONCE) {
            let rows: Vec<(String, String, String)> = vote::Entity::find()
                .select_only()
                .columns([vote::Column::RoadmapId, vote::Column::ItemId, vote::Column::UserId])
                .filter(self.of_items(some))
                .order_by_asc(vote::Column::UserId)
                .limit(MOST_VOTERS)
                .into_tuple()
                .all(self.backend.db.reader())
                .await?;
            for (roadmap, item, user) in rows {
                voters.entry((parse(&roadmap)?, parse(&item)?)).or_default().push(parse(&user)?);
            }
        }
        Ok(voters)
    }

    /// Upvotes of these items.
    fn of_items(&self, items: &[(RoadmapId, ItemId)]) -> Condition {
        let mut by_roadmap: BTreeMap<RoadmapId, Vec<String>> = BTreeMap::new();
        for (roadmap, item) in items {
            by_roadmap.entry(*roadmap).or_default().push(item.to_string());
        }
        let mut wanted = Condition::any();
        for (roadmap, items) in by_roadmap {
            let of_roadmap = vote::Column::RoadmapId.eq(roadmap.to_string());
            wanted = wanted.add(of_roadmap.and(vote::Column::ItemId.is_in(padded(items))));
        }
        Condition::all().add(vote::Column::WorkspaceId.eq(self.workspace.to_string())).add(wanted)
    }

    /// What the work of quarters was for, by effort, in one query.
    async fn balance_of(
        &self,
        products: &[Product],
        quarters: &[Quarter],
        year: FiscalYear,
    ) -> Result<(Vec<(Quarter, Balance)>, bool), Error> {
        let days = quarters.first().and_then(|quarter| year.first_day(*quarter));
        let days = days.zip(quarters.last().and_then(|quarter| year.last_day(*quarter)));
        let Some((first, last)) = days else { return Ok((Vec::new(), false)) };
        let (work, is_cut) = self.work_between(products, first, last, |rows| rows).await?;
        let weighed: Vec<Weighed> = work.iter().map(|work| work.weighed(Measure::Effort)).collect();
        let of = |quarter: &Quarter| {
            let (first, last) = year.days(*quarter)?;
            let is_within = |item: &&Weighed| {
                let (start, end) = (item.span.start.or(item.span.end), item.span.end.or(item.span.start));
                start.is_some_and(|start| start <= last) && end.is_some_and(|end| end >= first)
            };
            let items = weighed.iter().filter(is_within).copied();
            Some((*quarter, Balance::of(items, Some((first, last)))))
        };
        Ok((quarters.iter().filter_map(of).collect(), is_cut))
    }

    /// A report as a file of comma-separated values.
    ///
    /// # Errors
    /// As [`Viewer::reports`].
    pub async fn report_csv(&self, key: Option<&ProductKey>, report: Report) -> Result<Vec<u8>, Error> {
        let reports = self.reports(key).await?;
        let mut writer = CsvWriter::new();
        match report {
            Report::Precision => reports.precision_csv(&mut writer),
            Report::Value => reports.value_csv(&mut writer),
            Report::Shipped => reports.shipped_csv(&mut writer),
            Report::Balance => reports.balance_csv(&mut writer),
        }
        Ok(writer.finish())
    }
}

impl Reports {
    fn precision_csv(&self, writer: &mut CsvWriter) {
        writer.record(["Quarter", "Promised", "On time", "Early", "Late", "Open", "Precision in %"]);
        for (quarter, precision) in &self.precision {
            let Precision { promised, on_time, early, late } = *precision;
            let counts = [promised, on_time, early, late, precision.open()].map(|count| count.to_string());
            let percent = precision.percent().map_or_else(String::new, |percent| percent.to_string());
            writer.record([quarter.to_string()].into_iter().chain(counts).chain([percent]));
        }
    }

    fn value_csv(&self, writer: &mut CsvWriter) {
        writer.record([
            "Quarter",
            "Shipped",
            "Outcome recorded",
            "Waived",
            "Measuring",
            "Value per year",
            "Currency",
        ]);
        for value in &self.value {
            let counts = [value.shipped, value.recorded, value.waived, value.measuring()];
            let counts = counts.map(|count| count.to_string());
            let last = [domain::amount(value.value), self.settings.code().to_owned()];
            writer.record([value.quarter.to_string()].into_iter().chain(counts).chain(last));
        }
    }

    fn shipped_csv(&self, writer: &mut CsvWriter) {
        writer.record([
            "Item",
            "Title",
            "Done on",
            "Objectives",
            "State",
            "Key figure",
            "Unit",
            "Before",
            "After",
            "Value per year",
            "Currency",
            "Upvotes",
            "Asked for by",
        ]);
        for item in &self.shipped {
            let outcome = item.outcome.as_ref();
            let figure = |figure: Option<Figure>| figure.map(Figure::written).unwrap_or_default();
            let value = outcome.and_then(|outcome| outcome.value);
            writer.record([
                item.key.clone(),
                item.title.clone(),
                item.done.to_string(),
                item.objectives.join("; "),
                outcome.map_or("measuring", |outcome| outcome.state.as_str()).to_owned(),
                item.kpi.clone().unwrap_or_default(),
                item.unit.clone(),
                figure(outcome.and_then(|outcome| outcome.before)),
                figure(outcome.and_then(|outcome| outcome.after)),
                value.map(domain::amount).unwrap_or_default(),
                value.map(|_| self.settings.code().to_owned()).unwrap_or_default(),
                item.votes.to_string(),
                self.names(&item.voters).join("; "),
            ]);
        }
    }

    fn balance_csv(&self, writer: &mut CsvWriter) {
        writer.record([
            "Quarter",
            "Investment",
            "Planned in %",
            "Planned in days",
            "Delivered in %",
            "Delivered in days",
        ]);
        for (quarter, balance) in &self.balance {
            let (planned, delivered) = (shares(&balance.planned), shares(&balance.delivered));
            for (at, kind) in domain::Investment::ALL.iter().enumerate() {
                let share = |shares: Option<[u8; 4]>| {
                    shares.map_or_else(String::new, |shares| shares[at].to_string())
                };
                let days = |tenths: u64| format!("{}.{}", tenths / 10, tenths % 10);
                writer.record([
                    quarter.to_string(),
                    kind.label().to_owned(),
                    share(planned),
                    days(balance.planned[at]),
                    share(delivered),
                    days(balance.delivered[at]),
                ]);
            }
        }
    }

    /// What people are called; somebody who is not a member any more is left out.
    pub fn names(&self, people: &[UserId]) -> Vec<String> {
        let name = |user: &UserId| {
            let member = self.members.iter().find(|member| member.id == *user);
            member.map(|member| member.name.to_string())
        };
        let mut names: Vec<String> = people.iter().filter_map(name).collect();
        names.sort_by_key(|name| name.to_lowercase());
        names
    }
}

/// What a quarter of the workspace's year brought.
fn of_quarter(quarter: Quarter, year: FiscalYear, shipped: &[Shipped]) -> QuarterValue {
    let own = || shipped.iter().filter(|item| year.quarter(item.done) == quarter);
    let outcomes = || own().filter_map(|item| item.outcome.as_ref());
    let recorded = outcomes().filter(|outcome| outcomes::is_recorded(outcome)).count();
    QuarterValue {
        quarter,
        shipped: own().count(),
        recorded,
        waived: outcomes().count() - recorded,
        value: outcomes().filter_map(|outcome| outcome.value).fold(0, i64::saturating_add),
    }
}
