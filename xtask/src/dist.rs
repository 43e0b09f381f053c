//! `cargo xtask dist`: what is handed to others.

use crate::site::{self, Packing};
use crate::size;
use crate::workspace::{Profile, Workspace};
use crate::{pack, process};
use anyhow::{Context as _, Result};
use std::env::consts;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of the checkout that go with the program.
const BESIDE: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Builds the optimised program and puts it, the packed site and the licences into a folder of their own, and an archive of
/// that folder beside it.
pub(crate) fn dist(workspace: &Workspace) -> Result<()> {
    let folder = workspace.dist();
    let site = folder.join("site");
    site::build(workspace, &site, Packing::Packed)?;
    let program = workspace.build_program("cairn", Profile::Packed)?;
    let program = assemble(&folder, &site, &program, &workspace.root)?;
    let archive = workspace.target.join(archive_name());
    process::run(pack::command(workspace)?.arg("archive").arg(&folder).arg(&archive))?;
    for file in [&program, &archive] {
        let bytes = fs::metadata(file).with_context(|| format!("{} is missing", file.display()))?.len();
        println!("{}  {}", workspace.shown(file), size::kilobytes(bytes));
    }
    println!("Unpack the archive anywhere and start `./cairn serve` there.");
    Ok(())
}

/// Puts the program and the licences beside the site, which is in the folder already, and leaves nothing else there. Returns
/// where the program is.
fn assemble(folder: &Path, site: &Path, program: &Path, root: &Path) -> Result<PathBuf> {
    let placed = folder.join(program.file_name().context("the program has no name")?);
    let mut shipped = vec![site.to_owned(), placed.clone()];
    copy(program, &placed)?;
    for file in BESIDE {
        let target = folder.join(file);
        copy(&root.join(file), &target)?;
        shipped.push(target);
    }
    remove_all_but(folder, &shipped)?;
    Ok(placed)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("{} cannot be copied", from.display()))?;
    Ok(())
}

/// Removes what earlier versions left in the folder.
fn remove_all_but(folder: &Path, shipped: &[PathBuf]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if shipped.contains(&path) {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }
            .with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    Ok(())
}

fn archive_name() -> String {
    format!("cairn-{}-{}-{}.tar.gz", env!("CARGO_PKG_VERSION"), consts::OS, consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("our own folder");
        fs::write(path, text).expect("our own file");
    }

    fn files(folder: &Path, below: &Path, found: &mut BTreeSet<(String, String)>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                files(&path, below, found);
                continue;
            }
            let name = path.strip_prefix(below).expect("it is below").display().to_string();
            found.insert((name, fs::read_to_string(&path).expect("a text")));
        }
    }

    #[test]
    fn what_is_handed_on_is_what_is_shipped_and_nothing_an_earlier_build_left() {
        let scratch = std::env::temp_dir().join(format!("cairn-dist-{}", std::process::id()));
        let (root, target) = (scratch.join("checkout"), scratch.join("target"));
        let (folder, program) = (target.join("dist"), target.join("packed/cairn"));
        let site = folder.join("site");
        write(&program, "the program");
        BESIDE.iter().for_each(|file| write(&root.join(file), &format!("text of {file}")));
        write(&root.join("Cargo.toml"), "not shipped");
        write(&site.join("pkg/cairn.0a.js"), "the site");
        for left in ["cairn", "LICENSE-MIT", "cairn.db", "cairn.secret.d/key", "old/site/pkg/a.js", ".env"] {
            write(&folder.join(left), "left by somebody");
        }

        let placed = assemble(&folder, &site, &program, &root).expect("assembles");
        let mut shipped = BTreeSet::new();
        files(&folder, &folder, &mut shipped);
        let is_empty = |path: &PathBuf| fs::read_dir(path).expect("a folder").next().is_none();
        let folders = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let empty: Vec<PathBuf> = folders.filter(|path| path.is_dir()).filter(is_empty).collect();
        fs::remove_dir_all(&scratch).expect("our own folder");

        assert_eq!(placed, folder.join("cairn"));
        let expected = [
            ("LICENSE-APACHE", "text of LICENSE-APACHE"),
            ("LICENSE-MIT", "text of LICENSE-MIT"),
            ("cairn", "the program"),
            ("site/pkg/cairn.0a.js", "the site"),
        ];
        let expected: BTreeSet<(String, String)> =
            expected.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        assert_eq!(shipped, expected);
        assert_eq!(empty, Vec::<PathBuf>::new());
    }
}
