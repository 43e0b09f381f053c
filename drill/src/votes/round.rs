//! A session while people vote in it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use domain::{
    CastId, ItemId, VotingId,
    voting::{Choice, Mode},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{task::JoinSet, time::sleep};

use super::{
    Totals,
    booth::{Booth, Poll},
    witness::Witness,
};
use crate::{edits, page::lock};

/// Casts that are under way at the same time.
const AT_ONCE: usize = 48;

pub(super) struct Round {
    pub(super) voting: VotingId,
    pub(super) casts: usize,
    pub(super) witness: Witness,
    poll: Poll,
    booths: Vec<Booth>,
    begun: AtomicUsize,
    totals: Arc<Mutex<Totals>>,
}

impl Round {
    pub(super) fn new(
        voting: VotingId,
        poll: Poll,
        booths: Vec<Booth>,
        casts: usize,
        totals: Arc<Mutex<Totals>>,
    ) -> Self {
        let witness = Witness::new(&poll, booths.len());
        Self { voting, casts, witness, poll, booths, begun: AtomicUsize::new(0), totals }
    }

    /// Waits until so many casts were begun.
    pub(super) async fn reach(&self, count: usize) {
        while self.begun.load(Ordering::Relaxed) < count {
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Casts until there are enough, many at a time, each in a task of its own: no answer waits for another to be read.
    pub(super) fn vote(self: &Arc<Self>, rng: &mut StdRng) -> impl Future<Output = Result<()>> + use<> {
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            tasks.spawn(self.clone().cast_on(StdRng::seed_from_u64(rng.random())));
        }
        async move {
            while let Some(ended) = tasks.join_next().await {
                ended.context("a voter panicked")??;
            }
            Ok(())
        }
    }

    /// Casts one ballot after another for voters taken at random, until there are enough.
    async fn cast_on(self: Arc<Self>, mut rng: StdRng) -> Result<()> {
        while self.begun.fetch_add(1, Ordering::Relaxed) < self.casts {
            let voter = rng.random_range(0..self.booths.len());
            let booth = &self.booths[voter];
            let (cast, choices) = (edits::id(&mut rng, CastId::new), choose(&self.poll, &mut rng));
            let sent = self.witness.sends();
            let asked = Instant::now();
            let (answer, resent) = booth.cast(self.voting, cast, &choices, &mut rng).await?;
            let took = asked.elapsed();
            let fate = self.witness.hears(voter, sent, &choices, &answer);
            let repeats = rng.random_ratio(1, 10);
            if repeats {
                let (again, _) = booth.cast(self.voting, cast, &choices, &mut rng).await?;
                self.witness.repeats(voter, &answer, &again);
            }
            let mut totals = lock(&self.totals);
            totals.count(fate);
            totals.repeated += usize::from(repeats);
            totals.resent += resent;
            if resent == 0 {
                totals.times.add(took.as_secs_f64() * 1e3, &mut rng);
            }
        }
        Ok(())
    }
}

/// A ballot at random: mostly right, sometimes too dear, sometimes with something on it that cannot be.
fn choose(poll: &Poll, rng: &mut StdRng) -> Vec<Choice> {
    let mut choices = Vec::new();
    let count = rng.random_range(0..=poll.candidates.len().min(6));
    let start = rng.random_range(0..poll.candidates.len());
    for (place, offset) in (1..).zip(0..count) {
        let item = poll.candidates[(start + offset) % poll.candidates.len()].item;
        let amount = match poll.rules.mode {
            Mode::Upvote | Mode::Approval | Mode::Budget => 1,
            Mode::Dots => rng.random_range(1..=4),
            Mode::Quadratic => rng.random_range(1..=3),
            Mode::Ranking => place,
            Mode::Importance => rng.random_range(0..=3),
        };
        choices.push(Choice { item, amount });
    }
    if rng.random_ratio(1, 50) {
        let amount = if rng.random() { -1 } else { 1_000_000 };
        choices.push(Choice { item: poll.candidates[(start + count) % poll.candidates.len()].item, amount });
    }
    if rng.random_ratio(1, 50) {
        choices.push(Choice { item: edits::id(rng, ItemId::new), amount: 1 });
    }
    choices
}
