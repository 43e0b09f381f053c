//! A disk of a few megabytes, in memory, that can be filled: a tmpfs, for those who may mount one.

use std::{
    fs::File,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// How a drill says that something was not tested; `cargo xtask` listens for it.
pub(crate) const SKIPPED: &str = "SKIPPED: ";

/// The file that takes the rest of the space.
const BALLAST: &str = "ballast";

/// A mounted disk. Gone when dropped.
#[derive(Debug)]
pub(crate) struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts one of so many bytes. `None` where that is not allowed.
    pub(crate) fn mount(bytes: u64) -> Result<Option<Self>> {
        let folder = TempDir::with_prefix("drill-disk-")?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes},mode=700"), "tmpfs"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        Ok(mounted.is_ok_and(|status| status.success()).then_some(Self { folder }))
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes the space that is left, but for about so many bytes.
    pub(crate) fn fill(&self, but_for: usize) -> Result<()> {
        let mut ballast = File::options().create(true).append(true).open(self.ballast())?;
        let block = [0; 4096];
        loop {
            match ballast.write_all(&block) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error).context("the disk cannot be filled"),
            }
        }
        let full = ballast.metadata()?.len();
        ballast.set_len(full.saturating_sub(but_for as u64))?;
        Ok(())
    }

    /// Gives the space back.
    pub(crate) fn empty(&self) -> Result<()> {
        std::fs::remove_file(self.ballast()).context("the ballast cannot be thrown off")
    }

    fn ballast(&self) -> PathBuf {
        self.path().join(BALLAST)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a program that was killed may not be quite gone.
        let unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} cannot be unmounted", self.path().display());
        }
    }
}
