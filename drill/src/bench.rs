//! `drill bench`: the figures of this build on this machine, each beside its goal.
//!
//! Everything runs on one machine: the load takes its share of the processors, so a server alone would do better.

mod deliveries;
mod disk;
mod failover;
mod fan_out;
mod fleet;
mod follower;
mod idle;
mod join;
mod latency;
mod load;
mod machine;
mod many;
mod nodes;
mod outage;
mod pages;
mod report;
mod stage;
mod storm;
mod throughput;
mod votes;

use std::{path::PathBuf, time::Instant};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::server::Server;
use load::Load;
use machine::Machine;
use report::{Figure, Goal, Report};
use stage::Stage;

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
    /// Measure little of everything, once: the figures mean nothing, but all of it runs
    #[arg(long)]
    small: bool,
    /// Where to put the server's data, because the disk counts; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Answers: P1
    Latency,
    /// One edit at a time
    Lone,
    /// One room written to as fast as can be: P2
    Throughput,
    /// The same with fifty rooms: P2
    ManyRooms,
    /// One server on PostgreSQL: P3, H3
    Postgres,
    /// Edits applied by everybody: P4
    FanOut,
    /// Entries delivered, and how many bytes a reader gets of each: P5
    Deliveries,
    /// A page joins a large room
    Join,
    /// Idle pages of one room: P6
    Idle,
    /// Idle pages of many rooms, as many as can be: P6, P7, P8
    Connections,
    /// Forty rooms on one connection
    Rooms,
    /// Everybody comes back at once: P9
    Storm,
    /// The board's page: P10, P11
    Pages,
    /// A hundred large rooms: P16
    Memory,
    /// Edits told by another server: H1, H2
    Nodes,
    /// One of three servers is killed: H4
    Failover,
    /// Three servers write to one room: H5
    Together,
    /// PostgreSQL crashes: H6
    Outage,
    /// Ten thousand rooms: H7
    SmallRooms,
    /// Casts
    Votes,
}

pub(crate) async fn run(arguments: Bench) -> Result<()> {
    let server = Server::prepare(arguments.folder.as_deref(), false)?;
    let load = Load { small: arguments.small };
    let parts = if arguments.only.is_empty() { Part::value_variants() } else { &arguments.only };
    let (report, failures) = measure(server, load, parts).await?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.markdown());
    }
    if let Some(file) = arguments.write {
        report.write_into(&file)?;
    }
    if failures > 0 {
        bail!("{failures} of {} parts could not be measured; the table says why", parts.len());
    }
    Ok(())
}

/// What could be measured, and how many parts could not.
async fn measure(server: Server, load: Load, parts: &[Part]) -> Result<(Report, usize)> {
    let fsync = disk::fsync(server.folder(), load)?;
    let mut report = Report { machine: Machine::look(server.folder())?, figures: Vec::new() };
    report.add(Figure::new("", "fdatasync of 4 KiB, median", "ms", Goal::None, fsync));
    let mut stage = Stage::prepare(server, load).await?;
    report.extend(starts(&mut stage.server).await?);
    let mut failures = 0;
    for part in parts {
        let begun = Instant::now();
        match stage.measure(*part).await {
            Ok(figures) => report.extend(figures),
            Err(error) => {
                failures += 1;
                let name =
                    part.to_possible_value().map_or_else(String::new, |name| name.get_name().to_owned());
                report.add(Figure::missing(name, format!("**failed**: {error:#}")));
                eprintln!(
                    "{part:?} failed: {error:#}\nthe server's log ends:\n{}\n",
                    stage.server.last_words()
                );
            }
        }
        stage.clear().await?;
        eprintln!("{part:?}: {:.0} s", begun.elapsed().as_secs_f64());
    }
    if let Err(error) = stage.server.check().await {
        failures += 1;
        report.add(Figure::missing("The data afterwards", format!("**failed**: {error:#}")));
    }
    Ok((report, failures))
}

async fn starts(server: &mut Server) -> Result<[Figure; 2]> {
    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        starts.push(server.start().await?.as_secs_f64() * 1e3);
        memory.push(mebibytes(server.memory()?));
        server.kill().await?;
    }
    Ok([
        Figure::new("P17", "Start to first answer", "ms", Goal::AtMost(300.0), starts),
        Figure::new("P16", "Memory at start", "MiB", Goal::AtMost(40.0), memory),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "no memory of a process is that large")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
