//! Voting sessions: the list, a session's page, its result.
//!
//! What nobody types into is made into HTML by the server and shown as it is, so that browsers need not carry the
//! means to draw it; see [`Plain`].

pub mod ballot;
pub mod run;
pub mod segments;
pub mod setup;

use domain::{
    CastId, ItemId, RoadmapId, Timestamp, VotingId,
    voting::{BallotPage, RunningVote, Segment, Tally, VotingFacts},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::edge::{Asker, asker, editor, link, link_warning, product_key, refusal, viewer};
use crate::api::{ApiError, Json, Plain, ProductPage};
#[cfg(feature = "ssr")]
use crate::pages::voting::plain;

/// All that the page of a session shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPage {
    pub facts: VotingFacts,
    /// The server's clock, for the countdown.
    pub now: Timestamp,
    /// The name of whoever asks.
    pub viewer: String,
    /// Whether whoever asks runs the session.
    pub manages: bool,
    /// For those who may cast one now.
    pub ballot: Option<BallotPage>,
    /// The number of the next cast, for a form that is sent without the application.
    pub cast: CastId,
    /// What those who run the session can do.
    pub run: run::Controls,
    /// Its address, to be passed on to members.
    pub link: String,
    /// Why others may be unable to open that address.
    pub link_warning: Option<String>,
    /// In which guests can be put, for those who run it.
    pub segments: Vec<Segment>,
    /// The result, or why there is none.
    pub below: String,
    /// Whether there is a result whose order can be taken.
    pub has_order: bool,
    /// Why a form of this page was refused.
    pub refused: Option<String>,
}

/// A session on a screen that everybody in a room can see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    pub facts: VotingFacts,
    pub now: Timestamp,
    /// The tally so far of an open session.
    pub tally: Option<Tally>,
    /// What the facilitator can do next.
    pub run: String,
    /// The result, once it is revealed.
    pub result: String,
}

/// Every session whoever asks may see.
#[server(endpoint = "votings", input = Json, output = Json)]
pub async fn votings() -> Result<Plain, ApiError> {
    let viewer = viewer().await?;
    let sessions = viewer.votings().await?;
    let refused = refusal(run::FORMS);
    let new = match viewer.role().can_edit() {
        true => Some(new_session(&viewer, sessions.is_empty()).await?),
        false => None,
    };
    Ok(plain::list::page(sessions, new, refused))
}

/// Where a session is set up and, while there is none, what to do before.
#[cfg(feature = "ssr")]
async fn new_session(viewer: &backend::Viewer, is_first: bool) -> Result<plain::list::NewSession, ApiError> {
    let mut before = None;
    if is_first {
        let mut products = viewer.product_summaries().await?;
        products.retain(|summary| !summary.product.archived);
        before = match products.first() {
            None => Some(("/".to_owned(), "Create a product")),
            Some(first) if products.iter().all(|summary| summary.items == 0) => {
                Some((format!("/p/{}", first.product.key), "Add items"))
            }
            Some(_) => None,
        };
    }
    Ok(plain::list::NewSession { href: "/voting/new".to_owned(), before })
}

/// The sessions that wait for somebody's vote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub count: u32,
    /// The sessions with a button to vote in each; empty without any.
    pub html: String,
}

/// The sessions that wait for the vote of the person asking.
#[server(endpoint = "waiting_votes", input = Json, output = Json)]
pub async fn waiting_votes() -> Result<Waiting, ApiError> {
    let sessions = viewer().await?.waiting_votings().await?;
    let count = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
    Ok(Waiting { count, html: plain::list::waiting(&sessions) })
}

/// Every session on items of a product that whoever asks may see.
#[server(endpoint = "product_votings", input = Json, output = Json)]
pub async fn product_votings(key: String) -> Result<ProductPage, ApiError> {
    let viewer = viewer().await?;
    let product = viewer.product(&product_key(&key)?).await?;
    let mut sessions = viewer.votings().await?;
    sessions.retain(|session| session.roadmaps.contains(&product.roadmap));
    // Only an empty list asks.
    let has_items = !sessions.is_empty()
        || viewer.view(product.roadmap).await?.roadmap.items().any(|item| item.deleted.is_none());
    let list = plain::list::of_product(&product, sessions, viewer.role().can_edit(), has_items);
    Ok(ProductPage { product, page: list })
}

/// What a board shows of voting sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardVotes {
    /// Open sessions on items of the roadmap.
    pub running: Vec<RunningVote>,
    /// What its items got in the last vote on each whose result is shown.
    pub results: Vec<BoardResult>,
    /// How many sessions wait for the vote of the person asking, on any roadmap.
    pub waiting: u32,
}

/// What a session gave items of a roadmap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardResult {
    pub voting: VotingId,
    pub title: String,
    pub closed: Timestamp,
    /// Points and place, such as `6 dots · 1st of 8`.
    pub places: Vec<(ItemId, String)>,
}

/// Votes on items of a roadmap, for its board.
#[server(endpoint = "running_votes", input = Json, output = Json)]
pub async fn running_votes(roadmap: RoadmapId) -> Result<BoardVotes, ApiError> {
    let viewer = viewer().await?;
    let results = viewer.published_results(roadmap).await?;
    let results = results.iter().map(|published| BoardResult {
        voting: published.voting,
        title: published.title.to_string(),
        closed: published.closed,
        places: plain::places::places(published),
    });
    Ok(BoardVotes {
        running: viewer.running_votes(roadmap).await?,
        results: results.collect(),
        waiting: viewer.count_waiting_votings().await?,
    })
}

/// The page of a session, for members and for its guests.
#[server(endpoint = "voting", input = Json, output = Json)]
pub async fn voting(id: VotingId) -> Result<SessionPage, ApiError> {
    use domain::voting::Phase;
    let asker = asker(id).await?;
    let facts = asker.facts(id).await?;
    let mut ballot = match facts.phase {
        Phase::Open => match asker.ballot_page(id).await {
            Ok(page) => Some(page),
            Err(error) if error.status == 403 => None,
            Err(error) => return Err(error),
        },
        _ => None,
    };
    let editor = asker.leader(id).await?;
    let (run, segments) = match &editor {
        Some(editor) => run::controls(editor, &facts).await?,
        None => Default::default(),
    };
    let (below, has_order) = match facts.phase {
        Phase::Revealed => {
            let results = asker.results(id, None).await?;
            let has_order = results.tally.ballots > 0;
            let reader = plain::results::Reader { manages: editor.is_some(), is_guest: asker.is_guest() };
            (plain::results::html_of(results, reader), has_order)
        }
        _ => (plain::phase::html_of(&facts, ballot.is_some(), asker.is_guest()), false),
    };
    let (now, cast, manages) = (backend::now(), backend::new_cast(), editor.is_some());
    let on_ballot = ballot.as_mut().and_then(ballot::returned).and_then(|returned| returned.sentence());
    // A ballot that came too late is refused on a page that has none any more.
    let refused = on_ballot.or_else(|| refusal(run::FORMS)).or_else(|| refusal(&[ballot::FORM]));
    let viewer = asker.name();
    let link = link(&format!("/voting/{id}"));
    let link_warning = editor.and_then(|editor| link_warning(&link, editor.role()));
    Ok(SessionPage {
        facts,
        now,
        viewer,
        manages,
        ballot,
        cast,
        run,
        link,
        link_warning,
        segments,
        below,
        has_order,
        refused,
    })
}

/// The result of a session beside that of an earlier one, and whether a receipt is in the count.
#[server(endpoint = "voting_results", input = Json, output = Json)]
pub async fn voting_results(
    id: VotingId,
    compare: Option<VotingId>,
    receipt: Option<String>,
) -> Result<Plain, ApiError> {
    let asker = asker(id).await?;
    let results = asker.results(id, compare).await?;
    let manages = asker.leader(id).await?.is_some();
    let reader = plain::results::Reader { manages, is_guest: asker.is_guest() };
    Ok(plain::results::page(results, receipt.as_deref(), reader))
}

/// A session for the shared screen of those who run it.
#[server(endpoint = "presentation", input = Json, output = Json)]
pub async fn presentation(id: VotingId) -> Result<Screen, ApiError> {
    use domain::voting::Phase;
    let editor = editor().await?;
    let facts = editor.voting(id).await?;
    let result = match facts.phase {
        Phase::Revealed => plain::results::screen(&editor.results(id, None).await?),
        _ => String::new(),
    };
    let tally = editor.subscribe_voting(id).await?.borrow().tally.clone();
    let run = plain::run::next_steps(&facts);
    Ok(Screen { now: backend::now(), tally, run, result, facts })
}

#[cfg(feature = "ssr")]
impl Asker {
    async fn facts(&self, id: VotingId) -> Result<VotingFacts, ApiError> {
        match self {
            Self::Member(viewer) => Ok(viewer.voting(id).await?),
            Self::Guest(guest) => Ok(guest.facts().await?),
        }
    }

    async fn ballot_page(&self, id: VotingId) -> Result<BallotPage, ApiError> {
        match self {
            Self::Member(viewer) => Ok(viewer.ballot_page(id).await?),
            Self::Guest(guest) => Ok(guest.ballot_page().await?),
        }
    }

    async fn results(
        &self,
        id: VotingId,
        compare: Option<VotingId>,
    ) -> Result<domain::voting::Results, ApiError> {
        match self {
            Self::Member(viewer) => Ok(viewer.results(id, compare).await?),
            Self::Guest(guest) => Ok(guest.results().await?),
        }
    }

    /// The handle of somebody who runs the session: an editor of all its products.
    async fn leader(&self, id: VotingId) -> Result<Option<backend::Editor>, ApiError> {
        let Self::Member(viewer) = self else { return Ok(None) };
        let Ok(editor) = viewer.as_editor() else { return Ok(None) };
        Ok(editor.leads(id).await?.then_some(editor))
    }

    fn name(&self) -> String {
        match self {
            Self::Member(viewer) => viewer.member().name.to_string(),
            Self::Guest(guest) => guest.name().to_owned(),
        }
    }

    fn is_guest(&self) -> bool {
        matches!(self, Self::Guest(_))
    }
}
