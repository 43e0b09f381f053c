//! A file of comma-separated values as headers and rows, with the lines they stand on.

use std::{collections::BTreeSet, ops::Range};

use domain::exchange::{MAX_COLUMNS, MAX_HEADER, MAX_ROWS, RowProblem};

use super::cells::unguarded;

/// A file that could be read. Rows that are broken are listed, and not among the rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) headers: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) problems: Vec<RowProblem>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it begins, from 1.
    pub(super) line: u64,
    /// As many as there are headers.
    pub(super) cells: Vec<String>,
}

impl Table {
    /// Reads a text whose first line names the columns. Values may stand between commas, semicolons or tabs, whichever
    /// the header has most of.
    ///
    /// # Errors
    /// A sentence about the file as a whole.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let delimiter = delimiter(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut table = Table::default();
        let mut record = csv::StringRecord::new();
        let (mut line, mut counted) = (1, 0);
        loop {
            let read = reader.read_record(&mut record);
            if !read.map_err(|error| format!("The file cannot be read: {error}."))? {
                break;
            }
            let Some(start) = record.position().cloned() else { break };
            let raw = &text[offset(start.byte())..offset(reader.position().byte())];
            let begin = offset(start.byte()) + raw.len() - after_line_breaks(raw).len();
            line += line_breaks(text, counted..begin);
            counted = begin;
            if table.headers.is_empty() && record.len() > MAX_COLUMNS {
                return Err(format!(
                    "The file has {} columns; at most {MAX_COLUMNS} can be imported. Remove those that are not needed.",
                    record.len()
                ));
            }
            let cells: Vec<String> = record.iter().map(unguarded).collect();
            if table.headers.is_empty() {
                well_quoted(raw, delimiter).map_err(|why| format!("Line {line}, the header: {why}"))?;
                table.headers = headers(&cells)?;
            } else {
                table.add(line, cells, raw, delimiter)?;
            }
        }
        if table.headers.is_empty() {
            return Err("The file is empty. Its first line must name the columns.".to_owned());
        }
        if table.rows.is_empty() && table.problems.is_empty() {
            return Err(
                "The file has a header but no rows. Every line below the header is one item.".to_owned()
            );
        }
        Ok(table)
    }

    fn add(&mut self, line: u64, mut cells: Vec<String>, raw: &str, delimiter: u8) -> Result<(), String> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if self.rows.len() + self.problems.len() == MAX_ROWS {
            return Err(format!(
                "The file has more than {MAX_ROWS} rows. Split it into several files and import one after the other."
            ));
        }
        let expected = self.headers.len();
        while cells.len() > expected && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        let problem = match well_quoted(raw, delimiter) {
            Err(why) => Some(why.to_owned()),
            Ok(()) if cells.len() != expected => Some(format!(
                "The row has {}, but the header names {expected}. Put values that contain a comma into quotes.",
                if cells.len() == 1 { "1 value".to_owned() } else { format!("{} values", cells.len()) }
            )),
            Ok(()) => None,
        };
        match problem {
            Some(sentence) => self.problems.push(RowProblem { line, column: None, sentence }),
            None => self.rows.push(Row { line, cells }),
        }
        Ok(())
    }

    /// The first different values of a column.
    pub(super) fn samples(&self, column: usize, count: usize) -> Vec<String> {
        let mut samples: Vec<String> = Vec::with_capacity(count);
        for value in self.values(column) {
            if samples.len() == count {
                break;
            }
            if !samples.iter().any(|sample| sample == value) {
                samples.push(value.to_owned());
            }
        }
        samples
    }

    /// The values of a column that are not empty.
    pub(super) fn values(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.cells[column].trim()).filter(|value| !value.is_empty())
    }
}

fn offset(byte: u64) -> usize {
    usize::try_from(byte).unwrap_or(usize::MAX)
}

/// A record without the empty lines before it, which the reader counts to it.
fn after_line_breaks(raw: &str) -> &str {
    raw.trim_start_matches(['\r', '\n'])
}

/// How many lines end in a part of a text, whichever way its system writes that.
fn line_breaks(text: &str, part: Range<usize>) -> u64 {
    let bytes = text.as_bytes();
    let ends = |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    part.filter(ends).count() as u64
}

pub(super) fn delimiter(text: &str) -> u8 {
    let header = text.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        if !quoted && let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
            *count += 1;
        }
    }
    // Of equals the first: a single column is a column of a comma-separated file.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

fn headers(cells: &[String]) -> Result<Vec<String>, String> {
    let name = |(index, cell): (usize, &String)| match cell.trim() {
        "" => format!("Column {}", index + 1),
        name => name.to_owned(),
    };
    let headers: Vec<String> = cells.iter().enumerate().map(name).collect();
    // A name stands beside each problem with its column.
    if let Some(long) = headers.iter().find(|header| header.chars().count() > MAX_HEADER) {
        let begin: String = long.chars().take(40).collect();
        return Err(format!(
            "The name of a column has more than {MAX_HEADER} characters: “{begin}…”. Shorten it in the file."
        ));
    }
    let mut seen = BTreeSet::new();
    match headers.iter().find(|header| !seen.insert(header.to_lowercase())) {
        Some(twice) => Err(format!("Two columns are called “{twice}”. Rename one of them in the file.")),
        None => Ok(headers),
    }
}

/// The reader takes any text; this refuses quotes that do not pair, which would silently swallow or join values.
fn well_quoted(raw: &str, delimiter: u8) -> Result<(), &'static str> {
    let mut rest = after_line_breaks(raw).as_bytes();
    loop {
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            rest = after_closing_quote(quoted).ok_or(
                "A quote is opened and never closed. Close it, and double the quotes inside a value.",
            )?;
            match rest.first() {
                None | Some(b'\r' | b'\n') => return Ok(()),
                Some(byte) if *byte == delimiter => rest = &rest[1..],
                Some(_) => {
                    return Err("A value goes on after its closing quote. Double the quotes inside a value.");
                }
            }
        } else {
            match rest.iter().position(|byte| *byte == delimiter) {
                Some(end) => rest = &rest[end + 1..],
                None => return Ok(()),
            }
        }
    }
}

fn after_closing_quote(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let end = rest.iter().position(|byte| *byte == b'"')?;
        rest = &rest[end + 1..];
        match rest.strip_prefix(b"\"") {
            Some(after) => rest = after,
            None => return Some(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        let table = Table::parse(text).unwrap();
        assert_eq!(table.problems, []);
        table.rows.into_iter().map(|row| (row.line, row.cells)).collect()
    }

    fn problems(text: &str) -> Vec<(u64, String)> {
        Table::parse(text).unwrap().problems.into_iter().map(|it| (it.line, it.sentence)).collect()
    }

    fn strings(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn quotes_commas_line_breaks_and_a_byte_order_mark_survive() {
        let text = "\u{feff}Key,Title\r\nA,\"Say \"\"hi\"\", then\r\nwave\"\r\n\r\nB,Ünïcode — 漢字\r\n,\r\n";
        let expected =
            vec![(2, strings(&["A", "Say \"hi\", then\r\nwave"])), (5, strings(&["B", "Ünïcode — 漢字"]))];
        assert_eq!(rows(text), expected);
        assert_eq!(Table::parse(text).unwrap().headers, ["Key", "Title"]);
    }

    #[test]
    fn semicolons_and_tabs_are_recognised_by_the_header() {
        assert_eq!(rows("Key;Title\nA;B, C\n"), [(2, strings(&["A", "B, C"]))]);
        assert_eq!(rows("Key\tTitle\nA\tB;C\n"), [(2, strings(&["A", "B;C"]))]);
        assert_eq!(rows("\"Key;a;b\",Title\nA,B\n"), [(2, strings(&["A", "B"]))]);
        assert_eq!(rows("Title\nOnly\n"), [(2, strings(&["Only"]))]);
    }

    #[test]
    fn broken_rows_are_listed_with_their_line_and_the_others_taken() {
        let table = Table::parse("Key,Title\nA,One\nB\nC,Two,Three\nD,Four,\nE,\"Fi\"ve\n").unwrap();
        assert_eq!(table.rows.len(), 2);
        let lines: Vec<u64> = table.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [3, 4, 6]);
        assert!(table.problems[0].sentence.contains("1 value,"));
        assert!(table.problems[1].sentence.contains("3 values, but the header names 2"));
        assert!(table.problems[2].sentence.contains("closing quote"));
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_swallow_the_file_in_silence() {
        let problems = problems("Key,Title\nA,One\nB,\"Two\nC,Three\n");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].0, 3);
        assert!(problems[0].1.contains("never closed"));
    }

    #[test]
    fn a_file_without_a_usable_header_is_refused() {
        let refusal = |text: &str| Table::parse(text).unwrap_err();
        assert!(refusal("").contains("empty"));
        assert!(refusal("\u{feff}\r\n\r\n").contains("empty"));
        assert!(refusal("Key,Title\n").contains("no rows"));
        assert!(refusal("Title,Key, title \nA,B,C\n").contains("“title”"));
        assert!(refusal("\"Title,Key\nA,B\n").starts_with("Line 1"));
        assert_eq!(Table::parse("Title,,\nA,B,C\n").unwrap().headers, ["Title", "Column 2", "Column 3"]);
        let wide =
            |columns: usize| (1..=columns).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",") + "\nx\n";
        assert!(refusal(&wide(MAX_COLUMNS + 1)).contains("501 columns; at most 500"));
        assert_eq!(Table::parse(&wide(MAX_COLUMNS)).unwrap().headers.len(), MAX_COLUMNS);
        assert!(refusal(&wide(100_000)).contains("100000 columns"));
        assert!(refusal(&format!("Title,{}\na,b\n", "x".repeat(MAX_HEADER + 1))).contains("200 characters"));
        let long = "T\n".to_owned() + &"x\n".repeat(MAX_ROWS + 1);
        assert!(refusal(&long).contains("more than 10000 rows"));
    }
}
