//! What members may do in a product, by its access.

use std::collections::{HashMap, HashSet};

use domain::{
    Holder, Member, ProductAccess, Reject, RoadmapId, Role, SegmentId, UserId, Visibility, WorkspaceId,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, LockType},
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

/// The access of a product. One that cannot be read is for owners alone.
pub(crate) fn access_of(row: &product::Model) -> ProductAccess {
    if row.access.is_empty() {
        return ProductAccess::default();
    }
    json(&row.access).unwrap_or_else(|error| {
        tracing::error!(?error, key = %row.key, "the access of a product cannot be read; only owners see it");
        ProductAccess { visibility: Visibility::Chosen, grants: Vec::new() }
    })
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

/// What a member with a role in the workspace may do in products, by their place in `rows`.
pub(crate) async fn roles_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    (user, role): (UserId, Role),
    rows: &[product::Model],
    locked: Locked,
) -> Result<Vec<Option<Role>>, Error> {
    let accesses: Vec<ProductAccess> = rows.iter().map(access_of).collect();
    let own = HashSet::from([user]);
    let named = accesses.iter().flat_map(ProductAccess::groups);
    let groups = groups(db, workspace, named, Some(&own), locked).await?;
    Ok(accesses.iter().map(|access| role_in(access, user, role, &groups)).collect())
}

impl Viewer {
    /// What this person may do in products of which they know the rows, by their place in `rows`; `None` in those that do not
    /// exist for them.
    pub(crate) async fn roles_in(&self, rows: &[product::Model]) -> Result<Vec<Option<Role>>, Error> {
        let who = (self.member.id, self.member.role);
        roles_of(self.backend.db.reader(), self.workspace, who, rows, Locked::No).await
    }

    /// The member as they are now, whatever they were when they came.
    pub(crate) async fn current_member(&self) -> Result<Member, Error> {
        let key = (self.workspace.to_string(), self.member.id.to_string());
        let row = member::Entity::find_by_id(key).one(self.backend.db.reader()).await?;
        let row = row.filter(|row| row.removed_ms.is_none()).ok_or(Reject::NotMember)?;
        Ok(Member { role: parse(&row.role)?, ..self.member.clone() })
    }

    /// Whether there is a product that this person may change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn edits_any(&self) -> Result<bool, Error> {
        Ok(self.role().can_edit() || self.reach().await?.edits_any())
    }

    /// Whether there is a product in which this person may comment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn comments_any(&self) -> Result<bool, Error> {
        Ok(self.role().can_comment() || self.reach().await?.any(Role::can_comment))
    }

    /// The ids of the products that do not exist for this person.
    pub(crate) async fn hidden_products(&self) -> Result<Vec<String>, Error> {
        let rows = special(self.backend.db.reader(), self.workspace, None, Locked::No).await?;
        let roles = self.roles_in(&rows).await?;
        let hidden = rows.into_iter().zip(roles).filter(|(_, role)| role.is_none());
        Ok(hidden.map(|(row, _)| row.id).collect())
    }

    /// What this person may do in all products.
    pub(crate) async fn reach(&self) -> Result<Reach, Error> {
        let Self { member, workspace, .. } = self;
        Reach::of(self.backend.db.reader(), *workspace, (member.id, member.role), None, Locked::No).await
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
    /// In all products, or in those of some roadmaps.
    pub(crate) async fn of(
        db: &impl ConnectionTrait,
        workspace: WorkspaceId,
        who: (UserId, Role),
        roadmaps: Option<Vec<RoadmapId>>,
        locked: Locked,
    ) -> Result<Self, Error> {
        Ok(Self::of_each(db, workspace, &[who], roadmaps, locked).await?.remove(0))
    }

    /// The same for several members, by their place in `who`.
    pub(crate) async fn of_each(
        db: &impl ConnectionTrait,
        workspace: WorkspaceId,
        who: &[(UserId, Role)],
        roadmaps: Option<Vec<RoadmapId>>,
        locked: Locked,
    ) -> Result<Vec<Self>, Error> {
        let rows = special(db, workspace, roadmaps, locked).await?;
        let accesses = rows.iter().map(|row| Ok((parse(&row.roadmap_id)?, access_of(row))));
        let accesses: Vec<(RoadmapId, ProductAccess)> = accesses.collect::<Result<_, Error>>()?;
        let users = who.iter().map(|(user, _)| *user).collect();
        let named = accesses.iter().flat_map(|(_, access)| access.groups());
        let groups = groups(db, workspace, named, Some(&users), locked).await?;
        let reach = |(user, role)| {
            let roles = accesses.iter().map(|(id, access)| (*id, role_in(access, user, role, &groups)));
            Self { role, special: roles.collect() }
        };
        Ok(who.iter().copied().map(reach).collect())
    }

    /// Whether there is a product that the member may change.
    pub(crate) fn edits_any(&self) -> bool {
        self.any(Role::can_edit)
    }

    /// Whether the member's role allows something in any product.
    pub(crate) fn any(&self, allows: fn(Role) -> bool) -> bool {
        let here = self.special.values().flatten().copied();
        here.chain([self.role]).any(allows)
    }

    /// What the member may do in all of the products of these roadmaps; `None` when one of them does not exist for them.
    pub(crate) fn least(&self, roadmaps: impl IntoIterator<Item = RoadmapId>) -> Option<Role> {
        let role = |roadmap| self.special.get(&roadmap).copied().unwrap_or(Some(self.role));
        // None is less than any role.
        roadmaps.into_iter().map(role).min().unwrap_or(Some(self.role))
    }
}

/// Members who may vote in all of the products of these roadmaps, as a condition on `member`.
pub(crate) async fn voters(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    roadmaps: impl IntoIterator<Item = RoadmapId>,
) -> Result<Condition, Error> {
    let names = || Role::ALL.into_iter().filter(|role| role.can_vote()).map(Role::as_str);
    let roadmaps = roadmaps.into_iter().collect();
    let rows = special(db, workspace, Some(roadmaps), Locked::No).await?;
    if rows.is_empty() {
        return Ok(Condition::all().add(member::Column::Role.is_in(names())));
    }
    let mut voters = Condition::all();
    for row in &rows {
        let access = access_of(row);
        let people = |wanted: fn(Role) -> bool| {
            let people = access.grants.iter().filter_map(move |grant| match grant.to {
                Holder::Person(user) if wanted(grant.role) => Some(user.to_string()),
                _ => None,
            });
            member::Column::UserId.is_in(people)
        };
        let members = |wanted: fn(Role) -> bool| {
            let groups = access.grants.iter().filter_map(move |grant| match grant.to {
                Holder::Group(group) if wanted(grant.role) => Some(group.to_string()),
                _ => None,
            });
            let members = segment_member::Entity::find()
                .select_only()
                .column(segment_member::Column::UserId)
                .filter(segment_member::Column::WorkspaceId.eq(workspace.to_string()))
                .filter(segment_member::Column::SegmentId.is_in(groups))
                .into_query();
            member::Column::UserId.in_subquery(members)
        };
        // As in `ProductAccess::role_of`: a person's own role, then the highest of their groups', then that in the workspace.
        let mut of_workspace = Condition::all().add(members(|_| true).not());
        of_workspace = match access.visibility {
            Visibility::Everyone => of_workspace.add(member::Column::Role.is_in(names())),
            Visibility::Chosen => of_workspace.add(Expr::value(false)),
        };
        let of_groups = Condition::any().add(members(Role::can_vote)).add(of_workspace);
        let of_others = Condition::all().add(people(|_| true).not()).add(of_groups);
        let is_owner = member::Column::Role.eq(Role::Owner.as_str());
        voters = voters.add(Condition::any().add(is_owner).add(people(Role::can_vote)).add(of_others));
    }
    Ok(voters)
}

/// Whether a product of these roadmaps gives a role to a group.
pub(crate) async fn are_by_group(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    roadmaps: impl IntoIterator<Item = RoadmapId>,
) -> Result<bool, Error> {
    let rows = special(db, workspace, Some(roadmaps.into_iter().collect()), Locked::No).await?;
    Ok(rows.iter().any(|row| access_of(row).groups().next().is_some()))
}

/// Products with an access of their own: all, or those of some roadmaps. Locked, also those of them that have none, which they
/// would get otherwise before the transaction ends.
pub(crate) async fn special(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    roadmaps: Option<Vec<RoadmapId>>,
    locked: Locked,
) -> Result<Vec<product::Model>, Error> {
    let mut query = product::Entity::find()
        .filter(product::Column::WorkspaceId.eq(workspace.to_string()))
        .order_by_asc(product::Column::Id);
    if locked == Locked::No || roadmaps.is_none() {
        query = query.filter(product::Column::Access.ne(""));
    }
    if let Some(roadmaps) = roadmaps {
        query = query.filter(product::Column::RoadmapId.is_in(roadmaps.iter().map(ToString::to_string)));
    }
    if locked == Locked::Yes {
        query = query.lock(LockType::Share);
    }
    Ok(query.all(db).await?)
}
