//! Casting a ballot: one transaction, which encrypts the ballot before the database sees it.
//!
//! A cast passes the session's [`gate`], which its close shuts, then locks the voter and the voter's ballot, always in
//! this order. So each cast is in the count or refused, and one voter's casts happen one after another. What was
//! answered is remembered: a cast that is sent again is not another one.

use domain::{
    CastId, ItemId, SegmentId, UserId, VoterId, VotingId, WorkspaceId,
    voting::{Audience, Ballot, CastDone, CastRefusal, Choice, SegmentKind, Weight},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
    sea_query::{LockType, OnConflict},
};
use sha2::{Digest, Sha256};

use super::{
    gate, roll,
    sealed::{Content, Number},
    secret::Who,
    session::{self, Key, Session},
};
use crate::{
    Backend, Error, Viewer,
    access::change,
    clock::now,
    entity::{member, segment, segment_member, voting_ballot, voting_cast, voting_voter},
    people::tokens::random_bytes,
    rooms::{json, parse, signed, to_json},
};

/// As what a ballot is counted.
#[derive(Clone, Copy, Debug)]
struct Part {
    group: Option<SegmentId>,
    weight: Weight,
}

impl Part {
    const WITHOUT: Part = Part { group: None, weight: Weight::ONE };
}

type Answer = Result<CastDone, CastRefusal>;

impl Viewer {
    /// Casts the ballot of the person asking, in place of an earlier one. Counted when this returns.
    ///
    /// # Errors
    /// [`Error::Cast`], and nothing has changed.
    pub async fn cast(&self, voting: VotingId, id: CastId, choices: Vec<Choice>) -> Result<CastDone, Error> {
        cast(&self.backend, self.workspace, voting, Who::Member(self.member.id), id, &choices).await
    }
}

/// Casts a ballot.
pub(super) async fn cast(
    backend: &Backend,
    workspace: WorkspaceId,
    voting: VotingId,
    who: Who,
    id: CastId,
    choices: &[Choice],
) -> Result<CastDone, Error> {
    match attempt(backend, workspace, voting, who, id, choices).await {
        // The key is destroyed once a close is committed, perhaps after the session was read. Then it is closed now.
        Err(Error::Conflict(_)) => attempt(backend, workspace, voting, who, id, choices).await,
        answer => answer,
    }
}

/// Casts a ballot, with the session as it is read first.
async fn attempt(
    backend: &Backend,
    workspace: WorkspaceId,
    voting: VotingId,
    who: Who,
    id: CastId,
    choices: &[Choice],
) -> Result<CastDone, Error> {
    let session = session::find(backend.db.reader(), workspace, voting).await?;
    // Casts that come too late do not queue at the gate.
    if let Err(refusal) = session.takes_ballots(now()) {
        backend.voting.pauses.pause().await;
        let answer = answered(backend, backend.db.reader(), &session, who, id, choices).await?;
        return Ok(answer.unwrap_or(Err(refusal))?);
    }
    let answer = change!(backend, |tx| {
        let session = session::find(tx, workspace, voting).await?;
        cast_in(backend, tx, &session, who, id, choices).await
    })?;
    let done = answer?;
    backend.rooms.metrics().cast();
    backend.voting_changed(voting);
    Ok(done)
}

/// Casts a ballot within a transaction.
async fn cast_in(
    backend: &Backend,
    tx: &DatabaseTransaction,
    session: &Session,
    who: Who,
    id: CastId,
    choices: &[Choice],
) -> Result<Answer, Error> {
    if let Some(answer) = answered(backend, tx, session, who, id, choices).await? {
        return Ok(answer);
    }
    let pauses = &backend.voting.pauses;
    pauses.pause().await;
    let pass = gate::pass(tx, session).await?;
    pauses.pause().await;
    // Now that the close has to wait, the session is read as it is.
    let session = &session::find(tx, session.workspace, session.id).await?;
    session.takes_ballots(now())?;
    let pass = pass.ok_or(CastRefusal::Closed)?;
    let part = entitled(tx, session, who).await?;
    let key = session.session_key(&backend.voting)?;
    let row = purse(tx, session, key.pseudonym(who)).await?;
    pauses.pause().await;
    // Another cast of the same number may have been decided while this one waited for the ballot.
    if let Some(answer) = answered(backend, tx, session, who, id, choices).await? {
        pass.give_back(tx, session).await?;
        return Ok(answer);
    }
    let pseudonym = row.pseudonym.clone();
    let number = number(id, choices);
    let answer = match check(session, choices) {
        Ok((choices, spent)) => {
            let nonce = random_bytes::<16>().to_vec();
            let Part { group, weight } = part;
            let content = Content { choices, nonce, spent, weight, group, number };
            let sealed = key.seal(session, &pseudonym, &content);
            count(tx, row, sealed).await?;
            Ok(content.done(session))
        }
        Err(refusal) => {
            pass.give_back(tx, session).await?;
            Err(refusal)
        }
    };
    pauses.pause().await;
    let (cast_id, digest) = key.number(&number);
    voting_cast::Entity::insert(voting_cast::ActiveModel {
        workspace_id: Set(session.workspace.to_string()),
        voting_id: Set(session.id.to_string()),
        sealed: Set(Some(key.seal_answer(session, &pseudonym, &answer))),
        pseudonym: Set(pseudonym),
        cast_id: Set(cast_id),
        digest: Set(digest),
        answer: Set(String::new()),
    })
    .exec_without_returning(tx)
    .await?;
    pauses.pause().await;
    Ok(answer)
}

/// What a ballot costs by the session's rules.
pub(super) fn check(session: &Session, choices: &[Choice]) -> Result<(Ballot, u32), CastRefusal> {
    let rules = session.draft.rules;
    let ballot = Ballot::parse(rules.mode, choices)?;
    let spent = rules.check(&ballot, &session.draft.candidates)?;
    Ok((ballot, spent))
}

/// The answer this cast got before, if it is a repetition.
async fn answered(
    backend: &Backend,
    db: &impl ConnectionTrait,
    session: &Session,
    who: Who,
    id: CastId,
    choices: &[Choice],
) -> Result<Option<Answer>, Error> {
    let Some(key) = session.key(&backend.voting)? else { return Ok(None) };
    let (cast_id, digest) = key.number(&number(id, choices));
    let (workspace, voting) = (session.workspace.to_string(), session.id.to_string());
    let row =
        voting_cast::Entity::find_by_id((workspace, voting, key.pseudonym(who), cast_id)).one(db).await?;
    let Some(row) = row else { return Ok(None) };
    if row.digest != digest {
        return Ok(Some(Err(CastRefusal::OtherCast)));
    }
    match (&row.sealed, &key) {
        (Some(sealed), Key::Open(key)) => key.open_answer(session, &row.pseudonym, sealed).map(Some),
        _ => json(&row.answer).map(Some),
    }
}

/// How a cast is known when it is sent again, without the time of which its id is made.
fn number(id: CastId, choices: &[Choice]) -> Number {
    let mut choices: Vec<(ItemId, i64)> = choices.iter().map(|choice| (choice.item, choice.amount)).collect();
    choices.sort_unstable();
    let id = Sha256::digest(id.0.as_bytes());
    Number {
        id: *id.first_chunk().expect("a hash is long enough"),
        digest: Sha256::digest(to_json(&choices)).into(),
    }
}

/// Whether somebody may vote now, and as what they are counted. Read under a lock, so that who is removed at this
/// moment is removed either before or after.
async fn entitled(tx: &DatabaseTransaction, session: &Session, who: Who) -> Result<Part, Error> {
    match who {
        Who::Member(user) => member_part(tx, session, user).await,
        Who::Voter(voter) => voter_part(tx, session, voter).await,
    }
}

async fn member_part(tx: &DatabaseTransaction, session: &Session, user: UserId) -> Result<Part, Error> {
    let workspace = session.workspace.to_string();
    let row = member::Entity::find_by_id((workspace, user.to_string())).lock(LockType::Share).one(tx).await?;
    let row = row.filter(|row| row.removed_ms.is_none()).ok_or(CastRefusal::NotInvited)?;
    let role: domain::Role = parse(&row.role)?;
    let segments = segments_of(tx, session.workspace, user).await?;
    if !role.can_vote() || !in_audience(&session.draft.audience, &segments) {
        return Err(CastRefusal::NotInvited.into());
    }
    // Who came after the opening counts for the segment of this hour.
    let segment = match roll::segment(tx, session, user).await? {
        Some(segment) => segment,
        None => {
            let kind = session.draft.split.map(SegmentKind::as_str);
            let found = segments.iter().find(|segment| Some(segment.kind.as_str()) == kind);
            found.map(|segment| parse(&segment.id)).transpose()?
        }
    };
    Ok(part(session, segment))
}

/// The segments a member belongs to.
pub(super) async fn segments_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Vec<segment::Model>, Error> {
    let belongs = segment_member::Entity::find()
        .filter(segment_member::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(segment_member::Column::UserId.eq(user.to_string()))
        .all(db)
        .await?;
    if belongs.is_empty() {
        return Ok(Vec::new());
    }
    Ok(segment::Entity::find()
        .filter(segment::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(segment::Column::Id.is_in(belongs.into_iter().map(|row| row.segment_id)))
        .all(db)
        .await?)
}

/// Whether members of these segments are among the voters.
pub(super) fn in_audience(audience: &Audience, segments: &[segment::Model]) -> bool {
    match audience {
        Audience::Everybody => true,
        Audience::Segments(invited) => {
            invited.iter().any(|invited| segments.iter().any(|segment| segment.id == invited.to_string()))
        }
        Audience::Nobody => false,
    }
}

async fn voter_part(tx: &DatabaseTransaction, session: &Session, voter: VoterId) -> Result<Part, Error> {
    let row = voting_voter::Entity::find_by_id((session.workspace.to_string(), voter.to_string()))
        .lock(LockType::Share)
        .one(tx)
        .await?;
    let row = row
        .filter(|row| row.removed_ms.is_none() && row.voting_id == session.id.to_string())
        .ok_or(CastRefusal::NotInvited)?;
    Ok(part(session, row.segment_id.as_deref().map(parse).transpose()?))
}

/// As what a ballot of somebody in a segment is counted, by the weights of the opening. A segment that was not there then, or
/// is of another kind, is none.
fn part(session: &Session, segment: Option<SegmentId>) -> Part {
    let found = session.segments().iter().find(|known| Some(known.id) == segment);
    found.map_or(Part::WITHOUT, |known| Part { group: Some(known.id), weight: known.weight })
}

/// The voter's row, made when it is the first cast, and locked.
async fn purse(
    tx: &DatabaseTransaction,
    session: &Session,
    pseudonym: Vec<u8>,
) -> Result<voting_ballot::Model, Error> {
    let id = (session.workspace.to_string(), session.id.to_string(), pseudonym.clone());
    let find = || voting_ballot::Entity::find_by_id(id.clone()).lock(LockType::Update).one(tx);
    if let Some(row) = find().await? {
        return Ok(row);
    }
    let row = voting_ballot::ActiveModel {
        workspace_id: Set(session.workspace.to_string()),
        voting_id: Set(session.id.to_string()),
        pseudonym: Set(pseudonym),
        tokens: Set(i64::from(session.draft.rules.tokens)),
        spent: Set(0),
        casts: Set(0),
        choices: Set(to_json(&Ballot::default())),
        nonce: Set(Vec::new()),
        receipt: Set(String::new()),
        weight: Set(i64::from(Weight::ONE.thousandths())),
        segment_id: Set(None),
        sealed: Set(None),
    };
    voting_ballot::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([
                voting_ballot::Column::WorkspaceId,
                voting_ballot::Column::VotingId,
                voting_ballot::Column::Pseudonym,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    find().await?.ok_or_else(|| Error::internal("a ballot that was just made is not there"))
}

/// Replaces the ballot.
async fn count(tx: &DatabaseTransaction, row: voting_ballot::Model, sealed: Vec<u8>) -> Result<(), Error> {
    let casts = row.casts;
    let mut row = row.into_active_model();
    row.casts = Set(signed(casts.unsigned_abs() + 1));
    row.sealed = Set(Some(sealed));
    row.update(tx).await?;
    Ok(())
}
