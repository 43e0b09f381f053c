//! Figures about rooms that need not be opened for them.

use std::collections::HashMap;

use domain::{RoadmapId, WorkspaceId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::codec::parse;
use crate::{
    Error,
    entity::{item, vote},
};

/// Items not in the bin and their standing upvotes, by roadmap.
pub(crate) async fn counts(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<HashMap<RoadmapId, (u32, u32)>, Error> {
    let workspace = workspace.to_string();
    let live = || {
        item::Entity::find()
            .filter(item::Column::WorkspaceId.eq(&workspace))
            .filter(item::Column::DeletedMs.is_null())
    };
    let items: Vec<(String, i64)> = live()
        .select_only()
        .column(item::Column::RoadmapId)
        .column_as(item::Column::Id.count(), "items")
        .group_by(item::Column::RoadmapId)
        .into_tuple()
        .all(connection)
        .await?;
    let votes: Vec<(String, i64)> = vote::Entity::find()
        .select_only()
        .column(vote::Column::RoadmapId)
        .column_as(vote::Column::ItemId.count(), "votes")
        .filter(vote::Column::WorkspaceId.eq(&workspace))
        .filter(vote::Column::ItemId.in_subquery(live().select_only().column(item::Column::Id).into_query()))
        .group_by(vote::Column::RoadmapId)
        .into_tuple()
        .all(connection)
        .await?;
    let mut counts: HashMap<RoadmapId, (u32, u32)> = HashMap::new();
    for (roadmap, items) in items {
        counts.entry(parse(&roadmap)?).or_default().0 = u32::try_from(items).map_err(Error::internal)?;
    }
    for (roadmap, votes) in votes {
        counts.entry(parse(&roadmap)?).or_default().1 = u32::try_from(votes).map_err(Error::internal)?;
    }
    Ok(counts)
}
