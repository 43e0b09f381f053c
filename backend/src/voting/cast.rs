//! Casting a ballot: decided in a transaction, and encrypted before the database sees it.
//!
//! A cast passes the session's [`gate`], which its close shuts, then locks the voter and the voter's ballot, always in
//! this order. So each cast is in the count or refused, and one voter's casts happen one after another. What was
//! answered is remembered: a cast that is sent again is not another one.
//!
//! On PostgreSQL each cast is a transaction of its own, and these go on beside each other. On SQLite, which has one
//! writer, those that [wait](queue) are decided one after the other in one transaction.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt, slice,
};

use domain::{
    CastId, ItemId, VotingId, WorkspaceId,
    voting::{Audience, Ballot, CastDone, CastRefusal, Choice, Weight},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
    sea_query::{LockType, OnConflict},
};
use sha2::{Digest, Sha256};

use super::{
    gate,
    parts::{Part, parts},
    queue,
    sealed::{Content, Number},
    secret::Who,
    session::{self, Key, Session},
};
use crate::{
    Backend, Error, Viewer,
    access::change,
    clock::now,
    codec::{json, signed, to_json},
    db::padded,
    entity::{segment, voting_ballot, voting_cast},
    people::tokens::random_bytes,
};

/// A ballot that somebody casts.
#[derive(Clone)]
pub(super) struct Cast {
    pub(super) workspace: WorkspaceId,
    pub(super) voting: VotingId,
    pub(super) who: Who,
    pub(super) id: CastId,
    pub(super) choices: Vec<Choice>,
}

/// Who chose what is in no log.
impl fmt::Debug for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cast(…)")
    }
}

pub(super) type Answer = Result<CastDone, CastRefusal>;

impl Viewer {
    /// Casts the ballot of the person asking, in place of an earlier one. Counted when this returns.
    ///
    /// # Errors
    /// [`Error::Cast`], or [`Error::NotFound`] where this person may not see the session, and nothing has changed.
    pub async fn cast(&self, voting: VotingId, id: CastId, choices: Vec<Choice>) -> Result<CastDone, Error> {
        let (workspace, who) = (self.workspace, Who::Member(self.member.id));
        match cast(&self.backend, Cast { workspace, voting, who, id, choices }).await {
            // Who may not see the session is told as much as of one that there is not.
            Err(error) => {
                self.visible(voting).await?;
                Err(error)
            }
            answer => answer,
        }
    }
}

/// Casts a ballot.
pub(super) async fn cast(backend: &Backend, cast: Cast) -> Result<CastDone, Error> {
    match attempt(backend, &cast).await {
        // The key is destroyed once a close is committed, perhaps after the session was read. Then it is closed now.
        Err(Error::Conflict(_)) => attempt(backend, &cast).await,
        answer => answer,
    }
}

/// Casts a ballot, with the session as it is read first.
async fn attempt(backend: &Backend, cast: &Cast) -> Result<CastDone, Error> {
    let session = session::find(backend.db.reader(), cast.workspace, cast.voting).await?;
    // Casts that come too late do not queue at the gate.
    if let Err(refusal) = session.takes_ballots(now()) {
        backend.voting.pauses.pause().await;
        let answer = answered(backend, backend.db.reader(), &session, cast).await?;
        return Ok(answer.unwrap_or(Err(refusal))?);
    }
    let answer = match backend.db.backend() {
        DbBackend::Sqlite => queue::cast(backend, cast.clone()).await?,
        _ => decide(backend, slice::from_ref(cast)).await?.remove(0),
    };
    let done = answer?;
    backend.rooms.metrics().cast();
    backend.voting_changed(cast.voting);
    Ok(done)
}

/// Decides casts one after the other in one transaction. Their answers hold when this returns.
///
/// # Errors
/// None of them is decided.
pub(super) async fn decide(backend: &Backend, casts: &[Cast]) -> Result<Vec<Answer>, Error> {
    let mut sessions: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, cast) in casts.iter().enumerate() {
        sessions.entry((cast.workspace, cast.voting)).or_default().push(index);
    }
    change!(backend, |tx| {
        let mut answers = BTreeMap::new();
        for ((workspace, voting), some) in &sessions {
            let of_session: Vec<&Cast> = some.iter().map(|index| &casts[*index]).collect();
            let decided = decide_in(backend, tx, *workspace, *voting, &of_session).await?;
            answers.extend(some.iter().copied().zip(decided));
        }
        Ok(answers.into_values().collect())
    })
}

/// Decides casts of one session within a transaction.
async fn decide_in(
    backend: &Backend,
    tx: &DatabaseTransaction,
    workspace: WorkspaceId,
    voting: VotingId,
    casts: &[&Cast],
) -> Result<Vec<Answer>, Error> {
    let pauses = &backend.voting.pauses;
    let session = session::find(tx, workspace, voting).await?;
    let mut answers = answered_each(backend, tx, &session, casts).await?;
    let fresh: Vec<usize> = (0..casts.len()).filter(|index| answers[*index].is_none()).collect();
    if !fresh.is_empty() {
        pauses.pause().await;
        let pass = gate::pass(tx, &session, fresh.len()).await?;
        pauses.pause().await;
        // Now that the close has to wait, the session is read as it is.
        let session = session::find(tx, workspace, voting).await?;
        let open = session.takes_ballots(now());
        let (decided, counted) = match (open, &pass) {
            (Ok(()), Some(_)) => {
                let fresh: Vec<&Cast> = fresh.iter().map(|index| casts[*index]).collect();
                count(backend, tx, &session, &fresh).await?
            }
            (open, _) => {
                let refusal = open.err().unwrap_or(CastRefusal::Closed);
                (vec![Err(refusal); fresh.len()], 0)
            }
        };
        if let Some(pass) = pass {
            pass.give_back(tx, &session, fresh.len() - counted).await?;
        }
        for (index, answer) in fresh.into_iter().zip(decided) {
            answers[index] = Some(answer);
        }
        pauses.pause().await;
    }
    Ok(answers.into_iter().map(|answer| answer.expect("each was answered before or is decided")).collect())
}

/// How many of a voter's answers are remembered at least, the last ones; twice as many at most.
const REMEMBERED: i64 = 64;

/// A cast of somebody who may vote.
struct Entitled<'cast> {
    index: usize,
    cast: &'cast Cast,
    part: Part,
    pseudonym: Vec<u8>,
}

/// What became of a cast.
struct Decided {
    digest: Vec<u8>,
    answer: Answer,
    /// Which of its voter's answers it is.
    nth: i64,
}

/// Decides casts that passed the gate, and writes what comes of them. Returns how many of them are counted, too.
async fn count(
    backend: &Backend,
    tx: &DatabaseTransaction,
    session: &Session,
    casts: &[&Cast],
) -> Result<(Vec<Answer>, usize), Error> {
    let pauses = &backend.voting.pauses;
    let key = session.session_key(&backend.voting)?;
    let mut answers = vec![Err(CastRefusal::NotInvited); casts.len()];
    let mut entitled = Vec::with_capacity(casts.len());
    let parts = parts(tx, session, casts).await?;
    for (index, cast) in casts.iter().enumerate() {
        if let Some(part) = parts.get(&cast.who).copied() {
            entitled.push(Entitled { index, cast, part, pseudonym: key.pseudonym(cast.who) });
        }
    }
    let mut purses =
        purses(tx, session, entitled.iter().map(|cast| cast.pseudonym.clone()).collect()).await?;
    pauses.pause().await;
    // By pseudonym: rows are not written in the order in which people came.
    let mut decided: BTreeMap<(Vec<u8>, String), Decided> = BTreeMap::new();
    let mut counted = 0;
    for Entitled { index, cast, part, pseudonym } in entitled {
        // Others write beside a transaction of PostgreSQL: a cast of the same number may have been decided while this one
        // waited for the ballot.
        if tx.get_database_backend() == DbBackend::Postgres
            && let Some(answer) = answered(backend, tx, session, cast).await?
        {
            answers[index] = answer;
            continue;
        }
        let number = number(cast.id, &cast.choices);
        let (cast_id, digest) = key.number(&number);
        let new = match decided.entry((pseudonym.clone(), cast_id)) {
            Entry::Occupied(known) => {
                let Decided { digest: known, answer, .. } = known.get();
                answers[index] = if *known == digest { answer.clone() } else { Err(CastRefusal::OtherCast) };
                continue;
            }
            Entry::Vacant(new) => new,
        };
        let answer = check(session, &cast.choices).map(|(choices, spent)| {
            let nonce = random_bytes::<16>().to_vec();
            let Part { group, weight } = part;
            Content { choices, nonce, spent, weight, group, number }
        });
        let purse = purses.get_mut(&pseudonym).ok_or_else(purse_is_missing)?;
        purse.answers += 1;
        if let Ok(content) = &answer {
            purse.casts = signed(purse.casts.unsigned_abs() + 1);
            purse.sealed = Some(key.seal(session, &pseudonym, content));
            counted += 1;
        }
        let answer = answer.map(|content| content.done(session));
        new.insert(Decided { digest, answer: answer.clone(), nth: purse.answers });
        answers[index] = answer;
    }
    for (pseudonym, _) in
        decided.iter().filter(|(_, decided)| decided.nth % REMEMBERED == 0).map(|(key, _)| key)
    {
        forget(tx, session, pseudonym, purses[pseudonym].answers - REMEMBERED).await?;
    }
    let changed: BTreeSet<_> = decided.keys().map(|(pseudonym, _)| pseudonym).collect();
    let changed = purses.into_iter().filter(|(pseudonym, _)| changed.contains(pseudonym));
    replace(tx, changed.map(|(_, row)| row).collect()).await?;
    pauses.pause().await;
    let remembered: Vec<_> = decided
        .into_iter()
        .map(|((pseudonym, cast_id), Decided { digest, answer, nth })| voting_cast::ActiveModel {
            workspace_id: Set(session.workspace.to_string()),
            voting_id: Set(session.id.to_string()),
            sealed: Set(Some(key.seal_answer(session, &pseudonym, &answer))),
            pseudonym: Set(pseudonym),
            cast_id: Set(cast_id),
            digest: Set(digest),
            answer: Set(String::new()),
            nth: Set(nth),
        })
        .collect();
    if !remembered.is_empty() {
        voting_cast::Entity::insert_many(remembered).exec_without_returning(tx).await?;
    }
    Ok((answers, counted))
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
    cast: &Cast,
) -> Result<Option<Answer>, Error> {
    Ok(answered_each(backend, db, session, &[cast]).await?.remove(0))
}

/// The same for several casts of a session, by their place.
async fn answered_each(
    backend: &Backend,
    db: &impl ConnectionTrait,
    session: &Session,
    casts: &[&Cast],
) -> Result<Vec<Option<Answer>>, Error> {
    let Some(key) = session.key(&backend.voting)? else { return Ok(vec![None; casts.len()]) };
    let numbers: Vec<(String, Vec<u8>)> =
        casts.iter().map(|cast| key.number(&number(cast.id, &cast.choices))).collect();
    let voters: Vec<Vec<u8>> = casts.iter().map(|cast| key.pseudonym(cast.who)).collect();
    let rows = voting_cast::Entity::find()
        .filter(voting_cast::Column::WorkspaceId.eq(session.workspace.to_string()))
        .filter(voting_cast::Column::VotingId.eq(session.id.to_string()))
        .filter(voting_cast::Column::Pseudonym.is_in(padded(voters.iter().cloned())))
        .filter(voting_cast::Column::CastId.is_in(padded(numbers.iter().map(|(id, _)| id))))
        .all(db)
        .await?;
    let rows: BTreeMap<_, _> =
        rows.iter().map(|row| ((row.pseudonym.as_slice(), row.cast_id.as_str()), row)).collect();
    let answer = |(voter, (id, digest)): (&Vec<u8>, &(String, Vec<u8>))| {
        let Some(row) = rows.get(&(voter.as_slice(), id.as_str())) else { return Ok(None) };
        if row.digest != *digest {
            return Ok(Some(Err(CastRefusal::OtherCast)));
        }
        match (&row.sealed, &key) {
            (Some(sealed), Key::Open(key)) => key.open_answer(session, &row.pseudonym, sealed).map(Some),
            _ => json(&row.answer).map(Some),
        }
    };
    voters.iter().zip(&numbers).map(answer).collect()
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

/// The rows of voters, locked; of those who cast for the first time they are made.
async fn purses(
    tx: &DatabaseTransaction,
    session: &Session,
    voters: BTreeSet<Vec<u8>>,
) -> Result<BTreeMap<Vec<u8>, voting_ballot::Model>, Error> {
    let (workspace, voting) = (session.workspace.to_string(), session.id.to_string());
    let find = || {
        voting_ballot::Entity::find()
            .filter(voting_ballot::Column::WorkspaceId.eq(&workspace))
            .filter(voting_ballot::Column::VotingId.eq(&voting))
            .filter(voting_ballot::Column::Pseudonym.is_in(padded(voters.iter().cloned())))
            .lock(LockType::Update)
            .all(tx)
    };
    let by_voter = |rows: Vec<voting_ballot::Model>| -> BTreeMap<_, _> {
        rows.into_iter().map(|row| (row.pseudonym.clone(), row)).collect()
    };
    if voters.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = by_voter(find().await?);
    let new: Vec<_> = voters.iter().filter(|voter| !rows.contains_key(*voter)).collect();
    if new.is_empty() {
        return Ok(rows);
    }
    let row = |pseudonym: &Vec<u8>| voting_ballot::ActiveModel {
        workspace_id: Set(workspace.clone()),
        voting_id: Set(voting.clone()),
        pseudonym: Set(pseudonym.clone()),
        tokens: Set(i64::from(session.draft.rules.tokens)),
        spent: Set(0),
        casts: Set(0),
        choices: Set(to_json(&Ballot::default())),
        nonce: Set(Vec::new()),
        receipt: Set(String::new()),
        weight: Set(i64::from(Weight::ONE.thousandths())),
        segment_id: Set(None),
        sealed: Set(None),
        answers: Set(0),
    };
    voting_ballot::Entity::insert_many(new.into_iter().map(row))
        .on_conflict(OnConflict::columns(KEY).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(by_voter(find().await?))
}

/// Forgets a voter's answers, up to the one that is given.
async fn forget(
    tx: &DatabaseTransaction,
    session: &Session,
    pseudonym: &[u8],
    last: i64,
) -> Result<(), Error> {
    voting_cast::Entity::delete_many()
        .filter(voting_cast::Column::WorkspaceId.eq(session.workspace.to_string()))
        .filter(voting_cast::Column::VotingId.eq(session.id.to_string()))
        .filter(voting_cast::Column::Pseudonym.eq(pseudonym))
        .filter(voting_cast::Column::Nth.lte(last))
        .exec(tx)
        .await?;
    Ok(())
}

/// By what a ballot is found.
const KEY: [voting_ballot::Column; 3] =
    [voting_ballot::Column::WorkspaceId, voting_ballot::Column::VotingId, voting_ballot::Column::Pseudonym];

/// Writes ballots in place of what their rows held.
async fn replace(tx: &DatabaseTransaction, rows: Vec<voting_ballot::Model>) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    voting_ballot::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns(KEY)
                .update_columns([
                    voting_ballot::Column::Casts,
                    voting_ballot::Column::Sealed,
                    voting_ballot::Column::Answers,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

fn purse_is_missing() -> Error {
    Error::internal("a ballot that was just made is not there")
}
