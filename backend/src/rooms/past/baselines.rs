//! Moments of a roadmap that people gave names, to come back and compare.

use domain::{
    Baseline, BaselineId, BaselineName, ProductKey, RoadmapId, Role, Stamp, Timestamp, WorkspaceId,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::{
    Editor, Error,
    access::{RecordTx, change},
    audit::Action,
    clock::new_id,
    codec::{parse, signed, unsigned},
    entity::baseline,
};

/// The most baselines of a roadmap.
const MOST: usize = 200;

/// Every baseline of a roadmap, the latest moment first.
pub(super) async fn all(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    roadmap: RoadmapId,
) -> Result<Vec<Baseline>, Error> {
    let rows = baseline::Entity::find()
        .filter(baseline::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(baseline::Column::RoadmapId.eq(roadmap.to_string()))
        .order_by_desc(baseline::Column::Seq)
        .order_by_desc(baseline::Column::CreatedMs)
        .all(db)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &baseline::Model) -> Result<Baseline, Error> {
    Ok(Baseline {
        id: parse(&row.id)?,
        seq: unsigned(row.seq)?,
        name: parse(&row.name)?,
        named: Stamp { by: parse(&row.created_by)?, at: Timestamp(row.created_ms) },
    })
}

impl Editor {
    /// Gives a place in the log of a product's roadmap a name. One beyond its head means the present.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a product, [`Error::Conflict`] when the name is taken or there are 200 already.
    pub async fn name_baseline(
        &self,
        key: &ProductKey,
        seq: u64,
        name: BaselineName,
    ) -> Result<Baseline, Error> {
        let roadmap = self.product(key).await?.roadmap;
        let seq = seq.min(self.view(roadmap).await?.head);
        change!(self.backend, |tx| {
            let (change, _) = RecordTx::in_product(tx, self, key, Role::Editor).await?;
            let others = all(tx, change.workspace, roadmap).await?;
            if others.iter().any(|other| *other.name == *name) {
                return Err(Error::Conflict(format!(
                    "There is a baseline “{name}” already. Choose another name."
                )));
            }
            if others.len() >= MOST {
                return Err(Error::Conflict(format!(
                    "A roadmap has at most {MOST} baselines. Remove one first."
                )));
            }
            let named = Stamp { by: change.actor, at: change.at };
            let baseline = Baseline { id: new_id(BaselineId::new), seq, name: name.clone(), named };
            baseline::Entity::insert(baseline::ActiveModel {
                workspace_id: Set(change.workspace.to_string()),
                roadmap_id: Set(roadmap.to_string()),
                id: Set(baseline.id.to_string()),
                seq: Set(signed(seq)),
                name: Set(name.to_string()),
                created_by: Set(change.actor.to_string()),
                created_ms: Set(change.at.0),
            })
            .exec_without_returning(tx)
            .await?;
            let body = json!({ "product": key, "name": name, "seq": seq });
            change.audit(Action::BaselineNamed, &baseline.id.to_string(), body).await?;
            Ok(baseline)
        })
    }

    /// Takes a name from a moment. The moment stays in the log.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the roadmap of the product has no such baseline.
    pub async fn remove_baseline(&self, key: &ProductKey, id: BaselineId) -> Result<(), Error> {
        let roadmap = self.product(key).await?.roadmap;
        change!(self.backend, |tx| {
            let (change, _) = RecordTx::in_product(tx, self, key, Role::Editor).await?;
            let own = (change.workspace.to_string(), roadmap.to_string(), id.to_string());
            let row = baseline::Entity::find_by_id(own.clone()).one(tx).await?;
            let row = row.ok_or_else(|| {
                Error::NotFound("There is no such baseline any more. Reload the page.".to_owned())
            })?;
            baseline::Entity::delete_by_id(own).exec(tx).await?;
            let body = json!({ "product": key, "name": row.name, "seq": row.seq });
            change.audit(Action::BaselineRemoved, &row.id, body).await
        })
    }
}
