//! `drill bench`: the figures of this build on this machine, each beside its goal.
//!
//! Everything runs on one machine: the load takes its share of the processors, so a server alone would do better.

mod disk;
mod idle;
mod latency;
mod machine;
mod pages;
mod report;
mod throughput;
mod votes;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use crate::{room::Room, server::Server};
use machine::Machine;
use report::{Figure, Goal, Report};

/// How often what is cheap to measure is measured; the median counts.
const RUNS: usize = 3;

/// Starts are quick, and vary more.
const STARTS: usize = 7;

/// Measure throughput, latency, memory and start, each beside its goal
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Put the table between the marks of this Markdown file as well
    #[arg(long)]
    write: Option<PathBuf>,
    /// Measure only these; the disk and the start are always measured
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Where to put the server's data, because the disk counts; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Pages,
    Latency,
    FanOut,
    Idle,
    Throughput,
    Votes,
}

const ALL: [Part; 6] = [Part::Pages, Part::Latency, Part::FanOut, Part::Idle, Part::Throughput, Part::Votes];

pub(crate) async fn run(arguments: Bench) -> Result<()> {
    let mut server = Server::prepare(arguments.folder.as_deref(), false)?;
    let parts = if arguments.only.is_empty() { &ALL[..] } else { &arguments.only };
    let measured = measure(&mut server, parts).await;
    let report = measured.with_context(|| format!("the server's log ends:\n{}\n", server.last_words()))?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.markdown());
    }
    match arguments.write {
        Some(file) => report.write_into(&file),
        None => Ok(()),
    }
}

async fn measure(server: &mut Server, parts: &[Part]) -> Result<Report> {
    let fsync = disk::fsync(server.folder())?;
    let mut report = Report { machine: Machine::look(server.folder())?, figures: Vec::new() };
    report.add(Figure::new("fdatasync of 4 KiB, median", "ms", Goal::None, fsync));

    server.start().await?;
    let room = Room::prepare(server).await?;
    server.kill().await?;

    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        starts.push(server.start().await?.as_secs_f64() * 1e3);
        memory.push(mebibytes(server.memory()?));
        server.kill().await?;
    }
    report.add(Figure::new("Start to first answer", "ms", Goal::AtMost(300.0), starts));
    report.add(Figure::new("Memory at start", "MiB", Goal::AtMost(40.0), memory));

    for part in parts {
        // Each on a server that has done nothing else.
        server.start().await?;
        eprintln!("{part:?} …");
        report.extend(match part {
            Part::Pages => pages::measure(&room).await?,
            Part::Latency => latency::acknowledged(&room).await?,
            Part::FanOut => latency::fan_out(&room).await?,
            Part::Idle => idle::measure(server, &room).await?,
            Part::Throughput => throughput::measure(server, &room).await?,
            Part::Votes => votes::measure(server.folder()).await?,
        });
        server.kill().await?;
    }
    server.check().await?;

    Ok(report)
}

#[expect(clippy::cast_precision_loss, reason = "no memory of a process is that large")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
