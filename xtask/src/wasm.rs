//! From the `frontend` crate to the two files a browser loads. Each step keeps its result with a stamp of what it was
//! made from, so that nothing is done twice.

use crate::workspace::Workspace;
use crate::{node, process};
use anyhow::{Context as _, Result, anyhow, bail};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The name of the page's files, as `LeptosOptions::output_name` has it.
pub(crate) const NAME: &str = "cairn";

/// One profile for all: a debug build of the interface is larger than a browser likes to load.
const PROFILE: &str = "wasm-release";

/// Small when compressed, which is what travels: measured on the whole interface, inlining and another order of the
/// functions made 55 kB more of it, because like no longer stands beside like. The features are those that rustc's
/// target has on by default.
const OPTIMISE: [&str; 9] = [
    "-Oz",
    "--skip-pass=inlining",
    "--skip-pass=inlining-optimizing",
    "--skip-pass=reorder-functions",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
];

/// Whether the WASM passes through `wasm-opt`, which takes longer than a person wants to wait between two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Optimise {
    Yes,
    No,
}

/// Builds `cairn.js` and `cairn_bg.wasm` (and `snippets/`, when a crate has any) and returns their folder.
pub(crate) fn build(workspace: &Workspace, optimise: Optimise) -> Result<PathBuf> {
    let compiled = compile(workspace)?;
    let bound = bind(workspace, &compiled)?;
    match optimise {
        Optimise::No => Ok(bound),
        Optimise::Yes => shrink(workspace, &bound),
    }
}

/// Adds the compiler's half for the browser where it is missing.
pub(crate) fn ensure_target() -> Result<()> {
    let advice = format!("The compiler has no {TARGET} target. Add it with `rustup target add {TARGET}`.");
    let sysroot =
        process::output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))
            .context(advice.clone())?;
    if Path::new(sysroot.trim()).is_dir() {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["target", "add", TARGET])).context(advice)
}

fn compile(workspace: &Workspace) -> Result<PathBuf> {
    ensure_target()?;
    process::run(workspace.cargo().args([
        "build",
        "-p",
        "frontend",
        "--target",
        TARGET,
        "--profile",
        PROFILE,
    ]))?;
    Ok(workspace.target.join(TARGET).join(PROFILE).join("frontend.wasm"))
}

/// The library is the version in Cargo.lock, so it always fits the `wasm-bindgen` that was compiled in.
fn bind(workspace: &Workspace, compiled: &Path) -> Result<PathBuf> {
    let bytes = read(compiled)?;
    let lock = read(&workspace.root.join("Cargo.lock"))?;
    let step = Step::new(workspace, "bound", digest(&[&bytes, &lock]));
    step.unless_done(|folder| {
        println!("wasm-bindgen");
        Bindgen::new()
            .input_path(compiled)
            .web(true)
            .and_then(|bindgen| {
                bindgen
                    .typescript(false)
                    .out_name(NAME)
                    .omit_default_module_path(true)
                    .remove_name_section(true)
                    .remove_producers_section(true)
                    .generate(folder)
            })
            .map_err(|error| anyhow!("wasm-bindgen failed: {error:#}"))
    })
}

fn shrink(workspace: &Workspace, bound: &Path) -> Result<PathBuf> {
    node::install(workspace)?;
    let wasm = format!("{NAME}_bg.wasm");
    let input = bound.join(&wasm);
    let lock = read(&workspace.end2end().join("package-lock.json"))?;
    let script = read(&bound.join(format!("{NAME}.js")))?;
    let flags = OPTIMISE.join(" ");
    let step = Step::new(workspace, "optimised", digest(&[&read(&input)?, &script, &lock, flags.as_bytes()]));
    step.unless_done(|folder| {
        copy_folder(bound, folder)?;
        let mut command = Command::new(node::program(workspace, "wasm-opt"));
        command.args(OPTIMISE).arg(&input).arg("-o").arg(folder.join(&wasm));
        process::run(&mut command)
    })
}

/// A folder under `<target>/xtask` that holds the result of one step, and the digest of its inputs beside it.
struct Step {
    folder: PathBuf,
    stamp: PathBuf,
    inputs: String,
}

impl Step {
    fn new(workspace: &Workspace, name: &str, inputs: String) -> Step {
        let steps = workspace.steps();
        Step { folder: steps.join(name), stamp: steps.join(format!("{name}.stamp")), inputs }
    }

    fn unless_done(self, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        if fs::read_to_string(&self.stamp).is_ok_and(|made_from| made_from == self.inputs) {
            return Ok(self.folder);
        }
        // A stamp is only ever beside a finished result.
        remove(&self.stamp)?;
        remove(&self.folder)?;
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("{} cannot be made", self.folder.display()))?;
        make(&self.folder)?;
        fs::write(&self.stamp, &self.inputs)
            .with_context(|| format!("{} cannot be written", self.stamp.display()))?;
        Ok(self.folder)
    }
}

/// SHA-256 of the parts in order, in hexadecimal.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // The length keeps two lists of parts apart that join to the same bytes.
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a file; the error names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Removes a file or folder; one that is not there is fine.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            bail!("{} cannot be removed: {error}", path.display())
        }
        _ => Ok(()),
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("{} cannot be written", target.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_keeps_the_borders_of_its_parts() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_eq!(digest(&[]).len(), 64);
    }
}
