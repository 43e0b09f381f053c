//! Everything from one database into another, of either kind: a backup, its restoration, a move.
//!
//! The tables hold nothing but text, bytes and 64-bit integers, so rows go over as they are. The source is read in one
//! transaction, which sees one moment while people go on working. Afterwards the copy is read again and compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

use futures::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryResult, StreamTrait,
    Value,
    sea_query::{Alias, Expr, Query, SelectStatement},
};
use sha2::{Digest, Sha256};

use crate::{
    OpenError,
    clock::now,
    db::{
        Database, IfMissing, MAX_VALUES,
        tables::{self, Column, Kind},
        without_password,
    },
    entity::{roadmap, workspace},
    migration::{self, Version},
};

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{} is there already. Choose another name, or move it away first.", .0.display())]
    Exists(PathBuf),
    #[error("There is a workspace in {0} already. Choose an empty place.")]
    NotEmpty(String),
    #[error("{} cannot be written: {cause}. Choose a folder this program may write to.", file.display())]
    File { file: PathBuf, cause: std::io::Error },
    #[error("The copy of the table {0} differs from what was read. Nothing was kept of it; try again.")]
    Differs(String),
    #[error(
        "The table {table} is missing, or differs between the two databases in these columns: {columns}. Nothing was \
         copied. Bring back the table as Cairn made it, or begin with another backup."
    )]
    Columns { table: String, columns: String },
    #[error("The database failed: {0}.")]
    Database(#[from] DbErr),
}

/// What was copied, and compared afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
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
    /// It may lack what pages have seen. They load it anew, and send what they had not been answered.
    New,
}

/// Writes a copy of everything into a new SQLite file, while people work.
///
/// # Errors
/// A sentence; there is no such file then.
pub async fn backup(from: &str, file: &Path) -> Result<Copied, CopyError> {
    if file.exists() {
        return Err(CopyError::Exists(file.to_owned()));
    }
    let source = Database::open(from, IfMissing::Refuse).await?;
    // Under another name until it is whole: half a backup is worse than none.
    let part = with_suffix(file, ".part");
    for old in ["", "-wal", "-shm"].map(|suffix| with_suffix(&part, suffix)) {
        if old.exists() {
            std::fs::remove_file(&old).map_err(|cause| CopyError::File { file: old, cause })?;
        }
    }
    let target = Database::open(&format!("sqlite://{}", part.display()), IfMissing::Make).await?;
    let copied = copy(&source, &target, migration::VERSIONS, Epoch::Kept).await;
    // Closing moves the log into the file.
    target.close().await;
    source.close().await;
    let failed = |cause| CopyError::File { file: file.to_owned(), cause };
    match copied {
        Ok(copied) => {
            std::fs::File::open(&part).and_then(|written| written.sync_all()).map_err(failed)?;
            std::fs::rename(&part, file).map_err(failed)?;
            Ok(copied)
        }
        Err(error) => {
            std::fs::remove_file(&part).map_err(failed)?;
            Err(error)
        }
    }
}

/// Fills an empty database from a backup's file. Its roadmaps begin a new epoch.
///
/// # Errors
/// A sentence; the database is still empty then.
pub async fn restore(file: &Path, to: &str) -> Result<Copied, CopyError> {
    migrate(&format!("sqlite://{}", file.display()), to).await
}

/// Moves everything into an empty database of either kind, where roadmaps begin a new epoch. The source stays as it is.
///
/// # Errors
/// A sentence; the database is still empty then.
pub async fn migrate(from: &str, to: &str) -> Result<Copied, CopyError> {
    let source = Database::open(from, IfMissing::Refuse).await?;
    let target = Database::open(to, IfMissing::Make).await?;
    let copied = if workspace::Entity::find().count(target.reader()).await? > 0 {
        Err(CopyError::NotEmpty(without_password(to)))
    } else {
        copy(&source, &target, migration::VERSIONS, Epoch::New).await
    };
    target.close().await;
    source.close().await;
    copied
}

pub(crate) async fn copy(
    source: &Database,
    target: &Database,
    versions: &[Version],
    epoch: Epoch,
) -> Result<Copied, CopyError> {
    let (reading, writing) = (source.begin_read().await?, target.begin().await?);
    let mut copied = Copied::default();
    for name in migration::tables(versions) {
        let table = Table::read(name, &reading, &writing).await?;
        let read = table.copy(&reading, &writing).await?;
        // Compared before it is committed: what differs is never there.
        if table.digest(&writing).await? != read {
            return Err(CopyError::Differs(table.name.clone()));
        }
        copied.rows.insert(table.name.clone(), read.rows);
    }
    if epoch == Epoch::New {
        let fresh = Expr::value(now().0);
        roadmap::Entity::update_many().col_expr(roadmap::Column::Epoch, fresh).exec(&writing).await?;
    }
    writing.commit().await?;
    reading.rollback().await?;
    Ok(copied)
}

/// A table as both databases have it.
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
}

/// Something about all rows of a table that does not depend on their order: their number and the sum of their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    hashes: [u64; 4],
}

impl Sum {
    fn add(&mut self, row: &[Value]) {
        let mut hasher = Sha256::new();
        for value in row {
            // The kind and length keep two rows apart whose values join to the same bytes.
            let (kind, bytes): (u8, &[u8]) = match value {
                Value::String(Some(text)) => (1, text.as_bytes()),
                Value::Bytes(Some(bytes)) => (2, bytes),
                Value::BigInt(Some(number)) => (3, &number.to_be_bytes()),
                _ => (0, &[]),
            };
            hasher.update([kind]);
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        }
        self.rows += 1;
        let hash = hasher.finalize();
        for (sum, part) in self.hashes.iter_mut().zip(hash.as_chunks::<8>().0) {
            *sum = sum.wrapping_add(u64::from_be_bytes(*part));
        }
    }
}

impl Table {
    /// Takes the columns from the databases themselves: what one of them has alone would be lost.
    async fn read(
        name: String,
        from: &DatabaseTransaction,
        to: &DatabaseTransaction,
    ) -> Result<Self, CopyError> {
        let (here, there) = (tables::columns(from, &name).await?, tables::columns(to, &name).await?);
        let unlike = |one: &[Column], other: &[Column]| {
            let unlike = one.iter().filter(|column| column.kind.is_none() || !other.contains(column));
            unlike.map(|column| column.name.clone()).collect::<BTreeSet<_>>()
        };
        let unlike = &unlike(&here, &there) | &unlike(&there, &here);
        if here.is_empty() || !unlike.is_empty() {
            let columns = unlike.into_iter().collect::<Vec<_>>().join(", ");
            return Err(CopyError::Columns { table: name, columns });
        }
        let columns = here.into_iter().filter_map(|column| Some((column.name, column.kind?))).collect();
        Ok(Self { name, columns })
    }

    /// Puts every row of one transaction's table into that of another.
    async fn copy(&self, from: &DatabaseTransaction, to: &DatabaseTransaction) -> Result<Sum, DbErr> {
        let (mut sum, most) = (Sum::default(), MAX_VALUES / self.columns.len());
        let mut waiting = Vec::new();
        let select = self.select();
        let mut rows = from.stream(&select).await?;
        while let Some(row) = rows.try_next().await? {
            let row = self.values(&row)?;
            sum.add(&row);
            waiting.push(row);
            if waiting.len() == most {
                self.insert(to, std::mem::take(&mut waiting)).await?;
            }
        }
        self.insert(to, waiting).await?;
        Ok(sum)
    }

    async fn digest(&self, tx: &DatabaseTransaction) -> Result<Sum, DbErr> {
        let mut sum = Sum::default();
        let select = self.select();
        let mut rows = tx.stream(&select).await?;
        while let Some(row) = rows.try_next().await? {
            sum.add(&self.values(&row)?);
        }
        Ok(sum)
    }

    fn select(&self) -> SelectStatement {
        let columns = self.columns.iter().map(|(name, _)| Alias::new(name));
        Query::select().columns(columns).from(Alias::new(&self.name)).to_owned()
    }

    fn values(&self, row: &QueryResult) -> Result<Vec<Value>, DbErr> {
        let value = |(name, kind): &(String, Kind)| {
            Ok(match kind {
                Kind::Text => row.try_get::<Option<String>>("", name)?.into(),
                Kind::Bytes => row.try_get::<Option<Vec<u8>>>("", name)?.into(),
                Kind::Number => row.try_get::<Option<i64>>("", name)?.into(),
            })
        };
        self.columns.iter().map(value).collect()
    }

    async fn insert(&self, tx: &DatabaseTransaction, rows: Vec<Vec<Value>>) -> Result<(), DbErr> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns = self.columns.iter().map(|(name, _)| Alias::new(name));
        let mut insert = Query::insert().into_table(Alias::new(&self.name)).columns(columns).to_owned();
        for row in rows {
            insert.values_panic(row.into_iter().map(Expr::value));
        }
        tx.execute(&insert).await.map(drop)
    }
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows) in &self.rows {
            writeln!(f, "{table:<16}{rows:>9}")?;
        }
        Ok(())
    }
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
