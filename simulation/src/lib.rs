//! A room with its server, its pages and its network in memory and in a time of its own, where everything goes wrong that
//! can. Whatever happens, nothing acknowledged may be lost, doubled or reordered, and in the end every page has to show
//! what the log says.
//!
//! What runs is the real [`domain::Replica`], `apply`, `authorise` and the wire's own text. The server follows
//! `docs/PROTOCOL.md` and the committer of `backend`, the page's connection follows `app/src/live/connection.rs`; both
//! are modelled here, for they cannot run without a database and a browser. A [seed](run_seed) is a run.
//!
//! The [edits] that its people make are for other tests and drills, too, as is the [client that keeps lists](lists).

mod carry;
mod checks;
mod disk;
pub mod edits;
mod faults;
mod figures;
mod frames;
pub mod lists;
mod look;
mod network;
mod page;
mod plans;
mod sabotage;
mod same;
mod screen;
mod server;
mod stranger;
mod threads;
mod weather;
pub mod wild;
mod witness;
mod world;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

pub use figures::Figures;
pub use sabotage::Sabotage;
pub use same::same;
use world::World;

/// After so many failures nobody learns from more.
const MOST_FAILURES: usize = 10;

/// A run in which a promise was broken.
#[derive(Debug)]
pub struct Failure {
    pub seed: u64,
    /// How many things had happened, and when it was by the simulated clock, in milliseconds.
    pub step: u64,
    pub at: u64,
    pub why: String,
    /// What happened last.
    pub trace: Vec<String>,
}

/// Runs so many seeds on every processor. The failures are in the order of their seeds.
pub fn run(first: u64, seeds: u64, sabotage: Option<Sabotage>) -> (Figures, Vec<Failure>) {
    let next = AtomicU64::new(first);
    let found = Mutex::new((Figures::default(), Vec::new()));
    let threads = thread::available_parallelism().map_or(2, |count| count.get());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        return;
                    }
                    let result = run_seed(seed, sabotage);
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    match result {
                        Ok(figures) => found.0.add(figures),
                        Err(failure) if found.1.len() < MOST_FAILURES => found.1.push(failure),
                        Err(_) => return,
                    }
                }
            });
        }
    });
    let (figures, mut failures) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort_by_key(|failure| failure.seed);
    (figures, failures)
}

/// Runs one seed. A failure is run once more, to tell what led to it.
///
/// # Errors
/// When a promise was broken.
pub fn run_seed(seed: u64, sabotage: Option<Sabotage>) -> Result<Figures, Failure> {
    run_once(seed, sabotage, false).or_else(|_| run_once(seed, sabotage, true))
}

fn run_once(seed: u64, sabotage: Option<Sabotage>, trace: bool) -> Result<Figures, Failure> {
    let failure = |why: String| Failure { seed, step: 0, at: 0, why, trace: Vec::new() };
    let mut world = World::new(seed, sabotage).map_err(|error| failure(format!("{error:#}")))?;
    if trace {
        world.keep_trace();
    }
    let result = catch_unwind(AssertUnwindSafe(|| world.run()));
    let why = match result {
        Ok(Ok(())) => return Ok(world.figures),
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => "it panicked, see above".to_owned(),
    };
    let trace = world.trace.take().unwrap_or_default().into_iter().collect();
    Err(Failure { step: world.step, at: world.now, trace, ..failure(why) })
}
