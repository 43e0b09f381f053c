//! The program `pack`, which is compiled only when something is packed: running Cairn needs none of its dependencies.

use crate::process;
use crate::workspace::{Profile, Workspace};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// `pack`, built; it takes what to do.
pub(crate) fn command(workspace: &Workspace) -> Result<Command> {
    Ok(Command::new(workspace.build_program("pack", Profile::Dev)?))
}

/// Writes the compressed forms of files beside them.
pub(crate) fn compress(workspace: &Workspace, files: &[PathBuf]) -> Result<()> {
    println!("Compressing {} files.", files.len());
    process::output(command(workspace)?.arg("compress").args(files)).map(drop)
}
