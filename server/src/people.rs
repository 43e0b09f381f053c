//! Events for open pages of members and invitations.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use app::api::{ApiError, session_secret};
use axum::{
    extract::{ConnectInfo, State},
    http::HeaderMap,
    response::{
        Response,
        sse::{Event, Sse},
    },
};
use backend::people::SessionWatch;
use futures::{Stream, stream};
use tokio::sync::watch;

use crate::{
    export,
    live::{Holder, Place},
    shared::Shared,
    voting::{ended, unbuffered},
};

/// Reports that members or invitations changed, as server-sent events: a number that says nothing but that. The first comes at
/// once, since something may have changed after the page was made.
pub(crate) async fn events(
    State(shared): State<Shared>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    match listen(&shared, address.ip(), &headers).await {
        Ok(events) => unbuffered(Sse::new(events)),
        Err(error) => export::refuse(&error),
    }
}

/// An open page that listens.
struct Listener {
    version: watch::Receiver<u64>,
    /// Ends the events with it.
    session: Option<SessionWatch>,
    /// Says when the server stops.
    closing: watch::Receiver<bool>,
    /// Held while it listens.
    _place: Place,
}

impl Listener {
    /// The next event, or `None` when there is to be no other.
    async fn next(&mut self) -> Option<u64> {
        tokio::select! {
            changed = self.version.changed() => changed.ok()?,
            _ = self.closing.wait_for(|closing| *closing) => return None,
            () = ended(self.session.as_mut()) => return None,
        }
        Some(*self.version.borrow_and_update())
    }
}

async fn listen(
    shared: &Shared,
    address: IpAddr,
    headers: &HeaderMap,
) -> Result<impl Stream<Item = Result<Event, Infallible>> + use<>, ApiError> {
    let mut place = shared.gate.enter(address)?;
    let _turn = shared.visitors.letting_in.acquire().await;
    let viewer = match session_secret(headers, &shared.address) {
        Some(secret) => shared.backend.people().authenticate(&secret).await?,
        None => None,
    };
    let viewer = viewer.ok_or_else(|| ApiError::new(401, "You are not signed in. Sign in and try again."))?;
    place.of(Holder::Follower(viewer.member().id))?;
    let (mut version, session) = (viewer.subscribe_people().await?, viewer.watch_session().await?);
    version.mark_changed();
    let listener = Listener { version, session, closing: shared.gate.pass(), _place: place };
    Ok(stream::unfold(listener, |mut listener| async move {
        let version = listener.next().await?;
        Some((Ok(Event::default().data(version.to_string())), listener))
    }))
}
