//! Who takes part, and what each role may do.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Email, InvitationId, Op, PersonName, Stamp, TextOf, Timestamp, UserId};

/// What a member of the workspace may do. Ordered: each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, votes and comments.
    Stakeholder,
    /// Changes roadmaps and products.
    Editor,
    /// Invites people and sets their roles.
    Owner,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Owner, Role::Editor, Role::Stakeholder, Role::Viewer];

    pub fn can_vote(self) -> bool {
        self >= Role::Stakeholder
    }

    pub fn can_comment(self) -> bool {
        self >= Role::Stakeholder
    }

    /// May change lanes and items, import, and manage products.
    pub fn can_edit(self) -> bool {
        self >= Role::Editor
    }

    /// May see who upvoted; others see counts.
    pub fn sees_voters(self) -> bool {
        self >= Role::Editor
    }

    /// May invite, change roles and remove members.
    pub fn can_manage_people(self) -> bool {
        self == Role::Owner
    }

    /// Whether the role allows this kind of operation at all. Rules that depend on the document, such as who wrote a
    /// comment, are in [`authorise`](crate::authorise).
    pub fn permits(self, op: &Op) -> bool {
        match op {
            Op::Upvote { .. } | Op::WithdrawUpvote { .. } => self.can_vote(),
            Op::AddComment { .. }
            | Op::EditComment { .. }
            | Op::DeleteComment { .. }
            | Op::RestoreComment { .. }
            | Op::SetComment { .. }
            | Op::EditText { text: TextOf::Comment(_), .. } => self.can_comment(),
            // Nobody pushes what only the server does.
            op => self.can_edit() && !op.is_of_server(),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Editor => "editor",
            Role::Stakeholder => "stakeholder",
            Role::Viewer => "viewer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Role::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("“{text}” is not a role. Use owner, editor, stakeholder or viewer."))
    }
}

/// A person as the other members see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: UserId,
    pub name: PersonName,
    /// `None` where the reader may not know it: former members' are for editors and owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    pub role: Role,
    /// Index of the person's colour in the palette of presence colours.
    pub colour: u8,
    /// False once removed from the workspace; still named in history.
    pub active: bool,
}

impl Member {
    /// How many presence colours there are; people share them when they are more.
    pub const COLOURS: u8 = 12;

    /// How a file names the person: by address, or by name for readers who may not know the address.
    pub fn address_or_name(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.name)
    }
}

/// A link by which one person may join, or several, as owners see it. The secret in the link is shown once and never kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    /// What the person will be.
    pub role: Role,
    pub created: Stamp,
    pub expires: Timestamp,
    /// For whom it is, as the inviter wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    /// How many have joined with it.
    pub uses: u32,
    /// How many may.
    pub max_uses: u32,
}

impl Invitation {
    /// Whether more than one person may join with it.
    pub fn is_shared(&self) -> bool {
        self.max_uses > 1
    }
}
