//! Counting a published record again: `cairn recount`.

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};
use domain::voting::RecordOfVoting;

use crate::cli::Recount;

/// Verifies every receipt of a record and prints the tally that its ballots add up to.
pub(super) fn recount(flags: &Recount) -> Result<ExitCode> {
    let file = flags.file.display();
    let text = fs::read(&flags.file).with_context(|| format!("{file} cannot be read"))?;
    let record: RecordOfVoting = serde_json::from_slice(&text)
        .with_context(|| format!("{file} is not the record of a voting session"))?;
    let (tally, problems) = backend::voting::recount(&record);
    println!("{}: {} ballots", record.title, tally.ballots);
    println!("{:>5}  {:>9}  {:>9}  {:>6}  item", "place", "points", "weighted", "voters");
    for line in &tally.lines {
        let candidate = record.candidates.iter().find(|candidate| candidate.item == line.item);
        let (key, title) =
            candidate.map(|candidate| (&*candidate.key, &*candidate.title)).unwrap_or_default();
        let (points, weighted) = (line.raw.to_string(), line.weighted.to_string());
        println!("{:>5}  {points:>9}  {weighted:>9}  {:>6}  {key} {title}", line.place, line.voters);
    }
    if problems.is_empty() {
        println!("All is well: every receipt is that of its ballot, and the ballots add up to the tally.");
        return Ok(ExitCode::SUCCESS);
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    Ok(ExitCode::FAILURE)
}
