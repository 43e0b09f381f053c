//! Everything from one database into another, of either kind: a backup, its restoration, a move.
//!
//! The tables hold nothing but text, bytes and 64-bit integers, so rows go over as they are. The source is read in one
//! transaction, which sees one moment while people go on working. Nothing is reported as done before the copy was opened
//! again by a fresh connection, at its final place, and compared with what was read.

mod lines;
mod part;
mod table;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use sea_orm::{DbErr, EntityName, EntityTrait, PaginatorTrait, sea_query::Expr};

use crate::{
    Error, FileSettings, OpenError,
    clock::now,
    db::{Database, IfMissing, Place, is_full, without_password},
    entity::{file_contents, roadmap, workspace},
    files::{self, Files},
    migration::{self, Version},
};
pub use lines::{Carried, Content, export, import};
use part::Part;
pub(crate) use part::{BESIDE, PART};
use table::{Sum, Table};

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{} is there already. Choose another name, or move it away first.", .0.display())]
    Exists(PathBuf),
    #[error("{} is being written by another command. Wait until that has ended, or choose another name.", .0.display())]
    Underway(PathBuf),
    #[error("There is no workspace in {0}, so there is nothing to copy. Check where the database is.")]
    Nothing(String),
    #[error("There is a workspace in {0} already. Choose an empty place.")]
    NotEmpty(String),
    #[error("{} cannot be written: {cause}. Choose a folder this program may write to.", file.display())]
    File { file: PathBuf, cause: std::io::Error },
    #[error("The disk is full. Nothing was kept; free some space, or choose another place.")]
    Full(#[source] DbErr),
    #[error("The copy of the table {0} differs from what was read. Nothing was kept of it; try again.")]
    Differs(String),
    #[error(
        "The table {table} in {place} differs from what was written there. Do not use it: make sure that no server \
         runs on it, empty it, and try again."
    )]
    Unlike { table: String, place: String },
    #[error(
        "The table {table} is missing, or differs between the two databases in these columns: {columns}. Nothing was \
         copied. Bring back the table as Cairn made it, or begin with another backup."
    )]
    Columns { table: String, columns: String },
    #[error("The export cannot be written: {0}. Choose a place this program may write to.")]
    Write(#[source] std::io::Error),
    #[error("A folder for temporary files cannot be made: {0}. Name another one in TMPDIR.")]
    Temporary(#[source] std::io::Error),
    #[error("This file isn’t a workspace export. Choose one written by `cairn export --workspace`.")]
    NoExport,
    #[error("Line {number} can’t be imported: {cause}. Nothing was imported; export the workspace again.")]
    Line { number: u64, cause: String },
    #[error("The file ends before its last line. Nothing was imported; export the workspace again.")]
    CutShort,
    #[error(
        "The content doesn’t match the digest in the last line: it is {found}, not {expected}. The file was changed or \
         damaged; export the workspace again."
    )]
    Content { found: String, expected: String },
    #[error("The files that people attached could not be copied: {0}")]
    Files(#[source] Error),
    #[error("The database failed: {0}.")]
    Database(#[source] DbErr),
}

impl From<DbErr> for CopyError {
    fn from(error: DbErr) -> Self {
        if is_full(&error) { Self::Full(error) } else { Self::Database(error) }
    }
}

impl From<Error> for CopyError {
    fn from(error: Error) -> Self {
        match error {
            Error::Full(error) => Self::Full(error),
            error => Self::Files(error),
        }
    }
}

/// A database, and where its files are if not beside it.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    pub database: &'a str,
    pub files: Option<&'a str>,
}

impl<'a> From<&'a str> for Whole<'a> {
    fn from(database: &'a str) -> Self {
        Self { database, files: None }
    }
}

impl<'a> From<&'a String> for Whole<'a> {
    fn from(database: &'a String) -> Self {
        Self::from(database.as_str())
    }
}

impl Whole<'_> {
    fn files(&self) -> Result<Files, CopyError> {
        Ok(files_at(self.files, &Place::parse(self.database)?)?)
    }
}

fn files_at(files: Option<&str>, place: &Place) -> Result<Files, OpenError> {
    let settings = FileSettings { place: files.map(str::to_owned), ..FileSettings::default() };
    let file = if let Place::File(file) = place { Some(file.as_path()) } else { None };
    Files::at(settings, file)
}

/// Where the bytes of files come from, and where they go.
#[derive(Debug)]
pub(crate) enum Contents {
    /// Into the table of a backup.
    Packed { from: Files },
    /// Where they are kept.
    Kept { from: Files, to: Files },
}

/// What was copied, and compared afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// The names of files whose bytes were missing already.
    pub missing: Vec<String>,
}

impl Copied {
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }
}

/// Whether pages that were open before may go on with the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Epoch {
    /// It is the same, put aside.
    Kept,
    /// It may lack what pages have seen. They load it again, and send what they had not been answered.
    New,
}

/// Writes a copy of everything into a new SQLite file, while people work. Dropped before its end, it leaves no file.
///
/// # Errors
/// A sentence; there is no such file then.
pub async fn backup(from: impl Into<Whole<'_>>, file: &Path) -> Result<Copied, CopyError> {
    let from = from.into();
    let contents = Contents::Packed { from: from.files()? };
    let source = Database::open(from.database, IfMissing::Refuse).await?;
    let copied = copy_to_file(&source, file, Epoch::Kept, Some(&contents)).await;
    source.close().await;
    name_source(copied, from.database)
}

/// Fills an empty database from a backup's file. Its roadmaps begin a new epoch.
///
/// # Errors
/// A sentence; the database is still empty then, but for [`CopyError::Unlike`].
pub async fn restore(file: &Path, to: impl Into<Whole<'_>>) -> Result<Copied, CopyError> {
    move_to(&Place::File(file.to_owned()), None, to.into()).await
}

/// Moves everything into an empty database of either kind, where roadmaps begin a new epoch. The source stays as it is.
///
/// # Errors
/// A sentence; the database is still empty then, but for [`CopyError::Unlike`].
pub async fn migrate(from: impl Into<Whole<'_>>, to: impl Into<Whole<'_>>) -> Result<Copied, CopyError> {
    let from = from.into();
    move_to(&Place::parse(from.database)?, from.files, to.into()).await
}

async fn move_to(from: &Place, from_files: Option<&str>, to: Whole<'_>) -> Result<Copied, CopyError> {
    let contents = Contents::Kept { from: files_at(from_files, from)?, to: to.files()? };
    let to = Place::parse(to.database)?;
    let source = Database::open_place(from, IfMissing::Refuse).await?;
    let copied = match &to {
        Place::File(file) if !file.exists() => copy_to_file(&source, file, Epoch::New, Some(&contents)).await,
        _ => copy_to_empty(&source, &to, &contents).await,
    };
    source.close().await;
    name_source(copied, &from.to_string())
}

/// Into a file that has its name only when all of it is on disk.
async fn copy_to_file(
    source: &Database,
    file: &Path,
    epoch: Epoch,
    contents: Option<&Contents>,
) -> Result<Written, CopyError> {
    let part = Part::claim(file)?;
    let target = Database::create_alone(part.path(), migration::VERSIONS).await?;
    let written = copy(source, &target, migration::VERSIONS, epoch, contents).await;
    target.close().await;
    let written = written?;
    let finished = part.finish()?;
    if let Some(table) = first_difference(&Place::File(file.to_owned()), &written).await? {
        return Err(CopyError::Differs(table));
    }
    finished.keep();
    Ok(written)
}

/// Into a database that is there, in one transaction.
async fn copy_to_empty(source: &Database, to: &Place, contents: &Contents) -> Result<Written, CopyError> {
    let target = Database::open_place(to, IfMissing::Make).await?;
    let written = copy(source, &target, migration::VERSIONS, Epoch::New, Some(contents)).await;
    target.close().await;
    let written = match written {
        Err(CopyError::NotEmpty(_)) => return Err(CopyError::NotEmpty(to.to_string())),
        written => written?,
    };
    match first_difference(to, &written).await? {
        Some(table) => Err(CopyError::Unlike { table, place: to.to_string() }),
        None => Ok(written),
    }
}

fn name_source(copied: Result<Written, CopyError>, from: &str) -> Result<Copied, CopyError> {
    match copied {
        Err(CopyError::Nothing(_)) => Err(CopyError::Nothing(without_password(from))),
        Err(error) => Err(error),
        Ok(written) => Ok(written.copied()),
    }
}

/// What has to be found where it was written.
#[derive(Debug)]
pub(crate) struct Written {
    tables: Vec<(Table, Sum)>,
    /// Of the tables.
    version: i64,
    /// Names of files whose bytes were missing.
    missing: Vec<String>,
}

impl Written {
    pub(crate) fn copied(&self) -> Copied {
        // Whether the bytes of files are in a table is up to the place they are in.
        let tables = self.tables.iter().filter(|(table, _)| table.name != file_contents::Entity.table_name());
        let rows = tables.map(|(table, sum)| (table.name.clone(), sum.rows)).collect();
        Copied { rows, missing: self.missing.clone() }
    }
}

pub(crate) async fn copy(
    source: &Database,
    target: &Database,
    versions: &[Version],
    epoch: Epoch,
    contents: Option<&Contents>,
) -> Result<Written, CopyError> {
    let (reading, writing) = (source.begin_read().await?, target.begin().await?);
    if workspace::Entity::find().count(&writing).await? > 0 {
        return Err(CopyError::NotEmpty(String::new()));
    }
    if workspace::Entity::find().count(&reading).await? == 0 {
        return Err(CopyError::Nothing(String::new()));
    }
    let (mut tables, mut missing) = (Vec::new(), Vec::new());
    for name in migration::tables(versions) {
        let table = Table::read(name, &reading, &writing).await?;
        if table.name == file_contents::Entity.table_name() {
            missing = match contents {
                Some(Contents::Packed { from }) => files::fill(from, &reading, &writing).await?,
                Some(Contents::Kept { from, to }) => files::unpack(from, &reading, to).await?,
                None => Vec::new(),
            };
            let written = table.digest(&writing).await?;
            tables.push((table, written));
            continue;
        }
        let read = table.copy(&reading, &writing).await?;
        // Compared before it is committed: what differs is never there.
        if table.digest(&writing).await? != read {
            return Err(CopyError::Differs(table.name.clone()));
        }
        tables.push((table, read));
    }
    if epoch == Epoch::New {
        let fresh = Expr::value(now().0);
        roadmap::Entity::update_many().col_expr(roadmap::Column::Epoch, fresh).exec(&writing).await?;
        for (table, sum) in tables.iter_mut().filter(|(table, _)| table.name == roadmap::Entity.table_name())
        {
            *sum = table.digest(&writing).await?;
        }
    }
    let version = migration::version(&writing).await?;
    writing.commit().await?;
    reading.rollback().await?;
    Ok(Written { tables, version, missing })
}

/// Opens what was written by a fresh connection and names the first table in which anything else is found.
async fn first_difference(place: &Place, written: &Written) -> Result<Option<String>, CopyError> {
    let database = Database::reopen(place).await?;
    let difference = compare(&database, written).await;
    database.close().await;
    difference
}

async fn compare(database: &Database, written: &Written) -> Result<Option<String>, CopyError> {
    let reading = database.begin_read().await?;
    if migration::version(&reading).await? != written.version {
        return Ok(Some(migration::VERSION_TABLE.to_owned()));
    }
    for (table, sum) in &written.tables {
        if table.digest(&reading).await? != *sum {
            return Ok(Some(table.name.clone()));
        }
    }
    reading.rollback().await?;
    Ok(None)
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows) in &self.rows {
            writeln!(f, "{table:<16}{rows:>9}")?;
        }
        Ok(())
    }
}
