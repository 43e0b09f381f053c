//! The live channel: one WebSocket for each open page, at `/live`.

mod end;
mod gate;
mod limits;
mod origin;
mod pace;
mod rooms;
mod socket;

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::wire::MAX_FRAME;

pub(crate) use gate::Gate;
pub use limits::Limits;
pub(crate) use limits::{Full, Holder, Place};
pub(crate) use origin::Origin;

use crate::{export, shared::Shared};

/// After how many seconds it makes sense to come back where there were too many.
const FULL_SECONDS: u32 = 30;

/// Each connection reads into a buffer of this size; there are many, and what they say is short.
const READ_BUFFER: usize = 1024;

/// Short frames are written together, as soon as they are as long as this or nothing else waits.
const WRITE_BUFFER: usize = 1024;

/// The most bytes that wait to be written on one connection, a frame included.
const MAX_WRITE_BUFFER: usize = 4 * 1024 * 1024;

/// Opens a live channel, for pages of this very site only. A browser sends cookies to a socket whichever site asks
/// for it, so the origin is all that tells a page of ours from a stranger's.
pub(crate) async fn enter(
    State(shared): State<Shared>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    if !shared.gate.admits(headers.get(header::ORIGIN), headers.get(header::HOST)) {
        let sentence =
            "The live channel is only for pages of this site. Check the address given with --public-url.";
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    let place = shared.gate.enter(address.ip());
    if place.as_ref().is_err_and(|full| *full == Full::InAll) {
        // Not even for a good-bye.
        return export::refuse(&Full::InAll.into());
    }
    let secret = app::api::session_secret(&headers, &shared.address);
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .on_upgrade(move |socket| socket::serve(shared.backend, shared.gate, place, secret, socket))
}
