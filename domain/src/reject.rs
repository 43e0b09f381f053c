//! Why an operation was refused. Every refusal is a sentence that says what to do, and leaves everything as it was.

use serde::{Deserialize, Serialize};

use crate::{Role, Status};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reject {
    #[error("As {} you cannot do this. Ask an owner of the workspace for another role.", with_article(*.0))]
    NotAllowed(Role),
    #[error("You are no longer a member of this workspace. Ask an owner to invite you again.")]
    NotMember,
    #[error("You no longer have access to this product. Ask an owner of the workspace for it.")]
    NoAccess,
    #[error("This product is archived. Restore it in its settings to change its roadmap.")]
    Archived,
    #[error("This item does not exist on this roadmap. Reload the page.")]
    UnknownItem,
    #[error("“{0}” is in the bin. Restore it to change it.")]
    ItemDeleted(String),
    #[error("“{title}” was moved to another product and is {to} now. Change it there.")]
    ItemMoved { title: String, to: String },
    #[error("“{0}” is not in the bin.")]
    ItemNotDeleted(String),
    #[error("This lane does not exist on this roadmap. Reload the page.")]
    UnknownLane,
    #[error("The lane “{0}” was deleted. Choose another lane.")]
    LaneDeleted(String),
    #[error("The lane “{0}” is not deleted.")]
    LaneNotDeleted(String),
    #[error("A roadmap keeps at least one lane. Add another before you delete this one.")]
    LastLane,
    #[error("The items of a deleted lane must go to another lane. Choose one.")]
    MoveToSameLane,
    #[error("The end is before the start. Choose an end on or after the start.")]
    EndBeforeStart,
    #[error("You have already upvoted this item.")]
    AlreadyUpvoted,
    #[error("You have not upvoted this item.")]
    NotUpvoted,
    #[error("This comment does not exist, or this page does not have it yet. Open its item and try again.")]
    UnknownComment,
    #[error("This comment was deleted. Restore it to change it.")]
    CommentDeleted,
    #[error("This comment is not deleted.")]
    CommentNotDeleted,
    #[error("Only the person who wrote a comment can change it.")]
    NotYourComment,
    #[error("This identifier is already in use. Reload the page and try again.")]
    DuplicateId,
    #[error("Nothing was selected. Choose at least one item.")]
    Nothing,
    #[error("A single step can change at most {max} things; this changes {count}. Do it in several steps.")]
    TooMany { max: usize, count: usize },
    #[error("This is more than can be sent in a single step. Do it in several steps.")]
    TooLarge,
    #[error("An item can have at most {max} tags. Remove one first.")]
    TooManyTags { max: usize },
    #[error("An item can have at most {max} fields filled. Empty one first.")]
    TooManyValues { max: usize },
    #[error("There is no field “{0}”. Reload the page.")]
    UnknownField(String),
    #[error("The field “{0}” is not used any more. Bring it back in the product's fields, or use another.")]
    RetiredField(String),
    #[error("Fill “{field}” first. Items need it from {} on.", .from.label())]
    RequiredField { field: String, from: Status },
    #[error("A roadmap can have at most {max} fields of its own. Rename one that nobody needs.")]
    TooManyFields { max: usize },
    /// The field cannot be so; the sentence says what it can.
    #[error("{0}")]
    InvalidField(String),
    /// The field cannot hold the value; the sentence says what it can.
    #[error("{0}")]
    InvalidValue(String),
    #[error("A step of several changes can hold neither votes, edits of texts nor further steps.")]
    NotInBatch,
    #[error("This text has changed too much since. Copy what you wrote, reload the page and write it again.")]
    StaleText,
    /// What would come of the text breaks its rules; the sentence says which.
    #[error("{0}")]
    InvalidText(String),
    /// The roadmap is full, or the person adds to it too fast; the sentence says which, and what to do.
    #[error("{0}")]
    Limit(String),
    #[error("This operation was numbered {got}, but {expected} was expected. Reload the page.")]
    OutOfOrder { expected: u64, got: u64 },
    #[error("This page belongs to another account. Reload it.")]
    ForeignClient,
}

fn with_article(role: Role) -> String {
    let article = if matches!(role, Role::Editor | Role::Owner) { "an" } else { "a" };
    format!("{article} {role}")
}
