//! Dependencies between items: records that link two of them, of one product or of two. Each exists for those alone who see both
//! products. What would be a cycle is found in the transaction that writes, over products that its author may not see, too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    DEPENDENCY, ItemChange, ItemKey, Op, Product, ProductId, ProductKey, Reason, Record, RecordChange,
    RecordDid, RecordId, Reject, RoadmapId, Role, Stamp, WorkspaceId,
    dependency::{Dependencies, Dependency, DependencyKind, FarItem, ItemRef, Move, Plan, linkable},
    dependency_of, dependency_values,
    wire::Outcome,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::ExprTrait,
};

use crate::{
    Backend, Error, Viewer,
    access::{RecordTx, change},
    amounts,
    clock::new_id,
    codec::{json, parse, unsigned},
    db::padded,
    entity::{item, product, record, record_item},
    products,
    records::{self, by_ids, of_kind, unknown},
};

/// Rows asked about in one query.
const AT_ONCE: usize = 500;

/// How far what waits for items of other products is followed, in queries.
const MOST_LEVELS: usize = 50;

/// What an item is called for those who do not see its product.
const UNSEEN: &str = "an item you can’t see";

/// An item as it is to be linked, and what its reader may do in its product.
struct End {
    key: ItemKey,
    at: ItemRef,
    product: product::Model,
    role: Role,
    in_bin: bool,
}

impl Viewer {
    /// The dependencies of items of these products, and those that a slip of one of them would reach in others; as far as this person
    /// sees both products.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of the products does not exist for this person.
    pub async fn dependencies(&self, keys: &[ProductKey]) -> Result<Dependencies, Error> {
        let seen: HashMap<RoadmapId, Product> =
            self.products().await?.into_iter().map(|product| (product.roadmap, product)).collect();
        let roadmap = |key: &ProductKey| {
            let product = seen.values().find(|product| product.key == *key);
            product.map(|product| product.roadmap).ok_or_else(|| products::unknown(key))
        };
        let here = keys.iter().map(roadmap).collect::<Result<BTreeSet<RoadmapId>, Error>>()?;
        let tx = self.backend.db.begin_read().await?;
        let workspace = self.workspace.to_string();
        let is_seen =
            |link: &Dependency| [link.from, link.to].iter().all(|end| seen.contains_key(&end.roadmap));
        let all_here = record_item::Column::RoadmapId.is_in(padded(here.iter().map(ToString::to_string)));
        let mut links: BTreeMap<RecordId, Dependency> = BTreeMap::new();
        let mut asked: BTreeSet<ItemRef> = BTreeSet::new();
        let mut found = linked(&tx, &workspace, all_here).await?;
        for _ in 0..MOST_LEVELS {
            found.retain(|link| is_seen(link) && !links.contains_key(&link.id));
            let far = found.iter().filter_map(Dependency::order).map(|(_, dependant)| dependant);
            let next: Vec<ItemRef> =
                far.filter(|item| !here.contains(&item.roadmap) && asked.insert(*item)).collect();
            links.extend(found.drain(..).map(|link| (link.id, link)));
            if next.is_empty() {
                break;
            }
            for some in next.chunks(AT_ONCE) {
                // Ids are unique within a roadmap: those of others are taken out again.
                let ids = padded(some.iter().map(|item| item.item.to_string()));
                let more = linked(&tx, &workspace, record_item::Column::ItemId.is_in(ids)).await?;
                let is_next =
                    |link: &Dependency| link.order().is_some_and(|(blocker, _)| asked.contains(&blocker));
                found.extend(more.into_iter().filter(is_next));
            }
        }
        let ends: BTreeSet<ItemRef> = links.values().flat_map(|link| [link.from, link.to]).collect();
        let far: Vec<ItemRef> = ends.into_iter().filter(|end| !here.contains(&end.roadmap)).collect();
        let far = far_items(&tx, &workspace, &far, &seen).await?;
        tx.rollback().await?;
        Ok(Dependencies { links: links.into_values().collect(), far })
    }

    /// Says that an item depends on another. One that was removed before comes back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of them does not exist for this person, [`Error::Invalid`] with a sentence when they cannot
    /// depend on each other so, [`Reject::NotAllowed`] and [`Reject::Archived`] when this person may change neither product.
    pub async fn add_dependency(
        &self,
        from: &ItemKey,
        kind: DependencyKind,
        to: &ItemKey,
        lag: i32,
        note: &str,
    ) -> Result<Dependency, Error> {
        let new: Dependency = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let own = change.role_of(change.actor).await?.ok_or(Reject::NotMember)?;
            let (from, to) = (end(&change, own, from).await?, end(&change, own, to).await?);
            may_link(&[&from, &to])?;
            let workspace = self.workspace.to_string();
            let rows = of_kind(tx, &workspace, &DEPENDENCY).await?;
            let (there, removed): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.deleted.is_none());
            let id = new_id(RecordId::new);
            let note = note.to_owned();
            let mut new = Dependency { id, from: from.at, kind, to: to.at, lag, note };
            let others: Vec<Dependency> = there.iter().filter_map(dependency_of).collect();
            check_linkable(&change, own, &new, &others).await?;
            let stamp = Stamp { by: change.actor, at: change.at };
            let is_same = |old: &Dependency| (old.from, old.kind, old.to) == (new.from, new.kind, new.to);
            let former = removed.into_iter().find(|row| dependency_of(row).is_some_and(|old| is_same(&old)));
            let is_new = former.is_none();
            let product = Some(parse(&from.product.id)?);
            let mut record = match former {
                Some(former) => former,
                None => {
                    let all = record::Entity::find()
                        .filter(record::Column::WorkspaceId.eq(&workspace))
                        .filter(record::Column::Kind.eq(DEPENDENCY.kind));
                    amounts::DEPENDENCIES.check(tx, all).await?;
                    let (values, version) = (domain::Values::new(), 0);
                    let (created, changed, deleted) = (stamp, stamp, None);
                    domain::Record { id, product, version, values, created, changed, deleted }
                }
            };
            new.id = record.id;
            let ends = [(from.at, &from.key), (to.at, &to.key)];
            let called = |item: ItemRef| {
                ends.iter().find(|(at, _)| *at == item).map(|(_, key)| key.to_string()).unwrap_or_default()
            };
            let wanted = dependency_values(&new, called);
            let changes = differences(&record.values, &wanted);
            record.apply(&changes);
            record.version += 1;
            (record.changed, record.deleted) = (stamp, None);
            DEPENDENCY.check(&record, &there).map_err(Error::Invalid)?;
            records::write(tx, &workspace, &DEPENDENCY, &record, is_new).await?;
            let did = if is_new { RecordDid::Created } else { RecordDid::Restored };
            self.audit_dependency(&change, &[&from, &to], &record, (did, changes)).await?;
            Ok(new)
        })?;
        self.dependencies_changed(&new);
        Ok(new)
    }

    /// Removes a dependency, or brings it back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there for this person, otherwise as [`Viewer::add_dependency`].
    pub async fn bin_dependency(&self, id: RecordId, deletes: bool) -> Result<Dependency, Error> {
        let changed: Dependency = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let own = change.role_of(change.actor).await?.ok_or(Reject::NotMember)?;
            let workspace = self.workspace.to_string();
            let mut rows = of_kind(tx, &workspace, &DEPENDENCY).await?;
            let found = rows.iter().position(|row| row.id == id && row.deleted.is_none() == deletes);
            let mut record = rows.swap_remove(found.ok_or_else(|| unknown(&DEPENDENCY))?);
            let dependency = dependency_of(&record).ok_or_else(|| unknown(&DEPENDENCY))?;
            let ends =
                [end_at(&change, own, dependency.from).await?, end_at(&change, own, dependency.to).await?];
            let [Some(from), Some(to)] = ends else { return Err(unknown(&DEPENDENCY)) };
            may_link(&[&from, &to])?;
            if !deletes {
                if let Some(end) = [&from, &to].into_iter().find(|end| end.in_bin) {
                    return Err(in_bin(end));
                }
                let others: Vec<Dependency> =
                    rows.iter().filter(|row| row.deleted.is_none()).filter_map(dependency_of).collect();
                check_linkable(&change, own, &dependency, &others).await?;
            }
            let stamp = Stamp { by: change.actor, at: change.at };
            record.deleted = deletes.then_some(stamp);
            record.changed = stamp;
            record.version += 1;
            records::write(tx, &workspace, &DEPENDENCY, &record, false).await?;
            let did = if deletes { RecordDid::Deleted } else { RecordDid::Restored };
            self.audit_dependency(&change, &[&from, &to], &record, (did, Vec::new())).await?;
            Ok(dependency)
        })?;
        self.dependencies_changed(&changed);
        Ok(changed)
    }

    /// Sets the days between the items of a dependency, and its note.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there for this person, otherwise as [`Viewer::add_dependency`].
    pub async fn change_dependency(&self, id: RecordId, lag: i32, note: &str) -> Result<Dependency, Error> {
        let changed: Dependency = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Viewer).await?;
            let own = change.role_of(change.actor).await?.ok_or(Reject::NotMember)?;
            let workspace = self.workspace.to_string();
            let found = by_ids(tx, &workspace, &DEPENDENCY, vec![id.to_string()]).await?.pop();
            let found = found.filter(|record| record.deleted.is_none());
            let mut record = found.ok_or_else(|| unknown(&DEPENDENCY))?;
            let former = dependency_of(&record).ok_or_else(|| unknown(&DEPENDENCY))?;
            let ends = [end_at(&change, own, former.from).await?, end_at(&change, own, former.to).await?];
            let [Some(from), Some(to)] = ends else { return Err(unknown(&DEPENDENCY)) };
            may_link(&[&from, &to])?;
            let wanted = Dependency { lag, note: note.to_owned(), ..former };
            let called =
                |item: ItemRef| if item == from.at { from.key.to_string() } else { to.key.to_string() };
            let changes = differences(&record.values, &dependency_values(&wanted, called));
            if changes.is_empty() {
                return Ok(wanted);
            }
            record.apply(&changes);
            record.version += 1;
            record.changed = Stamp { by: change.actor, at: change.at };
            DEPENDENCY.check(&record, &[]).map_err(Error::Invalid)?;
            records::write(tx, &workspace, &DEPENDENCY, &record, false).await?;
            let did = (RecordDid::Changed, changes);
            self.audit_dependency(&change, &[&from, &to], &record, did).await?;
            Ok(wanted)
        })?;
        self.dependencies_changed(&changed);
        Ok(changed)
    }

    /// Writes what was done to a dependency into the history of both products.
    async fn audit_dependency(
        &self,
        change: &RecordTx<'_>,
        ends: &[&End],
        record: &Record,
        (did, changes): (RecordDid, Vec<RecordChange>),
    ) -> Result<(), Error> {
        let products = ends.iter().map(|end| parse(&end.product.id));
        let products = products.collect::<Result<BTreeSet<ProductId>, Error>>()?;
        let products: Vec<ProductId> = products.into_iter().collect();
        self.audit_record_about(change, &products, &DEPENDENCY, record, (did, changes, None)).await
    }

    /// Shifts items of a product, because something moved that they wait for: as one step of its roadmap, whose reason is the cause,
    /// or takes such a step back. Where few see the cause's product, the reason does not name it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when one of them has changed since, [`Error::Refused`] when the roadmap does not take the step.
    pub async fn shift_items(
        &self,
        key: &ProductKey,
        moves: &[Move],
        cause: &ItemKey,
        is_back: bool,
    ) -> Result<(), Error> {
        let (product, moved) = (self.product(key).await?, self.product(&cause.product).await?);
        let why = match (is_back, moved.restricted && moved.id != product.id) {
            (true, _) => "The shift was undone".to_owned(),
            (false, true) => "An item that this waits for moved".to_owned(),
            (false, false) => format!("{cause} moved"),
        };
        let reason = Some(Reason::parse(&why)?);
        let view = self.view(product.roadmap).await?;
        let step = |wanted: &Move| {
            let Move { number, was, to: (start, end) } = *wanted;
            let item = view.roadmap.item_numbered(number).filter(|item| item.deleted.is_none());
            let item = item.filter(|item| (item.fields.start, item.fields.end) == was);
            let changed = || Error::Conflict(format!("{key}-{number} has changed since. Look at it again."));
            Ok(Op::set(item.ok_or_else(changed)?.id, ItemChange::Schedule { start, end }))
        };
        let ops = moves.iter().map(step).collect::<Result<Vec<Op>, Error>>()?;
        if ops.is_empty() {
            return Err(Reject::Nothing.into());
        }
        for answer in self.submit(product.roadmap, vec![Op::Batch { ops, reason }]).await? {
            if let Outcome::Refused(reject) = answer.outcome {
                return Err(reject.into());
            }
        }
        Ok(())
    }

    /// Has open pages of both products load their dependencies again.
    fn dependencies_changed(&self, dependency: &Dependency) {
        self.backend.records_changed();
        self.backend.rooms.dependencies_changed(dependency.from.roadmap, dependency.to.roadmap);
    }
}

/// The changes that make values what they are to be.
fn differences(now: &domain::Values, wanted: &domain::Values) -> Vec<RecordChange> {
    let keys: BTreeSet<_> = now.keys().chain(wanted.keys()).cloned().collect();
    let change = |field: domain::FieldKey| {
        let (was, to) = (now.get(&field).cloned(), wanted.get(&field).cloned());
        (was != to).then_some(RecordChange { field, was, to })
    };
    keys.into_iter().filter_map(change).collect()
}

/// Who may change one of the products may link items of both.
fn may_link(ends: &[&End]) -> Result<(), Error> {
    let edited: Vec<_> = ends.iter().filter(|end| end.role >= DEPENDENCY.writes).collect();
    if edited.is_empty() {
        let role = ends.iter().map(|end| end.role).max().unwrap_or(Role::Viewer);
        return Err(Reject::NotAllowed(role).into());
    }
    if edited.iter().all(|end| end.product.archived_ms.is_some()) {
        return Err(Reject::Archived.into());
    }
    Ok(())
}

/// The item with this key, if it may be linked by who asks.
async fn end(change: &RecordTx<'_>, own: Role, key: &ItemKey) -> Result<End, Error> {
    let none = || Error::NotFound(format!("There is no item {key} here. Check its key."));
    let row = products::find(change.tx, change.workspace, &key.product).await?.ok_or_else(none)?;
    let role = change.role_in(change.actor, own, &row).await?.ok_or_else(none)?;
    let item = item::Entity::find()
        .filter(item::Column::WorkspaceId.eq(&row.workspace_id))
        .filter(item::Column::RoadmapId.eq(&row.roadmap_id))
        .filter(item::Column::Number.eq(i64::from(key.number)))
        .one(change.tx)
        .await?
        .ok_or_else(none)?;
    let at = ItemRef { roadmap: parse(&row.roadmap_id)?, item: parse(&item.id)? };
    let end = End { key: key.clone(), at, product: row, role, in_bin: item.deleted_ms.is_some() };
    if end.in_bin { Err(in_bin(&end)) } else { Ok(end) }
}

fn in_bin(end: &End) -> Error {
    Error::Invalid(format!("{} is in the bin. Restore it first.", end.key))
}

/// The item at a place; `None` where its product does not exist for who asks.
async fn end_at(change: &RecordTx<'_>, own: Role, at: ItemRef) -> Result<Option<End>, Error> {
    let workspace = change.workspace.to_string();
    let row = product::Entity::find()
        .filter(product::Column::WorkspaceId.eq(&workspace))
        .filter(product::Column::RoadmapId.eq(at.roadmap.to_string()))
        .one(change.tx)
        .await?;
    let key = (workspace, at.roadmap.to_string(), at.item.to_string());
    let item = item::Entity::find_by_id(key).one(change.tx).await?;
    let Some((row, item)) = row.zip(item) else { return Ok(None) };
    let Some(role) = change.role_in(change.actor, own, &row).await? else { return Ok(None) };
    let key = ItemKey { product: parse(&row.key)?, number: number(&item)? };
    Ok(Some(End { key, at, product: row, role, in_bin: item.deleted_ms.is_some() }))
}

/// Whether items can depend on each other so beside the other dependencies; the sentence names what the person may see.
async fn check_linkable(
    change: &RecordTx<'_>,
    own: Role,
    new: &Dependency,
    others: &[Dependency],
) -> Result<(), Error> {
    let Err(why) = linkable(new, others) else { return Ok(()) };
    let keys = keys(change, own, why.items()).await?;
    Err(Error::Invalid(why.sentence(|item| called(&keys, item))))
}

/// What items are called for who asks.
async fn keys(
    change: &RecordTx<'_>,
    own: Role,
    items: Vec<ItemRef>,
) -> Result<BTreeMap<ItemRef, String>, Error> {
    let mut keys = BTreeMap::new();
    for item in items {
        if let Some(end) = end_at(change, own, item).await? {
            keys.insert(item, end.key.to_string());
        }
    }
    Ok(keys)
}

fn called(keys: &BTreeMap<ItemRef, String>, item: ItemRef) -> String {
    keys.get(&item).cloned().unwrap_or_else(|| UNSEEN.to_owned())
}

fn number(item: &item::Model) -> Result<u32, Error> {
    u32::try_from(unsigned(item.number)?).map_err(Error::internal)
}

/// Whether an item has dependencies, hidden ones included.
pub(crate) async fn is_linked(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    at: ItemRef,
) -> Result<bool, Error> {
    let is_it = record_item::Column::ItemId.eq(at.item.to_string());
    let named = ExprTrait::and(record_item::Column::RoadmapId.eq(at.roadmap.to_string()), is_it);
    Ok(!linked(db, &workspace.to_string(), named).await?.is_empty())
}

/// The dependencies that are not removed and name items so.
async fn linked(
    db: &impl ConnectionTrait,
    workspace: &str,
    named: sea_orm::sea_query::SimpleExpr,
) -> Result<Vec<Dependency>, Error> {
    let ids = record_item::Entity::find()
        .select_only()
        .column(record_item::Column::RecordId)
        .filter(record_item::Column::WorkspaceId.eq(workspace))
        .filter(named)
        .into_query();
    let rows = record::Entity::find()
        .filter(record::Column::WorkspaceId.eq(workspace))
        .filter(record::Column::Kind.eq(DEPENDENCY.kind))
        .filter(record::Column::DeletedMs.is_null())
        .filter(record::Column::Id.in_subquery(ids))
        .all(db)
        .await?;
    let records = rows.into_iter().map(records::read).collect::<Result<Vec<_>, _>>()?;
    Ok(records.iter().filter_map(dependency_of).collect())
}

/// Items of other products, as far as pages of this one need to know.
async fn far_items(
    db: &impl ConnectionTrait,
    workspace: &str,
    items: &[ItemRef],
    seen: &HashMap<RoadmapId, Product>,
) -> Result<Vec<FarItem>, Error> {
    let wanted: BTreeSet<ItemRef> = items.iter().copied().collect();
    let mut far = Vec::new();
    for some in items.chunks(AT_ONCE) {
        let rows = item::Entity::find()
            .filter(item::Column::WorkspaceId.eq(workspace))
            .filter(item::Column::Id.is_in(padded(some.iter().map(|item| item.item.to_string()))))
            .all(db)
            .await?;
        for row in rows {
            let at = ItemRef { roadmap: parse(&row.roadmap_id)?, item: parse(&row.id)? };
            let Some(product) = seen.get(&at.roadmap).filter(|_| wanted.contains(&at)) else { continue };
            far.push(FarItem {
                at,
                product: product.key.clone(),
                number: number(&row)?,
                plan: plan(&row)?,
                in_bin: row.deleted_ms.is_some(),
                can_edit: product.role.can_edit() && !product.archived,
                title: row.title,
            });
        }
    }
    far.sort_by_key(|item| item.at);
    Ok(far)
}

fn plan(row: &item::Model) -> Result<Plan, Error> {
    let day = |day: &Option<String>| day.as_deref().map(parse).transpose();
    let values: domain::Values = row.field_values.as_deref().map(json).transpose()?.unwrap_or_default();
    Ok(Plan {
        start: day(&row.start_on)?,
        end: day(&row.end_on)?,
        precision: values.get("precision").and_then(|value| value.to_string().parse().ok()),
        is_settled: parse::<domain::Status>(&row.status)?.is_settled(),
    })
}

impl Backend {
    /// Adds to the problems every record whose links to items are not what it says, or lead nowhere.
    pub(crate) async fn check_links(&self, problems: &mut Vec<String>) -> Result<(), Error> {
        let tx = self.db.begin_read().await?;
        let mut found: BTreeMap<(String, String), BTreeSet<(String, String)>> = BTreeMap::new();
        for row in record_item::Entity::find().all(&tx).await? {
            let at = format!("{}/{}", row.roadmap_id, row.item_id);
            found.entry((row.workspace_id, row.record_id)).or_default().insert((row.field, at));
        }
        let rows = record::Entity::find().filter(record::Column::Kind.eq(DEPENDENCY.kind)).all(&tx).await?;
        for row in rows {
            let key = (row.workspace_id.clone(), row.id.clone());
            let links = DEPENDENCY.links(&records::read(row)?);
            let said = links.iter().flatten().map(|(field, at)| ((*field).to_owned(), at.to_string()));
            if found.remove(&key).unwrap_or_default() != said.collect() {
                problems.push(format!("The dependency {} is not found by the items that it links.", key.1));
            }
            for (_, at) in links.iter().flatten() {
                let item = (key.0.clone(), at.roadmap.to_string(), at.item.to_string());
                if item::Entity::find_by_id(item).one(&tx).await?.is_none() {
                    problems.push(format!("The dependency {} links a missing item.", key.1));
                }
            }
        }
        for (_, record) in found.into_keys() {
            problems.push(format!("Items are linked to the record {record}, which links none."));
        }
        tx.rollback().await?;
        Ok(())
    }
}
