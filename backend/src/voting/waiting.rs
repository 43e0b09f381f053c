//! Votes that wait for somebody: open sessions they may vote in and have not yet.

use std::collections::HashMap;

use domain::{RoadmapId, voting::VotingSummary};

use super::{
    pages::{ballot_of, is_invited, summary},
    secret::Who,
    session::{self, Session},
};
use crate::{Error, Viewer, clock::now};

impl Viewer {
    /// How many sessions wait for this person's vote.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_waiting_votings(&self) -> Result<u32, Error> {
        Ok(u32::try_from(self.waiting().await?.len()).unwrap_or(u32::MAX))
    }

    /// The sessions that wait for this person's vote. The one that closes first comes first; those without an end come last,
    /// the oldest before the others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_votings(&self) -> Result<Vec<VotingSummary>, Error> {
        let mut waiting = self.waiting().await?;
        waiting.sort_by_key(|session| (session.draft.closes.is_none(), session.draft.closes, session.id));
        let mut summaries = Vec::with_capacity(waiting.len());
        for session in &waiting {
            summaries.push(summary(&self.backend, session, true, false).await?);
        }
        Ok(summaries)
    }

    /// How many sessions are open on items of each roadmap, of those that this person sees.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_open_votings(&self) -> Result<HashMap<RoadmapId, u32>, Error> {
        let at = now();
        let mut open = session::all_open(self.backend.db.reader(), self.workspace).await?;
        open.retain(|session| session.counts_ballots(&self.backend.voting, at));
        let mut counts = HashMap::new();
        if open.is_empty() {
            return Ok(counts);
        }
        let reach = self.reach().await?;
        for session in open.iter().filter(|session| reach.least(session.roadmaps()).is_some()) {
            for roadmap in session.roadmaps() {
                *counts.entry(roadmap).or_default() += 1;
            }
        }
        Ok(counts)
    }

    async fn waiting(&self) -> Result<Vec<Session>, Error> {
        let (db, at) = (self.backend.db.reader(), now());
        let mut open = session::all_open(db, self.workspace).await?;
        open.retain(|session| session.counts_ballots(&self.backend.voting, at));
        if open.is_empty() {
            return Ok(open);
        }
        let (segments, reach) = (self.own_segments().await?, self.reach().await?);
        let mut waiting = Vec::new();
        for session in open {
            if is_invited(&reach, &session, &segments)
                && ballot_of(&self.backend, db, &session, Who::Member(self.member.id)).await?.is_none()
            {
                waiting.push(session);
            }
        }
        Ok(waiting)
    }
}
