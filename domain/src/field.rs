//! Fields of an item that are declared once: what they are called, what they hold, and how that is read and written. Those of
//! every roadmap are rows of [`FIELDS`]; those that people made are in the roadmap's [`FieldPlan`]. Whatever is general takes a
//! [`FieldDef`], and asks neither.

mod plan;
#[cfg(test)]
mod tests;
mod value;

use std::borrow::{Borrow, Cow};

use serde::{Deserialize, Serialize};

pub(crate) use self::value::quarter;
use self::value::{cents, is_line};
pub use self::{
    plan::{CustomField, FieldChange, FieldPlan, MAX_CHOICES, MAX_CUSTOM_FIELDS},
    value::{Link, Value, Values, amount},
};
use crate::{
    Date, Efforts, FieldId, FieldKey, FieldValue, InvalidText, MAX_TAGS, Member, PersonDays, UserId, counted,
};

/// The most characters of a field of one line.
const MAX_LINE: usize = 200;
/// The most characters of a field of several lines.
const MAX_LINES: usize = 5_000;
/// The most links of a field.
const MAX_LINKS: usize = 20;
/// The most characters of an address on the web.
const MAX_URL: usize = 2_000;
/// The most people of a field.
const MAX_PEOPLE: usize = 500;
/// The largest amount of money, in hundredths: ten billion.
const MAX_MONEY: i64 = 1_000_000_000_000;

/// What a field can hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of at most 200 characters.
    Line,
    /// Several lines, at most 5,000 characters.
    Text,
    /// A whole number, bounds included, and what is counted.
    Number {
        min: i64,
        max: i64,
        #[serde(default, skip_serializing_if = "str::is_empty")]
        unit: Cow<'static, str>,
    },
    /// An amount in hundredths of the workspace's currency.
    Money,
    /// Person-days, in tenths. Only what every item has holds these.
    Days,
    /// Tags. Only what every item has holds these.
    Tags,
    /// A day.
    Date,
    /// Person-days by discipline, such as `Design 3, Development 8.5`.
    Efforts,
    /// A quarter of a calendar year, such as `2027-Q1`.
    Quarter,
    /// A member.
    Person,
    /// Several members.
    People,
    Choice(Cow<'static, [Choice]>),
    /// Several of these.
    Choices(Cow<'static, [Choice]>),
    Checkbox,
    /// Addresses on the web, with names.
    Links,
}

/// One of those that a field offers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Choice {
    /// As it is kept.
    pub key: Cow<'static, str>,
    /// As people read it.
    pub label: Cow<'static, str>,
    /// Index into the palette of presence colours.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub colour: u8,
    /// Not offered any more; what has it keeps it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retired: bool,
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

fn is_false(is: &bool) -> bool {
    !is
}

impl Choice {
    pub(crate) const fn new(key: &'static str, label: &'static str) -> Self {
        Choice { key: Cow::Borrowed(key), label: Cow::Borrowed(label), colour: 0, retired: false }
    }

    /// One more choice beside those that are there, with a key of its own and the next colour; `None` where one of them is
    /// called so already.
    pub fn beside(present: &[Choice], label: &str) -> Option<Self> {
        if present.iter().any(|choice| choice.is_called(label)) {
            return None;
        }
        let taken = |key: &str| present.iter().any(|choice| choice.key == key);
        let key = (present.len() + 1..).map(|number| format!("k{number}")).find(|key| !taken(key));
        let colour = u8::try_from(present.len() % usize::from(Member::COLOURS)).unwrap_or(0);
        let key = Cow::Owned(key.expect("numbers do not end"));
        Some(Choice { key, label: Cow::Owned(label.to_owned()), colour, retired: false })
    }

    /// Whether somebody means it by a text: its key or its label, in any case.
    fn is_called(&self, text: &str) -> bool {
        [&self.key, &self.label].into_iter().any(|name| name.to_lowercase() == text.to_lowercase())
    }
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldDef {
    /// As it is kept and named in files.
    pub key: Cow<'static, str>,
    /// As people read it.
    pub label: Cow<'static, str>,
    pub kind: FieldKind,
    /// Headers of files by which it is recognised, besides its label; lower case.
    pub headers: &'static [&'static str],
    /// Whether what it held first is kept beside what it holds. Logs are folded with it: it never changes for a field.
    pub keeps_first: bool,
    /// Whether people of the workspace made it.
    pub is_custom: bool,
}

impl FieldDef {
    pub(crate) const fn new(
        key: &'static str,
        label: &'static str,
        kind: FieldKind,
        headers: &'static [&'static str],
    ) -> Self {
        let (key, label) = (Cow::Borrowed(key), Cow::Borrowed(label));
        FieldDef { key, label, kind, headers, keeps_first: false, is_custom: false }
    }

    const fn keeping_first(mut self) -> Self {
        self.keeps_first = true;
        self
    }
}

const RISK: FieldKind = FieldKind::Number { min: 1, max: 5, unit: Cow::Borrowed("") };

/// How much it is needed, by the method of that name (Clegg and Barker, 1994).
const MOSCOW: &[Choice] = &[
    Choice::new("must", "Must have"),
    Choice::new("should", "Should have"),
    Choice::new("could", "Could have"),
    Choice::new("wont", "Won't have"),
];

/// What having it or not does to satisfaction, by Kano's model (1984).
const KANO: &[Choice] = &[
    Choice::new("basic", "Basic"),
    Choice::new("performance", "Performance"),
    Choice::new("excitement", "Excitement"),
    Choice::new("indifferent", "Indifferent"),
    Choice::new("reverse", "Reverse"),
];

const PRIORITY: &[Choice] = &[
    Choice::new("critical", "Critical"),
    Choice::new("high", "High"),
    Choice::new("medium", "Medium"),
    Choice::new("low", "Low"),
];

/// How exactly its days are meant.
const PRECISION: &[Choice] =
    &[Choice::new("day", "Day"), Choice::new("month", "Month"), Choice::new("quarter", "Quarter")];

const AUDIENCE: &[Choice] = &[Choice::new("internal", "Internal"), Choice::new("shared", "Shared")];

/// Every field that all roadmaps have, in the order in which they are offered.
pub static FIELDS: &[FieldDef] = &[
    FieldDef::new("problem", "Problem", FieldKind::Text, &["pain", "problem statement"]),
    FieldDef::new("outcome", "Outcome", FieldKind::Text, &["benefit", "expected outcome"]),
    FieldDef::new("key_figure", "Key figure", FieldKind::Line, &["kpi", "measured by", "metric"]),
    FieldDef::new(
        "confidence",
        "Confidence",
        FieldKind::Number { min: 0, max: 100, unit: Cow::Borrowed("%") },
        &["certainty"],
    ),
    FieldDef::new("cost", "Cost", FieldKind::Money, &["costs", "budget"]),
    FieldDef::new("bookings", "Bookings", FieldKind::Money, &["expected bookings"]),
    FieldDef::new("retained_revenue", "Retained revenue", FieldKind::Money, &["revenue at risk"]),
    FieldDef::new("likelihood", "Likelihood", RISK, &["probability"]),
    FieldDef::new("impact", "Impact", RISK, &["severity"]),
    FieldDef::new("moscow", "MoSCoW", FieldKind::Choice(Cow::Borrowed(MOSCOW)), &[]),
    FieldDef::new("kano", "Kano", FieldKind::Choice(Cow::Borrowed(KANO)), &["kano category"]),
    FieldDef::new("priority", "Priority", FieldKind::Choice(Cow::Borrowed(PRIORITY)), &["prio"]),
    FieldDef::new("promised", "Promised quarter", FieldKind::Quarter, &["promised", "commitment"])
        .keeping_first(),
    FieldDef::new("team", "Team", FieldKind::Line, &["squad"]),
    FieldDef::new(crate::DISCIPLINES, "Effort by discipline", FieldKind::Efforts, &["effort by skill"]),
    FieldDef::new("iteration", "Iteration", FieldKind::Line, &["increment"]),
    FieldDef::new("links", "Links", FieldKind::Links, &["url", "urls", "link"]),
    FieldDef::new("audience", "Audience", FieldKind::Choice(Cow::Borrowed(AUDIENCE)), &["visibility"]),
    FieldDef::new("precision", "Date precision", FieldKind::Choice(Cow::Borrowed(PRECISION)), &[]),
];

impl FieldKind {
    /// What it offers; empty unless it is a choice.
    pub fn choices(&self) -> &[Choice] {
        match self {
            FieldKind::Choice(choices) | FieldKind::Choices(choices) => choices,
            _ => &[],
        }
    }

    /// Whether it can be this value.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (FieldKind::Line, Value::Text(text)) => is_line(text, MAX_LINE),
            (FieldKind::Text, Value::Text(text)) => {
                text.chars().count() <= MAX_LINES
                    && !text.trim().is_empty()
                    && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            }
            (FieldKind::Number { min, max, .. }, Value::Number(number)) => (min..=max).contains(&number),
            (FieldKind::Money, Value::Number(cents)) => (-MAX_MONEY..=MAX_MONEY).contains(cents),
            (FieldKind::Days, Value::Number(tenths)) => {
                u32::try_from(*tenths).is_ok_and(|tenths| PersonDays::from_tenths(tenths).is_some())
            }
            (FieldKind::Efforts, Value::Text(text)) => {
                Efforts::parse(text).is_some_and(|efforts| efforts.to_string() == *text)
            }
            (FieldKind::Tags, Value::Keys(tags)) => (1..=MAX_TAGS).contains(&tags.len()),
            (FieldKind::Date, Value::Text(text)) => {
                text.parse().is_ok_and(|date: Date| date.is_likely() && date.to_string() == *text)
            }
            (FieldKind::Quarter, Value::Text(text)) => quarter(text).as_deref() == Some(text.as_str()),
            (FieldKind::Person, Value::Text(text)) => {
                text.parse().is_ok_and(|user: UserId| user.to_string() == *text)
            }
            (FieldKind::People, Value::Keys(people)) => {
                (1..=MAX_PEOPLE).contains(&people.len())
                    && people.iter().all(|id| id.parse().is_ok_and(|user: UserId| user.to_string() == *id))
            }
            (FieldKind::Choice(_), Value::Text(text)) => self.choice(text).is_some(),
            (FieldKind::Choices(choices), Value::Keys(keys)) => {
                (1..=choices.len()).contains(&keys.len()) && keys.iter().all(|key| self.choice(key).is_some())
            }
            (FieldKind::Checkbox, Value::Yes) => true,
            (FieldKind::Links, Value::Links(links)) => {
                (1..=MAX_LINKS).contains(&links.len()) && links.iter().all(Link::is_right)
            }
            _ => false,
        }
    }

    fn choice(&self, key: &str) -> Option<&Choice> {
        self.choices().iter().find(|choice| choice.key == key)
    }

    /// The choice that somebody means, by its key or label.
    fn meant(&self, text: &str) -> Option<&Choice> {
        self.choices().iter().find(|choice| choice.is_called(text))
    }

    /// A choice as people read it. One that is not offered any more still has its label.
    fn label<'a>(&'a self, key: &'a str) -> &'a str {
        self.choice(key).map_or(key, |choice| &choice.label)
    }
}

impl FieldDef {
    /// The field of every roadmap with this key.
    pub fn find(key: &str) -> Option<&'static FieldDef> {
        FIELDS.iter().find(|field| field.key == key)
    }

    /// Its label in the middle of a sentence. Names of methods keep their capitals, and what people named stays as they wrote it.
    pub fn in_sentence(&self) -> String {
        match &*self.label {
            label @ ("MoSCoW" | "Kano") => label.to_owned(),
            label if self.is_custom => format!("“{label}”"),
            label => label.to_lowercase(),
        }
    }

    /// Whether it holds a text of several lines, which is not repeated in sentences.
    pub fn is_long(&self) -> bool {
        matches!(self.kind, FieldKind::Text | FieldKind::Links)
    }

    /// Whether the field can hold a value. Asked when an operation is accepted, never when it is applied: a log stays as it is
    /// when a bound changes.
    ///
    /// # Errors
    /// A sentence that says what it can hold.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        if self.kind.accepts(value) { Ok(()) } else { Err(self.expects(&value.to_string())) }
    }

    /// Reads what a person typed, or a cell of a file; `None` where it is empty. A person is read as their id.
    ///
    /// # Errors
    /// A sentence that says how to write it.
    pub fn parse(&self, text: &str) -> Result<Option<Value>, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || self.expects(text);
        let value = match &self.kind {
            FieldKind::Line | FieldKind::Text => Value::Text(text.replace("\r\n", "\n").replace('\r', "\n")),
            FieldKind::Date | FieldKind::Person => Value::Text(text.to_owned()),
            FieldKind::Number { unit, .. } => {
                let number = text.strip_suffix(&**unit).unwrap_or(text).trim_end();
                Value::Number(number.parse().map_err(|_| wrong())?)
            }
            FieldKind::Money => Value::Number(cents(text).ok_or_else(wrong)?),
            FieldKind::Days => Value::Number(text.parse::<PersonDays>()?.tenths().into()),
            FieldKind::Efforts => Value::Text(Efforts::parse(text).ok_or_else(wrong)?.to_string()),
            FieldKind::Quarter => Value::Text(quarter(text).ok_or_else(wrong)?),
            FieldKind::Choice(_) => {
                Value::Text(self.kind.meant(text).ok_or_else(wrong)?.key.clone().into_owned())
            }
            FieldKind::Choices(_) => {
                let several = text.split([',', ';', '\n']).map(str::trim).filter(|text| !text.is_empty());
                let meant = several.map(|text| self.kind.meant(text).map(|choice| choice.key.to_string()));
                Value::Keys(meant.collect::<Option<_>>().ok_or_else(wrong)?)
            }
            FieldKind::People | FieldKind::Tags => {
                let several = text.split([',', ';', '\n']).map(str::trim).filter(|text| !text.is_empty());
                Value::Keys(several.map(str::to_owned).collect())
            }
            FieldKind::Checkbox => match &*text.to_lowercase() {
                "yes" | "true" | "x" | "1" | "on" | "✓" => Value::Yes,
                "no" | "false" | "0" | "-" | "off" => return Ok(None),
                _ => return Err(wrong()),
            },
            FieldKind::Links => Value::Links(text.lines().filter_map(Link::read).collect()),
        };
        self.check(&value).map_err(|_| wrong())?;
        Ok(Some(value))
    }

    /// The value as people read it; of a person the id.
    pub fn words(&self, value: &Value) -> String {
        match (&self.kind, value) {
            (FieldKind::Choice(_), Value::Text(text)) => self.kind.label(text).to_owned(),
            (FieldKind::Choices(choices), Value::Keys(keys)) => {
                let offered = choices.iter().filter(|choice| keys.contains(&*choice.key));
                let mut labels: Vec<&str> = offered.map(|choice| &*choice.label).collect();
                labels.extend(keys.iter().filter(|key| self.kind.choice(key).is_none()).map(String::as_str));
                labels.join(", ")
            }
            (FieldKind::Money, Value::Number(cents)) => amount(*cents),
            (FieldKind::Days, Value::Number(tenths)) => format!("{} d", days(*tenths)),
            (FieldKind::Number { unit, .. }, Value::Number(number)) => match &**unit {
                "" | "%" => format!("{number}{unit}"),
                unit => format!("{number} {unit}"),
            },
            (FieldKind::Quarter, Value::Text(text)) => match text.split_once("-Q") {
                Some((year, quarter)) => format!("Q{quarter} {year}"),
                None => text.clone(),
            },
            (FieldKind::Links, Value::Links(links)) if links.len() > 1 => {
                counted(links.len(), "link", "links")
            }
            _ => value.to_string(),
        }
    }

    /// The value as history and comparisons tell it, by whom people are told by name.
    pub fn told(&self, value: &Value) -> FieldValue {
        match (&self.kind, value) {
            (FieldKind::Person, Value::Text(text)) => {
                text.parse().map_or_else(|_| FieldValue::of(text.clone()), FieldValue::Person)
            }
            (FieldKind::People, Value::Keys(people)) => {
                FieldValue::People(people.iter().filter_map(|id| id.parse().ok()).collect())
            }
            _ => FieldValue::of(self.words(value)),
        }
    }

    /// The value as it is typed, and as it stands in a file: [`parse`](Self::parse) reads it.
    pub fn written(&self, value: &Value) -> String {
        match (&self.kind, value) {
            (FieldKind::Money, Value::Number(cents)) => amount(*cents),
            (FieldKind::Days, Value::Number(tenths)) => days(*tenths),
            (FieldKind::Choices(_), _) => self.words(value),
            (FieldKind::Choice(_), Value::Text(text)) if self.is_custom => self.kind.label(text).to_owned(),
            _ => value.to_string(),
        }
    }

    /// A value that the field can hold, for those who make some up: another for most numbers.
    pub fn example(&self, number: u64) -> Value {
        let below = |count: usize| usize::try_from(number).unwrap_or(usize::MAX) % count.max(1);
        match &self.kind {
            FieldKind::Line | FieldKind::Text => Value::Text(format!("{} {number}", self.label)),
            FieldKind::Number { min, max, .. } => {
                Value::Number(min + i64::try_from(number % max.abs_diff(*min).max(1)).unwrap_or(0))
            }
            FieldKind::Money => Value::Number(i64::try_from(number % 1_000_000).unwrap_or(0) - 1_000),
            FieldKind::Days => Value::Number(i64::try_from(number % 1_000).unwrap_or(0)),
            FieldKind::Efforts => Value::Text(format!("Design {}, Development 8.5", number % 1_000)),
            FieldKind::Tags => Value::Keys([format!("tag {number}")].into()),
            FieldKind::Date => {
                Value::Text(format!("{}-{:02}-{:02}", 2025 + below(8), 1 + below(12), 1 + below(28)))
            }
            FieldKind::Quarter => Value::Text(format!("{}-Q{}", 2025 + below(40) / 4, 1 + below(4))),
            FieldKind::Person => Value::Text(UserId::new(number, [7; 10]).to_string()),
            FieldKind::People => Value::Keys(
                (0..1 + number % 3).map(|n| UserId::new(number + n, [7; 10]).to_string()).collect(),
            ),
            FieldKind::Choice(choices) => Value::Text(choices[below(choices.len())].key.to_string()),
            FieldKind::Choices(choices) => {
                let first = below(choices.len());
                Value::Keys(choices[first..].iter().take(2).map(|choice| choice.key.to_string()).collect())
            }
            FieldKind::Checkbox => Value::Yes,
            FieldKind::Links => {
                let link =
                    |n| Link { name: format!("{} {n}", self.label), url: format!("https://example.org/{n}") };
                Value::Links((0..1 + number % 3).map(|n| link(number + n)).collect())
            }
        }
    }

    /// What stands in its empty control: how a value looks.
    pub fn placeholder(&self) -> &'static str {
        match &self.kind {
            FieldKind::Number { unit, .. } if unit == "%" => "0–100 %",
            FieldKind::Number { .. } => "A number",
            FieldKind::Money => "12500",
            FieldKind::Days => "2.5",
            FieldKind::Efforts => "Design 3, Development 8.5",
            FieldKind::Quarter => "2027-Q1",
            _ => "None",
        }
    }

    /// How a value is written, in a sentence.
    pub fn how(&self) -> String {
        match &self.kind {
            FieldKind::Line => format!("Use one line of at most {MAX_LINE} characters."),
            FieldKind::Text => format!("Use at most {MAX_LINES} characters."),
            FieldKind::Number { min, max, .. } => format!("Use a whole number from {min} to {max}."),
            FieldKind::Money => "Use an amount, like 12500 or 99.50.".to_owned(),
            FieldKind::Days => "Use person-days, like 3 or 2.5.".to_owned(),
            FieldKind::Efforts => {
                "Use disciplines with their person-days, like Design 3, Development 8.5.".to_owned()
            }
            FieldKind::Tags => format!("Use at most {MAX_TAGS} tags, with commas between them."),
            FieldKind::Date => "Use a date, like 2026-11-21.".to_owned(),
            FieldKind::Quarter => "Use a quarter, like 2027-Q1.".to_owned(),
            FieldKind::Person => "Choose a member.".to_owned(),
            FieldKind::People => format!("Choose at most {MAX_PEOPLE} members."),
            FieldKind::Choice(choices) => format!("Use one of {}.", labels(choices)),
            FieldKind::Choices(choices) => format!("Use some of {}.", labels(choices)),
            FieldKind::Checkbox => "Use yes or no.".to_owned(),
            FieldKind::Links => {
                format!("Use at most {MAX_LINKS} addresses that begin with https://, each on a line.")
            }
        }
    }

    /// Why something cannot be a value.
    fn expects(&self, text: &str) -> String {
        let how = self.how();
        let shown: String = text.chars().take(40).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        format!("“{shown}{more}” isn't valid for {}. {how}", self.label)
    }
}

/// Person-days, from tenths.
fn days(tenths: i64) -> String {
    let days = u32::try_from(tenths).ok().and_then(PersonDays::from_tenths);
    days.map_or_else(|| tenths.to_string(), |days| days.to_string())
}

/// The first labels that are offered.
fn labels(choices: &[Choice]) -> String {
    const FEW: usize = 8;
    let offered = || choices.iter().filter(|choice| !choice.retired);
    let mut labels: Vec<&str> = offered().take(FEW).map(|choice| &*choice.label).collect();
    if offered().count() > FEW {
        labels.push("…");
    }
    labels.join(", ")
}

impl FieldKey {
    /// The field of every roadmap with this key, if there is one.
    pub fn declared(&self) -> Option<&'static FieldDef> {
        FieldDef::find(self)
    }

    /// The id of a field that people made.
    pub fn id(&self) -> Option<FieldId> {
        self.strip_prefix('c').filter(|id| id.len() == 32)?.parse().ok()
    }
}

/// `c` and the id without its hyphens.
impl From<FieldId> for FieldKey {
    fn from(id: FieldId) -> Self {
        format!("c{}", id.0.simple()).try_into().expect("an id is a key")
    }
}

/// Compared and ordered as the text it is.
impl Borrow<str> for FieldKey {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&FieldDef> for FieldKey {
    fn from(def: &FieldDef) -> Self {
        def.key.to_string().try_into().expect("a test checks the keys of the table")
    }
}

/// A key as it is kept: letters of the alphabet in lower case, digits, `_` and `-`, at most 40.
pub(crate) fn key(text: &str) -> Result<String, InvalidText> {
    let is_right = (1..=40).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if is_right { Ok(text.to_owned()) } else { Err(InvalidText::FieldKey(text.to_owned())) }
}
