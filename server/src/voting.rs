//! Voting sessions beside their pages: files to download, and events for pages that are open.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use app::api::{ApiError, guest_secret, session_secret};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use backend::{
    Error, Viewer,
    voting::{Download, Guest},
};
use domain::{VotingId, voting::VotingNews};
use futures::{Stream, stream};
use tokio::sync::watch;

use crate::router::Shared;

/// How often an open page's right to listen is asked for again.
const ASK_AFTER: Duration = Duration::from_secs(2);

/// Keeps proxies from taking a silent connection for a dead one.
const STILL_THERE: Duration = Duration::from_secs(20);

pub(crate) async fn record(state: State<Shared>, path: Path<String>, headers: HeaderMap) -> Response {
    download(state, path, headers, Download::Record).await
}

pub(crate) async fn result_csv(state: State<Shared>, path: Path<String>, headers: HeaderMap) -> Response {
    download(state, path, headers, Download::ResultCsv).await
}

pub(crate) async fn result_json(state: State<Shared>, path: Path<String>, headers: HeaderMap) -> Response {
    download(state, path, headers, Download::ResultJson).await
}

pub(crate) async fn ballots(state: State<Shared>, path: Path<String>, headers: HeaderMap) -> Response {
    download(state, path, headers, Download::Ballots).await
}

/// Tells what happens to a session, as server-sent events; the data of each is a [`VotingNews`] as JSON.
pub(crate) async fn events(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match listen(&shared, &id, headers).await {
        Ok(events) => {
            // A proxy that collects them would hold them back.
            let unbuffered = [("x-accel-buffering", "no")];
            (unbuffered, Sse::new(events).keep_alive(KeepAlive::new().interval(STILL_THERE))).into_response()
        }
        Err(error) => refuse(&error),
    }
}

/// Who may see a session: a member, or its guest.
enum Asker {
    Member(Viewer),
    Guest(Guest),
}

impl Asker {
    async fn of(shared: &Shared, id: VotingId, headers: &HeaderMap) -> Result<Self, ApiError> {
        if let Some(secret) = session_secret(headers, &shared.address)
            && let Some(viewer) = shared.backend.people().authenticate(&secret).await?
        {
            return Ok(Self::Member(viewer));
        }
        if let Some(secret) = guest_secret(headers, &shared.address)
            && let Some(guest) = shared.backend.votings().guest(&secret).await?
            && guest.voting() == id
        {
            return Ok(Self::Guest(guest));
        }
        Err(ApiError::new(401, "You are not signed in. Sign in and try again."))
    }

    async fn download(&self, id: VotingId, what: Download) -> Result<Vec<u8>, Error> {
        match self {
            Self::Member(viewer) => viewer.download_voting(id, what).await,
            Self::Guest(guest) => guest.download_voting(what).await,
        }
    }

    async fn subscribe(&self, id: VotingId) -> Result<watch::Receiver<VotingNews>, Error> {
        match self {
            Self::Member(viewer) => viewer.subscribe_voting(id).await,
            Self::Guest(guest) => guest.subscribe_voting().await,
        }
    }
}

/// An open page that listens.
struct Listener {
    shared: Shared,
    id: VotingId,
    headers: HeaderMap,
    news: watch::Receiver<VotingNews>,
    /// Held while it listens; says when the server stops.
    closing: watch::Receiver<bool>,
    asked: Instant,
}

impl Listener {
    /// The next event, or `None` when there is to be no other.
    async fn next(&mut self) -> Option<VotingNews> {
        tokio::select! {
            changed = self.news.changed() => changed.ok()?,
            _ = self.closing.wait_for(|closing| *closing) => return None,
        }
        if self.asked.elapsed() > ASK_AFTER {
            Asker::of(&self.shared, self.id, &self.headers).await.ok()?;
            self.asked = Instant::now();
        }
        Some(self.news.borrow_and_update().clone())
    }
}

async fn listen(
    shared: &Shared,
    id: &str,
    headers: HeaderMap,
) -> Result<impl Stream<Item = Result<Event, Infallible>> + use<>, ApiError> {
    let id = voting_id(id)?;
    let mut news = Asker::of(shared, id, &headers).await?.subscribe(id).await?;
    // What is so now comes first: something may have changed since the page was made.
    news.mark_changed();
    let listener = Listener {
        shared: shared.clone(),
        id,
        headers,
        news,
        closing: shared.gate.pass(),
        asked: Instant::now(),
    };
    Ok(stream::unfold(listener, |mut listener| async move {
        let news = listener.next().await?;
        let event = Event::default().json_data(&news).expect("news are always JSON");
        Some((Ok(event), listener))
    }))
}

async fn download(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    what: Download,
) -> Response {
    match file(&shared, &id, &headers, what).await {
        Ok(body) => {
            let (content_type, name) = match what {
                Download::Record => ("application/json", "record.json"),
                Download::ResultJson => ("application/json", "result.json"),
                Download::ResultCsv => ("text/csv; charset=utf-8; header=present", "result.csv"),
                Download::Ballots => ("text/csv; charset=utf-8; header=present", "ballots.csv"),
            };
            let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
                .expect("these names are plain");
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
                (header::CONTENT_DISPOSITION, name),
                (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
            ];
            (headers, body).into_response()
        }
        Err(error) => refuse(&error),
    }
}

async fn file(shared: &Shared, id: &str, headers: &HeaderMap, what: Download) -> Result<Vec<u8>, ApiError> {
    let id = voting_id(id)?;
    let body = Asker::of(shared, id, headers).await?.download(id, what).await?;
    Ok(match what {
        Download::ResultCsv | Download::Ballots => [crate::export::BYTE_ORDER_MARK, &body].concat(),
        Download::Record | Download::ResultJson => body,
    })
}

fn voting_id(text: &str) -> Result<VotingId, ApiError> {
    text.parse().map_err(|_| ApiError::new(404, "There is no such voting session. Look for it in the list."))
}

fn refuse(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, error.sentence.clone()).into_response()
}
