//! Everything a person does with this repository: run it, test it, pack it, measure it.
//!
//! One subject per module. What the server has to know of the files built here is written at the top of [`site`].

mod bench;
mod browser;
mod dist;
mod fuzz;
mod node;
mod pack;
mod postgres;
mod process;
mod run;
mod site;
mod size;
mod strace;
mod style;
mod test;
mod tidy;
mod wasm;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use workspace::Workspace;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Build, run, test, pack and measure Cairn")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build what changed and serve it on 127.0.0.1:3000, with SQLite in ./data/
    ///
    /// Flags behind `--` go to `cairn serve`: `cargo xtask run -- --demo`
    Run {
        /// Build the server with optimisation
        #[arg(long)]
        release: bool,
        /// Flags for `cairn serve`
        #[arg(last = true)]
        serve: Vec<String>,
    },
    /// Run every check, or the parts named
    Test {
        /// The parts to run; all of them when none is named
        #[arg(value_enum)]
        parts: Vec<test::Part>,
        /// Flags for the test runner of a single named part: `cargo xtask test browser -- -g drag`
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Put the optimised binary and its site folder into target/dist/, and into an archive beside it
    Dist,
    /// Print the bytes of every file the board page loads, against xtask/budget.json
    Size,
    /// Check the invariants of the house: arrows, WASM dependencies, file lengths, links
    Tidy,
    /// Measure the packed binary: throughput, latency, memory, start
    Bench {
        /// Measure in Chromium instead: loading, edits, a card that is carried
        #[arg(long)]
        browser: bool,
        /// Put the table between the marks of this Markdown file as well
        #[arg(long)]
        write: Option<PathBuf>,
        /// Flags for `drill bench`, such as --json
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        flags: Vec<String>,
    },
    /// Drive the release build through faults: `cargo xtask torture kill --kills 200`
    Torture {
        /// The drill and its flags
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        drill: Vec<String>,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Run { release, serve } => run::run(&workspace, release, &serve),
        Task::Test { parts, flags } => test::test(&workspace, &parts, &flags),
        Task::Dist => dist::dist(&workspace),
        Task::Size => size::size(&workspace),
        Task::Tidy => tidy::tidy(&workspace),
        Task::Bench { browser: true, write, flags } => browser::measure(&workspace, write.as_deref(), &flags),
        Task::Bench { browser: false, write, flags } => bench::bench(&workspace, write.as_deref(), &flags),
        Task::Torture { drill } => bench::torture(&workspace, &drill),
    }
}
