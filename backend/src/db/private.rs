//! Files that only the user who runs the program may read.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Makes a file that must not be there yet, to be read and written by its owner alone (0600).
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder and those above it where they are missing, to be entered by their owner alone (0700).
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Warns of files that others may read or write, with the command that ends it.
pub(crate) fn warn_of_open(files: impl IntoIterator<Item = PathBuf>) {
    let open: Vec<String> =
        files.into_iter().filter(|file| is_open(file)).map(|file| quoted(&file)).collect();
    if !open.is_empty() {
        let files = open.join(" ");
        tracing::warn!("other users of this machine can open {files}. Run: chmod 600 {files}");
    }
}

/// Whether others than the owner may do anything with a file.
#[cfg(unix)]
fn is_open(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_file: &Path) -> bool {
    false
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
