//! `cairn import` and `cairn export`: straight on the database, by the same way as everything else, so that a running
//! server and its open pages notice.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use backend::{
    Backend,
    exchange::{Format, Upload},
};
use domain::{
    counted,
    exchange::{Answers, Column, Counts, Loss, Mapping, Problem, Question, Questions, Target},
    plural,
};

use crate::cli::{Assignment, Export, ExportFormat, Import};

pub(super) async fn import(flags: Import) -> Result<ExitCode> {
    let bytes = read(&flags.file)?;
    let answers = Answers(flags.answer.into_iter().map(|given| (given.question, given.answer)).collect());
    let mut upload = Upload { bytes: bytes.into(), mapping: None, answers };
    let backend = Backend::open_existing(&flags.database.url).await?;
    let editor = backend.people().first_owner().await?;
    let guessed = editor.preview_import(&flags.product, upload.clone()).await?;
    if guessed.columns.is_empty() {
        bail!("{}", guessed.refused.unwrap_or_default());
    }
    // Values chosen on the page for such a file count here too, and stay remembered.
    upload.answers = guessed.answers.clone();
    upload.mapping = Some(corrected(&guessed.columns, &flags.map));
    let preview = if flags.map.is_empty() {
        guessed
    } else {
        editor.preview_import(&flags.product, upload.clone()).await?
    };
    for line in &preview.source {
        println!("{line}.");
    }
    print_columns(&preview.columns);
    if let Some(refused) = preview.refused {
        bail!("{refused} Say what a column is with --map COLUMN=TARGET.");
    }
    if flags.questions {
        print_questions(&preview.questions);
    }
    print_problems(&preview.problems);
    let left_out = preview.counts.left_out;
    let counts = if flags.dry_run {
        println!("This would import: {}.", in_words(preview.counts, &preview.new_lanes));
        preview.counts
    } else if left_out > 0 && flags.strict {
        bail!(
            "Nothing was imported, because {} cannot be taken. Put them right, or import the others without --strict.",
            rows(left_out)
        );
    } else {
        let imported = editor.import(&flags.product, upload).await?;
        println!("Imported: {}.", in_words(imported.counts, &imported.new_lanes));
        imported.counts
    };
    backend.db.close().await;
    // A script that imports nothing should notice.
    let none = counts.created + counts.updated + counts.unchanged == 0;
    Ok(if none { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

pub(super) async fn export(flags: Export) -> Result<ExitCode> {
    let backend = Backend::open_existing(&flags.database.url).await?;
    let format = match flags.format {
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Xlsx => Format::Xlsx,
        ExportFormat::Json => Format::Json,
    };
    let owner = backend.people().first_owner().await?;
    let export = owner.export(&flags.product, format, flags.separator).await?;
    match flags.output {
        Some(path) => {
            write_file(&path, &export).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        None => write_out(&export).context("The export cannot be written")?,
    }
    backend.db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// A reader that has seen enough, such as `head`, is no failure.
fn write_out(export: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    // What is still in memory when the program ends would fail unheard.
    match out.write_all(export).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Puts a file in place as a whole, on disk and read back, or leaves what was there. A device or a pipe is written to as it is.
fn write_file(path: &Path, export: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return fs::write(path, export);
    }
    // What a link leads to is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = write_synced(&part, export).and_then(|()| fs::rename(&part, &path));
    if written.is_err() && part.is_file() {
        fs::remove_file(&part)?;
    }
    written
}

fn write_synced(path: &Path, export: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(export)?;
    file.sync_all()?;
    if fs::read(path)? == export {
        Ok(())
    } else {
        Err(io::Error::other("what was read back is not what was written"))
    }
}

/// Not more than can be imported, however large the file is.
fn read(path: &Path) -> Result<Vec<u8>> {
    let cannot = || format!("{} cannot be read", path.display());
    let size = fs::metadata(path).with_context(cannot)?.len();
    domain::exchange::check_size(usize::try_from(size).unwrap_or(usize::MAX)).map_err(anyhow::Error::msg)?;
    fs::read(path).with_context(cannot)
}

/// What was guessed, with what was said on the command line. A target given there is taken from a column that was only
/// guessed to be it.
fn corrected(columns: &[Column], given: &[Assignment]) -> Mapping {
    let mut mapping = Mapping(columns.iter().map(|column| (column.header.clone(), column.target)).collect());
    for Assignment { target, .. } in given.iter().filter(|given| !given.target.is_shared()) {
        mapping.0.retain(|_, guessed| guessed != target);
    }
    mapping.0.extend(given.iter().map(|Assignment { column, target }| (column.clone(), *target)));
    mapping
}

fn print_columns(columns: &[Column]) {
    let width = columns.iter().map(|column| column.header.chars().count()).max().unwrap_or_default();
    for Column { header, target, samples } in columns {
        let sample = samples.first().map(|sample| format!("  such as {sample}")).unwrap_or_default();
        let target = if *target == Target::Ignore { "left out".to_owned() } else { target.stored() };
        println!("{header:width$}  {target}{sample}");
    }
}

fn print_questions(groups: &[Questions]) {
    for Questions { title, options, questions } in groups {
        let ids: Vec<&str> = options.iter().map(|choice| choice.id.as_str()).collect();
        println!("{title}, one of {}:", ids.join(", "));
        for Question { id, answer, count, .. } in questions {
            println!("  --answer \"{id}={answer}\"  {count}");
        }
    }
}

fn print_problems(problems: &[Problem]) {
    for Problem { loss, column, sentence, count, lines, examples } in problems {
        let at: Vec<String> = lines.iter().map(u64::to_string).collect();
        let more = if *count as usize > lines.len() { ", …" } else { "" };
        let place = plural(lines.len(), "Line", "Lines");
        let column = column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
        let what = match loss {
            Loss::Row => " (left out)",
            Loss::Cell => " (value left out)",
            Loss::Change => "",
        };
        let such =
            if examples.is_empty() { String::new() } else { format!(" “{}”", examples.join("”, “")) };
        eprintln!("{place} {}{more}{column}: {sentence}{what}{such}", at.join(", "));
    }
}

/// What an import does or did.
fn in_words(counts: Counts, new_lanes: &[String]) -> String {
    let mut words =
        format!("{} new, {} changed, {} as they were", counts.created, counts.updated, counts.unchanged);
    if counts.left_out > 0 {
        words.push_str(&format!(", {} left out", rows(counts.left_out)));
    }
    if !new_lanes.is_empty() {
        words.push_str(&format!("; new lanes {}", new_lanes.join(", ")));
    }
    words
}

fn rows(count: u32) -> String {
    counted(count, "row", "rows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_on_the_command_line_replaces_what_was_guessed() {
        let column = |header: &str, target| Column { header: header.to_owned(), samples: Vec::new(), target };
        let columns =
            [column("Name", Target::Title), column("Goal", Target::Ignore), column("Team", Target::Tags)];
        let given = ["Goal=title", "Other = tags"].map(|given| given.parse().unwrap()).to_vec();
        let mapping = corrected(&columns, &given);
        assert_eq!(mapping.target("Goal"), Target::Title);
        assert_eq!(mapping.target("Name"), Target::Ignore);
        assert_eq!(mapping.target("Team"), Target::Tags);
        let headers = columns.map(|column| column.header);
        assert!(mapping.check(&headers).unwrap_err().contains("no column “Other”"));
    }
}
