//! The npm packages of `end2end/`: Playwright, axe and binaryen's `wasm-opt`.

use crate::process;
use crate::wasm::digest;
use crate::workspace::Workspace;
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Installs exactly what the lock says, unless that lock is installed already.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    if process::on_path("npm").is_none() {
        bail!("npm is missing. Install Node.js 20 or newer, which brings it.");
    }
    let folder = workspace.end2end();
    let lock =
        fs::read(folder.join("package-lock.json")).context("end2end/package-lock.json cannot be read")?;
    let stamp = folder.join("node_modules").join(".installed-lock");
    let wanted = digest(&[&lock]);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    process::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&folder)
            // The browser is the machine's own; nothing is downloaded besides the packages.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", workspace.shown(&stamp)))
}

/// The path of a program that an npm package brings.
pub(crate) fn program(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.end2end().join("node_modules").join(".bin").join(name)
}
