//! Events of voting sessions: into the audit log, with the products whose items are up for vote, and what the history of those
//! needs to know of a session.

use std::collections::{BTreeSet, HashMap};

use domain::{
    ProductId, VotingId, WorkspaceId,
    voting::{Phase, VotingDraft},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;

use crate::{
    Error,
    access::RecordTx,
    audit::Action,
    codec::{json, parse},
    entity::{product, voting},
};

/// Writes into the audit log what was done to a session.
pub(super) async fn audit(
    change: &RecordTx<'_>,
    (id, draft): (VotingId, &VotingDraft),
    action: Action,
    body: Value,
) -> Result<(), Error> {
    let roadmaps: BTreeSet<String> =
        draft.candidates.iter().map(|candidate| candidate.roadmap.to_string()).collect();
    let products: Vec<String> = product::Entity::find()
        .select_only()
        .column(product::Column::Id)
        .filter(product::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(product::Column::RoadmapId.is_in(roadmaps))
        .into_tuple()
        .all(change.tx)
        .await?;
    let products = products.iter().map(|id| parse(id)).collect::<Result<Vec<ProductId>, _>>()?;
    change.audit_about(&products, action, &id.to_string(), body).await
}

/// A session as the history of a product names it.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) phase: Phase,
    pub(crate) title: String,
}

/// Those of these sessions that are still there, by id.
pub(crate) async fn told(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: BTreeSet<&str>,
) -> Result<HashMap<String, Told>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = voting::Entity::find()
        .filter(voting::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(voting::Column::Id.is_in(ids))
        .all(db)
        .await?;
    let told = |row: voting::Model| {
        let draft: VotingDraft = json(&row.draft)?;
        Ok((row.id, Told { phase: parse(&row.phase)?, title: draft.title.to_string() }))
    };
    rows.into_iter().map(told).collect()
}
