//! The life cycle of products: how one leaves a stage, and when it did.

mod glance;
mod kit;

use std::collections::HashMap;

use domain::{
    ChecklistState, PLAYBOOK, Product, ProductId, ProductKey, Reason, Record, RecordChange, Reject, Role,
    Stage, Timestamp, UserId, Value, checklist_of, leave_stage, money::Month, playbook_stage,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::Deserialize;
use serde_json::json;

pub(crate) use self::kit::model_exists;
pub use self::{
    glance::Glance,
    kit::{ModelPreview, Moved, StagePreview, Ticked},
};
use crate::{
    Editor, Error, Owner, Viewer,
    access::{RecordTx, change},
    audit::Action,
    codec::{json as read_json, parse},
    db::padded,
    entity::{audit, audit_product},
    figures::{Owners, owners_of},
    money::MoneySettings,
    products::{self, Profile},
    records::of_kind,
};

/// The newest events about products that are read to know when each entered its stages.
const MOST_EVENTS: u64 = 20_000;

/// A product beside others of its stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    pub product: Product,
    /// Its items that are not in the bin.
    pub items: u32,
    pub owners: Owners,
    pub glance: Glance,
    /// When it changed its stage, the newest first. What lies too far back is missing.
    pub changes: Vec<StageChange>,
    /// When it was made, where that does not lie too far back.
    pub created: Option<Timestamp>,
}

impl Staged {
    /// Since when it is in its stage.
    pub fn since(&self) -> Option<Timestamp> {
        self.changes.first().map(|change| change.at).or(self.created)
    }
}

/// A change of a product's stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageChange {
    pub at: Timestamp,
    pub by: UserId,
    pub from: Stage,
    pub to: Stage,
    pub reason: Option<Reason>,
    pub checklist: ChecklistState,
}

/// Every product by its stage, and what is needed to leave one.
#[derive(Clone, Debug)]
pub struct LifeCycle {
    /// By name.
    pub products: Vec<Staged>,
    /// How amounts of money are counted.
    pub settings: MoneySettings,
    /// The first month of the cost of each product, which is that of twelve.
    pub cost_since: Option<Month>,
    playbooks: Vec<Record>,
}

impl LifeCycle {
    /// What a product needs before it leaves a stage for a later one.
    pub fn checklist(&self, stage: Stage) -> Vec<String> {
        checklist_of(stage, &self.playbooks)
    }

    /// Whether the workspace has a checklist of its own for a stage.
    pub fn has_playbook(&self, stage: Stage) -> bool {
        self.playbooks.iter().any(|playbook| playbook_stage(playbook) == Some(stage))
    }
}

/// A change of stage that somebody asks for.
#[derive(Clone, Debug)]
pub struct StageMove {
    /// Where they saw the product.
    pub from: Stage,
    pub to: Stage,
    /// The points of the checklist that they ticked off.
    pub done: Vec<String>,
    pub reason: Option<Reason>,
    /// What of the new stage's playbook is to be done with the move.
    pub ticked: Ticked,
}

/// What an event says of the stage of a product.
#[derive(Deserialize)]
struct Body {
    before: Option<Said>,
    after: Option<Said>,
    reason: Option<Reason>,
    #[serde(default)]
    checklist: ChecklistState,
}

#[derive(Deserialize)]
struct Said {
    stage: Stage,
}

impl Viewer {
    /// Every product that exists for this person and is not archived, with what is known of its life cycle.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn life_cycle(&self) -> Result<LifeCycle, Error> {
        let mut products = self.product_summaries().await?;
        products.retain(|summary| !summary.product.archived);
        let ids: Vec<ProductId> = products.iter().map(|summary| summary.product.id).collect();
        let (db, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        let mut owners = owners_of(db, &workspace, ids.iter().map(ToString::to_string)).await?;
        let (mut changes, created) = self.stage_changes(&ids).await?;
        let seen: Vec<Product> = products.iter().map(|summary| summary.product.clone()).collect();
        let (mut glances, cost_since) = self.glances(&seen).await?;
        let staged = products.into_iter().filter_map(|summary| {
            let id = summary.product.id;
            Some(Staged {
                glance: glances.remove(&id)?,
                items: summary.items,
                owners: owners.remove(&id.to_string()).unwrap_or_default(),
                changes: changes.remove(&id).unwrap_or_default(),
                created: created.get(&id).copied(),
                product: summary.product,
            })
        });
        Ok(LifeCycle {
            products: staged.collect(),
            settings: self.money_settings().await?,
            cost_since,
            playbooks: self.records(&PLAYBOOK).await?,
        })
    }

    /// The changes of stage of these products, the newest first, and when each was made.
    async fn stage_changes(
        &self,
        products: &[ProductId],
    ) -> Result<(HashMap<ProductId, Vec<StageChange>>, HashMap<ProductId, Timestamp>), Error> {
        let workspace = self.workspace.to_string();
        let of_these = audit_product::Entity::find()
            .select_only()
            .column(audit_product::Column::N)
            .filter(audit_product::Column::WorkspaceId.eq(&workspace))
            .filter(audit_product::Column::ProductId.is_in(padded(products.iter().map(ToString::to_string))));
        let actions = [Action::ProductCreated, Action::ProductEdited].map(|action| action.as_str());
        let rows: Vec<(String, String, i64, String, String)> = audit::Entity::find()
            .select_only()
            .columns([audit::Column::Action, audit::Column::Object, audit::Column::AtMs])
            .columns([audit::Column::ActorId, audit::Column::Body])
            .filter(audit::Column::WorkspaceId.eq(&workspace))
            .filter(audit::Column::Action.is_in(actions))
            .filter(audit::Column::N.in_subquery(of_these.into_query()))
            .order_by_desc(audit::Column::N)
            .limit(MOST_EVENTS)
            .into_tuple()
            .all(self.backend.db.reader())
            .await?;
        let (mut changes, mut created) = (HashMap::<_, Vec<_>>::new(), HashMap::new());
        for (action, product, at, by, body) in rows {
            let (product, at) = (parse(&product)?, Timestamp(at));
            if action == Action::ProductCreated.as_str() {
                created.insert(product, at);
                continue;
            }
            let Body { before: Some(before), after: Some(after), reason, checklist } = read_json(&body)?
            else {
                continue;
            };
            if before.stage == after.stage {
                continue;
            }
            let by = parse(&by)?;
            let change = StageChange { at, by, from: before.stage, to: after.stage, reason, checklist };
            changes.entry(product).or_default().push(change);
        }
        Ok((changes, created))
    }
}

impl Editor {
    /// Moves a product to another stage of its life cycle: forward with the checklist of its stage ticked off or with a reason,
    /// back with a reason.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist for this person, [`Error::Conflict`] when it is in another stage by now,
    /// [`Error::Invalid`] with a sentence that names what is open.
    pub async fn move_stage(&self, key: &ProductKey, wanted: &StageMove) -> Result<(), Error> {
        let StageMove { from, to, done, reason, ticked } = wanted;
        let roadmap = change!(self.backend, |tx| {
            let (change, row, role) = RecordTx::in_product_as(tx, self, key, Role::Editor).await?;
            let before = products::read(row.clone(), role)?;
            if before.archived {
                return Err(Reject::Archived.into());
            }
            if before.stage != *from {
                let by_now = before.stage.label();
                return Err(Error::Conflict(format!(
                    "{} has moved to {by_now}. Reload the page.",
                    before.name
                )));
            }
            if from == to {
                let stage = to.label();
                return Err(Error::Invalid(format!(
                    "{} is in {stage} already. Choose another stage.",
                    before.name
                )));
            }
            let playbooks = of_kind(tx, &row.workspace_id, &PLAYBOOK).await?;
            let list = checklist_of(*from, &playbooks);
            let said = reason.as_ref().map_or("", |reason| &**reason);
            let state = leave_stage((*from, *to), list, done, said).map_err(Error::Invalid)?;
            let mut more = json!({});
            if state.points() > 0 {
                more["checklist"] = json!(state);
            }
            if let Some(reason) = reason {
                more["reason"] = json!(reason);
            }
            let Product { name, kind, purpose, .. } = before;
            products::write(&change, &row, Profile { name, kind, stage: *to, purpose }, more).await?;
            let product = (before.id, &row, role);
            self.apply_kit(&change, product, (*to, &playbooks), ticked).await?;
            Ok(before.roadmap)
        })?;
        self.backend.product_changed(roadmap);
        self.backend.records_changed();
        if ticked.model.is_some() {
            self.backend.scores_changed(roadmap);
        }
        Ok(())
    }
}

impl Owner {
    /// Makes the checklist of a stage a playbook of the workspace, unless it has one.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another playbook has its name.
    pub async fn keep_playbook(&self, stage: Stage) -> Result<(), Error> {
        let playbooks = self.records(&PLAYBOOK).await?;
        if playbooks.iter().any(|playbook| playbook_stage(playbook) == Some(stage)) {
            return Ok(());
        }
        let set = |key: &str, text: String| RecordChange {
            field: key.parse().expect("a key of the table"),
            was: None,
            to: Some(Value::Text(text)),
        };
        let changes = vec![
            set("name", stage.label().to_owned()),
            set("stage", stage.as_str().to_owned()),
            set("checklist", checklist_of(stage, &[]).join("\n")),
        ];
        self.save_record(&PLAYBOOK, None, changes, None).await?;
        Ok(())
    }
}
