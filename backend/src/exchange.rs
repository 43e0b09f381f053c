//! Roadmaps in and out of files.
//!
//! An import is planned against a copy of the roadmap and then submitted to its room as one step, like any other
//! change: open pages see it at once, history shows it, and it goes in whole or not at all.

mod boards;
mod cells;
mod columns;
mod csv;
mod dates;
mod draft;
mod family;
mod fields;
mod file;
mod grid;
mod guess;
mod ids;
mod json;
mod lanes;
mod memory;
mod money;
mod people;
mod plan;
mod problems;
mod record;
mod running;
mod series;
mod sheet;
mod table;
#[cfg(test)]
mod tests;
mod values;
mod words;
mod workbook;

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    ClientId, ItemKey, Member, Op, Product, ProductKey, Reject, Roadmap, RoadmapId, choices,
    dependency::{Dependencies, Dependency, FarItem, ItemRef},
    exchange::{Answers, Column, Imported, Mapping, Preview, Progress},
    wire::{Acked, Outcome},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    Editor, Error, Viewer,
    clock::{new_id, now},
    rooms::View,
};
pub(crate) use cells::CsvWriter;
pub(crate) use json::ExportedFile;
pub(crate) use money::{
    basis as read_basis, kind as read_kind, label as read_label, month as read_month, read as read_money,
};
use plan::{Destination, Plan, plan};
pub(crate) use running::{Imports, Running};
use running::{Run, client_of};
pub(crate) use series::{Point, day as read_day, read as read_series, refused};
use table::Table;

/// How many different values of a column a preview shows.
const SAMPLES: usize = 3;

/// A form in which a roadmap is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Items, to be read by spreadsheets and imported again.
    Csv,
    /// The same as an Excel workbook.
    Xlsx,
    /// Everything, to be read by programs.
    Json,
}

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Json => "json",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Json => "application/json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

choices! {
    /// What stands between the values of a CSV file.
    Separator {
        Comma = "comma", "Commas";
        Semicolon = "semicolon", "Semicolons";
        Tab = "tab", "Tabs";
    }
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
            Separator::Tab => b'\t',
        }
    }
}

/// The dependencies of a roadmap's items, by the keys of both.
fn exported(product: &Product, roadmap: &Roadmap, linked: Dependencies) -> Vec<json::ExportedDependency> {
    let key = |at: ItemRef| {
        if at.roadmap == product.roadmap {
            let number = roadmap.item(at.item)?.number;
            return Some(ItemKey { product: product.key.clone(), number }.to_string());
        }
        linked.far.iter().find(|far| far.at == at).map(FarItem::key)
    };
    let is_own = |link: &&Dependency| [link.from, link.to].iter().any(|end| end.roadmap == product.roadmap);
    let export = |link: &Dependency| {
        let Dependency { kind, lag, .. } = *link;
        let (from, to, note) = (key(link.from)?, key(link.to)?, link.note.clone());
        Some(json::ExportedDependency { from, kind, to, lag, note })
    };
    linked.links.iter().filter(is_own).filter_map(export).collect()
}

impl Viewer {
    /// A product's roadmap as a file, as this person may see it. The separator is for CSV.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such product.
    pub async fn export(
        &self,
        key: &ProductKey,
        format: Format,
        separator: Separator,
    ) -> Result<Vec<u8>, Error> {
        let product = self.product(key).await?;
        let members = self.members().await?;
        let (view, year) = (self.view(product.roadmap).await?, self.fiscal_year().await?);
        let voters = if view.role.sees_voters() { json::Voters::Named } else { json::Voters::Counted };
        let (linked, files) = match format {
            Format::Json => {
                let linked = self.dependencies(std::slice::from_ref(key)).await?;
                (linked, self.files_of(product.roadmap).await?)
            }
            _ => (Dependencies::default(), Vec::new()),
        };
        apart(move || match format {
            Format::Csv => Ok(csv::write(&product.key, &view.roadmap, &members, year, separator.byte())),
            Format::Xlsx => {
                sheet::write(&product.key, &view.roadmap, &members, year).map_err(Error::internal)
            }
            Format::Json => {
                let dependencies = exported(&product, &view.roadmap, linked);
                Ok(json::write(
                    &product,
                    &view.roadmap,
                    &members,
                    year,
                    voters,
                    (&dependencies, &files),
                    now(),
                ))
            }
        })
        .await?
    }

    /// How far an import of this person is, while it runs in this process.
    pub fn import_progress(&self, id: ClientId) -> Option<Progress> {
        self.backend.imports.get(self.importing_as(id)).map(|running| running.progress())
    }

    fn importing_as(&self, id: ClientId) -> ClientId {
        client_of(self.member().id, id)
    }
}

/// A file on its way in, and what was chosen about it.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// As it is on disk, whatever it is.
    pub bytes: Arc<[u8]>,
    /// What its columns are taken for; `None` to guess.
    pub mapping: Option<Mapping>,
    pub answers: Answers,
}

impl Upload {
    /// The bytes of a file that was sent as text.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not base 64.
    pub fn from_base64(text: &str) -> Result<Arc<[u8]>, Error> {
        let bytes = STANDARD.decode(text);
        bytes
            .map(Arc::from)
            .map_err(|_| Error::Invalid("The file did not arrive whole. Choose it again.".to_owned()))
    }
}

impl From<&str> for Upload {
    fn from(text: &str) -> Self {
        Self { bytes: Arc::from(text.as_bytes()), ..Self::default() }
    }
}

/// Files that are read or written at once. Each may take a second of a processor, and some hundred megabytes.
static READING: Semaphore = Semaphore::const_new(2);

/// Does what takes a processor long, apart from the threads that answer requests.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let turn = READING.acquire().await.map_err(Error::internal)?;
    // The work goes on when nobody waits for it any more, and so does its turn.
    let work = move || {
        let result = work();
        drop(turn);
        result
    };
    spawn_blocking(work).await.map_err(Error::internal)
}

impl Editor {
    /// What an import of a file would do. Without a mapping one is guessed.
    ///
    /// The preview itself reports a file or a mapping with which nothing can be imported.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such product.
    pub async fn preview_import(
        &self,
        key: &ProductKey,
        upload: impl Into<Upload>,
    ) -> Result<Preview, Error> {
        let (product, members, view) = self.destination(key).await?;
        let upload = upload.into();
        let (read, mut upload) = apart(move || (Table::read(&upload.bytes, &upload.answers), upload)).await?;
        let table = match read {
            Ok(table) => table,
            Err(sentence) => return Ok(Preview { refused: Some(sentence), ..Preview::default() }),
        };
        let digest = memory::digest(&table.headers);
        let before = match &upload.mapping {
            None => self.remembered_import(&product, &digest).await?,
            Some(_) => None,
        };
        let is_known = before.is_some();
        if let Some(before) = before {
            upload.mapping = Some(guess::settled(before.mapping, view.roadmap.fields()));
            // What is chosen now counts more than what was.
            upload.answers.0 = before.answers.0.into_iter().chain(upload.answers.0).collect();
        }
        // Ends with the request, and the planning with it.
        let run = Run::new(new_id(ClientId::new));
        let running = run.running.clone();
        let preview = move || preview(destination(&product, &members, &view), table, upload, &running);
        let mut preview = apart(preview).await?;
        if is_known {
            preview.source.push("Columns and values as chosen last time".to_owned());
        }
        Ok(preview)
    }

    /// Imports a file: creates items, updates those that were imported with the same key before, and leaves out the
    /// values, and the rows without a title, that cannot be taken.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the file cannot be imported with this mapping, [`Error::Refused`] when somebody changed
    /// the roadmap in between, [`Error::NotFound`] when there is no such product.
    pub async fn import(&self, key: &ProductKey, upload: impl Into<Upload>) -> Result<Imported, Error> {
        self.run_import(key, upload.into(), &Run::new(new_id(ClientId::new))).await
    }

    /// As [`Editor::import`], under an id by which the person can ask how far it is and cancel it.
    ///
    /// # Errors
    /// As [`Editor::import`], [`Error::Cancelled`] when it was cancelled, and [`Error::Conflict`] when other imports of the
    /// person are running.
    pub async fn import_as(
        &self,
        key: &ProductKey,
        upload: impl Into<Upload>,
        id: ClientId,
    ) -> Result<Imported, Error> {
        let run = self.backend.imports.begin(self.member().id, self.importing_as(id))?;
        self.run_import(key, upload.into(), &run).await
    }

    /// Cancels an import of this person, in whatever process it runs. Whether nothing was imported: otherwise it was complete
    /// before. What is answered stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such product, [`Error::Busy`] when too much waits already.
    pub async fn cancel_import(&self, key: &ProductKey, id: ClientId) -> Result<bool, Error> {
        let product = self.product(key).await?;
        let client = self.importing_as(id);
        self.backend.imports.stop(client);
        self.claim_import(product.roadmap, client).await
    }

    async fn run_import(&self, key: &ProductKey, upload: Upload, run: &Run) -> Result<Imported, Error> {
        let first = self.try_import(key, upload.clone(), run).await;
        match first {
            // Another import of the same rows was faster, and by now they are there.
            Err(Error::Refused(Reject::DuplicateId)) => self.try_import(key, upload, run).await,
            other => other,
        }
    }

    async fn try_import(&self, key: &ProductKey, upload: Upload, run: &Run) -> Result<Imported, Error> {
        let (product, members, view) = self.destination(key).await?;
        let target = product.clone();
        let running = run.running.clone();
        let planned = apart(move || -> Result<_, String> {
            let table = Table::read(&upload.bytes, &upload.answers)?;
            let mapping = upload.mapping.unwrap_or_else(|| guess::guess(&table, view.roadmap.fields()));
            let to = destination(&product, &members, &view);
            let mut plan = plan(to, &table, &mapping, &upload.answers, &running)?;
            let imported = Imported {
                counts: plan.counts,
                new_lanes: std::mem::take(&mut plan.new_lanes),
                problems: std::mem::take(&mut plan.problems),
                undo: view.roadmap.lane_order().first().map(|home| plan.undo(*home)).unwrap_or_default(),
            };
            let chosen = memory::Remembered { mapping, answers: upload.answers };
            Ok((imported, plan.into_steps(), memory::digest(&table.headers), chosen))
        });
        let planned = planned.await?;
        run.running.check()?;
        let (imported, steps, digest, chosen) = planned.map_err(Error::Invalid)?;
        if !steps.is_empty() {
            let count = steps.len();
            done(count, self.submit_import(target.roadmap, run.client, steps, &run.running).await?)?;
        }
        // What was imported is imported, whether or not the choices are remembered.
        if let Err(error) = self.remember_import(&target, &digest, &chosen).await {
            tracing::warn!(%error, "the choices of an import are not remembered");
        }
        Ok(imported)
    }

    /// Takes back what an import did, with the operations it returned.
    ///
    /// # Errors
    /// [`Error::Refused`] when the roadmap has changed so much that it cannot be taken back.
    pub async fn undo_import(&self, key: &ProductKey, undo: Vec<Op>) -> Result<(), Error> {
        let product = self.product(key).await?;
        self.submit_steps(product.roadmap, undo).await
    }

    async fn submit_steps(&self, roadmap: RoadmapId, steps: Vec<Op>) -> Result<(), Error> {
        let count = steps.len();
        done(count, self.submit(roadmap, steps).await?)
    }

    async fn destination(&self, key: &ProductKey) -> Result<(Product, Vec<Member>, View), Error> {
        let product = self.product(key).await?;
        if product.archived {
            return Err(Reject::Archived.into());
        }
        let members = self.members().await?;
        let view = self.view(product.roadmap).await?;
        Ok((product, members, view))
    }
}

fn preview(to: Destination<'_>, table: Table, upload: Upload, running: &Running) -> Preview {
    let Upload { mapping, answers, .. } = upload;
    let plan_of_fields = to.roadmap.fields();
    let mapping = mapping.unwrap_or_else(|| guess::guess(&table, plan_of_fields));
    let columns = table.headers.iter().enumerate().map(|(index, header)| Column {
        header: header.clone(),
        samples: table.samples(index, SAMPLES),
        target: mapping.target(header),
    });
    let columns = columns.collect();
    let own = plan_of_fields.all().filter(|def| def.is_custom && plan_of_fields.is_used(&def.key));
    let fields =
        own.filter_map(|def| Some((domain::exchange::Target::of(&def)?, def.label.to_string()))).collect();
    let planned = plan(to, &table, &mapping, &answers, running);
    let (source, mut questions) = (table.source, table.questions);
    match planned {
        Ok(Plan { counts, new_fields, new_lanes, problems, rows, questions: more, .. }) => {
            questions.extend(more);
            Preview {
                source,
                answers,
                columns,
                fields,
                new_fields,
                questions,
                refused: None,
                counts,
                new_lanes,
                problems,
                rows,
            }
        }
        Err(sentence) => Preview {
            source,
            answers,
            columns,
            fields,
            questions,
            refused: Some(sentence),
            ..Preview::default()
        },
    }
}

/// Whether every step was done.
fn done(count: usize, answers: Vec<Acked>) -> Result<(), Error> {
    if answers.len() != count {
        return Err(Error::internal(format!("{} of {count} steps were answered", answers.len())));
    }
    let refused = answers.into_iter().enumerate().find_map(|(index, answer)| match answer.outcome {
        Outcome::Refused(reject) => Some((index, reject)),
        Outcome::Accepted { .. } => None,
    });
    match refused {
        None => Ok(()),
        Some((0, reject)) => Err(Error::Refused(reject)),
        Some((index, reject)) => Err(Error::Conflict(format!(
            "Only the first {index} of {count} steps could be done. {reject} Look at the roadmap and try again."
        ))),
    }
}

fn destination<'a>(product: &'a Product, members: &'a [Member], view: &'a View) -> Destination<'a> {
    Destination { product: &product.key, id: product.roadmap, roadmap: &view.roadmap, members }
}
