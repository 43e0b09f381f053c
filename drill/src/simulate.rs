//! `drill simulate`: runs of [`simulation`], thousands of them. `domain/tests/convergence.rs` runs some.

use std::time::Instant;

use anyhow::{Result, bail};
use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _},
};
use simulation::{Failure, Sabotage};

/// From so many seeds on, every kind of operation and refusal has to be met.
const ENOUGH: u64 = 1_000;

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
    #[arg(long, value_parser = PossibleValuesParser::new(names()).try_map(sabotage))]
    sabotage: Option<Sabotage>,
}

fn names() -> impl Iterator<Item = PossibleValue> {
    Sabotage::ALL.iter().map(|sabotage| PossibleValue::new(sabotage.name()).help(sabotage.what()))
}

fn sabotage(name: String) -> Result<Sabotage, String> {
    Sabotage::ALL.iter().copied().find(|sabotage| sabotage.name() == name).ok_or(name)
}

/// Runs the seeds and prints what they came to.
///
/// # Errors
/// When a promise was broken in any of them, or when they did not meet everything.
pub(crate) fn run(arguments: &Simulate) -> Result<()> {
    let Simulate { seeds, seed, sabotage } = *arguments;
    let begun = Instant::now();
    println!("simulate: {seeds} seeds from {seed}");
    let (figures, failures) = simulation::run(seed, seeds, sabotage);
    for Failure { seed, step, at, why, trace } in &failures {
        println!("\nseed {seed}, step {step}, {at} ms: {why}\nWhat happened last:");
        trace.iter().for_each(|line| println!("  {line}"));
        let flag = sabotage.map_or_else(String::new, |value| format!(" --sabotage {}", value.name()));
        println!("Again: cargo xtask torture simulate --seed {seed} --seeds 1{flag}");
    }
    let took = begun.elapsed().as_secs_f64();
    let hours = figures.milliseconds as f64 / 3_600_000.0;
    println!(
        "\n{figures}\nseeds {}  hours {hours:.1}  time {took:.1} s  {:.0} times real time  failures {}",
        figures.seeds,
        hours * 3_600.0 / took,
        failures.len()
    );
    if !failures.is_empty() {
        bail!("a promise was broken");
    }
    let never = figures.never_met();
    if seeds >= ENOUGH && !never.is_empty() {
        bail!("no seed met {never:?}: what is not met is not tested");
    }
    Ok(())
}
