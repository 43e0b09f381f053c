//! Roadmaps in and out of files.
//!
//! An import is planned against a copy of the roadmap and then submitted to its room as one step, like any other
//! change: open pages see it at once, history tells of it, and it goes in whole or not at all.

mod cells;
mod csv;
mod draft;
mod guess;
mod ids;
mod json;
mod plan;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::{fmt, str::FromStr};

use domain::{
    Member, Op, Product, ProductKey, Reject, RoadmapId,
    exchange::{Column, Imported, Mapping, Preview},
    wire::Outcome,
};

use crate::{Editor, Error, Viewer, clock::now, rooms::View};
pub(crate) use cells::CsvWriter;
use plan::{Destination, Plan, plan};
use table::Table;

/// How many different values of a column a preview shows.
const SAMPLES: usize = 3;

/// A form in which a roadmap is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Items, to be read by spreadsheets and imported again.
    Csv,
    /// Everything, to be read by programs.
    Json,
}

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Json => "application/json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Format::Csv, Format::Json]
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| format!("“{text}” is not a format. Use csv or json."))
    }
}

impl Viewer {
    /// A product's roadmap as a file, as this person may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such product.
    pub async fn export(&self, key: &ProductKey, format: Format) -> Result<Vec<u8>, Error> {
        let product = self.product(key).await?;
        let members = self.members().await?;
        let view = self.view(product.roadmap).await?;
        let voters = if self.role().sees_voters() { json::Voters::Named } else { json::Voters::Counted };
        Ok(match format {
            Format::Csv => csv::write(&product.key, &view.roadmap, &members),
            Format::Json => json::write(&product, &view.roadmap, &members, voters, now()),
        })
    }
}

impl Editor {
    /// What an import of a file would do. Without a mapping one is guessed.
    ///
    /// A file or a mapping with which nothing can be imported is no error, but said in the preview.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such product.
    pub async fn preview_import(
        &self,
        key: &ProductKey,
        text: &str,
        mapping: Option<Mapping>,
    ) -> Result<Preview, Error> {
        let (product, members, view) = self.destination(key).await?;
        let table = match read(text) {
            Ok(table) => table,
            Err(sentence) => return Ok(Preview { refused: Some(sentence), ..Preview::default() }),
        };
        let mapping = mapping.unwrap_or_else(|| guess::guess(&table));
        let columns = table.headers.iter().enumerate().map(|(index, header)| Column {
            header: header.clone(),
            samples: table.samples(index, SAMPLES),
            target: mapping.target(header),
        });
        let columns = columns.collect();
        Ok(match plan(destination(&product, &members, &view), &table, &mapping) {
            Ok(Plan { counts, new_lanes, problems, rows, .. }) => {
                Preview { columns, refused: None, counts, new_lanes, problems, rows }
            }
            Err(sentence) => Preview { columns, refused: Some(sentence), ..Preview::default() },
        })
    }

    /// Imports a file: creates items, updates those that were imported with the same key before, and leaves out the
    /// rows that cannot be taken.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the file cannot be imported with this mapping, [`Error::Refused`] when somebody changed
    /// the roadmap in between, [`Error::NotFound`] when there is no such product.
    pub async fn import(
        &self,
        key: &ProductKey,
        text: &str,
        mapping: Option<Mapping>,
    ) -> Result<Imported, Error> {
        let table = read(text).map_err(Error::Invalid)?;
        let mapping = mapping.unwrap_or_else(|| guess::guess(&table));
        let first = self.try_import(key, &table, &mapping).await;
        match first {
            // Another import of the same rows was faster, and by now they are there.
            Err(Error::Refused(Reject::DuplicateId)) => self.try_import(key, &table, &mapping).await,
            other => other,
        }
    }

    async fn try_import(
        &self,
        key: &ProductKey,
        table: &Table,
        mapping: &Mapping,
    ) -> Result<Imported, Error> {
        let (product, members, view) = self.destination(key).await?;
        let mut plan =
            plan(destination(&product, &members, &view), table, mapping).map_err(Error::Invalid)?;
        let imported = Imported {
            counts: plan.counts,
            new_lanes: std::mem::take(&mut plan.new_lanes),
            problems: std::mem::take(&mut plan.problems),
            undo: view.roadmap.lane_order().first().map(|home| plan.undo(*home)).unwrap_or_default(),
        };
        let steps = plan.into_steps();
        if steps.is_empty() {
            return Ok(imported);
        }
        self.submit_steps(product.roadmap, steps).await?;
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
        let answers = self.submit(roadmap, steps).await?;
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

fn read(text: &str) -> Result<Table, String> {
    domain::exchange::decode(text.as_bytes()).and_then(Table::parse)
}

fn destination<'a>(product: &'a Product, members: &'a [Member], view: &'a View) -> Destination<'a> {
    Destination { product: &product.key, id: product.roadmap, roadmap: &view.roadmap, members }
}
