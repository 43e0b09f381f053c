//! Closing a session: the count is frozen, and a secret session forgets whose ballot is whose.

use std::collections::BTreeMap;

use domain::{
    ItemId, SegmentId, Timestamp, UserId, VotingId, WorkspaceId,
    voting::{Candidate, Phase, PublishedBallot, Reveal, Segment, Turnout, Weight, groups},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend,
    EntityTrait, IntoActiveModel, QueryFilter, Statement,
};
use serde_json::json;

use super::{
    board, gate, record,
    secret::unhex,
    session::{self, Outcome, Session, segment_from},
};
use crate::{
    Backend, Error,
    access::{Change, change},
    audit::Action,
    db::MAX_VALUES,
    entity::{segment, voting_ballot, voting_cast},
    people::tokens::random_bytes,
    rooms::{json as parse_json, to_json},
};

/// How often a close is tried that finds other casts than were let in.
const ATTEMPTS: u32 = 3;

/// Columns of a ballot's row.
const COLUMNS: usize = 11;

/// Closes a session, if it is open.
pub(super) async fn close(
    backend: &Backend,
    workspace: WorkspaceId,
    id: VotingId,
    actor: UserId,
) -> Result<(), Error> {
    let mut attempt = 1;
    let closed = loop {
        let mut differs = false;
        let closed = change!(backend, |tx| {
            let change = Change::begin(tx, workspace, actor).await?;
            let session = session::lock(tx, workspace, id).await?;
            if session.phase != Phase::Open {
                return Ok(None);
            }
            let secret = session.is_secret();
            backend.voting.pauses.pause().await;
            let casts = gate::shut(tx, &session).await?;
            backend.voting.pauses.pause().await;
            if session::casts(tx, &session).await? != casts {
                differs = true;
                return Err(differing(tx, &session).await?);
            }
            count(backend, &change, session).await?;
            Ok(Some(secret))
        });
        match closed {
            Err(error) if differs && attempt < ATTEMPTS => {
                tracing::warn!(?error, attempt, "a voting session is not closed; it is tried again");
                attempt += 1;
            }
            closed => break closed?,
        }
    };
    backend.voting_changed(id);
    if closed == Some(true) {
        forget(backend).await;
    }
    if closed.is_some() {
        board::tell(backend, workspace, id).await;
    }
    Ok(())
}

/// What a session is not closed for: other casts were let in than there are ballots for. Has all figures.
async fn differing(tx: &DatabaseTransaction, session: &Session) -> Result<Error, Error> {
    let counters: Vec<String> = gate::counters(tx, session)
        .await?
        .iter()
        .map(|row| format!("{}: {}{}", row.stripe, row.casts, if row.open == 1 { " open" } else { "" }))
        .collect();
    let casts: Vec<i64> =
        session::ballots(session.workspace, session.id).all(tx).await?.iter().map(|row| row.casts).collect();
    Ok(Error::internal(format!(
        "session {} let in other casts than its ballots count: counters [{}], casts of the {} ballots {casts:?}",
        session.id,
        counters.join(", "),
        casts.len(),
    )))
}

async fn count(backend: &Backend, change: &Change<'_>, mut session: Session) -> Result<(), Error> {
    let tx = change.tx;
    let turnout = session::turnout(tx, &session).await?;
    let rows = session::ballots(session.workspace, session.id).all(tx).await?;
    backend.voting.pauses.pause().await;
    let open = session.open_candidates();
    let mut ballots = Vec::with_capacity(rows.len());
    for row in &rows {
        holds(&session, &open, row)?;
        ballots.push(record::published(row)?);
    }
    let segments = segments(tx, &session).await?;
    if session.is_secret() {
        if ballots.len() < usize::try_from(groups::LEAST).unwrap_or(usize::MAX) {
            ballots.clear();
        }
        merge_small_groups(&mut ballots, &segments);
    }
    let record = record::of(&session.draft, ballots);
    if session.is_secret() {
        write_anew(tx, &session, &open, &record.ballots).await?;
    }
    gate::remove(tx, &session).await?;
    session.phase = match session.draft.reveal {
        Reveal::AtClose => Phase::Revealed,
        Reveal::ByHand => Phase::Closed,
    };
    session.draft.closes =
        Some(session.draft.closes.map_or(change.at, |closes| Timestamp(closes.0.min(change.at.0))));
    session.save_closed(tx, turnout, &Outcome { record, segments }).await?;
    let Turnout { invited, cast } = turnout;
    let body = json!({ "invited": invited, "cast": cast });
    change.audit(Action::VotingClosed, &session.id.to_string(), body).await
}

/// Whether a ballot costs what its row says, and no more than its voter had.
pub(super) fn holds(session: &Session, open: &[Candidate], row: &voting_ballot::Model) -> Result<(), Error> {
    let cost = session.draft.rules.cost(&parse_json(&row.choices)?, open);
    if i64::try_from(cost) != Ok(row.spent) || row.spent > row.tokens {
        return Err(Error::internal(format!(
            "a ballot of session {} costs {cost}, its row says {} of {}",
            session.id, row.spent, row.tokens
        )));
    }
    Ok(())
}

/// Small groups of a secret session are counted among everybody else, and what is kept says no more. All ballots of a group
/// weigh what it weighs now: one that kept the weight of its hour would say when it was cast.
fn merge_small_groups(ballots: &mut [PublishedBallot], segments: &[Segment]) {
    let mut sizes: BTreeMap<Option<SegmentId>, u32> = BTreeMap::new();
    for ballot in ballots.iter() {
        *sizes.entry(ballot.group).or_default() += 1;
    }
    let shown = groups::shown(&sizes);
    for ballot in ballots.iter_mut() {
        ballot.group = ballot.group.filter(|group| shown.contains(group));
        let segment = segments.iter().find(|segment| Some(segment.id) == ballot.group);
        ballot.weight = segment.map_or(Weight::ONE, |segment| segment.weight);
    }
}

/// Replaces all that was stored of casts by what is published, in the order of receipts and under names made of chance.
/// Neither a key nor the order of rows leads from what is left to a voter.
async fn write_anew(
    tx: &DatabaseTransaction,
    session: &Session,
    open: &[Candidate],
    ballots: &[PublishedBallot],
) -> Result<(), Error> {
    let (workspace, id) = (session.workspace.to_string(), session.id.to_string());
    voting_cast::Entity::delete_many()
        .filter(voting_cast::Column::WorkspaceId.eq(&workspace))
        .filter(voting_cast::Column::VotingId.eq(&id))
        .exec(tx)
        .await?;
    voting_ballot::Entity::delete_many()
        .filter(voting_ballot::Column::WorkspaceId.eq(&workspace))
        .filter(voting_ballot::Column::VotingId.eq(&id))
        .exec(tx)
        .await?;
    let rules = session.draft.rules;
    let row = |ballot: &PublishedBallot| voting_ballot::ActiveModel {
        workspace_id: Set(workspace.clone()),
        voting_id: Set(id.clone()),
        pseudonym: Set(random_bytes::<32>().to_vec()),
        tokens: Set(i64::from(rules.tokens)),
        spent: Set(i64::try_from(rules.cost(&ballot.choices, open)).unwrap_or(i64::MAX)),
        casts: Set(1),
        choices: Set(to_json(&ballot.choices)),
        nonce: Set(unhex(&ballot.nonce).unwrap_or_default()),
        receipt: Set(ballot.receipt.0.clone()),
        weight: Set(i64::from(ballot.weight.thousandths())),
        segment_id: Set(ballot.group.map(|group| group.to_string())),
    };
    for some in ballots.chunks(MAX_VALUES / COLUMNS) {
        voting_ballot::Entity::insert_many(some.iter().map(row)).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The segments by which votes are split, as they are now.
pub(super) async fn segments(db: &impl ConnectionTrait, session: &Session) -> Result<Vec<Segment>, Error> {
    let Some(kind) = session.draft.split else { return Ok(Vec::new()) };
    let rows = segment::Entity::find()
        .filter(segment::Column::WorkspaceId.eq(session.workspace.to_string()))
        .filter(segment::Column::Kind.eq(kind.as_str()))
        .all(db)
        .await?;
    rows.into_iter().map(|row| segment_from(row, 0)).collect()
}

/// Takes items off the ballot of an open session that is held for update, and gives back what they got. Ballots stay as
/// they were cast, so that receipts hold; what is withdrawn costs nothing and is not counted.
pub(super) async fn withdraw(
    change: &Change<'_>,
    mut session: Session,
    items: &[ItemId],
) -> Result<(), Error> {
    gate::hold(change.tx, &session).await?;
    let mut keys = Vec::new();
    for candidate in &mut session.draft.candidates {
        if items.contains(&candidate.item) && !candidate.withdrawn {
            candidate.withdrawn = true;
            keys.push(candidate.key.clone());
        }
    }
    let open = session.open_candidates();
    for row in session::ballots(session.workspace, session.id).all(change.tx).await? {
        let cost = session.draft.rules.cost(&parse_json(&row.choices)?, &open);
        let spent = i64::try_from(cost).map_err(Error::internal)?;
        if spent != row.spent {
            let mut row = row.into_active_model();
            row.spent = Set(spent);
            row.update(change.tx).await?;
        }
    }
    session.save(change.tx).await?;
    change.audit(Action::CandidateWithdrawn, &session.id.to_string(), json!({ "items": keys })).await
}

/// Makes the database forget what a secret session deleted, as far as it can be made to. What is certain is that the
/// salt has gone, without which nothing that might be left names anybody.
async fn forget(backend: &Backend) {
    let writer = backend.db.writer();
    let result = match writer.get_database_backend() {
        DbBackend::Sqlite => {
            let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
            writer.query_one_raw(statement).await.map(drop)
        }
        _ => writer.execute_unprepared("VACUUM voting, voting_ballot, voting_cast").await.map(drop),
    };
    if let Err(error) = result {
        tracing::warn!(%error, "old versions of a secret session's rows may stay in the database for a while");
    }
}
