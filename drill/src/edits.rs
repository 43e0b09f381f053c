//! Random edits for a server whose clock goes on.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use rand::{SeedableRng as _, rngs::StdRng};

pub(crate) use simulation::edits::*;

/// The clock of this machine.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// For measurements that repeat on one server: of the same seed, but at another moment, so that the ids drawn from it are
/// others.
pub(crate) fn fresh(seed: u64) -> StdRng {
    StdRng::seed_from_u64((now().0.unsigned_abs() << 16) + seed)
}
