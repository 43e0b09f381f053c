//! Guests: people without an account who vote in one session.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use domain::{
    CastId, PersonName, UserId, VoterId, VotingId, WorkspaceId,
    voting::{
        BallotPage, CastDone, Choice, Phase, RecordOfVoting, Results, VoterKind, VotingFacts, VotingNews,
    },
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, sea_query::LockType,
};
use serde_json::json;
use tokio::sync::watch;

use super::{
    Download,
    cast::{self, Cast},
    download, entries, live, pages, results,
    secret::{Who, code_hash},
    session::{self, Session},
    voters::of_session,
};
use crate::{
    Backend, Error,
    access::{RecordTx, change},
    amounts,
    audit::Action,
    clock::new_id,
    codec::{parse, signed},
    entity::{voting_entry, voting_voter},
    people::{Secret, SessionWatch, channels::SessionHash, throttle::in_words},
    tidy,
};

/// Somebody who comes with a code.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub code: String,
    /// What they call themselves; not asked where the code is for one person.
    pub name: String,
    /// The secret their browser has from coming in before, so that it brings nobody in twice.
    pub known: Option<Secret>,
    pub address: Option<IpAddr>,
}

/// A guest of one session, who came in and was not removed.
#[derive(Clone, Debug)]
pub struct Guest {
    backend: Backend,
    workspace: WorkspaceId,
    voting: VotingId,
    id: VoterId,
    name: String,
    /// Of the secret in the guest's cookie.
    session: SessionHash,
    /// The code that let them in.
    entry: Option<String>,
}

/// What has to do with voting before it is known who is asking: coming in with a code.
#[derive(Clone, Debug)]
pub struct Votings {
    backend: Backend,
}

impl Backend {
    /// Coming in to a voting session with a code.
    pub fn votings(&self) -> Votings {
        Votings { backend: self.clone() }
    }
}

impl Votings {
    /// Lets somebody in who has a code. The secret belongs into the browser's cookie for guests.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown code, [`Error::Conflict`] for one that is used or revoked, or leads to a session
    /// that is closed, [`Error::TooMany`] after too many wrong ones, [`Error::Invalid`] for a name that cannot be.
    pub async fn enter(&self, arrival: Arrival) -> Result<(VotingId, Secret), Error> {
        let (entry, session) = self.open_door(&arrival.code, arrival.address).await?;
        if let Some(secret) = arrival.known
            && let Some(guest) = self.guest(&secret).await?
            && guest.voting == session.id
            && guest.came_by(&entry)
        {
            return Ok((session.id, secret));
        }
        usable(&entry, &session)?;
        let name = match &entry.name {
            Some(name) => name.clone(),
            None => PersonName::parse(&tidy(&arrival.name))?.into(),
        };
        let (secret, id) = (Secret::random(), new_id(VoterId::new));
        change!(self.backend, |tx| {
            let change = RecordTx::begin(tx, session.workspace, UserId::NIL).await?;
            let session = session::lock(tx, session.workspace, session.id).await?;
            let entry = voting_entry::Entity::find_by_id((entry.workspace_id.clone(), entry.id.clone()))
                .lock(LockType::Update)
                .one(tx)
                .await?
                .ok_or_else(unknown)?;
            usable(&entry, &session)?;
            amounts::VOTERS.check(tx, of_session(&session)).await?;
            voting_voter::Entity::insert(voting_voter::ActiveModel {
                workspace_id: Set(session.workspace.to_string()),
                id: Set(id.to_string()),
                voting_id: Set(session.id.to_string()),
                kind: Set(VoterKind::Guest.as_str().to_owned()),
                name: Set(name.clone()),
                customer_key: Set(None),
                segment_id: Set(entry.segment_id.clone()),
                token_hash: Set(Some(secret.hash())),
                entry_id: Set(Some(entry.id.clone())),
                source: Set(None),
                entered_by: Set(None),
                removed_ms: Set(None),
            })
            .exec_without_returning(tx)
            .await?;
            let body = json!({ "voter": id, "kind": VoterKind::Guest, "entry": entry.id });
            let used = entry.used.unsigned_abs() + 1;
            let mut row = entry.into_active_model();
            row.used = Set(signed(used));
            row.update(tx).await?;
            change.audit(Action::VoterAdded, &session.id.to_string(), body).await
        })?;
        self.backend.voting_changed(session.id);
        Ok((session.id, secret))
    }

    /// Who holds this secret: a guest who was not removed, or nobody.
    pub async fn guest(&self, secret: &Secret) -> Result<Option<Guest>, Error> {
        let Some(workspace) = self.backend.people().workspace().await? else { return Ok(None) };
        let row = voting_voter::Entity::find()
            .filter(voting_voter::Column::WorkspaceId.eq(workspace.id.to_string()))
            .filter(voting_voter::Column::TokenHash.eq(secret.hash()))
            .filter(voting_voter::Column::RemovedMs.is_null())
            .one(self.backend.db.reader())
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Guest {
            backend: self.backend.clone(),
            workspace: workspace.id,
            voting: parse(&row.voting_id)?,
            id: parse(&row.id)?,
            name: row.name,
            session: secret.digest(),
            entry: row.entry_id,
        }))
    }

    /// The code's row and its session. Counts a wrong code as a guess.
    async fn open_door(
        &self,
        code: &str,
        address: Option<IpAddr>,
    ) -> Result<(voting_entry::Model, Session), Error> {
        let workspace = self.backend.people().founded().await?.id;
        let memory = &self.backend.voting;
        memory.codes.check_from(address, Instant::now()).map_err(too_many)?;
        let hash = code_hash(memory.secret()?, &entries::normal(code));
        let db = self.backend.db.reader();
        let Some(entry) = find(db, workspace, hash).await? else {
            memory.codes.failed_from(address, Instant::now());
            return Err(unknown());
        };
        let session = session::find(db, workspace, parse(&entry.voting_id)?).await?;
        Ok((entry, session))
    }
}

async fn find(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    hash: Vec<u8>,
) -> Result<Option<voting_entry::Model>, Error> {
    Ok(voting_entry::Entity::find()
        .filter(voting_entry::Column::WorkspaceId.eq(workspace.to_string()))
        .filter(voting_entry::Column::CodeHash.eq(hash))
        .one(db)
        .await?)
}

/// Whether a code lets one more person in.
fn usable(entry: &voting_entry::Model, session: &Session) -> Result<(), Error> {
    let refused =
        |why: &str| Err(Error::Conflict(format!("This code {why}. Ask the facilitator for another.")));
    match session.phase {
        Phase::Draft => return Err(unknown()),
        Phase::Closed | Phase::Revealed => {
            return Err(Error::Conflict("This voting session is closed. No more votes are taken.".into()));
        }
        Phase::Scheduled | Phase::Open => {}
    }
    if entry.revoked_ms.is_some() {
        refused("was revoked")
    } else if entry.name.is_some() && entry.used > 0 {
        refused("has been used")
    } else if !session.draft.guests {
        refused("is no longer valid, because the session lets no guests in")
    } else {
        Ok(())
    }
}

impl Guest {
    /// Who it is among the voters of the session.
    pub fn id(&self) -> VoterId {
        self.id
    }

    /// The session this guest came to.
    pub fn voting(&self) -> VotingId {
        self.voting
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What everybody who may see the session is told of it.
    pub async fn facts(&self) -> Result<VotingFacts, Error> {
        let session = self.session().await?;
        let turnout = session::turnout(self.backend.db.reader(), &session).await?;
        Ok(session.facts(&self.backend.voting, turnout))
    }

    /// The guest's ballot.
    pub async fn ballot_page(&self) -> Result<BallotPage, Error> {
        let session = self.session().await?;
        pages::page(&self.backend, &session, Who::Voter(self.id), self.name.clone()).await
    }

    /// Casts the guest's ballot, in place of an earlier one. Counted when this returns.
    ///
    /// # Errors
    /// [`Error::Cast`], and nothing has changed.
    pub async fn cast(&self, id: CastId, choices: Vec<Choice>) -> Result<CastDone, Error> {
        let (workspace, voting, who) = (self.workspace, self.voting, Who::Voter(self.id));
        cast::cast(&self.backend, Cast { workspace, voting, who, id, choices }).await
    }

    /// What came of the session.
    ///
    /// # Errors
    /// [`Error::Conflict`] while it is not shown.
    pub async fn results(&self) -> Result<Results, Error> {
        results::results(&self.backend, &self.session().await?, results::Beside::default()).await
    }

    /// All that is needed to count the session again.
    ///
    /// # Errors
    /// [`Error::Conflict`] while the result is not shown.
    pub async fn record_of(&self) -> Result<RecordOfVoting, Error> {
        results::record(self.backend.db.reader(), &self.session().await?).await
    }

    /// Listens to what happens to the session.
    pub async fn subscribe_voting(&self) -> Result<watch::Receiver<VotingNews>, Error> {
        live::subscribe(&self.backend, self.workspace, self.voting).await
    }

    /// Watches for the guest's removal, for a live channel.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the guest was removed already.
    pub async fn watch_session(&self) -> Result<SessionWatch, Error> {
        self.backend.watch_session(self.session, None).await
    }

    /// A file about the session.
    ///
    /// # Errors
    /// [`Error::Conflict`] while the result is not shown, [`Error::Forbidden`] for who chose what.
    pub async fn download_voting(&self, what: Download) -> Result<Vec<u8>, Error> {
        match what {
            Download::Record => download::write_record(self.record_of().await?).await,
            Download::ResultJson | Download::ResultCsv => {
                download::write_result(self.results().await?, what).await
            }
            Download::Ballots => Err(Error::Forbidden("Only editors can see who chose what.".into())),
        }
    }

    async fn session(&self) -> Result<Session, Error> {
        session::find(self.backend.db.reader(), self.workspace, self.voting).await
    }

    /// Whether it was with this code that the guest came in; with a shared one, whoever is in need not come twice.
    fn came_by(&self, entry: &voting_entry::Model) -> bool {
        entry.name.is_none() || self.entry.as_ref() == Some(&entry.id)
    }
}

fn unknown() -> Error {
    Error::NotFound("There is no such code. Check it, or ask the facilitator for another.".into())
}

fn too_many(wait: Duration) -> Error {
    let words = in_words(wait);
    let sentence = format!("Too many wrong codes came from your network. Wait {words} and try again.");
    Error::TooMany { sentence, wait }
}
