//! What is worth a notice in somebody's inbox.

use crate::{Change, Field, FieldValue, UserId, choices};

choices! {
    /// Why somebody is notified of what happened to an item. The first that fits is the one.
    NoticeKind {
        /// Somebody wrote their name into a comment or the description.
        Mention = "mention", "Mentioned you";
        /// They became the owner.
        Assigned = "assigned", "Made you the owner";
        /// A comment on what they watch.
        Comment = "comment", "Comment";
        /// Another change of what they watch.
        Change = "change", "Change";
    }
}

impl NoticeKind {
    /// What those who watch an item are notified of when this happens to it. Nobody watches a new item yet; votes are secret; the
    /// order within a lane changes constantly.
    pub fn of(change: &Change) -> Option<Self> {
        match change {
            Change::CommentAdded { .. } => Some(Self::Comment),
            Change::ItemSet { .. }
            | Change::ValueSet { .. }
            | Change::ItemMoved { .. }
            | Change::ItemDeleted { .. }
            | Change::ItemRestored { .. } => Some(Self::Change),
            _ => None,
        }
    }
}

impl Change {
    /// Who owned the item before and after, where that changed.
    pub fn owners(&self) -> Option<(Option<UserId>, Option<UserId>)> {
        let person = |value: &FieldValue| match value {
            FieldValue::Person(user) => Some(*user),
            _ => None,
        };
        match self {
            Self::ItemSet { field: Field::Owner, before, after, .. } => Some((person(before), person(after))),
            _ => None,
        }
    }

    /// A text in which people are mentioned, before and after.
    pub fn mentioning(&self) -> Option<(&str, &str)> {
        match self {
            Self::CommentAdded { body, .. } => Some(("", body)),
            Self::CommentEdited { before, after, .. } => Some((before, after)),
            Self::ItemSet { field: Field::Description, before, after, .. } => {
                Some((before.text(), after.text()))
            }
            _ => None,
        }
    }
}
