//! A file that is written under another name until it is complete, and is gone when it never is.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::CopyError;
use crate::db::{folder_of, private, with_suffix};

/// What stands behind the name of a file that is not complete.
pub(crate) const PART: &str = ".part";

/// What SQLite may put beside a file.
pub(crate) const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// The unfinished file. Removed when dropped.
#[derive(Debug)]
pub(super) struct Part {
    file: PathBuf,
    part: PathBuf,
    /// Keeps others from writing the same file. Open until SQLite has closed its own: closing this one earlier would take
    /// SQLite's locks away.
    held: File,
}

impl Part {
    /// Takes the name. What a run that was cut short left there is overwritten.
    pub(super) fn claim(file: &Path) -> Result<Self, CopyError> {
        let failed = |cause| CopyError::File { file: file.to_owned(), cause };
        private::create_folder(folder_of(file)).map_err(failed)?;
        let part = with_suffix(file, PART);
        loop {
            if is_there(file) {
                return Err(CopyError::Exists(file.to_owned()));
            }
            let held = open(&part).map_err(failed)?;
            match held.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(CopyError::Underway(file.to_owned())),
                Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
                    return Err(failed(error));
                }
                _ => {}
            }
            // Its holder may have renamed it since it was opened here: then begin again.
            if is_there(file) || !is_at(&held, &part) {
                continue;
            }
            held.set_len(0).map_err(failed)?;
            let claimed = Self { file: file.to_owned(), part, held };
            claimed.clear_beside().map_err(failed)?;
            return Ok(claimed);
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.part
    }

    /// Gives it its name, never over another file, once all of it is on disk.
    pub(super) fn finish(self) -> Result<Finished, CopyError> {
        let failed = |cause| CopyError::File { file: self.file.clone(), cause };
        self.held.sync_all().map_err(failed)?;
        match fs::hard_link(&self.part, &self.file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists || is_there(&self.file) => {
                return Err(CopyError::Exists(self.file.clone()));
            }
            // Not every file system has links.
            Err(_) => fs::rename(&self.part, &self.file).map_err(failed)?,
            Ok(()) => {}
        }
        let finished = Finished { file: self.file.clone(), kept: false };
        if is_there(&self.part) {
            fs::remove_file(&self.part).map_err(failed)?;
        }
        File::open(folder_of(&self.file)).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(finished)
    }

    fn clear_beside(&self) -> io::Result<()> {
        for beside in BESIDE.map(|suffix| with_suffix(&self.part, suffix)) {
            if is_there(&beside) {
                fs::remove_file(&beside)?;
            }
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if is_at(&self.held, &self.part) {
            let removed = fs::remove_file(&self.part).and_then(|()| self.clear_beside());
            if let Err(error) = removed {
                tracing::warn!(%error, file = %self.part.display(), "an unfinished file stays behind; remove it");
            }
        }
    }
}

/// The file under its final name. Removed when dropped, unless it is kept.
#[derive(Debug)]
pub(super) struct Finished {
    file: PathBuf,
    kept: bool,
}

impl Finished {
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = fs::remove_file(&self.file) {
            let file = self.file.display();
            tracing::error!(%error, %file, "a copy that is not whole stays behind; remove it");
        }
    }
}

/// Whether anything has this name, a link that leads nowhere included.
fn is_there(file: &Path) -> bool {
    fs::symlink_metadata(file).is_ok()
}

#[cfg(unix)]
fn open(part: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

    let opened = options().mode(0o600).open(part)?;
    // It may be an older one.
    opened.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(opened)
}

#[cfg(not(unix))]
fn open(part: &Path) -> io::Result<File> {
    options().open(part)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options
}

/// Whether an open file is the one that has this name now.
#[cfg(unix)]
fn is_at(open: &File, name: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let (Ok(open), Ok(named)) = (open.metadata(), fs::symlink_metadata(name)) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
fn is_at(_open: &File, name: &Path) -> bool {
    is_there(name)
}
