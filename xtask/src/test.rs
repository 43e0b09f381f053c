//! `cargo xtask test`: every check, each with its time; at the end why some failed, and a line that counts the parts.

use crate::process::Failed;
use crate::site::{self, Packing};
use crate::wasm::{self, TARGET};
use crate::workspace::{NATIVE, Profile, Workspace};
use crate::{bench, browser, postgres, process, size, strace, tidy};
use anyhow::{Result, bail};
use clap::ValueEnum;
use std::process::Command;
use std::time::{Duration, Instant};

/// How the store suite says that it found no PostgreSQL.
const SKIPPED: &str = "SKIPPED: ";

/// A check that passes or fails as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// rustfmt
    Format,
    /// Clippy on every target, natively and for the browser
    Clippy,
    /// The invariants of the house
    Tidy,
    /// Every Rust test, the store suite on SQLite and PostgreSQL
    Rust,
    /// The browser's half, built, optimised and within its budget
    Wasm,
    /// Playwright in Chromium
    Browser,
    /// The server killed in the middle of edits and changes of records, twenty times; on PostgreSQL that is struck, too
    Kill,
    /// The server's calls read for anything that is told before it is on disk
    Durable,
    /// Copies of a growing database under load, killed and on a full disk, each compared; then the server's own disk full
    Backup,
    /// A bad network between pages and server, and pages that read slowly
    Net,
    /// Ballots cast at once, amid kills and closes: on SQLite, and by two servers on PostgreSQL
    Votes,
    /// Secret sessions held twice with the choices exchanged, compared in all that others see; a hidden product searched for
    Secrecy,
    /// A room in memory and in simulated time, where everything goes wrong, two thousand times
    Simulate,
    /// Attacks on what is bounded, beside people who read and edit
    Limits,
    /// Three servers on one PostgreSQL write to one room, with wake-ups between them lost, and to the same records
    Nodes,
}

/// From the quickest to the slowest, so that a mistake is heard of early.
const ALL: [Part; 15] = [
    Part::Format,
    Part::Tidy,
    Part::Clippy,
    Part::Rust,
    Part::Wasm,
    Part::Browser,
    Part::Kill,
    Part::Durable,
    Part::Backup,
    Part::Net,
    Part::Votes,
    Part::Secrecy,
    Part::Simulate,
    Part::Limits,
    Part::Nodes,
];

struct Outcome {
    part: Part,
    took: Duration,
    /// Why it failed, when it did.
    failure: Option<anyhow::Error>,
}

/// Runs the parts, all of them when none is named, and goes on after a failure so that one run tells everything.
///
/// # Errors
/// When a part failed, or flags were given without naming the one part they are for.
pub(crate) fn test(workspace: &Workspace, parts: &[Part], flags: &[String]) -> Result<()> {
    let parts = if parts.is_empty() { &ALL[..] } else { parts };
    if !flags.is_empty() && parts.len() != 1 {
        bail!("Flags are for one part; name it: `cargo xtask test browser -- {}`.", flags.join(" "));
    }
    let mut outcomes = Vec::new();
    for &part in parts {
        println!("\n── {} ──", part.name());
        let started = Instant::now();
        let failure = part.run(workspace, flags).err();
        let took = started.elapsed();
        if let Some(error) = &failure {
            eprintln!("\n{error:#}");
        }
        println!("── {} {} in {}", part.name(), verdict(failure.is_none()), process::seconds(took));
        outcomes.push(Outcome { part, took, failure });
    }
    summary(&outcomes)
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self, workspace: &Workspace, flags: &[String]) -> Result<()> {
        match self {
            Part::Format => process::run(workspace.cargo().args(["fmt", "--all", "--check"]).args(flags)),
            Part::Clippy => clippy(workspace, flags),
            Part::Tidy => tidy::tidy(workspace),
            Part::Rust => rust(workspace, flags),
            Part::Wasm => size::size(workspace),
            Part::Browser => browser::test(workspace, flags),
            Part::Kill => {
                drill(workspace, &["kill", "--kills", "20"], flags)?;
                if postgres::folder().is_none() {
                    return skip(&format!("{SKIPPED}kills on PostgreSQL: there is no initdb"));
                }
                drill(workspace, &["kill", "--kills", "5", "--db", "postgres"], flags)
            }
            Part::Durable => match strace::ensure() {
                Ok(()) => drill(workspace, &["durable"], flags),
                Err(error) => skip(&format!("{SKIPPED}what is told before it is on disk: {error}")),
            },
            Part::Backup => {
                drill(workspace, &["backup", "--runs", "12", "--largest", "40"], flags)?;
                drill(workspace, &["disk", "--times", "1"], flags)
            }
            // The factor of the goals is for the packed program on a quiet machine: `cargo xtask torture net`.
            Part::Net => drill(workspace, &["net", "--factor", "2"], flags),
            Part::Votes => {
                drill(workspace, &["votes", "--casts", "10000"], flags)?;
                if postgres::folder().is_none() {
                    return skip(&format!("{SKIPPED}votes on PostgreSQL: there is no initdb"));
                }
                let postgres = ["votes", "--casts", "2000", "--db", "postgres", "--processes", "2"];
                drill(workspace, &postgres, flags)
            }
            Part::Secrecy => drill(workspace, &["secrecy", "--pairs", "3", "--at-once", "3"], flags),
            Part::Simulate => simulate(workspace, flags),
            // A build for development is slow, and so are its others'.
            Part::Limits => {
                let lenient =
                    ["limits", "--seconds", "2", "--factor", "5", "--noise", "1500", "--crowd", "20"];
                drill(workspace, &lenient, flags)
            }
            Part::Nodes if postgres::folder().is_none() => {
                skip(&format!("{SKIPPED}several servers on PostgreSQL: there is no initdb"))
            }
            Part::Nodes => drill(workspace, &["nodes", "--edits", "60"], flags),
        }
    }
}

fn clippy(workspace: &Workspace, flags: &[String]) -> Result<()> {
    wasm::ensure_target()?;
    let deny = ["--", "-D", "warnings"];
    process::run(workspace.cargo().arg("clippy").args(NATIVE).arg("--all-targets").args(flags).args(deny))?;
    process::run(
        workspace
            .cargo()
            .args(["clippy", "-p", "frontend", "-p", "app", "--features", "app/hydrate"])
            .args(["--target", TARGET])
            .args(flags)
            .args(deny),
    )
}

/// Every Rust test; the store suite skips itself where it finds no PostgreSQL. Stories wait for disks and clocks more than they
/// compute, so twice as many are told at once as there are processors.
fn rust(workspace: &Workspace, flags: &[String]) -> Result<()> {
    const THREADS: &str = "RUST_TEST_THREADS";
    let mut command = workspace.cargo();
    command.arg("test").args(NATIVE).args(flags);
    if std::env::var_os(THREADS).is_none() {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        command.env(THREADS, (2 * processors).to_string());
    }
    if std::env::var_os("TEST_DATABASE_URL").is_none() {
        postgres::put_on_path(&mut command);
    }
    run(&mut command)
}

/// Runs what tests, and listens for what skipped itself: quiet gaps are how regressions arrive.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let skipped = process::run_watching(command, SKIPPED)?;
    if skipped.is_empty() { Ok(()) } else { skip(&skipped.join("\n")) }
}

/// Says what could not be tested on this machine. In CI that is a failure.
fn skip(list: &str) -> Result<()> {
    println!("\n!! Not everything was tested:\n{list}\n");
    if std::env::var_os("CI").is_some() {
        bail!("In CI nothing may be skipped; install what is missing:\n{list}");
    }
    Ok(())
}

/// A drill against the build for development.
fn drill(workspace: &Workspace, arguments: &[&str], flags: &[String]) -> Result<()> {
    let cairn = workspace.build_program("cairn", Profile::Dev)?;
    let drill = workspace.build_program("drill", Profile::Dev)?;
    let site = workspace.site();
    site::build(workspace, &site, Packing::Plain)?;
    let mut command = bench::command(workspace, &drill, &cairn, &site);
    run(command.args(arguments).args(flags))
}

/// The drill that needs no server.
fn simulate(workspace: &Workspace, flags: &[String]) -> Result<()> {
    let drill = workspace.build_program("drill", Profile::Dev)?;
    run(Command::new(drill).arg("simulate").args(flags))
}

fn summary(outcomes: &[Outcome]) -> Result<()> {
    for outcome in outcomes {
        let Some(error) = &outcome.failure else { continue };
        let last = error.downcast_ref::<Failed>().map(|failed| failed.last.join("\n")).unwrap_or_default();
        println!("\n── why {} failed ──\n{last}\n{error:#}", outcome.part.name());
    }
    println!();
    for outcome in outcomes {
        let took = process::seconds(outcome.took);
        println!("{:<10}{:<8}{took:>14}", outcome.part.name(), verdict(outcome.failure.is_none()));
    }
    let failed: Vec<String> = outcomes
        .iter()
        .filter(|outcome| outcome.failure.is_some())
        .map(|outcome| outcome.part.name())
        .collect();
    println!("\n{} passed, {} failed", outcomes.len() - failed.len(), failed.len());
    if failed.is_empty() {
        return Ok(());
    }
    bail!("Repeat what failed with `cargo xtask test {}`.", failed.join(" "))
}

fn verdict(passed: bool) -> &'static str {
    if passed { "passed" } else { "failed" }
}
