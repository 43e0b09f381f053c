//! The retirement plan of a product: who has to move where, which contracts end, and which cost that releases.

use std::collections::HashMap;

use domain::{
    CONTRACT, Contract, Date, Product, ProductId, ProductKey, Record, RecordChange, RecordDef, RecordId,
    Retirement, USER_MOVE, UserMove, Value, amount,
    money::{Month, read_amount},
};

use crate::{
    Error, Viewer,
    figures::seen_changes,
    money::{MoneySettings, last_year},
    records,
};

/// The most removed records that can be restored: the latest.
const SHOWN_REMOVED: usize = 50;

/// The retirement plan of a product, as a person may see it.
#[derive(Clone, Debug)]
pub struct RetirementPlan {
    pub product: Product,
    pub settings: MoneySettings,
    pub today: Date,
    /// Who has to move: those who have not first, the earliest day first.
    pub moves: Vec<PlannedMove>,
    /// The earliest end first.
    pub contracts: Vec<(Record, Contract)>,
    pub sums: Retirement,
    /// What is known of its cost in the four quarters that ended last, in hundredths, and their first month.
    pub cost: Option<(Month, i64)>,
    /// The products to which groups can move: those that this person sees.
    pub products: Vec<Product>,
    /// Groups and contracts in the bin, the latest first.
    pub removed: Vec<(&'static RecordDef, Record)>,
}

/// A group that has to move.
#[derive(Clone, Debug)]
pub struct PlannedMove {
    pub record: Record,
    pub group: UserMove,
    /// Where to, where this person sees that product.
    pub to: Option<Product>,
}

/// What somebody writes about a group that has to move.
#[derive(Clone, Debug, Default)]
pub struct MoveDraft {
    pub name: String,
    pub users: String,
    /// The key of a product; may be empty.
    pub product: String,
    /// Where to, where that is no product.
    pub to: String,
    pub by: String,
    pub moved: bool,
    /// What its author saw. What is still so in the draft is left as others have made it since.
    pub seen: Option<Box<Self>>,
}

/// What somebody writes about a contract.
#[derive(Clone, Debug, Default)]
pub struct ContractDraft {
    pub name: String,
    pub supplier: String,
    pub ends: String,
    pub notice: String,
    pub cost: String,
    pub note: String,
    /// What its author saw. What is still so in the draft is left as others have made it since.
    pub seen: Option<Box<Self>>,
}

impl MoveDraft {
    fn values(&self) -> Vec<(&'static str, String)> {
        vec![
            ("name", self.name.clone()),
            ("users", self.users.clone()),
            ("product", self.product.clone()),
            ("to", self.to.clone()),
            ("by", self.by.clone()),
            ("moved", if self.moved { "yes" } else { "no" }.to_owned()),
        ]
    }
}

impl ContractDraft {
    fn values(&self) -> Vec<(&'static str, String)> {
        vec![
            ("name", self.name.clone()),
            ("supplier", self.supplier.clone()),
            ("ends", self.ends.clone()),
            ("notice", self.notice.clone()),
            ("cost", self.cost.clone()),
            ("note", self.note.clone()),
        ]
    }
}

/// The groups and contracts of a product.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) moves: Vec<(Record, UserMove)>,
    pub(crate) contracts: Vec<(Record, Contract)>,
}

impl Plan {
    /// What it adds up to on a day.
    pub(crate) fn sums(&self, today: Date) -> Retirement {
        let moves = self.moves.iter().map(|(_, group)| group);
        Retirement::of(moves, self.contracts.iter().map(|(_, contract)| contract), today)
    }
}

impl Viewer {
    /// The retirement plan of a product. Products that are not in retirement yet have one, too.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn retirement_plan(&self, key: &ProductKey) -> Result<RetirementPlan, Error> {
        let product = self.product(key).await?;
        let (db, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        let mut plan = Plan::default();
        let mut removed: Vec<(&'static RecordDef, Record)> = Vec::new();
        for def in [&USER_MOVE, &CONTRACT] {
            for record in records::all(db, &workspace, def, Some(product.id)).await? {
                match record.deleted {
                    Some(_) => removed.push((def, record)),
                    None => plan.take(def, record),
                }
            }
        }
        removed.sort_by_key(|(_, record)| std::cmp::Reverse(record.deleted.map(|deleted| deleted.at)));
        removed.truncate(SHOWN_REMOVED);
        let (today, year) = (crate::now().utc().date, self.fiscal_year().await?);
        let cost = match last_year(year, today) {
            Some(first) => {
                let cost = self.costs_of(&[product.id], first).await?.remove(&product.id);
                cost.map(|cost| (first, cost))
            }
            None => None,
        };
        let mut products = self.products().await?;
        products.retain(|other| other.id != product.id);
        let by_id: HashMap<ProductId, &Product> = products.iter().map(|to| (to.id, to)).collect();
        let sums = plan.sums(today);
        let mut moves: Vec<PlannedMove> = plan
            .moves
            .into_iter()
            .map(|(record, group)| {
                let to = group.product.and_then(|to| by_id.get(&to)).map(|to| (*to).clone());
                PlannedMove { record, group, to }
            })
            .collect();
        let last = Date::new(9999, 12, 31).ok();
        moves.sort_by_key(|planned| (planned.group.moved, planned.group.by.or(last)));
        let mut contracts = plan.contracts;
        contracts.sort_by_key(|(_, contract)| contract.ends);
        products.retain(|to| !to.archived);
        let settings = self.money_settings().await?;
        Ok(RetirementPlan { product, settings, today, moves, contracts, sums, cost, products, removed })
    }

    /// What the plans of all products hold, those of archived and hidden ones, too.
    pub(crate) async fn all_plans(&self) -> Result<HashMap<ProductId, Plan>, Error> {
        let (db, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        let mut plans: HashMap<ProductId, Plan> = HashMap::new();
        for def in [&USER_MOVE, &CONTRACT] {
            for record in records::of_kind(db, &workspace, def).await? {
                if let (Some(product), None) = (record.product, record.deleted) {
                    plans.entry(product).or_default().take(def, record);
                }
            }
        }
        Ok(plans)
    }

    /// Adds a group that has to move, or changes one: what is not as it was seen.
    ///
    /// # Errors
    /// [`Error::Invalid`] with a sentence when it cannot be so, [`Error::Conflict`] when somebody else changed meanwhile what this
    /// changes, [`Error::NotFound`] when it is not there.
    pub async fn save_user_move(
        &self,
        key: &ProductKey,
        id: Option<RecordId>,
        draft: &MoveDraft,
    ) -> Result<RecordId, Error> {
        let products = self.products().await?;
        let seen = draft.seen.as_ref().map(|seen| seen.values());
        let read = |field: &str, typed: &str| match field {
            "product" if !typed.is_empty() => {
                let found = typed.parse::<ProductKey>().ok().and_then(|key| {
                    products.iter().find(|product| product.key == key).map(|product| product.id)
                });
                let missing =
                    || Error::Invalid(format!("There is no product {typed}. Choose one of the list."));
                found.map(|id| id.to_string()).ok_or_else(missing)
            }
            _ => Ok(typed.to_owned()),
        };
        let changes = seen_changes(&USER_MOVE, &draft.values(), seen.as_deref(), read)?;
        let to_itself = |change: &RecordChange| {
            let to = change.to.as_ref().map(ToString::to_string);
            *change.field == *"product"
                && products.iter().any(|product| product.key == *key && to == Some(product.id.to_string()))
        };
        if changes.iter().any(to_itself) {
            return Err(Error::Invalid("A group can’t move to the product that it leaves.".to_owned()));
        }
        Ok(self.save_product_record(&USER_MOVE, Some(key), id, changes).await?.record.id)
    }

    /// Says that a group has moved, or that it has not.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there.
    pub async fn mark_moved(&self, key: &ProductKey, id: RecordId, moved: bool) -> Result<(), Error> {
        let field = USER_MOVE.field("moved").ok_or_else(|| records::unknown(&USER_MOVE))?;
        let (yes, no) = (Some(Value::Yes), None);
        let (was, to) = if moved { (no, yes) } else { (yes, no) };
        let changes = vec![RecordChange { field: field.into(), was, to }];
        self.save_product_record(&USER_MOVE, Some(key), Some(id), changes).await?;
        Ok(())
    }

    /// Adds a contract, or changes one: what is not as it was seen.
    ///
    /// # Errors
    /// As [`Viewer::save_user_move`].
    pub async fn save_contract(
        &self,
        key: &ProductKey,
        id: Option<RecordId>,
        draft: &ContractDraft,
    ) -> Result<RecordId, Error> {
        let currency = self.money_settings().await?.currency;
        let seen = draft.seen.as_ref().map(|seen| seen.values());
        let read = |field: &str, typed: &str| match field {
            "cost" if !typed.is_empty() => read_amount(typed, currency).map(amount).map_err(Error::Invalid),
            _ => Ok(typed.to_owned()),
        };
        let changes = seen_changes(&CONTRACT, &draft.values(), seen.as_deref(), read)?;
        Ok(self.save_product_record(&CONTRACT, Some(key), id, changes).await?.record.id)
    }

    /// Moves a group or a contract to the bin, or takes it out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such kind, or it is not there.
    pub async fn bin_retirement(
        &self,
        key: &ProductKey,
        kind: &str,
        id: RecordId,
        deletes: bool,
    ) -> Result<(), Error> {
        let def = [&USER_MOVE, &CONTRACT].into_iter().find(|def| def.kind == kind);
        let def = def.ok_or_else(|| records::unknown(&CONTRACT))?;
        self.bin_product_record(def, Some(key), id, deletes).await
    }
}

impl Plan {
    fn take(&mut self, def: &RecordDef, record: Record) {
        if def.kind == USER_MOVE.kind {
            self.moves.extend(UserMove::of(&record).map(|group| (record, group)));
        } else {
            self.contracts.extend(Contract::of(&record).map(|contract| (record, contract)));
        }
    }
}
