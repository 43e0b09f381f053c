//! Entries by the file: added all or none, and written out.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ItemKey, ProductKey, RecordId, Role, amount, money::Entry};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{
    MOST_ENTRIES,
    entries::{active, items_of},
    of_product, read, settings,
};
use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    audit::Action,
    clock::new_id,
    codec::parse,
    entity::money_entry,
    exchange::{CsvWriter, read_money, refused},
};

/// Rows that are written in one statement.
const ROWS: usize = 500;

/// What came of adding entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    pub added: usize,
    /// Were there already, word for word.
    pub unchanged: usize,
}

impl Viewer {
    /// Adds the entries of a text, one on each line, as spreadsheets write them: all of them or none. What is there already as
    /// often as in the text is not added again.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the lines that cannot be read, [`Error::Conflict`] when there would be too many.
    pub async fn add_money_lines(&self, key: &ProductKey, text: &str) -> Result<Added, Error> {
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let currency = settings::read(tx, &row.workspace_id).await?.currency;
            let lines = read_money(text, currency).map_err(Error::Invalid)?;
            let named: BTreeSet<ItemKey> = lines.iter().filter_map(|line| line.item.clone()).collect();
            let items = items_of(tx, (key, &row), named).await?;
            let mut wrong = Vec::new();
            let mut wanted: BTreeMap<Entry, usize> = BTreeMap::new();
            for line in lines {
                let mut entry = line.entry;
                if let Some(named) = line.item {
                    entry.item = items.get(&named).copied();
                    if entry.item.is_none() {
                        wrong.push(format!("Line {}: There is no item {named} in this product.", line.line));
                    }
                }
                *wanted.entry(entry).or_default() += 1;
            }
            if !wrong.is_empty() {
                return Err(Error::Invalid(refused(wrong)));
            }
            let mut added = Added { unchanged: wanted.values().sum(), added: 0 };
            let there = of_product(&row.workspace_id, &row.id)
                .filter(money_entry::Column::DeletedMs.is_null())
                .all(tx)
                .await?;
            for there in there {
                if let Some(count) = wanted.get_mut(&read(there)?.entry) {
                    *count = count.saturating_sub(1);
                }
            }
            wanted.retain(|_, count| *count > 0);
            added.added = wanted.values().sum();
            added.unchanged -= added.added;
            let (Some((first, _)), Some((last, _))) = (wanted.first_key_value(), wanted.last_key_value())
            else {
                return Ok(added);
            };
            let body = json!({
                "name": if first.month == last.month {
                    first.month.to_string()
                } else {
                    format!("{} to {}", first.month, last.month)
                },
                "product": row.id,
                "added": added.added,
                "first": first.month.to_string(),
                "last": last.month.to_string(),
            });
            let count = of_product(&row.workspace_id, &row.id).count(tx).await?;
            if count + added.added as u64 > MOST_ENTRIES {
                return Err(Error::Conflict(format!(
                    "A product has at most {MOST_ENTRIES} money entries, and this one has {count}, with removed ones. Add sums of months instead."
                )));
            }
            let rows: Vec<_> = wanted
                .iter()
                .flat_map(|(entry, count)| std::iter::repeat_n(entry, *count))
                .map(|entry| active(&row, new_id(RecordId::new), entry, &change))
                .collect();
            for some in rows.chunks(ROWS) {
                money_entry::Entity::insert_many(some.to_vec()).exec_without_returning(tx).await?;
            }
            change.audit_about(&[parse(&row.id)?], Action::MoneyAdded, &row.id, body).await?;
            Ok(added)
        })
    }

    /// All entries of a product as a file of comma-separated values.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn money_csv(&self, key: &ProductKey) -> Result<Vec<u8>, Error> {
        let money = self.product_money(key).await?;
        let mut writer = CsvWriter::new();
        writer.record([
            "Month",
            "Kind",
            "Plan or actual",
            "Amount",
            "Currency",
            "Label",
            "Item",
            "Recorded by",
        ]);
        for entry in money.entries.iter().rev() {
            let by = money.members.iter().find(|member| member.id == entry.by);
            let by = by.map_or_else(String::new, |member| member.name.to_string());
            let entry = &entry.entry;
            let item = entry.item.and_then(|item| money.items.get(&item));
            writer.record([
                entry.month.to_string(),
                entry.kind.as_str().to_owned(),
                entry.basis.as_str().to_owned(),
                amount(entry.amount),
                money.settings.code().to_owned(),
                entry.label.clone(),
                item.map_or_else(String::new, |(key, _)| key.to_string()),
                by,
            ]);
        }
        Ok(writer.finish())
    }
}
