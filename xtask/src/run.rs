//! `cargo xtask run`: from a fresh clone to a served page, with Rust alone.

use crate::site::{self, Packing};
use crate::workspace::{Profile, Workspace};
use anyhow::{Result, anyhow};
use std::process::Command;
use std::thread;

/// Builds what changed and serves it. The server prints its own address and takes over this process, so that Ctrl-C
/// reaches it alone and it can close in order.
pub(crate) fn run(workspace: &Workspace, release: bool, flags: &[String]) -> Result<()> {
    let profile = if release { Profile::Release } else { Profile::Dev };
    let folder = workspace.site();
    // Both at once: the last step of the browser's half keeps one processor busy and leaves the others idle.
    let cairn = thread::scope(|scope| {
        let program = scope.spawn(|| workspace.build_program("cairn", profile));
        let site = site::build(workspace, &folder, Packing::Plain);
        let program = program.join().map_err(|_| anyhow!("building the server panicked"))?;
        site.and(program)
    })?;
    let mut serve = Command::new(cairn);
    serve.current_dir(&workspace.root).arg("serve").arg("--site").arg(&folder).args(flags);
    become_program(serve)
}

#[cfg(unix)]
fn become_program(mut command: Command) -> Result<()> {
    use crate::process;
    use anyhow::Context as _;
    use std::os::unix::process::CommandExt as _;

    println!("$ {}", process::shown(&command));
    Err(command.exec()).with_context(|| format!("`{}` could not be started", process::shown(&command)))
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> Result<()> {
    crate::process::run(&mut command)
}
