//! What the playbook of a stage suggests for a product that moves there: shown before the move, and done with it where it is ticked.

use std::collections::{BTreeSet, HashMap};

use domain::{
    ItemId, ItemKey, KPI, Kit, KitFigure, PLAYBOOK, Product, ProductId, ProductKey, Record, RecordChange,
    Role, SCORE_MODEL, Stage, TARGET_MIX, Value, WorkspaceId, balance::TargetMix, kit_of, playbook_stage,
    target_of, usual_mix,
};
use sea_orm::ConnectionTrait;

use crate::{
    Editor, Error, Viewer,
    access::RecordTx,
    balance::target_changes,
    entity::product,
    records::{self, Wanted},
    scores::{ScoredItem, choose_in, named_model},
};

/// How many items are shown in their new order.
const SHOWN: usize = 10;

/// What the playbook of a stage suggests for a product.
#[derive(Clone, Debug, Default)]
pub struct StagePreview {
    /// The model by which it would be scored, where that is another than now.
    pub model: Option<ModelPreview>,
    /// What the playbook names and nobody has made, or what was removed since.
    pub missing_model: Option<String>,
    /// Key figures that the product does not have.
    pub figures: Vec<KitFigure>,
    /// The mix it has for every quarter, and the one it would have, where that is another.
    pub mix: Option<(Option<TargetMix>, TargetMix)>,
}

/// The order of items by another model.
#[derive(Clone, Debug)]
pub struct ModelPreview {
    /// The key of the model.
    pub key: String,
    pub name: String,
    /// The model by which the product is scored now.
    pub now: String,
    /// The first items by the new model. Where that hides ratings, by the reader's own alone.
    pub items: Vec<Moved>,
    /// How many of the product's items it scores, of how many.
    pub scored: (usize, usize),
}

/// An item with its places, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub key: ItemKey,
    pub title: String,
    /// `None` where it has no score by the model of now.
    pub was: Option<usize>,
    pub will: usize,
}

/// What of a preview is to be done, as its reader saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// The key of the score model.
    pub model: Option<String>,
    /// Names of key figures.
    pub figures: BTreeSet<String>,
    pub mix: Option<TargetMix>,
}

impl StagePreview {
    /// Whether it suggests nothing.
    pub fn is_empty(&self) -> bool {
        self.model.is_none() && self.missing_model.is_none() && self.figures.is_empty() && self.mix.is_none()
    }
}

/// The kit of a stage; an empty one where it has no playbook.
fn kit(stage: Stage, playbooks: &[Record]) -> Kit {
    let own = playbooks.iter().find(|one| one.deleted.is_none() && playbook_stage(one) == Some(stage));
    // What was written before a rule that it breaks suggests nothing.
    own.and_then(|own| kit_of(own).ok()).unwrap_or_default()
}

/// The figures of a kit that are not among the key figures of a product.
fn lacking(figures: Vec<KitFigure>, kpis: &[Record]) -> Vec<KitFigure> {
    let names: BTreeSet<String> = kpis.iter().map(|kpi| KPI.name_of(kpi).to_lowercase()).collect();
    figures.into_iter().filter(|figure| !names.contains(&figure.name.to_lowercase())).collect()
}

/// The places of items that have a score, from 1.
fn places(items: &[ScoredItem]) -> HashMap<ItemId, usize> {
    let scored = items.iter().filter(|item| item.scored.score.is_ok());
    scored.zip(1..).map(|(item, place)| (item.scored.item, place)).collect()
}

impl Viewer {
    /// What the playbook of a stage suggests for a product.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person.
    pub async fn stage_preview(&self, key: &ProductKey, to: Stage) -> Result<StagePreview, Error> {
        let kit = kit(to, &self.records(&PLAYBOOK).await?);
        if kit == Kit::default() {
            return Ok(StagePreview::default());
        }
        let product = self.product(key).await?;
        let mut preview = StagePreview::default();
        if let Some(name) = &kit.model {
            match named_model(self.backend.db.reader(), self.workspace, name).await? {
                Some(model) => preview.model = self.model_preview(product.clone(), model).await?,
                None => preview.missing_model = Some(name.clone()),
            }
        }
        if !kit.figures.is_empty() {
            let (kpis, _) = self.kpis_of(product.id).await?;
            preview.figures = lacking(kit.figures, &kpis);
        }
        if let Some(mix) = kit.mix {
            let now = usual_mix(&self.targets(Some(key)).await?);
            preview.mix = (now != Some(mix)).then_some((now, mix));
        }
        Ok(preview)
    }

    /// `None` where the product is scored by the model already.
    async fn model_preview(
        &self,
        product: Product,
        model: crate::scores::ChosenModel,
    ) -> Result<Option<ModelPreview>, Error> {
        let now = self.scoreboard(&product.key).await?;
        if now.model.key == model.key && now.is_chosen {
            return Ok(None);
        }
        let then = self.scoreboard_if(product.clone(), model).await?;
        let (was, will) = (places(&now.items), places(&then.items));
        let items = then.items.iter().filter_map(|item| {
            let id = item.scored.item;
            let key = ItemKey { product: product.key.clone(), number: item.number };
            Some(Moved { key, title: item.title.clone(), was: was.get(&id).copied(), will: *will.get(&id)? })
        });
        Ok(Some(ModelPreview {
            items: items.take(SHOWN).collect(),
            scored: (will.len(), then.items.len()),
            key: then.model.key,
            name: then.model.name,
            now: now.model.name,
        }))
    }
}

impl Editor {
    /// Does what was ticked of the kit of a stage, each with an event of its own.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the playbook does not say any more what its reader saw.
    pub(super) async fn apply_kit(
        &self,
        change: &RecordTx<'_>,
        (product, row, role): (ProductId, &product::Model, Role),
        (stage, playbooks): (Stage, &[Record]),
        ticked: &Ticked,
    ) -> Result<(), Error> {
        if *ticked == Ticked::default() {
            return Ok(());
        }
        let kit = kit(stage, playbooks);
        let changed = || {
            let stage = stage.label();
            Error::Conflict(format!("The playbook of {stage} has changed. Reload the page and look again."))
        };
        let (tx, workspace) = (change.tx, self.workspace.to_string());
        if let Some(key) = &ticked.model {
            let named = kit.model.as_deref().ok_or_else(changed)?;
            let model = named_model(tx, self.workspace, named).await?.filter(|model| model.key == *key);
            choose_in(change, row, &model.ok_or_else(changed)?.key).await?;
        }
        if !ticked.figures.is_empty() {
            let mut kpis = records::all(tx, &workspace, &KPI, Some(product)).await?;
            kpis.retain(|kpi| kpi.deleted.is_none());
            let lacking = lacking(kit.figures, &kpis);
            if ticked.figures.iter().any(|name| lacking.iter().all(|figure| figure.name != *name)) {
                return Err(changed());
            }
            for figure in lacking.iter().filter(|figure| ticked.figures.contains(&figure.name)) {
                let changes = figure_changes(figure)?;
                let wanted = Wanted { id: None, changes, reason: None, only_as_seen: true };
                self.save_in(change, &KPI, (Some(product), role), &wanted).await?;
            }
        }
        if let Some(mix) = ticked.mix {
            if kit.mix != Some(mix) {
                return Err(changed());
            }
            let all = records::all(tx, &workspace, &TARGET_MIX, Some(product)).await?;
            let is_usual = |record: &&Record| {
                record.deleted.is_none() && target_of(record).is_some_and(|target| target.quarter.is_none())
            };
            let present = all.iter().find(is_usual);
            let changes = target_changes(present, None, mix)?;
            let id = present.map(|record| record.id);
            let wanted = Wanted { id, changes, reason: None, only_as_seen: true };
            self.save_in(change, &TARGET_MIX, (Some(product), role), &wanted).await?;
        }
        Ok(())
    }
}

/// What makes a key figure of a kit. Nobody has agreed on it: it is proposed.
fn figure_changes(figure: &KitFigure) -> Result<Vec<RecordChange>, Error> {
    let mut values = vec![("name", figure.name.clone()), ("direction", figure.direction().to_owned())];
    if !figure.unit.is_empty() {
        values.push(("unit", figure.unit.clone()));
    }
    values.extend(figure.target.map(|target| ("target", target.to_string())));
    let change = |(key, text): (&str, String)| {
        let field = key.parse().map_err(Error::internal)?;
        Ok(RecordChange { field, was: None, to: Some(Value::Text(text)) })
    };
    values.into_iter().map(change).collect()
}

/// Refuses a playbook that names a score model which nobody has made.
pub(crate) async fn model_exists(
    tx: &impl ConnectionTrait,
    workspace: WorkspaceId,
    playbook: &Record,
) -> Result<(), Error> {
    let Some(name) = kit_of(playbook).ok().and_then(|kit| kit.model) else { return Ok(()) };
    if named_model(tx, workspace, &name).await?.is_some() {
        return Ok(());
    }
    let one = SCORE_MODEL.one;
    Err(Error::Invalid(format!("There is no {one} “{name}”. Write the name of one, such as RICE.")))
}
