//! `cargo xtask tidy`: the invariants of the house, each with a sentence for whoever breaks it.

mod arrows;
mod links;
mod sources;
mod words;

use crate::process;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What a check found: one sentence per breach, with its place.
type Breaches = Vec<String>;

/// A text file of the checkout.
struct Source {
    /// Its path within the checkout, with `/`.
    name: String,
    text: String,
}

/// Checks everything and reports all breaches at once.
pub(crate) fn tidy(workspace: &Workspace) -> Result<()> {
    let sources = sources(workspace)?;
    let checks = [
        ("arrows between the crates", arrows::between_crates(workspace)),
        ("what domain and backend depend on", arrows::forbidden_crates(workspace)?),
        ("what the browser loads", arrows::browser(workspace)?),
        ("Rust sources", sources::rust(&sources)),
        ("words that people read", words::check(&sources)),
        ("widths of pages", sources::page_widths(&sources)),
        ("machine paths", sources::machine_paths(&sources)),
        ("links in documents", links::check(workspace, &sources)),
    ];
    let mut all = Breaches::new();
    for (subject, breaches) in checks {
        println!("{} {subject}", if breaches.is_empty() { "✓" } else { "✗" });
        all.extend(breaches);
    }
    if all.is_empty() {
        return Ok(());
    }
    bail!("{}", all.join("\n"))
}

/// The text files that are committed or about to be.
fn sources(workspace: &Workspace) -> Result<Vec<Source>> {
    let list = process::output(
        Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
            .current_dir(&workspace.root),
    )?;
    let read = |name: &str| {
        let path = PathBuf::from(&workspace.root).join(name);
        // What is no text, or deleted and not yet committed, holds nothing to check.
        let text = fs::read_to_string(path).ok()?;
        Some(Source { name: name.to_owned(), text })
    };
    Ok(list.split('\0').filter(|name| !name.is_empty()).filter_map(read).collect())
}
