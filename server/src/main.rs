//! `cairn`: live product roadmaps in one program. `cairn --help` tells the rest.

use std::{process::ExitCode, thread::available_parallelism};

use clap::Parser;
use mimalloc::MiMalloc;
use server::cli::{Cli, LogFormat};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// A quarter of the time of a server that takes edits was the system's `malloc`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// One page being rendered must not keep the live channel waiting, so there are a few threads even on a small machine.
const FEWEST_THREADS: usize = 4;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(&cli);
    let threads = available_parallelism().map_or(FEWEST_THREADS, usize::from).max(FEWEST_THREADS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(server::run(cli)),
        Err(error) => Err(anyhow::Error::new(error).context("No threads could be started")),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn log(cli: &Cli) {
    let filter = EnvFilter::builder().with_default_directive(cli.log_level.into()).from_env_lossy();
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = match cli.log_format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
}
