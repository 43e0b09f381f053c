//! Who sends a request, as far as limits need to know.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use app::api::session_secret;
use axum::{
    extract::{ConnectInfo, Request},
    http::HeaderMap,
};
use backend::{Viewer, people::network};
use domain::UserId;
use tokio::{sync::Semaphore, time::Instant};

use crate::shared::Shared;

/// How long it is remembered whose a session is. It says whose share a request takes, and nothing of what they may do.
const REMEMBERED: Duration = Duration::from_secs(2);

/// So many sessions are remembered, true and false ones.
const MOST: usize = 8_192;

/// So many are looked up at a time, so that a crowd that is refused does not hold all connections to the database.
const LOOKED_UP: usize = 2;

/// So many pages that want to follow a vote are looked at at a time.
const LET_IN: usize = 4;

/// Whose sessions came lately. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Visitors {
    known: Arc<Mutex<HashMap<String, Known>>>,
    looking_up: Arc<Semaphore>,
    /// Held while somebody who wants to follow a vote is looked at.
    pub(crate) letting_in: Arc<Semaphore>,
}

#[derive(Clone, Debug)]
struct Known {
    member: Option<Viewer>,
    until: Instant,
}

impl Default for Visitors {
    fn default() -> Self {
        Self {
            known: Arc::default(),
            looking_up: Arc::new(Semaphore::new(LOOKED_UP)),
            letting_in: Arc::new(Semaphore::new(LET_IN)),
        }
    }
}

impl Visitors {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, secret: &str) -> Option<Known> {
        self.lock().get(secret).filter(|known| known.until > Instant::now()).cloned()
    }

    fn remember(&self, secret: &str, member: Option<Viewer>) {
        let now = Instant::now();
        let mut known = self.lock();
        if known.len() >= MOST {
            known.retain(|_, known| known.until > now);
        }
        if known.len() < MOST {
            known.insert(secret.to_owned(), Known { member, until: now + REMEMBERED });
        }
    }
}

/// Who sends a request: a member who is signed in, or a stranger from a network address.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) member: Option<Viewer>,
    /// See [`counted_network`].
    pub(crate) network: Option<IpAddr>,
}

/// Whose share of what is limited a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Share {
    Member(UserId),
    Network(IpAddr),
    /// Strangers on this machine, or behind a proxy that does not say where they are. They share with nobody.
    Unknown,
}

impl Visitor {
    /// Asks the database, where the request comes with a session. When that fails, the request is treated as a stranger's.
    pub(crate) async fn of(shared: &Shared, headers: &HeaderMap, peer: Option<IpAddr>) -> Self {
        Self { member: member(shared, headers).await, network: peer.and_then(counted_network) }
    }

    pub(crate) fn share(&self) -> Share {
        match (&self.member, self.network) {
            (Some(viewer), _) => Share::Member(viewer.member().id),
            (None, Some(network)) => Share::Network(network),
            (None, None) => Share::Unknown,
        }
    }
}

/// The network by which an address is counted: itself, or the /64 it is in; `None` for this machine, where a proxy would be.
pub(crate) fn counted_network(address: IpAddr) -> Option<IpAddr> {
    Some(network(address)).filter(|network| !network.is_loopback())
}

/// The network address a request came from.
pub(crate) fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

async fn member(shared: &Shared, headers: &HeaderMap) -> Option<Viewer> {
    let secret = session_secret(headers, &shared.address)?;
    let visitors = &shared.visitors;
    if let Some(known) = visitors.find(secret.reveal()) {
        return known.member;
    }
    let _place = visitors.looking_up.acquire().await.ok()?;
    // Another request of the same session was before this one, perhaps.
    if let Some(known) = visitors.find(secret.reveal()) {
        return known.member;
    }
    let member = shared.backend.people().authenticate(&secret).await.ok()?;
    visitors.remember(secret.reveal(), member.clone());
    member
}
