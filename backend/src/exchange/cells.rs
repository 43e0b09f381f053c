//! Cells of files for spreadsheets: written so that none computes anything, and read back as they were.
//!
//! A spreadsheet takes a cell for a formula that begins with one of [`SIGNS`]. Which cells a file has depends on who opens it: one
//! that expects semicolons or tabs ignores the quotes that do not begin a cell, and finds cells behind every semicolon, comma,
//! tab and line break. So every place where a cell could begin gets an apostrophe when a formula would follow, and an import
//! takes one away again.

/// Signs with which a formula begins, also as wide as a Chinese or Japanese letter.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Behind these a cell could begin.
const BOUNDS: [char; 6] = [',', ';', '\t', '\r', '\n', '|'];

/// Writes a file of comma-separated values. The only way out of this crate for one.
pub(crate) struct CsvWriter(csv::Writer<Vec<u8>>);

impl CsvWriter {
    pub(crate) fn new() -> Self {
        Self::separated_by(b',')
    }

    /// Spreadsheets of many countries expect semicolons, where commas stand in numbers.
    pub(crate) fn separated_by(separator: u8) -> Self {
        Self(
            csv::WriterBuilder::new()
                .delimiter(separator)
                .terminator(csv::Terminator::CRLF)
                .flexible(true)
                .from_writer(Vec::new()),
        )
    }

    /// Adds a line.
    pub(crate) fn record(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        let cells = cells.into_iter().map(|cell| guarded(cell.as_ref()));
        self.0.write_record(cells).expect("memory takes every record");
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_inner().expect("memory can always be flushed")
    }
}

/// What a cell has to be written as.
fn guarded(cell: &str) -> String {
    let mut written = String::with_capacity(cell.len() + 1);
    for (place, rest) in places(cell) {
        if begins_formula(rest) {
            written.push('\'');
        }
        written.push_str(place);
    }
    written
}

/// What was meant by a cell that [`CsvWriter`] wrote.
pub(super) fn unguarded(cell: &str) -> String {
    let mut meant = String::with_capacity(cell.len());
    for (place, rest) in places(cell) {
        let bare = place.strip_prefix('\'').filter(|_| begins_formula(rest));
        meant.push_str(bare.unwrap_or(place));
    }
    meant
}

/// The pieces of a cell from one place where a cell could begin to the next, each with all that follows.
fn places(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut at = 0;
    cell.split_inclusive(BOUNDS).chain(cell.is_empty().then_some("")).map(move |place| {
        let rest = &cell[at..];
        at += place.len();
        (place, rest)
    })
}

/// Apostrophes that were there before count as well, so that dropping one gives back what was. Spaces, quotes and what cannot be
/// seen are passed over, as spreadsheets do; a tab or a line break at the beginning is one more place.
fn begins_formula(text: &str) -> bool {
    let passed_over = |c: char| {
        c == '\'' || c == '"' || (c.is_whitespace() && !BOUNDS.contains(&c)) || domain::is_hidden(c)
    };
    text.trim_start_matches(passed_over).starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a spreadsheet that separates with this makes of the file: each cell as it would be shown, without what it passes
    /// over.
    fn opened(file: &[u8], delimiter: u8) -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(file);
        let records = reader.records().map(|record| record.unwrap());
        records.flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    const FORMULAS: [&str; 22] = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u{a0}=1",
        "\u{200b}=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "x;=1",
        "x; \"=1\"",
        "x\n=cmd|'/C calc'!A0",
        "x\r\n  -1",
        "x,y\n+1;@a",
        "a\t=1",
        "\"=1",
        "' \n \t ;=1",
    ];

    #[test]
    fn no_cell_is_a_formula_whoever_opens_the_file() {
        for text in FORMULAS {
            for line in [vec![text], vec!["x", text], vec![text, "x"], vec!["\"", text, "y\""]] {
                let mut writer = CsvWriter::new();
                writer.record(&line);
                let file = writer.finish();
                for delimiter in *b",;\t|" {
                    for cell in opened(&file, delimiter) {
                        let shown = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{200b}');
                        let shown = shown.trim_start_matches('"').trim_start();
                        assert!(
                            !shown.starts_with(SIGNS),
                            "{text:?}: {cell:?} behind {:?}",
                            char::from(delimiter)
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_was_guarded_comes_back_as_it_was() {
        let harmless = ["'quoted'", "a=b", "", "a, b", "'", "''", "x; y", "it's - fine", "x;'y"];
        let before = ["'=1", "''+1", "'x;'=1", "';=1", "x\n'-1", "'\n'=1"];
        for text in FORMULAS.into_iter().chain(before) {
            assert_ne!(guarded(text), text);
            assert_eq!(unguarded(&guarded(text)), text, "{:?}", guarded(text));
        }
        for text in harmless {
            assert_eq!(guarded(text), text);
            assert_eq!(unguarded(text), text);
        }
    }
}
