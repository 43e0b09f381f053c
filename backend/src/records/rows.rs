//! Records as rows, and their events in the audit log.

use domain::{
    ProductId, Reason, Record, RecordChange, RecordDef, RecordDid, RecordEvent, RecordId, Stamp, Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    Select,
};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    codec::{json, parse, signed, to_json, unsigned},
    db::padded,
    entity::{audit, record, record_item},
};

/// What the audit log keeps of a change of a record.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) kind: String,
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) product: Option<ProductId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) changes: Vec<RecordChange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Reason>,
}

/// Every record of a kind that belongs to the workspace or the portfolio, or to a product, those in the bin too, by name.
pub(crate) async fn all(
    connection: &impl ConnectionTrait,
    workspace: &str,
    def: &RecordDef,
    product: Option<ProductId>,
) -> Result<Vec<Record>, Error> {
    let rows = record::Entity::find()
        .filter(record::Column::WorkspaceId.eq(workspace))
        .filter(record::Column::Kind.eq(def.kind))
        .filter(product.map_or_else(
            || record::Column::ProductId.is_null(),
            |product| record::Column::ProductId.eq(product.to_string()),
        ))
        .order_by_asc(record::Column::Id)
        .all(connection)
        .await?;
    let mut records = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    records.sort_by_cached_key(|record| def.name_of(record).to_lowercase());
    Ok(records)
}

/// Records of a kind by their ids, whatever they belong to, those in the bin too.
pub(crate) async fn by_ids(
    connection: &impl ConnectionTrait,
    workspace: &str,
    def: &RecordDef,
    ids: Vec<String>,
) -> Result<Vec<Record>, Error> {
    let rows = record::Entity::find()
        .filter(record::Column::WorkspaceId.eq(workspace))
        .filter(record::Column::Kind.eq(def.kind))
        .filter(record::Column::Id.is_in(padded(ids)))
        .all(connection)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Every record of a kind of the workspace, whatever it belongs to, those in the bin too.
pub(crate) async fn of_kind(
    connection: &impl ConnectionTrait,
    workspace: &str,
    def: &RecordDef,
) -> Result<Vec<Record>, Error> {
    let rows = record::Entity::find()
        .filter(record::Column::WorkspaceId.eq(workspace))
        .filter(record::Column::Kind.eq(def.kind))
        .order_by_asc(record::Column::Id)
        .all(connection)
        .await?;
    rows.into_iter().map(read).collect()
}

/// What was done to records of a kind, or to one, the oldest first.
pub(super) async fn events(
    connection: &impl ConnectionTrait,
    workspace: &str,
    def: &RecordDef,
    id: Option<RecordId>,
) -> Result<Vec<RecordEvent>, Error> {
    let rows = event_rows(workspace, id).order_by_asc(audit::Column::N);
    read_events(rows.all(connection).await?, def)
}

/// What was done to records, or to one.
pub(super) fn event_rows(workspace: &str, id: Option<RecordId>) -> Select<audit::Entity> {
    let rows = audit::Entity::find()
        .filter(audit::Column::WorkspaceId.eq(workspace))
        .filter(audit::Column::Action.is_in(RecordDid::ALL.iter().map(|did| did.as_str())));
    match id {
        Some(id) => rows.filter(audit::Column::Object.eq(id.to_string())),
        None => rows,
    }
}

pub(super) fn read_events(rows: Vec<audit::Model>, def: &RecordDef) -> Result<Vec<RecordEvent>, Error> {
    let mut events = Vec::new();
    for row in rows {
        let body: Body = json(&row.body)?;
        if body.kind == def.kind {
            events.push(RecordEvent {
                record: parse(&row.object)?,
                product: body.product,
                by: parse(&row.actor_id)?,
                at: Timestamp(row.at_ms),
                did: parse(&row.action)?,
                changes: body.changes,
                reason: body.reason,
            });
        }
    }
    Ok(events)
}

pub(crate) fn read(row: record::Model) -> Result<Record, Error> {
    let stamp = |by: &str, at: i64| Ok::<_, Error>(Stamp { by: parse(by)?, at: Timestamp(at) });
    let deleted = row.deleted_by.as_deref().zip(row.deleted_ms);
    Ok(Record {
        id: parse(&row.id)?,
        product: row.product_id.as_deref().map(parse).transpose()?,
        version: unsigned(row.version)?,
        values: json(&row.field_values)?,
        created: stamp(&row.created_by, row.created_ms)?,
        changed: stamp(&row.changed_by, row.changed_ms)?,
        deleted: deleted.map(|(by, at)| stamp(by, at)).transpose()?,
    })
}

pub(crate) async fn write(
    connection: &impl ConnectionTrait,
    workspace: &str,
    def: &RecordDef,
    record: &Record,
    is_new: bool,
) -> Result<(), Error> {
    let row = record::Model {
        workspace_id: workspace.to_owned(),
        id: record.id.to_string(),
        kind: def.kind.to_owned(),
        product_id: record.product.map(|product| product.to_string()),
        field_values: to_json(&record.values),
        version: signed(record.version),
        created_by: record.created.by.to_string(),
        created_ms: record.created.at.0,
        changed_by: record.changed.by.to_string(),
        changed_ms: record.changed.at.0,
        deleted_by: record.deleted.map(|deleted| deleted.by.to_string()),
        deleted_ms: record.deleted.map(|deleted| deleted.at.0),
    };
    if is_new {
        record::Entity::insert(row.into_active_model()).exec_without_returning(connection).await?;
        for (field, at) in def.links(record).into_iter().flatten() {
            let link = record_item::Model {
                workspace_id: workspace.to_owned(),
                record_id: record.id.to_string(),
                field: field.to_owned(),
                roadmap_id: at.roadmap.to_string(),
                item_id: at.item.to_string(),
            };
            record_item::Entity::insert(link.into_active_model()).exec_without_returning(connection).await?;
        }
    } else {
        row.into_active_model().reset_all().update(connection).await?;
    }
    Ok(())
}
