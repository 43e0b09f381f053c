//! Rows of cells, whatever file they come from.

use std::borrow::Cow;

use domain::exchange::MAX_ROWS;

use crate::rooms::turns_direction;

/// The most bytes of all cells: workbooks and boards write a text once and name it in many cells.
const MAX_TEXT: usize = 120 * 1024 * 1024;

/// The most cells of a file, with the empty ones between.
pub(super) const MAX_CELLS: usize = 6_000_000;

/// Stands between the values of one cell that several columns of the same name filled.
pub(super) const BETWEEN: char = '\u{1f}';

/// The cells of a row in one text: a file has millions, and most are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cells {
    text: String,
    ends: Vec<u32>,
}

impl Cells {
    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// Nothing where the row has no such cell.
    pub(super) fn get(&self, index: usize) -> &str {
        let at = |index: usize| self.ends.get(index).map(|end| *end as usize);
        let begin = index.checked_sub(1).map_or(Some(0), at);
        match (begin, at(index)) {
            (Some(begin), Some(end)) => &self.text[begin..end],
            _ => "",
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Fills the row up with empty cells to put one at a place.
    pub(super) fn put(&mut self, index: usize, cell: &str) {
        while self.len() < index {
            self.push("");
        }
        self.push(cell);
    }
}

impl<T: AsRef<str>> FromIterator<T> for Cells {
    fn from_iter<I: IntoIterator<Item = T>>(cells: I) -> Self {
        let mut row = Self::default();
        cells.into_iter().for_each(|cell| row.push(cell.as_ref()));
        row
    }
}

/// A row as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it begins, from 1.
    pub(super) line: u64,
    pub(super) cells: Cells,
    /// A quote in it is not closed, or is followed by text.
    pub(super) is_misquoted: bool,
}

/// The rows of a file that are not empty.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) rows: Vec<Row>,
    /// Of all cells.
    bytes: usize,
}

impl Grid {
    /// Adds a row that is not empty.
    ///
    /// # Errors
    /// A sentence, when there are too many, or too much is in them.
    pub(super) fn push(&mut self, row: Row) -> Result<(), String> {
        if row.cells.is_blank() {
            return Ok(());
        }
        // The header is one more.
        if self.rows.len() > MAX_ROWS {
            return Err(format!(
                "The file has more than {MAX_ROWS} rows. Split it into several files and import one after the other."
            ));
        }
        self.check_room(row.cells.bytes())?;
        self.bytes += row.cells.bytes();
        self.rows.push(row);
        Ok(())
    }

    /// Whether a row of so many bytes can be added.
    ///
    /// # Errors
    /// A sentence, when it cannot.
    pub(super) fn check_room(&self, bytes: usize) -> Result<(), String> {
        if self.bytes + bytes <= MAX_TEXT {
            return Ok(());
        }
        Err(format!(
            "The file has more than {} MB of text. Split it into several files and import one after the other.",
            MAX_TEXT / (1024 * 1024)
        ))
    }
}

/// The values in a cell, which are several where columns of one name were joined.
pub(super) fn values(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(BETWEEN).map(str::trim).filter(|value| !value.is_empty())
}

/// A cell as people read it.
pub(super) fn shown(cell: &str) -> Cow<'_, str> {
    if cell.contains(BETWEEN) {
        Cow::Owned(values(cell).collect::<Vec<_>>().join(", "))
    } else {
        Cow::Borrowed(cell.trim())
    }
}

/// A text on one line without control characters, and whether it was cut to so many characters.
pub(super) fn one_line(text: &str, max: usize) -> (String, bool) {
    let mut line = String::with_capacity(text.len().min(4 * max + 4));
    for c in text.trim().chars() {
        // The roadmap refuses them.
        if turns_direction(c) {
            continue;
        }
        if !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    let line = line.trim();
    if line.chars().nth(max).is_none() {
        return (line.to_owned(), false);
    }
    let cut: String = line.chars().take(max - 1).collect();
    (format!("{}…", cut.trim_end()), true)
}
