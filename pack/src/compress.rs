//! Files compressed once, so that the server sends them often.

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes `FILE.br` and `FILE.gz`, each where it is smaller than the file; one that would not be is removed.
pub(crate) fn compress(file: &Path) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    for (suffix, compressed) in [(".br", brotli(&bytes)?), (".gz", gzip(&bytes)?)] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        let name = PathBuf::from(name);
        if compressed.len() < bytes.len() {
            fs::write(&name, compressed).with_context(|| format!("{} cannot be written", name.display()))?;
        } else if name.exists() {
            fs::remove_file(&name).with_context(|| format!("{} cannot be removed", name.display()))?;
        }
    }
    Ok(())
}

/// Brotli at its best, 16 MiB window.
fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters).context("brotli failed")?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).context("gzip failed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    #[test]
    fn compressed_files_hold_the_same_and_none_is_larger() {
        let folder = std::env::temp_dir().join(format!("cairn-pack-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("our own folder");
        let (long, short) = (folder.join("a.css"), folder.join("b.css"));
        let text = "body { color: black }\n".repeat(50);
        fs::write(&long, &text).expect("our own file");
        fs::write(&short, "x").expect("our own file");
        fs::write(folder.join("b.css.gz"), "left by an earlier build").expect("our own file");
        compress(&long).expect("compresses");
        compress(&short).expect("compresses");

        let (mut brotli, mut gzip) = (Vec::new(), String::new());
        let packed = fs::read(folder.join("a.css.br")).expect("the compressed file");
        brotli::BrotliDecompress(&mut &packed[..], &mut brotli).expect("what brotli wrote");
        let packed = fs::File::open(folder.join("a.css.gz")).expect("the compressed file");
        GzDecoder::new(packed).read_to_string(&mut gzip).expect("what gzip wrote");
        let left = [".br", ".gz"].map(|suffix| folder.join(format!("b.css{suffix}")).exists());
        fs::remove_dir_all(&folder).expect("our own folder");

        assert_eq!(String::from_utf8(brotli).expect("a text"), text);
        assert_eq!(gzip, text);
        assert_eq!(left, [false, false]);
    }
}
