//! The browser tests, and what is measured in a browser: Playwright's runner with the machine's own Chromium.

use crate::site::{self, Packing};
use crate::workspace::{Profile, Workspace};
use crate::{node, process, test};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian and its kin say `chromium`; others say one of the rest.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

const ADVICE: &str = "Chromium is missing. Install it (Debian: `apt-get install chromium`), \
     or name the program in the variable CHROMIUM.";

/// Runs the tests in `end2end/` against a debug build of the server and the packed site: the files a visitor gets.
pub(crate) fn test(workspace: &Workspace, flags: &[String]) -> Result<()> {
    test::run(playwright(workspace, Profile::Dev)?.args(flags))
}

/// Runs what is measured in a browser, in `end2end/measure/`, against what is handed to others. The table is printed, and
/// put between the marks of a Markdown file as well.
pub(crate) fn measure(workspace: &Workspace, write: Option<&Path>, flags: &[String]) -> Result<()> {
    let mut command = playwright(workspace, Profile::Packed)?;
    if let Some(file) = write {
        command.env("FIGURES", std::path::absolute(file)?);
    }
    process::run(command.args(["--config", "measure.config.ts"]).args(flags))
}

/// Playwright's runner, with the program and the site that it is to look at.
fn playwright(workspace: &Workspace, profile: Profile) -> Result<Command> {
    node::install(workspace)?;
    let chromium = chromium()?;
    let site = workspace.packed_site();
    site::build(workspace, &site, Packing::Packed)?;
    let cairn = workspace.build_program("cairn", profile)?;
    let mut command = Command::new(node::program(workspace, "playwright"));
    command.arg("test").current_dir(workspace.end2end());
    command.env("CAIRN_BIN", cairn).env("CAIRN_SITE", site).env("CHROMIUM", chromium);
    Ok(command)
}

fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        if named.is_file() {
            return Ok(named);
        }
        bail!("CHROMIUM names {}, which is not there.", named.display());
    }
    let find = || NAMES.iter().find_map(|name| process::on_path(name));
    if let Some(found) = find() {
        return Ok(found);
    }
    process::apt_install("chromium", ADVICE)?;
    find().context(ADVICE)
}
