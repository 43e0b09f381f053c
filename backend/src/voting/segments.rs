//! Segments: who is counted together, and with what weight.

use domain::{
    Holder, Role, SegmentId, SegmentName, UserId,
    voting::{Segment, SegmentKind, Weight},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use serde_json::json;

use super::{
    roll::{self, Losing},
    session::segment_from,
};
use crate::{
    Editor, Error, Viewer,
    access::{RecordTx, change},
    amounts,
    audit::Action,
    clock::new_id,
    codec::parse,
    entity::{member, segment, segment_member},
    products::{check_group, revoke_everywhere},
};

impl Viewer {
    /// Every segment, by kind and name.
    pub async fn segments(&self) -> Result<Vec<Segment>, Error> {
        let rows = segment::Entity::find()
            .filter(segment::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(segment::Column::RemovedMs.is_null())
            .order_by_asc(segment::Column::Id)
            .all(self.backend.db.reader())
            .await?;
        let members = self.memberships().await?;
        let mut segments = Vec::with_capacity(rows.len());
        for row in rows {
            let id: SegmentId = parse(&row.id)?;
            let count = members.iter().filter(|(_, segment)| *segment == id).count();
            segments.push(segment_from(row, u32::try_from(count).unwrap_or(u32::MAX))?);
        }
        segments.sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
        Ok(segments)
    }

    /// Which present member belongs to which segments.
    pub async fn memberships(&self) -> Result<Vec<(UserId, SegmentId)>, Error> {
        let present: Vec<UserId> = self
            .members()
            .await?
            .into_iter()
            .filter(|member| member.active)
            .map(|member| member.id)
            .collect();
        let rows = segment_member::Entity::find()
            .filter(segment_member::Column::WorkspaceId.eq(self.workspace.to_string()))
            .all(self.backend.db.reader())
            .await?;
        let pairs = rows.iter().map(|row| Ok((parse(&row.user_id)?, parse(&row.segment_id)?)));
        let pairs: Vec<(UserId, SegmentId)> = pairs.collect::<Result<_, Error>>()?;
        Ok(pairs.into_iter().filter(|(user, _)| present.contains(user)).collect())
    }
}

impl Editor {
    /// Makes a segment, or changes one. Its kind stays as it was made.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another of its kind has the name, [`Error::NotFound`] when it was removed, [`Error::Forbidden`] when a
    /// product gives its members a role and no owner renames it.
    pub async fn save_segment(
        &self,
        id: Option<SegmentId>,
        kind: SegmentKind,
        name: SegmentName,
        weight: Weight,
    ) -> Result<SegmentId, Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let others = segment::Entity::find()
                .filter(segment::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(segment::Column::RemovedMs.is_null())
                .all(tx)
                .await?;
            let known = id.map(|id| others.iter().find(|row| row.id == id.to_string()).ok_or_else(unknown));
            let known = known.transpose()?;
            let kind = known.map_or(kind.as_str(), |row| &row.kind);
            if let (Some(row), Some(id)) = (known, id)
                && row.name != *name
            {
                // Who gives a role to a group knows it by its name.
                check_group(&change, id, &row.name).await?;
            }
            let fold = |name: &str| domain::fold(name, &domain::NATIVE);
            let taken = others.iter().any(|row| {
                row.kind == kind
                    && fold(&row.name) == fold(&name)
                    && id.is_none_or(|id| row.id != id.to_string())
            });
            if taken {
                return Err(Error::Conflict(format!(
                    "There is a segment “{name}” already. Choose another name."
                )));
            }
            let id = match known {
                Some(row) => {
                    let mut row = row.clone().into_active_model();
                    row.name = Set(name.to_string());
                    row.weight = Set(i64::from(weight.thousandths()));
                    row.update(tx).await?;
                    id.ok_or_else(unknown)?
                }
                None => {
                    let all = segment::Column::WorkspaceId.eq(self.workspace.to_string());
                    amounts::SEGMENTS.check(tx, segment::Entity::find().filter(all)).await?;
                    let id = new_id(SegmentId::new);
                    segment::Entity::insert(segment::ActiveModel {
                        workspace_id: Set(self.workspace.to_string()),
                        id: Set(id.to_string()),
                        kind: Set(kind.to_owned()),
                        name: Set(name.to_string()),
                        weight: Set(i64::from(weight.thousandths())),
                        removed_ms: Set(None),
                    })
                    .exec_without_returning(tx)
                    .await?;
                    id
                }
            };
            let body = json!({ "kind": kind, "name": name, "weight": weight });
            change.audit(Action::SegmentSaved, &id.to_string(), body).await?;
            Ok(id)
        })
    }

    /// Removes a segment; its members belong to none of its kind then. Ballots that were cast go on counting for it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was removed already, [`Error::Forbidden`] when a product gives its members a role and no owner
    /// asks.
    pub async fn remove_segment(&self, id: SegmentId) -> Result<(), Error> {
        let decides = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let row = find(&change, id).await?;
            let decides = check_group(&change, id, &row.name).await?;
            let members = segment_member::Entity::find()
                .filter(segment_member::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(segment_member::Column::SegmentId.eq(id.to_string()));
            for member in members.all(tx).await? {
                roll::note(tx, self.workspace, parse(&member.user_id)?, Losing::Segment).await?;
            }
            // Products first: a commit locks them before their groups.
            revoke_everywhere(&change, Holder::Group(id)).await?;
            segment_member::Entity::delete_many()
                .filter(segment_member::Column::WorkspaceId.eq(self.workspace.to_string()))
                .filter(segment_member::Column::SegmentId.eq(id.to_string()))
                .exec(tx)
                .await?;
            let body = json!({ "name": row.name });
            let mut row = row.into_active_model();
            row.removed_ms = Set(Some(change.at.0));
            row.update(tx).await?;
            change.audit(Action::SegmentRemoved, &id.to_string(), body).await?;
            Ok(decides)
        })?;
        self.tell_of_group(decides);
        Ok(())
    }

    /// Has what members may do looked at again, where a group decides it.
    fn tell_of_group(&self, decides: bool) {
        if decides {
            self.backend.members_changed();
        }
    }

    /// Puts a member into a segment of a kind, or into none.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a segment or member that is not there, [`Error::Invalid`] for a segment of another kind,
    /// [`Error::Forbidden`] when a product gives the segment's members a role and no owner asks.
    pub async fn assign_segment(
        &self,
        user: UserId,
        kind: SegmentKind,
        segment: Option<SegmentId>,
    ) -> Result<(), Error> {
        let decides = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let (workspace, user_id) = (self.workspace.to_string(), user.to_string());
            if member::Entity::find_by_id((workspace.clone(), user_id.clone())).one(tx).await?.is_none() {
                return Err(Error::NotFound("This person is not a member. Reload the page.".into()));
            }
            roll::note(tx, self.workspace, user, Losing::Segment).await?;
            let own = (workspace.clone(), kind.as_str().to_owned(), user_id.clone());
            let before = segment_member::Entity::find_by_id(own).one(tx).await?;
            let mut decides = false;
            for id in before.iter().map(|row| parse(&row.segment_id)).chain(segment.map(Ok)) {
                let id = id?;
                let name = find(&change, id).await?.name;
                decides |= check_group(&change, id, &name).await?;
            }
            match segment {
                None => {
                    segment_member::Entity::delete_by_id((
                        workspace,
                        kind.as_str().to_owned(),
                        user_id.clone(),
                    ))
                    .exec(tx)
                    .await?;
                }
                Some(id) => {
                    let row = find(&change, id).await?;
                    if row.kind != kind.as_str() {
                        let label = kind.label().to_lowercase();
                        return Err(Error::Invalid(format!("“{}” isn’t a valid {label}.", row.name)));
                    }
                    segment_member::Entity::insert(segment_member::ActiveModel {
                        workspace_id: Set(workspace),
                        kind: Set(kind.as_str().to_owned()),
                        user_id: Set(user_id.clone()),
                        segment_id: Set(id.to_string()),
                    })
                    .on_conflict(
                        OnConflict::columns([
                            segment_member::Column::WorkspaceId,
                            segment_member::Column::Kind,
                            segment_member::Column::UserId,
                        ])
                        .update_column(segment_member::Column::SegmentId)
                        .to_owned(),
                    )
                    .exec_without_returning(tx)
                    .await?;
                }
            }
            let body = json!({ "kind": kind, "segment": segment });
            change.audit(Action::SegmentAssigned, &user_id, body).await?;
            Ok(decides)
        })?;
        self.tell_of_group(decides);
        Ok(())
    }
}

/// Takes a person who leaves the workspace out of all segments, so that somebody who comes back is in none.
pub(crate) async fn leave(change: &RecordTx<'_>, user: UserId) -> Result<(), Error> {
    segment_member::Entity::delete_many()
        .filter(segment_member::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(segment_member::Column::UserId.eq(user.to_string()))
        .exec(change.tx)
        .await?;
    Ok(())
}

async fn find(change: &RecordTx<'_>, id: SegmentId) -> Result<segment::Model, Error> {
    segment::Entity::find_by_id((change.workspace.to_string(), id.to_string()))
        .one(change.tx)
        .await?
        .filter(|row| row.removed_ms.is_none())
        .ok_or_else(unknown)
}

/// # Errors
/// [`Error::NotFound`] unless there is such a segment, or none is asked for.
pub(super) async fn must_exist(change: &RecordTx<'_>, segment: Option<SegmentId>) -> Result<(), Error> {
    match segment {
        Some(id) => find(change, id).await.map(drop),
        None => Ok(()),
    }
}

fn unknown() -> Error {
    Error::NotFound("There is no such segment any more. Reload the page.".into())
}
