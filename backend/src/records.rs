//! Records of the kinds that are declared in `domain`: one table, and one service for all kinds. What was done to a record is in
//! the audit log, with before and after, and the record is what its events add up to.

mod rows;

use std::collections::BTreeMap;

use domain::{
    CONTRACT, FieldDef, FieldKey, FieldKind, KPI, OBJECTIVE, OUTCOME, PLAYBOOK, ProductId, ProductKey,
    Reason, Record, RecordChange, RecordDef, RecordDid, RecordEvent, RecordId, Reject, Role, STRATEGY_BLOCK,
    Scope, Stamp, Timestamp, USER_MOVE, VISION, Value, Values, WORKSPACE_FIELD,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use self::rows::{Body, event_rows, events, read_events};
pub(crate) use self::rows::{all, by_ids, of_kind, read, write};
use crate::{
    Backend, Editor, Error, Viewer,
    access::{RecordTx, change},
    amounts,
    audit::Action,
    clock::new_id,
    codec::parse,
    entity::{audit, record},
    funding, lifecycle,
};

/// The most records of a kind that a member makes in a product, those in the bin too.
const MOST_OWN: usize = 200;

/// The same of outcomes: every shipped item has one.
const MOST_OWN_OUTCOMES: usize = 2_000;

/// What came of saving a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    pub record: Record,
    /// Fields in which somebody had set something else meanwhile, which is replaced.
    pub replaced: Vec<FieldKey>,
}

/// A change of a record, or a new one.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) id: Option<RecordId>,
    pub(crate) changes: Vec<RecordChange>,
    pub(crate) reason: Option<Reason>,
    /// Whether it is refused where somebody else has set something else meanwhile.
    pub(crate) only_as_seen: bool,
}

impl Viewer {
    /// The records of a kind that are not in the bin, by name.
    pub async fn records(&self, def: &RecordDef) -> Result<Vec<Record>, Error> {
        let mut records = self.all_records(def).await?;
        records.retain(|record| record.deleted.is_none());
        Ok(records)
    }

    /// The records of a kind that are in the bin, the latest first.
    pub async fn records_in_bin(&self, def: &RecordDef) -> Result<Vec<Record>, Error> {
        let mut records = self.all_records(def).await?;
        records.retain(|record| record.deleted.is_some());
        records.sort_by_key(|record| std::cmp::Reverse(record.deleted.map(|deleted| deleted.at)));
        Ok(records)
    }

    pub(crate) async fn all_records(&self, def: &RecordDef) -> Result<Vec<Record>, Error> {
        all(self.backend.db.reader(), &self.workspace.to_string(), def, None).await
    }

    /// The records of a kind that belong to a product and are not in the bin, as far as this person may read them, by name. Without a
    /// product, those of the portfolio.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn product_records(
        &self,
        def: &RecordDef,
        key: Option<&ProductKey>,
    ) -> Result<Vec<Record>, Error> {
        let product = match key {
            Some(key) => Some(self.product(key).await?.id),
            None => None,
        };
        let workspace = self.workspace.to_string();
        let mut records = all(self.backend.db.reader(), &workspace, def, product).await?;
        records.retain(|record| record.deleted.is_none() && def.reads(record, self.member.id));
        Ok(records)
    }

    /// As [`Editor::save_record`], for a kind whose records belong to products, or to the portfolio of all.
    ///
    /// # Errors
    /// Also [`Reject::NotAllowed`] when this person may not make it so.
    pub async fn save_product_record(
        &self,
        def: &RecordDef,
        key: Option<&ProductKey>,
        id: Option<RecordId>,
        changes: Vec<RecordChange>,
    ) -> Result<Saved, Error> {
        of_products(def)?;
        // What everybody may make, such as a view of one's own, is theirs; the later one stands.
        let only_as_seen = def.writes >= Role::Editor;
        self.save(def, key, Wanted { id, changes, reason: None, only_as_seen }).await
    }

    /// Changes a record of the workspace, unless somebody else has set something else meanwhile.
    ///
    /// # Errors
    /// [`Error::Conflict`] when they have, and as [`Editor::save_record`].
    pub(crate) async fn save_as_seen(
        &self,
        def: &RecordDef,
        id: RecordId,
        changes: Vec<RecordChange>,
    ) -> Result<(), Error> {
        self.save(def, None, Wanted { id: Some(id), changes, reason: None, only_as_seen: true }).await?;
        Ok(())
    }

    /// Moves a record of a product, or of the portfolio, to the bin, or takes it out.
    ///
    /// # Errors
    /// As [`Editor::delete_record`] and [`Editor::restore_record`].
    pub async fn bin_product_record(
        &self,
        def: &RecordDef,
        key: Option<&ProductKey>,
        id: RecordId,
        deletes: bool,
    ) -> Result<(), Error> {
        let did = if deletes { RecordDid::Deleted } else { RecordDid::Restored };
        of_products(def)?;
        self.bin_record(def, key, id, did, None).await
    }

    /// Begins a change of a record: of the workspace, of a product, or of the portfolio.
    pub(crate) async fn begin<'tx>(
        &self,
        tx: &'tx DatabaseTransaction,
        def: &RecordDef,
        key: Option<&ProductKey>,
    ) -> Result<(RecordTx<'tx>, Option<ProductId>, Role), Error> {
        match (key, def.is_of_workspace()) {
            (None, true) => Ok((RecordTx::by_member(tx, self, def.writes).await?, None, self.member.role)),
            (None, false) if matches!(def.scope, Scope::Product { .. }) => {
                let change = RecordTx::by_member(tx, self, def.writes).await?;
                let role = change.role_of(change.actor).await?.ok_or(Reject::NotMember)?;
                Ok((change, None, role))
            }
            // What links items is written by a service of its own.
            (Some(key), false) if matches!(def.scope, Scope::Product { .. }) => {
                let (change, row, role) = RecordTx::in_product_as(tx, self, key, def.writes).await?;
                // What everybody may make, such as a view of one's own, changes nothing of an archived product.
                if row.archived_ms.is_some() && def.writes >= Role::Editor {
                    return Err(Reject::Archived.into());
                }
                Ok((change, Some(parse(&row.id)?), role))
            }
            _ => Err(unknown(def)),
        }
    }

    /// What was done to records of a kind, or to one, the latest first: at most `limit` events.
    pub async fn record_history(
        &self,
        def: &RecordDef,
        id: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<RecordEvent>, Error> {
        let (db, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        let mut rows = event_rows(&workspace, id).order_by_desc(audit::Column::N);
        // Events of one record are all of its kind.
        if id.is_some() {
            rows = rows.limit(limit as u64);
        }
        let mut events = read_events(rows.all(db).await?, def)?;
        events.truncate(limit);
        Ok(events)
    }

    /// A record as it was at a moment; `None` where it was not made yet.
    pub async fn record_at(
        &self,
        def: &RecordDef,
        id: RecordId,
        at: Timestamp,
    ) -> Result<Option<Record>, Error> {
        let events = self.events(def, Some(id)).await?;
        Ok(RecordEvent::fold(events.iter().take_while(|event| event.at <= at)))
    }

    async fn events(&self, def: &RecordDef, id: Option<RecordId>) -> Result<Vec<RecordEvent>, Error> {
        events(self.backend.db.reader(), &self.workspace.to_string(), def, id).await
    }
}

impl Editor {
    /// Makes a record, or changes fields of one. Different fields of one record can be changed at once; of one field the later
    /// value stands, and who set it is told of the one it replaced.
    ///
    /// # Errors
    /// [`Error::Invalid`] with a sentence when it cannot be so, [`Error::NotFound`] when it is not there or in the bin.
    pub async fn save_record(
        &self,
        def: &RecordDef,
        id: Option<RecordId>,
        changes: Vec<RecordChange>,
        reason: Option<Reason>,
    ) -> Result<Saved, Error> {
        of_workspace(def)?;
        let saved = self.save(def, None, Wanted { id, changes, reason, only_as_seen: false }).await?;
        self.after(def, None).await?;
        Ok(saved)
    }

    /// What a change of a record has beyond its kind.
    async fn after(&self, def: &RecordDef, restored: Option<RecordId>) -> Result<(), Error> {
        let is_field = [&WORKSPACE_FIELD, &OBJECTIVE].iter().any(|field| field.kind == def.kind);
        if is_field { self.spread_fields(restored).await } else { Ok(()) }
    }

    /// Takes back one change of a record, by the version it made.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a field was changed again since, [`Error::NotFound`] when there is no such change.
    pub async fn undo_record(&self, def: &RecordDef, id: RecordId, version: u64) -> Result<Saved, Error> {
        let events = self.events(def, Some(id)).await?;
        let index = usize::try_from(version).ok().and_then(|version| version.checked_sub(1));
        let event = index.and_then(|index| events.get(index)).ok_or_else(|| unknown(def))?;
        let now = RecordEvent::fold(&events)
            .filter(|record| record.deleted.is_none())
            .ok_or_else(|| unknown(def))?;
        if let Some(change) =
            event.changes.iter().find(|change| now.values.get(&change.field) != change.to.as_ref())
        {
            let (field, ..) = change.told(def);
            return Err(Error::Conflict(format!("Can't undo: the {field} has changed since.")));
        }
        self.save_record(def, Some(id), event.changes.iter().map(RecordChange::back).collect(), None).await
    }

    /// Moves a record to the bin.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there, or in the bin already.
    pub async fn delete_record(
        &self,
        def: &RecordDef,
        id: RecordId,
        reason: Option<Reason>,
    ) -> Result<(), Error> {
        of_workspace(def)?;
        self.bin_record(def, None, id, RecordDid::Deleted, reason).await?;
        self.after(def, None).await
    }

    /// Takes a record out of the bin.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not in the bin, [`Error::Invalid`] when it cannot stand beside those that came since.
    pub async fn restore_record(&self, def: &RecordDef, id: RecordId) -> Result<(), Error> {
        of_workspace(def)?;
        self.bin_record(def, None, id, RecordDid::Restored, None).await?;
        self.after(def, Some(id)).await
    }
}

/// What is common to records of the workspace and of products.
impl Viewer {
    async fn save(&self, def: &RecordDef, key: Option<&ProductKey>, wanted: Wanted) -> Result<Saved, Error> {
        let saved = change!(self.backend, |tx| {
            let (change, product, role) = self.begin(tx, def, key).await?;
            self.save_in(&change, def, (product, role), &wanted).await
        })?;
        self.backend.records_changed();
        Ok(saved)
    }

    /// Saves a record within a change that has begun, by somebody with this role.
    pub(crate) async fn save_in(
        &self,
        change: &RecordTx<'_>,
        def: &RecordDef,
        (product, role): (Option<ProductId>, Role),
        wanted: &Wanted,
    ) -> Result<Saved, Error> {
        let (tx, workspace, id) = (change.tx, self.workspace.to_string(), wanted.id);
        let others = all(tx, &workspace, def, product).await?;
        let (stamp, did) = (
            Stamp { by: change.actor, at: change.at },
            id.map_or(RecordDid::Created, |_| RecordDid::Changed),
        );
        let mut record = match id {
            Some(id) => {
                let found = others.iter().find(|other| other.id == id && other.deleted.is_none());
                let found = found.filter(|found| def.reads(found, change.actor));
                found.cloned().ok_or_else(|| unknown(def))?
            }
            None => {
                if !def.is_of_workspace() {
                    let own = others.iter().filter(|other| other.created.by == change.actor).count();
                    let most = if def.kind == OUTCOME.kind { MOST_OWN_OUTCOMES } else { MOST_OWN };
                    if own >= most {
                        let many = def.many.to_lowercase();
                        return Err(Error::Conflict(format!(
                            "You have made {most} {many} here, with removed ones. Change one of them instead."
                        )));
                    }
                } else {
                    let rows = record::Entity::find()
                        .filter(record::Column::WorkspaceId.eq(&workspace))
                        .filter(record::Column::ProductId.is_null());
                    amounts::RECORDS.check(tx, rows).await?;
                }
                let (id, values) = (new_id(RecordId::new), Values::new());
                Record { id, product, version: 0, values, created: stamp, changed: stamp, deleted: None }
            }
        };
        let mut done = Vec::new();
        let mut replaced = Vec::new();
        for change in &wanted.changes {
            let now = record.values.get(&change.field).cloned();
            if now == change.to {
                continue;
            }
            if now != change.was {
                replaced.push(change.field.clone());
            }
            done.push(RecordChange { was: now, ..change.clone() });
        }
        if def.kind == KPI.kind {
            domain::kpi_withdraw(&record, &mut done).map_err(Error::Invalid)?;
        }
        if let Some(field) = replaced.first().filter(|_| wanted.only_as_seen && id.is_some()) {
            return Err(changed_meanwhile(def, field, record.values.get(field)));
        }
        if done.is_empty() && id.is_some() {
            return Ok(Saved { record, replaced });
        }
        let may = |record: &Record| def.may(record, change.actor, role);
        if id.is_some() && !may(&record) {
            return Err(Reject::NotAllowed(role).into());
        }
        record.apply(&done);
        if !may(&record) {
            return Err(Reject::NotAllowed(role).into());
        }
        record.version += 1;
        record.changed = stamp;
        let others: Vec<Record> = others.into_iter().filter(|other| other.deleted.is_none()).collect();
        def.check(&record, &others).map_err(Error::Invalid)?;
        if def.kind == OBJECTIVE.kind && done.iter().any(|change| *change.field == *"budget") {
            funding::budget_holds(tx, &workspace, &record, &others).await?;
        }
        if def.kind == PLAYBOOK.kind && done.iter().any(|change| *change.field == *"score_model") {
            lifecycle::model_exists(tx, self.workspace, &record).await?;
        }
        write(tx, &workspace, def, &record, id.is_none()).await?;
        self.audit_record(change, def, &record, (did, done, wanted.reason.clone())).await?;
        Ok(Saved { record, replaced })
    }

    async fn bin_record(
        &self,
        def: &RecordDef,
        key: Option<&ProductKey>,
        id: RecordId,
        did: RecordDid,
        reason: Option<Reason>,
    ) -> Result<(), Error> {
        let deletes = did == RecordDid::Deleted;
        change!(self.backend, |tx| {
            let (change, product, role) = self.begin(tx, def, key).await?;
            let workspace = self.workspace.to_string();
            let mut others = all(tx, &workspace, def, product).await?;
            let is_it = |other: &Record| other.id == id && other.deleted.is_none() == deletes;
            let found = others.iter().position(|other| is_it(other) && def.reads(other, change.actor));
            let mut record = others.swap_remove(found.ok_or_else(|| unknown(def))?);
            others.retain(|other| other.deleted.is_none());
            if !def.may(&record, change.actor, role) {
                return Err(Reject::NotAllowed(role).into());
            }
            let stamp = Stamp { by: change.actor, at: change.at };
            record.deleted = deletes.then_some(stamp);
            record.changed = stamp;
            record.version += 1;
            if !deletes {
                def.check(&record, &others).map_err(Error::Invalid)?;
            }
            write(tx, &workspace, def, &record, false).await?;
            self.audit_record(&change, def, &record, (did, Vec::new(), reason.clone())).await
        })?;
        self.backend.records_changed();
        Ok(())
    }

    pub(crate) async fn audit_record(
        &self,
        change: &RecordTx<'_>,
        def: &RecordDef,
        record: &Record,
        did: (RecordDid, Vec<RecordChange>, Option<Reason>),
    ) -> Result<(), Error> {
        // These are in the history of their product.
        let told = [&KPI, &VISION, &STRATEGY_BLOCK, &OUTCOME, &USER_MOVE, &CONTRACT];
        let is_told = told.iter().any(|told| told.kind == def.kind);
        let product = record.product.filter(|_| is_told);
        self.audit_record_about(change, product.as_slice(), def, record, did).await
    }

    /// The same, for what the history of products has, too.
    pub(crate) async fn audit_record_about(
        &self,
        change: &RecordTx<'_>,
        products: &[ProductId],
        def: &RecordDef,
        record: &Record,
        (did, changes, reason): (RecordDid, Vec<RecordChange>, Option<Reason>),
    ) -> Result<(), Error> {
        let action = match did {
            RecordDid::Created => Action::RecordCreated,
            RecordDid::Changed => Action::RecordChanged,
            RecordDid::Deleted => Action::RecordDeleted,
            RecordDid::Restored => Action::RecordRestored,
        };
        let (kind, name, product) = (def.kind.to_owned(), def.name_of(record), record.product);
        let body = Body { kind, name, product, changes, reason };
        let body = serde_json::to_value(body).map_err(Error::internal)?;
        change.audit_about(products, action, &record.id.to_string(), body).await
    }
}

impl Backend {
    /// Adds to the problems every record that is not what its events in the audit log add up to.
    pub(crate) async fn check_records(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        let tx = self.db.begin_read().await?;
        let rows = record::Entity::find().order_by_asc(record::Column::Id).all(&tx).await?;
        let mut by_kind: BTreeMap<(String, String), Vec<Record>> = BTreeMap::new();
        for row in rows {
            let key = (row.workspace_id.clone(), row.kind.clone());
            by_kind.entry(key).or_default().push(read(row)?);
        }
        for ((workspace, kind), records) in by_kind {
            // A newer program's kinds are its own to check.
            let Some(def) = RecordDef::find(&kind) else { continue };
            let mut done: BTreeMap<RecordId, Vec<RecordEvent>> = BTreeMap::new();
            for event in events(&tx, &workspace, def, None).await? {
                done.entry(event.record).or_default().push(event);
            }
            for record in records {
                let events = done.remove(&record.id).unwrap_or_default();
                let id = record.id;
                if RecordEvent::fold(&events) != Some(record) {
                    problems.push(format!("The {} {id} is not what its events add up to.", def.one));
                }
            }
        }
        tx.rollback().await?;
        Ok(())
    }
}

pub(crate) fn unknown(def: &RecordDef) -> Error {
    Error::NotFound(format!("There is no such {} here any more. Reload the page.", def.one))
}

/// Refuses kinds whose records do not belong to the workspace as a whole.
fn of_workspace(def: &RecordDef) -> Result<(), Error> {
    if def.is_of_workspace() { Ok(()) } else { Err(unknown(def)) }
}

/// Refuses a change of a field in which somebody else has set another value than its author saw.
fn changed_meanwhile(def: &RecordDef, key: &FieldKey, now: Option<&Value>) -> Error {
    let field = def.field(key);
    let name = field.map_or_else(|| key.to_string(), FieldDef::in_sentence);
    // People have names that this does not know, and a long text is not repeated.
    let is_short = |field: &&FieldDef| !field.is_long() && !matches!(field.kind, FieldKind::Person);
    let by_now = match (field.filter(is_short), now) {
        (_, None) => "it is empty now".to_owned(),
        (Some(field), Some(now)) => format!("it is “{}” now", field.words(now)),
        (None, Some(_)) => "it is another now".to_owned(),
    };
    Error::Conflict(format!(
        "Somebody changed the {name} meanwhile: {by_now}. Reload the page before you change it."
    ))
}

/// Refuses kinds whose records belong neither to products nor to the portfolio.
fn of_products(def: &RecordDef) -> Result<(), Error> {
    if matches!(def.scope, Scope::Product { .. }) { Ok(()) } else { Err(unknown(def)) }
}
