//! Backups, their restoration, and moving from one database to another.

use std::process::ExitCode;

use anyhow::Result;
use backend::copying::{self, Copied};

use crate::cli::{Backup, Migrate, Restore};

pub(super) async fn backup(flags: Backup) -> Result<ExitCode> {
    let copied = copying::backup(&flags.database.url, &flags.file).await?;
    Ok(report(&copied, &format!("{} holds everything", flags.file.display())))
}

pub(super) async fn restore(flags: Restore) -> Result<ExitCode> {
    let copied = copying::restore(&flags.file, &flags.database.url).await?;
    Ok(report(&copied, "Everything of the backup is there"))
}

pub(super) async fn migrate(flags: Migrate) -> Result<ExitCode> {
    let copied = copying::migrate(&flags.from, &flags.to).await?;
    Ok(report(&copied, "Everything is there"))
}

fn report(copied: &Copied, done: &str) -> ExitCode {
    print!("{copied}");
    println!("{done}: {} rows, compared with what was read.", copied.total());
    ExitCode::SUCCESS
}
