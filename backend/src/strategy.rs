//! The strategy of a product: blocks with fixed titles, each with an owner, and stale when nobody said for long that it is still true.

use std::collections::HashMap;

use domain::{
    FieldKey, ItemId, ItemKey, MOST_STRATEGY_ITEMS, Member, Product, ProductKey, Record, RecordChange,
    RecordDid, RecordEvent, RecordId, RoadmapId, Role, STRATEGY_BLOCK, Stamp, Status, StrategyBlock, UserId,
    Value, Values, is_strategy_stale, strategy_block_of, strategy_items, strategy_items_value,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    clock::{new_id, now},
    codec::parse,
    db::padded,
    entity::{self, item},
    records::{self, unknown},
};

/// The most blocks of a strategy, those in the bin too.
const MOST_BLOCKS: usize = 200;

/// The most events of a block that a page shows, the latest.
const SHOWN: usize = 30;

/// The strategy of a product, as a person may see it.
#[derive(Clone, Debug)]
pub struct Strategy {
    pub product: Product,
    /// Every block, in its place.
    pub blocks: Vec<Block>,
    pub members: Vec<Member>,
    /// Those in the bin, the latest first.
    pub removed: Vec<Record>,
    pub edits: bool,
}

/// A block of a strategy.
#[derive(Clone, Debug)]
pub struct Block {
    pub block: StrategyBlock,
    /// `None` where nobody has written it.
    pub record: Option<Record>,
    pub is_stale: bool,
    /// What was done to it, the latest first.
    pub history: Vec<RecordEvent>,
    /// What it links, as far as this person sees it.
    pub items: Vec<LinkedItem>,
}

/// An item that a block links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedItem {
    pub id: ItemId,
    pub key: String,
    /// The address of its page.
    pub path: String,
    pub title: String,
    pub status: Status,
}

/// What somebody writes about a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockDraft {
    pub text: String,
    /// The owner, or empty for nobody.
    pub owner: String,
    /// Keys of items, between spaces or commas.
    pub items: String,
}

impl Block {
    /// When its text, owner or links last changed, and by whom.
    pub fn changed(&self) -> Option<Stamp> {
        let is_change = |event: &&RecordEvent| {
            event.did == RecordDid::Created
                || event.changes.iter().any(|change| *change.field != *"confirmed")
        };
        self.history.iter().find(is_change).map(|event| Stamp { by: event.by, at: event.at })
    }

    /// When somebody last said that it is still true, where that was after the last change.
    pub fn confirmed(&self) -> Option<Stamp> {
        let is_confirmed = |event: &RecordEvent| {
            !event.changes.is_empty() && event.changes.iter().all(|change| *change.field == *"confirmed")
        };
        self.history
            .first()
            .filter(|event| is_confirmed(event))
            .map(|event| Stamp { by: event.by, at: event.at })
    }
}

impl Viewer {
    /// The strategy of a product.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn strategy(&self, key: &ProductKey) -> Result<Strategy, Error> {
        let product = self.product(key).await?;
        let (db, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        let all = records::all(db, &workspace, &STRATEGY_BLOCK, Some(product.id)).await?;
        let (present, mut removed): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|record| record.deleted.is_none());
        removed.sort_by_key(|record| std::cmp::Reverse(record.deleted.map(|deleted| deleted.at)));
        removed.truncate(SHOWN);
        let ids: Vec<ItemId> = present.iter().flat_map(strategy_items).collect();
        let items = self.linked_items(&ids).await?;
        let at = now();
        let mut blocks = Vec::new();
        for block in StrategyBlock::ALL {
            let record = present.iter().find(|record| strategy_block_of(record) == Some(*block)).cloned();
            let history = match &record {
                Some(record) => self.record_history(&STRATEGY_BLOCK, Some(record.id), SHOWN).await?,
                None => Vec::new(),
            };
            let linked = record.iter().flat_map(strategy_items).filter_map(|id| items.get(&id).cloned());
            blocks.push(Block {
                block: *block,
                is_stale: record.as_ref().is_some_and(|record| is_strategy_stale(record, at)),
                items: linked.collect(),
                record,
                history,
            });
        }
        let edits = product.role.can_edit() && !product.archived;
        Ok(Strategy { product, blocks, members: self.members().await?, removed, edits })
    }

    /// Items by their ids, as far as this person sees them.
    async fn linked_items(&self, ids: &[ItemId]) -> Result<HashMap<ItemId, LinkedItem>, Error> {
        let mut found = HashMap::new();
        if ids.is_empty() {
            return Ok(found);
        }
        let products: HashMap<RoadmapId, ProductKey> =
            self.products().await?.into_iter().map(|product| (product.roadmap, product.key)).collect();
        type Row = (String, String, i64, String, String);
        let rows: Vec<Row> = item::Entity::find()
            .select_only()
            .columns([
                item::Column::Id,
                item::Column::RoadmapId,
                item::Column::Number,
                item::Column::Title,
                item::Column::Status,
            ])
            .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(item::Column::Id.is_in(padded(ids.iter().map(ToString::to_string))))
            .filter(item::Column::DeletedMs.is_null())
            .filter(item::Column::MovedTo.is_null())
            .order_by_asc(item::Column::RoadmapId)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        for (id, roadmap, number, title, status) in rows {
            let Some(product) = products.get(&parse(&roadmap)?) else { continue };
            let id: ItemId = parse(&id)?;
            let key = format!("{product}-{number}");
            let path = format!("/p/{product}/i/{key}");
            found.insert(id, LinkedItem { id, key, path, title, status: parse(&status)? });
        }
        Ok(found)
    }

    /// The items with these keys, between spaces or commas.
    async fn items_typed(&self, typed: &str) -> Result<Vec<ItemId>, Error> {
        let keys: Vec<&str> =
            typed.split([',', ';', ' ', '\n', '\t', '\r']).filter(|key| !key.is_empty()).collect();
        if keys.len() > MOST_STRATEGY_ITEMS {
            return Err(Error::Invalid(format!("Link at most {MOST_STRATEGY_ITEMS} items.")));
        }
        let products = if keys.is_empty() { Vec::new() } else { self.products().await? };
        let mut ids = Vec::new();
        for typed in keys {
            let missing = || Error::Invalid(format!("There is no item {typed}. Write keys like ERP-12."));
            let key: ItemKey = typed.parse().map_err(|_| missing())?;
            let product = products.iter().find(|product| product.key == key.product).ok_or_else(missing)?;
            let row: Option<(String,)> = item::Entity::find()
                .select_only()
                .column(item::Column::Id)
                .filter(item::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(item::Column::RoadmapId.eq(product.roadmap.to_string()))
                .filter(item::Column::Number.eq(i64::from(key.number)))
                .filter(item::Column::DeletedMs.is_null())
                .filter(item::Column::MovedTo.is_null())
                .into_tuple()
                .one(self.backend.db.reader())
                .await?;
            let id = parse(&row.ok_or_else(missing)?.0)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// Writes a block, or changes it: what is in the draft and was not `seen` so. `shown` are the items that its author saw linked; links
    /// to those they cannot see stay.
    ///
    /// # Errors
    /// [`Error::Conflict`] when somebody else changed meanwhile what this changes, [`Error::Invalid`] for what a block cannot hold.
    pub async fn save_strategy_block(
        &self,
        key: &ProductKey,
        block: StrategyBlock,
        draft: &BlockDraft,
        seen: &BlockDraft,
        shown: &[ItemId],
    ) -> Result<(), Error> {
        let links_are_edited = crate::tidy(&draft.items) != crate::tidy(&seen.items);
        let wanted = if links_are_edited { self.items_typed(&draft.items).await? } else { shown.to_vec() };
        let clash = |what: &str| {
            Error::Conflict(format!(
                "Somebody else changed {what} of “{}” since you opened the page. Read it, then put in what you wrote.",
                block.label()
            ))
        };
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let product = parse(&row.id)?;
            let all = records::all(tx, &row.workspace_id, &STRATEGY_BLOCK, Some(product)).await?;
            let made = all.len();
            let others: Vec<Record> = all.into_iter().filter(|record| record.deleted.is_none()).collect();
            let present = others.iter().find(|record| strategy_block_of(record) == Some(block)).cloned();
            let stamp = Stamp { by: change.actor, at: change.at };
            let is_new = present.is_none();
            if is_new && made >= MOST_BLOCKS {
                return Err(Error::Conflict(format!(
                    "This strategy has {MOST_BLOCKS} blocks, with removed ones. Restore one of them instead."
                )));
            }
            let mut record = present.unwrap_or_else(|| new_block(product, stamp));
            let mut done = Vec::new();
            let mut set = |field: &str, to: Option<Value>| done.extend(changed(&record, field, to));
            if is_new {
                set("name", Some(Value::Text(block.label().to_owned())));
                set("block", Some(Value::Text(block.as_str().to_owned())));
            }
            let text = lines(&draft.text);
            if text != lines(&seen.text) {
                let now = record.text("text").unwrap_or_default();
                if now != lines(&seen.text) && now != text {
                    return Err(clash("the text"));
                }
                let field = STRATEGY_BLOCK.field("text").ok_or_else(|| unknown(&STRATEGY_BLOCK))?;
                set("text", field.parse(&text).map_err(Error::Invalid)?);
            }
            if draft.owner != seen.owner {
                let now = record.text("owner").unwrap_or_default();
                if now != seen.owner && now != draft.owner {
                    return Err(clash("the owner"));
                }
                set("owner", self.owner_typed(&change, &row, &draft.owner).await?);
            }
            if wanted != shown {
                // What was taken out goes, what was put in comes, and everything else stays.
                let mut items = strategy_items(&record);
                items.retain(|item| !shown.contains(item) || wanted.contains(item));
                for item in &wanted {
                    if !shown.contains(item) && !items.contains(item) {
                        items.push(*item);
                    }
                }
                set("items", strategy_items_value(&items));
            }
            if done.is_empty() {
                return Ok(());
            }
            record.apply(&done);
            record.version += 1;
            record.changed = stamp;
            STRATEGY_BLOCK.check(&record, &others).map_err(Error::Invalid)?;
            records::write(tx, &row.workspace_id, &STRATEGY_BLOCK, &record, is_new).await?;
            let did = if is_new { RecordDid::Created } else { RecordDid::Changed };
            self.audit_record(&change, &STRATEGY_BLOCK, &record, (did, done, None)).await
        })?;
        self.backend.records_changed();
        Ok(())
    }

    /// The owner of a block: a member for whom the product exists.
    async fn owner_typed(
        &self,
        change: &RecordTx<'_>,
        row: &entity::product::Model,
        typed: &str,
    ) -> Result<Option<Value>, Error> {
        if typed.is_empty() {
            return Ok(None);
        }
        let wrong = || Error::Invalid("Choose a member who sees this product as the owner.".to_owned());
        let user: UserId = typed.parse().map_err(|_| wrong())?;
        let role = change.role_of(user).await?.ok_or_else(wrong)?;
        change.role_in(user, role, row).await?.ok_or_else(wrong)?;
        Ok(Some(Value::Text(user.to_string())))
    }

    /// Says that a block is still true. `read` is the version that this person read.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it has changed since, [`Error::NotFound`] when it is not there.
    pub async fn confirm_strategy_block(
        &self,
        key: &ProductKey,
        id: RecordId,
        read: u64,
    ) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Editor).await?;
            let product = parse(&row.id)?;
            let all = records::all(tx, &row.workspace_id, &STRATEGY_BLOCK, Some(product)).await?;
            let found = all.into_iter().find(|record| record.id == id && record.deleted.is_none());
            let mut record = found.ok_or_else(|| unknown(&STRATEGY_BLOCK))?;
            let today = Value::Text(change.at.utc().date.to_string());
            let was = record.values.get("confirmed").cloned();
            if record.version != read {
                return Err(Error::Conflict(
                    "This block has changed since you opened the page. Read it again before you confirm it."
                        .to_owned(),
                ));
            }
            // Once a day is enough.
            if was.as_ref() == Some(&today) {
                return Ok(());
            }
            let field = STRATEGY_BLOCK.field("confirmed").ok_or_else(|| unknown(&STRATEGY_BLOCK))?;
            let done = vec![RecordChange { field: field.into(), was, to: Some(today) }];
            record.apply(&done);
            record.version += 1;
            record.changed = Stamp { by: change.actor, at: change.at };
            records::write(tx, &row.workspace_id, &STRATEGY_BLOCK, &record, false).await?;
            self.audit_record(&change, &STRATEGY_BLOCK, &record, (RecordDid::Changed, done, None)).await
        })?;
        self.backend.records_changed();
        Ok(())
    }

    /// Moves a block to the bin, or takes it out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there, [`Error::Invalid`] when it was written again since, [`domain::Reject::Archived`].
    pub async fn bin_strategy_block(
        &self,
        key: &ProductKey,
        id: RecordId,
        deletes: bool,
    ) -> Result<(), Error> {
        self.bin_product_record(&STRATEGY_BLOCK, Some(key), id, deletes).await
    }
}

/// That a field of a block gets a value; `None` where it has that.
fn changed(record: &Record, field: &str, to: Option<Value>) -> Option<RecordChange> {
    let was = record.values.get(field).cloned();
    let field = FieldKey::from(STRATEGY_BLOCK.field(field)?);
    (was != to).then_some(RecordChange { field, was, to })
}

/// A text without spaces at the ends of its lines, and without empty lines around it.
fn lines(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn new_block(product: domain::ProductId, stamp: Stamp) -> Record {
    Record {
        id: new_id(RecordId::new),
        product: Some(product),
        version: 0,
        values: Values::new(),
        created: stamp,
        changed: stamp,
        deleted: None,
    }
}
