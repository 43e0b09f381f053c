//! `drill net`: pages and server with a bad network between them, made by a proxy of the drill's own. Connections are reset,
//! go silent, stand still and come twice; some pages read slowly. Nothing may be lost or done twice, who comes back is soon as
//! far as the others, and nobody suffers from somebody else's network.

mod crowd;
mod outage;
mod proxy;
mod silence;
mod slow;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use clap::Args;
use domain::Role;

use crate::{room::Room, server::Server, session::Session, times::quantile};

/// Beyond the round trip, what coming back may take, in milliseconds.
const RESUME: f64 = 50.0;

/// By how many milliseconds the others' p99 varies anyway.
const NOISE: f64 = 2.0;

/// What the server may keep for a slow reader, in MiB.
const KEPT: f64 = 2.0;

/// How soon the server has to notice a connection that went silent: what the protocol says, and a little.
const NOTICED: Duration = Duration::from_secs(47);

/// Let the network fail between pages and server, and some pages read slowly
#[derive(Debug, Args)]
pub(crate) struct Net {
    /// How often the network fails amid edits
    #[arg(long, default_value_t = 12)]
    failures: usize,
    /// Pages in the room in which some read slowly
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=2_000))]
    pages: u16,
    /// How many read slowly, in turn 1 KiB a second and nothing
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
    slow: u16,
    /// By what factor slow readers may make the others' p99 longer
    #[arg(long, default_value_t = 1.1)]
    factor: f64,
    /// Chooses edits and moments; random when left out
    #[arg(long)]
    seed: Option<u64>,
    /// Where to put the server's data; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When anything was lost, done twice or reordered, or a goal was clearly missed.
pub(crate) async fn run(arguments: Net) -> Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..=u64::from(u32::MAX)));
    println!(
        "net: the network fails {} times; {} of {} pages read slowly; seed {seed}",
        arguments.failures, arguments.slow, arguments.pages
    );
    let mut server = Server::prepare(arguments.folder.as_deref(), true)?;
    server.start().await?;
    perform(&arguments, &server, seed).await.map_err(|error| {
        let log = server.last_words();
        let folder = server.keep();
        error.context(format!(
            "drill net --seed {seed}: data kept in {}; the server's log ends:\n{log}\n",
            folder.display()
        ))
    })
}

async fn perform(arguments: &Net, server: &Server, seed: u64) -> Result<()> {
    let silence = silence::begin(server).await?;
    let outages = outage::run(server, arguments.failures, seed).await?;
    let room = Room::of(server, &Session::demo(server, Role::Owner).await?).await?;
    let (pages, slow) = (usize::from(arguments.pages), usize::from(arguments.slow));
    let mut crowd = crowd::Figures::default();
    crowd::run(server, &room, pages, slow, &mut crowd).await?;
    if suffers(&mut crowd, arguments.factor) {
        println!("the others seem to suffer from slow readers; it is measured again before that counts");
        crowd::run(server, &room, pages, slow, &mut crowd).await?;
    }
    let noticed = silence.await??;

    let mut table = Table::default();
    let trip = outage::ROUND_TRIP.as_secs_f64() * 1e3;
    if let Some((middle, most)) = middle_and_most(outages.resumed) {
        table.row("Back at the head from hello, median", middle, "ms", trip + RESUME);
        println!("{:68}{most:>9.1} ms", "… at most");
    }
    if let Some((middle, most)) = middle_and_most(outages.since_network) {
        println!(
            "{:68}{middle:>9.1} ms",
            "… from when a connection can be made, with that of the WebSocket, median"
        );
        println!("{:68}{most:>9.1} ms", "… at most");
    }
    let suffers = suffers(&mut crowd, arguments.factor);
    let (without, with) = (quantile(&mut crowd.without, 0.5), quantile(&mut crowd.with, 0.5));
    table.row(
        "p99 of an edit to another page, slow readers in the room",
        with,
        "ms",
        without * arguments.factor,
    );
    println!("{:68}{without:>9.1} ms", format!("… without them; {} deliveries in all", crowd.deliveries));
    table.row("Memory for each slow reader", quantile(&mut crowd.growth, 0.5), "MiB", KEPT);
    let soon = slow::SOON.as_secs_f64();
    table.row("A slow reader is sent away within, at most", quantile(&mut crowd.borne, 1.0), "s", soon);
    table.row("… and back when it reads again, at most", quantile(&mut crowd.back, 1.0), "s", soon);
    table.row("A silent connection is noticed within", noticed.as_secs_f64(), "s", NOTICED.as_secs_f64());
    // The p99s vary by more than a tenth from phase to phase.
    table.missed.retain(|what| !what.starts_with("p99") || suffers);
    ensure!(table.missed.is_empty(), "missed: {}", table.missed.join("; "));
    Ok(())
}

/// Whether the others clearly waited longer with slow readers in the room: in the median, and in every single phase.
fn suffers(figures: &mut crowd::Figures, factor: f64) -> bool {
    let least_with = quantile(&mut figures.with, 0.0);
    let most_without = quantile(&mut figures.without, 1.0);
    let (without, with) = (quantile(&mut figures.without, 0.5), quantile(&mut figures.with, 0.5));
    with > without * factor && with > without + NOISE && least_with > most_without
}

fn middle_and_most(mut values: Vec<f64>) -> Option<(f64, f64)> {
    (!values.is_empty()).then(|| (quantile(&mut values, 0.5), quantile(&mut values, 1.0)))
}

/// Figures beside what they may be at most.
#[derive(Debug, Default)]
struct Table {
    missed: Vec<String>,
}

impl Table {
    fn row(&mut self, what: &str, value: f64, unit: &str, goal: f64) {
        let verdict = if value <= goal { "met" } else { "MISSED" };
        println!("{what:68}{value:>9.1} {unit:4} (goal {goal:.1} {unit}) {verdict}");
        if value > goal {
            self.missed.push(format!("{what}: {value:.1} {unit}, goal {goal:.1} {unit}"));
        }
    }
}
