//! A session's row, and what is read with it.

use std::{collections::BTreeSet, sync::OnceLock};

use domain::{
    RoadmapId, Timestamp, VotingId, WorkspaceId,
    voting::{
        BoundSetup, Candidate, CastRefusal, Edition, Phase, RecordOfVoting, Secrecy, Segment, Share, Turnout,
        VoterKind, VotingDraft, VotingFacts, Weight,
    },
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};
use serde::{Deserialize, Serialize};

use super::{
    Memory, record, roll,
    sealed::{Content, Number, SessionKey},
    secret::{RoundKey, Who},
};
use crate::{
    Error,
    access::RecordTx,
    amounts,
    codec::{json, parse, signed, to_json, unsigned},
    entity::{item, member, segment, voting, voting_ballot, voting_entry, voting_outcome, voting_voter},
};

/// A session as it is stored.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: VotingId,
    pub(super) workspace: WorkspaceId,
    pub(super) draft: VotingDraft,
    pub(super) phase: Phase,
    pub(super) revision: u64,
    /// What was frozen when it opened.
    pub(super) opened: Option<Opened>,
    /// The digest of what its receipts bind, once it was asked for.
    bound: OnceLock<[u8; 32]>,
    row: voting::Model,
}

/// What is frozen when a session opens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) edition: Edition,
    /// The segments by which votes are split, as they are then.
    pub(super) segments: Vec<Segment>,
}

/// What a session's close has frozen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Without ballots when a secret session had too few to show anything.
    pub(super) record: RecordOfVoting,
    /// The segments of the kind by which votes are split, as they were then.
    pub(super) segments: Vec<Segment>,
    /// The session was ended without being counted, because its key was lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) uncounted: bool,
}

/// A key of a session's pseudonyms.
pub(super) enum Key {
    Open(SessionKey),
    Closed(RoundKey),
}

impl Key {
    pub(super) fn pseudonym(&self, who: Who) -> Vec<u8> {
        match self {
            Self::Open(key) => key.pseudonym(who),
            Self::Closed(key) => key.pseudonym(who),
        }
    }

    /// A cast's number and digest as they are stored.
    pub(super) fn number(&self, number: &Number) -> (String, Vec<u8>) {
        match self {
            Self::Open(key) => key.number(number),
            Self::Closed(key) => key.number(number),
        }
    }
}

/// Reads a session.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: VotingId,
) -> Result<Session, Error> {
    let row = voting::Entity::find_by_id((workspace.to_string(), id.to_string())).one(db).await?;
    row.ok_or_else(unknown).and_then(Session::read)
}

/// Every open session, the oldest first.
pub(super) async fn all_open(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<Session>, Error> {
    let rows = voting::Entity::find()
        .filter(voting::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(voting::Column::Phase.eq(Phase::Open.as_str()))
        .order_by_asc(voting::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(Session::read).collect()
}

/// Reads a session and holds it against other changes of it. Casts do not lock it: the [`gate`](super::gate) decides between
/// them and the close. Not `FOR UPDATE`, which would make the foreign keys of their ballots wait.
pub(super) async fn lock(
    tx: &DatabaseTransaction,
    workspace: WorkspaceId,
    id: VotingId,
) -> Result<Session, Error> {
    let found = voting::Entity::find_by_id((workspace.to_string(), id.to_string()))
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?;
    found.ok_or_else(unknown).and_then(Session::read)
}

pub(super) fn unknown() -> Error {
    Error::NotFound("There is no such voting session. Look for it in the list.".into())
}

impl Session {
    pub(super) fn read(row: voting::Model) -> Result<Self, Error> {
        let mut draft: VotingDraft = json(&row.draft)?;
        draft.opens = row.opens_ms.map(Timestamp);
        draft.closes = row.closes_ms.map(Timestamp);
        Ok(Self {
            id: parse(&row.id)?,
            workspace: parse(&row.workspace_id)?,
            draft,
            phase: parse(&row.phase)?,
            revision: unsigned(row.revision)?,
            opened: row.opened.as_deref().map(json).transpose()?,
            bound: OnceLock::new(),
            row,
        })
    }

    /// What was counted when the session was closed.
    pub(super) async fn outcome(&self, db: &impl ConnectionTrait) -> Result<Option<Outcome>, Error> {
        let id = (self.workspace.to_string(), self.id.to_string());
        let Some(row) = voting_outcome::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
        let mut outcome: Outcome = json(&row.outcome)?;
        if outcome.record.digest.is_empty() {
            // Of an older version, which kept less of it.
            let old = &mut outcome.record;
            (old.voting, old.secrecy, old.quorum) = (self.id, self.draft.secrecy, self.draft.quorum);
            old.turnout = self.final_turnout()?.unwrap_or_default();
            old.segments = outcome.segments.iter().map(share).collect();
            outcome.record = record::with_digest(outcome.record);
        }
        Ok(Some(outcome))
    }

    /// In which way it is counted, and its receipts are made.
    pub(super) fn edition(&self) -> Edition {
        self.opened.as_ref().map_or(Edition::FIRST, |opened| opened.edition)
    }

    /// The segments by which its votes are split, as they were when it opened.
    pub(super) fn shares(&self) -> Vec<Share> {
        self.segments().iter().map(share).collect()
    }

    pub(super) fn segments(&self) -> &[Segment] {
        self.opened.as_ref().map_or(&[], |opened| &opened.segments)
    }

    /// What cannot change while it is open.
    fn bound(&self) -> BoundSetup {
        record::of(self, Turnout::default(), Vec::new()).bound()
    }

    /// The digest of what its receipts bind; none in the first edition.
    pub(super) fn bound_digest(&self) -> Option<&[u8; 32]> {
        self.edition().binds().then(|| self.bound.get_or_init(|| record::setup_digest(&self.bound())))
    }

    /// The turnout as the close has frozen it.
    pub(super) fn final_turnout(&self) -> Result<Option<Turnout>, Error> {
        self.row.turnout.as_deref().map(json).transpose()
    }

    pub(super) fn is_secret(&self) -> bool {
        self.draft.secrecy == Secrecy::Secret
    }

    /// Whether a ballot that comes at `now` is counted.
    pub(super) fn takes_ballots(&self, now: Timestamp) -> Result<(), CastRefusal> {
        match self.phase {
            Phase::Draft | Phase::Scheduled => Err(CastRefusal::NotOpen),
            Phase::Open if self.draft.closes.is_some_and(|closes| closes <= now) => Err(CastRefusal::Closed),
            Phase::Open => Ok(()),
            Phase::Closed | Phase::Revealed => Err(CastRefusal::Closed),
        }
    }

    /// Whether a ballot that is cast now can be counted here: also the key is needed for that.
    pub(super) fn counts_ballots(&self, memory: &Memory, at: Timestamp) -> bool {
        self.takes_ballots(at).is_ok() && self.session_key(memory).is_ok()
    }

    /// The key of the session's pseudonyms; `None` before it was opened, and for good once a secret one is closed.
    pub(super) fn key(&self, memory: &Memory) -> Result<Option<Key>, Error> {
        match self.phase {
            Phase::Draft | Phase::Scheduled => Ok(None),
            Phase::Open => self.session_key(memory).map(Key::Open).map(Some),
            Phase::Closed | Phase::Revealed => Ok(self.round_key(memory)?.map(Key::Closed)),
        }
    }

    /// The key under which the ballots of an open session are encrypted.
    ///
    /// # Errors
    /// [`Error::Conflict`] where this process does not have it.
    pub(super) fn session_key(&self, memory: &Memory) -> Result<SessionKey, Error> {
        let found = memory.keys.find(self.id).map_err(Error::internal)?;
        found.filter(|key| self.row.key_print.as_ref() == Some(&key.print())).ok_or_else(|| {
            Error::Conflict(
                "This server does not have the key of this voting session, so ballots can neither be cast nor counted \
                 here. Ask its operator to restore the folder of keys; the guide for operators explains how."
                    .into(),
            )
        })
    }

    /// The key of a closed session's pseudonyms, and of an open one's that an older version opened; `None` without a salt.
    pub(super) fn round_key(&self, memory: &Memory) -> Result<Option<RoundKey>, Error> {
        let Some(salt) = &self.row.salt else { return Ok(None) };
        let key = RoundKey::new(memory.secret()?, salt);
        if self.row.key_print.as_ref() != Some(&key.print()) {
            return Err(Error::Conflict(
                "The server has another secret file than the one this voting session was closed with, so it does not \
                 know whose ballot is whose. Ask its operator to restore the right file."
                    .into(),
            ));
        }
        Ok(Some(key))
    }

    /// Whether what people chose so far is shown while they choose.
    pub(super) fn shows_standing(&self) -> bool {
        self.draft.secrecy == Secrecy::Open && self.phase == Phase::Open
    }

    /// As events of the audit log name it.
    pub(super) fn named(&self) -> (VotingId, &VotingDraft) {
        (self.id, &self.draft)
    }

    /// On whose boards the items are.
    pub(super) fn roadmaps(&self) -> BTreeSet<RoadmapId> {
        self.draft.candidates.iter().map(|candidate| candidate.roadmap).collect()
    }

    /// Items that can still be chosen.
    pub(super) fn open_candidates(&self) -> Vec<Candidate> {
        self.draft.candidates.iter().filter(|candidate| !candidate.withdrawn).cloned().collect()
    }

    /// What a ballot's row holds. Rows of an open session are decrypted.
    pub(super) fn content(
        &self,
        key: Option<&SessionKey>,
        row: &voting_ballot::Model,
    ) -> Result<Content, Error> {
        match (&row.sealed, key) {
            (Some(sealed), Some(key)) => key.open(self, &row.pseudonym, sealed),
            (Some(_), None) => Err(Error::internal("an encrypted ballot was read without a key")),
            (None, _) => Ok(Content {
                choices: json(&row.choices)?,
                nonce: row.nonce.clone(),
                spent: u32::try_from(row.spent).map_err(Error::internal)?,
                weight: weight(row.weight)?,
                group: row.segment_id.as_deref().map(parse).transpose()?,
                number: Number { id: [0; 16], digest: [0; 32] },
            }),
        }
    }

    pub(super) fn facts(&self, memory: &Memory, turnout: Turnout) -> VotingFacts {
        let keyless = self.phase == Phase::Open && self.session_key(memory).is_err();
        VotingFacts {
            id: self.id,
            draft: self.draft.clone(),
            phase: self.phase,
            turnout,
            revision: self.revision,
            keyless,
            removing: memory.is_removing(self.id),
        }
    }

    /// Writes what was changed of draft and phase, and counts the revision up.
    pub(super) async fn save(&self, tx: &DatabaseTransaction) -> Result<(), Error> {
        self.write(tx, |_| {}).await
    }

    /// As [`Session::save`], with the print of the key under which ballots are encrypted, and what is frozen.
    pub(super) async fn save_opened(&self, tx: &DatabaseTransaction, key: &SessionKey) -> Result<(), Error> {
        self.write(tx, |row| {
            row.salt = Set(None);
            row.opened = Set(self.opened.as_ref().map(to_json));
            row.key_print = Set(Some(key.print()));
        })
        .await
    }

    /// Writes what is frozen of a session that is open already.
    pub(super) async fn save_frozen(&self, tx: &DatabaseTransaction) -> Result<(), Error> {
        let mut row = self.row.clone().into_active_model();
        row.opened = Set(self.opened.as_ref().map(to_json));
        row.update(tx).await?;
        Ok(())
    }

    /// As [`Session::save`], with what was counted, and the salt of the pseudonyms unless the session is secret.
    pub(super) async fn save_closed(
        &self,
        tx: &DatabaseTransaction,
        turnout: Turnout,
        outcome: &Outcome,
        salt: Option<(Vec<u8>, RoundKey)>,
    ) -> Result<(), Error> {
        voting_outcome::Entity::insert(voting_outcome::ActiveModel {
            workspace_id: Set(self.workspace.to_string()),
            voting_id: Set(self.id.to_string()),
            outcome: Set(to_json(outcome)),
        })
        .exec_without_returning(tx)
        .await?;
        self.write(tx, |row| {
            row.turnout = Set(Some(to_json(&turnout)));
            row.key_print = Set(salt.as_ref().map(|(_, key)| key.print()));
            row.salt = Set(salt.map(|(salt, _)| salt));
        })
        .await
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        more: impl FnOnce(&mut voting::ActiveModel),
    ) -> Result<(), Error> {
        let mut row = self.row.clone().into_active_model();
        row.draft = Set(to_json(&self.draft));
        row.phase = Set(self.phase.as_str().to_owned());
        row.opens_ms = Set(self.draft.opens.map(|at| at.0));
        row.closes_ms = Set(self.draft.closes.map(|at| at.0));
        row.revision = Set(signed(self.revision + 1));
        more(&mut row);
        row.update(tx).await?;
        Ok(())
    }
}

/// How many are invited to a session, and how many of them have voted.
pub(super) async fn turnout(db: &impl ConnectionTrait, session: &Session) -> Result<Turnout, Error> {
    if let Some(turnout) = session.final_turnout()? {
        return Ok(turnout);
    }
    let workspace = session.workspace.to_string();
    let voters = voting_voter::Entity::find()
        .filter(voting_voter::Column::WorkspaceId.eq(&workspace))
        .filter(voting_voter::Column::VotingId.eq(session.id.to_string()))
        .filter(voting_voter::Column::RemovedMs.is_null())
        .count(db)
        .await?;
    let codes = match session.draft.guests {
        true => {
            voting_entry::Entity::find()
                .filter(voting_entry::Column::WorkspaceId.eq(&workspace))
                .filter(voting_entry::Column::VotingId.eq(session.id.to_string()))
                .filter(voting_entry::Column::Name.is_not_null())
                .filter(voting_entry::Column::RevokedMs.is_null())
                .filter(voting_entry::Column::Used.eq(0))
                .count(db)
                .await?
        }
        false => 0,
    };
    let invited = voters + codes + roll::count(db, session).await?;
    let cast = ballots(session.workspace, session.id).count(db).await?;
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Turnout { invited: number(invited), cast: number(cast) })
}

/// The items a session puts up for vote, as they are on their roadmaps now.
pub(super) async fn items(db: &impl ConnectionTrait, session: &Session) -> Result<Vec<item::Model>, Error> {
    let candidates = &session.draft.candidates;
    let roadmaps = session.roadmaps().into_iter().map(|roadmap| roadmap.to_string());
    Ok(item::Entity::find()
        .filter(item::Column::WorkspaceId.eq(session.workspace.to_string()))
        // The key of an item begins with its roadmap.
        .filter(item::Column::RoadmapId.is_in(roadmaps))
        .filter(item::Column::Id.is_in(candidates.iter().map(|candidate| candidate.item.to_string())))
        .all(db)
        .await?)
}

/// The ballots that count.
pub(super) fn ballots(workspace: WorkspaceId, id: VotingId) -> sea_orm::Select<voting_ballot::Entity> {
    voting_ballot::Entity::find()
        .filter(voting_ballot::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(voting_ballot::Column::VotingId.eq(id.to_string()))
        .filter(voting_ballot::Column::Casts.gt(0))
}

/// The ballots that count, decrypted where the session is open.
pub(super) async fn contents(
    db: &impl ConnectionTrait,
    memory: &Memory,
    session: &Session,
) -> Result<Vec<Content>, Error> {
    let key = (session.phase == Phase::Open).then(|| session.session_key(memory)).transpose()?;
    let rows = ballots(session.workspace, session.id).all(db).await?;
    rows.iter().map(|row| session.content(key.as_ref(), row)).collect()
}

/// Everybody whose ballot a session may hold, with the kind of those who are not members.
pub(super) async fn people(
    db: &impl ConnectionTrait,
    session: &Session,
) -> Result<Vec<(Who, Option<VoterKind>)>, Error> {
    let workspace = session.workspace.to_string();
    let members = member::Entity::find().filter(member::Column::WorkspaceId.eq(&workspace)).all(db).await?;
    let voters = voting_voter::Entity::find()
        .filter(voting_voter::Column::WorkspaceId.eq(&workspace))
        .filter(voting_voter::Column::VotingId.eq(session.id.to_string()))
        .all(db)
        .await?;
    let mut people = Vec::with_capacity(members.len() + voters.len());
    for row in members {
        people.push((Who::Member(parse(&row.user_id)?), None));
    }
    for row in voters {
        people.push((Who::Voter(parse(&row.id)?), Some(parse(&row.kind)?)));
    }
    Ok(people)
}

/// How often the ballots that count were cast.
pub(super) async fn casts(db: &impl ConnectionTrait, session: &Session) -> Result<i64, Error> {
    sum_of_casts(db, ballots(session.workspace, session.id)).await
}

/// The sum of the column `casts` over some rows.
pub(super) async fn sum_of_casts<E: EntityTrait>(
    db: &impl ConnectionTrait,
    rows: sea_orm::Select<E>,
) -> Result<i64, Error> {
    let sum: Option<i64> = rows
        .select_only()
        .expr(Expr::cust("CAST(COALESCE(SUM(casts), 0) AS BIGINT)"))
        .into_tuple()
        .one(db)
        .await?;
    Ok(sum.unwrap_or(0))
}

/// Makes a session's row.
pub(super) async fn insert(change: &RecordTx<'_>, id: VotingId, draft: &VotingDraft) -> Result<(), Error> {
    let all = voting::Column::WorkspaceId.eq(change.workspace.to_string());
    amounts::VOTINGS.check(change.tx, voting::Entity::find().filter(all)).await?;
    voting::Entity::insert(voting::ActiveModel {
        workspace_id: Set(change.workspace.to_string()),
        id: Set(id.to_string()),
        draft: Set(to_json(draft)),
        phase: Set(Phase::Draft.as_str().to_owned()),
        opens_ms: Set(draft.opens.map(|at| at.0)),
        closes_ms: Set(draft.closes.map(|at| at.0)),
        revision: Set(1),
        salt: Set(None),
        key_print: Set(None),
        turnout: Set(None),
        opened: Set(None),
        created_by: Set(change.actor.to_string()),
        created_ms: Set(change.at.0),
    })
    .exec_without_returning(change.tx)
    .await?;
    Ok(())
}

fn share(segment: &Segment) -> Share {
    Share { segment: segment.id, name: segment.name.clone(), weight: segment.weight }
}

/// A segment's row as people know it.
pub(super) fn segment_from(row: segment::Model, members: u32) -> Result<Segment, Error> {
    Ok(Segment {
        id: parse(&row.id)?,
        kind: parse(&row.kind)?,
        name: parse(&row.name)?,
        weight: weight(row.weight)?,
        members,
    })
}

pub(super) fn weight(thousandths: i64) -> Result<Weight, Error> {
    u32::try_from(thousandths)
        .map_err(Error::internal)
        .and_then(|weight| Weight::try_from(weight).map_err(Error::internal))
}
