//! How fast one person may send, on all pages together.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::UserId;
use tokio::time::Instant;

use crate::buckets::Buckets;

/// A person may send so many seconds' worth at once: what collected while they were away.
const BURST_SECONDS: u32 = 5;

/// A bucket of tokens for each person: each operation takes one, and they come back at a steady rate. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    per_second: u32,
    buckets: Arc<Mutex<Buckets<UserId>>>,
}

impl Pace {
    /// Full buckets; 0 per second for ones without bottom.
    pub(super) fn new(per_second: u32) -> Self {
        Self { per_second, buckets: Arc::default() }
    }

    /// Takes tokens, into debt if need be. Returns until when to wait before the next message of the page is read.
    pub(super) fn take(&self, person: UserId, tokens: u32, now: Instant) -> Option<Instant> {
        if self.per_second == 0 {
            return None;
        }
        let cost = Duration::from_secs(1) * tokens / self.per_second;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = buckets.full_at(person, now);
        *full_at += cost;
        let allowed = *full_at - Duration::from_secs(1) * BURST_SECONDS;
        (allowed > now).then_some(allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: u8) -> UserId {
        UserId::new(1, [n; 10])
    }

    #[test]
    fn a_burst_is_let_through_then_the_rate_holds_and_nobody_pays_for_another() {
        let (now, pace) = (Instant::now(), Pace::new(10));
        let take = |n, tokens, now| pace.take(person(n), tokens, now);
        assert_eq!(take(1, 50, now), None);
        assert_eq!(take(1, 10, now), Some(now + Duration::from_secs(1)));
        assert_eq!(take(2, 50, now), None);
        assert_eq!(take(1, 10, now + Duration::from_secs(2)), None);
        let later = now + Duration::from_secs(60);
        assert_eq!(take(1, 50, later), None);
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        assert_eq!(Pace::new(0).take(person(1), u32::MAX, Instant::now()), None);
    }
}
