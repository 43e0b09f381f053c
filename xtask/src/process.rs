//! Running programs: what is run is printed, and a failure is a sentence.

use anyhow::{Context as _, Result, anyhow, bail};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, mem, thread};

/// The cargo that runs us, so that both use one toolchain.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The command as one would type it, without the folders of its program.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| {
        let word = word.to_string_lossy();
        if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.into_owned() }
    }));
    words.join(" ")
}

/// Prints the command, runs it, and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.status().with_context(|| missing(command))?;
    if status.success() {
        Ok(())
    } else {
        bail!("`{}` failed ({status}); its output above says why", shown(command))
    }
}

/// Runs the command and returns what it printed. Its errors are shown only when it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| missing(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}):\n{}", shown(command), output.status, said.trim());
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something that is not text", shown(command)))
}

/// How many of its last lines are kept of a program that fails.
const LAST: usize = 80;

/// A watched program failed.
#[derive(Debug)]
pub(crate) struct Failed {
    sentence: String,
    /// What it printed last, for those who read only the end of a long output.
    pub(crate) last: Vec<String>,
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

impl std::error::Error for Failed {}

/// Like [`run`], and returns what the printed lines said from `mark` on; everything is still shown as it comes. The mark
/// may stand behind the name of the test that printed it.
///
/// # Errors
/// [`Failed`] when the program fails.
pub(crate) fn run_watching(command: &mut Command, mark: &'static str) -> Result<Vec<String>> {
    println!("$ {}", shown(command));
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().with_context(|| missing(command))?;
    let stdout = child.stdout.take().expect("stdout was asked for");
    let stderr = child.stderr.take().expect("stderr was asked for");
    let watched = Arc::new(Mutex::new(Watched::default()));
    let errors = {
        let watched = Arc::clone(&watched);
        thread::spawn(move || watch(stderr, mark, &watched, |line| eprintln!("{line}")))
    };
    watch(stdout, mark, &watched, |line| println!("{line}"));
    errors.join().map_err(|_| anyhow!("reading the output of `{}` failed", shown(command)))?;
    let status = child.wait().with_context(|| missing(command))?;
    let Watched { found, last } = mem::take(&mut *watched.lock().expect("no reader panicked"));
    if status.success() {
        return Ok(found);
    }
    let sentence = format!("`{}` failed ({status}); its output above says why", shown(command));
    Err(Failed { sentence, last: last.into() }.into())
}

/// What both streams of a program said.
#[derive(Default)]
struct Watched {
    found: Vec<String>,
    last: VecDeque<String>,
}

fn watch(stream: impl Read, mark: &str, watched: &Mutex<Watched>, show: impl Fn(&str)) {
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        show(line);
        let mut watched = watched.lock().expect("no reader panicked");
        if let Some(at) = line.find(mark) {
            watched.found.push(line[at..].to_owned());
        }
        if watched.last.len() == LAST {
            watched.last.pop_front();
        }
        watched.last.push_back(line.to_owned());
        bytes.clear();
    }
}

/// The program of that name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Installs a Debian package where that is possible: as root, with apt.
///
/// # Errors
/// When the machine has no apt, when we are not root, or when apt fails; `otherwise` tells what a person can do then.
pub(crate) fn apt_install(package: &str, otherwise: &str) -> Result<()> {
    let root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || on_path("apt-get").is_none() {
        bail!("{otherwise}");
    }
    println!("{package} is missing; installing it.");
    run(Command::new("apt-get").args(["-q", "update"])).context(otherwise.to_owned())?;
    run(Command::new("apt-get")
        .args(["-q", "install", "--yes", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive"))
    .context(otherwise.to_owned())
}

/// A duration as a person says it: `0.8 s`, `2 min 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

fn missing(command: &Command) -> String {
    format!("`{}` could not be started; is it installed and on PATH?", shown(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_minutes_from_a_minute_on() {
        assert_eq!(seconds(Duration::from_millis(840)), "0.8 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn a_watched_command_returns_what_either_stream_marked() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'test a ... NOTE: one'; echo other; echo 'NOTE: two' >&2"]);
        let mut found = run_watching(&mut command, "NOTE: ").expect("sh is everywhere");
        found.sort();
        assert_eq!(found, ["NOTE: one", "NOTE: two"]);
    }

    #[test]
    fn of_a_watched_command_that_fails_the_last_lines_are_kept() {
        let mut command = Command::new("sh");
        command.args(["-c", "seq 1000; exit 1"]);
        let error = run_watching(&mut command, "NOTE: ").expect_err("it exits with 1");
        let last = &error.downcast_ref::<Failed>().expect("it was watched").last;
        assert_eq!(last.len(), LAST);
        assert_eq!(last.last().map(String::as_str), Some("1000"));
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).expect_err("it exits with 3");
        assert!(error.to_string().contains("sh -c 'exit 3'"), "{error}");
    }
}
