//! How fast one page may send.

use std::time::Duration;

use tokio::time::Instant;

/// A page may send so many seconds' worth at once: what collected while it was away.
const BURST_SECONDS: u32 = 5;

/// A bucket of tokens: each operation takes one, and they come back at a steady rate.
#[derive(Debug)]
pub(super) struct Pace {
    per_second: u32,
    /// When the bucket is full again. The nearer, the more tokens it holds.
    full_at: Instant,
}

impl Pace {
    /// A full bucket; 0 per second for one without bottom.
    pub(super) fn new(per_second: u32, now: Instant) -> Self {
        Self { per_second, full_at: now }
    }

    /// Takes tokens, into debt if need be. Returns until when to wait before the next message is read.
    pub(super) fn take(&mut self, tokens: u32, now: Instant) -> Option<Instant> {
        if self.per_second == 0 {
            return None;
        }
        let cost = Duration::from_secs(1) * tokens / self.per_second;
        self.full_at = self.full_at.max(now) + cost;
        let allowed = self.full_at - Duration::from_secs(1) * BURST_SECONDS;
        (allowed > now).then_some(allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_the_rate_holds() {
        let now = Instant::now();
        let mut pace = Pace::new(10, now);
        assert_eq!(pace.take(50, now), None);
        assert_eq!(pace.take(10, now), Some(now + Duration::from_secs(1)));
        assert_eq!(pace.take(10, now + Duration::from_secs(2)), None);
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.take(50, later), None);
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let now = Instant::now();
        assert_eq!(Pace::new(0, now).take(u32::MAX, now), None);
    }
}
