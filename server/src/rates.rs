//! How often one person, and one network address, may ask for something to be done.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::visitor::{Share, Visitor};

/// So many seconds' worth may come at once.
const BURST_SECONDS: u32 = 4;

/// Behind one network address are so many people as to need so much more.
const PEOPLE_PER_ADDRESS: u32 = 10;

/// Buckets that are full again are thrown away when there are so many, or twice as many as were left the last time.
const SWEEP_ABOVE: usize = 4_096;

/// A bucket of tokens for each person and each network address. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    per_second: u32,
    buckets: Arc<Mutex<Buckets>>,
}

#[derive(Debug)]
struct Buckets {
    /// When each bucket is full again. The nearer, the more tokens it holds.
    full_at: HashMap<Share, Instant>,
    sweep_above: usize,
}

impl Rates {
    /// So many requests a second of one person in the long run; 0 for no limit.
    pub(crate) fn new(per_second: u32) -> Self {
        let buckets = Buckets { full_at: HashMap::new(), sweep_above: SWEEP_ABOVE };
        Self { per_second, buckets: Arc::new(Mutex::new(buckets)) }
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
        if buckets.full_at.len() > buckets.sweep_above {
            buckets.full_at.retain(|_, at| *at > now);
            buckets.sweep_above = SWEEP_ABOVE.max(buckets.full_at.len() * 2);
        }
        let at = buckets.full_at.entry(share).or_insert(now);
        let next = (*at).max(now) + Duration::from_secs(1) / per_second;
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
    fn buckets_that_are_full_again_are_thrown_away() {
        let (rates, now) = (Rates::new(1), Instant::now());
        for number in 0..20_000_u32 {
            let at = now + Duration::from_millis(u64::from(number));
            rates.take(&Visitor { member: None, network: Some(number.to_be_bytes().into()) }, at).unwrap();
        }
        assert!(rates.buckets.lock().unwrap().full_at.len() <= SWEEP_ABOVE + 1);
    }

    #[test]
    fn without_a_rate_nobody_waits() {
        let (rates, now) = (Rates::new(0), Instant::now());
        assert!((0..10_000).all(|_| rates.take(&from("192.0.2.1"), now).is_ok()));
    }
}
