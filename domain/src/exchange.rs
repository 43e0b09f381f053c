//! What is said about a file of items on its way in: which column means what, and what would become of its rows.
//!
//! Reading and writing the file is the server's work; these are the words in which it and the page talk about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Op, choices};

/// The most bytes a file may have.
pub const MAX_FILE: usize = 5 * 1024 * 1024;

/// The most rows a file may have, not counting the header.
pub const MAX_ROWS: usize = 10_000;

/// The most columns a file may have.
pub const MAX_COLUMNS: usize = 500;

/// The most characters of a column's name.
pub const MAX_HEADER: usize = 200;

choices! {
    /// What a column of a file is taken for.
    Target {
        Ignore = "ignore", "Leave out";
        /// Identifies the row; a second import finds its item by it.
        Key = "key", "Key";
        /// The item's own key in an export of the same roadmap, `ERP-12`.
        OwnKey = "cairn_key", "Key in Cairn";
        Title = "title", "Title";
        Description = "description", "Description";
        /// A line "Header: value" at the end of the description.
        Append = "append", "Append to description";
        Lane = "lane", "Lane";
        Kind = "type", "Type";
        Investment = "investment", "Investment";
        Effort = "effort", "Effort in person-days";
        Start = "start", "Start";
        End = "end", "End";
        /// A member's e-mail address or name.
        Owner = "owner", "Owner";
        /// Several, with commas or semicolons between them.
        Tags = "tags", "Tags";
        /// The header becomes a tag of the rows that say yes here.
        TagIfYes = "tag_if_yes", "Tag if yes";
        Status = "status", "Status";
    }
}

impl Target {
    /// Whether several columns may be taken for it.
    pub fn is_shared(self) -> bool {
        matches!(self, Target::Ignore | Target::Append | Target::Tags | Target::TagIfYes)
    }
}

/// What the columns of a file are taken for, by their headers. A column it does not name is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<String, Target>);

impl Mapping {
    pub fn target(&self, header: &str) -> Target {
        self.0.get(header).copied().unwrap_or(Target::Ignore)
    }

    /// Whether a file with these headers can be imported like this.
    ///
    /// # Errors
    /// A sentence that says which column to put right.
    pub fn check(&self, headers: &[String]) -> Result<(), String> {
        if let Some(unknown) = self.0.keys().find(|header| !headers.contains(header)) {
            return Err(format!(
                "The file has no column “{unknown}”. Its columns are {}.",
                headers.join(", ")
            ));
        }
        for target in Target::ALL.iter().copied().filter(|target| !target.is_shared()) {
            let mut taken = headers.iter().filter(|header| self.target(header) == target);
            match (taken.next(), taken.next()) {
                (Some(first), Some(second)) => {
                    return Err(format!(
                        "“{first}” and “{second}” are both taken for {}. Choose something else for one of them.",
                        target.label()
                    ));
                }
                (None, _) if target == Target::Title => {
                    return Err(
                        "No column is taken for the title. Choose the one that says what an item is called."
                            .to_owned(),
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What an import would do, or why it cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// In the order of the file.
    pub columns: Vec<Column>,
    /// Why the file cannot be imported like this; everything below is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    pub counts: Counts,
    /// Lanes that would be added, in order.
    pub new_lanes: Vec<String>,
    /// Every row that cannot be taken, in the order of the file.
    pub problems: Vec<RowProblem>,
    /// The first rows as they would be.
    pub rows: Vec<PreviewRow>,
}

impl Preview {
    /// How many rows cannot be taken; each may have several problems.
    pub fn rows_left_out(&self) -> usize {
        rows_of(&self.problems)
    }
}

/// How many rows problems are about, when they are in the order of the file.
pub fn rows_of(problems: &[RowProblem]) -> usize {
    problems.chunk_by(|a, b| a.line == b.line).count()
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub header: String,
    /// Its first different values that are not empty.
    pub samples: Vec<String>,
    pub target: Target,
}

/// How many rows do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub created: u32,
    pub updated: u32,
    /// Items that already are as the file says.
    pub unchanged: u32,
}

/// Why a row is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// Where the row begins in the file, from 1.
    pub line: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub sentence: String,
}

/// A row as it would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRow {
    pub line: u64,
    pub fate: Fate,
    pub title: String,
    pub lane: String,
    /// What else the item would have, or what would change, in words.
    pub details: Vec<String>,
}

choices! {
    /// What becomes of a row.
    Fate {
        Create = "create", "New";
        Update = "update", "Changed";
        Keep = "keep", "As it is";
    }
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub counts: Counts,
    pub new_lanes: Vec<String>,
    /// The rows that were left out.
    pub problems: Vec<RowProblem>,
    /// Operations that take it back, to be submitted in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<Op>,
}

/// Whether a file of so many bytes can be imported.
///
/// # Errors
/// A sentence that says what to do.
pub fn check_size(bytes: usize) -> Result<(), String> {
    if bytes <= MAX_FILE {
        return Ok(());
    }
    const MB: usize = 1024 * 1024;
    Err(format!(
        "The file has {} MB; at most {} MB can be imported at once. Split it into several files.",
        bytes.div_ceil(MB),
        MAX_FILE / MB
    ))
}

/// The text of a file, which must be UTF-8. A byte order mark is dropped.
///
/// # Errors
/// A sentence that says what to do: the file is too large, or not UTF-8, with the line where that shows.
pub fn decode(bytes: &[u8]) -> Result<&str, String> {
    check_size(bytes.len())?;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("The file is written in UTF-16. Save it as “CSV UTF-8” and try again.".to_owned());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(format!("Line {line} is not UTF-8 text. Save the file as “CSV UTF-8” and try again."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(columns: &[(&str, Target)]) -> Mapping {
        Mapping(columns.iter().map(|(header, target)| ((*header).to_owned(), *target)).collect())
    }

    fn headers() -> Vec<String> {
        ["Name", "Team", "Topic"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_mapping_needs_one_title() {
        let check = |columns: &[(&str, Target)]| mapping(columns).check(&headers());
        assert_eq!(
            check(&[("Name", Target::Title), ("Team", Target::Tags), ("Topic", Target::Tags)]),
            Ok(())
        );
        assert!(check(&[("Team", Target::Tags)]).unwrap_err().contains("title"));
        let twice = check(&[("Name", Target::Title), ("Topic", Target::Title)]).unwrap_err();
        assert!(twice.contains("“Name” and “Topic”"), "{twice}");
        let unknown = check(&[("Nam", Target::Title)]).unwrap_err();
        assert!(unknown.contains("no column “Nam”") && unknown.contains("Name, Team, Topic"), "{unknown}");
    }

    #[test]
    fn a_file_that_is_not_utf8_is_refused_with_the_line() {
        assert_eq!(decode("\u{feff}Tïtle\nÅ".as_bytes()), Ok("Tïtle\nÅ"));
        assert!(decode(b"Title\nok\nM\xfcnchen\n").unwrap_err().starts_with("Line 3 "));
        assert!(decode(&[0xff, 0xfe, b'T', 0]).unwrap_err().contains("UTF-16"));
        assert!(decode(&vec![b'a'; MAX_FILE + 1]).unwrap_err().contains("6 MB"));
    }
}
