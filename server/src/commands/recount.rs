//! Counting a published record again: `cairn recount`.

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};
use domain::{
    counted,
    voting::{RecordOfVoting, Turnout},
};

use crate::cli::Recount;

/// Verifies every receipt of a record and prints the tally that its ballots add up to.
pub(super) fn recount(flags: &Recount) -> Result<ExitCode> {
    let file = flags.file.display();
    let text = fs::read(&flags.file).with_context(|| format!("{file} cannot be read"))?;
    let record: RecordOfVoting = serde_json::from_slice(&text)
        .with_context(|| format!("{file} is not the record of a voting session"))?;
    let (tally, mut problems) = backend::voting::recount(&record);
    if let Some(asked) = &flags.digest
        && !asked.trim().eq_ignore_ascii_case(&record.digest)
    {
        problems.push(format!("This is not the record with the digest {}.", asked.trim()));
    }
    for asked in &flags.receipt {
        let receipt = asked.trim().to_lowercase();
        if !record.ballots.iter().any(|ballot| ballot.receipt.0 == receipt) {
            problems.push(format!("There is no ballot with the receipt {receipt} in the record."));
        }
    }
    let ballots = counted(tally.ballots, "ballot", "ballots");
    println!("{}: {ballots} counted, {} blank", record.title, tally.blank);
    let Turnout { invited, cast } = record.turnout;
    if invited > 0 {
        let missed = match record.quorum {
            0 => String::new(),
            quorum if record.turnout.misses(quorum) => format!(", quorum of {quorum} % missed"),
            quorum => format!(", quorum of {quorum} % reached"),
        };
        println!("{cast} of {invited} voted{missed}");
    }
    println!("{:>5}  {:>9}  {:>9}  {:>6}  item", "place", "points", "weighted", "voters");
    for line in &tally.lines {
        let candidate = record.candidates.iter().find(|candidate| candidate.item == line.item);
        let (key, title) =
            candidate.map(|candidate| (&*candidate.key, &*candidate.title)).unwrap_or_default();
        let written = |weighted| {
            let points = line.shown(record.rules.mode, weighted);
            points.map_or_else(|| "–".to_owned(), |points| points.to_string())
        };
        let (points, weighted) = (written(false), written(true));
        println!("{:>5}  {points:>9}  {weighted:>9}  {:>6}  {key} {title}", line.place, line.voters);
    }
    if problems.is_empty() {
        println!("digest  {}", record.digest);
        println!("set-up  {}", record.setup);
        println!("All is well: every receipt is that of its ballot, and the ballots add up to the tally.");
        if flags.digest.is_none() {
            println!("Compare the digest with the one on the result page, or pass it with --digest.");
        }
        return Ok(ExitCode::SUCCESS);
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    Ok(ExitCode::FAILURE)
}
