//! Key figures: made and changed by editors, agreed on by the two owners of their product.

use domain::{
    Figure, KPI, OwnerSide, ProductId, ProductKey, Record, RecordChange, RecordDid, RecordId, Reject, Role,
    Stamp, Value,
};

use super::owners;
use crate::{
    Error, Viewer,
    access::{RecordTx, change},
    records,
};

/// What somebody writes about a key figure.
#[derive(Clone, Debug, Default)]
pub struct KpiDraft {
    pub name: String,
    pub definition: String,
    pub family: String,
    pub unit: String,
    pub direction: String,
    pub target: String,
    pub published: bool,
    /// What its author saw. What is still so in the draft is left as others have made it since.
    pub seen: Option<Box<Self>>,
}

impl KpiDraft {
    fn values(&self) -> Result<Vec<(&'static str, String)>, Error> {
        let unit = crate::tidy(&self.unit);
        let target = match crate::tidy(&self.target) {
            target if target.is_empty() => target,
            target => Figure::read(&target, &unit).map_err(Error::Invalid)?.to_string(),
        };
        let published = if self.published { "yes" } else { "no" }.to_owned();
        Ok(vec![
            ("name", crate::tidy(&self.name)),
            ("definition", lines(&self.definition)),
            ("family", self.family.clone()),
            ("unit", unit),
            ("direction", self.direction.clone()),
            ("target", target),
            ("published", published),
        ])
    }

    /// What it changes of a key figure, or of none yet.
    fn changes(&self, kpi: Option<&Record>) -> Result<Vec<RecordChange>, Error> {
        let seen = self.seen.as_ref().and_then(|seen| seen.values().ok());
        changes(&KPI, kpi, &self.values()?, seen.as_deref())
    }
}

/// What typed values change of a record; what is still as its author saw it is left alone. What they change was as they saw it where
/// they say so, and otherwise as it is in `record`.
pub(crate) fn changes(
    def: &domain::RecordDef,
    record: Option<&Record>,
    values: &[(&'static str, String)],
    seen: Option<&[(&'static str, String)]>,
) -> Result<Vec<RecordChange>, Error> {
    let mut changes = Vec::new();
    for value in values.iter().filter(|value| seen.is_none_or(|seen| !seen.contains(value))) {
        let (key, typed) = value;
        let Some(field) = def.field(key) else { continue };
        let to = field.parse(typed).map_err(Error::Invalid)?;
        let saw = seen.and_then(|seen| seen.iter().find(|(other, _)| other == key));
        let was = match saw.and_then(|(_, saw)| field.parse(saw).ok()) {
            Some(saw) => saw,
            None => record.and_then(|record| record.values.get(*key)).cloned(),
        };
        if to != was {
            changes.push(RecordChange { field: field.into(), was, to });
        }
    }
    Ok(changes)
}

/// As [`changes`], where `read` makes of what was typed what a field parses. It is not asked about what was not edited: that may name
/// something which is gone.
pub(crate) fn seen_changes(
    def: &domain::RecordDef,
    values: &[(&'static str, String)],
    seen: Option<&[(&'static str, String)]>,
    read: impl Fn(&str, &str) -> Result<String, Error>,
) -> Result<Vec<RecordChange>, Error> {
    let read = |(key, typed): &(&'static str, String)| Ok((*key, read(key, &lines(typed))?));
    let is_edited = |(key, typed): &&(&'static str, String)| {
        let saw = seen.and_then(|seen| seen.iter().find(|(other, _)| other == key));
        saw.is_none_or(|(_, saw)| lines(saw) != lines(typed))
    };
    let edited = values.iter().filter(is_edited).map(read).collect::<Result<Vec<_>, Error>>()?;
    // What cannot be read any more was not seen so.
    let seen = seen.map(|seen| seen.iter().filter_map(|saw| read(saw).ok()).collect::<Vec<_>>());
    changes(def, None, &edited, seen.as_deref())
}

/// A text whose lines are tidy.
pub(crate) fn lines(text: &str) -> String {
    text.lines().map(crate::tidy).collect::<Vec<_>>().join("\n").trim().to_owned()
}

impl Viewer {
    /// The key figures of a product: those there are, and those in the bin.
    pub(crate) async fn kpis_of(&self, product: ProductId) -> Result<(Vec<Record>, Vec<Record>), Error> {
        let all = self.all_kpis().await?;
        let of_product = all.into_iter().filter(|kpi| kpi.product == Some(product));
        let (mut present, mut removed): (Vec<_>, Vec<_>) = of_product.partition(|kpi| kpi.deleted.is_none());
        present.sort_by_cached_key(|kpi| KPI.name_of(kpi).to_lowercase());
        removed.sort_by_key(|kpi| std::cmp::Reverse(kpi.deleted.map(|deleted| deleted.at)));
        Ok((present, removed))
    }

    /// Every key figure of the workspace, those in the bin too, whether or not this person may know of it.
    pub(crate) async fn all_kpis(&self) -> Result<Vec<Record>, Error> {
        records::of_kind(self.backend.db.reader(), &self.workspace.to_string(), &KPI).await
    }

    /// Makes a key figure, or changes one. A change of what was agreed on withdraws the agreement.
    ///
    /// # Errors
    /// [`Error::Invalid`] with a sentence when it cannot be so.
    pub async fn save_kpi(
        &self,
        key: &ProductKey,
        id: Option<RecordId>,
        draft: &KpiDraft,
    ) -> Result<RecordId, Error> {
        let product = self.open_product(key).await?;
        let kpi = match id {
            Some(id) => Some(self.kpi(product, id).await?),
            None => None,
        };
        let changes = draft.changes(kpi.as_ref())?;
        let saved = self.save_product_record(&KPI, Some(key), id, changes).await?;
        Ok(saved.record.id)
    }

    /// Moves a key figure to the bin, or takes it out. What was measured stays with it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there.
    pub async fn bin_kpi(&self, key: &ProductKey, id: RecordId, deletes: bool) -> Result<(), Error> {
        self.open_product(key).await?;
        self.bin_product_record(&KPI, Some(key), id, deletes).await
    }

    /// A product that is not archived.
    pub(super) async fn open_product(&self, key: &ProductKey) -> Result<ProductId, Error> {
        let product = self.product(key).await?;
        if product.archived { Err(Reject::Archived.into()) } else { Ok(product.id) }
    }

    /// A key figure of a product that this person may change.
    pub(super) async fn own_kpi(&self, key: &ProductKey, id: RecordId) -> Result<Record, Error> {
        let product = self.product(key).await?;
        if !product.role.can_edit() {
            return Err(Reject::NotAllowed(product.role).into());
        }
        self.kpi(product.id, id).await
    }

    /// A key figure of a product that exists for this person.
    pub(crate) async fn kpi(&self, product: ProductId, id: RecordId) -> Result<Record, Error> {
        let workspace = self.workspace.to_string();
        let found = records::by_ids(self.backend.db.reader(), &workspace, &KPI, vec![id.to_string()]).await?;
        of_product(found, product)
    }

    /// Agrees on a key figure for a side of its product, or takes that back. Whatever their role, only the owner of that side can.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for others, [`Error::Invalid`] while it has no definition or target, [`Error::Conflict`] when it is not any
    /// more what they read, as far as `read` says that ([`domain::kpi_terms`]).
    pub async fn agree_on_kpi(
        &self,
        key: &ProductKey,
        id: RecordId,
        side: OwnerSide,
        agrees: bool,
        read: Option<&str>,
    ) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let (change, row) = RecordTx::in_open_product(tx, self, key, Role::Viewer).await?;
            let product = crate::codec::parse(&row.id)?;
            let found = records::by_ids(tx, &row.workspace_id, &KPI, vec![id.to_string()]).await?;
            let mut kpi = of_product(found, product)?;
            if owners::read(tx, &row.workspace_id, &row.id).await?.of(side) != Some(change.actor) {
                let side = side.in_sentence();
                return Err(Error::Forbidden(format!(
                    "Only this product’s {side} can do this. An editor chooses the owners."
                )));
            }
            if agrees && read.is_some_and(|read| read != domain::kpi_terms(&kpi)) {
                return Err(Error::Conflict(
                    "The key figure has changed since you opened the page. Read it again before you agree."
                        .to_owned(),
                ));
            }
            let field = KPI.field(side.field()).ok_or_else(|| records::unknown(&KPI))?;
            let was = kpi.values.get(side.field()).cloned();
            let to = agrees.then(|| Value::Text(change.actor.to_string()));
            if was == to {
                return Ok(());
            }
            let done = vec![RecordChange { field: field.into(), was, to }];
            kpi.apply(&done);
            kpi.version += 1;
            kpi.changed = Stamp { by: change.actor, at: change.at };
            KPI.check(&kpi, &[]).map_err(Error::Invalid)?;
            records::write(tx, &row.workspace_id, &KPI, &kpi, false).await?;
            self.audit_record(&change, &KPI, &kpi, (RecordDid::Changed, done, None)).await
        })
    }
}

/// The one that was found, where it belongs to the product and is not in the bin.
pub(super) fn of_product(found: Vec<Record>, product: ProductId) -> Result<Record, Error> {
    let is_it = |kpi: &Record| kpi.product == Some(product) && kpi.deleted.is_none();
    found.into_iter().find(is_it).ok_or_else(|| records::unknown(&KPI))
}
