//! How often one person, and one network address, may ask for something to be done.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    buckets::Buckets,
    visitor::{Share, Visitor},
};

/// So many seconds' worth may come at once.
const BURST_SECONDS: u32 = 4;

/// Behind one network address are so many people as to need so much more.
const PEOPLE_PER_ADDRESS: u32 = 10;

/// A bucket of tokens for each person and each network address. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    per_second: u32,
    buckets: Arc<Mutex<Buckets<Share>>>,
}

impl Rates {
    /// So many requests a second of one person in the long run; 0 for no limit.
    pub(crate) fn new(per_second: u32) -> Self {
        Self { per_second, buckets: Arc::default() }
    }

    /// Takes a token of the person, or else of the address. What nobody can be named for has no limit.
    ///
    /// # Errors
    /// After how long there is one.
    pub(crate) fn take(&self, visitor: &Visitor, now: Instant) -> Result<(), Duration> {
        let share = visitor.share();
        let per_second = match share {
            Share::Member(_) => self.per_second,
            Share::Network(_) => self.per_second.saturating_mul(PEOPLE_PER_ADDRESS),
            Share::Unknown => 0,
        };
        if per_second == 0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let at = buckets.full_at(share, now);
        let next = *at + Duration::from_secs(1) / per_second;
        let allowed = now + Duration::from_secs(1) * BURST_SECONDS;
        if next > allowed {
            return Err(next - allowed);
        }
        *at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> Visitor {
        Visitor { member: None, network: Some(address.parse().unwrap()) }
    }

    #[test]
    fn a_burst_is_let_through_then_the_rate_and_nobody_pays_for_another() {
        let (rates, now) = (Rates::new(1), Instant::now());
        let (one, other) = (from("192.0.2.1"), from("192.0.2.2"));
        let count = |visitor: &Visitor, now| (0..100).filter(|_| rates.take(visitor, now).is_ok()).count();
        assert_eq!(count(&one, now), 40, "ten times four seconds' worth");
        assert_eq!(rates.take(&one, now), Err(Duration::from_millis(100)));
        assert_eq!(count(&other, now), 40);
        assert_eq!(count(&one, now + Duration::from_secs(1)), 10);
        assert_eq!(count(&one, now + Duration::from_secs(60)), 40, "no more than a burst is saved up");
    }

    #[test]
    fn without_a_rate_nobody_waits() {
        let (rates, now) = (Rates::new(0), Instant::now());
        assert!((0..10_000).all(|_| rates.take(&from("192.0.2.1"), now).is_ok()));
    }
}
