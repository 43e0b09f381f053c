//! Setting up a session, and leading it through its phases.

use std::collections::{BTreeMap, btree_map::Entry};

use domain::{
    ItemId, Role, Timestamp, VotingId,
    voting::{Candidate, Edition, Phase, Rules, VotingDraft},
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use super::{
    board, close, gate, roll,
    session::{self, Opened, Session},
};
use crate::{
    Backend, Editor, Error,
    access::{RecordTx, change},
    audit::Action,
    clock::{new_id, now},
    entity::{segment, voting, voting_entry, voting_voter},
};

/// The longest a session is extended by at once: 31 days.
const MOST_MINUTES: u32 = 31 * 24 * 60;

impl Editor {
    /// Sets up a session, as a draft.
    ///
    /// # Errors
    /// [`Error::Invalid`] says what is wrong with it.
    pub async fn create_voting(&self, draft: VotingDraft) -> Result<VotingId, Error> {
        let draft = self.complete(draft).await?;
        let id = new_id(VotingId::new);
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            self.must_lead(&change, &draft).await?;
            audience_exists(&change, &draft).await?;
            session::insert(&change, id, &draft).await?;
            change.audit(Action::VotingCreated, &id.to_string(), told(&draft)).await
        })?;
        Ok(id)
    }

    /// Changes a session: before it is open wholly, while it is open its title, its question and its end.
    ///
    /// # Errors
    /// [`Error::Conflict`] once it is closed, [`Error::Invalid`] says what is wrong.
    pub async fn edit_voting(&self, id: VotingId, draft: VotingDraft) -> Result<(), Error> {
        let before = self.led(id).await?;
        let draft = match before.phase {
            Phase::Draft | Phase::Scheduled => self.complete(draft).await?,
            _ => draft,
        };
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let mut session = self.lock_led(&change, id).await?;
            match session.phase {
                Phase::Draft | Phase::Scheduled => {
                    self.must_lead(&change, &draft).await?;
                    audience_exists(&change, &draft).await?;
                    if draft.opens.is_none() {
                        session.phase = Phase::Draft;
                    }
                    session.draft = draft.clone();
                }
                Phase::Open => {
                    session.draft.title = draft.title.clone();
                    session.draft.question = draft.question.clone();
                    if session.draft.closes != draft.closes {
                        if draft.closes.is_some_and(|closes| closes <= change.at) {
                            return Err(domain::voting::InvalidDraft::ClosesInThePast.into());
                        }
                        session.takes_ballots(change.at)?;
                        session.draft.closes = draft.closes;
                    }
                }
                Phase::Closed | Phase::Revealed => return Err(over()),
            }
            session.save(tx).await?;
            change.audit(Action::VotingEdited, &id.to_string(), told(&session.draft)).await
        })?;
        self.backend.voting_changed(id);
        Ok(())
    }

    /// Postpones the end of an open session by so many minutes.
    ///
    /// # Errors
    /// [`Error::Cast`] when it is not open, [`Error::Conflict`] when it has no end, [`Error::Invalid`] for no minutes or more than
    /// those of a month.
    pub async fn extend_voting(&self, id: VotingId, minutes: u32) -> Result<(), Error> {
        if !(1..=MOST_MINUTES).contains(&minutes) {
            return Err(Error::Invalid("Extend a session by at least a minute and at most 31 days.".into()));
        }
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let mut session = self.lock_led(&change, id).await?;
            session.takes_ballots(change.at)?;
            let closes = session.draft.closes.ok_or_else(|| {
                Error::Conflict(
                    "This voting session has no closing time. Set one under “RecordTx times”.".into(),
                )
            })?;
            session.draft.closes = Some(Timestamp(closes.0.saturating_add(i64::from(minutes) * 60_000)));
            session.save(tx).await?;
            change.audit(Action::VotingEdited, &id.to_string(), told(&session.draft)).await
        })?;
        self.backend.voting_changed(id);
        Ok(())
    }

    /// Opens a session now, or schedules it when it is to open later. One that is scheduled opens now.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it was opened before, [`Error::Invalid`] when it cannot be opened as it is.
    pub async fn open_voting(&self, id: VotingId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let mut session = self.lock_led(&change, id).await?;
            match session.phase {
                Phase::Draft | Phase::Scheduled => {}
                _ => return Err(Error::Conflict("This voting session was opened before.".into())),
            }
            let later = session.draft.opens.is_some_and(|opens| opens > change.at);
            if session.phase == Phase::Draft && later {
                session.draft.check(change.at)?;
                session.phase = Phase::Scheduled;
                session.save(tx).await?;
                let body = json!({ "opens": session.draft.opens });
                return change.audit(Action::VotingScheduled, &id.to_string(), body).await;
            }
            session.draft.opens = Some(change.at);
            session.draft.check(change.at)?;
            open(&self.backend, &change, session).await
        })?;
        self.backend.voting_changed(id);
        board::tell(&self.backend, self.workspace, id).await;
        Ok(())
    }

    /// Closes a session and counts it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is not open.
    pub async fn close_voting(&self, id: VotingId) -> Result<(), Error> {
        // First its end is set to now, beside the casts that are under way, so that no further cast queues at the gate.
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let mut session = self.lock_led(&change, id).await?;
            match session.phase {
                Phase::Open => {}
                Phase::Closed | Phase::Revealed => {
                    return Err(Error::Conflict("This voting session is closed already.".into()));
                }
                _ => return Err(Error::Conflict("This voting session has not been opened yet.".into())),
            }
            let at = now();
            if session.draft.closes.is_none_or(|closes| closes > at) {
                session.draft.closes = Some(at);
                session.save(tx).await?;
            }
            Ok(())
        })?;
        close::close(&self.backend, self.workspace, id, self.member.id).await.map(drop)
    }

    /// Shows the result of a session that waits for it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is not closed, or was shown before.
    pub async fn reveal_voting(&self, id: VotingId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let mut session = self.lock_led(&change, id).await?;
            match session.phase {
                Phase::Closed => {}
                Phase::Revealed => return Err(Error::Conflict("The result is shown already.".into())),
                _ => return Err(Error::Conflict("Close the session before you show its result.".into())),
            }
            session.phase = Phase::Revealed;
            session.save(tx).await?;
            change.audit(Action::VotingRevealed, &id.to_string(), json!({})).await
        })?;
        self.backend.voting_changed(id);
        board::tell(&self.backend, self.workspace, id).await;
        Ok(())
    }

    /// Deletes a draft.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is more than a draft.
    pub async fn delete_voting(&self, id: VotingId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let session = self.lock_led(&change, id).await?;
            if session.phase != Phase::Draft {
                return Err(Error::Conflict(
                    "Only a draft can be deleted. What people voted on is kept.".into(),
                ));
            }
            let (workspace, key) = (self.workspace.to_string(), id.to_string());
            voting_voter::Entity::delete_many()
                .filter(voting_voter::Column::WorkspaceId.eq(&workspace))
                .filter(voting_voter::Column::VotingId.eq(&key))
                .exec(tx)
                .await?;
            voting_entry::Entity::delete_many()
                .filter(voting_entry::Column::WorkspaceId.eq(&workspace))
                .filter(voting_entry::Column::VotingId.eq(&key))
                .exec(tx)
                .await?;
            voting::Entity::delete_by_id((workspace, key)).exec(tx).await?;
            change.audit(Action::VotingDeleted, &id.to_string(), told(&session.draft)).await
        })
    }

    /// Takes an item off the ballot of an open session and gives back what it got.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the session is not open, [`Error::NotFound`] when the item is not up for vote.
    pub async fn withdraw_candidate(&self, id: VotingId, item: ItemId) -> Result<(), Error> {
        change!(self.backend, |tx| {
            let change = RecordTx::by_member(tx, self, Role::Editor).await?;
            let session = self.lock_led(&change, id).await?;
            if session.phase != Phase::Open {
                return Err(Error::Conflict(
                    "Items can be taken off the ballot while the session is open.".into(),
                ));
            }
            if !session.open_candidates().iter().any(|candidate| candidate.item == item) {
                return Err(Error::NotFound("This item is not up for vote any more.".into()));
            }
            close::withdraw(&change, session, &[item]).await
        })?;
        self.backend.voting_changed(id);
        Ok(())
    }

    /// Checks a draft, and takes what items are called from their roadmaps.
    async fn complete(&self, mut draft: VotingDraft) -> Result<VotingDraft, Error> {
        draft.check(now())?;
        draft.rules = Rules::new(draft.rules.mode, draft.rules.tokens, draft.rules.most)
            .map_err(domain::voting::InvalidDraft::from)?;
        let products = self.products().await?;
        let editable = products.iter().filter(|product| product.role.can_edit());
        let keys: BTreeMap<_, _> = editable.map(|product| (product.roadmap, product.key.clone())).collect();
        let mut views = BTreeMap::new();
        for candidate in &mut draft.candidates {
            let key = keys.get(&candidate.roadmap).ok_or_else(|| gone(candidate))?;
            let roadmap = match views.entry(candidate.roadmap) {
                Entry::Occupied(view) => view.into_mut(),
                Entry::Vacant(place) => place.insert(self.view(candidate.roadmap).await?.roadmap),
            };
            let item = roadmap
                .item(candidate.item)
                .filter(|item| item.deleted.is_none())
                .ok_or_else(|| gone(candidate))?;
            candidate.key = format!("{key}-{}", item.number);
            candidate.title = item.fields.title.clone();
            candidate.withdrawn = false;
        }
        Ok(draft)
    }
}

/// Opens a session that is held for update.
pub(super) async fn open(
    backend: &Backend,
    change: &RecordTx<'_>,
    mut session: Session,
) -> Result<(), Error> {
    session.phase = Phase::Open;
    freeze(change.tx, &mut session, Edition::NOW).await?;
    // On disk before the session is open.
    let key = backend.voting.keys.make(session.id).map_err(|error| keyless(backend, &error))?;
    session.save_opened(change.tx, &key).await?;
    gate::open(change.tx, &session, 0).await?;
    let body = json!({ "title": session.draft.title, "closes": session.draft.closes });
    change.audit(Action::VotingOpened, &session.id.to_string(), body).await
}

/// Freezes what must not change while people vote: who is invited, the segments and their weights.
pub(super) async fn freeze(
    tx: &DatabaseTransaction,
    session: &mut Session,
    edition: Edition,
) -> Result<(), Error> {
    roll::call(tx, session).await?;
    let segments = close::current_segments(tx, session).await?;
    session.opened = Some(Opened { edition, segments });
    Ok(())
}

fn keyless(backend: &Backend, error: &std::io::Error) -> Error {
    tracing::error!(%error, folder = %backend.voting.keys.folder().display(), "a voting session's key cannot be written");
    Error::Conflict(
        "The key of this voting session cannot be written to the server's folder of keys. Ask its operator to make room there \
         and to allow the server to write, then open the session again."
            .into(),
    )
}

fn gone(candidate: &Candidate) -> Error {
    Error::Invalid(format!("“{}” is no longer on the board. Take it off the ballot.", candidate.title))
}

fn over() -> Error {
    Error::Conflict("This voting session is closed and can no longer be changed.".into())
}

async fn audience_exists(change: &RecordTx<'_>, draft: &VotingDraft) -> Result<(), Error> {
    let domain::voting::Audience::Segments(segments) = &draft.audience else { return Ok(()) };
    let known = segment::Entity::find()
        .filter(segment::Column::WorkspaceId.eq(change.workspace.to_string()))
        .filter(segment::Column::RemovedMs.is_null())
        .all(change.tx)
        .await?;
    if segments.iter().all(|wanted| known.iter().any(|known| known.id == wanted.to_string())) {
        Ok(())
    } else {
        Err(Error::Invalid("A segment of the voters no longer exists. Choose the voters again.".into()))
    }
}

/// What the audit log tells of a session's set-up.
fn told(draft: &VotingDraft) -> serde_json::Value {
    json!({
        "title": draft.title,
        "rules": draft.rules,
        "secrecy": draft.secrecy,
        "weighted": draft.weighted,
        "split": draft.split,
        "quorum": draft.quorum,
        "opens": draft.opens,
        "closes": draft.closes,
        "audience": draft.audience,
        "guests": draft.guests,
        "candidates": draft.candidates.iter().map(|candidate| &candidate.key).collect::<Vec<_>>(),
    })
}
