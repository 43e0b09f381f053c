//! A workspace as lines of JSON, each of which can be read by itself: for other programs, and for places to which no database
//! can be carried. First a line about the file, then one for each row of each table, at last what they add up to.

use std::{
    collections::BTreeMap,
    io::{BufRead, Read, Write},
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sea_orm::{DatabaseTransaction, EntityName, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::{Copied, CopyError, Whole, backup, restore, table::Table};
use crate::{
    OpenError,
    db::{Database, Place, tables::Kind},
    entity::{file_contents, roadmap},
    migration::{self, VERSIONS, Version},
};

/// What the first line calls the file.
const FORMAT: &str = "cairn-workspace";

/// The longest line, in bytes. The largest rows hold a file of 10 MiB that somebody attached.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// Rows of so many bytes are written at once.
const WAITING: usize = 8 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Workspace { format: String, version: i64 },
    Row { table: String, values: Map<String, Json> },
    End { rows: u64, content: Content, files: Content },
}

/// What is in a database, as a digest that is the same wherever it was copied to: SHA-256 of the sums of all tables, in hexadecimal.
/// Left out are the bytes of files, which are in a folder of their own, and the epochs of roadmaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content(pub String);

/// What was exported or imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    pub copied: Copied,
    pub content: Content,
}

/// Writes everything as lines of JSON, from a copy that is made in the folder for temporary files while people work.
///
/// # Errors
/// A sentence. What was written by then lacks its last line, without which it cannot be imported.
pub async fn export(from: impl Into<Whole<'_>>, mut out: impl Write) -> Result<Carried, CopyError> {
    let folder = tempfile::tempdir().map_err(CopyError::Temporary)?;
    let file = folder.path().join("export.db");
    let copied = backup(from, &file).await?;
    let database = Database::reopen(&Place::File(file)).await?;
    let written = write(&database, &mut out).await;
    database.close().await;
    let content = written?;
    out.flush().map_err(CopyError::Write)?;
    Ok(Carried { copied, content })
}

pub(super) async fn write(database: &Database, out: &mut impl Write) -> Result<Content, CopyError> {
    let reading = database.begin_read().await?;
    let version = migration::version(&reading).await?;
    let mut say = |line: &Line| {
        serde_json::to_writer(&mut *out, line).map_err(|error| CopyError::Write(error.into()))?;
        out.write_all(b"\n").map_err(CopyError::Write)
    };
    say(&Line::Workspace { format: FORMAT.to_owned(), version })?;
    let mut rows = 0;
    for name in migration::tables(versions_to(version)) {
        let table = Table::find(name, &reading).await?;
        table
            .each(&reading, |row| {
                rows += 1;
                let names = table.columns().map(|(name, _)| name.to_owned());
                let values = names.zip(row.into_iter().map(to_json)).collect();
                say(&Line::Row { table: table.name.clone(), values })
            })
            .await?;
    }
    let (content, files) = contents(&reading).await?;
    say(&Line::End { rows, content: content.clone(), files })?;
    reading.rollback().await?;
    Ok(content)
}

/// Fills an empty database with what [`export`] of this or an earlier version has written, once all of it was read and matches its
/// last line. Its roadmaps begin a new epoch.
///
/// # Errors
/// A sentence, with the number of the line that cannot be taken; the database is still empty then, but for
/// [`CopyError::Unlike`].
pub async fn import(lines: impl BufRead, to: impl Into<Whole<'_>>) -> Result<Carried, CopyError> {
    let to = to.into();
    let folder = tempfile::tempdir().map_err(CopyError::Temporary)?;
    let file = folder.path().join("import.db");
    read(Lines { lines, number: 0, length: 0 }, &file).await?;
    // Brings the tables of the file up to date, and compares what it writes.
    let copied = restore(&file, to).await?;
    Ok(Carried { copied, content: content_of(&Place::parse(to.database)?).await? })
}

async fn content_of(place: &Place) -> Result<Content, CopyError> {
    let database = Database::reopen(place).await?;
    let reading = database.begin_read().await?;
    let contents = contents(&reading).await;
    reading.rollback().await?;
    database.close().await;
    Ok(contents?.0)
}

/// The lines of an export, one by one.
struct Lines<Read> {
    lines: Read,
    /// Of the one that was read last, from 1 on.
    number: u64,
    /// Its bytes.
    length: usize,
}

impl<Read: BufRead> Lines<Read> {
    fn next(&mut self) -> Result<Option<Line>, CopyError> {
        self.number += 1;
        let mut line = Vec::new();
        let bytes = (&mut self.lines).take(LONGEST_LINE as u64).read_until(b'\n', &mut line);
        self.length = bytes.map_err(|error| self.wrong(error.to_string()))?;
        match self.length {
            0 => Ok(None),
            LONGEST_LINE => Err(self.wrong("it is too long")),
            _ => serde_json::from_slice(&line).map(Some).map_err(|error| self.wrong(error.to_string())),
        }
    }

    /// Why the last line cannot be taken.
    fn wrong(&self, cause: impl Into<String>) -> CopyError {
        CopyError::Line { number: self.number, cause: cause.into() }
    }
}

/// Puts the lines into a new file that nobody else knows of.
async fn read(mut lines: Lines<impl BufRead>, file: &Path) -> Result<(), CopyError> {
    let version = match lines.next() {
        Ok(Some(Line::Workspace { format, version })) if format == FORMAT => version,
        _ => return Err(CopyError::NoExport),
    };
    let known = i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX);
    if version > known {
        return Err(OpenError::Newer { found: version, known }.into());
    }
    let versions = usize::try_from(version).ok().and_then(|version| VERSIONS.get(..version));
    let versions = versions.filter(|versions| !versions.is_empty()).ok_or(CopyError::NoExport)?;
    let database = Database::create_alone(file, versions).await?;
    let filled = fill(&database, versions, lines).await;
    database.close().await;
    filled
}

async fn fill(
    database: &Database,
    versions: &[Version],
    mut lines: Lines<impl BufRead>,
) -> Result<(), CopyError> {
    let writing = database.begin().await?;
    let mut tables = BTreeMap::new();
    for name in migration::tables(versions) {
        let table = Table::find(name, &writing).await?;
        tables.insert(table.name.clone(), table);
    }
    let (mut read, mut current) = (0, String::new());
    let (mut waiting, mut bytes) = (Vec::new(), 0);
    let (rows, expected) = loop {
        let (name, values) = match lines.next()? {
            Some(Line::Row { table, values }) => (table, values),
            Some(Line::End { rows, content, files }) => break (rows, (content, files)),
            Some(Line::Workspace { .. }) => return Err(lines.wrong("it begins another export")),
            None => return Err(CopyError::CutShort),
        };
        let Some(table) = tables.get(&name) else {
            return Err(lines.wrong(format!("there is no table {name}")));
        };
        // Rows of one table stand together, each table behind those it refers to.
        let is_full = waiting.len() == table.most_at_once() || bytes > WAITING;
        if (name != current || is_full)
            && let Some(table) = tables.get(&current)
        {
            table.insert(&writing, std::mem::take(&mut waiting)).await?;
            bytes = 0;
        }
        waiting.push(row(table, values).map_err(|cause| lines.wrong(cause))?);
        bytes += lines.length;
        current = name;
        read += 1;
    };
    if let Some(table) = tables.get(&current) {
        table.insert(&writing, waiting).await?;
    }
    if read != rows {
        return Err(lines.wrong(format!("it says that there are {rows} rows, and there are {read}")));
    }
    if lines.next()?.is_some() {
        return Err(lines.wrong("nothing may follow the last line"));
    }
    let found = contents(&writing).await?;
    if found != expected {
        // Of two that differ, the first.
        let same = found.0 == expected.0;
        let (found, expected) = if same { (found.1, expected.1) } else { (found.0, expected.0) };
        return Err(CopyError::Content { found: found.0, expected: expected.0 });
    }
    writing.commit().await?;
    Ok(())
}

/// The values of a row in the order of the table's columns, all of them and no others.
fn row(table: &Table, mut values: Map<String, Json>) -> Result<Vec<Value>, String> {
    let row = table.columns().map(|(name, kind)| {
        let value = values.remove(name).ok_or_else(|| format!("{name} is missing"))?;
        from_json(value, kind).ok_or_else(|| format!("the value of {name} has the wrong type"))
    });
    let row = row.collect::<Result<_, _>>()?;
    match values.keys().next() {
        Some(name) => Err(format!("the table {} has no column {name}", table.name)),
        None => Ok(row),
    }
}

fn to_json(value: Value) -> Json {
    match value {
        Value::String(Some(text)) => text.into(),
        Value::Bytes(Some(bytes)) => BASE64_STANDARD.encode(bytes).into(),
        Value::BigInt(Some(number)) => number.into(),
        _ => Json::Null,
    }
}

fn from_json(value: Json, kind: Kind) -> Option<Value> {
    Some(match (kind, value) {
        (Kind::Text, Json::Null) => Value::String(None),
        (Kind::Text, Json::String(text)) => text.into(),
        (Kind::Bytes, Json::Null) => Value::Bytes(None),
        (Kind::Bytes, Json::String(text)) => BASE64_STANDARD.decode(text).ok()?.into(),
        (Kind::Number, Json::Null) => Value::BigInt(None),
        (Kind::Number, Json::Number(number)) => number.as_i64()?.into(),
        _ => return None,
    })
}

/// What is in a database, whatever its version, and the bytes of files that are in it.
async fn contents(reading: &DatabaseTransaction) -> Result<(Content, Content), CopyError> {
    let names = migration::tables(versions_to(migration::version(reading).await?));
    let is_file = |name: &String| name == file_contents::Entity.table_name();
    let (files, others): (Vec<_>, Vec<_>) = names.into_iter().partition(is_file);
    Ok((digest(reading, others).await?, digest(reading, files).await?))
}

/// The versions that a database has gone through.
fn versions_to(version: i64) -> &'static [Version] {
    let versions = usize::try_from(version).ok().and_then(|version| VERSIONS.get(..version));
    versions.unwrap_or(VERSIONS)
}

async fn digest(reading: &DatabaseTransaction, mut names: Vec<String>) -> Result<Content, CopyError> {
    names.sort();
    let mut hasher = Sha256::new();
    for name in names {
        let mut table = Table::find(name, reading).await?;
        if table.name == roadmap::Entity.table_name() {
            table = table.without("epoch");
        }
        let sum = table.digest(reading).await?;
        hasher.update(table.name.as_bytes());
        hasher.update([0]);
        hasher.update(sum.bytes());
    }
    let digest = hasher.finalize();
    Ok(Content(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
}
