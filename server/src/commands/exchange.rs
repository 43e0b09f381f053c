//! `cairn import` and `cairn export`: straight on the database, by the same way as everything else, so that a running
//! server and its open pages notice. A whole workspace goes by the way of backups.

use std::{
    fs,
    io::{self, BufReader, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use backend::{
    Backend,
    copying::{self, Carried},
    exchange::{Format, Upload},
};
use domain::{
    ProductKey, counted,
    exchange::{Answers, Column, Counts, Loss, Mapping, Problem, Question, Questions, Target},
    plural,
};

use super::{
    copying::{report_missing, until_stopped, whole},
    output::{Output, Readers},
};
use crate::cli::{Assignment, Export, ExportFormat, Import};

pub(super) async fn import(flags: Import) -> Result<ExitCode> {
    let Some(product) = flags.product.clone() else { return import_workspace(flags).await };
    let bytes = read(&flags.file)?;
    let answers = Answers(flags.answer.into_iter().map(|given| (given.question, given.answer)).collect());
    let mut upload = Upload { bytes: bytes.into(), mapping: None, answers };
    let backend = Backend::open_existing(&flags.database.url).await?;
    let editor = backend.people().first_owner().await?;
    let guessed = editor.preview_import(&product, upload.clone()).await?;
    if guessed.columns.is_empty() {
        bail!("{}", guessed.refused.unwrap_or_default());
    }
    // Values chosen on the page for such a file count here too, and stay remembered.
    upload.answers = guessed.answers.clone();
    upload.mapping = Some(corrected(&guessed.columns, &flags.map));
    let preview =
        if flags.map.is_empty() { guessed } else { editor.preview_import(&product, upload.clone()).await? };
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
        let imported = editor.import(&product, upload).await?;
        println!("Imported: {}.", in_words(imported.counts, &imported.new_lanes));
        imported.counts
    };
    backend.db.close().await;
    // A script that imports nothing should notice.
    let none = counts.created + counts.updated + counts.unchanged == 0;
    Ok(if none { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

pub(super) async fn export(flags: Export) -> Result<ExitCode> {
    let path = flags.output.as_deref();
    let written = match &flags.product {
        Some(product) => export_product(&flags, product).await,
        None => export_workspace(&flags).await,
    };
    match written {
        Ok(()) => Ok(ExitCode::SUCCESS),
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if path.is_none() && is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
    }
}

async fn export_product(flags: &Export, product: &ProductKey) -> Result<()> {
    let backend = Backend::open_existing(&flags.database.url).await?;
    let format = match flags.format {
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Xlsx => Format::Xlsx,
        ExportFormat::Json => Format::Json,
    };
    let owner = backend.people().first_owner().await?;
    let export = owner.export(product, format, flags.separator).await?;
    backend.db.close().await;
    let path = flags.output.as_deref();
    let written = Output::open(path, Readers::Usual).and_then(|mut out| {
        out.write_all(&export)?;
        out.finish()
    });
    written.with_context(|| cannot_write(path))
}

async fn export_workspace(flags: &Export) -> Result<()> {
    let path = flags.output.as_deref();
    let mut out = Output::open(path, Readers::Owner).with_context(|| cannot_write(path))?;
    let Carried { copied, content } =
        until_stopped(copying::export(whole(&flags.database), &mut out)).await?;
    out.finish().with_context(|| cannot_write(path))?;
    report_missing(&copied);
    eprintln!("Exported {} rows. Content: {}", copied.total(), content.0);
    Ok(())
}

async fn import_workspace(flags: Import) -> Result<ExitCode> {
    let cannot = || format!("{} cannot be read", flags.file.display());
    let lines = BufReader::new(fs::File::open(&flags.file).with_context(cannot)?);
    let Carried { copied, content } = until_stopped(copying::import(lines, whole(&flags.database))).await?;
    report_missing(&copied);
    print!("{copied}");
    println!("Imported {} rows, read back and compared. Content: {}", copied.total(), content.0);
    Ok(ExitCode::SUCCESS)
}

fn cannot_write(path: Option<&Path>) -> String {
    path.map_or_else(
        || "The export cannot be written".to_owned(),
        |path| format!("{} cannot be written", path.display()),
    )
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
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
