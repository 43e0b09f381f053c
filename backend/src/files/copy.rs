//! The bytes of files on their way into a backup and out of it.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder};

use super::{Files, Tx, hash_of, parse_hash};
use crate::{
    Error,
    entity::{file, file_contents},
};

/// Each file once.
async fn rows(reading: &Tx) -> Result<BTreeMap<String, file::Model>, Error> {
    let rows = file::Entity::find().order_by_asc(file::Column::Hash).all(reading).await?;
    Ok(rows.into_iter().map(|row| (row.hash.clone(), row)).collect())
}

/// Puts the bytes of every file into the table of a backup. Returns the names of those that are missing, or damaged.
pub(crate) async fn fill(files: &Files, reading: &Tx, writing: &Tx) -> Result<Vec<String>, Error> {
    let mut missing = Vec::new();
    for (hash, row) in rows(reading).await? {
        match files.read(reading, &row).await? {
            Some(bytes) if hash_of(&bytes).to_string() == hash => {
                file_contents::Entity::insert(file_contents::ActiveModel {
                    workspace_id: Set(row.workspace_id),
                    hash: Set(hash),
                    contents: Set(bytes.into()),
                })
                .exec_without_returning(writing)
                .await?;
            }
            _ => missing.push(row.name),
        }
    }
    Ok(missing)
}

/// Puts the bytes of every file where they are kept from now on, and reads them there. Returns the names of those that are
/// missing, or damaged.
pub(crate) async fn unpack(from: &Files, reading: &Tx, to: &Files) -> Result<Vec<String>, Error> {
    let mut missing = Vec::new();
    for (hash, row) in rows(reading).await? {
        match from.read(reading, &row).await? {
            Some(bytes) if hash_of(&bytes).to_string() == hash => {
                let parsed = parse_hash(&hash)?;
                to.write(parsed, bytes).await?;
                let there = to.read_kept(parsed).await?;
                if there.is_none_or(|bytes| hash_of(&bytes).to_string() != hash) {
                    return Err(Error::internal(format!("the file {hash} was not written as it is")));
                }
            }
            _ => missing.push(row.name),
        }
    }
    Ok(missing)
}
