//! `cargo xtask dist`: what is handed to others.

use crate::site::{self, Packing};
use crate::size;
use crate::workspace::{Profile, Workspace};
use anyhow::{Context as _, Result};
use std::fs;

/// Builds the optimised binary, and the packed site beside it, where the binary looks for it.
pub(crate) fn dist(workspace: &Workspace) -> Result<()> {
    let site = workspace.dist().join("site");
    site::build(workspace, &site, Packing::Packed)?;
    let cairn = workspace.build_program("cairn", Profile::Dist)?;
    let bytes = fs::metadata(&cairn).with_context(|| format!("{} is missing", cairn.display()))?.len();
    println!("\n{}  {}", workspace.shown(&cairn), size::kilobytes(bytes));
    println!("{}/", workspace.shown(&site));
    println!("Copy both to one folder and start `./cairn serve` there.");
    Ok(())
}
