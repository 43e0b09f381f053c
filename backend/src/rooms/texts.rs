//! Texts that many write: what others did to one since the entry on which an edit was made.

use std::collections::BTreeSet;

use domain::{ItemId, Op, TextOf};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{commit::Push, decide::Work};
use crate::{
    Error,
    codec::{json, parse, signed, unsigned},
    entity::{log_item, op_log},
};

/// The most entries that edits are carried over. Pages that missed so many load the document again and merge there.
const MOST: usize = 2_000;

/// Reads what the log has about the items whose texts are edited, from the oldest entry on that an edit was made on.
pub(super) async fn read_written<'a>(
    tx: &DatabaseTransaction,
    work: &mut Work,
    pushes: impl Iterator<Item = &'a Push>,
) -> Result<(), Error> {
    let mut items: BTreeSet<ItemId> = BTreeSet::new();
    let mut first = work.head;
    for push in pushes {
        let decided = work.cursors.get(&push.client).map_or(0, |cursor| cursor.last);
        for pushed in push.ops.iter().filter(|pushed| pushed.cseq > decided) {
            let Op::EditText { text, base, .. } = &pushed.op else { continue };
            let item = match text {
                TextOf::Description(item) => Some(*item),
                // One that is not there was written in this very commit.
                TextOf::Comment(id) => work.roadmap.comment(*id).map(|comment| comment.item),
            };
            if *base < work.head {
                items.extend(item);
                first = first.min(*base);
            }
        }
    }
    if items.is_empty() {
        return Ok(());
    }
    let id = work.room.id;
    let (workspace, roadmap) = (id.workspace.to_string(), id.roadmap.to_string());
    let mut numbers: Vec<i64> = log_item::Entity::find()
        .select_only()
        .column(log_item::Column::Seq)
        .filter(log_item::Column::WorkspaceId.eq(&workspace))
        .filter(log_item::Column::RoadmapId.eq(&roadmap))
        .filter(log_item::Column::ItemId.is_in(items.iter().map(ToString::to_string)))
        .filter(log_item::Column::Seq.gt(signed(first)))
        .order_by_desc(log_item::Column::Seq)
        .limit(MOST as u64 + 1)
        .into_tuple()
        .all(tx)
        .await?;
    if let Some(missed) = numbers.get(MOST) {
        work.oldest_base = unsigned(*missed)?;
        numbers.truncate(MOST);
    }
    let rows = op_log::Entity::find()
        .filter(op_log::Column::WorkspaceId.eq(&workspace))
        .filter(op_log::Column::RoadmapId.eq(&roadmap))
        .filter(op_log::Column::Seq.is_in(numbers))
        .order_by_asc(op_log::Column::Seq)
        .all(tx)
        .await?;
    for row in rows {
        let client = parse(&row.client_id)?;
        work.written.push((unsigned(row.seq)?, client, json(&row.op)?, json(&row.changes)?));
    }
    Ok(())
}
