//! Starting a server and stopping it in order.

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use app::api;
use backend::{Backend, FileSettings, OpenError};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::oneshot,
    task::JoinHandle,
};
use tower_http::csrf::CsrfLayer;

use crate::{
    bodies::Bodies,
    connections,
    detached_render::Renders,
    files::FilePace,
    health,
    live::{Gate, Limits, Origin},
    rates::Rates,
    router::router,
    shared::Shared,
    site::Site,
    visitor::Visitors,
    write_limit::Writing,
};

/// How long open connections get to end when the server stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// So many connections wait to be taken in while every worker has its hands full. Beyond that a browser tries again, after a
/// second at the earliest.
const BACKLOG: u32 = 4_096;

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    pub addr: SocketAddr,
    pub db: String,
    /// Where files that people attach are kept, and how many.
    pub files: FileSettings,
    /// Where the secret of voting sessions is, when it is not beside the database.
    pub secret_file: Option<PathBuf>,
    pub public_url: Option<String>,
    pub site: Option<PathBuf>,
    pub demo: bool,
    /// How many operations a second one person may send in the long run; 0 for no limit.
    pub ops_per_second: u32,
    /// How many requests a second that may change something one person may send in the long run, and a network address ten
    /// times as many; 0 for no limit.
    pub requests_per_second: u32,
    /// How many connections there may be.
    pub limits: Limits,
    /// Every request comes by a proxy, which says where from in `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// Where figures are told to whoever watches over the server.
    pub metrics: Option<SocketAddr>,
}

/// Why a server could not be started, as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Database(#[from] OpenError),
    #[error(
        "The address {0} is taken: another program listens there. Stop it, or choose another with --addr."
    )]
    Taken(SocketAddr),
    #[error("Nothing can listen on {addr}: {cause}. Choose another address with --addr.")]
    Address { addr: SocketAddr, cause: io::Error },
    #[error("“{0}” isn’t a valid site address. Use one like https://roadmaps.example.org, without a path.")]
    PublicUrl(String),
    #[error("The site folder cannot be found: {0}. Give it with --site.")]
    Site(io::Error),
    #[error("The sample organisation cannot be served. {0}")]
    Demo(backend::Error),
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    pub addr: SocketAddr,
    /// Where figures are told.
    pub metrics: Option<SocketAddr>,
    pub backend: Backend,
    gate: Gate,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    watched: Option<JoinHandle<()>>,
}

/// Starts a server. It listens when this returns.
///
/// # Errors
/// A sentence that says what to do.
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    let origin = settings.public_url.as_deref().map(Origin::parse).transpose();
    let origin =
        origin.map_err(|()| StartError::PublicUrl(settings.public_url.clone().unwrap_or_default()))?;
    let mut csrf = CsrfLayer::new();
    if let Some(origin) = &origin {
        csrf = csrf
            .add_trusted_origin(origin.as_str())
            .map_err(|_| StartError::PublicUrl(origin.as_str().to_owned()))?;
    }
    let site = Site::find(settings.site).map_err(StartError::Site)?;
    // Before the database is touched: a second server started by mistake shall not open it.
    let listener = listen(settings.addr).await?;
    let addr = listener.local_addr().map_err(|cause| StartError::Address { addr: settings.addr, cause })?;
    let metrics = match settings.metrics {
        Some(addr) => Some(listen(addr).await?),
        None => None,
    };
    let mut backend =
        Backend::open_with(&settings.db, settings.secret_file).await?.with_files(settings.files)?;
    backend.prepare_secret()?;
    if settings.demo {
        backend = backend.into_demo().await.map_err(StartError::Demo)?;
    }

    let gate = Gate::new(origin.clone(), settings.ops_per_second, settings.limits);
    let shared = Shared {
        backend: backend.clone(),
        address: api::Site { public_url: origin.map(|origin| origin.as_str().to_owned()) },
        gate: gate.clone(),
        behind_proxy: settings.behind_proxy,
        visitors: Visitors::default(),
        rates: Rates::new(settings.requests_per_second),
        file_pace: FilePace::default(),
        bodies: Bodies::default(),
        writing: Writing::default(),
        renders: Renders::default(),
        leptos: site.leptos_options(),
        program: site.program(),
    };
    let metrics = metrics.map(|listener| health::serve(listener, shared.clone()));
    let (stop, stopped) = oneshot::channel::<()>();
    let router = router(shared, &site, csrf);
    let served = connections::serve(listener, router, settings.limits, settings.behind_proxy, stopped);
    let served = tokio::spawn(served);
    let (metrics, watched) = metrics.unzip();
    Ok(Running { addr, metrics: metrics.flatten(), backend, gate, stop, served, watched })
}

async fn listen(addr: SocketAddr) -> Result<TcpListener, StartError> {
    bind(addr).map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => StartError::Taken(addr),
        _ => StartError::Address { addr, cause },
    })
}

fn bind(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart takes the address at once.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

impl Running {
    /// Stops in order: no new connections, a good-bye to every open page, everything handed in made durable.
    pub async fn stop(self) {
        let since = Instant::now();
        // An error means that it has stopped by itself.
        self.stop.send(()).unwrap_or_default();
        self.gate.close(FAREWELL).await;
        // Ends whatever is still being answered, after a while.
        drop(tokio::time::timeout(FAREWELL * 2, self.served).await);
        if let Some(watched) = self.watched {
            watched.abort();
        }
        self.backend.rooms.drain().await;
        self.backend.db.close().await;
        tracing::info!(
            milliseconds = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
            "stopped"
        );
    }
}
