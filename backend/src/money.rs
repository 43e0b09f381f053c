//! What products cost, bring and save by month, what that makes of an item, and how a workspace counts money.

mod check;
mod entries;
mod lines;
mod settings;

use std::collections::{BTreeMap, HashMap};

use domain::{
    Date, Figure, FiscalYear, ItemId, ItemKey, KPI, Member, Product, ProductId, ProductKey, Record, RecordId,
    Timestamp, UserId,
    money::{Entry, Month, flow, known_cost, net_present_value, payback},
    unit_of,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, SimpleExpr},
};

pub use self::{entries::MoneyDraft, lines::Added, settings::MoneySettings};
use crate::{
    Error, Viewer,
    codec::parse,
    db::padded,
    entity::{item, money_entry},
    figures::Measurement,
};

/// The most entries of a product, removed ones too.
pub const MOST_ENTRIES: u64 = 5_000;

/// The most removed entries that can be restored: the latest.
const SHOWN_REMOVED: usize = 50;

/// The money of a product, as a person may see it.
#[derive(Clone, Debug)]
pub struct ProductMoney {
    pub product: Product,
    pub settings: MoneySettings,
    pub year: FiscalYear,
    pub members: Vec<Member>,
    /// By month, the latest first.
    pub entries: Vec<MoneyEntry>,
    /// Of those that were removed the latest.
    pub removed: Vec<MoneyEntry>,
    /// The items of the product that entries name, as they are called. What moved away or is in the bin has no name here.
    pub items: HashMap<ItemId, (ItemKey, String)>,
    /// How many people use it, where a key figure says so.
    pub users: Option<Users>,
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyEntry {
    pub id: RecordId,
    pub entry: Entry,
    pub by: UserId,
    pub at: Timestamp,
    pub removed: Option<Timestamp>,
}

/// How many people use a product: the newest measurement of a key figure of the family *adoption* that is not a percentage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Users {
    /// What the key figure is called.
    pub name: String,
    pub count: Figure,
    pub day: Date,
}

/// What an item is worth by its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemValue {
    pub item: ItemId,
    pub entries: usize,
    /// The first month with an entry, at which it is valued.
    pub first: Month,
    /// What comes in less what goes out, in hundredths.
    pub net: i64,
    /// The same, with later months counted for less.
    pub npv: i64,
    /// The month in which it has paid back what it took.
    pub payback: Option<Month>,
}

/// Whether a key figure counts users.
fn counts_users(kpi: &Record) -> bool {
    kpi.text("family") == Some("adoption") && !unit_of(kpi).contains('%')
}

impl Users {
    /// By the key figures of a product, in the order of their names, and the newest measurement of each.
    pub(crate) fn of<'a>(
        kpis: impl IntoIterator<Item = &'a Record>,
        newest: &HashMap<RecordId, Measurement>,
    ) -> Option<Self> {
        let counts = kpis.into_iter().filter(|kpi| counts_users(kpi));
        let measured = counts.filter_map(|kpi| Some((kpi, newest.get(&kpi.id)?)));
        // Of two that were measured on the same day, the first by name.
        let mut latest: Option<Self> = None;
        for (kpi, measurement) in measured.filter(|(_, measurement)| measurement.value.parts() > 0) {
            if latest.as_ref().is_none_or(|latest| latest.day < measurement.day) {
                let (count, day) = (measurement.value, measurement.day);
                latest = Some(Self { name: KPI.name_of(kpi), count, day });
            }
        }
        latest
    }
}

impl ItemValue {
    fn of<'a>(
        item: ItemId,
        entries: impl IntoIterator<Item = &'a Entry>,
        settings: MoneySettings,
    ) -> Option<Self> {
        let entries: Vec<&Entry> = entries.into_iter().collect();
        let (first, flow) = flow(entries.iter().copied())?;
        let month = |at: usize| first.plus(i32::try_from(at).unwrap_or(0));
        Some(Self {
            item,
            entries: entries.len(),
            first,
            net: flow.iter().sum(),
            npv: net_present_value(&flow, settings.discount),
            payback: payback(&flow).map(month),
        })
    }
}

impl ProductMoney {
    /// What each item with entries is worth, the most valuable first.
    pub fn items_worth(&self) -> Vec<ItemValue> {
        let mut by_item: BTreeMap<ItemId, Vec<&Entry>> = BTreeMap::new();
        for MoneyEntry { entry, .. } in &self.entries {
            if let Some(item) = entry.item {
                by_item.entry(item).or_default().push(entry);
            }
        }
        let value = |(item, entries)| ItemValue::of(item, entries, self.settings);
        let mut worth: Vec<ItemValue> = by_item.into_iter().filter_map(value).collect();
        worth.sort_by_key(|value| (std::cmp::Reverse(value.npv), value.item));
        worth
    }
}

impl Viewer {
    /// The money of a product.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn product_money(&self, key: &ProductKey) -> Result<ProductMoney, Error> {
        let product = self.product(key).await?;
        let rows = of_product(&self.workspace.to_string(), &product.id.to_string())
            .limit(MOST_ENTRIES)
            .all(self.backend.db.reader())
            .await?;
        let all = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let (mut removed, mut entries): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|entry| entry.removed.is_some());
        entries.sort_by_key(|one| std::cmp::Reverse((one.entry.month, one.at, one.id)));
        removed.sort_by_key(|entry| std::cmp::Reverse(entry.removed));
        removed.truncate(SHOWN_REMOVED);
        let named: Vec<ItemId> =
            entries.iter().chain(&removed).filter_map(|entry| entry.entry.item).collect();
        Ok(ProductMoney {
            settings: self.money_settings().await?,
            year: self.fiscal_year().await?,
            members: self.members().await?,
            items: self.items_named(&product, named).await?,
            users: self.users_of(&product).await?,
            product,
            entries,
            removed,
        })
    }

    /// What an item is worth by its entries; `None` where it has none.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn item_money(
        &self,
        key: &ProductKey,
        item: ItemId,
    ) -> Result<(MoneySettings, Option<ItemValue>), Error> {
        let product = self.product(key).await?;
        let settings = self.money_settings().await?;
        let rows = of_product(&self.workspace.to_string(), &product.id.to_string())
            .filter(money_entry::Column::ItemId.eq(item.to_string()))
            .filter(money_entry::Column::DeletedMs.is_null())
            .limit(MOST_ENTRIES)
            .all(self.backend.db.reader())
            .await?;
        let entries = rows.into_iter().map(|row| Ok(read(row)?.entry)).collect::<Result<Vec<_>, Error>>()?;
        Ok((settings, ItemValue::of(item, &entries, settings)))
    }

    /// How many people use a product: of the key figures of adoption that are no percentage, the one that was measured last.
    async fn users_of(&self, product: &Product) -> Result<Option<Users>, Error> {
        let (mut kpis, _) = self.kpis_of(product.id).await?;
        kpis.retain(counts_users);
        let newest = self.newest_of_each(kpis.iter().map(|kpi| kpi.id).collect()).await?;
        Ok(Users::of(&kpis, &newest))
    }

    async fn items_named(
        &self,
        product: &Product,
        mut ids: Vec<ItemId>,
    ) -> Result<HashMap<ItemId, (ItemKey, String)>, Error> {
        ids.sort_unstable();
        ids.dedup();
        let mut items = HashMap::new();
        for some in ids.chunks(500) {
            let wanted = item::Column::Id.is_in(padded(some.iter().map(ToString::to_string)));
            let place = (&*self.workspace.to_string(), &*product.roadmap.to_string());
            items.extend(present(self.backend.db.reader(), place, &product.key, wanted).await?);
        }
        Ok(items)
    }
}

/// The four quarters that ended last before a day, by their first month. `None` beyond the calendar.
pub(crate) fn last_year(year: FiscalYear, today: Date) -> Option<Month> {
    year.first_day(year.quarter(today).plus(-4)).map(Month::of)
}

impl Viewer {
    /// What is known of the cost of these products in the twelve months from one on, in hundredths. Those without an entry are missing.
    pub(crate) async fn costs_of(
        &self,
        products: &[ProductId],
        first: Month,
    ) -> Result<HashMap<ProductId, i64>, Error> {
        // As many rows as months, kinds and bases of all products.
        type Row = (String, String, String, String, i64);
        let rows: Vec<Row> = money_entry::Entity::find()
            .select_only()
            .columns([money_entry::Column::ProductId, money_entry::Column::Month])
            .columns([money_entry::Column::Kind, money_entry::Column::Basis])
            .expr(Expr::cust("CAST(SUM(amount) AS BIGINT)"))
            .filter(money_entry::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(money_entry::Column::ProductId.is_in(padded(products.iter().map(ToString::to_string))))
            .filter(money_entry::Column::DeletedMs.is_null())
            .filter(money_entry::Column::Month.gte(first.to_string()))
            .filter(money_entry::Column::Month.lt(first.plus(12).to_string()))
            .group_by(money_entry::Column::ProductId)
            .group_by(money_entry::Column::Month)
            .group_by(money_entry::Column::Kind)
            .group_by(money_entry::Column::Basis)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let mut entries: HashMap<ProductId, Vec<Entry>> = HashMap::new();
        for (product, month, kind, basis, amount) in rows {
            let entry = Entry {
                month: month.parse().map_err(|()| crate::codec::unreadable(&month))?,
                kind: parse(&kind)?,
                basis: parse(&basis)?,
                amount,
                label: String::new(),
                item: None,
            };
            entries.entry(parse(&product)?).or_default().push(entry);
        }
        let cost = |(product, entries): (_, Vec<Entry>)| Some((product, known_cost(&entries, first, 12)?));
        Ok(entries.into_iter().filter_map(cost).collect())
    }
}

/// Items of a roadmap, by workspace and id, that are neither in the bin nor moved away.
async fn present(
    db: &impl ConnectionTrait,
    (workspace, roadmap): (&str, &str),
    product: &ProductKey,
    wanted: SimpleExpr,
) -> Result<Vec<(ItemId, (ItemKey, String))>, Error> {
    let rows: Vec<(String, i64, String)> = item::Entity::find()
        .select_only()
        .columns([item::Column::Id, item::Column::Number, item::Column::Title])
        .filter(item::Column::WorkspaceId.eq(workspace))
        .filter(item::Column::RoadmapId.eq(roadmap))
        .filter(item::Column::DeletedMs.is_null())
        .filter(item::Column::MovedTo.is_null())
        .filter(wanted)
        .into_tuple()
        .all(db)
        .await?;
    let read = |(id, number, title): (String, i64, String)| {
        let number = u32::try_from(number).map_err(Error::internal)?;
        Ok((parse(&id)?, (ItemKey { product: product.clone(), number }, title)))
    };
    rows.into_iter().map(read).collect()
}

/// Every entry of a product, removed ones too.
fn of_product(workspace: &str, product: &str) -> sea_orm::Select<money_entry::Entity> {
    money_entry::Entity::find()
        .filter(money_entry::Column::WorkspaceId.eq(workspace))
        .filter(money_entry::Column::ProductId.eq(product))
}

fn read(row: money_entry::Model) -> Result<MoneyEntry, Error> {
    Ok(MoneyEntry {
        id: parse(&row.id)?,
        entry: Entry {
            month: row.month.parse().map_err(|()| crate::codec::unreadable(&row.month))?,
            kind: parse(&row.kind)?,
            basis: parse(&row.basis)?,
            amount: row.amount,
            label: row.label,
            item: row.item_id.as_deref().map(parse).transpose()?,
        },
        by: parse(&row.by_id)?,
        at: Timestamp(row.at_ms),
        removed: row.deleted_ms.map(Timestamp),
    })
}
