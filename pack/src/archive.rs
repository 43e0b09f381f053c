//! The archive that is handed on.

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::path::Path;

/// Packs a folder as `NAME.tar.gz`, in which everything stands below `NAME`.
pub(crate) fn write(folder: &Path, archive: &Path) -> Result<()> {
    let name =
        archive.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".tar.gz"));
    let name = name.with_context(|| format!("{} must end in .tar.gz", archive.display()))?;
    let file =
        fs::File::create(archive).with_context(|| format!("{} cannot be written", archive.display()))?;
    let mut builder = tar::Builder::new(GzEncoder::new(file, Compression::best()));
    // Without owners and times, which are of the machine that packed it.
    builder.mode(tar::HeaderMode::Deterministic);
    builder.append_dir_all(name, folder)?;
    builder.into_inner()?.finish()?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::collections::BTreeMap;
    use std::io::Read as _;

    #[test]
    fn an_archive_holds_the_folder_under_its_own_name() {
        let scratch = std::env::temp_dir().join(format!("cairn-archive-{}", std::process::id()));
        let folder = scratch.join("dist");
        fs::create_dir_all(folder.join("site/pkg")).expect("our own folder");
        fs::write(folder.join("cairn"), "the program").expect("our own file");
        fs::write(folder.join("site/pkg/cairn.0a.js"), "the site").expect("our own file");
        let archive = scratch.join("cairn-1.2.3.tar.gz");
        write(&folder, &archive).expect("packs");

        let packed = GzDecoder::new(fs::File::open(&archive).expect("the archive"));
        let mut packed = tar::Archive::new(packed);
        let mut listed = BTreeMap::new();
        for entry in packed.entries().expect("an archive") {
            let mut entry = entry.expect("an entry");
            if entry.header().entry_type().is_file() {
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("a text");
                listed.insert(entry.path().expect("a name").display().to_string(), text);
            }
        }
        let nameless = write(&folder, &scratch.join("cairn.zip"));
        fs::remove_dir_all(&scratch).expect("our own folder");

        let expected =
            [("cairn-1.2.3/cairn", "the program"), ("cairn-1.2.3/site/pkg/cairn.0a.js", "the site")];
        assert_eq!(listed, expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        assert!(nameless.is_err(), "not what it would be");
    }
}
