//! What an operation changed, as facts for people: who reads the history wants titles and values, not ids.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use crate::{
    CommentChange, CommentId, FieldDef, FieldKey, ItemId, LaneId, Status, TextOf, UserId, choices, counted,
};

/// One fact of the history. Names are those of the moment it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    ItemCreated {
        item: ItemId,
        title: String,
        lane: String,
    },
    /// Of a description that was edited letter by letter only the lines that changed.
    ItemSet {
        item: ItemId,
        title: String,
        field: Field,
        before: FieldValue,
        after: FieldValue,
    },
    /// A field of the [table](crate::FIELDS).
    ValueSet {
        item: ItemId,
        title: String,
        field: FieldKey,
        /// What the field was called, where people made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        before: FieldValue,
        after: FieldValue,
    },
    ItemMoved {
        item: ItemId,
        title: String,
        from: String,
        to: String,
    },
    ItemReordered {
        item: ItemId,
        title: String,
        lane: String,
        from: u32,
        to: u32,
    },
    ItemDeleted {
        item: ItemId,
        title: String,
    },
    ItemRestored {
        item: ItemId,
        title: String,
        lane: String,
    },
    /// It went to another product's roadmap, and has that key there.
    ItemSent {
        item: ItemId,
        title: String,
        to: String,
    },
    /// It came from another product's roadmap, where it had that key.
    ItemReceived {
        item: ItemId,
        title: String,
        lane: String,
        from: String,
    },
    LaneCreated {
        lane: LaneId,
        name: String,
    },
    LaneRenamed {
        lane: LaneId,
        before: String,
        after: String,
    },
    LaneStatusSet {
        lane: LaneId,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<Status>,
    },
    LaneLimitSet {
        lane: LaneId,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<NonZeroU16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<NonZeroU16>,
    },
    LaneMoved {
        lane: LaneId,
        name: String,
        from: u32,
        to: u32,
    },
    LaneDeleted {
        lane: LaneId,
        name: String,
        moved_to: String,
        items: u32,
    },
    LaneRestored {
        lane: LaneId,
        name: String,
    },
    FieldCreated {
        field: FieldKey,
        name: String,
    },
    FieldSet {
        field: FieldKey,
        name: String,
        fact: FieldFact,
    },
    Upvoted {
        item: ItemId,
        title: String,
    },
    UpvoteWithdrawn {
        item: ItemId,
        title: String,
    },
    CommentAdded {
        item: ItemId,
        title: String,
        comment: CommentId,
        body: String,
    },
    CommentEdited {
        item: ItemId,
        title: String,
        comment: CommentId,
        before: String,
        after: String,
    },
    CommentDeleted {
        item: ItemId,
        title: String,
        comment: CommentId,
        body: String,
    },
    CommentRestored {
        item: ItemId,
        title: String,
        comment: CommentId,
    },
    CommentSet {
        item: ItemId,
        title: String,
        comment: CommentId,
        change: CommentChange,
    },
}

/// What changed about a field of all items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldFact {
    Renamed(String),
    Unit(String),
    ChoiceOffered(String),
    ChoiceRenamed { before: String, after: String },
    ChoiceRetired(String),
    RequiredFrom(Option<Status>),
    Used(bool),
    Moved,
}

impl FieldFact {
    /// What happened to the field of this name, to be read after a person's name.
    fn sentence(&self, field: &str) -> String {
        match self {
            FieldFact::Renamed(name) => format!("renamed the field “{field}” to “{name}”"),
            FieldFact::Unit(unit) if unit.is_empty() => format!("removed the unit of the field “{field}”"),
            FieldFact::Unit(unit) => format!("set the unit of the field “{field}” to {unit}"),
            FieldFact::ChoiceOffered(choice) => format!("added the choice {choice} to the field “{field}”"),
            FieldFact::ChoiceRenamed { before, after } => {
                format!("renamed the choice {before} of the field “{field}” to {after}")
            }
            FieldFact::ChoiceRetired(choice) => format!("retired the choice {choice} of the field “{field}”"),
            FieldFact::RequiredFrom(Some(status)) => {
                format!("made the field “{field}” required from {} on", status.label())
            }
            FieldFact::RequiredFrom(None) => format!("made the field “{field}” optional"),
            FieldFact::Used(true) => format!("brought back the field “{field}”"),
            FieldFact::Used(false) => format!("retired the field “{field}”"),
            FieldFact::Moved => format!("moved the field “{field}”"),
        }
    }
}

/// A field in the middle of a sentence: as it was called where people made it.
pub(crate) fn field_name(field: &FieldKey, name: Option<&str>) -> String {
    match (name, field.declared()) {
        (Some(name), _) => format!("“{name}”"),
        (None, Some(def)) => def.in_sentence(),
        (None, None) => field.to_string(),
    }
}

/// Whether the values of a field are not repeated in sentences.
pub(crate) fn is_long(field: &FieldKey, values: [&FieldValue; 2]) -> bool {
    const SHORT: usize = 120;
    let long = |value: &FieldValue| value.text().len() > SHORT || value.text().contains('\n');
    field.declared().is_some_and(FieldDef::is_long) || values.into_iter().any(long)
}

choices! {
    /// A field of an item, as history names it.
    Field {
        Title = "title", "title";
        Description = "description", "description";
        Kind = "kind", "type";
        Investment = "investment", "investment";
        Effort = "effort", "effort";
        Start = "start", "start";
        End = "end", "end";
        Owner = "owner", "owner";
        Tags = "tags", "tags";
        Status = "status", "status";
        SourceKey = "source_key", "import key";
    }
}

/// A field's value at the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    Empty,
    Text(String),
    Person(UserId),
    /// Several people.
    People(Vec<UserId>),
}

impl FieldValue {
    /// A text, or nothing where it is empty.
    pub fn of(text: String) -> Self {
        if text.is_empty() { FieldValue::Empty } else { FieldValue::Text(text) }
    }

    /// The text it is, if it is one.
    pub fn text(&self) -> &str {
        match self {
            FieldValue::Text(text) => text,
            _ => "",
        }
    }

    /// The value as text; `name` knows people's names.
    pub fn words(&self, name: impl Fn(UserId) -> String) -> String {
        match self {
            FieldValue::Empty => "nothing".to_owned(),
            FieldValue::Text(text) => text.clone(),
            FieldValue::Person(user) => name(*user),
            FieldValue::People(users) => users.iter().map(|user| name(*user)).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Change {
    /// The item this is about, if it is about one.
    pub fn item(&self) -> Option<ItemId> {
        match self {
            Change::ItemCreated { item, .. }
            | Change::ItemSet { item, .. }
            | Change::ValueSet { item, .. }
            | Change::ItemMoved { item, .. }
            | Change::ItemReordered { item, .. }
            | Change::ItemDeleted { item, .. }
            | Change::ItemRestored { item, .. }
            | Change::ItemSent { item, .. }
            | Change::ItemReceived { item, .. }
            | Change::Upvoted { item, .. }
            | Change::UpvoteWithdrawn { item, .. }
            | Change::CommentAdded { item, .. }
            | Change::CommentEdited { item, .. }
            | Change::CommentDeleted { item, .. }
            | Change::CommentRestored { item, .. }
            | Change::CommentSet { item, .. } => Some(*item),
            _ => None,
        }
    }

    /// The text that was changed, of those several people may write at once.
    pub fn text(&self) -> Option<TextOf> {
        match self {
            Change::ItemSet { item, field: Field::Description, .. } => Some(TextOf::Description(*item)),
            // It came with its own.
            Change::ItemReceived { item, .. } => Some(TextOf::Description(*item)),
            Change::CommentEdited { comment, .. } => Some(TextOf::Comment(*comment)),
            _ => None,
        }
    }

    /// Whether these facts tell of a change of the text. What was done without one leaves no fact.
    pub fn any_of(changes: &[Change], text: TextOf) -> bool {
        changes.iter().any(|change| change.text() == Some(text))
    }

    /// Makes this, and an earlier change of the same text, one: what was before that, and is after this. False where they are
    /// about different places of it.
    pub fn begin_with(&mut self, earlier: &Change) -> bool {
        let (Some((before, after)), Some((first, then))) = (self.texts(), earlier.texts()) else {
            return false;
        };
        let within = |all: &str, part: &str| !part.is_empty() && all.contains(part);
        let (before, after) = if before == then {
            (first.to_owned(), after.to_owned())
        } else if within(before, then) {
            (before.replacen(then, first, 1), after.to_owned())
        } else if within(then, before) {
            (first.to_owned(), then.replacen(before, after, 1))
        } else {
            return false;
        };
        match self {
            Change::ItemSet { before: old, after: new, .. } => {
                (*old, *new) = (FieldValue::of(before), FieldValue::of(after));
            }
            Change::CommentEdited { before: old, after: new, .. } => (*old, *new) = (before, after),
            _ => {}
        }
        true
    }

    /// The text before and after, of those several people may write at once.
    fn texts(&self) -> Option<(&str, &str)> {
        match self {
            Change::ItemSet { field: Field::Description, before, after, .. } => {
                Some((before.text(), after.text()))
            }
            Change::CommentEdited { before, after, .. } => Some((before, after)),
            _ => None,
        }
    }

    /// A text before and after that is too long for the sentence.
    pub fn long_texts(&self) -> Option<(&str, &str)> {
        match self {
            Change::ItemSet { field: Field::Description, before, after, .. } => {
                Some((before.text(), after.text()))
            }
            Change::ValueSet { field, before, after, .. } if is_long(field, [before, after]) => {
                Some((before.text(), after.text()))
            }
            _ => None,
        }
    }

    /// Whether this tells what somebody voted for.
    pub fn is_vote(&self) -> bool {
        matches!(self, Change::Upvoted { .. } | Change::UpvoteWithdrawn { .. })
    }

    /// What happened, to be read after a person's name: "moved “Single sign-on” from Later to Next".
    ///
    /// Long values, a description's or a comment's, are left to the before and after beside the sentence.
    pub fn sentence(&self, name: impl Fn(UserId) -> String) -> String {
        match self {
            Change::ItemCreated { title, lane, .. } => format!("added “{title}” to {lane}"),
            Change::ItemSet { title, field: Field::Description, .. } => {
                format!("changed the description of “{title}”")
            }
            Change::ItemSet { field: Field::Title, before, after, .. } => {
                format!("renamed “{}” to “{}”", before.words(&name), after.words(&name))
            }
            Change::ItemSet { title, field, before, after, .. } => {
                set(field.label(), &quoted(title), before, after, &name)
            }
            Change::ValueSet { title, field, name: called, before, after, .. } => {
                let called = field_name(field, called.as_deref());
                match (before, after) {
                    _ if !is_long(field, [before, after]) => {
                        set(&called, &quoted(title), before, after, &name)
                    }
                    (FieldValue::Empty, _) => format!("wrote the {called} of “{title}”"),
                    (_, FieldValue::Empty) => format!("cleared the {called} of “{title}”"),
                    _ => format!("changed the {called} of “{title}”"),
                }
            }
            Change::ItemMoved { title, from, to, .. } => format!("moved “{title}” from {from} to {to}"),
            Change::ItemReordered { title, lane, from, to, .. } => {
                let direction = if to < from { "up" } else { "down" };
                format!("moved “{title}” {direction} in {lane}, from position {from} to {to}")
            }
            Change::ItemDeleted { title, .. } => format!("moved “{title}” to the bin"),
            Change::ItemRestored { title, lane, .. } => format!("restored “{title}” to {lane}"),
            Change::ItemSent { title, to, .. } => format!("moved “{title}” to {to}"),
            Change::ItemReceived { title, lane, from, .. } => {
                format!("moved “{title}” here from {from}, to {lane}")
            }
            Change::LaneCreated { name, .. } => format!("added the lane {name}"),
            Change::LaneRenamed { before, after, .. } => format!("renamed the lane {before} to {after}"),
            Change::LaneStatusSet { name, status: Some(status), .. } => {
                format!("set the lane {name} to give items the status {}", status.label())
            }
            Change::LaneStatusSet { name, status: None, .. } => {
                format!("set the lane {name} to leave statuses as they are")
            }
            Change::LaneLimitSet { name, before: None, after: Some(after), .. } => {
                format!("set the limit of the lane {name} to {after}")
            }
            Change::LaneLimitSet { name, before: Some(before), after: Some(after), .. } => {
                format!("changed the limit of the lane {name} from {before} to {after}")
            }
            Change::LaneLimitSet { name, after: None, .. } => format!("removed the limit of the lane {name}"),
            Change::LaneMoved { name, from, to, .. } => {
                format!("moved the lane {name} from position {from} to {to}")
            }
            Change::LaneDeleted { name, items: 0, .. } => format!("deleted the lane {name}"),
            Change::LaneDeleted { name, moved_to, items, .. } => {
                let things = counted(*items, "item", "items");
                format!("deleted the lane {name} and moved its {things} to {moved_to}")
            }
            Change::LaneRestored { name, .. } => format!("restored the lane {name}"),
            Change::FieldCreated { name, .. } => format!("added the field “{name}”"),
            Change::FieldSet { name, fact, .. } => fact.sentence(name),
            Change::Upvoted { title, .. } => format!("upvoted “{title}”"),
            Change::UpvoteWithdrawn { title, .. } => format!("withdrew the upvote from “{title}”"),
            Change::CommentAdded { title, .. } => format!("commented on “{title}”"),
            Change::CommentEdited { title, .. } => format!("edited a comment on “{title}”"),
            Change::CommentDeleted { title, .. } => format!("deleted a comment on “{title}”"),
            Change::CommentRestored { title, .. } => format!("restored a comment on “{title}”"),
            Change::CommentSet { title, change, .. } => match change {
                CommentChange::Resolved(true) => format!("resolved a thread on “{title}”"),
                CommentChange::Resolved(false) => format!("reopened a thread on “{title}”"),
                CommentChange::Reacted { reaction, on: true } => {
                    format!("reacted {} to a comment on “{title}”", reaction.sign())
                }
                CommentChange::Reacted { reaction, on: false } => {
                    format!("withdrew {} from a comment on “{title}”", reaction.sign())
                }
            },
        }
    }
}

fn quoted(title: &str) -> String {
    format!("“{title}”")
}

/// That a field of something was set, as a sentence.
pub(crate) fn set(
    field: &str,
    of: &str,
    before: &FieldValue,
    after: &FieldValue,
    name: impl Fn(UserId) -> String,
) -> String {
    match (before, after) {
        (FieldValue::Empty, after) => format!("set the {field} of {of} to {}", after.words(&name)),
        (before, FieldValue::Empty) => {
            format!("cleared the {field} of {of}, which was {}", before.words(&name))
        }
        _ => {
            format!("changed the {field} of {of} from {} to {}", before.words(&name), after.words(&name))
        }
    }
}
