//! What can go wrong in a service, by what the asker can do about it.

use std::time::Duration;

use domain::{
    InvalidText, Reject,
    voting::{CastRefusal, InvalidDraft},
};
use sea_orm::DbErr;

/// After how many seconds it makes sense to ask a busy server again.
pub const BUSY_SECONDS: u32 = 3;

/// Why a service did not do what was asked. Nothing was changed then.
///
/// `Display` is a sentence for the person who asked; it never tells about the inside.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the asker may not know of it.
    #[error("{0}")]
    NotFound(String),
    /// Nobody is signed in, or the password is wrong.
    #[error("{0}")]
    Unauthenticated(String),
    /// The asker's role does not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// What was asked makes no sense; the sentence says how to put it right.
    #[error("{0}")]
    Invalid(String),
    /// Somebody else was faster, or the name is taken.
    #[error("{0}")]
    Conflict(String),
    /// An import was stopped by the person who began it.
    #[error("The import was cancelled. Nothing was imported.")]
    Cancelled,
    /// A roadmap refused an operation.
    #[error(transparent)]
    Refused(#[from] Reject),
    /// A ballot was not counted.
    #[error(transparent)]
    Cast(#[from] CastRefusal),
    /// Asked too often, or by too many at once; the sentence says how long to wait.
    #[error("{sentence}")]
    TooMany { sentence: String, wait: Duration },
    /// More waits already than can be done soon.
    #[error("The server is busy, and nothing was changed. Try again in {BUSY_SECONDS} seconds.")]
    Busy,
    /// The database cannot be reached just now.
    #[error("The database cannot be reached at the moment. Nothing was changed. Try again shortly.")]
    Unavailable(#[source] DbErr),
    /// There is no room left where the database is.
    #[error("The server's disk is full, so nothing was changed. Try again when space has been freed there.")]
    Full(#[source] DbErr),
    /// The folder or the service cannot be reached in which files are kept.
    #[error("The server can’t reach its files at the moment. Nothing was changed. Try again shortly.")]
    Files(#[source] object_store::Error),
    /// A fault of ours; the log has the particulars.
    #[error("Something went wrong on the server. Nothing was changed. Its log says more.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A fault of ours, with what is known about it.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::Internal(source.into())
    }

    /// The same for somebody else, whose request failed with it.
    pub(crate) fn for_another(&self) -> Self {
        match self {
            Error::Unavailable(error) => Error::Unavailable(error.clone()),
            Error::Full(error) => Error::Full(error.clone()),
            Error::Conflict(sentence) => Error::Conflict(sentence.clone()),
            Error::NotFound(sentence) => Error::NotFound(sentence.clone()),
            Error::Cancelled => Error::Cancelled,
            other => Error::internal(format!("{other:?}")),
        }
    }

    /// Whether the database asks to try the transaction once more.
    pub(crate) fn retryable(&self) -> bool {
        matches!(self, Error::Unavailable(error) if crate::db::kind_of(error) == crate::db::Failure::Retryable)
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match crate::db::kind_of(&error) {
            crate::db::Failure::Unreachable | crate::db::Failure::Retryable => Error::Unavailable(error),
            crate::db::Failure::Full => Error::Full(error),
            crate::db::Failure::Other => Error::internal(error),
        }
    }
}

impl From<InvalidDraft> for Error {
    fn from(error: InvalidDraft) -> Self {
        Error::Invalid(error.to_string())
    }
}

impl From<InvalidText> for Error {
    fn from(error: InvalidText) -> Self {
        Error::Invalid(error.to_string())
    }
}
