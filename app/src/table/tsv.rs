//! Ranges of cells as spreadsheets put them on the clipboard: rows of cells with tabs between them. A cell with a tab, a line
//! break or a quote at its beginning is quoted, and quotes in it are doubled, as in RFC 4180 with tabs for commas.

/// The most rows of a range that is pasted.
pub(super) const MAX_ROWS: usize = 5_000;
/// The most cells of a range that is pasted.
pub(super) const MAX_CELLS: usize = 20_000;

/// Reads a range. Every row has as many cells as the longest; a line break at the end begins no row.
///
/// # Errors
/// A sentence, where there are too many cells.
pub(super) fn read(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut rest, mut row, mut cells) = (text, Vec::new(), 0);
    while !rest.is_empty() {
        let (cell, after) = quoted(rest).unwrap_or_else(|| plain(rest));
        row.push(cell);
        cells += 1;
        rest = match after.strip_prefix('\t') {
            Some(after) => {
                if after.is_empty() {
                    row.push(String::new());
                }
                after
            }
            None => {
                rows.push(std::mem::take(&mut row));
                let after = after.strip_prefix('\r').unwrap_or(after);
                after.strip_prefix('\n').unwrap_or(after)
            }
        };
        if rows.len() > MAX_ROWS || cells > MAX_CELLS {
            return Err(format!("At most {MAX_CELLS} cells in {MAX_ROWS} rows can be pasted. Paste fewer."));
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    if rows.len().saturating_mul(width) > MAX_CELLS {
        return Err(format!("At most {MAX_CELLS} cells in {MAX_ROWS} rows can be pasted. Paste fewer."));
    }
    for row in &mut rows {
        row.resize(width, String::new());
    }
    Ok(rows)
}

/// A cell in quotes, and what follows it; `None` where the quote is a character of the text like any other.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut cell = String::new();
    loop {
        let (part, after) = rest.split_once('"')?;
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None if after.is_empty() || after.starts_with(['\t', '\n', '\r']) => {
                return Some((cell.replace("\r\n", "\n").replace('\r', "\n"), after));
            }
            None => return None,
        }
    }
}

fn plain(text: &str) -> (String, &str) {
    let end = text.find(['\t', '\n', '\r']).unwrap_or(text.len());
    let (cell, after) = text.split_at(end);
    (cell.to_owned(), after)
}

/// Writes a range.
pub(super) fn write(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                text.push('\t');
            }
            if cell.contains(['\t', '\n', '\r']) || cell.starts_with('"') {
                text.push('"');
                text.push_str(&cell.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(cell);
            }
        }
    }
    // A last row without text would be no row.
    if rows.last().is_some_and(|row| row.len() == 1 && row[0].is_empty()) {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        read(text).unwrap()
    }

    #[test]
    fn rows_end_as_each_program_ends_them() {
        for text in ["a\tb\nc\td", "a\tb\nc\td\n", "a\tb\r\nc\td\r\n", "a\tb\rc\td"] {
            assert_eq!(cells(text), [["a", "b"], ["c", "d"]], "{text:?}");
        }
        assert_eq!(cells(""), Vec::<Vec<String>>::new());
        assert_eq!(cells("\n"), [[""]]);
        assert_eq!(cells("\t"), [["", ""]]);
        assert_eq!(cells("a\n\nb"), [["a"], [""], ["b"]]);
        assert_eq!(cells("a\tb\nc"), [["a", "b"], ["c", ""]]);
    }

    #[test]
    fn quotes_hold_breaks_tabs_and_doubled_quotes() {
        assert_eq!(cells("\"two\nlines\"\tb"), [["two\nlines", "b"]]);
        assert_eq!(cells("\"two\r\nlines\""), [["two\nlines"]]);
        assert_eq!(cells("\"a \"\"big\"\" one\"\t\"x\ty\""), [["a \"big\" one", "x\ty"]]);
        assert_eq!(cells("\"\"\tb"), [["", "b"]]);
    }

    #[test]
    fn a_quote_that_quotes_nothing_is_text() {
        assert_eq!(cells("\"Quick\" wins\tb"), [["\"Quick\" wins", "b"]]);
        assert_eq!(cells("5\" screen\t\"open"), [["5\" screen", "\"open"]]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let ranges = [
            vec![vec!["a", "b\nc"], vec!["\"q\"", "d\te"], vec!["", ""]],
            vec![vec![""]],
            vec![vec!["", ""]],
            vec![vec!["x"], vec![""]],
            vec![vec!["\"", "\"\""]],
        ];
        for range in ranges {
            let range: Vec<Vec<String>> =
                range.into_iter().map(|row| row.into_iter().map(str::to_owned).collect()).collect();
            assert_eq!(cells(&write(&range)), range, "{:?}", write(&range));
        }
    }

    #[test]
    fn too_many_cells_are_refused() {
        assert!(read(&"a\n".repeat(MAX_ROWS)).is_ok());
        assert!(read(&"a\n".repeat(MAX_ROWS + 1)).is_err());
        assert!(read(&"a\tb\tc\td\te\n".repeat(4_001)).is_err());
        assert!(read(&format!("{}\n{}", "\t".repeat(100), "a\n".repeat(400))).is_err(), "a ragged range");
    }
}
