//! Key results of objectives. One that a key figure measures belongs to the product of that, and so is hidden with it: no name, no
//! value, no count.

use std::collections::HashMap;

use domain::{
    Date, Figure, KEY_RESULT, KPI, MOST_KEY_RESULTS, OBJECTIVE, Product, ProductId, ProductKey, Record,
    RecordDef, RecordId, Role, figure_of, key_result_kpi, key_result_objective, mean_progress, progress,
    unit_of,
};

use super::kpis::changes;
use crate::{Error, Viewer, records};

/// A key result, as a person may see it.
#[derive(Clone, Debug)]
pub struct KeyResult {
    pub record: Record,
    pub objective: RecordId,
    /// Where it is now: of a key figure the newest measurement.
    pub current: Option<Figure>,
    pub unit: String,
    /// In percent, below 0 or above 100 where it is so; `None` where nothing was measured.
    pub progress: Option<i32>,
    /// The key figure that measures it.
    pub kpi: Option<MeasuredBy>,
    /// Whether this person may change it.
    pub edits: bool,
}

/// The key figure behind a key result.
#[derive(Clone, Debug)]
pub struct MeasuredBy {
    pub product: ProductKey,
    pub name: String,
    /// The day of the newest measurement.
    pub day: Option<Date>,
}

/// What somebody writes about a key result.
#[derive(Clone, Debug, Default)]
pub struct KeyResultDraft {
    pub name: String,
    pub unit: String,
    pub start: String,
    pub target: String,
    pub current: String,
    pub confidence: String,
    /// What its author saw. What is still so in the draft is left as others have made it since.
    pub seen: Option<Box<Self>>,
}

impl KeyResultDraft {
    /// Figures may have this unit behind them where that is the key figure's.
    fn values(&self, measured_in: Option<&str>) -> Result<Vec<(&'static str, String)>, Error> {
        let unit = measured_in.map_or_else(|| crate::tidy(&self.unit), str::to_owned);
        let mut values = vec![
            ("name", crate::tidy(&self.name)),
            ("unit", unit.clone()),
            ("confidence", crate::tidy(&self.confidence)),
        ];
        for (key, typed) in [("start", &self.start), ("target", &self.target), ("current", &self.current)] {
            let typed = crate::tidy(typed);
            let figure = match &*typed {
                "" => typed,
                typed => Figure::read(typed, &unit).map_err(Error::Invalid)?.to_string(),
            };
            values.push((key, figure));
        }
        Ok(values)
    }
}

impl Viewer {
    /// The key results of objectives that exist for this person, in the order in which they were made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_results(&self, objectives: &[RecordId]) -> Result<Vec<KeyResult>, Error> {
        let products: HashMap<ProductId, Product> =
            self.products().await?.into_iter().map(|product| (product.id, product)).collect();
        let mut seen = Vec::new();
        for record in self.all_key_results().await? {
            let Some(objective) = key_result_objective(&record) else { continue };
            let exists = record.product.is_none_or(|product| products.contains_key(&product));
            if exists && record.deleted.is_none() && objectives.contains(&objective) {
                seen.push((record, objective));
            }
        }
        let ids: Vec<String> =
            seen.iter().filter_map(|(record, _)| Some(key_result_kpi(record)?.to_string())).collect();
        let workspace = self.workspace.to_string();
        let kpis = if ids.is_empty() {
            Vec::new()
        } else {
            records::by_ids(self.backend.db.reader(), &workspace, &KPI, ids).await?
        };
        // One whose key figure is in the bin is measured by nothing.
        let kpis: HashMap<RecordId, Record> =
            kpis.into_iter().filter(|kpi| kpi.deleted.is_none()).map(|kpi| (kpi.id, kpi)).collect();
        let newest = self.newest_of_each(kpis.keys().copied().collect()).await?;
        let mut results = Vec::with_capacity(seen.len());
        for (record, objective) in seen {
            let product = record.product.and_then(|product| products.get(&product));
            // A key figure counts where it is of the product that the key result belongs to.
            let kpi = key_result_kpi(&record).and_then(|kpi| kpis.get(&kpi));
            let kpi = kpi.filter(|kpi| kpi.product == record.product);
            let measured = kpi.and_then(|kpi| newest.get(&kpi.id));
            let current = match key_result_kpi(&record) {
                Some(_) => measured.map(|measured| measured.value),
                None => figure_of(&record, "current").or_else(|| figure_of(&record, "start")),
            };
            let way = figure_of(&record, "start").zip(figure_of(&record, "target"));
            let progress =
                way.zip(current).and_then(|((start, target), current)| progress(start, target, current));
            let by = |(kpi, product): (&Record, &Product)| MeasuredBy {
                product: product.key.clone(),
                name: KPI.name_of(kpi),
                day: measured.map(|measured| measured.day),
            };
            results.push(KeyResult {
                objective,
                current,
                unit: kpi.map_or_else(|| unit_of(&record).to_owned(), |kpi| unit_of(kpi).to_owned()),
                progress,
                kpi: kpi.zip(product).map(by),
                edits: match product {
                    Some(product) => product.role.can_edit() && !product.archived,
                    None => self.role().can_edit(),
                },
                record,
            });
        }
        Ok(results)
    }

    /// The key figures of products that this person may change, for those who choose one: product and key figure.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kpis_to_choose(&self) -> Result<Vec<(Product, Record)>, Error> {
        let mut products = self.products().await?;
        products.retain(|product| !product.archived && product.role.can_edit());
        let kpis = self.all_kpis().await?;
        let mut found = Vec::new();
        for product in products {
            let mut own: Vec<&Record> =
                kpis.iter().filter(|kpi| kpi.product == Some(product.id) && kpi.deleted.is_none()).collect();
            own.sort_by_cached_key(|kpi| KPI.name_of(kpi).to_lowercase());
            found.extend(own.into_iter().map(|kpi| (product.clone(), kpi.clone())));
        }
        Ok(found)
    }

    /// Adds a key result to an objective, measured by a key figure or by a value of its own.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the objective or the key figure is not there, [`Error::Invalid`] with a sentence when it cannot be so.
    pub async fn add_key_result(
        &self,
        objective: RecordId,
        kpi: Option<RecordId>,
        draft: &KeyResultDraft,
    ) -> Result<RecordId, Error> {
        let measured = match kpi {
            Some(kpi) => Some(self.kpi_and_product(kpi).await?),
            None => {
                self.as_editor()?;
                None
            }
        };
        self.objective(objective).await?;
        self.has_room(objective).await?;
        let mut values = draft.values(measured.as_ref().map(|(kpi, _)| unit_of(kpi)))?;
        values.push(("objective", objective.to_string()));
        if let Some(kpi) = kpi {
            values.push(("kpi", kpi.to_string()));
            values.retain(|(key, _)| *key != "unit" && *key != "current");
        }
        let changes = changes(&KEY_RESULT, None, &values, None)?;
        let product = measured.map(|(_, product)| product);
        Ok(self.save_product_record(&KEY_RESULT, product.as_ref(), None, changes).await?.record.id)
    }

    /// Changes a key result. What measures it stays.
    ///
    /// # Errors
    /// As [`Viewer::add_key_result`].
    pub async fn change_key_result(&self, id: RecordId, draft: &KeyResultDraft) -> Result<(), Error> {
        let (result, product) = self.key_result(id, false).await?;
        let kpi = match key_result_kpi(&result) {
            Some(kpi) => self.kpi_and_product(kpi).await.ok().map(|(kpi, _)| kpi),
            None => None,
        };
        let unit = kpi.as_ref().map(unit_of);
        let seen = draft.seen.as_ref().and_then(|seen| seen.values(unit).ok());
        let mut values = draft.values(unit)?;
        if key_result_kpi(&result).is_some() {
            values.retain(|(key, _)| *key != "unit" && *key != "current");
        }
        let changes = changes(&KEY_RESULT, Some(&result), &values, seen.as_deref())?;
        self.save_product_record(&KEY_RESULT, product.as_ref(), Some(id), changes).await?;
        Ok(())
    }

    /// Moves a key result to the bin, or takes it out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not exist for this person.
    pub async fn bin_key_result(&self, id: RecordId, deletes: bool) -> Result<(), Error> {
        let (result, product) = self.key_result(id, !deletes).await?;
        if let Some(objective) = key_result_objective(&result).filter(|_| !deletes) {
            self.has_room(objective).await?;
        }
        self.bin_product_record(&KEY_RESULT, product.as_ref(), id, deletes).await
    }

    /// Key results of objectives in the bin that this person may take out, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn removed_key_results(&self, objectives: &[RecordId]) -> Result<Vec<Record>, Error> {
        let products = self.products().await?;
        let edits = |result: &Record| match result.product {
            Some(id) => products.iter().any(|product| product.id == id && product.role.can_edit()),
            None => self.role() >= Role::Editor,
        };
        let mut removed = self.all_key_results().await?;
        removed.retain(|result| {
            let is_of_one = key_result_objective(result).is_some_and(|one| objectives.contains(&one));
            result.deleted.is_some() && is_of_one && edits(result)
        });
        removed.sort_by_key(|result| std::cmp::Reverse(result.deleted.map(|deleted| deleted.at)));
        Ok(removed)
    }

    /// A key figure, and its product that exists for this person.
    async fn kpi_and_product(&self, id: RecordId) -> Result<(Record, ProductKey), Error> {
        let kpi = self.find_record(&KPI, id).await?.filter(|kpi| kpi.deleted.is_none());
        let kpi = kpi.ok_or_else(|| records::unknown(&KPI))?;
        let product = self.products().await?.into_iter().find(|one| Some(one.id) == kpi.product);
        Ok((kpi, open(product.ok_or_else(|| records::unknown(&KPI))?)?))
    }

    /// Refuses one more key result of an objective that has as many as it may have, as far as this person sees them: the limit tells
    /// of no hidden product. Those of a product, and those of none, never are more; their check sees to it.
    async fn has_room(&self, objective: RecordId) -> Result<(), Error> {
        if self.key_results(&[objective]).await?.len() < MOST_KEY_RESULTS {
            return Ok(());
        }
        Err(Error::Conflict(format!("This objective has {MOST_KEY_RESULTS} key results. Remove one first.")))
    }

    /// That an objective is there, and not in the bin.
    async fn objective(&self, id: RecordId) -> Result<(), Error> {
        let found = self.find_record(&OBJECTIVE, id).await?.filter(|objective| objective.deleted.is_none());
        found.map(drop).ok_or_else(|| records::unknown(&OBJECTIVE))
    }

    /// A record by its id, in the bin or not.
    async fn find_record(&self, def: &'static RecordDef, id: RecordId) -> Result<Option<Record>, Error> {
        let (reader, workspace) = (self.backend.db.reader(), self.workspace.to_string());
        Ok(records::by_ids(reader, &workspace, def, vec![id.to_string()]).await?.pop())
    }

    async fn all_key_results(&self) -> Result<Vec<Record>, Error> {
        records::of_kind(self.backend.db.reader(), &self.workspace.to_string(), &KEY_RESULT).await
    }

    /// A key result that exists for this person, and the key of the product it belongs to.
    async fn key_result(&self, id: RecordId, in_bin: bool) -> Result<(Record, Option<ProductKey>), Error> {
        let unknown = || records::unknown(&KEY_RESULT);
        let found = self.find_record(&KEY_RESULT, id).await?;
        let result = found.filter(|result| result.deleted.is_some() == in_bin).ok_or_else(unknown)?;
        let Some(product) = result.product else {
            self.as_editor()?;
            return Ok((result, None));
        };
        let products = self.products().await?;
        let product = products.into_iter().find(|one| one.id == product).ok_or_else(unknown)?;
        Ok((result, Some(open(product)?)))
    }
}

/// The key of a product that is not archived.
fn open(product: Product) -> Result<ProductKey, Error> {
    if product.archived { Err(domain::Reject::Archived.into()) } else { Ok(product.key) }
}

impl KeyResult {
    /// The progress of an objective: the mean of that of its key results.
    pub fn together<'a>(results: impl Iterator<Item = &'a KeyResult>) -> Option<u32> {
        mean_progress(&results.map(|result| result.progress).collect::<Vec<_>>())
    }
}
