//! One table: its rows copied, and summed up so that two copies can be compared.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, StreamTrait, Value,
    sea_query::{Alias, Expr, Query, SelectStatement},
};
use sha2::{Digest, Sha256};

use super::CopyError;
use crate::db::{
    MAX_VALUES,
    tables::{self, Column, Kind},
};

/// A table as both databases have it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<(String, Kind)>,
}

/// Something about all rows of a table that does not depend on their order: their number and the sum of their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) rows: u64,
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

    /// The same on every machine.
    pub(super) fn bytes(&self) -> Vec<u8> {
        [self.rows].iter().chain(&self.hashes).flat_map(|part| part.to_be_bytes()).collect()
    }
}

impl Table {
    /// Takes the columns from the databases themselves: what one of them has alone would be lost.
    pub(super) async fn read(
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
        Ok(Self::of(name, here))
    }

    /// Takes the columns from one database.
    pub(super) async fn find(name: String, of: &DatabaseTransaction) -> Result<Self, CopyError> {
        let columns = tables::columns(of, &name).await?;
        let unknown: Vec<&Column> = columns.iter().filter(|column| column.kind.is_none()).collect();
        if columns.is_empty() || !unknown.is_empty() {
            let columns = unknown.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(CopyError::Columns { table: name, columns });
        }
        Ok(Self::of(name, columns))
    }

    fn of(name: String, columns: Vec<Column>) -> Self {
        let columns = columns.into_iter().filter_map(|column| Some((column.name, column.kind?))).collect();
        Self { name, columns }
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.columns.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// The same table, but for a column.
    pub(super) fn without(mut self, column: &str) -> Self {
        self.columns.retain(|(name, _)| name != column);
        self
    }

    /// How many rows one statement can hold.
    pub(super) fn most_at_once(&self) -> usize {
        MAX_VALUES / self.columns.len()
    }

    /// Puts every row of one transaction's table into that of another.
    pub(super) async fn copy(
        &self,
        from: &DatabaseTransaction,
        to: &DatabaseTransaction,
    ) -> Result<Sum, DbErr> {
        let (mut sum, most) = (Sum::default(), self.most_at_once());
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

    pub(super) async fn digest(&self, tx: &DatabaseTransaction) -> Result<Sum, DbErr> {
        let mut sum = Sum::default();
        let add = |row: Vec<Value>| -> Result<(), DbErr> {
            sum.add(&row);
            Ok(())
        };
        self.each(tx, add).await?;
        Ok(sum)
    }

    /// Goes through all rows.
    pub(super) async fn each<E: From<DbErr>>(
        &self,
        tx: &DatabaseTransaction,
        mut visit: impl FnMut(Vec<Value>) -> Result<(), E>,
    ) -> Result<(), E> {
        let select = self.select();
        let mut rows = tx.stream(&select).await?;
        while let Some(row) = rows.try_next().await? {
            visit(self.values(&row)?)?;
        }
        Ok(())
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

    pub(super) async fn insert(&self, tx: &DatabaseTransaction, rows: Vec<Vec<Value>>) -> Result<(), DbErr> {
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
