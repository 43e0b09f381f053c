//! Load and fault drills against a real server: `cargo xtask bench` and `cargo xtask torture` run it.

mod backup;
mod bench;
mod disk;
mod durable;
mod edits;
mod kill;
mod ledger;
mod limits;
mod net;
mod nodes;
mod page;
mod people;
mod planner;
mod records;
mod room;
mod secrecy;
mod server;
mod session;
mod simulate;
mod small_disk;
mod socket;
mod times;
mod votes;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

#[derive(Debug, Parser)]
#[command(
    about = "Drives a real Cairn through faults and load. The server is CAIRN_BIN, or the cairn beside this program."
)]
enum Drill {
    Kill(kill::Kill),
    Votes(votes::Votes),
    Secrecy(secrecy::Secrecy),
    Nodes(nodes::Nodes),
    Durable(durable::Durable),
    Net(net::Net),
    Limits(limits::Limits),
    Backup(backup::Backup),
    Disk(disk::Disk),
    Simulate(simulate::Simulate),
    Bench(bench::Bench),
}

#[tokio::main]
async fn main() -> ExitCode {
    match perform(Drill::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(drill: Drill) -> Result<()> {
    match drill {
        Drill::Kill(arguments) => kill::run(arguments).await,
        Drill::Votes(arguments) => votes::run(arguments).await,
        Drill::Secrecy(arguments) => secrecy::run(arguments).await,
        Drill::Nodes(arguments) => nodes::run(arguments).await,
        Drill::Durable(arguments) => durable::run(arguments).await,
        Drill::Net(arguments) => net::run(arguments).await,
        Drill::Limits(arguments) => limits::run(arguments).await,
        Drill::Backup(arguments) => backup::run(arguments).await,
        Drill::Disk(arguments) => disk::run(arguments).await,
        Drill::Simulate(arguments) => simulate::run(&arguments),
        Drill::Bench(arguments) => bench::run(arguments).await,
    }
}
