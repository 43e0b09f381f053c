//! Pauses between the statements of casts and closes, for tests of what happens when they meet.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::{Backend, people::tokens::random_bytes};

/// The longest pause, in microseconds; 0 for none.
#[derive(Debug, Default)]
pub(super) struct Pauses(AtomicU64);

impl Pauses {
    /// Waits for a random time. Does nothing in a release build.
    pub(super) async fn pause(&self) {
        let most = self.0.load(Ordering::Relaxed);
        if cfg!(debug_assertions) && most > 0 {
            let chance = u64::from(u32::from_be_bytes(random_bytes::<4>()));
            // Half of them are none, so that some statements follow each other at once.
            if chance % 2 == 0 {
                tokio::time::sleep(Duration::from_micros(chance / 2 % most)).await;
            }
        }
    }
}

impl Backend {
    /// Makes casts and closes pause at random between their statements, for at most so long each time. For tests; a
    /// release build ignores it.
    #[doc(hidden)]
    pub fn pause_votes(&self, most: Duration) {
        let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
        self.voting.pauses.0.store(micros, Ordering::Relaxed);
    }
}
