//! `drill simulate`: a room with its server, its pages and its network in memory and in a time of its own, where
//! everything goes wrong that can. Whatever happens, nothing acknowledged may be lost, doubled or reordered, and in the
//! end every page has to show what the log says.
//!
//! What runs is the real [`domain::Replica`], `apply`, `authorise` and the wire's own text. The server follows
//! `docs/PROTOCOL.md` and the committer of `backend`, the page's connection follows `app/src/live/connection.rs`; both
//! are modelled here, for they cannot run without a database and a browser.

mod checks;
mod disk;
mod faults;
mod figures;
// A client that keeps lists is asked by the tests of the rules, too.
#[path = "../../domain/tests/sim/lists.rs"]
mod lists;
mod look;
mod network;
mod page;
mod sabotage;
// That a page is told what it has to draw anew is asked of the rules by their own tests, too.
#[path = "../../domain/tests/sim/screen.rs"]
mod screen;
mod server;
mod stranger;
mod threads;
mod weather;
mod wild;
mod witness;
mod world;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use anyhow::{Result, bail};
use clap::Args;

use figures::Figures;
use sabotage::Sabotage;
use world::World;

/// From so many seeds on, every kind of operation and refusal has to be met.
const ENOUGH: u64 = 1_000;

/// After so many failures nobody learns from more.
const MOST_FAILURES: usize = 10;

/// Let many simulated people edit over a network and a server that fail, and compare everything
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// How many seeds to run
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first of them; a seed means the same run again
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Break something on purpose, to see that it is found
    #[arg(long, value_enum)]
    sabotage: Option<Sabotage>,
}

/// A run in which a promise was broken.
#[derive(Debug)]
struct Failure {
    seed: u64,
    /// How many things had happened, and when it was by the simulated clock.
    step: u64,
    at: u64,
    why: String,
    /// What happened last.
    trace: Vec<String>,
}

/// Runs the seeds and prints what they came to.
///
/// # Errors
/// When a promise was broken in any of them, or when they did not meet everything.
pub(crate) fn run(arguments: &Simulate) -> Result<()> {
    let Simulate { seeds, seed, sabotage } = *arguments;
    let begun = Instant::now();
    println!("simulate: {seeds} seeds from {seed}");
    let (figures, mut failures) = run_all(seed, seeds, sabotage);
    failures.sort_by_key(|failure| failure.seed);
    for failure in &failures {
        let Failure { seed, step, at, why, trace } = failure;
        println!("\nseed {seed}, step {step}, {at} ms: {why}\nWhat happened last:");
        trace.iter().for_each(|line| println!("  {line}"));
        let flag = sabotage.and_then(|sabotage| clap::ValueEnum::to_possible_value(&sabotage));
        let flag = flag.map_or_else(String::new, |value| format!(" --sabotage {}", value.get_name()));
        println!("Again: cargo xtask torture simulate --seed {seed} --seeds 1{flag}");
    }
    report(&figures, failures.len(), begun.elapsed());
    if !failures.is_empty() {
        bail!("a promise was broken");
    }
    let never = figures.never_met();
    if seeds >= ENOUGH && !never.is_empty() {
        bail!("no seed met {never:?}: what is not met is not tested");
    }
    Ok(())
}

/// Runs seeds on every processor.
fn run_all(first: u64, seeds: u64, sabotage: Option<Sabotage>) -> (Figures, Vec<Failure>) {
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
                    let result = run_seed(seed, sabotage, false);
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
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs one seed. A failure is run once more, to tell what led to it.
fn run_seed(seed: u64, sabotage: Option<Sabotage>, trace: bool) -> Result<Figures, Failure> {
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
    if !trace {
        return run_seed(seed, sabotage, true);
    }
    let trace = world.trace.take().unwrap_or_default().into_iter().collect();
    Err(Failure { step: world.step, at: world.now, trace, ..failure(why) })
}

fn report(figures: &Figures, failures: usize, took: std::time::Duration) {
    let hours = figures.milliseconds as f64 / 3_600_000.0;
    println!();
    for (kind, count) in figures.kinds() {
        println!("  {kind:<28}{count:>12}");
    }
    let Figures { edits, entries, refused, connections, drops, offline, restarts, restores, .. } = figures;
    let Figures {
        refetches, resent, doubled, unruly, excursions, tours, left_unsaved, redone, threads, ..
    } = figures;
    println!(
        "\nedits {edits}  entries {entries}  refused {refused}  resent {resent}  frames doubled {doubled}  \
         held up or lost {unruly}\n\
         connections {connections}  drops {drops}  offline {offline}  restarts {restarts}  restores {restores}  \
         documents loaded again {refetches}  threads loaded {threads}\n\
         taken back and done again {excursions}, with everybody watching {tours}  closed unsaved {left_unsaved}  \
         done again after a restore {redone}\n\
         seeds {}  hours {hours:.1}  time {:.1} s  {:.0} times real time  failures {failures}",
        figures.seeds,
        took.as_secs_f64(),
        hours * 3_600.0 / took.as_secs_f64(),
    );
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_page_ends_with_the_fold_of_the_log() {
        let (figures, failures) = run_all(1, 40, None);
        assert!(failures.is_empty(), "{failures:#?}");
        assert!(
            figures.restores > 0 && figures.resent > 0 && figures.refetches > 0 && figures.threads > 0,
            "{figures:?}"
        );
    }

    #[test]
    fn a_seed_is_the_same_run_again() {
        let run = |seed| format!("{:?}", run_seed(seed, None, false));
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn whatever_is_broken_on_purpose_is_found() {
        for sabotage in Sabotage::value_variants() {
            let found = (1..=300).find(|seed| run_seed(*seed, Some(*sabotage), true).is_err());
            assert!(found.is_some(), "{sabotage:?} is not found");
        }
    }
}
