//! Who may come in, and the signal on which everybody leaves.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::http::HeaderValue;
use tokio::sync::watch;

use super::{
    limits::{Counts, Full, Limits, Place},
    origin::{Origin, is_ours},
    pace::Pace,
};

/// What all live connections share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    origin: Option<Origin>,
    pace: Pace,
    counts: Counts,
    closing: Arc<watch::Sender<bool>>,
}

impl Gate {
    pub(crate) fn new(origin: Option<Origin>, ops_per_second: u32, limits: Limits) -> Self {
        let counts = Counts::new(limits);
        let pace = Pace::new(ops_per_second);
        Self { origin, pace, counts, closing: Arc::new(watch::Sender::new(false)) }
    }

    pub(super) fn admits(&self, origin: Option<&HeaderValue>, host: Option<&HeaderValue>) -> bool {
        is_ours(self.origin.as_ref(), origin, host)
    }

    /// How fast people may send.
    pub(super) fn pace(&self) -> Pace {
        self.pace.clone()
    }

    /// Counts a connection for as long as what is returned is held.
    pub(crate) fn enter(&self, address: IpAddr) -> Result<Place, Full> {
        self.counts.enter(address)
    }

    /// Held by each connection while it lasts; tells it when the server stops.
    pub(crate) fn pass(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Whether the server is stopping.
    pub(crate) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Asks every connection to leave and waits until all have, but not for ever.
    pub(crate) async fn close(&self, patience: Duration) {
        self.closing.send_replace(true);
        if tokio::time::timeout(patience, self.closing.closed()).await.is_err() {
            tracing::warn!(connections = self.closing.receiver_count(), "some pages did not hang up in time");
        }
    }
}
