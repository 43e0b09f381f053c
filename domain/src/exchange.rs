//! What is said about a file of items on its way in: which column means what, and what would become of its rows.
//!
//! Reading and writing the file is the server's work; these are the words in which it and the page talk about it.

use std::{borrow::Cow, collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{FIELDS, FieldDef, FieldId, FieldKey, Op, choices};

/// The most bytes a file may have.
pub const MAX_FILE: usize = 10 * 1024 * 1024;

/// The most rows a file may have, not counting the header.
pub const MAX_ROWS: usize = 50_000;

/// The most columns a file may have, those of one name counted once.
pub const MAX_COLUMNS: usize = 500;

/// The most characters of a column's name; a longer one is shortened.
pub const MAX_HEADER: usize = 200;

/// What a column of a file is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Ignore,
    /// Identifies the row; a second import finds its item by it.
    Key,
    /// The item's own key in an export of the same roadmap, `ERP-12`.
    OwnKey,
    Title,
    Description,
    /// A line "Header: value" at the end of the description.
    Append,
    Lane,
    Kind,
    Investment,
    Effort,
    Start,
    End,
    /// A member's e-mail address or name.
    Owner,
    /// Several, with commas or semicolons between them.
    Tags,
    /// Becomes a tag such as `priority: high`.
    Priority,
    /// The header becomes a tag of the rows that say yes here.
    TagIfYes,
    Status,
    Comment,
    /// A field of every roadmap, by its key in the [table](FIELDS).
    Field(&'static str),
    /// A field that people made.
    Custom(FieldId),
    /// Becomes a field of the roadmap's own, called as the column.
    NewField,
}

/// Targets that are no fields of the table, as they are stored and as people read them.
const TARGETS: [(Target, &str, &str); 19] = [
    (Target::Ignore, "ignore", "Leave out"),
    (Target::Key, "key", "Key"),
    (Target::OwnKey, "cairn_key", "Key in Cairn"),
    (Target::Title, "title", "Title"),
    (Target::Description, "description", "Description"),
    (Target::Append, "append", "Append to description"),
    (Target::Lane, "lane", "Lane"),
    (Target::Kind, "type", "Type"),
    (Target::Investment, "investment", "Investment"),
    (Target::Effort, "effort", "Effort in person-days"),
    (Target::Start, "start", "Start"),
    (Target::End, "end", "End"),
    (Target::Owner, "owner", "Owner"),
    (Target::Tags, "tags", "Tags"),
    (Target::Priority, "priority", "Priority as a tag"),
    (Target::TagIfYes, "tag_if_yes", "Tag if yes"),
    (Target::Status, "status", "Status"),
    (Target::Comment, "comment", "Comment"),
    (Target::NewField, "new_field", "Create field"),
];

impl Target {
    /// Every target that all roadmaps have, in the order people see them.
    pub fn all() -> impl Iterator<Item = Self> {
        let fields = FIELDS.iter().filter_map(Target::of);
        TARGETS.iter().map(|(target, ..)| *target).chain(fields)
    }

    /// What a column is taken for that holds a field.
    pub fn of(field: &FieldDef) -> Option<Self> {
        match (field.is_custom, &field.key) {
            (false, Cow::Borrowed(key)) => Some(Target::Field(key)),
            _ => field.key.parse::<FieldKey>().ok()?.id().map(Target::Custom),
        }
    }

    /// The name under which it is stored: of a field, its key after `field:`.
    pub fn stored(self) -> String {
        match self {
            Target::Field(key) => format!("{FIELD}{key}"),
            Target::Custom(id) => format!("{FIELD}{}", FieldKey::from(id)),
            target => target.names().0.to_owned(),
        }
    }

    /// The name people read; of what they made themselves only that.
    pub fn label(self) -> &'static str {
        match self {
            Target::Field(key) => FieldDef::find(key).map_or(key, |field| &field.label),
            Target::Custom(_) => "the same field",
            target => target.names().1,
        }
    }

    fn names(self) -> (&'static str, &'static str) {
        let found = TARGETS.iter().find(|(target, ..)| *target == self);
        found.map_or(("", ""), |(_, stored, label)| (stored, label))
    }

    /// Whether several columns may be taken for it.
    pub fn is_shared(self) -> bool {
        matches!(
            self,
            Target::Ignore
                | Target::Append
                | Target::Tags
                | Target::TagIfYes
                | Target::Comment
                | Target::NewField
        )
    }
}

/// Begins the stored names of fields of the table.
const FIELD: &str = "field:";

impl FromStr for Target {
    type Err = String;

    /// Takes the stored name or the label, in any case; of what people made the stored name.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let own = || text.strip_prefix(FIELD)?.parse::<FieldKey>().ok()?.id().map(Target::Custom);
        let is = |target: &Target| {
            target.stored().eq_ignore_ascii_case(text) || target.label().eq_ignore_ascii_case(text)
        };
        Target::all().find(is).or_else(own).ok_or_else(|| {
            let known: Vec<_> = Target::all().map(Target::stored).collect();
            format!("“{text}” is not one of {}.", known.join(", "))
        })
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.stored())
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
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
        let custom = self.0.values().filter(|target| matches!(target, Target::Custom(_))).copied();
        for target in Target::all().chain(custom).filter(|target| !target.is_shared()) {
            let mut taken = headers.iter().filter(|header| self.target(header) == target);
            match (taken.next(), taken.next()) {
                (Some(first), Some(second)) => {
                    return Err(format!(
                        "“{first}” and “{second}” are both imported as {}. Choose something else for one of them.",
                        target.label()
                    ));
                }
                (None, _) if target == Target::Title => {
                    return Err(
                        "No column is imported as the title. Choose the one that says what an item is called."
                            .to_owned(),
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What people chose about a file, by the id of the [`Question`]. An answer to a question that is not asked has no effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub BTreeMap<String, String>);

/// Choices about a file that share their options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questions {
    /// What they are about, such as “Status”.
    pub title: String,
    pub options: Vec<Choice>,
    pub questions: Vec<Question>,
}

/// One of the options of [`Questions`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub label: String,
}

/// Something about a file that can be chosen, with the answer in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub id: String,
    /// What it is about: a value of the file, or a column.
    pub label: String,
    /// In how many rows; 0 when it is about the file.
    #[serde(default)]
    pub count: u32,
    /// The id of a [`Choice`].
    pub answer: String,
}

/// What an import would do, or why it cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// How the file was read, such as “Looks like a Jira export”.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// What was chosen for such a file before, to be sent along from now on.
    #[serde(default)]
    pub answers: Answers,
    /// In the order of the file.
    pub columns: Vec<Column>,
    /// Fields of the product's own that a column can be taken for, with their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(Target, String)>,
    /// Names of the fields that would be added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_fields: Vec<String>,
    /// What can be chosen about the file and its values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Questions>,
    /// Why the file cannot be imported like this; everything below is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    pub counts: Counts,
    /// Lanes that would be added, in order.
    pub new_lanes: Vec<String>,
    /// What would not be taken as it is in the file, by cause.
    pub problems: Vec<Problem>,
    /// The first rows as they would be.
    pub rows: Vec<PreviewRow>,
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
    /// Rows that cannot be taken.
    #[serde(default)]
    pub left_out: u32,
}

choices! {
    /// What a cause costs.
    Loss {
        Row = "row", "Rows left out";
        Cell = "cell", "Values left out";
        Change = "change", "Values adjusted";
    }
}

/// Rows or values that are not taken as they are, all for the same cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub loss: Loss,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub sentence: String,
    /// How often.
    pub count: u32,
    /// Where the first of the rows begin in the file, from 1.
    pub lines: Vec<u64>,
    /// The first different values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
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

/// How far an import is, in rows of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Those of the file; 0 until it is read.
    pub rows: u32,
    pub checked: u32,
    pub saved: u32,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub counts: Counts,
    pub new_lanes: Vec<String>,
    /// What was not taken as it is in the file, by cause.
    pub problems: Vec<Problem>,
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
}
