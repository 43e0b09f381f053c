//! Who votes without being a member, as facilitators see and manage them.

use domain::{
    PersonName, Role, SegmentId, Source, VoterId, VotingId,
    voting::{BallotPage, CastDone, Choice, NamedBallot, Phase, Voter, VoterKind},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::LockType,
};
use serde_json::json;

use super::{
    cast::{Cast, cast, check},
    gate, pages,
    secret::Who,
    segments,
    session::{self, Session},
};
use crate::{
    Editor, Error,
    access::{RecordTx, change},
    amounts,
    audit::Action,
    clock::{new_cast, new_id, now},
    codec::parse,
    entity::{voting_ballot, voting_cast, voting_voter},
    people::channels::hash_of,
};

/// On whose behalf a ballot is entered.
struct Customer {
    name: PersonName,
    source: Source,
    segment: Option<SegmentId>,
}

/// Which voters are removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remove {
    WithBallot,
    WithoutBallot,
}

impl Editor {
    /// Guests and customers of a session, in the order in which they came.
    pub async fn voters(&self, id: VotingId) -> Result<Vec<Voter>, Error> {
        let session = self.led(id).await?;
        let db = self.backend.db.reader();
        let key = match session.key(&self.backend.voting) {
            _ if session.is_secret() => None,
            // Who came can be seen without a key, who voted cannot.
            Err(Error::Conflict(_)) => None,
            key => key?,
        };
        let cast: Vec<Vec<u8>> = match key {
            None => Vec::new(),
            Some(_) => {
                session::ballots(self.workspace, id)
                    .select_only()
                    .column(voting_ballot::Column::Pseudonym)
                    .into_tuple()
                    .all(db)
                    .await?
            }
        };
        let voted = |voter| key.as_ref().is_some_and(|key| cast.contains(&key.pseudonym(Who::Voter(voter))));
        let rows = of_session(&session)
            .filter(voting_voter::Column::RemovedMs.is_null())
            .order_by_asc(voting_voter::Column::Id)
            .all(db)
            .await?;
        rows.into_iter()
            .map(|row| {
                let id = parse(&row.id)?;
                Ok(Voter {
                    id,
                    kind: parse(&row.kind)?,
                    name: row.name,
                    segment: row.segment_id.as_deref().map(parse).transpose()?,
                    source: row.source.as_deref().map(parse).transpose()?,
                    entered_by: row.entered_by.as_deref().map(parse).transpose()?,
                    voted: voted(id),
                })
            })
            .collect()
    }

    /// Removes a guest or customer from a session that is not closed, with the ballot that was cast.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, [`Error::Conflict`] once the session is closed.
    pub async fn remove_voter(&self, id: VotingId, voter: VoterId) -> Result<(), Error> {
        self.remove(id, voter, Remove::WithBallot).await
    }

    async fn remove(&self, id: VotingId, voter: VoterId, remove: Remove) -> Result<(), Error> {
        let guest = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let session = self.lock_led(&change, id).await?;
            if matches!(session.phase, Phase::Closed | Phase::Revealed) {
                return Err(Error::Conflict("This voting session is closed and counted.".into()));
            }
            gate::hold(tx, &session).await?;
            let row = voting_voter::Entity::find_by_id((self.workspace.to_string(), voter.to_string()))
                .lock(LockType::Update)
                .one(tx)
                .await?
                .filter(|row| row.removed_ms.is_none() && row.voting_id == id.to_string())
                .ok_or_else(|| Error::NotFound("This voter was removed already. Reload the page.".into()))?;
            let key = session.key(&self.backend.voting)?;
            let pseudonym = key.map(|key| key.pseudonym(Who::Voter(voter)));
            if remove == Remove::WithoutBallot
                && let Some(pseudonym) = &pseudonym
                && session::ballots(self.workspace, id)
                    .filter(voting_ballot::Column::Pseudonym.eq(pseudonym.clone()))
                    .one(tx)
                    .await?
                    .is_some()
            {
                return Ok(None);
            }
            let (kind, guest) = (row.kind.clone(), row.token_hash.as_deref().map(hash_of).transpose()?);
            let mut row = row.into_active_model();
            row.removed_ms = Set(Some(change.at.0));
            row.customer_key = Set(None);
            row.update(tx).await?;
            if let Some(pseudonym) = pseudonym {
                discard(tx, &session, pseudonym).await?;
            }
            let body = json!({ "voter": voter, "kind": kind });
            change.audit(Action::VoterRemoved, &id.to_string(), body).await?;
            Ok(guest)
        })?;
        self.backend.sessions_ended(guest.as_slice());
        self.backend.voting_changed(id);
        Ok(())
    }

    /// Casts a ballot on behalf of a customer. There is one for each name: entered again, it is replaced.
    ///
    /// # Errors
    /// [`Error::Cast`], and nothing has changed.
    pub async fn vote_for_customer(
        &self,
        id: VotingId,
        name: PersonName,
        source: Source,
        segment: Option<SegmentId>,
        choices: Vec<Choice>,
    ) -> Result<CastDone, Error> {
        let customer = Customer { name, source, segment };
        let session = self.led(id).await?;
        session.takes_ballots(now())?;
        check(&session, &choices)?;
        // The name in a transaction of its own: not beside the ballot in the database's log.
        let (voter, is_new) = change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let session = self.lock_led(&change, id).await?;
            session.takes_ballots(change.at)?;
            segments::must_exist(&change, customer.segment).await?;
            enter(&change, &session, &customer).await
        })?;
        let (workspace, who) = (self.workspace, Who::Voter(voter));
        let done = cast(&self.backend, Cast { workspace, voting: id, who, id: new_cast(), choices }).await;
        // A refusal leaves nothing behind, not the customer either, unless somebody else has voted for them meanwhile.
        if is_new && matches!(done, Err(Error::Cast(_))) {
            self.remove(id, voter, Remove::WithoutBallot).await?;
        }
        done
    }

    /// An empty ballot, to be filled on behalf of a customer.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such session.
    pub async fn customer_ballot_page(&self, id: VotingId) -> Result<BallotPage, Error> {
        let session = self.led(id).await?;
        // Nobody has the nil id, so the ballot is empty.
        pages::page(&self.backend, &session, Who::Voter(VoterId::NIL), String::new()).await
    }

    /// Who chose what, by name, in a session that was not secret and is closed.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a secret session, [`Error::Conflict`] before it is closed.
    pub async fn named_ballots(&self, id: VotingId) -> Result<Vec<NamedBallot>, Error> {
        let session = self.led(id).await?;
        if session.is_secret() {
            return Err(Error::Forbidden(
                "This voting session is secret: nothing that is kept says who chose what.".into(),
            ));
        }
        if !matches!(session.phase, Phase::Closed | Phase::Revealed) {
            return Err(Error::Conflict("Who chose what can be seen once the session is closed.".into()));
        }
        let Some(key) = session.key(&self.backend.voting)? else { return Ok(Vec::new()) };
        let db = self.backend.db.reader();
        let rows = session::ballots(self.workspace, id).all(db).await?;
        let mut people: Vec<(Vec<u8>, String, Option<VoterKind>)> = Vec::new();
        for member in self.members().await? {
            people.push((key.pseudonym(Who::Member(member.id)), member.name.to_string(), None));
        }
        for row in of_session(&session).all(db).await? {
            let kind = parse(&row.kind)?;
            people.push((key.pseudonym(Who::Voter(parse(&row.id)?)), row.name, Some(kind)));
        }
        let mut named = Vec::with_capacity(rows.len());
        for row in &rows {
            let ballot = session.content(None, row)?;
            let (_, name, kind) = people
                .iter()
                .find(|(pseudonym, ..)| *pseudonym == row.pseudonym)
                .ok_or_else(|| Error::internal("a ballot belongs to nobody who could vote in its session"))?;
            named.push(NamedBallot {
                name: name.clone(),
                kind: *kind,
                segment: ballot.group,
                weight: ballot.weight,
                choices: ballot.choices,
            });
        }
        named.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(named)
    }
}

/// The guests and customers of a session, removed ones too.
pub(super) fn of_session(session: &Session) -> sea_orm::Select<voting_voter::Entity> {
    voting_voter::Entity::find()
        .filter(voting_voter::Column::WorkspaceId.eq(session.workspace.to_string()))
        .filter(voting_voter::Column::VotingId.eq(session.id.to_string()))
}

/// The customer of that name, and whether there was none before.
async fn enter(
    change: &RecordTx<'_>,
    session: &Session,
    customer: &Customer,
) -> Result<(VoterId, bool), Error> {
    let key = domain::fold(&customer.name, &domain::NATIVE);
    let segment = customer.segment.map(|segment| segment.to_string());
    let known = of_session(session)
        // In lower case alone, as earlier versions kept it, too.
        .filter(voting_voter::Column::CustomerKey.is_in([&key, &customer.name.to_lowercase()]))
        .order_by_asc(voting_voter::Column::Id)
        .lock(LockType::Update)
        .one(change.tx)
        .await?;
    if let Some(row) = known {
        let id = parse(&row.id)?;
        let mut row = row.into_active_model();
        row.name = Set(customer.name.to_string());
        row.source = Set(Some(customer.source.to_string()));
        row.segment_id = Set(segment);
        row.entered_by = Set(Some(change.actor.to_string()));
        row.update(change.tx).await?;
        return Ok((id, false));
    }
    amounts::VOTERS.check(change.tx, of_session(session)).await?;
    let id = new_id(VoterId::new);
    voting_voter::Entity::insert(voting_voter::ActiveModel {
        workspace_id: Set(session.workspace.to_string()),
        id: Set(id.to_string()),
        voting_id: Set(session.id.to_string()),
        kind: Set(VoterKind::Customer.as_str().to_owned()),
        name: Set(customer.name.to_string()),
        customer_key: Set(Some(key)),
        segment_id: Set(segment),
        token_hash: Set(None),
        entry_id: Set(None),
        source: Set(Some(customer.source.to_string())),
        entered_by: Set(Some(change.actor.to_string())),
        removed_ms: Set(None),
    })
    .exec_without_returning(change.tx)
    .await?;
    let body = json!({ "voter": id, "kind": VoterKind::Customer, "source": customer.source });
    change.audit(Action::VoterAdded, &session.id.to_string(), body).await?;
    Ok((id, true))
}

async fn discard(tx: &DatabaseTransaction, session: &Session, pseudonym: Vec<u8>) -> Result<(), Error> {
    let (workspace, id) = (session.workspace.to_string(), session.id.to_string());
    voting_cast::Entity::delete_many()
        .filter(voting_cast::Column::WorkspaceId.eq(&workspace))
        .filter(voting_cast::Column::VotingId.eq(&id))
        .filter(voting_cast::Column::Pseudonym.eq(pseudonym.clone()))
        .exec(tx)
        .await?;
    let key = (workspace, id, pseudonym);
    if let Some(row) = voting_ballot::Entity::find_by_id(key.clone()).one(tx).await? {
        gate::discard(tx, session, row.casts).await?;
    }
    voting_ballot::Entity::delete_by_id(key).exec(tx).await?;
    Ok(())
}
