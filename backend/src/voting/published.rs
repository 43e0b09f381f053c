//! Results as boards show them: what each item got in the last vote on it. Sessions that show their result never change again,
//! so each is read once and remembered.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{
    ItemId, RoadmapId, Timestamp, VotingId, VotingTitle,
    voting::{Line, Mode, Phase},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::OnceCell;

use super::{
    pages::sees,
    session::{self, Session},
};
use crate::{Error, Viewer, codec::parse, entity::voting};

/// How many sessions of a workspace are looked at, the newest ones.
const LOOKED_AT: u64 = 500;

/// How many sessions on one roadmap are looked at, the newest ones.
const ON_ONE_ROADMAP: usize = 50;

/// What a session gave items of one roadmap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub voting: VotingId,
    pub title: VotingTitle,
    pub mode: Mode,
    /// Whether places follow the weighted points.
    pub weighted: bool,
    pub closed: Timestamp,
    /// How many items the session has put in order, on any roadmap.
    pub of: usize,
    /// Without items that a later session has given another place.
    pub lines: Vec<Line>,
}

/// Sessions that show their results.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashMap<VotingId, Arc<Shown>>>);

/// A session that shows its result.
#[derive(Debug)]
struct Shown {
    session: Session,
    /// Read when it is asked for first: there may be many ballots beside them. Empty where there is no result.
    lines: OnceCell<Vec<Line>>,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, HashMap<VotingId, Arc<Shown>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Viewer {
    /// What the items of a roadmap got in the last vote on each whose result is shown, the newest session first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn published_results(&self, roadmap: RoadmapId) -> Result<Vec<Published>, Error> {
        let mut shown = self.shown().await?;
        let reach = self.reach().await?;
        shown.retain(|shown| shown.session.roadmaps().contains(&roadmap) && sees(&reach, &shown.session));
        shown.sort_by_key(|shown| std::cmp::Reverse((shown.session.draft.closes, shown.session.id)));
        shown.truncate(ON_ONE_ROADMAP);
        let (mut placed, mut results) = (BTreeSet::new(), Vec::new());
        for shown in &shown {
            let all = self.lines(shown).await?;
            let draft = &shown.session.draft;
            let on_roadmap: BTreeSet<ItemId> = draft
                .candidates
                .iter()
                .filter(|candidate| candidate.roadmap == roadmap)
                .map(|candidate| candidate.item)
                .collect();
            let lines: Vec<Line> = all
                .iter()
                .filter(|line| on_roadmap.contains(&line.item) && placed.insert(line.item))
                .cloned()
                .collect();
            if !lines.is_empty() {
                results.push(Published {
                    voting: shown.session.id,
                    title: draft.title.clone(),
                    mode: draft.rules.mode,
                    weighted: draft.weighted,
                    closed: draft.closes.unwrap_or_default(),
                    of: all.len(),
                    lines,
                });
            }
        }
        Ok(results)
    }

    async fn shown(&self) -> Result<Vec<Arc<Shown>>, Error> {
        let db = self.backend.db.reader();
        let known = &self.backend.voting.known;
        let ids: Vec<String> = voting::Entity::find()
            .select_only()
            .column(voting::Column::Id)
            .filter(voting::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(voting::Column::Phase.eq(Phase::Revealed.as_str()))
            .order_by_desc(voting::Column::Id)
            .limit(LOOKED_AT)
            .into_tuple()
            .all(db)
            .await?;
        let mut shown = Vec::with_capacity(ids.len());
        for id in ids {
            let id: VotingId = parse(&id)?;
            let found = known.lock().get(&id).cloned();
            shown.push(match found {
                Some(found) => found,
                None => {
                    let session = session::find(db, self.workspace, id).await?;
                    let read = Arc::new(Shown { session, lines: OnceCell::new() });
                    known.lock().entry(id).or_insert(read).clone()
                }
            });
        }
        // What is no longer among the newest is forgotten.
        let mut known = known.lock();
        if known.len() > 2 * shown.len() {
            let newest: BTreeSet<VotingId> = shown.iter().map(|shown| shown.session.id).collect();
            known.retain(|id, _| newest.contains(id));
        }
        Ok(shown)
    }

    async fn lines<'a>(&self, shown: &'a Shown) -> Result<&'a Vec<Line>, Error> {
        let read = || async {
            let outcome = shown.session.outcome(self.backend.db.reader()).await?;
            // Otherwise nobody voted or all were blank, the ballots were lost, or too few were cast to be shown.
            let counted = outcome.filter(|outcome| !outcome.uncounted && outcome.record.tally.ballots > 0);
            Ok(counted.map(|outcome| outcome.record.tally.lines).unwrap_or_default())
        };
        shown.lines.get_or_try_init(read).await
    }
}
