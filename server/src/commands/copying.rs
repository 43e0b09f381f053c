//! Backups, their restoration, and moving from one database to another.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use backend::copying::{self, Copied, CopyError, Whole};

use super::stop_signal;

use crate::cli::{Backup, Database, Migrate, Restore};

pub(super) async fn backup(flags: Backup) -> Result<ExitCode> {
    let copied = until_stopped(copying::backup(whole(&flags.database), &flags.file)).await?;
    Ok(report(&copied, &format!("{} holds everything", flags.file.display())))
}

pub(super) async fn restore(flags: Restore) -> Result<ExitCode> {
    let copied = until_stopped(copying::restore(&flags.file, whole(&flags.database))).await?;
    Ok(report(&copied, "Everything of the backup is there"))
}

pub(super) async fn migrate(flags: Migrate) -> Result<ExitCode> {
    let from = Whole { database: &flags.from, files: flags.from_files.as_deref() };
    let to = Whole { database: &flags.to, files: flags.to_files.as_deref() };
    let copied = until_stopped(copying::migrate(from, to)).await?;
    Ok(report(&copied, "Everything is there"))
}

pub(super) fn whole(database: &Database) -> Whole<'_> {
    Whole { database: &database.url, files: database.files.as_deref() }
}

/// What is interrupted leaves nothing behind: a copy that is dropped removes what it has written.
pub(super) async fn until_stopped<T>(copy: impl Future<Output = Result<T, CopyError>>) -> Result<T> {
    tokio::select! {
        copied = copy => Ok(copied?),
        stopped = stop_signal() => {
            stopped.context("The signals to stop cannot be heard")?;
            bail!("Stopped before the end. Nothing was kept.")
        }
    }
}

fn report(copied: &Copied, done: &str) -> ExitCode {
    print!("{copied}");
    report_missing(copied);
    println!("{done}: {} rows, read back and compared.", copied.total());
    ExitCode::SUCCESS
}

pub(super) fn report_missing(copied: &Copied) {
    for name in &copied.missing {
        eprintln!("The file {name} was missing or damaged already, and is not in the copy.");
    }
}
