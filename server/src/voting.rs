//! Voting sessions beside their pages: files to download, and events for pages that are open.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use app::api::{ApiError, Asker};
use axum::{
    extract::{ConnectInfo, Path, State},
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use backend::{people::SessionWatch, voting::Download};
use domain::{VotingId, voting::VotingNews};
use futures::{Stream, stream};
use tokio::sync::watch;

use crate::{
    export,
    live::{Holder, Place},
    shared::Shared,
};

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
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match listen(&shared, address.ip(), &id, headers).await {
        Ok(events) => unbuffered(Sse::new(events)),
        Err(error) => export::refuse(&error),
    }
}

/// Events as an answer that goes on. A proxy that collects them would hold them back.
fn unbuffered<S>(events: Sse<S>) -> Response
where
    S: Stream<Item = Result<Event, Infallible>> + Send + 'static,
{
    let header = [("x-accel-buffering", "no")];
    (header, events.keep_alive(KeepAlive::new().interval(STILL_THERE))).into_response()
}

async fn asker(shared: &Shared, id: VotingId, headers: &HeaderMap) -> Result<Asker, ApiError> {
    Asker::of(&shared.backend, &shared.address, headers, id).await
}

/// An open page that listens.
struct Listener {
    shared: Shared,
    id: VotingId,
    headers: HeaderMap,
    news: watch::Receiver<VotingNews>,
    /// Of a member: changes whenever it does who sees which product.
    accesses: Option<watch::Receiver<u64>>,
    /// Ends the events with it.
    session: Option<SessionWatch>,
    /// Held while it listens; says when the server stops.
    closing: watch::Receiver<bool>,
    asked: Instant,
    /// Held while it listens.
    _place: Place,
}

impl Listener {
    /// The next event, or `None` when there is to be no other.
    async fn next(&mut self) -> Option<VotingNews> {
        loop {
            let told = tokio::select! {
                // Who sees the session counts before what happens in it.
                biased;
                () = changed(self.accesses.as_mut()) => false,
                changed = self.news.changed() => changed.map(|()| true).ok()?,
                _ = self.closing.wait_for(|closing| *closing) => return None,
                () = ended(self.session.as_mut()) => return None,
            };
            if !told || self.asked.elapsed() > ASK_AFTER {
                if let Asker::Member(viewer) = asker(&self.shared, self.id, &self.headers).await.ok()? {
                    viewer.check_voting(self.id).await.ok()?;
                }
                self.asked = Instant::now();
            }
            if told {
                break;
            }
        }
        Some(self.news.borrow_and_update().clone())
    }
}

/// Waits until something changes, where there is something.
async fn changed(receiver: Option<&mut watch::Receiver<u64>>) {
    let Some(receiver) = receiver else { return std::future::pending().await };
    if receiver.changed().await.is_err() {
        std::future::pending().await
    }
}

/// Waits until the session has ended, where there is one.
async fn ended(session: Option<&mut SessionWatch>) {
    match session {
        Some(session) => session.ended().await,
        None => std::future::pending().await,
    }
}

async fn listen(
    shared: &Shared,
    address: IpAddr,
    id: &str,
    headers: HeaderMap,
) -> Result<impl Stream<Item = Result<Event, Infallible>> + use<>, ApiError> {
    let mut place = shared.gate.enter(address)?;
    let id = voting_id(id)?;
    let _turn = shared.visitors.letting_in.acquire().await;
    let asker = asker(shared, id, &headers).await?;
    let holder = match &asker {
        Asker::Member(viewer) => Holder::Follower(viewer.member().id),
        Asker::Guest(guest) => Holder::Guest(guest.id()),
    };
    place.of(holder)?;
    let (mut news, accesses, session) = match asker {
        Asker::Member(viewer) => {
            // Before it is looked whether the session is visible, so that nothing falls in between.
            let accesses = viewer.subscribe_accesses();
            (viewer.subscribe_voting(id).await?, Some(accesses), viewer.watch_session().await?)
        }
        Asker::Guest(guest) => (guest.subscribe_voting().await?, None, Some(guest.watch_session().await?)),
    };
    // What is so now comes first: something may have changed since the page was made.
    news.mark_changed();
    let listener = Listener {
        shared: shared.clone(),
        id,
        headers,
        news,
        accesses,
        session,
        closing: shared.gate.pass(),
        asked: Instant::now(),
        _place: place,
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
    const JSON: &str = "application/json";
    const CSV: &str = "text/csv; charset=utf-8; header=present";
    let (content_type, name) = match what {
        Download::Record => (JSON, "record.json"),
        Download::ResultJson => (JSON, "result.json"),
        Download::ResultCsv => (CSV, "result.csv"),
        Download::Ballots => (CSV, "ballots.csv"),
    };
    match file(&shared, &id, &headers, what).await {
        Ok(body) => export::file(name, content_type, body),
        Err(error) => export::refuse(&error),
    }
}

async fn file(shared: &Shared, id: &str, headers: &HeaderMap, what: Download) -> Result<Vec<u8>, ApiError> {
    let id = voting_id(id)?;
    Ok(match asker(shared, id, headers).await? {
        Asker::Member(viewer) => viewer.download_voting(id, what).await?,
        Asker::Guest(guest) => guest.download_voting(what).await?,
    })
}

fn voting_id(text: &str) -> Result<VotingId, ApiError> {
    text.parse().map_err(|_| ApiError::new(404, "There is no such voting session. Look for it in the list."))
}
