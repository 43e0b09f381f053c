//! Files go along with an item that moves to another product.

use std::collections::BTreeSet;

use domain::{ItemId, Roadmap, RoadmapId, Value, WorkspaceId, files_in};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use super::{Tx, active};
use crate::{Error, entity::file};

/// Files that are looked for at once.
const AT_ONCE: usize = 500;

/// Gives the files that an item's texts name to the roadmap it moved to, as far as the one that it left has them: nobody can read
/// a file because they wrote its address down.
pub(crate) async fn carry(
    tx: &Tx,
    workspace: WorkspaceId,
    (from, to): (RoadmapId, RoadmapId),
    item: ItemId,
    there: &Roadmap,
) -> Result<(), Error> {
    let named: Vec<String> = named(there, item).into_iter().collect();
    for hashes in named.chunks(AT_ONCE) {
        let rows = file::Entity::find()
            .filter(file::Column::WorkspaceId.eq(workspace.to_string()))
            .filter(file::Column::RoadmapId.eq(from.to_string()))
            .filter(file::Column::Hash.is_in(hashes))
            .all(tx)
            .await?;
        if rows.is_empty() {
            continue;
        }
        let rows = rows.into_iter().map(|row| active(file::Model { roadmap_id: to.to_string(), ..row }));
        let key = [file::Column::WorkspaceId, file::Column::RoadmapId, file::Column::Hash];
        file::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The files that the texts of an item name.
fn named(roadmap: &Roadmap, item: ItemId) -> BTreeSet<String> {
    let Some(item) = roadmap.item(item) else { return BTreeSet::new() };
    let values = item.fields.values.values().filter_map(|value| match value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let comments = roadmap.comments().filter(|comment| comment.item == item.id).map(|comment| &*comment.body);
    let texts = values.chain(comments).chain([&*item.fields.description]);
    texts.flat_map(files_in).map(|hash| hash.to_string()).collect()
}
