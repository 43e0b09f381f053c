//! What a file is, whatever it is called, and its text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use domain::exchange::check_size;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Values between separators; with the name of the encoding, unless it is UTF-8.
    Text(String, Option<&'static str>),
    Json(String),
    Workbook,
}

/// Looks at a file.
///
/// # Errors
/// A sentence that names what the file is when it is nothing that can be imported, and says what to do.
pub(super) fn look(bytes: &[u8]) -> Result<Content, String> {
    check_size(bytes.len())?;
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(Content::Workbook);
    }
    if let Some((_, what)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return Err(format!("This is {what}."));
    }
    let (text, encoding) = decode(bytes);
    if text.contains('\0') {
        return Err(
            "This is not a text file. Choose a CSV file, an Excel workbook (.xlsx) or a JSON export."
                .to_owned(),
        );
    }
    let begin = text.trim_start();
    let lower = super::record::floor(begin, 200).to_ascii_lowercase();
    if ["<!doctype", "<html", "<head", "<table", "<body"].iter().any(|tag| lower.starts_with(tag)) {
        return Err("This is a web page (HTML), not an export. Export the items as CSV or Excel and choose that file.".to_owned());
    }
    if lower.starts_with("<?xml") || lower.starts_with("<rss") {
        return Err("This is an XML file. Export the items as CSV or Excel and choose that file.".to_owned());
    }
    let is_json = match begin.chars().next() {
        Some('{' | '[') => {
            let inside = begin[1..].trim_start();
            inside.is_empty() || inside.starts_with(['"', '{', '}', ']'])
        }
        _ => false,
    };
    Ok(if is_json { Content::Json(text) } else { Content::Text(text, encoding) })
}

/// How files begin that people choose by mistake, and what to tell them.
const SIGNATURES: [(&[u8], &str); 6] = [
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls). Save it as .xlsx or CSV and choose that file"),
    (b"%PDF", "a PDF. Export the items as CSV or Excel and choose that file"),
    (b"\x89PNG", "a picture. Choose a CSV file, an Excel workbook (.xlsx) or a JSON export"),
    (b"\xff\xd8\xff", "a picture. Choose a CSV file, an Excel workbook (.xlsx) or a JSON export"),
    (b"\x1f\x8b", "a compressed file. Unpack it and choose the file inside"),
    (b"{\\rtf", "a document (RTF). Export the items as CSV or Excel and choose that file"),
];

/// The text of a file, with the name of its encoding unless it is UTF-8.
fn decode(bytes: &[u8]) -> (String, Option<&'static str>) {
    let in_encoding = |encoding: &'static Encoding, bytes: &[u8]| {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        (text.into_owned(), (encoding != UTF_8).then_some(encoding.name()))
    };
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return in_encoding(encoding, &bytes[length..]);
    }
    if let Some(encoding) = wide(bytes) {
        return in_encoding(encoding, bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        // A broken character among many good ones is no other encoding.
        Err(_) if is_mostly_utf8(bytes) => (String::from_utf8_lossy(bytes).into_owned(), None),
        Err(_) => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(bytes, true);
            in_encoding(detector.guess(None, Utf8Detection::Deny), bytes)
        }
    }
}

/// UTF-16 without a mark: every second byte of what is mostly ASCII is nothing.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let begin = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |odd: usize| begin.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = begin.len() / 4;
    match (even, odd) {
        _ if begin.len() < 4 => None,
        (0, odd) if odd > enough => Some(UTF_16LE),
        (even, 0) if even > enough => Some(UTF_16BE),
        _ => None,
    }
}

fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 10 * bad
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, Option<&'static str>) {
        match look(bytes).unwrap() {
            Content::Text(text, encoding) => (text, encoding),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_encoding_is_recognised() {
        let german =
            "Titel;Beschreibung\nAnmelden für Gäste;Größere Schaltfläche, weil das Übersehen häufig ist\n";
        assert_eq!(text(german.as_bytes()), (german.to_owned(), None));
        assert_eq!(text(format!("\u{feff}{german}").as_bytes()), (german.to_owned(), None));
        let (latin, ..) = encoding_rs::WINDOWS_1252.encode(german);
        assert_eq!(text(&latin), (german.to_owned(), Some("windows-1252")));
        let polish = "Tytuł;Opis\nLogowanie gości;Większy przycisk, ponieważ często się go nie zauważa. Źródło: żądania\n";
        let (central, ..) = encoding_rs::WINDOWS_1250.encode(polish);
        assert_eq!(text(&central), (polish.to_owned(), Some("windows-1250")));
        let units = |bytes: fn(u16) -> [u8; 2]| german.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for (bytes, name) in [(units(u16::to_le_bytes), "UTF-16LE"), (units(u16::to_be_bytes), "UTF-16BE")] {
            assert_eq!(text(&bytes), (german.to_owned(), Some(name)));
            let mark = if name == "UTF-16LE" { [0xff, 0xfe] } else { [0xfe, 0xff] };
            assert_eq!(text(&[&mark[..], &bytes].concat()), (german.to_owned(), Some(name)));
        }
        let broken = [german.repeat(10).as_bytes(), b"\xff\n"].concat();
        assert_eq!(text(&broken).1, None);
    }

    #[test]
    fn what_is_no_table_is_refused_by_name() {
        let refused = |bytes: &[u8]| look(bytes).unwrap_err();
        assert!(refused(b"<!DOCTYPE html><table>").contains("web page"));
        assert!(refused(b"\n <html>").contains("web page"));
        assert!(refused(b"%PDF-1.7").contains("PDF"));
        assert!(refused(b"\xd0\xcf\x11\xe0\xa1\xb1").contains(".xls"));
        assert!(refused(b"Title\0\0\x01\nx").contains("not a text file"));
        assert!(refused(&vec![b'a'; domain::exchange::MAX_FILE + 1]).contains("11 MB"));
        for json in ["{\n  \"name\": 1\n}", "[{\"a\": 1}]", "{", "[]", "\u{feff}{\"a\""] {
            assert!(matches!(look(json.as_bytes()), Ok(Content::Json(_))), "{json}");
        }
        assert!(matches!(look(b"[Bug] Crash,x"), Ok(Content::Text(..))));
    }
}
