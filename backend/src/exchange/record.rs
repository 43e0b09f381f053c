//! Reading values between separators, such that a quote out of place costs no row.
//!
//! Quotes follow RFC 4180. One that is not closed, or is closed in the middle of a value, is taken for part of its value,
//! which then ends with its line: otherwise it would swallow the rows below.

use std::borrow::Cow;

use super::{
    cells::unguarded,
    grid::{BETWEEN, Cells, Grid, Row},
};

/// What may stand between values, in the order of preference.
pub(super) const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Separates nothing: no file has it between values.
const NONE: u8 = 0x1f;

/// Rows that are looked at to find out what separates values.
const LOOKED_AT: usize = 50;

/// Bytes that are looked at for the same.
const LOOKED_AT_BYTES: usize = 64 * 1024;

pub(super) struct Records<'a> {
    text: &'a str,
    separator: u8,
    at: usize,
    line: u64,
    /// Bytes that may still be searched in vain for the end of a quote, so that many of them cost no more than the file.
    patience: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, separator: u8) -> Self {
        Self { text, separator, at: 0, line: 1, patience: 4 * text.len() }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes a line break, if there is one.
    fn pass_line_break(&mut self) -> bool {
        match self.byte() {
            Some(b'\r') => {
                self.at += 1;
                if self.byte() == Some(b'\n') {
                    self.at += 1;
                }
            }
            Some(b'\n') => self.at += 1,
            _ => return false,
        }
        self.line += 1;
        true
    }

    /// Where the unquoted value that begins here ends.
    fn end_of_plain(&self) -> usize {
        let ends = |byte: &u8| *byte == self.separator || matches!(*byte, b'\r' | b'\n');
        let rest = &self.text.as_bytes()[self.at..];
        self.at + rest.iter().position(ends).unwrap_or(rest.len())
    }

    /// The quoted value that begins here and where what follows it begins; nothing when its quotes do not pair.
    fn quoted(&mut self) -> Option<(String, usize)> {
        let bytes = self.text.as_bytes();
        let mut value = String::new();
        let mut from = self.at + 1;
        loop {
            let found = bytes[from..].iter().position(|byte| *byte == b'"');
            let Some(found) = found else {
                self.patience = self.patience.saturating_sub(bytes.len() - self.at);
                return None;
            };
            let quote = from + found;
            value.push_str(&self.text[from..quote]);
            if bytes.get(quote + 1) == Some(&b'"') {
                value.push('"');
                from = quote + 2;
                continue;
            }
            let mut after = quote + 1;
            while matches!(bytes.get(after), Some(b' ')) {
                after += 1;
            }
            return match bytes.get(after) {
                None | Some(b'\r' | b'\n') => Some((value, after)),
                Some(byte) if *byte == self.separator => Some((value, after)),
                Some(_) => {
                    self.patience = self.patience.saturating_sub(after - self.at);
                    None
                }
            };
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while self.pass_line_break() {}
        self.byte()?;
        let mut row = Row { line: self.line, ..Row::default() };
        loop {
            let is_quoted = self.byte() == Some(b'"');
            let quoted = if is_quoted && self.patience > 0 { self.quoted() } else { None };
            match quoted {
                Some((value, after)) => {
                    let passed = self.text.as_bytes()[self.at..after].iter().enumerate();
                    let bytes = &self.text.as_bytes()[self.at..];
                    let breaks = passed.filter(|(at, byte)| {
                        **byte == b'\n' || **byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')
                    });
                    self.line += breaks.count() as u64;
                    push(&mut row.cells, &value);
                    self.at = after;
                }
                None => {
                    row.is_misquoted |= is_quoted;
                    let end = self.end_of_plain();
                    push(&mut row.cells, &self.text[self.at..end]);
                    self.at = end;
                }
            }
            if self.byte() == Some(self.separator) {
                self.at += 1;
            } else {
                self.pass_line_break();
                return Some(row);
            }
        }
    }
}

fn push(cells: &mut Cells, value: &str) {
    let value = if value.contains('\'') { Cow::Owned(unguarded(value)) } else { Cow::Borrowed(value) };
    if value.contains(BETWEEN) {
        cells.push(&value.replace(BETWEEN, " "));
    } else {
        cells.push(&value);
    }
}

/// Reads a whole text.
///
/// # Errors
/// A sentence, when it has too many rows.
pub(super) fn read(text: &str) -> Result<(Grid, u8), String> {
    let (stated, begin) = stated(text);
    let separator = stated.unwrap_or_else(|| separator(&text[begin..]));
    let mut records = Records::new(text, separator);
    if begin > 0 {
        (records.at, records.line) = (begin, 2);
    }
    let mut grid = Grid::default();
    for row in records {
        grid.push(row)?;
    }
    Ok((grid, separator))
}

/// What Excel is told in a first line `sep=;`, and where the text after it begins.
fn stated(text: &str) -> (Option<u8>, usize) {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let bare = line.trim_matches('"');
    let Some(separator) = bare.strip_prefix("sep=").or_else(|| bare.strip_prefix("SEP=")) else {
        return (None, 0);
    };
    let after = &text[line.len()..];
    let line_break = after.len() - after.strip_prefix("\r\n").unwrap_or(after.get(1..).unwrap_or("")).len();
    match separator.as_bytes() {
        [] => (None, line.len() + line_break),
        [byte] if SEPARATORS.contains(byte) => (Some(*byte), line.len() + line_break),
        _ => (None, 0),
    }
}

/// Reads rows of values between what is known to separate them.
///
/// # Errors
/// As [`read`].
pub(super) fn separated(text: &str, separator: u8) -> Result<Grid, String> {
    let mut grid = Grid::default();
    for row in Records::new(text, separator) {
        grid.push(row)?;
    }
    Ok(grid)
}

/// What separates the values of a text: that which splits most rows into as many values as the first or, below a title,
/// as each other. Nothing does in a list of titles, which may have commas.
pub(super) fn separator(text: &str) -> u8 {
    let begin = floor(text, LOOKED_AT_BYTES);
    let score = |separator: u8| {
        let counts: Vec<usize> =
            Records::new(begin, separator).take(LOOKED_AT).map(|row| row.cells.len()).collect();
        let alike = |count: usize| counts.iter().filter(|other| **other == count).count();
        match counts.first() {
            Some(first) if *first > 1 => (alike(*first), *first),
            _ => {
                let several = counts.iter().filter(|count| **count > 1);
                let usual = several.map(|count| (alike(*count), *count)).max();
                usual.filter(|(often, _)| 2 * often >= counts.len()).unwrap_or_default()
            }
        }
    };
    let best = SEPARATORS
        .iter()
        .rev()
        .map(|separator| (score(*separator), *separator))
        .max_by_key(|(score, _)| *score);
    best.filter(|(score, _)| *score > (0, 0)).map_or(NONE, |(_, separator)| separator)
}

/// The beginning of a text, at most so many bytes.
pub(super) fn floor(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        let (grid, _) = read(text).unwrap();
        grid.rows.into_iter().map(|row| (row.line, row.cells.iter().map(str::to_owned).collect())).collect()
    }

    fn strings(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn quotes_commas_and_line_breaks_survive() {
        let text = "Key,Title\r\nA,\"Say \"\"hi\"\", then\r\nwave\"\r\n\r\nB,Ünïcode — 漢字\r\n,\r\n";
        let expected = [
            (1, strings(&["Key", "Title"])),
            (2, strings(&["A", "Say \"hi\", then\r\nwave"])),
            (5, strings(&["B", "Ünïcode — 漢字"])),
        ];
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn whatever_separates_values_is_recognised() {
        for separator in [",", ";", "\t", "|"] {
            let text = ["Key|Title", "A|\"B; C, D\"", "B|E"].join("\n").replace('|', separator);
            assert_eq!(rows(&text)[2].1, strings(&["B", "E"]), "{separator:?}");
        }
        assert_eq!(rows("\"Key;a;b\",Title\nA,B\n")[1].1, strings(&["A", "B"]));
        assert_eq!(rows("Title\nOnly\n")[1].1, strings(&["Only"]));
        assert_eq!(rows("Sign in\nSearch, and find\nSign out\n")[1].1, strings(&["Search, and find"]));
        assert_eq!(rows("Our roadmap\nKey;Title\nA;B, C\n")[2].1, strings(&["A", "B, C"]));
        // More commas than semicolons, in values.
        assert_eq!(rows("Key;Title, short, or long\nA;B\nC;D\n")[1].1, strings(&["A", "B"]));
        for begin in ["sep=|\n", "sep=|\r\n", "\"sep=|\"\n"] {
            assert_eq!(
                rows(&format!("{begin}a|b,c,d\n1|2,3,4\n")),
                [(2, strings(&["a", "b,c,d"])), (3, strings(&["1", "2,3,4"])),]
            );
        }
    }

    #[test]
    fn a_quote_out_of_place_costs_no_row() {
        let text = "Key,Title\nA,\"Fi\"ve\nB,\"Two\nC,\"Three, x\"\nD,\"Four\n";
        let expected = [
            (1, strings(&["Key", "Title"])),
            (2, strings(&["A", "\"Fi\"ve"])),
            (3, strings(&["B", "\"Two"])),
            (4, strings(&["C", "Three, x"])),
            (5, strings(&["D", "\"Four"])),
        ];
        assert_eq!(rows(text), expected);
        let odd: Vec<bool> = read(text).unwrap().0.rows.iter().map(|row| row.is_misquoted).collect();
        assert_eq!(odd, [false, true, true, false, true]);
    }
}
