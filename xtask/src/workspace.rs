//! Where things are.

use crate::process;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every native build selects the same packages, because cargo decides features over the selection: two selections
/// would mean two builds of the database driver. `frontend` is for the browser alone.
pub(crate) const NATIVE: [&str; 3] = ["--workspace", "--exclude", "frontend"];

/// The folders of this checkout.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// Where cargo builds; `CARGO_TARGET_DIR` moves it.
    pub(crate) target: PathBuf,
    /// The crates of the house.
    pub(crate) packages: Vec<Package>,
}

/// A crate of the house, as far as its arrows matter.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A line of `[dependencies]`, `[dev-dependencies]` or `[build-dependencies]`.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// None for normal dependencies, else "dev" or "build".
    pub(crate) kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

impl Workspace {
    /// Asks cargo, so that every way of moving the target folder is followed.
    pub(crate) fn find() -> Result<Workspace> {
        let mut command = Command::new(process::cargo());
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let output = process::output(&mut command)?;
        let metadata: Metadata =
            serde_json::from_str(&output).context("cargo metadata printed something unexpected")?;
        Ok(Workspace {
            root: metadata.workspace_root,
            target: metadata.target_directory,
            packages: metadata.packages,
        })
    }

    /// `cargo` at the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(process::cargo());
        command.current_dir(&self.root);
        command
    }

    /// Builds a native program of the house and returns its path.
    pub(crate) fn build_program(&self, name: &str, profile: Profile) -> Result<PathBuf> {
        let mut command = self.cargo();
        match profile {
            // What is handed on has the features its own crates ask for, and no more.
            Profile::Packed => command.args(["build", "-p", "server"]),
            Profile::Dev | Profile::Release => command.arg("build").args(NATIVE),
        };
        command.args(["--bin", name, "--profile", profile.name()]);
        process::run(&mut command)?;
        Ok(self.target.join(profile.folder()).join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
    }

    /// The site of `run`: plain names, not compressed.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The site as a visitor gets it, for tests and measurements. Not the one in [`dist`](Self::dist), which belongs to the
    /// program beside it.
    pub(crate) fn packed_site(&self) -> PathBuf {
        self.target.join("packed-site")
    }

    /// What is handed on, and nothing else: the program, its `site`, the licences.
    pub(crate) fn dist(&self) -> PathBuf {
        self.target.join("dist")
    }

    /// Results between two steps of a build, each with the stamp of what it was made from.
    pub(crate) fn steps(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The folder of the browser tests and of every npm package.
    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// A path as a person in the checkout would write it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// The profiles of the native builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
    Packed,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Profile::Dev => "dev",
            Profile::Release => "release",
            Profile::Packed => "packed",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Profile::Dev => "debug",
            Profile::Release => "release",
            Profile::Packed => "packed",
        }
    }
}
