//! Closing a session: its ballots are decrypted, counted and written again, and its key is destroyed. Of a secret session
//! nothing is left that says whose ballot is whose.

use std::collections::BTreeMap;

use domain::{
    ItemId, Role, SegmentId, Timestamp, UserId, VotingId, WorkspaceId,
    voting::{Candidate, CastRefusal, Phase, Reveal, Segment, Turnout, VoterKind, Weight, groups},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
};
use serde_json::json;

use super::{
    board, forget, gate, record, roll,
    sealed::{Content, SessionKey},
    secret::{RoundKey, Who},
    session::{self, Outcome, Session, segment_from},
};
use crate::{
    Backend, Editor, Error,
    access::{RecordTx, change},
    audit::Action,
    codec::to_json,
    db::MAX_VALUES,
    entity::{segment, voting_ballot, voting_cast},
    people::tokens::random_bytes,
};

/// How often a close is tried that finds other casts than were let in.
const ATTEMPTS: u32 = 3;

/// Columns of a ballot's row.
const COLUMNS: usize = 13;

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
            let change = RecordTx::begin(tx, workspace, actor).await?;
            let session = session::lock(tx, workspace, id).await?;
            if session.phase != Phase::Open {
                return Ok(None);
            }
            let key = session.session_key(&backend.voting)?;
            backend.voting.pauses.pause().await;
            let casts = gate::shut(tx, &session).await?;
            backend.voting.pauses.pause().await;
            if session::casts(tx, &session).await? != casts {
                differs = true;
                return Err(differing(tx, &session).await?);
            }
            count(backend, &change, session, &key).await.map(Some)
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
    if let Some(traces) = closed {
        forget::forget(backend, id, traces).await;
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

/// A ballot on its way from an open session's rows to those of a closed one.
struct Counted {
    /// Under which it was stored while the session was open.
    pseudonym: Vec<u8>,
    content: Content,
    /// Whether its voter cast it; otherwise an editor did, on behalf of a customer.
    own: bool,
}

/// Counts a session whose gate is shut, and writes its ballots again. Returns what must no longer be found anywhere.
async fn count(
    backend: &Backend,
    change: &RecordTx<'_>,
    mut session: Session,
    key: &SessionKey,
) -> Result<Vec<Vec<u8>>, Error> {
    let tx = change.tx;
    let turnout = session::turnout(tx, &session).await?;
    let rows = session::ballots(session.workspace, session.id).all(tx).await?;
    backend.voting.pauses.pause().await;
    let people = session::people(tx, &session).await?;
    let people: BTreeMap<Vec<u8>, (Who, bool)> = people
        .into_iter()
        .map(|(who, kind)| (key.pseudonym(who), (who, kind != Some(VoterKind::Customer))))
        .collect();
    let open = session.open_candidates();
    let mut ballots = Vec::with_capacity(rows.len());
    for row in &rows {
        let content = session.content(Some(key), row)?;
        holds(&session, &open, row, &content)?;
        let (_, own) = people
            .get(&row.pseudonym)
            .ok_or_else(|| Error::internal("a ballot belongs to nobody who could vote in its session"))?;
        ballots.push(Counted { pseudonym: row.pseudonym.clone(), content, own: *own });
    }
    let segments = session.segments().to_vec();
    if session.is_secret() {
        if ballots.iter().filter(|ballot| ballot.own).count() < groups::LEAST as usize {
            ballots.clear();
        }
        merge_small_groups(&mut ballots, &segments);
    }
    // The order in which they were cast is not kept.
    ballots.sort_by_cached_key(|ballot| ballot.content.receipt(&session));
    let published = ballots.iter().map(|ballot| record::published(&session, &ballot.content)).collect();
    let record = record::with_digest(record::of(&session, turnout, published));
    let names = match session.is_secret() {
        true => None,
        false => {
            let salt = random_bytes::<32>().to_vec();
            let round = RoundKey::new(backend.voting.secret()?, &salt);
            Some((salt, round))
        }
    };
    let named = |ballot: &Counted| match &names {
        Some((_, round)) => round.pseudonym(people[&ballot.pseudonym].0),
        None => random_bytes::<32>().to_vec(),
    };
    let ballots: Vec<_> = ballots.iter().map(|ballot| (named(ballot), &ballot.content)).collect();
    remove_rows(tx, &session).await?;
    write_rows(tx, &session, &open, &ballots).await?;
    if let Some((_, round)) = &names {
        write_answers(tx, &session, round, &ballots).await?;
    }
    gate::remove(tx, &session).await?;
    roll::remove(tx, &session).await?;
    end(change, &mut session);
    session.save_closed(tx, turnout, &Outcome { record, segments, uncounted: false }, names).await?;
    let Turnout { invited, cast } = turnout;
    let body = json!({ "invited": invited, "cast": cast });
    change.audit(Action::VotingClosed, &session.id.to_string(), body).await?;
    Ok(rows.into_iter().take(forget::TRACES).map(|row| row.pseudonym).collect())
}

/// Moves a session on into the phase after its end.
fn end(change: &RecordTx<'_>, session: &mut Session) {
    session.phase = match session.draft.reveal {
        Reveal::AtClose => Phase::Revealed,
        Reveal::ByHand => Phase::Closed,
    };
    session.draft.closes =
        Some(session.draft.closes.map_or(change.at, |closes| Timestamp(closes.0.min(change.at.0))));
}

impl Editor {
    /// Ends an open session without a result, because the key of its ballots was lost. The ballots are deleted.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the session is not open, or can be closed and counted.
    pub async fn end_uncounted(&self, id: VotingId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let mut session = self.lock_led(&change, id).await?;
            if session.phase != Phase::Open {
                return Err(Error::Conflict("This voting session is not open.".into()));
            }
            if session.session_key(&self.backend.voting).is_ok() {
                return Err(Error::Conflict("This voting session can be counted. Close it instead.".into()));
            }
            gate::shut(tx, &session).await?;
            let turnout = session::turnout(tx, &session).await?;
            remove_rows(tx, &session).await?;
            gate::remove(tx, &session).await?;
            roll::remove(tx, &session).await?;
            session.draft.reveal = Reveal::AtClose;
            end(&change, &mut session);
            let record = record::with_digest(record::of(&session, turnout, Vec::new()));
            let outcome = Outcome { record, segments: Vec::new(), uncounted: true };
            session.save_closed(tx, turnout, &outcome, None).await?;
            let body = json!({ "invited": turnout.invited, "cast": turnout.cast });
            change.audit(Action::VotingUncounted, &id.to_string(), body).await
        })?;
        self.backend.voting_changed(id);
        board::tell(&self.backend, self.workspace, id).await;
        Ok(())
    }
}

/// Whether a ballot costs no more than its voter had, and its row says what it costs: nothing while it is encrypted.
pub(super) fn holds(
    session: &Session,
    open: &[Candidate],
    row: &voting_ballot::Model,
    content: &Content,
) -> Result<(), Error> {
    let cost = i64::try_from(session.draft.rules.cost(&content.choices, open)).unwrap_or(i64::MAX);
    let said = if row.sealed.is_some() { 0 } else { cost };
    if row.spent != said || cost > row.tokens {
        return Err(Error::internal(format!(
            "a ballot of session {} costs {cost}, its row says {} of {}",
            session.id, row.spent, row.tokens
        )));
    }
    Ok(())
}

/// Small groups of a secret session are counted among everybody else, and what is kept says no more. All ballots of a group
/// weigh the same: one with a weight of its own would say when it was cast.
fn merge_small_groups(ballots: &mut [Counted], segments: &[Segment]) {
    let mut sizes: BTreeMap<Option<SegmentId>, groups::Size> = BTreeMap::new();
    for ballot in ballots.iter() {
        let size = sizes.entry(ballot.content.group).or_default();
        size.ballots += 1;
        size.own += u32::from(ballot.own);
    }
    let shown = groups::shown(&sizes);
    for Counted { content, .. } in ballots.iter_mut() {
        content.group = content.group.filter(|group| shown.contains(group));
        let segment = segments.iter().find(|segment| Some(segment.id) == content.group);
        content.weight = segment.map_or(Weight::ONE, |segment| segment.weight);
    }
}

/// Deletes all that was stored of casts.
pub(super) async fn remove_rows(tx: &DatabaseTransaction, session: &Session) -> Result<(), Error> {
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
    Ok(())
}

/// Writes the ballots of a closed session, in the order of their receipts and under names that no earlier copy of the
/// database has. Neither a key nor the order of rows leads from what is left to a voter.
async fn write_rows(
    tx: &DatabaseTransaction,
    session: &Session,
    open: &[Candidate],
    ballots: &[(Vec<u8>, &Content)],
) -> Result<(), Error> {
    let rules = session.draft.rules;
    let row = |(name, content): &(Vec<u8>, &Content)| voting_ballot::ActiveModel {
        workspace_id: Set(session.workspace.to_string()),
        voting_id: Set(session.id.to_string()),
        pseudonym: Set(name.clone()),
        tokens: Set(i64::from(rules.tokens)),
        spent: Set(i64::try_from(rules.cost(&content.choices, open)).unwrap_or(i64::MAX)),
        casts: Set(1),
        choices: Set(to_json(&content.choices)),
        nonce: Set(content.nonce.clone()),
        receipt: Set(content.receipt(session)),
        weight: Set(i64::from(content.weight.thousandths())),
        segment_id: Set(content.group.map(|group| group.to_string())),
        sealed: Set(None),
        answers: Set(0),
    };
    for some in ballots.chunks(MAX_VALUES / COLUMNS) {
        voting_ballot::Entity::insert_many(some.iter().map(row)).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes the answers to the casts that are counted, for when they are sent again.
async fn write_answers(
    tx: &DatabaseTransaction,
    session: &Session,
    round: &RoundKey,
    ballots: &[(Vec<u8>, &Content)],
) -> Result<(), Error> {
    let row = |(name, content): &(Vec<u8>, &Content)| {
        let (cast_id, digest) = round.number(&content.number);
        voting_cast::ActiveModel {
            workspace_id: Set(session.workspace.to_string()),
            voting_id: Set(session.id.to_string()),
            pseudonym: Set(name.clone()),
            cast_id: Set(cast_id),
            digest: Set(digest),
            answer: Set(to_json(&Ok::<_, CastRefusal>(content.done(session)))),
            sealed: Set(None),
            nth: Set(0),
        }
    };
    for some in ballots.chunks(MAX_VALUES / COLUMNS) {
        voting_cast::Entity::insert_many(some.iter().map(row)).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The segments by which votes are split, as they are now.
pub(super) async fn current_segments(
    db: &impl ConnectionTrait,
    session: &Session,
) -> Result<Vec<Segment>, Error> {
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
    change: &RecordTx<'_>,
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
    session.save(change.tx).await?;
    change.audit(Action::CandidateWithdrawn, &session.id.to_string(), json!({ "items": keys })).await
}
