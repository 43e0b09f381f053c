//! Events of the audit log as the history of a product has them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    CONTRACT, ChecklistState, DEPENDENCY, FieldDef, FieldValue, ItemId, KPI, OUTCOME, OwnerSide, Product,
    ProductEvent, ProductField, ProductKind, RecordChange, RecordDef, RecordDid, Role, STRATEGY_BLOCK, Stage,
    Timestamp, USER_MOVE, VISION, VotingDid, counted, voting::Phase,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::Deserialize;
use serde_json::Value;

use super::joined::EventLine;
use crate::{
    Error, Viewer,
    audit::Action,
    balance::bands::Breach,
    codec::{json, parse, signed, unsigned},
    entity::{audit, audit_product, record_item},
    voting::{self, Told},
};

/// What bodies of events say that the history of a product shows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    name: Option<String>,
    title: Option<String>,
    seq: Option<u64>,
    before: Option<Said>,
    after: Option<Said>,
    items: Vec<String>,
    /// With what a product left its stage.
    checklist: Option<ChecklistState>,
}

/// What was said about a product.
#[derive(Debug, Deserialize)]
struct Said {
    name: String,
    kind: ProductKind,
    stage: Stage,
    purpose: String,
}

impl Said {
    fn value(&self, field: ProductField) -> FieldValue {
        let text: &str = match field {
            ProductField::Name => &self.name,
            ProductField::Kind => self.kind.label(),
            ProductField::Stage => self.stage.label(),
            ProductField::Purpose => &self.purpose,
            // Said in events of their own.
            ProductField::ScoreModel | ProductField::Ratings => "",
        };
        FieldValue::of(text.to_owned())
    }
}

/// What an event about a record says.
#[derive(Debug, Deserialize)]
struct OfRecord {
    kind: String,
    name: String,
    #[serde(default)]
    changes: Vec<RecordChange>,
}

/// Events about a product before a place in the audit log, the latest first; with an item, only those of records that link it. Those
/// that the reader may not know, or that are none of its history, have no facts.
pub(super) async fn read(
    viewer: &Viewer,
    (product, role): (&Product, Role),
    item: Option<ItemId>,
    before: u64,
    limit: u64,
) -> Result<Vec<EventLine>, Error> {
    let (workspace, reader) = (viewer.workspace().to_string(), viewer.backend.db.reader());
    let mut query = audit_product::Entity::find()
        .select_only()
        .column(audit_product::Column::N)
        .filter(audit_product::Column::WorkspaceId.eq(&workspace))
        .filter(audit_product::Column::ProductId.eq(product.id.to_string()))
        .filter(audit_product::Column::N.lt(signed(before)));
    if let Some(item) = item {
        let records = record_item::Entity::find()
            .select_only()
            .column(record_item::Column::RecordId)
            .filter(record_item::Column::WorkspaceId.eq(&workspace))
            .filter(record_item::Column::RoadmapId.eq(product.roadmap.to_string()))
            .filter(record_item::Column::ItemId.eq(item.to_string()));
        let about = audit::Entity::find()
            .select_only()
            .column(audit::Column::N)
            .filter(audit::Column::WorkspaceId.eq(&workspace))
            .filter(audit::Column::Object.in_subquery(records.into_query()));
        query = query.filter(audit_product::Column::N.in_subquery(about.into_query()));
    }
    let numbers: Vec<i64> =
        query.order_by_desc(audit_product::Column::N).limit(limit).into_tuple().all(reader).await?;
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let rows = audit::Entity::find()
        .filter(audit::Column::WorkspaceId.eq(&workspace))
        .filter(audit::Column::N.is_in(numbers))
        .order_by_desc(audit::Column::N)
        .all(reader)
        .await?;
    let of_sessions = rows.iter().filter(|row| row.action.parse::<VotingDid>().is_ok());
    let ids: BTreeSet<&str> = of_sessions.map(|row| row.object.as_str()).collect();
    let sessions = voting::told(reader, viewer.workspace(), ids).await?;
    let hidden = hidden(viewer, rows.iter().map(|row| row.n)).await?;
    let line = |row: &audit::Model| {
        let mut line = line((product, role), row, &sessions)?;
        if hidden.contains(&row.n) {
            line.events.clear();
        }
        Ok(line)
    };
    rows.iter().map(line).collect()
}

/// Which of these events also are about a product that does not exist for the reader, such as a vote on items of both.
async fn hidden(viewer: &Viewer, numbers: impl Iterator<Item = i64>) -> Result<BTreeSet<i64>, Error> {
    let products = viewer.hidden_products().await?;
    if products.is_empty() {
        return Ok(BTreeSet::new());
    }
    let hidden: Vec<i64> = audit_product::Entity::find()
        .select_only()
        .column(audit_product::Column::N)
        .filter(audit_product::Column::WorkspaceId.eq(viewer.workspace().to_string()))
        .filter(audit_product::Column::N.is_in(numbers))
        .filter(audit_product::Column::ProductId.is_in(products))
        .into_tuple()
        .all(viewer.backend.db.reader())
        .await?;
    Ok(hidden.into_iter().collect())
}

fn line(
    (product, role): (&Product, Role),
    row: &audit::Model,
    sessions: &HashMap<String, Told>,
) -> Result<EventLine, Error> {
    let body: Value = json(&row.body)?;
    let reason = body["reason"].as_str().and_then(|reason| reason.parse().ok());
    let events = match row.action.parse::<VotingDid>() {
        Ok(did) => {
            of_session((product, role), did, &row.object, read_body(body)?, sessions.get(&row.object))?
        }
        Err(_) => match row.action.parse() {
            Ok(
                did @ (Action::RecordCreated
                | Action::RecordChanged
                | Action::RecordDeleted
                | Action::RecordRestored),
            ) => of_record(did, body)?,
            _ => of_product(&row.action, body)?,
        },
    };
    Ok(EventLine {
        n: unsigned(row.n)?,
        at: Timestamp(row.at_ms),
        actor: parse(&row.actor_id)?,
        events,
        reason,
    })
}

fn read_body(body: Value) -> Result<Body, Error> {
    serde_json::from_value(body).map_err(Error::internal)
}

/// What was done to the product, or to a moment of its roadmap. Other events about a product have no words here.
fn of_product(action: &str, body: Value) -> Result<Vec<ProductEvent>, Error> {
    let name = |body: Value| read_body(body).map(|body| body.name.unwrap_or_default());
    let event = match action.parse() {
        Ok(Action::ProductCreated) => ProductEvent::Created { name: name(body)? },
        Ok(Action::ProductEdited) if !body["owners"].is_null() => ProductEvent::OwnersSet,
        Ok(Action::ProductEdited) => return Ok(edited(read_body(body)?)),
        Ok(Action::ScoresSet) => return scores_set(body),
        Ok(Action::BalanceMoved) => of_balance(serde_json::from_value(body).map_err(Error::internal)?),
        Ok(Action::ProductArchived) => ProductEvent::Archived,
        Ok(Action::ProductRestored) => ProductEvent::Restored,
        Ok(Action::BaselineNamed) => {
            let body = read_body(body)?;
            let (name, seq) = (body.name.unwrap_or_default(), body.seq.unwrap_or_default());
            ProductEvent::BaselineNamed { name, seq }
        }
        Ok(Action::Measured) => {
            let count = |key: &str| usize::try_from(body[key].as_u64().unwrap_or(0)).unwrap_or(0);
            let (added, corrected) = (count("added"), count("corrected"));
            let done = counted(added + corrected, "measurement", "measurements");
            let more = if corrected > 0 { format!(", {corrected} of them corrected") } else { String::new() };
            ProductEvent::Figure {
                name: name(body)?,
                did: format!("recorded {done} of the key figure"),
                more,
            }
        }
        Ok(Action::MeasurementRemoved) => {
            let day = body["day"].as_str().unwrap_or_default().to_owned();
            ProductEvent::Figure {
                name: name(body)?,
                did: format!("removed the measurement of {day} from the key figure"),
                more: String::new(),
            }
        }
        Ok(
            did @ (Action::MoneyAdded | Action::MoneyChanged | Action::MoneyRemoved | Action::MoneyRestored),
        ) => of_money(did, &body),
        Ok(Action::BaselineRemoved) => ProductEvent::BaselineRemoved { name: name(body)? },
        _ => return Ok(Vec::new()),
    };
    Ok(vec![event])
}

/// That the work of a quarter left the band of its target mix, or is back within it.
fn of_balance(breach: Breach) -> ProductEvent {
    let (did, where_to) =
        if breach.outside.is_empty() { ("brought", "back within") } else { ("took", "outside") };
    ProductEvent::Figure {
        name: breach.quarter.to_string(),
        did: format!("{did} the balance of"),
        more: format!(" {where_to} its band: {}", breach.words()),
    }
}

/// What was done to its money: to one entry, or to those of a file.
fn of_money(did: Action, body: &Value) -> ProductEvent {
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let added = body["added"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    let (did, more) = match did {
        Action::MoneyAdded if body["entry"].is_null() => {
            (format!("added {} for", counted(added, "money entry", "money entries")), String::new())
        }
        Action::MoneyAdded => ("added the money entry".to_owned(), String::new()),
        Action::MoneyRemoved => ("removed the money entry".to_owned(), String::new()),
        Action::MoneyRestored => ("restored the money entry".to_owned(), String::new()),
        _ => ("changed the money entry".to_owned(), format!(" to “{}”", text("to"))),
    };
    ProductEvent::Figure { name: text("name"), did, more }
}

/// What was done to a dependency of its items, a key figure, the outcome of an item, its vision and strategy, or its retirement plan.
/// Other records are not in the history of products.
fn of_record(did: Action, body: Value) -> Result<Vec<ProductEvent>, Error> {
    let body: OfRecord = serde_json::from_value(body).map_err(Error::internal)?;
    if body.kind == KPI.kind {
        return Ok(vec![of_kpi(did, body)]);
    }
    if body.kind == OUTCOME.kind {
        return Ok(vec![of_outcome(did, body)]);
    }
    if body.kind == VISION.kind || body.kind == STRATEGY_BLOCK.kind {
        return Ok(vec![of_strategy(did, body)]);
    }
    if let Some(def) = [&USER_MOVE, &CONTRACT].into_iter().find(|def| def.kind == body.kind) {
        return Ok(vec![of_retirement(did, def, body)]);
    }
    if body.kind != DEPENDENCY.kind {
        return Ok(Vec::new());
    }
    let name = body.name;
    let event = |did, changes| ProductEvent::Dependency { did, name, changes };
    Ok(vec![match did {
        Action::RecordCreated => event(RecordDid::Created, Vec::new()),
        Action::RecordDeleted => event(RecordDid::Deleted, Vec::new()),
        Action::RecordRestored => event(RecordDid::Restored, Vec::new()),
        _ => event(RecordDid::Changed, body.changes),
    }])
}

fn of_kpi(did: Action, OfRecord { name, changes, .. }: OfRecord) -> ProductEvent {
    let figure =
        |did: &str, more: String| ProductEvent::Figure { name: name.clone(), did: did.to_owned(), more };
    match did {
        Action::RecordCreated => return figure("added the key figure", String::new()),
        Action::RecordDeleted => return figure("removed the key figure", String::new()),
        Action::RecordRestored => return figure("restored the key figure", String::new()),
        _ => {}
    }
    let side =
        |change: &RecordChange| OwnerSide::ALL.iter().copied().find(|side| *side.field() == *change.field);
    if let [only] = &changes[..]
        && let Some(side) = side(only)
    {
        let did = if only.to.is_some() { "agreed on" } else { "no longer agrees on" };
        return figure(&format!("{did} the key figure"), format!(" as {}", side.in_sentence()));
    }
    let said = |change: &RecordChange| {
        let (field, before, after) = change.told(&KPI);
        let is_long = KPI.field(&change.field).is_some_and(FieldDef::is_long);
        match (before.text(), after.text()) {
            _ if is_long => field,
            _ if *change.field == *"published" => {
                if change.to.is_some() { "to be published" } else { "not to be published" }.to_owned()
            }
            ("", after) => format!("{field} set to {after}"),
            (_, "") => format!("{field} removed"),
            (before, after) => format!("{field} from {before} to {after}"),
        }
    };
    let mut said: Vec<String> = changes.iter().filter(|change| side(change).is_none()).map(said).collect();
    if changes.iter().any(|change| side(change).is_some()) {
        said.push("the agreement is withdrawn".to_owned());
    }
    figure("changed the key figure", format!(": {}", said.join(", ")))
}

/// Outcomes are named by their items.
fn of_outcome(did: Action, OfRecord { name, changes, .. }: OfRecord) -> ProductEvent {
    let told =
        |did: &str, more: String| ProductEvent::Figure { name: name.clone(), did: did.to_owned(), more };
    let said =
        |key: &str| changes.iter().find(|change| *change.field == *key).map(|change| change.told(&OUTCOME).2);
    match did {
        Action::RecordCreated => match said("reason") {
            Some(reason) => told("waived the outcome of", format!(": {}", reason.text())),
            None => told("recorded the outcome of", String::new()),
        },
        Action::RecordDeleted => told("removed the outcome of", String::new()),
        Action::RecordRestored => told("restored the outcome of", String::new()),
        _ => {
            let fields: Vec<String> = changes.iter().map(|change| change.told(&OUTCOME).0).collect();
            told("changed the outcome of", format!(": {}", fields.join(", ")))
        }
    }
}

/// Versions of a vision are published and stay; blocks of a strategy change, and are confirmed.
fn of_strategy(did: Action, OfRecord { kind, name, changes }: OfRecord) -> ProductEvent {
    let told =
        |did: &str, more: String| ProductEvent::Strategy { name: name.clone(), did: did.to_owned(), more };
    if kind == VISION.kind {
        return told("published the vision", String::new());
    }
    let said = |change: &RecordChange| change.told(&STRATEGY_BLOCK).0;
    match did {
        Action::RecordCreated => told("added to the strategy", String::new()),
        Action::RecordDeleted => told("removed from the strategy", String::new()),
        Action::RecordRestored => told("restored in the strategy", String::new()),
        _ if changes.iter().all(|change| *change.field == *"confirmed") => {
            told("confirmed in the strategy", String::new())
        }
        _ => told(
            "changed in the strategy",
            format!(": {}", changes.iter().map(said).collect::<Vec<_>>().join(", ")),
        ),
    }
}

/// What was done to the plan of its retirement. The product to which a group moves is not named: it may be hidden from the reader.
fn of_retirement(did: Action, def: &RecordDef, OfRecord { name, changes, .. }: OfRecord) -> ProductEvent {
    let figure =
        |did: &str, more: String| ProductEvent::Figure { name, did: format!("{did} the {}", def.one), more };
    let said = |change: &RecordChange| {
        let (field, before, after) = change.told(def);
        let is_long = def.field(&change.field).is_some_and(FieldDef::is_long);
        match (before.text(), after.text()) {
            _ if *change.field == *"moved" => {
                if change.to.is_some() { "has moved" } else { "has not moved" }.to_owned()
            }
            _ if is_long || *change.field == *"product" => field,
            ("", after) => format!("{field} set to {after}"),
            (_, "") => format!("{field} removed"),
            (before, after) => format!("{field} from {before} to {after}"),
        }
    };
    match did {
        Action::RecordCreated => figure("added", String::new()),
        Action::RecordDeleted => figure("removed", String::new()),
        Action::RecordRestored => figure("restored", String::new()),
        _ => figure("changed", format!(": {}", changes.iter().map(said).collect::<Vec<_>>().join(", "))),
    }
}

fn edited(body: Body) -> Vec<ProductEvent> {
    let (Some(before), Some(after)) = (body.before, body.after) else { return Vec::new() };
    let values = ProductField::ALL.iter().map(|field| (*field, before.value(*field), after.value(*field)));
    let changed = values.filter(|(_, before, after)| before != after);
    let set = changed.map(|(field, before, after)| ProductEvent::Set { field, before, after });
    let left = body.checklist.map(ProductEvent::StageLeft);
    set.chain(left).collect()
}

/// By which model a product is scored, and whether its ratings are hidden.
#[derive(Debug, Deserialize)]
struct OfScores {
    before: BTreeMap<String, String>,
    after: BTreeMap<String, String>,
}

fn scores_set(body: Value) -> Result<Vec<ProductEvent>, Error> {
    let OfScores { before, after } = serde_json::from_value(body).map_err(Error::internal)?;
    let said = |said: &BTreeMap<String, String>, field: ProductField| {
        FieldValue::of(said.get(field.as_str()).cloned().unwrap_or_default())
    };
    let fields = [ProductField::ScoreModel, ProductField::Ratings].into_iter();
    let changed = fields.map(|field| (field, said(&before, field), said(&after, field)));
    let changed = changed.filter(|(_, before, after)| before != after);
    Ok(changed.map(|(field, before, after)| ProductEvent::Set { field, before, after }).collect())
}

/// What was done to a voting session. Its set-up, and a draft altogether, are for editors.
fn of_session(
    (product, role): (&Product, Role),
    did: VotingDid,
    id: &str,
    body: Body,
    session: Option<&Told>,
) -> Result<Vec<ProductEvent>, Error> {
    let is_open_to_all = !did.is_setup() && session.is_some_and(|session| session.phase != Phase::Draft);
    if !is_open_to_all && !role.can_edit() {
        return Ok(Vec::new());
    }
    let prefix = format!("{}-", product.key);
    Ok(vec![ProductEvent::Voting {
        did,
        voting: session.map(|_| parse(id)).transpose()?,
        title: body.title.or_else(|| session.map(|session| session.title.clone())),
        items: body.items.into_iter().filter(|item| item.starts_with(&prefix)).collect(),
    }])
}
