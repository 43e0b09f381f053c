//! Entries: typed in, edited, removed and restored.

use std::collections::{BTreeSet, HashMap};

use domain::{
    ItemId, ItemKey, ProductKey, RecordId, Role, amount,
    money::{Basis, Entry, read_amount},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
};
use serde_json::{Value, json};

use super::{MOST_ENTRIES, of_product, present, read, settings};
use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    amounts::Amount,
    audit::Action,
    clock::new_id,
    codec::parse,
    db::padded,
    entity::{item, money_entry, product},
    exchange::{read_basis, read_kind, read_label, read_month},
};

/// Entries of a product, removed ones too.
pub(super) const ENTRIES: Amount = Amount::new(
    MOST_ENTRIES,
    "This product has 5,000 money entries, with removed ones. Change one that is no longer needed.",
);

/// What somebody writes about an entry.
#[derive(Clone, Debug, Default)]
pub struct MoneyDraft {
    pub month: String,
    pub kind: String,
    pub basis: String,
    pub amount: String,
    pub label: String,
    /// The key of an item of the product; may be empty.
    pub item: String,
    /// What its author saw. What is still so in the draft is left as others have made it since.
    pub seen: Option<Box<Self>>,
}

impl Viewer {
    /// Adds an entry, or changes one, and says what it is now.
    ///
    /// # Errors
    /// [`Error::Invalid`] with a sentence when it cannot be so, [`Error::NotFound`] when it is not there or was removed,
    /// [`Error::Conflict`] when somebody else has changed the same of it meanwhile.
    pub async fn save_money(
        &self,
        key: &ProductKey,
        id: Option<RecordId>,
        draft: &MoneyDraft,
    ) -> Result<Entry, Error> {
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let product = parse(&row.id)?;
            let currency = settings::read(tx, &row.workspace_id).await?.currency;
            let was = match id {
                Some(id) => Some(found(tx, &row, id, false).await?),
                None => None,
            };
            // What was not edited is not read again: another may have changed it.
            let seen = draft.seen.as_deref().filter(|_| was.is_some());
            let edited = |typed: &str, saw: fn(&MoneyDraft) -> &str| {
                seen.is_none_or(|seen| crate::tidy(saw(seen)) != crate::tidy(typed))
            };
            // Whether somebody else has set something else than its author saw, and wants.
            let mut is_other = false;
            let mut entry = match &was {
                Some(was) => read(was.clone())?.entry,
                None => Entry {
                    month: read_month(&draft.month).map_err(Error::Invalid)?,
                    kind: read_kind(&draft.kind).map_err(Error::Invalid)?,
                    basis: read_basis(&draft.basis).map_err(Error::Invalid)?,
                    amount: 0,
                    label: String::new(),
                    item: None,
                },
            };
            if edited(&draft.month, |draft| &draft.month) {
                let month = read_month(&draft.month).map_err(Error::Invalid)?;
                is_other |= differs(&entry.month, &month, seen.map(|seen| read_month(&seen.month)));
                entry.month = month;
            }
            if edited(&draft.kind, |draft| &draft.kind) {
                let kind = read_kind(&draft.kind).map_err(Error::Invalid)?;
                is_other |= differs(&entry.kind, &kind, seen.map(|seen| read_kind(&seen.kind)));
                entry.kind = kind;
            }
            if edited(&draft.basis, |draft| &draft.basis) {
                let basis = read_basis(&draft.basis).map_err(Error::Invalid)?;
                is_other |= differs(&entry.basis, &basis, seen.map(|seen| read_basis(&seen.basis)));
                entry.basis = basis;
            }
            if edited(&draft.amount, |draft| &draft.amount) {
                let amount = read_amount(&draft.amount, currency).map_err(Error::Invalid)?;
                let saw = seen.map(|seen| read_amount(&seen.amount, currency));
                is_other |= differs(&entry.amount, &amount, saw);
                entry.amount = amount;
            }
            if edited(&draft.label, |draft| &draft.label) {
                let label = read_label(&draft.label);
                is_other |= differs(&entry.label, &label, seen.map(|seen| Ok(read_label(&seen.label))));
                entry.label = label;
            }
            if edited(&draft.item, |draft| &draft.item) {
                let item = typed_item(tx, (key, &row), &draft.item).await?;
                if let Some(seen) = seen {
                    // What is in the bin meanwhile is not found; then it is not known what was seen.
                    let saw = typed_item(tx, (key, &row), &seen.item).await;
                    is_other |= saw.is_ok_and(|saw| differs(&entry.item, &item, Some(Ok(saw))));
                }
                entry.item = item;
            }
            if is_other {
                return Err(Error::Conflict(
                    "Somebody changed this entry meanwhile. Reload the page before you change it.".to_owned(),
                ));
            }
            let Some(was) = was else {
                ENTRIES.check(tx, of_product(&row.workspace_id, &row.id)).await?;
                let id = new_id(RecordId::new);
                let new = active(&row, id, &entry, &change);
                money_entry::Entity::insert(new).exec_without_returning(tx).await?;
                let month = entry.month.to_string();
                let body = json!({
                    "name": words(&entry),
                    "product": row.id,
                    "added": 1,
                    "first": month,
                    "last": month,
                    "entry": told(&entry),
                });
                change.audit_about(&[product], Action::MoneyAdded, &id.to_string(), body).await?;
                return Ok(entry);
            };
            let before = read(was)?;
            if before.entry == entry {
                return Ok(entry);
            }
            active(&row, before.id, &entry, &change).update(tx).await?;
            let body = json!({
                "name": words(&before.entry),
                "product": row.id,
                "was": told(&before.entry),
                "now": told(&entry),
                "to": words(&entry),
            });
            change.audit_about(&[product], Action::MoneyChanged, &before.id.to_string(), body).await?;
            Ok(entry)
        })
    }

    /// Removes an entry, or brings one back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there.
    pub async fn bin_money(&self, key: &ProductKey, id: RecordId, deletes: bool) -> Result<Entry, Error> {
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let found = found(tx, &row, id, !deletes).await?;
            let entry = read(found.clone())?.entry;
            let mut changed = found.into_active_model();
            changed.deleted_ms = Set(deletes.then_some(change.at.0));
            changed.update(tx).await?;
            let did = if deletes { Action::MoneyRemoved } else { Action::MoneyRestored };
            let body = json!({ "name": words(&entry), "product": row.id, "entry": told(&entry) });
            change.audit_about(&[parse(&row.id)?], did, &id.to_string(), body).await?;
            Ok(entry)
        })
    }
}

/// An entry of a product, removed or not.
async fn found(
    tx: &DatabaseTransaction,
    product: &product::Model,
    id: RecordId,
    removed: bool,
) -> Result<money_entry::Model, Error> {
    let place = (product.workspace_id.clone(), id.to_string());
    let found = money_entry::Entity::find_by_id(place).one(tx).await?;
    let is_it =
        |row: &money_entry::Model| row.product_id == product.id && row.deleted_ms.is_some() == removed;
    found
        .filter(is_it)
        .ok_or_else(|| Error::NotFound("There is no such entry here any more. Reload the page.".to_owned()))
}

/// Whether a value is neither what somebody saw nor what they want it to be.
fn differs<T: PartialEq>(now: &T, to: &T, saw: Option<Result<T, String>>) -> bool {
    now != to && saw.and_then(Result::ok).is_some_and(|saw| saw != *now)
}

/// The item that a key names, as somebody typed it; `None` where they typed nothing.
async fn typed_item(
    tx: &DatabaseTransaction,
    product: (&ProductKey, &product::Model),
    typed: &str,
) -> Result<Option<ItemId>, Error> {
    match typed.trim() {
        "" => Ok(None),
        typed => {
            let wrong = |error: domain::InvalidText| Error::Invalid(error.to_string());
            Ok(Some(item_of(tx, product, &typed.parse().map_err(wrong)?).await?))
        }
    }
}

/// The item of a product that a key names.
async fn item_of(
    tx: &DatabaseTransaction,
    (product, row): (&ProductKey, &product::Model),
    key: &ItemKey,
) -> Result<ItemId, Error> {
    let found = items_of(tx, (product, row), BTreeSet::from([key.clone()])).await?.remove(key);
    found.ok_or_else(|| {
        Error::Invalid(format!("There is no item {key} in this product. Write one like {product}-12."))
    })
}

/// The items of a product that keys name.
pub(super) async fn items_of(
    tx: &DatabaseTransaction,
    (product, row): (&ProductKey, &product::Model),
    keys: BTreeSet<ItemKey>,
) -> Result<HashMap<ItemKey, ItemId>, Error> {
    let own = keys.into_iter().filter(|key| key.product == *product);
    let numbers: Vec<i64> = own.map(|key| i64::from(key.number)).collect();
    let mut items = HashMap::new();
    for some in numbers.chunks(500) {
        let wanted = item::Column::Number.is_in(padded(some.iter().copied()));
        let found = present(tx, (&row.workspace_id, &row.roadmap_id), product, wanted).await?;
        items.extend(found.into_iter().map(|(id, (key, _))| (key, id)));
    }
    Ok(items)
}

/// The row of an entry that somebody writes now.
pub(super) fn active(
    product: &product::Model,
    id: RecordId,
    entry: &Entry,
    change: &RecordTx<'_>,
) -> money_entry::ActiveModel {
    money_entry::ActiveModel {
        workspace_id: Set(product.workspace_id.clone()),
        id: Set(id.to_string()),
        product_id: Set(product.id.clone()),
        item_id: Set(entry.item.map(|item| item.to_string())),
        month: Set(entry.month.to_string()),
        kind: Set(entry.kind.as_str().to_owned()),
        basis: Set(entry.basis.as_str().to_owned()),
        amount: Set(entry.amount),
        label: Set(entry.label.clone()),
        by_id: Set(change.actor.to_string()),
        at_ms: Set(change.at.0),
        deleted_ms: Set(None),
    }
}

/// An entry in the history: `Planned cost of 2027-01: 1200, Licences`.
pub(super) fn words(entry: &Entry) -> String {
    let basis = match entry.basis {
        Basis::Plan => "Planned",
        Basis::Actual => "Actual",
    };
    let label = if entry.label.is_empty() { String::new() } else { format!(", {}", entry.label) };
    format!("{basis} {} of {}: {}{label}", entry.kind.as_str(), entry.month, amount(entry.amount))
}

/// An entry in the audit log.
fn told(entry: &Entry) -> Value {
    json!({
        "month": entry.month.to_string(),
        "kind": entry.kind,
        "basis": entry.basis,
        "amount": entry.amount,
        "label": entry.label,
        "item": entry.item,
    })
}
