//! What came of a session.

use std::collections::{BTreeMap, HashMap};

use domain::{
    ItemId, Reason, RoadmapId, SegmentId, VotingId, VotingTitle,
    voting::{
        Compared, CountedBallot, GroupResult, Line, Phase, RecordOfVoting, Results, Score, Segment, Tally,
        Weight, Withheld, firmness, groups,
        insight::{compare, disagreements, fitting},
    },
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    pages::sees,
    record,
    session::{self, Outcome, Session},
};
use crate::{Backend, Error, Viewer, entity::voting};

/// How many sessions are read at once when the last one is looked for.
const AT_ONCE: u64 = 100;

/// Other sessions, to look at the result beside.
#[derive(Debug, Default)]
pub(super) struct Beside {
    compared: Option<(VotingId, VotingTitle, Tally)>,
    earlier: Vec<(VotingId, VotingTitle)>,
}

impl Viewer {
    /// What came of a session; of an open one, what it stands at. With `beside`, how places changed since that one.
    ///
    /// # Errors
    /// [`Error::Conflict`] while the result is not to be shown.
    pub async fn results(&self, id: VotingId, beside: Option<VotingId>) -> Result<Results, Error> {
        let session = self.visible(id).await?;
        let compared = match beside {
            Some(other) => {
                let other = self.visible(other).await?;
                let title = other.draft.title.clone();
                Some((other.id, title, record(self.backend.db.reader(), &other).await?.tally))
            }
            None => None,
        };
        let earlier = self.earlier(&session).await?;
        results(&self.backend, &session, Beside { compared, earlier }).await
    }

    /// All that is needed to count a session again.
    ///
    /// # Errors
    /// [`Error::Conflict`] while the result is not to be shown.
    pub async fn record_of(&self, id: VotingId) -> Result<RecordOfVoting, Error> {
        record(self.backend.db.reader(), &self.visible(id).await?).await
    }

    /// The points of items in the last session about a roadmap whose result this person can see.
    pub(crate) async fn last_points(&self, roadmap: RoadmapId) -> Result<HashMap<ItemId, Score>, Error> {
        let db = self.backend.db.reader();
        let ended = voting::Entity::find()
            .filter(voting::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(voting::Column::Phase.eq(Phase::Revealed.as_str()))
            .order_by_desc(voting::Column::ClosesMs)
            .order_by_desc(voting::Column::Id);
        let reach = self.reach().await?;
        for page in 0.. {
            let rows = ended.clone().offset(page * AT_ONCE).limit(AT_ONCE).all(db).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let session = Session::read(row)?;
                if !session.roadmaps().contains(&roadmap) || !sees(&reach, &session) {
                    continue;
                }
                match record(db, &session).await {
                    Ok(record) => {
                        let (mode, weighted) = (session.draft.rules.mode, session.draft.weighted);
                        let points = |line: &Line| Some((line.item, line.shown(mode, weighted)?));
                        return Ok(record.tally.lines.iter().filter_map(points).collect());
                    }
                    // It has no result.
                    Err(Error::Conflict(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(HashMap::new())
    }

    /// Sessions set up before this one, with some of the same items, whose results can be seen.
    async fn earlier(&self, session: &Session) -> Result<Vec<(VotingId, VotingTitle)>, Error> {
        let rows = voting::Entity::find()
            .filter(voting::Column::WorkspaceId.eq(self.workspace.to_string()))
            .filter(voting::Column::Phase.eq(Phase::Revealed.as_str()))
            .filter(voting::Column::Id.lt(session.id.to_string()))
            .order_by_desc(voting::Column::Id)
            .all(self.backend.db.reader())
            .await?;
        let (mut earlier, reach) = (Vec::new(), self.reach().await?);
        for row in rows {
            let other = Session::read(row)?;
            let candidates = &session.draft.candidates;
            let common = other
                .draft
                .candidates
                .iter()
                .any(|one| candidates.iter().any(|candidate| candidate.item == one.item));
            if common && sees(&reach, &other) && outcome(self.backend.db.reader(), &other).await.is_ok() {
                earlier.push((other.id, other.draft.title));
            }
        }
        Ok(earlier)
    }
}

/// The published record of a session whose result is shown.
pub(super) async fn record(db: &impl ConnectionTrait, session: &Session) -> Result<RecordOfVoting, Error> {
    Ok(outcome(db, session).await?.record)
}

/// What was counted, where it can be shown.
async fn outcome(db: &impl ConnectionTrait, session: &Session) -> Result<Outcome, Error> {
    let outcome = any_outcome(db, session).await?;
    match outcome.withheld(session)? {
        None => Ok(outcome),
        Some(withheld) => Err(self::withheld(withheld)),
    }
}

/// The refusal of what there is not.
pub(super) fn withheld(why: Withheld) -> Error {
    Error::Conflict(match why {
        Withheld::Uncounted => {
            "This voting session was ended without a result, because the key of its ballots was lost.".into()
        }
        Withheld::TooFew => format!(
            "Too few ballots were cast to show a result without giving away who chose what: a secret vote needs at \
             least {} people who vote themselves.",
            groups::LEAST
        ),
    })
}

/// What was counted, even if there is nothing to show of it.
async fn any_outcome(db: &impl ConnectionTrait, session: &Session) -> Result<Outcome, Error> {
    is_shown(session)?;
    session.outcome(db).await?.ok_or_else(|| Error::internal("a closed session was not counted"))
}

impl Outcome {
    /// Why there is no result.
    pub(super) fn withheld(&self, session: &Session) -> Result<Option<Withheld>, Error> {
        let cast = session.final_turnout()?.map_or(0, |turnout| turnout.cast);
        Ok(match () {
            () if self.uncounted => Some(Withheld::Uncounted),
            () if session.is_secret() && cast > 0 && self.record.ballots.is_empty() => Some(Withheld::TooFew),
            () => None,
        })
    }
}

/// Whether a session's result is to be seen.
fn is_shown(session: &Session) -> Result<(), Error> {
    let refused = |sentence: String| Err(Error::Conflict(sentence));
    match session.phase {
        Phase::Revealed => Ok(()),
        Phase::Closed => {
            refused("The votes are counted. The result is shown as soon as it is revealed.".to_owned())
        }
        _ => refused("The result is shown when the session is closed.".to_owned()),
    }
}

/// The result, or why there is none.
///
/// # Errors
/// [`Error::Conflict`] while it is not to be shown.
pub(super) async fn results(backend: &Backend, session: &Session, beside: Beside) -> Result<Results, Error> {
    let (db, memory) = (backend.db.reader(), &backend.voting);
    let (record, segments, withheld) = if session.shows_standing() {
        (record::standing(db, memory, session).await?, session.segments().to_vec(), None)
    } else {
        let outcome = any_outcome(db, session).await?;
        let withheld = outcome.withheld(session)?;
        (outcome.record, outcome.segments, withheld)
    };
    let facts = session.facts(memory, session::turnout(db, session).await?);
    let earlier = beside.earlier;
    if withheld.is_some() {
        return Ok(Results {
            facts,
            withheld,
            tally: Tally::default(),
            groups: Vec::new(),
            disagreements: Vec::new(),
            leads: Vec::new(),
            winner: None,
            fits: Vec::new(),
            compared: None,
            earlier: Vec::new(),
            receipts: Vec::new(),
            weight: Score::default(),
            setup: record.setup,
            digest: String::new(),
            reason: reason(session),
        });
    }
    let ballots = record.counted();
    let compared = beside.compared.map(|(voting, title, before)| Compared {
        voting,
        title,
        since: compare(&record.tally, &before),
    });
    let (leads, winner) =
        firmness(&record.rules, &record.candidates, &ballots, &record.tally, record.weighted);
    let weighs = ballots.iter().filter(|ballot| !ballot.is_blank());
    Ok(Results {
        facts,
        withheld: None,
        groups: split(session, &record, &ballots, &segments),
        disagreements: disagreements(&record.rules, &record.candidates, &ballots),
        leads,
        winner,
        fits: fitting(&record.rules, &record.candidates, &record.tally),
        compared,
        earlier,
        weight: Score(weighs.map(|ballot| u64::from(ballot.weight.thousandths())).sum()),
        setup: record.setup,
        digest: record.digest,
        reason: reason(session),
        receipts: record.ballots.into_iter().map(|ballot| ballot.receipt).collect(),
        tally: record.tally,
    })
}

fn split(
    session: &Session,
    record: &RecordOfVoting,
    ballots: &[CountedBallot],
    segments: &[Segment],
) -> Vec<GroupResult> {
    if session.draft.split.is_none() {
        return Vec::new();
    }
    let mut groups: BTreeMap<Option<SegmentId>, Vec<_>> = BTreeMap::new();
    for ballot in ballots {
        groups.entry(ballot.group).or_default().push(ballot.clone());
    }
    let mut results: Vec<GroupResult> = groups
        .into_iter()
        .map(|(group, ballots)| {
            let segment = segments.iter().find(|segment| Some(segment.id) == group);
            GroupResult {
                segment: group,
                name: segment.map(|segment| segment.name.clone()),
                weight: segment.map_or(Weight::ONE, |segment| segment.weight),
                tally: record.count_of(&ballots),
            }
        })
        .collect();
    results.sort_by(|one, other| {
        (one.segment.is_none(), &one.name).cmp(&(other.segment.is_none(), &other.name))
    });
    results
}

/// What the step on the board is called.
pub(super) fn reason(session: &Session) -> Reason {
    let title = &session.draft.title;
    Reason::parse(&format!("Result of the vote “{title}”"))
        .expect("a session's title leaves room for a reason")
}
