//! Who pays for objectives, and what the items that serve them draw.

use std::collections::BTreeSet;

use domain::{
    FUNDING, FieldKey, FiscalYear, Funding, OBJECTIVE, OBJECTIVES, ObjectiveState, Product, Quarter, Record,
    RecordId, Status, Value, Values,
    alignment::{Alignment, Planned},
    amount,
    money::{Currency, read_amount, written},
    objective_key, objective_quarter, objective_state,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Error, Owner, Viewer,
    codec::{json, parse},
    db::padded,
    entity::{item, product},
    figures::changes,
    records,
};

/// The most items of an objective that are read.
const MOST_ITEMS: u64 = 5_000;

/// The most items that name an objective, of all products together, that are read.
const MOST_DRAWING: u64 = 20_000;

/// What somebody writes about a funding line.
#[derive(Clone, Debug, Default)]
pub struct FundingDraft {
    pub name: String,
    pub amount: String,
    pub from: String,
    pub to: String,
    /// What its author saw. What is still so in the draft is left as others have made it since.
    pub seen: Option<Box<Self>>,
}

impl FundingDraft {
    fn values(&self, currency: Option<&Currency>) -> Result<Vec<(&'static str, String)>, Error> {
        Ok(vec![
            ("name", crate::tidy(&self.name)),
            ("amount", typed_amount(&self.amount, currency)?),
            ("from", crate::tidy(&self.from)),
            ("to", crate::tidy(&self.to)),
        ])
    }
}

/// An amount as a field reads it; empty where nothing was typed.
fn typed_amount(typed: &str, currency: Option<&Currency>) -> Result<String, Error> {
    match &*crate::tidy(typed) {
        "" => Ok(String::new()),
        typed => read_amount(typed, currency).map(amount).map_err(Error::Invalid),
    }
}

impl Viewer {
    /// The funding lines of objectives in the order in which they were made: those there are, and those in the bin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn funding(&self, objectives: &[RecordId]) -> Result<(Vec<Record>, Vec<Record>), Error> {
        let workspace = self.workspace.to_string();
        let mut lines = records::of_kind(self.backend.db.reader(), &workspace, &FUNDING).await?;
        lines.retain(|line| Funding::of(line).is_some_and(|line| objectives.contains(&line.objective)));
        Ok(lines.into_iter().partition(|line| line.deleted.is_none()))
    }
}

impl Viewer {
    /// The objectives whose items cost more than their budget, as far as this person sees the items: those of these products.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn over_budget(&self, products: &[Product]) -> Result<BTreeSet<RecordId>, Error> {
        let objectives = self.records(&OBJECTIVE).await?;
        let budget = |objective: &Record| match objective.values.get("budget") {
            Some(Value::Number(budget)) if objective_state(objective) != ObjectiveState::Closed => {
                Some(*budget)
            }
            _ => None,
        };
        let quarters: BTreeSet<Quarter> = objectives
            .iter()
            .filter(|objective| budget(objective).is_some())
            .filter_map(objective_quarter)
            .collect();
        if quarters.is_empty() || products.is_empty() {
            return Ok(BTreeSet::new());
        }
        let roadmaps = products.iter().map(|product| product.roadmap.to_string());
        let rows: Vec<(String, Option<String>)> = item::Entity::find()
            .select_only()
            .columns([item::Column::Status, item::Column::FieldValues])
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::RoadmapId.is_in(padded(roadmaps)))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .filter(item::Column::Status.ne(Status::Dropped.as_str()))
            .filter(item::Column::FieldValues.contains(FieldKey::from(OBJECTIVES).to_string()))
            .limit(MOST_DRAWING)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let mut planned = Vec::with_capacity(rows.len());
        for (status, values) in rows {
            let values: Values = values.as_deref().map(json).transpose()?.unwrap_or_default();
            planned.push(drawing(parse(&status)?, &values));
        }
        let mut over = BTreeSet::new();
        for quarter in quarters {
            let mut of_quarter: Vec<&Record> =
                objectives.iter().filter(|one| objective_quarter(one) == Some(quarter)).collect();
            of_quarter.sort_by_key(|objective| (objective_state(objective), objective.id));
            let ids: Vec<RecordId> = of_quarter.iter().map(|objective| objective.id).collect();
            let shares = Alignment::of(&planned, &ids, quarter, FiscalYear::default()).objectives;
            for (objective, share) in of_quarter.into_iter().zip(shares) {
                if budget(objective).is_some_and(|budget| share.drawn > budget) {
                    over.insert(objective.id);
                }
            }
        }
        Ok(over)
    }
}

impl Owner {
    /// Adds a funding line to an objective.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the objective is not there, [`Error::Invalid`] with a sentence when it cannot be so.
    pub async fn add_funding(&self, objective: RecordId, draft: &FundingDraft) -> Result<(), Error> {
        self.present(&OBJECTIVE, objective).await?;
        let mut values = draft.values(self.money_settings().await?.currency)?;
        values.push(("objective", objective.to_string()));
        let changes = changes(&FUNDING, None, &values, None)?;
        self.save_product_record(&FUNDING, None, None, changes).await?;
        Ok(())
    }

    /// Changes a funding line: what is not as it was seen.
    ///
    /// # Errors
    /// As [`Owner::add_funding`].
    pub async fn change_funding(&self, id: RecordId, draft: &FundingDraft) -> Result<(), Error> {
        let line = self.present(&FUNDING, id).await?;
        let currency = self.money_settings().await?.currency;
        let seen = draft.seen.as_ref().and_then(|seen| seen.values(currency).ok());
        let changes = changes(&FUNDING, Some(&line), &draft.values(currency)?, seen.as_deref())?;
        self.save_product_record(&FUNDING, None, Some(id), changes).await?;
        Ok(())
    }

    /// Moves a funding line to the bin, or takes it out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there.
    pub async fn bin_funding(&self, id: RecordId, deletes: bool) -> Result<(), Error> {
        self.bin_product_record(&FUNDING, None, id, deletes).await
    }

    /// Sets the budget of an objective, none where nothing is typed. What is still as it was seen is left alone.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is less than what is drawn already, or no amount, [`Error::Conflict`] when somebody else has set
    /// another meanwhile.
    pub async fn set_budget(
        &self,
        objective: RecordId,
        typed: &str,
        seen: Option<&str>,
    ) -> Result<(), Error> {
        let found = self.present(&OBJECTIVE, objective).await?;
        let currency = self.money_settings().await?.currency;
        let value = |text| typed_amount(text, currency).map(|amount| [("budget", amount)]);
        let seen = seen.and_then(|seen| value(seen).ok());
        let seen = seen.as_ref().map(<[_; 1]>::as_slice);
        let changes = changes(&OBJECTIVE, Some(&found), &value(typed)?, seen)?;
        self.save_as_seen(&OBJECTIVE, objective, changes).await
    }

    /// A record that is not in the bin.
    async fn present(&self, def: &'static domain::RecordDef, id: RecordId) -> Result<Record, Error> {
        let (reader, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        let found = records::by_ids(reader, &workspace, def, vec![id.to_string()]).await?.pop();
        found.filter(|record| record.deleted.is_none()).ok_or_else(|| records::unknown(def))
    }
}

/// Refuses a budget that is less than what the items of an objective draw already.
pub(crate) async fn budget_holds(
    tx: &impl ConnectionTrait,
    workspace: &str,
    objective: &Record,
    others: &[Record],
) -> Result<(), Error> {
    let Some(Value::Number(budget)) = objective.values.get("budget") else { return Ok(()) };
    let drawn = drawn(tx, workspace, objective, others).await?;
    if drawn <= (*budget).max(0) {
        return Ok(());
    }
    Err(Error::Invalid(format!(
        "{} is already drawn from “{}”. Raise the budget, or take items off the objective.",
        written(drawn),
        OBJECTIVE.name_of(objective)
    )))
}

/// What the items of all products that are not archived draw from an objective.
async fn drawn(
    tx: &impl ConnectionTrait,
    workspace: &str,
    objective: &Record,
    others: &[Record],
) -> Result<i64, Error> {
    let roadmaps: Vec<String> = product::Entity::find()
        .select_only()
        .column(product::Column::RoadmapId)
        .filter(product::Column::WorkspaceId.eq(workspace))
        .filter(product::Column::ArchivedMs.is_null())
        .into_tuple()
        .all(tx)
        .await?;
    let rows: Vec<(String, String, Option<String>)> = item::Entity::find()
        .select_only()
        .columns([item::Column::RoadmapId, item::Column::Status, item::Column::FieldValues])
        .filter(item::Column::WorkspaceId.eq(workspace))
        .filter(item::Column::DeletedMs.is_null())
        .filter(item::Column::MovedTo.is_null())
        .filter(item::Column::Status.ne(Status::Dropped.as_str()))
        .filter(item::Column::FieldValues.contains(objective_key(objective.id)))
        .limit(MOST_ITEMS)
        .into_tuple()
        .all(tx)
        .await?;
    let mut planned = Vec::with_capacity(rows.len());
    for (roadmap, status, values) in rows {
        if roadmaps.contains(&roadmap) {
            let values: Values = values.as_deref().map(json).transpose()?.unwrap_or_default();
            planned.push(drawing(parse(&status)?, &values));
        }
    }
    // An item that names several objectives of a quarter draws from each in equal parts, as the page of the quarter has them.
    let quarter = objective_quarter(objective);
    let mut beside: Vec<&Record> = others
        .iter()
        .filter(|other| other.id != objective.id && objective_quarter(other) == quarter)
        .collect();
    beside.retain(|_| quarter.is_some());
    beside.push(objective);
    beside.sort_by_key(|objective| (objective_state(objective), objective.id));
    let ids: Vec<RecordId> = beside.iter().map(|objective| objective.id).collect();
    let quarter = quarter.unwrap_or(Quarter { year: 2000, number: 1 });
    let alignment = Alignment::of(&planned, &ids, quarter, FiscalYear::default());
    let own = ids.iter().position(|id| *id == objective.id);
    Ok(own.and_then(|own| alignment.objectives.get(own)).map_or(0, |share| share.drawn))
}

/// What an item draws from the objectives it names, whenever it is done.
fn drawing(status: Status, values: &Values) -> Planned {
    Planned {
        span: domain::Span { start: None, end: None },
        effort: 0,
        cost: cost(values),
        status,
        objectives: objectives(values),
    }
}

/// The objectives that an item names.
pub(crate) fn objectives(values: &Values) -> Vec<RecordId> {
    match values.get(&FieldKey::from(OBJECTIVES)) {
        Some(Value::Keys(keys)) => keys.iter().filter_map(|key| key.parse().ok()).collect(),
        _ => Vec::new(),
    }
}

/// What an item costs, in hundredths; 0 where nobody has said.
pub(crate) fn cost(values: &Values) -> i64 {
    match values.get("cost") {
        Some(Value::Number(cents)) => *cents,
        _ => 0,
    }
}
