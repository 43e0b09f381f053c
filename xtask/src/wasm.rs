//! From the `frontend` crate to the files a browser loads: a script and a program that every page needs, and parts of the
//! program that come when they are shown first (`app::lazy`). Each step keeps its result with a stamp of what it was made
//! from, so that nothing is done twice.

use crate::site::files_below;
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

/// The script that loads the parts.
pub(crate) const PARTS: &str = "parts.js";

/// Chunks of fewer bytes are put into one file. With 10,000, 27 of 220 are files of their own, and the file has 67 kB compressed.
const SMALL: usize = 10_000;

/// The file of small chunks.
const CHUNKS: &str = "chunks.bin";

/// How the script takes a chunk out of that file, which it loads once. After a failure it is asked for again.
const GATHERED: &str = r#"
let smallChunks;
async function smallChunk(from, to) {
    smallChunks ??= fetch(new URL("./chunks.bin", import.meta.url)).then((answer) => {
        if (!answer.ok) throw new Error(`chunks.bin: ${answer.status}`);
        return answer.arrayBuffer();
    });
    try {
        const chunk = (await smallChunks).slice(from, to);
        return new Response(chunk, { headers: { "content-type": "application/wasm" } });
    } catch (error) {
        smallChunks = undefined;
        throw error;
    }
}
"#;

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

/// Builds `cairn.js`, `cairn_bg.wasm`, `parts.js` and the parts (and `snippets/`, when a crate has any) and returns their
/// folder.
pub(crate) fn build(workspace: &Workspace, optimise: Optimise) -> Result<PathBuf> {
    let compiled = compile(workspace)?;
    let bound = bind(workspace, &compiled)?;
    match optimise {
        Optimise::No => Ok(bound),
        Optimise::Yes => gather(workspace, &shrink(workspace, &bound)?),
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
    let mut cargo = workspace.cargo();
    cargo.args(["rustc", "-p", "frontend", "--lib", "--crate-type", "cdylib", "--target", TARGET]);
    // Splitting has to know what refers to what.
    cargo.args(["--profile", PROFILE, "--", "-C", "link-arg=--emit-relocs"]);
    // `run` builds the server meanwhile, and two bars would write over each other.
    cargo.env("CARGO_TERM_PROGRESS_WHEN", "never");
    process::run(&mut cargo)?;
    Ok(workspace.target.join(TARGET).join(PROFILE).join("frontend.wasm"))
}

/// Takes the parts out of the program and makes the scripts. The library is the version in Cargo.lock, so it always fits
/// the `wasm-bindgen` that was compiled in.
fn bind(workspace: &Workspace, compiled: &Path) -> Result<PathBuf> {
    let bytes = read(compiled)?;
    let lock = read(&workspace.root.join("Cargo.lock"))?;
    let step = Step::new(workspace, "bound", digest(&[&bytes, &lock]));
    step.unless_done(|folder| {
        println!("wasm-split, wasm-bindgen");
        let main = folder.join("main.wasm");
        let (script, parts) = (format!("./{NAME}.js"), format!("./{PARTS}"));
        let mut split = wasm_split_cli_support::Options::new(&bytes);
        split.output_dir = folder;
        split.main_out_path = &main;
        split.main_module = &script;
        split.link_name = &parts;
        wasm_split_cli_support::transform(split)
            .map_err(|error| anyhow!("The program could not be split: {error:#}"))?;
        Bindgen::new()
            .input_path(&main)
            .web(true)
            .and_then(|bindgen| {
                bindgen
                    .typescript(false)
                    .out_name(NAME)
                    .omit_default_module_path(true)
                    .keep_lld_exports(true)
                    .remove_producers_section(true)
                    .generate(folder)
            })
            .map_err(|error| anyhow!("wasm-bindgen failed: {error:#}"))?;
        remove(&main)
    })
}

fn shrink(workspace: &Workspace, bound: &Path) -> Result<PathBuf> {
    node::install(workspace)?;
    let lock = read(&workspace.end2end().join("package-lock.json"))?;
    let flags = OPTIMISE.join(" ");
    let mut inputs = vec![lock, flags.into_bytes()];
    let mut programs = Vec::new();
    for name in files_below(bound)? {
        inputs.push(read(&bound.join(&name))?);
        if name.extension().is_some_and(|extension| extension == "wasm") {
            programs.push(name);
        }
    }
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let step = Step::new(workspace, "optimised", digest(&inputs));
    step.unless_done(|folder| {
        copy_folder(bound, folder)?;
        shorten(folder)?;
        for program in &programs {
            let program = folder.join(program);
            let mut command = Command::new(node::program(workspace, "wasm-opt"));
            command.args(OPTIMISE).arg(&program).arg("-o").arg(&program);
            process::run(&mut command)?;
        }
        Ok(())
    })
}

/// Puts small chunks into one file. There are two hundred of them: each would be a request, and does not compress by itself. The
/// script takes them out of that file instead.
fn gather(workspace: &Workspace, optimised: &Path) -> Result<PathBuf> {
    let names = files_below(optimised)?;
    let mut inputs = vec![GATHERED.into(), SMALL.to_string().into_bytes()];
    for name in &names {
        inputs.push(read(&optimised.join(name))?);
    }
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let step = Step::new(workspace, "gathered", digest(&inputs));
    step.unless_done(|folder| {
        copy_folder(optimised, folder)?;
        let script = folder.join(PARTS);
        let (mut text, mut gathered) = (String::from_utf8(read(&script)?)?, Vec::new());
        for name in names.iter().filter_map(|name| name.to_str()).filter(|name| name.starts_with("chunk_")) {
            let chunk = read(&folder.join(name))?;
            if chunk.len() >= SMALL {
                continue;
            }
            let from = gathered.len();
            gathered.extend(&chunk);
            text = taken_from_file(&text, name, from, gathered.len())?;
            remove(&folder.join(name))?;
        }
        let files = [(folder.join(CHUNKS), gathered), (script, format!("{text}{GATHERED}").into_bytes())];
        for (file, bytes) in files {
            fs::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
        }
        Ok(())
    })
}

/// The script that loads the parts, where it takes a chunk out of the file of chunks.
fn taken_from_file(script: &str, name: &str, from: usize, to: usize) -> Result<String> {
    let fetched = format!("fetch(new URL(\"./{name}\", import.meta.url))");
    if script.matches(&fetched).count() != 1 {
        bail!(
            "{PARTS} does not load {name} as expected. Leave out the step `gather`, or adapt it to wasm-split."
        );
    }
    Ok(script.replace(&fetched, &format!("smallChunk({from}, {to})")))
}

/// Gives short names to the functions that the script lends to the program. There are three hundred, and each name ends in
/// sixteen random digits, which do not compress.
fn shorten(folder: &Path) -> Result<()> {
    let (program, script) = (folder.join(format!("{NAME}_bg.wasm")), folder.join(format!("{NAME}.js")));
    let mut module = parse(&program)?;
    let mut text =
        fs::read_to_string(&script).with_context(|| format!("{} cannot be read", script.display()))?;
    let lent = module.imports.iter_mut().filter(|import| import.name.starts_with("__wbg_"));
    for (number, import) in lent.enumerate() {
        let short = format!("f{number}");
        text = text.replace(&import.name, &short);
        import.name = short;
    }
    fs::write(&script, text).with_context(|| format!("{} cannot be written", script.display()))?;
    emit(&mut module, &program)
}

fn parse(program: &Path) -> Result<walrus::Module> {
    let parsed = walrus::Module::from_file(program);
    parsed.map_err(|error| anyhow!("{} cannot be read: {error:#}", program.display()))
}

fn emit(module: &mut walrus::Module, program: &Path) -> Result<()> {
    let written = module.emit_wasm_file(program);
    written.map_err(|error| anyhow!("{} cannot be written: {error:#}", program.display()))
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
    fn a_small_chunk_is_taken_out_of_the_file_of_chunks() {
        let script = |from: &str| format!("const src = {from};\nsrc.catch(() => {{}});");
        let text = script("fetch(new URL(\"./chunk_7.wasm\", import.meta.url))");
        assert_eq!(taken_from_file(&text, "chunk_7.wasm", 10, 25).unwrap(), script("smallChunk(10, 25)"));
        assert!(taken_from_file(&text, "chunk_8.wasm", 10, 25).unwrap_err().to_string().contains("gather"));
        assert!(GATHERED.contains(&format!("\"./{CHUNKS}\"")));
    }

    #[test]
    fn a_digest_keeps_the_borders_of_its_parts() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_eq!(digest(&[]).len(), 64);
    }
}
