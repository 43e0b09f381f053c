//! How a connection ends, or its place in one room, and what the page is told of it.

use axum::extract::ws::{CloseCode, close_code};
use backend::{BUSY_SECONDS, Error, rooms::Cut};
use domain::wire::ServerMessage;

use super::{FULL_SECONDS, Full};

/// How a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// The other side is not there any more.
    Gone,
    Bye(Bye),
}

/// The last words to a page.
#[derive(Debug)]
pub(super) struct Bye {
    pub(super) code: CloseCode,
    pub(super) reason: String,
    /// After what time the page should come back; `None` when that makes no sense.
    pub(super) retry_ms: Option<u32>,
}

pub(super) fn bye(code: CloseCode, reason: &str, retry_ms: Option<u32>) -> End {
    End::Bye(Bye { code, reason: reason.to_owned(), retry_ms })
}

pub(super) fn malformed() -> End {
    bye(close_code::UNSUPPORTED, "This page sent something the server does not understand. Reload it.", None)
}

pub(super) fn other_version() -> End {
    bye(close_code::POLICY, "This page is of another version. Reload it.", None)
}

pub(super) fn no_room() -> End {
    bye(close_code::UNSUPPORTED, "This page did not say which board it shows. Reload it.", None)
}

pub(super) fn not_signed_in() -> End {
    bye(close_code::POLICY, "You are not signed in. Sign in and open the page again.", None)
}

pub(super) fn stopping() -> End {
    // Pages that lost the same server shall not all come back in the same instant; each adds some time of its own.
    bye(close_code::AWAY, "The server is restarting. The page comes back by itself.", Some(1_000))
}

/// What the loss of one place in a room means.
#[derive(Debug)]
pub(super) enum Loss {
    /// The page is told, and its other rooms go on.
    Closed(ServerMessage),
    /// It concerns all of them.
    End(End),
}

impl From<Cut> for Loss {
    fn from(cut: Cut) -> Self {
        Self::End(match cut {
            Cut::Permissions => {
                let reason = "Your role has changed. The page comes back by itself.".to_owned();
                return Self::Closed(ServerMessage::Closed { code: 403, reason, retry_ms: Some(0) });
            }
            Cut::Slow => bye(
                close_code::AGAIN,
                "This page does not keep up with the others. It comes back by itself.",
                Some(0),
            ),
            Cut::SignedOut => not_signed_in(),
            Cut::Trouble => bye(
                close_code::ERROR,
                "The server could not save just now. The page tries again.",
                Some(1_000),
            ),
            Cut::Full => bye(
                close_code::AGAIN,
                "The server's disk is full. Your changes are kept here and saved as soon as there is space.",
                Some(BUSY_SECONDS * 1_000),
            ),
        })
    }
}

impl From<Full> for End {
    fn from(full: Full) -> Self {
        bye(close_code::AGAIN, full.sentence(), Some(FULL_SECONDS * 1_000))
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        let (_, code, retry_ms) = told(&error);
        bye(code, &error.to_string(), retry_ms)
    }
}

/// The answer to a hello that gets no place in its room.
pub(super) fn refused(error: &Error) -> ServerMessage {
    let (status, _, retry_ms) = told(error);
    ServerMessage::Closed { code: status, reason: error.to_string(), retry_ms }
}

/// How a page is told of an error: as a status, as a close code, and after what time it should try again.
fn told(error: &Error) -> (u16, CloseCode, Option<u32>) {
    match error {
        Error::Busy | Error::Full(_) => (503, close_code::AGAIN, Some(BUSY_SECONDS * 1_000)),
        Error::Unavailable(_) | Error::Files(_) => (503, close_code::AGAIN, Some(1_000)),
        Error::Internal(_) => {
            tracing::error!(?error, "a live connection failed");
            (500, close_code::ERROR, Some(5_000))
        }
        Error::NotFound(_) => (404, close_code::POLICY, None),
        _ => (403, close_code::POLICY, None),
    }
}
