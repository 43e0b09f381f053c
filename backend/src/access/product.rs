//! What members may do in a product, by its access.

use std::collections::{HashMap, HashSet};

use domain::{ProductAccess, RoadmapId, Role, SegmentId, UserId, WorkspaceId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType,
};

use crate::{
    Error,
    access::Viewer,
    codec::{json, parse},
    db::MAX_VALUES,
    entity::{member, product, segment_member},
};

/// To which groups people belong.
pub(crate) type Groups = HashMap<UserId, HashSet<SegmentId>>;

/// The access of a product.
pub(crate) fn access_of(row: &product::Model) -> Result<ProductAccess, Error> {
    if row.access.is_empty() { Ok(ProductAccess::default()) } else { json(&row.access) }
}

/// Which of `groups` people belong to: some, or all there are.
pub(crate) async fn groups(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    groups: impl IntoIterator<Item = SegmentId>,
    users: Option<&HashSet<UserId>>,
    locked: Locked,
) -> Result<Groups, Error> {
    let mut belonging = Groups::new();
    let asked: HashSet<String> = groups.into_iter().map(|group| group.to_string()).collect();
    if asked.is_empty() {
        return Ok(belonging);
    }
    let mut query = segment_member::Entity::find()
        .filter(segment_member::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(segment_member::Column::SegmentId.is_in(asked))
        .order_by_asc(segment_member::Column::UserId);
    // Of very many people all are read.
    if let Some(users) = users.filter(|users| users.len() < MAX_VALUES / 2) {
        query = query.filter(segment_member::Column::UserId.is_in(users.iter().map(ToString::to_string)));
    }
    if locked == Locked::Yes {
        query = query.lock(LockType::Share);
    }
    for row in query.all(db).await? {
        belonging.entry(parse(&row.user_id)?).or_default().insert(parse(&row.segment_id)?);
    }
    Ok(belonging)
}

/// What a member may do in a product, by what is known of their groups.
pub(crate) fn role_in(access: &ProductAccess, user: UserId, role: Role, groups: &Groups) -> Option<Role> {
    access.role_of(user, role, |group| groups.get(&user).is_some_and(|own| own.contains(&group)))
}

impl Viewer {
    /// What this person may do in products of which they know the rows, by their place in `rows`; `None` in those that do not
    /// exist for them.
    pub(crate) async fn roles_in(&self, rows: &[product::Model]) -> Result<Vec<Option<Role>>, Error> {
        let accesses = rows.iter().map(access_of).collect::<Result<Vec<_>, _>>()?;
        let own = HashSet::from([self.member.id]);
        let named = accesses.iter().flat_map(ProductAccess::groups);
        let groups = groups(self.backend.db.reader(), self.workspace, named, Some(&own), Locked::No).await?;
        let role = |access| role_in(access, self.member.id, self.member.role, &groups);
        Ok(accesses.iter().map(role).collect())
    }

    /// What this person may do in all products.
    pub(crate) async fn reach(&self) -> Result<Reach, Error> {
        let Self { member, workspace, .. } = self;
        Reach::of(self.backend.db.reader(), *workspace, (member.id, member.role), Locked::No).await
    }
}

/// Whether what is read stays so until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locked {
    Yes,
    No,
}

/// What a member may do in products.
#[derive(Debug)]
pub(crate) struct Reach {
    role: Role,
    /// Where a product decides it.
    special: HashMap<RoadmapId, Option<Role>>,
}

impl Reach {
    pub(crate) async fn of(
        db: &impl ConnectionTrait,
        workspace: WorkspaceId,
        (user, role): (UserId, Role),
        locked: Locked,
    ) -> Result<Self, Error> {
        let rows = special(db, workspace, None, locked).await?;
        let accesses = rows.iter().map(access_of).collect::<Result<Vec<_>, _>>()?;
        let own = HashSet::from([user]);
        let named = accesses.iter().flat_map(ProductAccess::groups);
        let groups = groups(db, workspace, named, Some(&own), locked).await?;
        let mut special = HashMap::with_capacity(rows.len());
        for (row, access) in rows.iter().zip(&accesses) {
            special.insert(parse(&row.roadmap_id)?, role_in(access, user, role, &groups));
        }
        Ok(Self { role, special })
    }

    /// What the member may do in all of the products of these roadmaps; `None` when one of them does not exist for them.
    pub(crate) fn least(&self, roadmaps: impl IntoIterator<Item = RoadmapId>) -> Option<Role> {
        let role = |roadmap| self.special.get(&roadmap).copied().unwrap_or(Some(self.role));
        // None is less than any role.
        roadmaps.into_iter().map(role).min().unwrap_or(Some(self.role))
    }
}

/// What members may do in all of the products of these roadmaps; `None` where each has the role that they have in the workspace.
pub(crate) async fn least_roles(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    roadmaps: impl IntoIterator<Item = RoadmapId>,
) -> Result<Option<HashMap<UserId, Role>>, Error> {
    let roadmaps: Vec<String> = roadmaps.into_iter().map(|roadmap| roadmap.to_string()).collect();
    let rows = special(db, workspace, Some(roadmaps), Locked::No).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let accesses = rows.iter().map(access_of).collect::<Result<Vec<_>, _>>()?;
    let groups =
        groups(db, workspace, accesses.iter().flat_map(ProductAccess::groups), None, Locked::No).await?;
    let members = member::Entity::find()
        .filter(member::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(member::Column::RemovedMs.is_null())
        .all(db)
        .await?;
    let mut least = HashMap::new();
    for row in members {
        let (user, role): (UserId, Role) = (parse(&row.user_id)?, parse(&row.role)?);
        let roles = accesses.iter().map(|access| role_in(access, user, role, &groups));
        // None is less than any role.
        if let Some(role) = roles.min().flatten() {
            least.insert(user, role);
        }
    }
    Ok(Some(least))
}

/// Products with an access of their own: all, or those of some roadmaps.
pub(crate) async fn special(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    roadmaps: Option<Vec<String>>,
    locked: Locked,
) -> Result<Vec<product::Model>, Error> {
    let mut query = product::Entity::find()
        .filter(product::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(product::Column::Access.ne(""))
        .order_by_asc(product::Column::Id);
    if let Some(roadmaps) = roadmaps {
        query = query.filter(product::Column::RoadmapId.is_in(roadmaps));
    }
    if locked == Locked::Yes {
        query = query.lock(LockType::Share);
    }
    Ok(query.all(db).await?)
}
