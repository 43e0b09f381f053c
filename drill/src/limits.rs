//! `drill limits`: attacks on what the server has to bound, one after the other, each beside people who read and edit. Nobody
//! else may suffer much from one, the server may not grow without end, and nobody may be kept out.

mod attack;
mod attacks;
mod bounds;
mod heavy_page;
mod house;
mod measure;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use self::{attack::Attack, house::House, measure::Figures};
use crate::server::Server;

/// What the server may take at any moment, in MiB.
const MEMORY: f64 = 300.0;

/// How soon the server has to end under attack, in seconds.
const END: f64 = 10.0;

/// Attack what the server has to bound, beside people who read and edit
#[derive(Debug, Args)]
pub(crate) struct Limits {
    /// The attacks to make; all of them when none is named
    #[arg(value_enum)]
    attacks: Vec<Attack>,
    /// How long each lasts, and how long is measured without before, in seconds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// By what the others' p99 may grow: a factor
    #[arg(long, default_value_t = 2.0)]
    factor: f64,
    /// … and milliseconds that are no more than noise
    #[arg(long, default_value_t = 20.0)]
    noise: f64,
    /// How many of those come who flood with pages and event streams, in percent: a development build serves fewer
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=100))]
    crowd: u16,
    /// Where to put the server's data; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When others waited much longer than without the attack, the server took too much memory, or somebody was kept out.
pub(crate) async fn run(arguments: Limits) -> Result<()> {
    raise_file_limit();
    let mut server = Server::prepare(arguments.folder.as_deref(), false)?;
    // The limits it has when nobody sets any, and a proxy that says where requests come from.
    server.keep_limits();
    server.start().await?;
    perform(&arguments, &mut server).await.map_err(|error| {
        let log = server.last_words();
        let folder = server.keep();
        error.context(format!(
            "drill limits: data kept in {}; the server's log ends:\n{log}\n",
            folder.display()
        ))
    })
}

/// Thousands of connections are as many files.
fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // Where it may not be raised, fewer connections are opened.
        setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap_or_default();
    }
}

async fn perform(arguments: &Limits, server: &mut Server) -> Result<()> {
    let house = House::found(server, arguments.crowd).await?;
    let lasting = Duration::from_secs(arguments.seconds);
    // Caches and the allocator come to their size.
    measure::run(server, &house, lasting, None).await?;
    let is_whole = arguments.attacks.is_empty();
    let attacks = if is_whole { Attack::all() } else { arguments.attacks.clone() };
    let mut faults = Vec::new();
    println!(
        "{:22}{:>15}{:>15}{:>15}{:>9}  of the attack",
        "p99 in ms, then with", "a page", "an edit", "health", "MiB"
    );
    for attack in attacks {
        let (mut figures, mut found) = one(arguments, server, &house, attack, lasting).await?;
        if !found.is_empty() {
            println!("{:22}is tried again before that counts: {}", attack.name(), found.join("; "));
            (figures, found) = one(arguments, server, &house, attack, lasting).await?;
        }
        println!("{:22}{}", attack.name(), figures.line());
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", attack.name())));
    }
    if is_whole {
        faults.extend(bounds::check(server, &house, 100 / u32::from(arguments.crowd)).await?);
    }
    let ended = house.stop_amid(server).await?.as_secs_f64();
    println!("{:22}{ended:>15.1} s", "ends under attack");
    if ended > END {
        faults.push(format!("the server took {ended:.1} s to end"));
    }
    ensure!(faults.is_empty(), "{} faults:\n  {}", faults.len(), faults.join("\n  "));
    println!("nobody was kept out");
    Ok(())
}

/// An attack's figures beside those without, and what is wrong with them.
struct Outcome {
    quiet: Figures,
    during: Figures,
    note: String,
}

impl Outcome {
    fn line(&self) -> String {
        let pair = |quiet: f64, during: f64| format!("{quiet:>7.1}{during:>8.1}");
        format!(
            "{}{}{}{:>9.0}  {}",
            pair(self.quiet.page, self.during.page),
            pair(self.quiet.edit, self.during.edit),
            pair(self.quiet.health, self.during.health),
            self.during.memory,
            self.note
        )
    }
}

async fn one(
    arguments: &Limits,
    server: &Server,
    house: &House,
    attack: Attack,
    lasting: Duration,
) -> Result<(Outcome, Vec<String>)> {
    let quiet = measure::run(server, house, lasting, None).await.context("without an attack")?;
    let mut during = measure::run(server, house, lasting, Some(attack)).await?;
    let mut faults = std::mem::take(&mut during.faults);
    for (what, quiet, during) in [
        ("p99 of a page", quiet.page, during.page),
        ("p99 of an edit", quiet.edit, during.edit),
        ("p99 of /healthz", quiet.health, during.health),
    ] {
        if during > quiet * arguments.factor && during > quiet + arguments.noise {
            faults.push(format!("{what} {during:.1} ms, {quiet:.1} ms without"));
        }
    }
    if during.memory > MEMORY {
        faults.push(format!("the server took {:.0} MiB", during.memory));
    }
    if let Err(error) = house.everybody_gets_in(attack).await {
        faults.push(format!("somebody is kept out: {error:#}"));
    }
    let note = during.note.clone();
    Ok((Outcome { quiet, during, note }, faults))
}
