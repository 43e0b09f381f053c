//! `cargo xtask size`: what a first visit to the board costs, against `xtask/budget.json`.

use crate::site::{self, Packing};
use crate::wasm::read;
use crate::workspace::Workspace;
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Brotli bytes allowed for each kind of file: by extension, and `parts` for the programs a board does not wait for.
type Budget = BTreeMap<String, u64>;

const PARTS: &str = "parts";

/// Builds the packed site and prints every file a page loads from it.
///
/// # Errors
/// When a kind of file is over its budget, or has none.
pub(crate) fn size(workspace: &Workspace) -> Result<()> {
    let folder = workspace.packed_site();
    site::build(workspace, &folder, Packing::Packed)?;
    measure(workspace, &folder)
}

/// Prints and judges the files of a packed site.
pub(crate) fn measure(workspace: &Workspace, folder: &Path) -> Result<()> {
    let path = workspace.root.join("xtask").join("budget.json");
    let budget: Budget = serde_json::from_slice(&read(&path)?)
        .with_context(|| format!("{} is not a list of bytes by kind of file", workspace.shown(&path)))?;
    let files = loaded(folder)?;

    println!("\n{:<36}{:>12}{:>12}", "file", "raw", "brotli");
    for file in &files {
        println!("{:<36}{:>12}{:>12}", file.name.display(), kilobytes(file.raw), kilobytes(file.brotli));
    }
    let first = || files.iter().filter(|file| kind(&file.name) != PARTS);
    let raw = first().map(|file| file.raw).sum();
    let sent = first().map(|file| file.brotli).sum();
    println!("{:<36}{:>12}{:>12}\n", "first visit, without parts", kilobytes(raw), kilobytes(sent));

    let complaints = judge(&files, &budget);
    if complaints.is_empty() {
        println!("All within the budget of {}.", workspace.shown(&path));
        return Ok(());
    }
    bail!("{}", complaints.join("\n"))
}

struct Loaded {
    name: PathBuf,
    raw: u64,
    brotli: u64,
}

/// The scripts, styles and programs of a page. Pictures are named by the stylesheet and few; they come when shown.
fn loaded(folder: &Path) -> Result<Vec<Loaded>> {
    let package = folder.join("pkg");
    let length = |path: PathBuf| path.metadata().map(|metadata| metadata.len());
    let mut files = Vec::new();
    for name in site::files_below(&package)? {
        if !matches!(extension(&name), "js" | "wasm" | "css") {
            continue;
        }
        let raw =
            length(package.join(&name)).with_context(|| format!("{} cannot be read", name.display()))?;
        let mut compressed = package.join(&name).into_os_string();
        compressed.push(".br");
        // A file without a compressed companion is sent as it is: compressing made it no smaller.
        let brotli = length(compressed.into()).unwrap_or(raw);
        files.push(Loaded { name, raw, brotli });
    }
    Ok(files)
}

fn judge(files: &[Loaded], budget: &Budget) -> Vec<String> {
    let mut sums = BTreeMap::<&str, u64>::new();
    for file in files {
        *sums.entry(kind(&file.name)).or_default() += file.brotli;
    }
    let mut complaints = Vec::new();
    for (kind, sum) in sums {
        match budget.get(kind) {
            Some(allowed) if sum <= *allowed => {}
            Some(allowed) => complaints.push(format!(
                "The {kind} files are {} compressed, over the budget of {}. Find what grew, or raise the budget \
                 in xtask/budget.json with the reason in the commit.",
                kilobytes(sum),
                kilobytes(*allowed)
            )),
            None => complaints.push(format!("xtask/budget.json has no budget for {kind} files; add one.")),
        }
    }
    complaints
}

/// What a file counts as: parts of the program come after the board is alive.
fn kind(name: &Path) -> &str {
    let part = |name: &str| name.starts_with("split_") || name.starts_with("chunk");
    if name.to_str().is_some_and(part) { PARTS } else { extension(name) }
}

fn extension(name: &Path) -> &str {
    name.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// Bytes in thousands, as a person compares them.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, brotli: u64) -> Loaded {
        Loaded { name: name.into(), raw: brotli * 3, brotli }
    }

    #[test]
    fn files_of_one_kind_share_a_budget() {
        let files = [file("cairn.1.js", 60), file("snippets/a.js", 50), file("cairn.2.css", 10)];
        let within = Budget::from([("js".into(), 110), ("css".into(), 10)]);
        let over = Budget::from([("js".into(), 109), ("css".into(), 10)]);
        assert_eq!(judge(&files, &within), Vec::<String>::new());
        assert_eq!(judge(&files, &over).len(), 1);
        assert_eq!(judge(&files, &Budget::new()).len(), 2);
    }

    #[test]
    fn parts_are_not_counted_as_the_program() {
        let files = [file("cairn.1.wasm", 60), file("split_pages.1.wasm", 50), file("chunks.1.bin", 50)];
        assert_eq!(judge(&files, &Budget::from([("wasm".into(), 60), ("parts".into(), 100)])), [""; 0]);
        assert_eq!(judge(&files, &Budget::from([("wasm".into(), 60), ("parts".into(), 99)])).len(), 1);
    }

    #[test]
    fn bytes_are_said_in_thousands() {
        assert_eq!(kilobytes(260_990), "260.9 kB");
    }
}
