//! What pages are told of sessions.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Reject, RoadmapId, Role, VotingId,
    voting::{Ballot, BallotPage, CastRefusal, Phase, Receipt, VotingDraft, VotingFacts, VotingSummary},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    cast::in_audience,
    live,
    parts::segments_of,
    sealed::Content,
    secret::Who,
    session::{self, Key, Session},
};
use crate::{
    Backend, Editor, Error, Viewer,
    access::{
        RecordTx,
        product::{Locked, Reach},
    },
    clock::now,
    codec::hex,
    entity::{segment, voting, voting_ballot},
};

impl Viewer {
    /// The sessions this person may see, newest first.
    pub async fn votings(&self) -> Result<Vec<VotingSummary>, Error> {
        let db = self.backend.db.reader();
        let rows = voting::Entity::find()
            .filter(voting::Column::WorkspaceId.eq(self.workspace.to_string()))
            .order_by_desc(voting::Column::Id)
            .all(db)
            .await?;
        let (segments, reach) = (self.own_segments().await?, self.reach().await?);
        let mut summaries = Vec::with_capacity(rows.len());
        for row in rows {
            let session = Session::read(row)?;
            if !sees(&reach, &session) {
                continue;
            }
            let ballot = ballot_of(&self.backend, db, &session, Who::Member(self.member.id)).await?;
            let invited = is_invited(&reach, &session, &segments);
            summaries.push(summary(&self.backend, &session, invited, ballot.is_some()).await?);
        }
        Ok(summaries)
    }

    /// What everybody who may see a session is told of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none that this person may see.
    pub async fn voting(&self, id: VotingId) -> Result<VotingFacts, Error> {
        let session = self.visible(id).await?;
        let turnout = session::turnout(self.backend.db.reader(), &session).await?;
        Ok(session.facts(&self.backend.voting, turnout))
    }

    /// The ballot of the person asking.
    ///
    /// # Errors
    /// [`CastRefusal::NotInvited`] for who may not vote.
    pub async fn ballot_page(&self, id: VotingId) -> Result<BallotPage, Error> {
        let session = self.visible(id).await?;
        if !is_invited(&self.reach().await?, &session, &self.own_segments().await?) {
            return Err(CastRefusal::NotInvited.into());
        }
        page(&self.backend, &session, Who::Member(self.member.id), self.member.name.to_string()).await
    }

    /// A session that this person may see: one on products that exist for them. Drafts are their editors' own.
    pub(super) async fn visible(&self, id: VotingId) -> Result<Session, Error> {
        let session = session::find(self.backend.db.reader(), self.workspace, id).await?;
        if sees(&self.reach().await?, &session) { Ok(session) } else { Err(session::unknown()) }
    }

    /// The segments the person asking belongs to, by which it is judged to what they are invited.
    pub(super) async fn own_segments(&self) -> Result<Vec<segment::Model>, Error> {
        segments_of(self.backend.db.reader(), self.workspace, self.member.id).await
    }
}

impl Editor {
    /// A session that this person may lead: an editor of all its products.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none that they may see, [`Reject::NotAllowed`] when they may only see it.
    pub(super) async fn led(&self, id: VotingId) -> Result<Session, Error> {
        let session = session::find(self.backend.db.reader(), self.workspace, id).await?;
        leads(&self.reach().await?, session.roadmaps())?;
        Ok(session)
    }

    /// Whether this person may lead a session that they may see.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none that they may see.
    pub async fn leads(&self, id: VotingId) -> Result<bool, Error> {
        match self.led(id).await {
            Err(Error::Refused(Reject::NotAllowed(_))) => Ok(false),
            led => led.map(|_| true),
        }
    }

    /// As [`Editor::led`], held for update.
    pub(super) async fn lock_led(&self, change: &RecordTx<'_>, id: VotingId) -> Result<Session, Error> {
        let session = session::lock(change.tx, self.workspace, id).await?;
        self.must_lead(change, &session.draft).await?;
        Ok(session)
    }

    /// Refuses what somebody does with a session who is not an editor of all its products.
    pub(super) async fn must_lead(&self, change: &RecordTx<'_>, draft: &VotingDraft) -> Result<(), Error> {
        let role = change.role_of(change.actor).await?.ok_or(Reject::NotMember)?;
        let roadmaps: BTreeSet<RoadmapId> =
            draft.candidates.iter().map(|candidate| candidate.roadmap).collect();
        let only = Some(roadmaps.iter().copied().collect());
        let reach = Reach::of(change.tx, self.workspace, (change.actor, role), only, Locked::No).await?;
        leads(&reach, roadmaps)
    }
}

fn leads(reach: &Reach, roadmaps: BTreeSet<RoadmapId>) -> Result<(), Error> {
    match reach.least(roadmaps) {
        None => Err(session::unknown()),
        Some(role) if !role.can_edit() => Err(Reject::NotAllowed(role).into()),
        Some(_) => Ok(()),
    }
}

/// Whether a session is shown to who has this reach.
pub(super) fn sees(reach: &Reach, session: &Session) -> bool {
    reach.least(session.roadmaps()).is_some_and(|role| session.phase != Phase::Draft || role.can_edit())
}

/// Whether who has this reach and belongs to these segments may vote in a session.
pub(super) fn is_invited(reach: &Reach, session: &Session, segments: &[segment::Model]) -> bool {
    let role = reach.least(session.roadmaps());
    role.is_some_and(Role::can_vote) && in_audience(&session.draft.audience, segments)
}

/// A session in a list, for somebody who is invited or not, and has voted or not.
pub(super) async fn summary(
    backend: &Backend,
    session: &Session,
    invited: bool,
    voted: bool,
) -> Result<VotingSummary, Error> {
    Ok(VotingSummary {
        id: session.id,
        title: session.draft.title.clone(),
        rules: session.draft.rules,
        secrecy: session.draft.secrecy,
        phase: session.phase,
        candidates: u32::try_from(session.open_candidates().len()).unwrap_or(u32::MAX),
        roadmaps: session.roadmaps().into_iter().collect(),
        opens: session.draft.opens,
        closes: session.draft.closes,
        turnout: session::turnout(backend.db.reader(), session).await?,
        invited,
        voted,
        takes_ballots: session.counts_ballots(&backend.voting, now()),
    })
}

/// A voter's page.
pub(super) async fn page(
    backend: &Backend,
    session: &Session,
    who: Who,
    voter: String,
) -> Result<BallotPage, Error> {
    let db = backend.db.reader();
    let cast = ballot_of(backend, db, session, who).await?;
    let (ballot, receipt) = match cast {
        Some(cast) => {
            let receipt = Receipt(cast.receipt(session));
            (cast.choices, Some(receipt))
        }
        None => (Ballot::default(), None),
    };
    let mode = session.draft.rules.mode;
    let withdrawn = session.draft.candidates.iter().filter(|candidate| candidate.withdrawn);
    let ballot = withdrawn.fold(ballot, |ballot, candidate| ballot.without(candidate.item, mode));
    // Counted once for all who look, and not for each page that is loaded.
    let tally = match session.shows_standing() {
        true => live::subscribe(backend, session.workspace, session.id).await?.borrow().tally.clone(),
        false => None,
    };
    Ok(BallotPage {
        facts: session.facts(&backend.voting, session::turnout(db, session).await?),
        voter,
        ballot,
        receipt,
        descriptions: descriptions(backend, db, session).await?,
        tally,
        setup: session.bound_digest().map(|digest| hex(digest)).unwrap_or_default(),
    })
}

/// The ballot somebody cast; none in a secret session that is closed, because nobody knows then whose is whose.
pub(super) async fn ballot_of(
    backend: &Backend,
    db: &impl ConnectionTrait,
    session: &Session,
    who: Who,
) -> Result<Option<Content>, Error> {
    let key = match session.key(&backend.voting) {
        // The session can be looked at all the same; casting says what is wrong.
        Err(Error::Conflict(_)) => None,
        key => key?,
    };
    let Some(key) = key else { return Ok(None) };
    let row = session::ballots(session.workspace, session.id)
        .filter(voting_ballot::Column::Pseudonym.eq(key.pseudonym(who)))
        .one(db)
        .await?;
    let key = match &key {
        Key::Open(key) => Some(key),
        Key::Closed(_) => None,
    };
    row.map(|row| session.content(key, &row)).transpose()
}

async fn descriptions(
    backend: &Backend,
    db: &impl ConnectionTrait,
    session: &Session,
) -> Result<Vec<String>, Error> {
    let mut texts: HashMap<(String, String), String> = session::items(db, session)
        .await?
        .into_iter()
        .map(|row| ((row.roadmap_id, row.id), row.description))
        .collect();
    let description = |candidate: &domain::voting::Candidate| {
        let key = (candidate.roadmap.to_string(), candidate.item.to_string());
        texts.remove(&key).unwrap_or_default()
    };
    let texts = session.draft.candidates.iter().map(description).collect();
    backend.renderer.render(None, texts).await
}
