//! Mangled inputs for whatever reads bytes from outside.
//!
//! A target has a corpus of small files that is kept with its tests. All of it is read first; then inputs are made of it,
//! by bytes, by words and, where they are JSON, by its structure, until the time is over. What shows something new joins
//! the inputs to be mangled, so that mistakes behind other mistakes are reached, too.
//!
//! | variable | default | |
//! |---|---|---|
//! | `CAIRN_FUZZ_SECONDS` | 1 | how long each target is fed |
//! | `CAIRN_SEED` | 1 | which inputs are made: the same seed makes the same ones |

mod json;
mod mangle;

use std::{
    any::Any,
    collections::{BTreeSet, HashSet},
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use rand::{SeedableRng as _, rngs::StdRng};
use rustix::time::{ClockId, clock_gettime};

use mangle::Mangler;

/// No input may take longer. Tests run without optimisation, so this is far from what a server allows itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Even where there is no time, so many inputs are made.
const AT_LEAST: u64 = 200;

/// The most inputs that are mangled further.
const MAX_KEPT: usize = 4_096;

/// Targets take turns: time and memory are measured.
static TURN: Mutex<()> = Mutex::new(());

/// What is fed, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Names the folder of its corpus, too.
    pub name: &'a str,
    /// The folder with all corpora of a crate.
    pub corpus: &'a str,
    /// Words that mean something to the reader.
    pub words: &'a [&'a str],
    /// The longest input that is made, in bytes.
    pub longest: usize,
}

/// Feeds a target. `check` reads an input, and panics when what it read is not as it has to be. What it returns names
/// the way it took, in a few words: a kind of value, a kind of refusal.
///
/// In a file of the corpus that ends in `.lines` each line is an input.
///
/// # Panics
/// When an input is not read as it should, or takes too long. The input is written to a file, and the message says
/// which, and how it becomes part of the corpus.
pub fn feed(target: Target<'_>, check: impl FnMut(&[u8]) -> String) {
    feed_at_least(AT_LEAST, target, check);
}

/// As [`feed`], with so many inputs even where the time is over before.
fn feed_at_least(inputs: u64, target: Target<'_>, mut check: impl FnMut(&[u8]) -> String) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut corpus = corpus(&Path::new(target.corpus).join(target.name));
    assert!(!corpus.is_empty(), "the corpus of {} is empty", target.name);
    let mut seen = HashSet::new();
    for input in &corpus {
        seen.insert(shape(&watched(target, input, &mut check)));
    }
    let known = seen.len();
    let mut mangler =
        Mangler::new(StdRng::seed_from_u64(number("CAIRN_SEED", 1)), target.words, target.longest);
    let until = Instant::now() + Duration::from_secs(number("CAIRN_FUZZ_SECONDS", 1));
    let since = Instant::now();
    let mut count = 0;
    while count < inputs || Instant::now() < until {
        let input = mangler.make(&corpus);
        let told = watched(target, &input, &mut check);
        count += 1;
        if corpus.len() < MAX_KEPT && seen.insert(shape(&told)) {
            corpus.push(input);
        }
    }
    let each_second = count as f64 / since.elapsed().as_secs_f64();
    println!(
        "fuzz {:<24}{count:>12} inputs{each_second:>12.0}/s{known:>7} ways from the corpus{:>7} in all, no failure",
        target.name,
        seen.len()
    );
}

/// The corpus of a folder, in the order of its files' names.
fn corpus(folder: &Path) -> Vec<Vec<u8>> {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files: BTreeSet<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let mut inputs = Vec::new();
    for file in files {
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        if file.extension().is_some_and(|extension| extension == "lines") {
            inputs.extend(bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
        } else {
            inputs.push(bytes);
        }
    }
    inputs
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Reads one input, and keeps it where that goes wrong.
fn watched(target: Target<'_>, input: &[u8], check: &mut impl FnMut(&[u8]) -> String) -> String {
    let begun = worked();
    let checked = catch_unwind(AssertUnwindSafe(|| check(input)));
    let took = worked().saturating_sub(begun);
    let wrong = match checked {
        Ok(_) if took > PATIENCE => format!("it took {took:?}"),
        Ok(told) => return told,
        Err(panic) => words_of(&*panic),
    };
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let file = std::env::temp_dir().join(format!("{}-{:016x}", target.name, hasher.finish()));
    let kept = match fs::write(&file, input) {
        Ok(()) => format!(
            "Kept as {0}; `cp {0} {1}/{2}/` makes it part of the corpus.",
            file.display(),
            target.corpus,
            target.name
        ),
        Err(error) => format!("It could not be kept: {error}."),
    };
    panic!(
        "{}: {wrong}\n{kept}\n{:?}",
        target.name,
        String::from_utf8_lossy(&input[..input.len().min(4_096)])
    );
}

/// How long this thread has worked. A machine that is busy otherwise makes nobody slow.
pub fn worked() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

/// What was told without what differs from input to input: numbers, and what was quoted.
fn shape(told: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut quoted = false;
    for character in told.chars().take(200) {
        match character {
            '“' | '”' | '`' | '"' => quoted = !quoted,
            _ if quoted || character.is_ascii_digit() => {}
            _ => character.hash(&mut hasher),
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_what_inputs_that_went_the_same_way_have_in_common() {
        assert_eq!(shape("no field `a` at line 1"), shape("no field `b` at line 23"));
        assert_ne!(shape("no field"), shape("no value"));
    }

    #[test]
    fn what_goes_wrong_deep_inside_is_found_and_kept() {
        let folder = env!("CARGO_MANIFEST_DIR");
        let target =
            Target { name: "sample", corpus: &format!("{folder}/corpus"), words: &["deep"], longest: 200 };
        let found = catch_unwind(AssertUnwindSafe(|| {
            // A busy machine makes few in a second.
            feed_at_least(500_000, target, |input| {
                let Ok(value) = serde_json::from_slice::<serde_json::Value>(input) else {
                    return "no".to_owned();
                };
                let list = value["list"].as_array().map_or(0, Vec::len);
                assert!(list != 3 || value["list"][1] != "deep", "as was to be found");
                format!("a list {}", "x".repeat(list.min(4)))
            });
        }));
        let words = words_of(&*found.unwrap_err());
        assert!(
            words.contains("as was to be found") && words.contains("makes it part of the corpus"),
            "{words}"
        );
    }
}
