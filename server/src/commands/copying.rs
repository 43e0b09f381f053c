//! Backups, their restoration, and moving from one database to another.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use backend::copying::{self, Copied, CopyError, Whole};

use super::stop_signal;

use crate::cli::{Backup, Migrate, Restore};

pub(super) async fn backup(flags: Backup) -> Result<ExitCode> {
    let copied =
        until_stopped(copying::backup(whole(&flags.database.url, &flags.database.files), &flags.file))
            .await?;
    Ok(report(&copied, &format!("{} holds everything", flags.file.display())))
}

pub(super) async fn restore(flags: Restore) -> Result<ExitCode> {
    let copied =
        until_stopped(copying::restore(&flags.file, whole(&flags.database.url, &flags.database.files)))
            .await?;
    Ok(report(&copied, "Everything of the backup is there"))
}

pub(super) async fn migrate(flags: Migrate) -> Result<ExitCode> {
    let (from, to) = (whole(&flags.from, &flags.from_files), whole(&flags.to, &flags.to_files));
    let copied = until_stopped(copying::migrate(from, to)).await?;
    Ok(report(&copied, "Everything is there"))
}

fn whole<'a>(database: &'a str, files: &'a Option<String>) -> Whole<'a> {
    Whole { database, files: files.as_deref() }
}

/// What is interrupted leaves nothing behind: a copy that is dropped removes what it has written.
async fn until_stopped(copy: impl Future<Output = Result<Copied, CopyError>>) -> Result<Copied> {
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
    for name in &copied.missing {
        eprintln!("The file {name} was missing or damaged already, and is not in the copy.");
    }
    println!("{done}: {} rows, read back and compared.", copied.total());
    ExitCode::SUCCESS
}
