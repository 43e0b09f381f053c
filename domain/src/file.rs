//! Files that people attach: what they are called, and how a text refers to them.
//!
//! A text holds the address of a file, `/files/<hash>/<name>`, as the address of a Markdown picture or link. The hash is that of
//! the bytes, so an address means the same wherever the text goes, and can be written before the bytes have been sent.

use std::{borrow::Cow, fmt, str::FromStr};

/// The most bytes of one file.
pub const MAX_FILE: usize = 10 * 1024 * 1024;

/// The most letters of a file's name.
const MAX_NAME: usize = 80;

/// No picture that a page can use is larger, in pixels to a side.
const MAX_SIDE: u32 = 65_535;

/// How the address of a file begins.
const BEGIN: &str = "/files/";

/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// The SHA-256 of a file's bytes, written as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileHash([u8; 32]);

impl FileHash {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for FileHash {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.as_bytes();
        if digits.len() != DIGITS {
            return Err(());
        }
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(()),
        };
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.as_chunks::<2>().0) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(hash))
    }
}

/// The address of a file, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileAddress<'a> {
    pub hash: FileHash,
    pub name: &'a str,
    /// Width and height of a picture, where the address says them.
    pub size: Option<(u32, u32)>,
}

impl<'a> FileAddress<'a> {
    /// Takes an address apart; nothing where it is not that of a file.
    pub fn parse(address: &'a str) -> Option<Self> {
        let rest = address.strip_prefix(BEGIN)?;
        let hash = rest.get(..DIGITS)?.parse().ok()?;
        let rest = rest.get(DIGITS..)?.strip_prefix('/')?;
        let (name, size) = match rest.split_once('#') {
            Some((name, size)) => (name, Some(parse_size(size)?)),
            None => (rest, None),
        };
        let is_name = !name.is_empty() && name.chars().all(in_name);
        is_name.then_some(Self { hash, name, size })
    }
}

impl fmt::Display for FileAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGIN}{}/{}", self.hash, self.name)?;
        match self.size {
            Some((width, height)) => write!(f, "#{width}x{height}"),
            None => Ok(()),
        }
    }
}

fn parse_size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=MAX_SIDE).contains(side));
    Some((side(width)?, side(height)?))
}

/// The files whose addresses stand in a text, in their order. Takes time in proportion to the text.
pub fn files_in(text: &str) -> impl Iterator<Item = FileHash> + '_ {
    text.match_indices(BEGIN).filter_map(|(at, _)| {
        let rest = &text[at + BEGIN.len()..];
        rest.get(DIGITS..)?.strip_prefix('/')?;
        rest.get(..DIGITS)?.parse().ok()
    })
}

/// A text to be read in a line: pictures and links to files by their words alone. Takes time in proportion to the text.
pub fn file_words(text: &str) -> Cow<'_, str> {
    const BETWEEN: &str = "](/files/";
    if !text.contains(BETWEEN) {
        return Cow::Borrowed(text);
    }
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BETWEEN) {
        let is_hash = |text: &str| text.get(..DIGITS).is_some_and(|hash| hash.parse::<FileHash>().is_ok());
        let end = Some(after).filter(|after| is_hash(after)).and_then(|after| after.find(')'));
        match (before.rfind('['), end) {
            (Some(begin), Some(end)) => {
                let (before, name) = (&before[..begin], &before[begin + 1..]);
                words.push_str(before.strip_suffix('!').unwrap_or(before));
                words.push_str(name);
                rest = &after[end + 1..];
            }
            _ => {
                words.extend([before, BETWEEN]);
                rest = after;
            }
        }
    }
    words.push_str(rest);
    Cow::Owned(words)
}

/// A file's name as its address has it: what nobody needs to escape, in an address, in a header or on a disk.
pub fn file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut tidy = String::new();
    for c in name.chars() {
        match c {
            c if in_name(c) => tidy.push(c),
            _ if tidy.ends_with('-') => {}
            _ => tidy.push('-'),
        }
    }
    let tidy = tidy.trim_matches(['-', '.']);
    let (stem, ending) = split_ending(tidy);
    let room = MAX_NAME.saturating_sub(ending.chars().count());
    let stem: String = stem.chars().take(room).collect();
    if stem.is_empty() { "file".to_owned() } else { stem + ending }
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// A name without its ending, and the ending with its point.
fn split_ending(name: &str) -> (&str, &str) {
    let at = name.rfind('.').filter(|at| *at > 0 && name.len() - at <= 12);
    name.split_at(at.unwrap_or(name.len()))
}

/// The Markdown that shows a picture or leads to a file. What a picture is called stands for it where it cannot be seen.
pub fn file_markdown(name: &str, address: FileAddress<'_>, is_picture: bool) -> String {
    let words = |text: &str| {
        let plain = |c: char| if c.is_control() || "[]\\`*<>&!".contains(c) { ' ' } else { c };
        let text: String = text.chars().take(MAX_NAME).map(plain).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() { address.name.to_owned() } else { text }
    };
    if is_picture {
        format!("![{}]({address})", words(split_ending(name).0))
    } else {
        format!("[{}]({address})", words(name))
    }
}

/// What kind of picture the bytes are, if they are one that pages show. SVG is none of these: it can hold scripts.
pub fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    let at = |start: usize, word: &[u8]| bytes.get(start..).is_some_and(|rest| rest.starts_with(word));
    if at(0, b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if at(0, b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Some("image/gif")
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Some("image/webp")
    } else if at(4, b"ftypavif") || at(4, b"ftypavis") {
        Some("image/avif")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff";

    #[test]
    fn an_address_is_taken_apart_and_written_as_it_was() {
        for (rest, size) in [("a.png#640x480", Some((640, 480))), ("bücher.pdf", None)] {
            let address = format!("/files/{HASH}/{rest}");
            let parsed = FileAddress::parse(&address).unwrap();
            assert_eq!((parsed.to_string(), parsed.size), (address.clone(), size));
            assert_eq!(parsed.hash.to_string(), HASH);
        }
        for wrong in [
            format!("/files/{HASH}/"),
            format!("/files/{HASH}"),
            format!("/files/{}/a", HASH.to_uppercase()),
            format!("/files/{}/a", &HASH[1..]),
            format!("/files/{HASH}/a/b"),
            format!("/files/{HASH}/a?b"),
            format!("/files/{HASH}/a#0x1"),
            format!("/files/{HASH}/a\"b"),
            format!("https://example.org/files/{HASH}/a"),
            format!("//files/{HASH}/a"),
        ] {
            assert_eq!(FileAddress::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn files_are_found_in_texts() {
        let text = format!("![a](/files/{HASH}/a.png) /files/12/b [c](/files/{HASH}/ü) /files/{HASH}");
        assert_eq!(files_in(&text).count(), 2);
        assert_eq!(files_in("/files/ü/files/").count(), 0);
    }

    #[test]
    fn in_a_line_files_are_their_words() {
        let text =
            format!("See ![the plan](/files/{HASH}/a.png#1x2), [notes](/files/{HASH}/b) [x](/files/1)");
        assert_eq!(file_words(&text), "See the plan, notes [x](/files/1)");
        assert_eq!(file_words("](/files/"), "](/files/");
        assert_eq!(file_words(&format!("](/files/{HASH}/a) b")), format!("](/files/{HASH}/a) b"));
    }

    #[test]
    fn a_name_needs_no_escaping() {
        for (name, tidy) in [
            ("Screenshot 2026-11-30 (2).png", "Screenshot-2026-11-30-2-.png"),
            ("C:\\temp\\..\\évil\u{202e}gnp.exe", "évil-gnp.exe"),
            ("../../etc/passwd", "passwd"),
            ("...", "file"),
            ("", "file"),
            ("a\"b\r\nc", "a-b-c"),
        ] {
            assert_eq!(file_name(name), tidy, "{name:?}");
        }
        let long = file_name(&format!("{}.jpeg", "ü".repeat(300)));
        assert!(long.chars().count() == MAX_NAME && long.ends_with(".jpeg"), "{long}");
    }

    #[test]
    fn a_picture_is_called_as_its_file_is_without_the_ending() {
        let name = file_name("Plan [v2].png");
        let address = FileAddress { hash: HASH.parse().unwrap(), name: &name, size: Some((4, 3)) };
        let text = format!("/files/{HASH}/Plan-v2-.png#4x3");
        assert_eq!(file_markdown("Plan [v2].png", address, true), format!("![Plan v2]({text})"));
        assert_eq!(file_markdown("Plan [v2].png", address, false), format!("[Plan v2 .png]({text})"));
        assert_eq!(file_markdown("[].png", address, true), format!("![Plan-v2-.png]({text})"));
    }

    #[test]
    fn pictures_are_known_by_their_bytes() {
        assert_eq!(picture_type(b"GIF89a..."), Some("image/gif"));
        assert_eq!(picture_type(b"RIFF....WEBPVP8 "), Some("image/webp"));
        assert_eq!(picture_type(b"\0\0\0\x1cftypavif"), Some("image/avif"));
        for other in
            [&b"<svg xmlns=\"http://www.w3.org/2000/svg\">"[..], b"<html>", b"", b"RIFF....WAVE", b"%PDF"]
        {
            assert_eq!(picture_type(other), None);
        }
    }
}
