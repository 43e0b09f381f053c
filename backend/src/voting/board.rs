//! Sessions as boards show them: what is being voted on there, and what it stands at.

use domain::{
    ItemId, RoadmapId, VotingId, WorkspaceId,
    voting::{Phase, RunningVote},
};
use sea_orm::ConnectionTrait;

use super::{
    live,
    pages::{ballot_of, is_invited, sees},
    secret::Who,
    session,
};
use crate::{Backend, Error, Viewer};

impl Viewer {
    /// Open sessions on items of a roadmap, the oldest first.
    pub async fn running_votes(&self, roadmap: RoadmapId) -> Result<Vec<RunningVote>, Error> {
        let db = self.backend.db.reader();
        let (segments, reach) = (self.own_segments().await?, self.reach().await?);
        let mut running = Vec::new();
        for session in session::all_open(db, self.workspace).await? {
            if !session.roadmaps().contains(&roadmap) || !sees(&reach, &session) {
                continue;
            }
            let ballot = ballot_of(&self.backend, db, &session, Who::Member(self.member.id)).await?;
            let news = live::subscribe(&self.backend, self.workspace, session.id).await?;
            let news = news.borrow().clone();
            running.push(RunningVote {
                id: session.id,
                title: session.draft.title.clone(),
                titles: session
                    .open_candidates()
                    .into_iter()
                    .map(|candidate| (candidate.item, candidate.title))
                    .collect(),
                weighted: session.draft.weighted,
                invited: is_invited(&reach, &session, &segments),
                voted: ballot.is_some(),
                news,
            });
        }
        Ok(running)
    }

    /// The title of an open session on an item, where there is one; nothing in its place for those who do not see the session.
    pub(crate) async fn open_vote_on(
        &self,
        roadmap: RoadmapId,
        item: ItemId,
    ) -> Result<Option<Option<String>>, Error> {
        let Some(session) = open_on(self.backend.db.reader(), self.workspace, roadmap, item).await? else {
            return Ok(None);
        };
        let reach = self.reach().await?;
        Ok(Some(sees(&reach, &session).then(|| session.draft.title.to_string())))
    }
}

/// Whether an item can be chosen in an open session.
pub(crate) async fn is_in_open_vote(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    roadmap: RoadmapId,
    item: ItemId,
) -> Result<bool, Error> {
    Ok(open_on(db, workspace, roadmap, item).await?.is_some())
}

/// The oldest open session in which an item can be chosen.
async fn open_on(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    roadmap: RoadmapId,
    item: ItemId,
) -> Result<Option<session::Session>, Error> {
    let is_on = |session: &session::Session| {
        session.roadmaps().contains(&roadmap)
            && session.open_candidates().iter().any(|candidate| candidate.item == item)
    };
    Ok(session::all_open(db, workspace).await?.into_iter().find(is_on))
}

/// Tells the boards whose items a session is about that it opened or closed, or shows its result.
pub(super) async fn tell(backend: &Backend, workspace: WorkspaceId, id: VotingId) {
    match session::find(backend.db.reader(), workspace, id).await {
        Ok(session) => {
            for roadmap in session.roadmaps() {
                backend.product_changed(roadmap);
                if session.phase == Phase::Revealed {
                    backend.scores_changed(roadmap);
                }
            }
        }
        // They see it when they are loaded next.
        Err(error) => tracing::warn!(?error, %id, "boards could not be told of a vote"),
    }
}
