//! Buckets of tokens, one for each person or network address, that fill at a steady rate.

use std::{collections::HashMap, hash::Hash};

use tokio::time::Instant;

/// Full buckets are thrown away when there are so many, or twice as many as were left the last time.
const SWEEP_ABOVE: usize = 4_096;

/// Only buckets that are not full are remembered.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    full_at: HashMap<K, Instant>,
    sweep_above: usize,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self { full_at: HashMap::new(), sweep_above: SWEEP_ABOVE }
    }
}

impl<K: Eq + Hash> Buckets<K> {
    /// When a bucket is full again, `now` at the earliest. The nearer, the more tokens it holds; taking some moves it away.
    pub(crate) fn full_at(&mut self, key: K, now: Instant) -> &mut Instant {
        if self.full_at.len() > self.sweep_above {
            self.full_at.retain(|_, at| *at > now);
            self.sweep_above = SWEEP_ABOVE.max(self.full_at.len() * 2);
        }
        let at = self.full_at.entry(key).or_insert(now);
        *at = (*at).max(now);
        at
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn buckets_that_are_full_again_are_thrown_away() {
        let (mut buckets, now) = (Buckets::default(), Instant::now());
        for number in 0..20_000_u32 {
            let at = now + Duration::from_millis(number.into());
            *buckets.full_at(number, at) += Duration::from_millis(100);
        }
        assert!(buckets.full_at.len() <= SWEEP_ABOVE + 1);
    }
}
