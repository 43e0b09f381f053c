//! PostgreSQL's programs, with which tests and drills make a cluster of their own.

use crate::process;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lets a command find them: Debian keeps them out of PATH. Nothing happens where there are none.
pub(crate) fn put_on_path(command: &mut Command) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = folder()
        && let Ok(path) = std::env::join_paths(std::env::split_paths(&path).chain([folder]))
    {
        command.env("PATH", path);
    }
}

/// The folder they are in. In CI a missing PostgreSQL is installed; a person's machine is left alone.
pub(crate) fn folder() -> Option<PathBuf> {
    let found = process::on_path("initdb").and_then(|initdb| Some(initdb.parent()?.to_owned()));
    found.or_else(newest).or_else(|| {
        std::env::var_os("CI")?;
        // What follows if this fails is a better placed complaint.
        process::apt_install("postgresql", "PostgreSQL is missing and cannot be installed here.").ok()?;
        newest()
    })
}

/// `/usr/lib/postgresql/<version>/bin`, the newest.
fn newest() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(Path::new("/usr/lib/postgresql"))
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            folder.join("initdb").is_file().then_some((version, folder))
        })
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder)
}
