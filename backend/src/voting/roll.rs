//! Who was invited to an open session: its roll.
//!
//! The roll holds the members who could vote when the session opened, and those who later lost that right. Nobody is taken off
//! it, so the turnout counts who has left, with or without having voted, and the roll says nothing about who voted. With
//! each name it holds the segment that the member's ballot counts for.

use std::collections::HashMap;

use domain::{RoadmapId, SegmentId, UserId, WorkspaceId, voting::Audience};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select, sea_query::OnConflict,
};

use super::session::{self, Session};
use crate::{
    Error,
    access::product::{are_by_group, voters},
    codec::parse,
    db::MAX_VALUES,
    entity::{member, segment_member, voting_roll},
};

/// Columns of a row.
const COLUMNS: usize = 4;

/// Calls the roll of a session that opens.
pub(super) async fn call(tx: &DatabaseTransaction, session: &Session) -> Result<(), Error> {
    let Some(entitled) = entitled(tx, session).await? else { return Ok(()) };
    let members = of(session).filter(entitled).all(tx).await?;
    write(tx, session, &members).await
}

/// What somebody is about to lose, perhaps, and with it the right to vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Losing {
    Role,
    /// Matters where segments are invited, or a product gives its role by them.
    Segment,
}

/// Notes on the rolls of all open sessions that a member could vote in them, before that may no longer be so.
///
/// # Errors
/// When the database fails.
pub(crate) async fn note(
    tx: &DatabaseTransaction,
    workspace: WorkspaceId,
    user: UserId,
    losing: Losing,
) -> Result<(), Error> {
    for session in session::all_open(tx, workspace).await? {
        if losing == Losing::Segment
            && session.draft.audience == Audience::Everybody
            && !are_by_group(tx, workspace, session.roadmaps()).await?
        {
            continue;
        }
        let Some(entitled) = entitled(tx, &session).await? else { continue };
        let found = of(&session).filter(entitled).filter(member::Column::UserId.eq(user.to_string()));
        write(tx, &session, &found.all(tx).await?).await?;
    }
    Ok(())
}

/// As [`note`], of all members, for the open sessions with items of a roadmap, before its product shows itself to others.
///
/// # Errors
/// When the database fails.
pub(crate) async fn note_all(
    tx: &DatabaseTransaction,
    workspace: WorkspaceId,
    roadmap: RoadmapId,
) -> Result<(), Error> {
    for session in session::all_open(tx, workspace).await? {
        if session.roadmaps().contains(&roadmap) {
            call(tx, &session).await?;
        }
    }
    Ok(())
}

/// The segments of those of these members who are on the roll.
pub(super) async fn segments(
    tx: &DatabaseTransaction,
    session: &Session,
    users: &[String],
) -> Result<HashMap<UserId, Option<SegmentId>>, Error> {
    let rows = voting_roll::Entity::find()
        .filter(of_session(session))
        .filter(voting_roll::Column::UserId.is_in(users))
        .all(tx)
        .await?;
    let segment = |row: voting_roll::Model| {
        Ok((parse(&row.user_id)?, row.segment_id.as_deref().map(parse).transpose()?))
    };
    rows.into_iter().map(segment).collect()
}

/// How many members are invited: those on the roll, and those who can vote now.
pub(super) async fn count(db: &impl ConnectionTrait, session: &Session) -> Result<u64, Error> {
    let Some(entitled) = entitled(db, session).await? else { return Ok(0) };
    let on_roll = voting_roll::Entity::find()
        .select_only()
        .column(voting_roll::Column::UserId)
        .filter(of_session(session))
        .into_query();
    let invited = Condition::any().add(entitled).add(member::Column::UserId.in_subquery(on_roll));
    Ok(of(session).filter(invited).count(db).await?)
}

/// Removes the roll of a session that is closed: its turnout is frozen.
pub(super) async fn remove(tx: &DatabaseTransaction, session: &Session) -> Result<(), Error> {
    voting_roll::Entity::delete_many().filter(of_session(session)).exec(tx).await?;
    Ok(())
}

fn of(session: &Session) -> Select<member::Entity> {
    member::Entity::find().filter(member::Column::WorkspaceId.eq(session.workspace.to_string()))
}

fn of_session(session: &Session) -> Condition {
    Condition::all()
        .add(voting_roll::Column::WorkspaceId.eq(session.workspace.to_string()))
        .add(voting_roll::Column::VotingId.eq(session.id.to_string()))
}

/// Members who can vote now; `None` where no member can. Who votes on items of a product has to be a voter there.
async fn entitled(db: &impl ConnectionTrait, session: &Session) -> Result<Option<Condition>, Error> {
    let voters = voters(db, session.workspace, session.roadmaps()).await?;
    let present = Condition::all().add(member::Column::RemovedMs.is_null()).add(voters);
    Ok(match &session.draft.audience {
        Audience::Everybody => Some(present),
        Audience::Segments(segments) => {
            let belonging = segment_member::Entity::find()
                .select_only()
                .column(segment_member::Column::UserId)
                .filter(segment_member::Column::WorkspaceId.eq(session.workspace.to_string()))
                .filter(segment_member::Column::SegmentId.is_in(segments.iter().map(ToString::to_string)))
                .into_query();
            Some(present.add(member::Column::UserId.in_subquery(belonging)))
        }
        Audience::Nobody => None,
    })
}

async fn write(tx: &DatabaseTransaction, session: &Session, members: &[member::Model]) -> Result<(), Error> {
    let segments: HashMap<String, String> = match session.draft.split {
        Some(kind) if !members.is_empty() => segment_member::Entity::find()
            .filter(segment_member::Column::WorkspaceId.eq(session.workspace.to_string()))
            .filter(segment_member::Column::Kind.eq(kind.as_str()))
            .all(tx)
            .await?
            .into_iter()
            .map(|row| (row.user_id, row.segment_id))
            .collect(),
        _ => HashMap::new(),
    };
    let row = |member: &member::Model| voting_roll::ActiveModel {
        workspace_id: Set(session.workspace.to_string()),
        voting_id: Set(session.id.to_string()),
        user_id: Set(member.user_id.clone()),
        segment_id: Set(segments.get(&member.user_id).cloned()),
    };
    for some in members.chunks(MAX_VALUES / COLUMNS) {
        let key =
            [voting_roll::Column::WorkspaceId, voting_roll::Column::VotingId, voting_roll::Column::UserId];
        voting_roll::Entity::insert_many(some.iter().map(row))
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
