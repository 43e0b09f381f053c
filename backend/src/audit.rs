//! The audit log: every change of a record, in the transaction that made it, each event bound to the one before by
//! its hash. What is done to roadmaps is in their rooms' logs instead.

use domain::{ProductId, Timestamp, UserId, WorkspaceId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Backend, Error,
    codec::{signed, unsigned},
    entity::{audit, audit_product},
    halving::Halving,
};

domain::choices! {
    /// What was done.
    Action {
        WorkspaceCreated = "workspace.created", "created the workspace";
        WorkspaceEdited = "workspace.edited", "edited the workspace";
        MemberAdded = "member.added", "added a member";
        MemberJoined = "member.joined", "joined by an invitation";
        RoleChanged = "member.role_changed", "changed a role";
        ProfileChanged = "member.profile_changed", "changed their name or colour";
        PasswordChanged = "member.password_changed", "changed their password";
        MemberRemoved = "member.removed", "removed a member";
        Invited = "invitation.created", "made an invitation";
        InvitationRevoked = "invitation.revoked", "revoked an invitation";
        ProductCreated = "product.created", "created a product";
        ProductEdited = "product.edited", "edited a product";
        ProductArchived = "product.archived", "archived a product";
        ProductRestored = "product.restored", "restored a product";
        AccessChanged = "product.access_changed", "changed who sees a product";
        ScoresSet = "product.scores_set", "chose how a product is scored";
        BalanceMoved = "product.balance_moved", "took a product out of its target mix, or back";
        BaselineNamed = "baseline.named", "named a moment of a roadmap";
        BaselineRemoved = "baseline.removed", "removed the name of a moment of a roadmap";
        VotingCreated = "voting.created", "set up a voting session";
        VotingEdited = "voting.edited", "edited a voting session";
        VotingDeleted = "voting.deleted", "deleted a voting session that was never opened";
        VotingScheduled = "voting.scheduled", "scheduled a voting session";
        VotingOpened = "voting.opened", "opened a voting session";
        VotingClosed = "voting.closed", "closed a voting session";
        VotingUncounted = "voting.uncounted", "ended a voting session without a result";
        VotingRevealed = "voting.revealed", "revealed the result of a voting session";
        OrderTaken = "voting.order_taken", "applied the order of a voting session";
        OrderUndone = "voting.order_undone", "undid applying the order of a voting session";
        CandidateWithdrawn = "voting.candidate_withdrawn", "withdrew a candidate";
        VoterAdded = "voting.voter_added", "added a voter";
        VoterRemoved = "voting.voter_removed", "removed a voter";
        EntryMade = "voting.entry_made", "made a code for guests";
        EntryRevoked = "voting.entry_revoked", "revoked a code for guests";
        SegmentSaved = "segment.saved", "saved a segment";
        SegmentRemoved = "segment.removed", "removed a segment";
        SegmentAssigned = "segment.assigned", "assigned a member to a segment";
        RecordCreated = "record.created", "added a record";
        RecordChanged = "record.changed", "changed a record";
        RecordDeleted = "record.deleted", "moved a record to the bin";
        RecordRestored = "record.restored", "restored a record";
        FeedMade = "feed.made", "made a calendar link";
        FeedRevoked = "feed.revoked", "revoked a calendar link";
        FileAttached = "file.attached", "attached a file";
        Measured = "figure.measured", "recorded measurements of a key figure";
        MeasurementRemoved = "figure.measurement_removed", "removed a measurement of a key figure";
        MoneyAdded = "money.added", "added money entries";
        MoneyChanged = "money.changed", "changed a money entry";
        MoneyRemoved = "money.removed", "removed a money entry";
        MoneyRestored = "money.restored", "restored a money entry";
    }
}

impl Action {
    /// Whether what it is done to is a product.
    pub(crate) fn is_of_product(self) -> bool {
        self.as_str().starts_with("product.")
    }
}

/// Who did what to which thing.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub(crate) workspace: WorkspaceId,
    pub(crate) at: Timestamp,
    pub(crate) actor: UserId,
    pub(crate) action: Action,
    pub(crate) object: &'a str,
    /// The products that it is about, whose history shows it.
    pub(crate) products: &'a [ProductId],
    /// What changed. Never a secret, never what somebody voted.
    pub(crate) body: Value,
}

/// Appends an event. The caller holds the workspace's lock, so the chain cannot fork.
pub(crate) async fn append(tx: &DatabaseTransaction, event: Event<'_>) -> Result<(), Error> {
    let workspace = event.workspace.to_string();
    let last = audit::Entity::find()
        .filter(audit::Column::WorkspaceId.eq(&workspace))
        .order_by_desc(audit::Column::N)
        .one(tx)
        .await?;
    let (n, prev_hash) = last.map_or((1, Vec::new()), |last| (last.n + 1, last.hash));
    let mut row = audit::Model {
        workspace_id: workspace,
        n,
        at_ms: event.at.0,
        actor_id: event.actor.to_string(),
        action: event.action.as_str().to_owned(),
        object: event.object.to_owned(),
        body: event.body.to_string(),
        prev_hash,
        hash: Vec::new(),
    };
    row.hash = hash(&row);
    let links: Vec<_> = event
        .products
        .iter()
        .map(|product| audit_product::ActiveModel {
            workspace_id: Set(row.workspace_id.clone()),
            product_id: Set(product.to_string()),
            n: Set(n),
        })
        .collect();
    audit::Entity::insert(audit::ActiveModel {
        workspace_id: Set(row.workspace_id),
        n: Set(row.n),
        at_ms: Set(row.at_ms),
        actor_id: Set(row.actor_id),
        action: Set(row.action),
        object: Set(row.object),
        body: Set(row.body),
        prev_hash: Set(row.prev_hash),
        hash: Set(row.hash),
    })
    .exec_without_returning(tx)
    .await?;
    if !links.is_empty() {
        audit_product::Entity::insert_many(links).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The number of the last event at a time; see [`Halving`].
pub(crate) async fn last_before(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    time: Timestamp,
) -> Result<u64, Error> {
    let workspace = workspace.to_string();
    let last: Option<i64> = audit::Entity::find()
        .select_only()
        .column(audit::Column::N)
        .filter(audit::Column::WorkspaceId.eq(&workspace))
        .order_by_desc(audit::Column::N)
        .into_tuple()
        .one(db)
        .await?;
    let mut search = Halving::up_to(unsigned(last.unwrap_or(0))?);
    while let Some(middle) = search.middle() {
        let at: Option<i64> = audit::Entity::find()
            .select_only()
            .column(audit::Column::AtMs)
            .filter(audit::Column::WorkspaceId.eq(&workspace))
            .filter(audit::Column::N.eq(signed(middle)))
            .into_tuple()
            .one(db)
            .await?;
        search.answer(at.is_some_and(|at| at <= time.0));
    }
    Ok(search.found())
}

/// SHA-256 over the previous hash and every field, each preceded by its length so that none can lend to the next.
fn hash(row: &audit::Model) -> Vec<u8> {
    let mut hasher = Sha256::new();
    for field in [
        &row.prev_hash[..],
        row.workspace_id.as_bytes(),
        &row.n.to_be_bytes(),
        &row.at_ms.to_be_bytes(),
        row.actor_id.as_bytes(),
        row.action.as_bytes(),
        row.object.as_bytes(),
        row.body.as_bytes(),
    ] {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    hasher.finalize().to_vec()
}

/// Events read at once while verifying.
const PAGE: u64 = 1_000;

impl Backend {
    /// Checks the audit log from the first event on and counts its events.
    ///
    /// # Errors
    /// [`Error::Conflict`] names the first event that was changed, removed or put in.
    pub async fn verify_audit(&self) -> Result<u64, Error> {
        match self.people().workspace().await? {
            Some(workspace) => verify(self.db.reader(), workspace.id).await,
            None => Ok(0),
        }
    }
}

async fn verify(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<u64, Error> {
    let (mut n, mut prev_hash) = (0_i64, Vec::new());
    loop {
        let page = audit::Entity::find()
            .filter(audit::Column::WorkspaceId.eq(workspace.to_string()))
            .filter(audit::Column::N.gt(n))
            .order_by_asc(audit::Column::N)
            .limit(PAGE)
            .all(db)
            .await?;
        if page.is_empty() {
            return Ok(n.unsigned_abs());
        }
        for row in page {
            if row.n != n + 1 || row.prev_hash != prev_hash || row.hash != hash(&row) {
                return Err(Error::Conflict(format!("The audit log was tampered with at event {}.", n + 1)));
            }
            (n, prev_hash) = (row.n, row.hash);
        }
    }
}
