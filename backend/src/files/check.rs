//! Whether the files are there and hold what they held: part of `cairn check`.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt as _;
use sea_orm::{EntityTrait, QueryOrder};

use super::{hash_of, path_of};
use crate::{Backend, Error, clock::now, entity::file, rooms::Figures};

/// Bytes without a row are no trouble before this time: the row comes after them.
const SETTLED_MS: i64 = 24 * 60 * 60 * 1000;

/// Reads every file, and looks for bytes that belong to none.
pub(crate) async fn check(backend: &Backend, figures: &mut Figures) -> Result<(), Error> {
    let reader = backend.db.reader();
    let rows = file::Entity::find().order_by_asc(file::Column::Hash).all(reader).await?;
    let mut files: BTreeMap<&str, &file::Model> = BTreeMap::new();
    for row in &rows {
        files.entry(&row.hash).or_insert(row);
    }
    figures.files += u64::try_from(files.len()).unwrap_or(u64::MAX);
    for (hash, row) in &files {
        let found = match super::parse_hash(hash) {
            Ok(_) => backend.files.read(reader, row).await,
            Err(error) => Err(error),
        };
        let problem = match found {
            Ok(Some(bytes)) if hash_of(&bytes).to_string() == **hash => continue,
            Ok(Some(_)) => "holds other bytes than were attached".to_owned(),
            Ok(None) => "is missing".to_owned(),
            Err(error) => format!("cannot be read: {error:?}"),
        };
        figures.problems.push(format!("The file {} ({hash}) {problem}.", row.name));
    }
    let known: BTreeSet<_> =
        files.keys().filter_map(|hash| super::parse_hash(hash).ok()).map(path_of).collect();
    let settled = now().0 - SETTLED_MS;
    let mut kept = backend.files.list().await?;
    while let Some(found) = kept.try_next().await? {
        if !known.contains(&found.location) && found.last_modified.timestamp_millis() < settled {
            figures.unused_files += 1;
        }
    }
    Ok(())
}
