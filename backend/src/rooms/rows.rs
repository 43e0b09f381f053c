//! Rows of a room's tables from values of `domain`, and back.

use std::{collections::BTreeMap, num::NonZeroU16, sync::Arc};

use domain::{
    Comment, Document, Entry, Item, ItemFields, ItemId, Lane, Rank, Roadmap, RoadmapId, Stamp, Timestamp,
    UserId, Votes, WorkspaceId,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Error,
    codec::{json, parse, signed, to_json, unreadable, unsigned},
    entity::{comment, field_plan, item, lane, op_log, roadmap, vote},
};

/// Which room a row belongs to: the first half of every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RoomId {
    pub(crate) workspace: WorkspaceId,
    pub(crate) roadmap: RoadmapId,
}

/// Where a room's log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) epoch: u64,
}

impl Head {
    pub(super) fn of(row: &roadmap::Model) -> Result<Self, Error> {
        Ok(Self { seq: unsigned(row.head)?, epoch: unsigned(row.epoch)? })
    }
}

/// Reads a whole room: its document and the head it belongs to. The connection must show one state throughout.
pub(super) async fn read(
    connection: &impl ConnectionTrait,
    id: RoomId,
) -> Result<Option<(Roadmap, roadmap::Model)>, Error> {
    let (workspace, key) = (id.workspace.to_string(), id.roadmap.to_string());
    let row = roadmap::Entity::find_by_id((workspace.clone(), key.clone())).one(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let lanes = lane::Entity::find()
        .filter(lane::Column::WorkspaceId.eq(&workspace))
        .filter(lane::Column::RoadmapId.eq(&key))
        .all(connection)
        .await?;
    let items = item::Entity::find()
        .filter(item::Column::WorkspaceId.eq(&workspace))
        .filter(item::Column::RoadmapId.eq(&key))
        .all(connection)
        .await?;
    let comments = comment::Entity::find()
        .filter(comment::Column::WorkspaceId.eq(&workspace))
        .filter(comment::Column::RoadmapId.eq(&key))
        .all(connection)
        .await?;
    let votes = vote::Entity::find()
        .filter(vote::Column::WorkspaceId.eq(&workspace))
        .filter(vote::Column::RoadmapId.eq(&key))
        .all(connection)
        .await?;

    let plan = field_plan::Entity::find_by_id((workspace.clone(), key.clone())).one(connection).await?;
    let plan = plan.map(|row| json(&row.plan)).transpose()?.unwrap_or_default();

    let mut standing: BTreeMap<ItemId, Votes> = BTreeMap::new();
    for row in votes {
        let votes = standing.entry(parse(&row.item_id)?).or_default();
        votes.count += 1;
        votes.voters.insert(parse(&row.user_id)?);
    }
    let document = Document {
        lanes: lanes.iter().map(lane_from).collect::<Result<_, _>>()?,
        items: items.into_iter().map(|row| item_from(row).map(Arc::new)).collect::<Result<_, _>>()?,
        comments: comments.iter().map(|row| comment_from(row).map(Arc::new)).collect::<Result<_, _>>()?,
        more_comments: BTreeMap::new(),
        votes: standing.into_iter().map(|(item, votes)| (item, Arc::new(votes))).collect(),
        fields: Arc::new(plan),
        last_number: u32::try_from(row.last_number).map_err(Error::internal)?,
    };
    Ok(Some((Roadmap::from(document), row)))
}

/// Reads entries of the log after a sequence number, in order, and makes sure that none is missing.
pub(super) async fn read_log(
    connection: &impl ConnectionTrait,
    id: RoomId,
    after: u64,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let rows = op_log::Entity::find()
        .filter(op_log::Column::WorkspaceId.eq(id.workspace.to_string()))
        .filter(op_log::Column::RoadmapId.eq(id.roadmap.to_string()))
        .filter(op_log::Column::Seq.gt(signed(after)))
        .order_by_asc(op_log::Column::Seq)
        .limit(limit)
        .all(connection)
        .await?;
    let mut next = after;
    rows.iter()
        .map(|row| {
            next += 1;
            let entry = entry_from(row)?;
            if entry.seq == next {
                Ok(entry)
            } else {
                Err(Error::internal(format!("the log of {} lacks entry {next}", id.roadmap)))
            }
        })
        .collect()
}

pub(super) fn entry_from(row: &op_log::Model) -> Result<Entry, Error> {
    Ok(Entry {
        seq: unsigned(row.seq)?,
        client: parse(&row.client_id)?,
        cseq: unsigned(row.cseq)?,
        actor: parse(&row.actor_id)?,
        at: Timestamp(row.at_ms),
        op: json(&row.op)?,
        items: Vec::new(),
    })
}

pub(super) fn lane_row(room: RoomId, lane: &Lane) -> lane::Model {
    let (deleted_by, deleted_ms) = stamp_columns(lane.deleted);
    lane::Model {
        workspace_id: room.workspace.to_string(),
        roadmap_id: room.roadmap.to_string(),
        id: lane.id.to_string(),
        name: lane.name.to_string(),
        rank: lane.rank.as_str().to_owned(),
        status: lane.status.map(|status| status.as_str().to_owned()),
        item_limit: lane.limit.map(|limit| limit.get().into()),
        deleted_by,
        deleted_ms,
    }
}

fn lane_from(row: &lane::Model) -> Result<Lane, Error> {
    Ok(Lane {
        id: parse(&row.id)?,
        name: parse(&row.name)?,
        rank: rank(&row.rank)?,
        status: row.status.as_deref().map(parse).transpose()?,
        limit: row.item_limit.and_then(|limit| u16::try_from(limit).ok()).and_then(NonZeroU16::new),
        deleted: stamp(row.deleted_by.as_deref(), row.deleted_ms)?,
    })
}

pub(super) fn item_row(room: RoomId, item: &Item) -> item::Model {
    let fields = &item.fields;
    let (deleted_by, deleted_ms) = stamp_columns(item.deleted);
    item::Model {
        workspace_id: room.workspace.to_string(),
        roadmap_id: room.roadmap.to_string(),
        id: item.id.to_string(),
        number: i64::from(item.number),
        lane_id: item.lane.to_string(),
        rank: item.rank.as_str().to_owned(),
        title: fields.title.to_string(),
        description: fields.description.to_string(),
        kind: fields.kind.as_str().to_owned(),
        investment: fields.investment.map(|investment| investment.as_str().to_owned()),
        effort_tenths: fields.effort.map(|effort| i64::from(effort.tenths())),
        start_on: fields.start.map(|date| date.to_string()),
        end_on: fields.end.map(|date| date.to_string()),
        owner_id: fields.owner.map(|owner| owner.to_string()),
        tags: to_json(&fields.tags),
        status: fields.status.as_str().to_owned(),
        source_key: fields.source_key.as_ref().map(ToString::to_string),
        field_values: (!fields.values.is_empty()).then(|| to_json(&fields.values)),
        first_values: (!item.firsts.is_empty()).then(|| to_json(&item.firsts)),
        created_by: item.created.by.to_string(),
        created_ms: item.created.at.0,
        deleted_by,
        deleted_ms,
        moved_to: item.moved.as_ref().map(ToString::to_string),
    }
}

fn item_from(row: item::Model) -> Result<Item, Error> {
    Ok(Item {
        id: parse(&row.id)?,
        number: u32::try_from(row.number).map_err(Error::internal)?,
        lane: parse(&row.lane_id)?,
        rank: rank(&row.rank)?,
        fields: ItemFields {
            title: parse(&row.title)?,
            description: parse(&row.description)?,
            kind: parse(&row.kind)?,
            investment: row.investment.as_deref().map(parse).transpose()?,
            effort: row
                .effort_tenths
                .map(|tenths| {
                    u32::try_from(tenths)
                        .ok()
                        .and_then(domain::PersonDays::from_tenths)
                        .ok_or_else(|| unreadable(&tenths))
                })
                .transpose()?,
            start: row.start_on.as_deref().map(parse).transpose()?,
            end: row.end_on.as_deref().map(parse).transpose()?,
            owner: row.owner_id.as_deref().map(parse).transpose()?,
            tags: json(&row.tags)?,
            status: parse(&row.status)?,
            source_key: row.source_key.as_deref().map(parse).transpose()?,
            values: row.field_values.as_deref().map(json).transpose()?.unwrap_or_default(),
        },
        firsts: row.first_values.as_deref().map(json).transpose()?.unwrap_or_default(),
        created: Stamp { by: parse(&row.created_by)?, at: Timestamp(row.created_ms) },
        deleted: stamp(row.deleted_by.as_deref(), row.deleted_ms)?,
        moved: row.moved_to.as_deref().map(parse).transpose()?,
    })
}

pub(super) fn comment_row(room: RoomId, comment: &Comment) -> comment::Model {
    let (edited_by, edited_ms) = stamp_columns(comment.edited);
    let (deleted_by, deleted_ms) = stamp_columns(comment.deleted);
    let (resolved_by, resolved_ms) = stamp_columns(comment.resolved);
    comment::Model {
        workspace_id: room.workspace.to_string(),
        roadmap_id: room.roadmap.to_string(),
        id: comment.id.to_string(),
        item_id: comment.item.to_string(),
        reply_to: comment.reply_to.map(|first| first.to_string()),
        reactions: (!comment.reactions.is_empty()).then(|| to_json(&comment.reactions)),
        resolved_by,
        resolved_ms,
        body: comment.body.to_string(),
        created_by: comment.created.by.to_string(),
        created_ms: comment.created.at.0,
        edited_by,
        edited_ms,
        deleted_by,
        deleted_ms,
    }
}

fn comment_from(row: &comment::Model) -> Result<Comment, Error> {
    Ok(Comment {
        id: parse(&row.id)?,
        item: parse(&row.item_id)?,
        reply_to: row.reply_to.as_deref().map(parse).transpose()?,
        reactions: row.reactions.as_deref().map(json).transpose()?.unwrap_or_default(),
        resolved: stamp(row.resolved_by.as_deref(), row.resolved_ms)?,
        body: parse(&row.body)?,
        created: Stamp { by: parse(&row.created_by)?, at: Timestamp(row.created_ms) },
        edited: stamp(row.edited_by.as_deref(), row.edited_ms)?,
        deleted: stamp(row.deleted_by.as_deref(), row.deleted_ms)?,
    })
}

pub(super) fn vote_row(room: RoomId, item: ItemId, user: UserId) -> vote::Model {
    vote::Model {
        workspace_id: room.workspace.to_string(),
        roadmap_id: room.roadmap.to_string(),
        item_id: item.to_string(),
        user_id: user.to_string(),
    }
}

fn stamp_columns(stamp: Option<Stamp>) -> (Option<String>, Option<i64>) {
    (stamp.map(|stamp| stamp.by.to_string()), stamp.map(|stamp| stamp.at.0))
}

fn stamp(by: Option<&str>, at: Option<i64>) -> Result<Option<Stamp>, Error> {
    match (by, at) {
        (Some(by), Some(at)) => Ok(Some(Stamp { by: parse(by)?, at: Timestamp(at) })),
        _ => Ok(None),
    }
}

fn rank(text: &str) -> Result<Rank, Error> {
    Rank::try_from(text.to_owned()).map_err(Error::internal)
}
