//! Packs what `cargo xtask` has built: compresses the files of a site, and makes the archive that is handed on.

mod archive;
mod compress;

use anyhow::Result;
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Parser)]
enum Task {
    /// Write a `.br` and a `.gz` beside each file, where that makes it smaller
    Compress { files: Vec<PathBuf> },
    /// Write a folder to a `.tar.gz`, under the archive's name without its endings
    Archive { folder: PathBuf, archive: PathBuf },
}

fn main() -> ExitCode {
    match perform(Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    match task {
        Task::Compress { files } => files.iter().try_for_each(|file| compress::compress(file)),
        Task::Archive { folder, archive } => archive::write(&folder, &archive),
    }
}
