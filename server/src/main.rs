//! `cairn`: live product roadmaps in one program. `cairn --help` tells the rest.

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use mimalloc::MiMalloc;
use server::cli::{Cli, LogFormat};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// A quarter of the time of a server that takes edits was the system's `malloc`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long work that is still under way gets when everything else has ended.
const LAST_WORK: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(&cli);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(server::threads()).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(server::run(cli));
            // Work whose result nobody waits for delays the end no longer than this.
            runtime.shutdown_timeout(LAST_WORK);
            outcome
        }
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
