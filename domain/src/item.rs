//! A roadmap item and the ways a single field of it changes.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Date, Description, Field, FieldValue, ItemId, LaneId, Rank, SourceKey, Stamp, Tag, Title, UserId, choices,
};

/// Something that may be done for a product, on its roadmap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: ItemId,
    /// Second half of the key people use, `ERP-12`: counts up per roadmap and is never used twice.
    pub number: u32,
    pub lane: LaneId,
    pub rank: Rank,
    pub fields: ItemFields,
    pub created: Stamp,
    /// When set, the item lies in the bin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Stamp>,
}

/// The fields people edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFields {
    pub title: Title,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub description: Description,
    pub kind: ItemKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub investment: Option<Investment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<PersonDays>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Tag>,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_key: Option<SourceKey>,
}

fn is_empty(text: &Description) -> bool {
    text.is_empty()
}

impl ItemFields {
    /// A new item needs nothing but a title.
    pub fn titled(title: Title) -> Self {
        Self {
            title,
            description: Description::empty(),
            kind: ItemKind::Feature,
            investment: None,
            effort: None,
            start: None,
            end: None,
            owner: None,
            tags: BTreeSet::new(),
            status: Status::Proposed,
            source_key: None,
        }
    }

    /// What a field holds, as history and comparisons tell it.
    pub fn value(&self, field: Field) -> FieldValue {
        let optional = |value: Option<String>| value.map_or(FieldValue::Empty, FieldValue::of);
        match field {
            Field::Title => FieldValue::of(self.title.to_string()),
            Field::Description => FieldValue::of(self.description.to_string()),
            Field::Kind => FieldValue::of(self.kind.label().to_owned()),
            Field::Investment => optional(self.investment.map(|investment| investment.label().to_owned())),
            Field::Effort => optional(self.effort.map(|effort| format!("{effort} person-days"))),
            Field::Start => optional(self.start.map(|date| date.to_string())),
            Field::End => optional(self.end.map(|date| date.to_string())),
            Field::Owner => self.owner.map_or(FieldValue::Empty, FieldValue::Person),
            Field::Tags => FieldValue::of(self.tags.iter().map(|tag| &**tag).collect::<Vec<_>>().join(", ")),
            Field::Status => FieldValue::of(self.status.label().to_owned()),
            Field::SourceKey => optional(self.source_key.as_ref().map(ToString::to_string)),
        }
    }
}

/// One field of an item, set to a value. Different fields never conflict; on the same field the later one in the
/// room's order stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemChange {
    Title(Title),
    Description(Description),
    Kind(ItemKind),
    Investment(Option<Investment>),
    Effort(Option<PersonDays>),
    /// Both days at once, because neither is right without the other.
    Schedule {
        start: Option<Date>,
        end: Option<Date>,
    },
    Owner(Option<UserId>),
    AddTag(Tag),
    RemoveTag(Tag),
    Status(Status),
    SourceKey(Option<SourceKey>),
}

choices! {
    /// What sort of change an item is.
    ItemKind {
        Feature = "feature", "Feature";
        Enhancement = "enhancement", "Enhancement";
        Fix = "fix", "Fix";
        Capability = "capability", "Capability";
        Experiment = "experiment", "Experiment";
        Retirement = "retirement", "Retirement";
    }
}

choices! {
    /// What the effort is spent for: winning new business, keeping customers, keeping the service running, or ending it.
    Investment {
        Innovation = "innovation", "Innovation";
        Retention = "retention", "Retention";
        Run = "run", "Run";
        Retire = "retire", "Retire";
    }
}

choices! {
    /// How far an item has come.
    Status {
        Proposed = "proposed", "Proposed";
        Planned = "planned", "Planned";
        InProgress = "in_progress", "In progress";
        Done = "done", "Done";
        Dropped = "dropped", "Dropped";
    }
}

/// Effort in person-days, to a tenth of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PersonDays {
    tenths: u32,
}

impl PersonDays {
    /// The largest effort that can be entered: 100,000 person-days.
    pub const MAX_TENTHS: u32 = 1_000_000;

    /// `None` when it is more than [`PersonDays::MAX_TENTHS`].
    pub fn from_tenths(tenths: u32) -> Option<Self> {
        (tenths <= Self::MAX_TENTHS).then_some(Self { tenths })
    }

    pub fn tenths(self) -> u32 {
        self.tenths
    }

    /// Whole days, begun ones included; at least 1. What an item costs in a vote with a budget.
    pub fn whole(self) -> u32 {
        self.tenths.div_ceil(10).max(1)
    }
}

impl TryFrom<u32> for PersonDays {
    type Error = &'static str;

    fn try_from(tenths: u32) -> Result<Self, Self::Error> {
        Self::from_tenths(tenths).ok_or("an effort is at most 100000 person-days")
    }
}

impl From<PersonDays> for u32 {
    fn from(days: PersonDays) -> u32 {
        days.tenths
    }
}

impl fmt::Display for PersonDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tenths / 10, self.tenths % 10) {
            (days, 0) => write!(f, "{days}"),
            (days, tenths) => write!(f, "{days}.{tenths}"),
        }
    }
}

impl FromStr for PersonDays {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("“{}” isn’t a valid effort. Use person-days, like 3 or 2.5, up to 100000.", text.trim())
        };
        let (days, fraction) = text.trim().split_once(['.', ',']).unwrap_or((text.trim(), "0"));
        // Three digits would be thousands to some and a fraction to others.
        let tenths = match fraction.as_bytes() {
            [tenth] | [tenth, b'0'] if tenth.is_ascii_digit() => u32::from(tenth - b'0'),
            _ => return Err(wrong()),
        };
        if days.is_empty() || !days.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let days: u32 = days.parse().map_err(|_| wrong())?;
        days.checked_mul(10).and_then(|d| d.checked_add(tenths)).and_then(Self::from_tenths).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests;
