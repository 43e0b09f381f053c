//! Figures of a running process, for whoever watches over it, in the text format of OpenMetrics.

use std::time::{Duration, Instant};

use domain::{
    Entry, Timestamp,
    wire::{Acked, Outcome},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use crate::Backend;

/// Counts since the process started. Cheap to add to.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    accepted: Counter,
    refused: Counter,
    casts: Counter,
    commit: Histogram,
    batch: Histogram,
    behind: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            accepted: Counter::default(),
            refused: Counter::default(),
            casts: Counter::default(),
            // From a quarter of a millisecond to eight seconds.
            commit: Histogram::new(exponential_buckets(0.000_25, 2.0, 16)),
            batch: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            behind: Histogram::new(exponential_buckets(0.001, 2.0, 13)),
        }
    }
}

impl Metrics {
    /// A transaction of the committer, with all it decided.
    pub(crate) fn committed<'a>(&self, since: Instant, answers: impl Iterator<Item = &'a Acked>) {
        self.commit.observe(since.elapsed().as_secs_f64());
        let mut operations = 0_u32;
        for answer in answers {
            operations += 1;
            match answer.outcome {
                Outcome::Accepted { .. } => self.accepted.inc(),
                Outcome::Refused(_) => self.refused.inc(),
            };
        }
        if operations > 0 {
            self.batch.observe(f64::from(operations));
        }
    }

    /// Entries of another process, as they are told here.
    pub(crate) fn caught_up(&self, entries: &[Entry], now: Timestamp) {
        for entry in entries {
            let milliseconds = u64::try_from(now.0 - entry.at.0).unwrap_or(0);
            self.behind.observe(Duration::from_millis(milliseconds).as_secs_f64());
        }
    }

    /// A ballot that was counted.
    pub(crate) fn cast(&self) {
        self.casts.inc();
    }
}

impl Backend {
    /// Figures of this process, in the text format of OpenMetrics.
    pub fn metrics(&self) -> String {
        let Metrics { accepted, refused, casts, commit, batch, behind } = self.rooms.metrics().clone();
        let mut registry = Registry::with_prefix("cairn");
        let (rooms, pages) = self.rooms.population();
        for (name, help, value) in [
            ("rooms", "Roadmaps in memory", rooms),
            ("pages", "Open pages with a live channel, once for each roadmap they show", pages),
            ("waiting_pushes", "Pushes that wait for the committer", self.rooms.waiting()),
            (
                "waiting_operations",
                "What waits, in operations or KiB, whichever is more",
                self.rooms.waiting_size(),
            ),
        ] {
            let gauge: Gauge = Gauge::default();
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
            registry.register(name, help, gauge);
        }
        registry.register("operations_accepted", "Operations written to a log", accepted);
        registry.register("operations_refused", "Operations refused", refused);
        registry.register("casts", "Ballots counted", casts);
        registry.register_with_unit("commit", "A transaction of the committer", Unit::Seconds, commit);
        registry.register("commit_operations", "Operations of one transaction", batch);
        registry.register_with_unit(
            "caught_up",
            "From the time of an entry of another process to its telling here",
            Unit::Seconds,
            behind,
        );
        let mut text = String::new();
        encode(&mut text, &registry).expect("a text takes all that is written to it");
        text
    }
}
