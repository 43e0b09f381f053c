//! `cargo xtask dist`: what is handed to others.

use crate::site::{self, Packing};
use crate::size;
use crate::workspace::{Profile, Workspace};
use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
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
    let name = program.file_name().context("the program has no name")?;
    let mut shipped = vec![site, folder.join(name)];
    copy(&program, &shipped[1])?;
    for file in BESIDE {
        let target = folder.join(file);
        copy(&workspace.root.join(file), &target)?;
        shipped.push(target);
    }
    remove_all_but(&folder, &shipped)?;
    let archive = archive(workspace, &folder)?;
    for file in [&shipped[1], &archive] {
        let bytes = fs::metadata(file).with_context(|| format!("{} is missing", file.display()))?.len();
        println!("{}  {}", workspace.shown(file), size::kilobytes(bytes));
    }
    println!("Unpack the archive anywhere and start `./cairn serve` there.");
    Ok(())
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

/// Packs the folder as `cairn-VERSION-SYSTEM-PROCESSOR.tar.gz`, under that name without its endings.
fn archive(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    let name = format!("cairn-{}-{}-{}", env!("CARGO_PKG_VERSION"), consts::OS, consts::ARCH);
    let path = workspace.target.join(format!("{name}.tar.gz"));
    let file = fs::File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::best()));
    // Without owners and times, which are of the machine that packed it.
    archive.mode(tar::HeaderMode::Deterministic);
    archive.append_dir_all(&name, folder)?;
    archive.into_inner()?.finish()?.sync_all()?;
    Ok(path)
}
