//! `cargo xtask bench` and `cargo xtask torture`: the `drill` program against the real binary.

use crate::site::{self, Packing};
use crate::workspace::{Profile, Workspace};
use crate::{fuzz, postgres, process, strace};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Measures what is handed to others. The load itself is made by a release build.
pub(crate) fn bench(workspace: &Workspace, write: Option<&Path>, flags: &[String]) -> Result<()> {
    let mut drill = packed(workspace)?;
    drill.arg("bench").args(flags);
    if let Some(file) = write {
        drill.arg("--write").arg(std::path::absolute(file)?);
    }
    process::run(&mut drill)
}

/// Runs any drill against what is handed to others; `simulate` needs nothing but itself, and `fuzz` are tests.
pub(crate) fn torture(workspace: &Workspace, flags: &[String]) -> Result<()> {
    if flags.first().is_some_and(|drill| drill == "fuzz") {
        return fuzz::fuzz(workspace, &flags[1..]);
    }
    if flags.first().is_some_and(|drill| drill == "simulate") {
        let drill = workspace.build_program("drill", Profile::Release)?;
        return process::run(Command::new(drill).args(flags));
    }
    if flags.first().is_some_and(|drill| drill == "durable") {
        strace::ensure()?;
    }
    process::run(packed(workspace)?.args(flags))
}

/// `drill`, with the packed binary and its site.
fn packed(workspace: &Workspace) -> Result<Command> {
    let site = workspace.packed_site();
    site::build(workspace, &site, Packing::Packed)?;
    let cairn = workspace.build_program("cairn", Profile::Packed)?;
    let drill = workspace.build_program("drill", Profile::Release)?;
    Ok(command(workspace, &drill, &cairn, &site))
}

/// A drill finds the server it starts in `CAIRN_BIN`, and the site to serve in `CAIRN_SITE`.
pub(crate) fn command(workspace: &Workspace, drill: &Path, cairn: &Path, site: &Path) -> Command {
    let mut command = Command::new(drill);
    command.current_dir(&workspace.root).env("CAIRN_BIN", cairn).env("CAIRN_SITE", site);
    postgres::put_on_path(&mut command);
    command
}
