//! strace, under which a drill reads what the server asks of the kernel.

use crate::process;
use anyhow::{Context as _, Result};

const ADVICE: &str = "strace is missing. Install it (Debian: `apt-get install strace`).";

/// Sees to it that strace is on PATH, installing it where that is possible.
///
/// # Errors
/// When it is not there and cannot be installed; the sentence tells what a person can do.
pub(crate) fn ensure() -> Result<()> {
    let there = || process::on_path("strace").map(drop);
    if there().is_some() {
        return Ok(());
    }
    process::apt_install("strace", ADVICE)?;
    there().context(ADVICE)
}
