//! Breaches of the band of a target mix, as they are recorded: once when the work of a quarter leaves its band in another way than before,
//! and once when it is back.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Investment, Product, ProductId, Quarter, Roadmap, TARGET_MIX, Timestamp, UserId, WorkspaceId,
    balance::{Balance, Measure, Outside, Parts, Target, TargetMix, Weighed, shares, target},
    target_of,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Database, Error, Viewer,
    access::{RecordTx, change},
    audit::Action,
    clock::now,
    codec::{json as read_json, parse},
    entity::{audit, audit_product, product, workspace},
    people::year,
    records,
};

/// Quarters from the present one on that are looked at, beside those that have a target of their own.
const QUARTERS: i32 = 4;

/// The most quarters that are looked at after an edit.
const MOST_QUARTERS: usize = 12;

/// The newest events of a product that are read to know what was recorded last.
const MOST_EVENTS: u64 = 400;

/// What was recorded of a quarter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    pub quarter: Quarter,
    /// In percent, in the order of [`Investment::ALL`].
    pub shares: Parts<u8>,
    pub target: TargetMix,
    /// What is outside its band, and whether it is above; nothing where all is within it.
    pub outside: BTreeMap<String, bool>,
}

/// The last that was recorded of a quarter, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub breach: Breach,
    pub by: UserId,
    pub at: Timestamp,
}

impl Breach {
    fn of(quarter: Quarter, planned: &Parts<u64>, target: TargetMix) -> Option<Self> {
        let sides = target.outside(planned);
        let names = Investment::ALL.iter().map(|investment| investment.as_str().to_owned());
        let outside = names.zip(sides).filter_map(|(name, side)| Some((name, side? == Outside::Above)));
        Some(Self { quarter, shares: shares(planned)?, target, outside: outside.collect() })
    }

    /// Shares and their targets in words: those that are outside their band, or all.
    pub(crate) fn words(&self) -> String {
        let band = self.target.band;
        let all = Investment::ALL.iter().zip(self.shares.iter().zip(self.target.shares));
        let told = all.filter(|(investment, _)| {
            self.outside.is_empty() || self.outside.contains_key(investment.as_str())
        });
        let words = told.map(|(investment, (share, wanted))| {
            format!("{} {share} % ({wanted} ± {band} %)", investment.label().to_lowercase())
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// What was recorded last of each quarter of a product.
async fn recorded(
    db: &impl ConnectionTrait,
    workspace: &str,
    product: &str,
) -> Result<BTreeMap<Quarter, Recorded>, Error> {
    let of_product = audit_product::Entity::find()
        .select_only()
        .column(audit_product::Column::N)
        .filter(audit_product::Column::WorkspaceId.eq(workspace))
        .filter(audit_product::Column::ProductId.eq(product));
    let rows: Vec<(String, i64, String)> = audit::Entity::find()
        .select_only()
        .columns([audit::Column::ActorId, audit::Column::AtMs, audit::Column::Body])
        .filter(audit::Column::WorkspaceId.eq(workspace))
        .filter(audit::Column::Action.eq(Action::BalanceMoved.as_str()))
        .filter(audit::Column::N.in_subquery(of_product.into_query()))
        .order_by_desc(audit::Column::N)
        .limit(MOST_EVENTS)
        .into_tuple()
        .all(db)
        .await?;
    let mut last = BTreeMap::new();
    for (by, at, body) in rows {
        let breach: Breach = read_json(&body)?;
        let recorded = Recorded { by: parse(&by)?, at: Timestamp(at), breach };
        last.entry(recorded.breach.quarter).or_insert(recorded);
    }
    Ok(last)
}

/// Records what left its band by an edit, and what is back within it. Where a quarter has no target, or nothing is planned in it, nothing
/// is said.
pub(crate) async fn record(
    db: &Database,
    workspace: WorkspaceId,
    product: &str,
    roadmap: &Roadmap,
    actor: UserId,
) -> Result<(), Error> {
    let of = workspace.to_string();
    let reader = db.reader();
    let targets = records::of_kind(reader, &of, &TARGET_MIX).await?;
    let id: ProductId = parse(product)?;
    let of_these = |product: Option<ProductId>| -> Vec<Target> {
        let present = targets.iter().filter(|record| record.deleted.is_none() && record.product == product);
        present.filter_map(target_of).collect()
    };
    let (own, all) = (of_these(Some(id)), of_these(None));
    if own.is_empty() && all.is_empty() {
        return Ok(());
    }
    let first_month = workspace::Entity::find_by_id(&of).one(reader).await?.map(|row| row.first_month);
    let year = first_month.map(year::read).unwrap_or_default();
    let present = year.quarter(now().utc().date);
    let mut quarters: BTreeSet<Quarter> = (0..QUARTERS).map(|ahead| present.plus(ahead)).collect();
    quarters.extend(own.iter().chain(&all).filter_map(|target| target.quarter));
    let weighed: Vec<Weighed> = roadmap
        .board_order()
        .filter_map(|id| roadmap.item(id))
        .map(|item| Weighed::new(&item.fields, Measure::Effort))
        .collect();
    let breaches = quarters.into_iter().filter(|quarter| *quarter >= present).take(MOST_QUARTERS);
    let breaches = breaches.filter_map(|quarter| {
        let wanted = target(&[&own, &all], Some(quarter))?;
        let balance = Balance::of(weighed.iter().copied(), Some(year.days(quarter)?));
        Breach::of(quarter, &balance.planned, wanted)
    });
    let breaches: Vec<Breach> = breaches.collect();
    let is_news = |last: &BTreeMap<Quarter, Recorded>, breach: &Breach| {
        last.get(&breach.quarter)
            .map_or(!breach.outside.is_empty(), |last| last.breach.outside != breach.outside)
    };
    // Most edits change nothing of it, and need no lock to be known.
    let last = recorded(reader, &of, product).await?;
    if !breaches.iter().any(|breach| is_news(&last, breach)) {
        return Ok(());
    }
    let store = Store { db };
    change!(store, |tx| {
        let change = RecordTx::begin(tx, workspace, actor).await?;
        let row = product::Entity::find_by_id((of.clone(), product.to_owned())).one(tx).await?;
        let is_open = row.is_some_and(|row| row.archived_ms.is_none());
        let last = recorded(tx, &of, product).await?;
        for breach in breaches.iter().filter(|breach| is_open && is_news(&last, breach)) {
            change.audit(Action::BalanceMoved, product, json!(breach)).await?;
        }
        Ok(())
    })
}

/// Where a change is made that belongs to no request.
struct Store<'a> {
    db: &'a Database,
}

impl Viewer {
    /// What was recorded last of each quarter of a product: that its work by effort left the band of its target mix, or came back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recorded_breaches(&self, product: &Product) -> Result<BTreeMap<Quarter, Recorded>, Error> {
        recorded(self.backend.db.reader(), &self.workspace.to_string(), &product.id.to_string()).await
    }
}
