//! Where an export goes: standard output, a device, or a file that is put in place as a whole.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// Who may read a file that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Whom the system lets by default.
    Usual,
    /// Its owner alone.
    Owner,
}

pub(super) enum Output {
    Stream(Box<dyn Write>),
    File(BufWriter<Part>),
}

impl Output {
    /// Standard output without a path. What is at the path stays until [`Self::finish`].
    pub(super) fn open(path: Option<&Path>, readers: Readers) -> io::Result<Self> {
        Ok(match path {
            None => Self::Stream(Box::new(BufWriter::new(io::stdout()))),
            // A device or a pipe is written to as it is.
            Some(path) if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) => {
                Self::Stream(Box::new(BufWriter::new(File::create(path)?)))
            }
            Some(path) => Self::File(BufWriter::new(Part::begin(path, readers)?)),
        })
    }

    /// Once all of it is on disk and was read back, or has left this program.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Stream(mut out) => out.flush(),
            Self::File(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?.finish(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(out) => out.write(bytes),
            Self::File(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(out) => out.flush(),
            Self::File(out) => out.flush(),
        }
    }
}

/// A file under another name until it is complete. Removed when dropped.
pub(super) struct Part {
    path: PathBuf,
    part: PathBuf,
    file: File,
    written: Sha256,
}

impl Part {
    fn begin(path: &Path, readers: Readers) -> io::Result<Self> {
        // What a link leads to is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if readers == Readers::Owner {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = match options.open(&part) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_left_over(&part)? => {
                fs::remove_file(&part)?;
                options.open(&part)?
            }
            opened => opened?,
        };
        // Until it is closed: by this another command knows that it is no leftover.
        file.lock()?;
        Ok(Self { file, path, part, written: Sha256::new() })
    }

    fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        let (mut read, mut file) = (Sha256::new(), BufReader::new(File::open(&self.part)?));
        let mut bytes = vec![0; 64 * 1024];
        loop {
            match file.read(&mut bytes)? {
                0 => break,
                count => read.update(&bytes[..count]),
            }
        }
        if read.finalize() != self.written.clone().finalize() {
            return Err(io::Error::other("what was read back is not what was written"));
        }
        fs::rename(&self.part, &self.path)
    }
}

/// Whether a part belongs to a command that was cut short.
fn is_left_over(part: &Path) -> io::Result<bool> {
    let kind = fs::symlink_metadata(part)?;
    if kind.is_symlink() {
        return Ok(true);
    }
    if !kind.is_file() || matches!(File::open(part)?.try_lock(), Err(fs::TryLockError::WouldBlock)) {
        let said = format!("{} is there already, perhaps of another command that is writing", part.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, said));
    }
    Ok(true)
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.written.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone where it has its name by now.
        if let Err(error) = fs::remove_file(&self.part)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, file = %self.part.display(), "an unfinished file stays behind; remove it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leftover_is_replaced_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (file, part) = (folder.path().join("a.csv"), folder.path().join("a.csv.part"));
        fs::write(&part, "of a command that was cut short").unwrap();
        let mut first = Part::begin(&file, Readers::Owner).unwrap();
        first.write_all(b"first").unwrap();
        let refused = Part::begin(&file, Readers::Owner).map(drop).unwrap_err();
        assert!(refused.to_string().contains("perhaps of another command"), "{refused}");
        first.finish().unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"first");
        assert!(!part.exists());
        // Where a link leads is left alone.
        #[cfg(unix)]
        {
            let other = folder.path().join("other");
            fs::write(&other, "precious").unwrap();
            std::os::unix::fs::symlink(&other, &part).unwrap();
            Part::begin(&file, Readers::Owner).unwrap();
            assert_eq!(fs::read(&other).unwrap(), b"precious");
        }
    }
}
