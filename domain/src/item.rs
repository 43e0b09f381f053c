//! A roadmap item and the ways a single field of it changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::{
    Date, Description, Field, FieldDef, FieldKey, FieldPlan, FieldValue, FiscalYear, ItemId, ItemKey, LaneId,
    Quarter, Rank, Reject, SourceKey, Stamp, Tag, Timestamp, Title, UserId, Value, Values,
    change::{field_name, is_long},
    choices,
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
    /// What fields that [keep it](crate::FieldDef::keeps_first) held first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub firsts: BTreeMap<FieldKey, First>,
    pub created: Stamp,
    /// When set, the item lies in the bin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Stamp>,
    /// Under which key it goes on in another product. Here it stays in the bin, for the history, and cannot be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<ItemKey>,
}

/// What a field held first, such as the quarter that was promised before any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First {
    pub value: Value,
    pub at: Timestamp,
}

/// Milliseconds within which a first value can be corrected, an hour. Logs are folded with it: it stays as it is.
const CORRECTED_WITHIN: i64 = 60 * 60 * 1_000;

impl Item {
    /// The quarter in which it ends, or else starts.
    pub fn quarter(&self, year: FiscalYear) -> Option<Quarter> {
        self.fields.end.or(self.fields.start).map(|day| year.quarter(day))
    }

    /// Why nothing can be done to it here, where it goes on in another product.
    pub(crate) fn has_moved(&self) -> Option<Reject> {
        let to = self.moved.as_ref()?.to_string();
        Some(Reject::ItemMoved { title: self.fields.title.to_string(), to })
    }

    /// Keeps what a field holds, if it is the first of a field that keeps it, or corrects that soon enough.
    pub(crate) fn keep_first(&mut self, field: &FieldKey, at: Timestamp) {
        if !field.declared().is_some_and(|def| def.keeps_first) {
            return;
        }
        let since = self.firsts.get(field).map(|first| first.at);
        if since.is_some_and(|since| at.0.saturating_sub(since.0) > CORRECTED_WITHIN) {
            return;
        }
        match self.fields.values.get(field).cloned() {
            Some(value) => drop(self.firsts.insert(field.clone(), First { value, at: since.unwrap_or(at) })),
            None => drop(self.firsts.remove(field)),
        }
    }
}

/// A declared field that holds something else than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferentValue {
    pub field: FieldKey,
    /// What it is called, where people made it.
    pub name: Option<String>,
    pub before: FieldValue,
    pub after: FieldValue,
}

impl DifferentValue {
    /// The field in the middle of a sentence.
    pub fn in_sentence(&self) -> String {
        field_name(&self.field, self.name.as_deref())
    }

    /// Whether its values are not repeated in sentences.
    pub fn is_long(&self) -> bool {
        is_long(&self.field, [&self.before, &self.after])
    }
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
    /// What the fields of the [table](crate::FIELDS) hold.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
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
            values: Values::new(),
        }
    }

    /// Bytes of the description and of what fields of the table hold.
    pub fn text_bytes(&self) -> usize {
        self.description.len() + self.values.values().map(Value::bytes).sum::<usize>()
    }

    /// The declared fields that hold something else in `after`.
    pub fn different_fields<'a>(&'a self, after: &'a ItemFields) -> Vec<&'a FieldKey> {
        let keys: BTreeSet<&FieldKey> = self.values.keys().chain(after.values.keys()).collect();
        keys.into_iter().filter(|key| self.values.get(*key) != after.values.get(*key)).collect()
    }

    /// The declared fields that hold something else in `after`, which are those of `plan`, as history tells it.
    pub fn different_values(&self, after: &ItemFields, plan: &FieldPlan) -> Vec<DifferentValue> {
        let told = |value: Option<&Value>, def: Option<&FieldDef>| match (value, def) {
            (None, _) => FieldValue::Empty,
            (Some(value), Some(def)) => def.told(value),
            (Some(value), None) => FieldValue::of(value.to_string()),
        };
        self.different_fields(after)
            .into_iter()
            .map(|key| {
                let def = plan.find(key);
                DifferentValue {
                    field: key.clone(),
                    name: def.as_ref().filter(|def| def.is_custom).map(|def| def.label.to_string()),
                    before: told(self.values.get(key), def.as_deref()),
                    after: told(after.values.get(key), def.as_deref()),
                }
            })
            .collect()
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
    /// A field of the [table](crate::FIELDS); without a value it is emptied.
    Value {
        field: FieldKey,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Value>,
    },
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

impl Status {
    /// Nothing more is going to happen to it.
    pub fn is_settled(self) -> bool {
        matches!(self, Status::Done | Status::Dropped)
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
