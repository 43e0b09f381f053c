//! Who may vote at this moment, and as what their ballots are counted.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Role, SegmentId, UserId, WorkspaceId,
    voting::{SegmentKind, Weight},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};

use super::{cast::Cast, pages::is_invited, roll, secret::Who, session::Session};
use crate::{
    Error,
    access::product::{Locked, Reach},
    codec::parse,
    db::padded,
    entity::{member, segment, segment_member, voting_voter},
};

/// As what a ballot is counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) group: Option<SegmentId>,
    pub(super) weight: Weight,
}

impl Part {
    const WITHOUT: Part = Part { group: None, weight: Weight::ONE };
}

/// Who of those who cast may vote now, and as what they are counted. Read under a lock, so that who is removed at this
/// moment is removed either before or after.
pub(super) async fn parts(
    tx: &DatabaseTransaction,
    session: &Session,
    casts: &[&Cast],
) -> Result<HashMap<Who, Part>, Error> {
    let who: BTreeSet<Who> = casts.iter().map(|cast| cast.who).collect();
    let users = who.iter().filter_map(|who| match who {
        Who::Member(user) => Some(user.to_string()),
        Who::Voter(_) => None,
    });
    let voters = who.iter().filter_map(|who| match who {
        Who::Voter(voter) => Some(voter.to_string()),
        Who::Member(_) => None,
    });
    let mut parts = members(tx, session, padded(users)).await?;
    parts.extend(guests(tx, session, padded(voters)).await?);
    Ok(parts)
}

async fn members(
    tx: &DatabaseTransaction,
    session: &Session,
    users: Vec<String>,
) -> Result<HashMap<Who, Part>, Error> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let workspace = session.workspace.to_string();
    let rows = member::Entity::find()
        .filter(member::Column::WorkspaceId.eq(&workspace))
        .filter(member::Column::UserId.is_in(&users))
        .filter(member::Column::RemovedMs.is_null())
        .order_by_asc(member::Column::UserId)
        .lock(LockType::Share)
        .all(tx)
        .await?;
    let people = rows.iter().map(|row| Ok((parse(&row.user_id)?, parse(&row.role)?)));
    let people: Vec<(UserId, Role)> = people.collect::<Result<_, Error>>()?;
    let segments = segments_of_each(tx, session.workspace, &users).await?;
    let roadmaps = session.roadmaps().into_iter().collect();
    let reach = Reach::of_each(tx, session.workspace, &people, Some(roadmaps), Locked::Yes).await?;
    let on_roll = roll::segments(tx, session, &users).await?;
    let kind = session.draft.split.map(SegmentKind::as_str);
    let mut parts = HashMap::new();
    for ((user, _), reach) in people.into_iter().zip(reach) {
        let segments = segments.get(&user).map_or(&[][..], Vec::as_slice);
        if !is_invited(&reach, session, segments) {
            continue;
        }
        // Who came after the opening counts for the segment of this hour.
        let segment = match on_roll.get(&user) {
            Some(segment) => *segment,
            None => {
                let found = segments.iter().find(|segment| Some(segment.kind.as_str()) == kind);
                found.map(|segment| parse(&segment.id)).transpose()?
            }
        };
        parts.insert(Who::Member(user), part(session, segment));
    }
    Ok(parts)
}

async fn guests(
    tx: &DatabaseTransaction,
    session: &Session,
    voters: Vec<String>,
) -> Result<HashMap<Who, Part>, Error> {
    if voters.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = voting_voter::Entity::find()
        .filter(voting_voter::Column::WorkspaceId.eq(session.workspace.to_string()))
        .filter(voting_voter::Column::Id.is_in(voters))
        .filter(voting_voter::Column::VotingId.eq(session.id.to_string()))
        .filter(voting_voter::Column::RemovedMs.is_null())
        .order_by_asc(voting_voter::Column::Id)
        .lock(LockType::Share)
        .all(tx)
        .await?;
    let guest = |row: voting_voter::Model| {
        let segment = row.segment_id.as_deref().map(parse).transpose()?;
        Ok((Who::Voter(parse(&row.id)?), part(session, segment)))
    };
    rows.into_iter().map(guest).collect()
}

/// The segments a member belongs to.
pub(super) async fn segments_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Vec<segment::Model>, Error> {
    let segments = segments_of_each(db, workspace, &[user.to_string()]).await?;
    Ok(segments.into_values().next().unwrap_or_default())
}

/// The segments each of these members belongs to.
async fn segments_of_each(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    users: &[String],
) -> Result<HashMap<UserId, Vec<segment::Model>>, Error> {
    let belongs = segment_member::Entity::find()
        .filter(segment_member::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(segment_member::Column::UserId.is_in(users))
        .all(db)
        .await?;
    if belongs.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: BTreeSet<&String> = belongs.iter().map(|row| &row.segment_id).collect();
    let rows = segment::Entity::find()
        .filter(segment::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(segment::Column::Id.is_in(padded(ids)))
        .all(db)
        .await?;
    let rows: HashMap<&str, &segment::Model> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut segments: HashMap<UserId, Vec<segment::Model>> = HashMap::new();
    for row in &belongs {
        if let Some(segment) = rows.get(row.segment_id.as_str()) {
            segments.entry(parse(&row.user_id)?).or_default().push((*segment).clone());
        }
    }
    Ok(segments)
}

/// As what a ballot of somebody in a segment is counted, by the weights of the opening. A segment that was not there then, or
/// is of another kind, is none.
fn part(session: &Session, segment: Option<SegmentId>) -> Part {
    let found = session.segments().iter().find(|known| Some(known.id) == segment);
    found.map_or(Part::WITHOUT, |known| Part { group: Some(known.id), weight: known.weight })
}
