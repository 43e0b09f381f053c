//! Who is asking, as types: a handle exists only for a person who passed the check, and has only the methods that
//! person may call. Changes check the role once more inside their transaction, because it may have been taken away
//! in between.

pub(crate) mod product;

use std::{
    ops::{ControlFlow, Deref},
    time::Duration,
};

use domain::{Member, ProductId, ProductKey, Reject, Role, Timestamp, UserId, WorkspaceId};
use sea_orm::{DatabaseTransaction, EntityTrait, QuerySelect, sea_query::LockType};
use serde_json::Value;

use crate::{
    Backend, Database, Error,
    audit::{self, Action},
    clock::now,
    codec::parse,
    entity::{self, member, workspace},
    people::channels::{self, SessionKey},
    products,
};

/// An active member of the workspace: may read.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub(crate) backend: Backend,
    pub(crate) workspace: WorkspaceId,
    pub(crate) member: Member,
    /// How the person came in; `None` for what the program does by itself.
    pub(crate) session: Option<SessionKey>,
}

/// A member who may change roadmaps and products: all of them, or one, see [`Viewer::as_editor_of`]. What they change asks for
/// their role once more, in the workspace or the product.
#[derive(Clone, Debug)]
pub struct Editor(Viewer);

/// A member who may manage people.
#[derive(Clone, Debug)]
pub struct Owner(Editor);

impl Viewer {
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The person asking.
    pub fn member(&self) -> &Member {
        &self.member
    }

    pub fn role(&self) -> Role {
        self.member.role
    }

    /// # Errors
    /// [`Reject::NotAllowed`] for viewers and stakeholders.
    pub fn as_editor(&self) -> Result<Editor, Error> {
        self.at_least(Role::Editor).map(Editor)
    }

    /// For what changes one product, where this person may have another role than in the workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for this person, [`Reject::NotAllowed`] when they may only read it.
    pub async fn as_editor_of(&self, key: &ProductKey) -> Result<Editor, Error> {
        let product = self.product(key).await?;
        if product.role.can_edit() {
            Ok(Editor(self.clone()))
        } else {
            Err(Reject::NotAllowed(product.role).into())
        }
    }

    /// # Errors
    /// [`Reject::NotAllowed`] for everyone but owners.
    pub fn as_owner(&self) -> Result<Owner, Error> {
        self.at_least(Role::Owner).map(Editor).map(Owner)
    }

    fn at_least(&self, role: Role) -> Result<Viewer, Error> {
        if self.role() >= role { Ok(self.clone()) } else { Err(Reject::NotAllowed(self.role()).into()) }
    }
}

impl Deref for Editor {
    type Target = Viewer;

    fn deref(&self) -> &Viewer {
        &self.0
    }
}

impl Deref for Owner {
    type Target = Editor;

    fn deref(&self) -> &Editor {
        &self.0
    }
}

/// Does a block in one transaction, again if another transaction got in its way: `change!(backend, |tx| { … })`.
/// Inside, `?` and `return` leave the block and undo what it did.
///
/// A macro, because the compiler cannot yet show that a future made by a borrowing async closure may change threads.
macro_rules! change {
    ($backend:expr, |$tx:ident| $work:block) => {{
        let mut attempt = 1;
        loop {
            let transaction = $backend.db.begin().await?;
            let result: Result<_, $crate::Error> = {
                let $tx = &transaction;
                async { $work }.await
            };
            match $crate::access::finish(transaction, result, &mut attempt).await {
                std::ops::ControlFlow::Break(result) => break result,
                std::ops::ControlFlow::Continue(()) => {}
            }
        }
    }};
}
pub(crate) use change;

/// How often a change is tried that gets in the way of others.
const ATTEMPTS: u32 = 10;

/// Commits or undoes a transaction, and says whether to try once more.
pub(crate) async fn finish<T>(
    transaction: DatabaseTransaction,
    result: Result<T, Error>,
    attempt: &mut u32,
) -> ControlFlow<Result<T, Error>> {
    let result = match result {
        Ok(value) => Database::commit(transaction).await.map(|()| value).map_err(Error::from),
        Err(error) => {
            // The connection undoes it by itself when it is given back; asking first makes that prompt.
            if let Err(error) = transaction.rollback().await {
                tracing::debug!(%error, "rollback failed");
            }
            Err(error)
        }
    };
    match result {
        Err(error) if error.retryable() && *attempt < ATTEMPTS => {
            tokio::time::sleep(Duration::from_millis(u64::from(*attempt * *attempt))).await;
            *attempt += 1;
            ControlFlow::Continue(())
        }
        result => ControlFlow::Break(result),
    }
}

/// A change of records in progress: holds the workspace's lock, so such changes happen one after another.
#[derive(Debug)]
pub(crate) struct RecordTx<'tx> {
    pub(crate) tx: &'tx DatabaseTransaction,
    pub(crate) workspace: WorkspaceId,
    pub(crate) actor: UserId,
    pub(crate) at: Timestamp,
}

impl<'tx> RecordTx<'tx> {
    /// Begins a change by a member, whose session must still hold and whose role in the workspace must still allow it.
    pub(crate) async fn by_member(
        tx: &'tx DatabaseTransaction,
        viewer: &Viewer,
        needed: Role,
    ) -> Result<Self, Error> {
        let change = Self::begin(tx, viewer.workspace, viewer.member.id).await?;
        let role = change.role_of(viewer.member.id).await?.ok_or(Reject::NotMember)?;
        change.holds(viewer, role, needed).await?;
        Ok(change)
    }

    /// Begins a change of a product by a member, whose session must still hold and whose role in the product must still allow it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the product does not exist for the member.
    pub(crate) async fn in_product(
        tx: &'tx DatabaseTransaction,
        viewer: &Viewer,
        key: &ProductKey,
        needed: Role,
    ) -> Result<(Self, entity::product::Model), Error> {
        let (change, row, _) = Self::in_product_as(tx, viewer, key, needed).await?;
        Ok((change, row))
    }

    /// As [`RecordTx::in_product`], where the product is not in the archive.
    ///
    /// # Errors
    /// [`Reject::Archived`] when it is, otherwise as [`RecordTx::in_product`].
    pub(crate) async fn in_open_product(
        tx: &'tx DatabaseTransaction,
        viewer: &Viewer,
        key: &ProductKey,
        needed: Role,
    ) -> Result<(Self, entity::product::Model), Error> {
        let (change, row) = Self::in_product(tx, viewer, key, needed).await?;
        if row.archived_ms.is_some() { Err(Reject::Archived.into()) } else { Ok((change, row)) }
    }

    /// As [`RecordTx::in_product`], with what the member may do there.
    pub(crate) async fn in_product_as(
        tx: &'tx DatabaseTransaction,
        viewer: &Viewer,
        key: &ProductKey,
        needed: Role,
    ) -> Result<(Self, entity::product::Model, Role), Error> {
        let change = Self::begin(tx, viewer.workspace, viewer.member.id).await?;
        let own = change.role_of(viewer.member.id).await?.ok_or(Reject::NotMember)?;
        let row = products::find(tx, change.workspace, key).await?.ok_or_else(|| products::unknown(key))?;
        let role =
            change.role_in(viewer.member.id, own, &row).await?.ok_or_else(|| products::unknown(key))?;
        change.holds(viewer, role, needed).await?;
        Ok((change, row, role))
    }

    /// Whether a member's role allows a change, and their session still holds.
    async fn holds(&self, viewer: &Viewer, role: Role, needed: Role) -> Result<(), Error> {
        if role < needed {
            return Err(Reject::NotAllowed(role).into());
        }
        let session = viewer.session.iter().map(|session| session.hash).collect();
        let holds = channels::lock_sessions(self.tx, &session, self.at).await? == session;
        if holds { Ok(()) } else { Err(channels::ended()) }
    }

    /// What a member with a role in the workspace may do in a product.
    pub(crate) async fn role_in(
        &self,
        user: UserId,
        role: Role,
        row: &entity::product::Model,
    ) -> Result<Option<Role>, Error> {
        let row = std::slice::from_ref(row);
        let roles = product::roles_of(self.tx, self.workspace, (user, role), row, product::Locked::No);
        Ok(roles.await?.remove(0))
    }

    /// Begins a change whose right does not come from a role: an invitation's or the command line's.
    pub(crate) async fn begin(
        tx: &'tx DatabaseTransaction,
        workspace: WorkspaceId,
        actor: UserId,
    ) -> Result<Self, Error> {
        workspace::Entity::find_by_id(workspace.to_string())
            .lock(LockType::Update)
            .one(tx)
            .await?
            .ok_or_else(|| Error::internal("the workspace has gone"))?;
        Ok(Self { tx, workspace, actor, at: now() })
    }

    /// The role of an active member.
    pub(crate) async fn role_of(&self, user: UserId) -> Result<Option<Role>, Error> {
        let row =
            member::Entity::find_by_id((self.workspace.to_string(), user.to_string())).one(self.tx).await?;
        row.filter(|row| row.removed_ms.is_none())
            .map(|row| row.role.parse().map_err(|error: String| Error::internal(error)))
            .transpose()
    }

    /// Writes what was done into the audit log.
    pub(crate) async fn audit(&self, action: Action, object: &str, body: Value) -> Result<(), Error> {
        let product: Option<ProductId> = action.is_of_product().then(|| parse(object)).transpose()?;
        self.audit_about(product.as_slice(), action, object, body).await
    }

    /// As [`RecordTx::audit`], for what belongs to the history of products and is done to something else.
    pub(crate) async fn audit_about(
        &self,
        products: &[ProductId],
        action: Action,
        object: &str,
        body: Value,
    ) -> Result<(), Error> {
        let (workspace, at, actor) = (self.workspace, self.at, self.actor);
        audit::append(self.tx, audit::Event { workspace, at, actor, action, object, products, body }).await
    }
}
