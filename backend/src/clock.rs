//! The time and the randomness that identifiers are made of, which `domain` takes from outside.

use std::{
    future::Future,
    time::{SystemTime, UNIX_EPOCH},
};

use domain::{CastId, Timestamp};

use crate::people::tokens::random_bytes;

tokio::task_local! {
    /// The moment at which the task's work is said to happen.
    static PAST: Timestamp;
}

/// Does `work` as if it happened `at` an earlier moment. Only the sample organisation has such a past.
pub(crate) fn in_the_past<T>(at: Timestamp, work: impl Future<Output = T>) -> impl Future<Output = T> {
    PAST.scope(at, work)
}

/// The moment of [`in_the_past`], inside it.
pub(crate) fn past() -> Option<Timestamp> {
    PAST.try_with(|at| *at).ok()
}

/// Now, by the server's clock.
pub fn now() -> Timestamp {
    past().unwrap_or_else(by_the_clock)
}

fn by_the_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A new identifier: `new_id(UserId::new)`.
pub(crate) fn new_id<Id>(make: fn(u64, [u8; 10]) -> Id) -> Id {
    make(now().0.unsigned_abs(), random_bytes())
}

/// The number of a cast for a form that its browser sends without numbering it.
pub fn new_cast() -> CastId {
    new_id(CastId::new)
}
