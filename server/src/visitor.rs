//! Who sends a request, as far as limits need to know.

use std::net::{IpAddr, SocketAddr};

use app::api::session_secret;
use axum::{
    extract::{ConnectInfo, Request},
    http::HeaderMap,
};
use backend::{Viewer, people::network};
use domain::UserId;

use crate::router::Shared;

/// Who sends a request: a member who is signed in, or a stranger from a network address.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) member: Option<Viewer>,
    /// The address, or the /64 it is in; `None` for this machine, where a proxy would be.
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
        let network = peer.map(network).filter(|network| !network.is_loopback());
        Self { member: member(shared, headers).await, network }
    }

    pub(crate) fn share(&self) -> Share {
        match (&self.member, self.network) {
            (Some(viewer), _) => Share::Member(viewer.member().id),
            (None, Some(network)) => Share::Network(network),
            (None, None) => Share::Unknown,
        }
    }
}

/// The network address a request came from.
pub(crate) fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

async fn member(shared: &Shared, headers: &HeaderMap) -> Option<Viewer> {
    let secret = session_secret(headers, &shared.address)?;
    shared.backend.people().authenticate(&secret).await.ok().flatten()
}
