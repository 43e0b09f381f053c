//! Connections of browsers: accepted, limited in number and time, ended in order.

mod stream;
mod table;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::StatusCode,
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

use self::{
    stream::Watched,
    table::{Most, Table, Ticket},
};
use crate::{answer::hold, live::Limits, visitor::counted_network};

/// How long a connection may take before it sends the head of a request.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For the first.
    first: Duration,
    /// For each that follows, from the end of the answer before: longer than proxies keep connections that nobody uses.
    next: Duration,
}

const PATIENCE: Patience = Patience { first: Duration::from_secs(10), next: Duration::from_secs(75) };

/// The longest head of a request, and how much of an answer waits to be written.
const BUFFER: usize = 16 * 1024;

/// The most connections that wait for a request: with a head of the longest kind in each, 128 MiB.
const WAITING: usize = 8_192;

/// Connections beside those that the live channels may take.
const BESIDE_LIVE: usize = 10_000;

/// Files and connections the program needs for itself.
const OWN_FILES: u64 = 256;

/// So many connections are closed when there are no files for another.
const MAKE_ROOM: usize = 64;

/// How long requests that have come get to be answered when the server stops.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// How long nothing is accepted after that failed.
const RETRY_ACCEPT: Duration = Duration::from_millis(20);

/// Serves connections until it is told to stop, and returns when all have ended.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    behind_proxy: bool,
    mut stopped: oneshot::Receiver<()>,
) {
    let table = Table::new(Most {
        in_all: most_open(limits),
        // A proxy's address is that of everybody.
        per_network: if behind_proxy { 0 } else { limits.per_address.saturating_mul(2) },
        waiting: WAITING,
    });
    let (stopping, told) = watch::channel(false);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // A sender that was dropped says the same.
            _ = &mut stopped => break,
        };
        match accepted {
            Ok((stream, peer)) => accept(&table, stream, peer, &router, &told),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                table.cut_waiting(MAKE_ROOM);
                sleep(RETRY_ACCEPT).await;
            }
        }
    }
    drop((listener, told));
    stopping.send_replace(true);
    table.cut_waiting(usize::MAX);
    if timeout(LAST_ANSWERS, stopping.closed()).await.is_err() {
        tracing::warn!("some requests were still being answered");
        table.cut_all();
        stopping.closed().await;
    }
}

/// How many connections there may be: what is configured, and what the operating system allows.
fn most_open(limits: Limits) -> usize {
    let configured = if limits.in_all == 0 { usize::MAX } else { limits.in_all.saturating_add(BESIDE_LIVE) };
    let files = files().map_or(u64::MAX, |files| files.saturating_sub(OWN_FILES).max(OWN_FILES));
    configured.min(usize::try_from(files).unwrap_or(usize::MAX))
}

/// The most files the process may have open, which is raised as far as it may raise it.
#[cfg(unix)]
fn files() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    if setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { current }
}

#[cfg(not(unix))]
fn files() -> Option<u64> {
    None
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

fn accept(table: &Table, stream: TcpStream, peer: SocketAddr, router: &Router, told: &watch::Receiver<bool>) {
    // Closed without an answer: at that moment there are thousands.
    let Some(ticket) = table.enter(counted_network(peer.ip())) else { return };
    // Small frames shall not wait for each other.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection sends late");
    }
    let (router, told) = (router.clone(), told.clone());
    tokio::spawn(serve_connection(stream, peer, Arc::new(ticket), router, told, PATIENCE));
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    ticket: Arc<Ticket>,
    router: Router,
    mut told: watch::Receiver<bool>,
    patience: Patience,
) {
    let (began, begins) = watch::channel(false);
    let service = {
        let ticket = ticket.clone();
        service_fn(move |request: hyper::Request<Incoming>| {
            began.send_if_modified(|began| !std::mem::replace(began, true));
            answer(router.clone(), ticket.clone(), peer, request.map(Body::new))
        })
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.next).max_buf_size(BUFFER);
    // The stream holds the ticket, too: a live channel goes on with it when this is over.
    let stream = TokioIo::new(Watched::new(stream, ticket.clone()));
    let mut connection = std::pin::pin!(http.serve_connection(stream, service).with_upgrades());
    let mut first_head = std::pin::pin!(sleep(patience.first));
    let (mut is_first, mut is_stopping) = (true, false);
    loop {
        tokio::select! {
            biased;
            () = ticket.cut() => return,
            () = &mut first_head, if is_first => {
                is_first = false;
                if !*begins.borrow() {
                    return;
                }
            }
            stopping = told.wait_for(|stopping| *stopping), if !is_stopping => {
                drop(stopping);
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "a connection ended");
                }
                return;
            }
        }
    }
}

/// The connection of a request, among the request's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Arriving(Arc<Ticket>);

impl Arriving {
    /// The request has not come whole: until then the connection counts as one that waits.
    pub(crate) fn wait(&self) {
        self.0.end();
    }

    /// The request has come. Never returns where the connection was closed for another meanwhile.
    pub(crate) async fn begin(&self) {
        if !self.0.begin() {
            std::future::pending::<()>().await;
        }
    }
}

/// Says that the connection waits for a request again, once the answer is written.
struct AtWork(Option<Arc<Ticket>>);

impl Drop for AtWork {
    fn drop(&mut self) {
        if let Some(ticket) = &self.0 {
            ticket.end();
        }
    }
}

async fn answer(
    router: Router,
    ticket: Arc<Ticket>,
    peer: SocketAddr,
    mut request: Request,
) -> Result<Response, Infallible> {
    let arriving = Arriving(ticket.clone());
    arriving.begin().await;
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(arriving);
    let mut at_work = AtWork(Some(ticket));
    let response = router.oneshot(request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        // A live channel never waits for a request.
        at_work.0 = None;
        return Ok(response);
    }
    Ok(hold(response, at_work))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: cairn.test\r\n\r\n";

    /// A connection to a server with so much patience.
    async fn connected(patience: Patience) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (served, peer) = listener.accept().await.unwrap();
        let table = Table::new(Most { in_all: 10, per_network: 0, waiting: 10 });
        let ticket = Arc::new(table.enter(None).unwrap());
        let router = Router::new().route("/", get(|| async { "here" }));
        tokio::spawn(async move {
            let (_kept, told) = watch::channel(false);
            serve_connection(served, peer, ticket, router, told, patience).await;
        });
        stream
    }

    /// What else comes on a connection until the server closes it, and how long that took.
    async fn rest(stream: &mut TcpStream) -> (String, Duration) {
        let (since, mut rest) = (Instant::now(), Vec::new());
        let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest));
        read.await.expect("the server closes the connection").unwrap();
        (String::from_utf8(rest).unwrap(), since.elapsed())
    }

    #[tokio::test]
    async fn a_connection_without_a_request_is_closed() {
        let patience = Patience { first: Duration::from_millis(300), next: Duration::from_secs(60) };
        let mut stream = connected(patience).await;
        stream.write_all(&REQUEST[..10]).await.unwrap();
        let (answer, waited) = rest(&mut stream).await;
        assert!(answer.is_empty() && waited >= Duration::from_millis(200), "{answer:?} after {waited:?}");
    }

    #[tokio::test]
    async fn a_connection_that_is_kept_alive_is_closed_when_nobody_uses_it() {
        let patience = Patience { first: Duration::from_secs(60), next: Duration::from_secs(1) };
        let mut stream = connected(patience).await;
        for _ in 0..2 {
            stream.write_all(REQUEST).await.unwrap();
            let mut answer = String::new();
            while !answer.ends_with("here") {
                let mut bytes = [0; 1_024];
                let count = stream.read(&mut bytes).await.unwrap();
                assert!(count > 0, "closed after {answer:?}");
                answer.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            }
        }
        let (answer, waited) = rest(&mut stream).await;
        assert!(!answer.contains("200"), "{answer}");
        assert!(waited >= Duration::from_millis(800), "{waited:?}");
    }
}
