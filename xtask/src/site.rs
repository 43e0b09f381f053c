//! The site folder: the files a page loads, as the server finds them.
//!
//! ```text
//! <site>/hash.txt                      only in a packed site: three lines `js: …`, `wasm: …`, `css: …`
//! <site>/pkg/cairn.js                  packed: cairn.<hash>.js
//! <site>/pkg/cairn_bg.wasm             packed: cairn.<hash>.wasm
//! <site>/pkg/parts.js                  packed: parts.<hash>.js; loads the parts of the program
//! <site>/pkg/split_*.wasm, chunk_*     packed: split_*.<hash>.wasm; the parts, and what several of them share
//! <site>/pkg/chunks.<hash>.bin         only in a packed site: small ones of what they share
//! <site>/pkg/cairn.css                 packed: cairn.<hash>.css
//! <site>/pkg/snippets/…                only when a crate brings JavaScript of its own
//! <site>/pkg/assets/…                  style/assets/ as it is; a stylesheet says url("assets/…")
//! <any packed file>.br, .gz            the same bytes compressed, where that makes them smaller
//! ```
//!
//! Scripts and programs name each other, so they share one hash.
//!
//! What this asks of the server, which has `--site`, or `site` beside its own binary:
//!
//! - `LeptosOptions`: `output_name` "cairn", `site_pkg_dir` "pkg", `hash_files` true when `<site>/hash.txt` exists, and
//!   `hash_file` its **absolute** path. The server reads that file for the program, Leptos for `HashedStylesheet`.
//! - `/pkg/…` serves `<site>/pkg/…`, preferring `.br`, then `.gz`. When `hash.txt` exists, a name with a hash may be
//!   kept for a year (`immutable`); every other file is asked for again each time (`no-cache`).

use crate::pack;
use crate::style;
use crate::wasm::{self, NAME, Optimise, digest, read, remove};
use crate::workspace::Workspace;
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// How the files are named and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Plain names, as compiled: quick to make.
    Plain,
    /// Optimised, hashed and compressed: quick to load.
    Packed,
}

/// Builds what changed and lays the site out in `folder`.
pub(crate) fn build(workspace: &Workspace, folder: &Path, packing: Packing) -> Result<()> {
    let _building = one_at_a_time(workspace)?;
    let optimise = match packing {
        Packing::Plain => Optimise::No,
        Packing::Packed => Optimise::Yes,
    };
    let bound = wasm::build(workspace, optimise)?;
    let css = style::bundle(&workspace.root.join("style").join("main.css"))?;

    let mut site = Site::new(folder, packing);
    site.program(&bound)?;
    site.main_file("css", "", css.as_bytes(), &digest(&[css.as_bytes()])[..16])?;
    site.folder(&bound.join("snippets"), Path::new("pkg/snippets"))?;
    site.folder(&workspace.root.join("style").join("assets"), Path::new("pkg/assets"))?;
    site.finish(|files| pack::compress(workspace, files))
}

/// Two terminals may build at once; the second waits here for the steps they share.
fn one_at_a_time(workspace: &Workspace) -> Result<File> {
    let steps = workspace.steps();
    fs::create_dir_all(&steps).with_context(|| format!("{} cannot be made", steps.display()))?;
    let path = steps.join("lock");
    let lock = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    if lock.try_lock().is_err() {
        println!("Another build of the site is under way; waiting for it.");
        lock.lock().with_context(|| format!("{} cannot be locked", path.display()))?;
    }
    Ok(lock)
}

struct Site {
    folder: PathBuf,
    packing: Packing,
    hashes: String,
    /// Everything that belongs to the site, so that what an earlier build left can go.
    names: BTreeSet<PathBuf>,
    /// Those of them whose compressed forms are missing or of an earlier build.
    uncompressed: Vec<PathBuf>,
}

impl Site {
    fn new(folder: &Path, packing: Packing) -> Site {
        let (hashes, names, uncompressed) = (String::new(), BTreeSet::new(), Vec::new());
        Site { folder: folder.to_owned(), packing, hashes, names, uncompressed }
    }

    /// The script, the program and its parts.
    fn program(&mut self, bound: &Path) -> Result<()> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(bound).with_context(|| format!("{} cannot be read", bound.display()))? {
            let path = entry?.path();
            if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_file()) {
                files.insert(name.to_owned(), read(&path)?);
            }
        }
        let names: Vec<String> = files.keys().cloned().collect();
        let parts: Vec<&[u8]> = files.values().map(Vec::as_slice).collect();
        let hash = &digest(&parts)[..16];
        for (name, mut content) in files {
            if name.ends_with(".js") && self.packing == Packing::Packed {
                content = with_hashes(&String::from_utf8(content)?, &names, hash).into_bytes();
            }
            if name == format!("{NAME}.js") {
                self.main_file("js", "", &content, hash)?;
            } else if name == format!("{NAME}_bg.wasm") {
                self.main_file("wasm", "_bg", &content, hash)?;
            } else {
                let name = match self.packing {
                    Packing::Plain => name,
                    Packing::Packed => hashed(&name, hash),
                };
                self.file(&Path::new("pkg").join(name), &content)?;
            }
        }
        Ok(())
    }

    /// One of the three files whose name the page asks the server for; `plain` is what is added to a plain name.
    fn main_file(&mut self, extension: &str, plain: &str, bytes: &[u8], hash: &str) -> Result<()> {
        let name = match self.packing {
            Packing::Plain => format!("pkg/{NAME}{plain}.{extension}"),
            Packing::Packed => {
                self.hashes.push_str(&format!("{extension}: {hash}\n"));
                format!("pkg/{NAME}.{hash}.{extension}")
            }
        };
        self.file(Path::new(&name), bytes)
    }

    /// A whole folder with its names as they are; one that is not there is empty.
    fn folder(&mut self, from: &Path, to: &Path) -> Result<()> {
        if !from.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
            let entry = entry?;
            let to = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.folder(&entry.path(), &to)?;
            } else {
                self.file(&to, &read(&entry.path())?)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, name: &Path, bytes: &[u8]) -> Result<()> {
        let changed = self.write(name, bytes)?;
        if self.packing == Packing::Packed && compressible(name) {
            let compressed = COMPRESSED.map(|suffix| with_suffix(name, suffix));
            if changed {
                compressed.iter().try_for_each(|name| remove(&self.folder.join(name)))?;
            }
            if !compressed.iter().any(|name| self.folder.join(name).is_file()) {
                self.uncompressed.push(self.folder.join(name));
            }
            self.names.extend(compressed);
        }
        Ok(())
    }

    /// Writes a file unless it is there with the same bytes. True when it was written.
    fn write(&mut self, name: &Path, bytes: &[u8]) -> Result<bool> {
        self.names.insert(name.to_owned());
        let path = self.folder.join(name);
        if fs::read(&path).is_ok_and(|present| present == bytes) {
            return Ok(false);
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        }
        fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(true)
    }

    /// Has files compressed, names the hashes last, and removes what an earlier build left.
    fn finish(mut self, compress: impl FnOnce(&[PathBuf]) -> Result<()>) -> Result<()> {
        if !self.uncompressed.is_empty() {
            compress(&self.uncompressed)?;
        }
        if self.packing == Packing::Packed {
            let hashes = std::mem::take(&mut self.hashes);
            self.write(Path::new("hash.txt"), hashes.as_bytes())?;
        }
        for name in files_below(&self.folder)? {
            if !self.names.contains(&name) {
                remove(&self.folder.join(name))?;
            }
        }
        Ok(())
    }
}

/// The files below a folder by their names within it, in order.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("{} cannot be read", next.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            } else if let Ok(name) = entry.path().strip_prefix(folder) {
                found.push(name.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A script that names the others by their hashed names.
fn with_hashes(script: &str, names: &[String], hash: &str) -> String {
    let mut script = script.to_owned();
    for name in names {
        for before in ["from ", "new URL("] {
            script = script
                .replace(&format!("{before}\"./{name}\""), &format!("{before}\"./{}\"", hashed(name, hash)));
        }
    }
    script
}

/// `parts.js` as `parts.<hash>.js`.
fn hashed(name: &str, hash: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{stem}.{hash}.{extension}")
}

fn compressible(name: &Path) -> bool {
    let extension = name.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    matches!(extension, "js" | "wasm" | "bin" | "css" | "svg" | "json" | "webmanifest" | "txt" | "ico")
}

/// What the compressed forms of a file are called behind its name.
const COMPRESSED: [&str; 2] = [".br", ".gz"];

fn with_suffix(name: &Path, suffix: &str) -> PathBuf {
    let mut name = name.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In place of the real one, which is a program of its own with its own tests.
    fn compress(files: &[PathBuf]) -> Result<()> {
        for (file, suffix) in files.iter().flat_map(|file| COMPRESSED.map(|suffix| (file, suffix))) {
            fs::write(with_suffix(file, suffix), "smaller")?;
        }
        Ok(())
    }

    fn names(folder: &Path) -> Vec<String> {
        let files = files_below(folder).expect("the folder is there");
        files.iter().map(|file| file.display().to_string()).collect()
    }

    #[test]
    fn a_packed_site_has_hashed_names_and_drops_older_ones() {
        let folder = std::env::temp_dir().join(format!("cairn-site-{}", std::process::id()));
        let text = "body { color: black }\n".repeat(50);
        for content in ["an older one", text.as_str()] {
            let mut site = Site::new(&folder, Packing::Packed);
            let hash = &digest(&[content.as_bytes()])[..16];
            site.main_file("css", "", content.as_bytes(), hash).expect("css");
            site.finish(compress).expect("finish");
        }
        let packed = names(&folder);
        let hashes = fs::read_to_string(folder.join("hash.txt")).expect("hash.txt");

        let mut plain = Site::new(&folder, Packing::Plain);
        plain.main_file("wasm", "_bg", b"\0asm", "").expect("wasm");
        plain.finish(compress).expect("finish");
        let plain = names(&folder);
        fs::remove_dir_all(&folder).expect("our own folder");

        let hash = digest(&[text.as_bytes()])[..16].to_owned();
        assert_eq!(hashes, format!("css: {hash}\n"));
        let css = format!("pkg/cairn.{hash}.css");
        assert_eq!(packed, ["hash.txt".to_owned(), css.clone(), format!("{css}.br"), format!("{css}.gz")]);
        assert_eq!(plain, ["pkg/cairn_bg.wasm"]);
    }
    #[test]
    fn scripts_name_each_other_with_their_hash() {
        let names = ["cairn.js".to_owned(), "parts.js".to_owned()];
        let script = "import * as import1 from \"./parts.js\"\nimports = { \"./parts.js\": import1 };";
        let expected = "import * as import1 from \"./parts.0a.js\"\nimports = { \"./parts.js\": import1 };";
        assert_eq!(with_hashes(script, &names, "0a"), expected);
    }
}
