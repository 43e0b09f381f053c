//! `cargo xtask torture fuzz`: the tests that read mangled bytes, for longer than among the others.

use crate::process;
use crate::workspace::{NATIVE, Workspace};
use anyhow::Result;
use clap::Parser;

/// Feeds mangled inputs to whatever reads bytes from outside.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask torture fuzz", bin_name = "cargo xtask torture fuzz")]
struct Arguments {
    /// How long each target is fed
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// Which inputs are made; the same seed makes the same ones
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Feeds one target after the other. They are built without optimisation: an overflow is a failure then.
pub(crate) fn fuzz(workspace: &Workspace, flags: &[String]) -> Result<()> {
    let name = "cargo xtask torture fuzz".to_owned();
    let arguments = Arguments::parse_from(std::iter::once(&name).chain(flags));
    // Integration tests of this name, and tests of this name within their crates.
    for selection in [&["--test", "*bytes"][..], &["--lib", "mangled"]] {
        let mut command = workspace.cargo();
        command.env("CAIRN_FUZZ_SECONDS", arguments.seconds.to_string());
        command.env("CAIRN_SEED", arguments.seed.to_string());
        process::run(command.arg("test").args(NATIVE).args(selection).args(["--", "--nocapture"]))?;
    }
    Ok(())
}
