//! What a filter asks of one property.

use std::fmt::Write as _;

use super::View;
use crate::{FieldKind, Item, Property, Value};

/// The most conditions of a filter, and the most values of one.
pub const MOST: usize = 50;

/// The most characters of a value that is asked for.
const MAX_VALUE: usize = 200;

/// Stands for whoever looks, where a person is asked for.
pub const ME: &str = "me";

crate::choices! {
    /// How a property is asked about.
    Test {
        /// It is one of these values, or has one of them.
        Is = "is", "is";
        /// It is none of these values, and has none of them.
        IsNot = "not", "is not";
        Contains = "has", "contains";
        /// Before a day or quarter, or less than a number.
        Below = "below", "is before";
        /// After a day or quarter, or more than a number.
        Above = "above", "is after";
        Empty = "empty", "is empty";
        Filled = "filled", "is not empty";
    }
}

/// What is asked of one property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub property: Property,
    pub test: Test,
    /// As they are kept: of a choice its key, of a person the id or [`ME`].
    pub values: Vec<String>,
}

impl Test {
    /// How a property that holds this can be asked about.
    pub fn of(kind: &FieldKind) -> &'static [Test] {
        match kind {
            FieldKind::Line => &[Test::Contains, Test::Is, Test::IsNot, Test::Empty, Test::Filled],
            FieldKind::Text | FieldKind::Links | FieldKind::Efforts => {
                &[Test::Contains, Test::Empty, Test::Filled]
            }
            FieldKind::Number { .. } | FieldKind::Money | FieldKind::Days => {
                &[Test::Above, Test::Below, Test::Is, Test::IsNot, Test::Empty, Test::Filled]
            }
            FieldKind::Date | FieldKind::Quarter => {
                &[Test::Is, Test::Below, Test::Above, Test::IsNot, Test::Empty, Test::Filled]
            }
            FieldKind::Person
            | FieldKind::People
            | FieldKind::Choice(_)
            | FieldKind::Choices(_)
            | FieldKind::Tags => &[Test::Is, Test::IsNot, Test::Empty, Test::Filled],
            FieldKind::Checkbox => &[Test::Filled, Test::Empty],
        }
    }

    /// As people read it about what holds this.
    pub fn words(self, kind: &FieldKind) -> &'static str {
        let is_number = matches!(kind, FieldKind::Number { .. } | FieldKind::Money | FieldKind::Days);
        match self {
            Test::Below if is_number => "is less than",
            Test::Above if is_number => "is more than",
            Test::Filled if *kind == FieldKind::Checkbox => "is checked",
            Test::Empty if *kind == FieldKind::Checkbox => "is not checked",
            _ => self.label(),
        }
    }

    /// Whether it asks for values.
    pub fn needs_values(self) -> bool {
        !matches!(self, Test::Empty | Test::Filled)
    }
}

impl Condition {
    /// Whether it is complete, and so asks for something.
    pub fn is_whole(&self) -> bool {
        !self.test.needs_values() || !self.values.is_empty()
    }

    /// That a property is one of these values, as the address has them.
    pub(super) fn listed(property: &Property, values: &str) -> Option<Self> {
        let values = values.split(',').filter(|value| !value.is_empty()).take(MOST).map(plain);
        let values: Vec<String> = values.collect();
        let property = property.clone();
        (!values.is_empty()).then_some(Self { property, test: Test::Is, values })
    }

    /// Whether it is one that [`listed`](Self::listed) reads.
    pub(super) fn is_list(&self) -> bool {
        let is_plain = |value: &String| !value.is_empty() && !value.contains([',', '%']);
        self.test == Test::Is && !self.values.is_empty() && self.values.iter().all(is_plain)
    }

    /// Whether it counts here: it is whole, and about a property that the roadmap has.
    pub(super) fn is_asked(&self, view: &View) -> bool {
        self.is_whole() && self.property.def(view.roadmap).is_some()
    }

    /// Whether an item is as it asks.
    pub(super) fn holds(&self, item: &Item, view: &View) -> bool {
        let value = self.property.get(view.roadmap, item, view.year);
        let is = |wanted: &str, value: &str| value == if wanted == ME { view.me } else { wanted };
        let any = |value: &Value| match value {
            Value::Keys(keys) => self.values.iter().any(|wanted| keys.iter().any(|key| is(wanted, key))),
            Value::Text(text) => self.values.iter().any(|wanted| is(wanted, text)),
            other => self.values.iter().any(|wanted| *wanted == other.to_string()),
        };
        let order = |value: &Value| {
            let wanted = self.values.first()?;
            match value {
                Value::Number(number) => Some(number.cmp(&wanted.parse().ok()?)),
                Value::Text(text) => Some(text.as_str().cmp(wanted)),
                _ => None,
            }
        };
        match (self.test, value) {
            (Test::Empty, value) => value.is_none(),
            (Test::Filled, value) => value.is_some(),
            (Test::Is, value) => value.is_some_and(|value| any(&value)),
            (Test::IsNot, value) => !value.is_some_and(|value| any(&value)),
            (Test::Contains, value) => value.is_some_and(|value| {
                let text = (view.fold)(&value.to_string());
                self.values.iter().any(|wanted| text.contains(&(view.fold)(wanted)))
            }),
            (Test::Below, value) => value.as_ref().and_then(order).is_some_and(std::cmp::Ordering::is_lt),
            (Test::Above, value) => value.as_ref().and_then(order).is_some_and(std::cmp::Ordering::is_gt),
        }
    }

    /// `status~is~done,dropped`, with what separates written as `%` and two digits within values.
    pub(super) fn written(&self) -> String {
        let mut text = format!("{}~{}", self.property.as_str(), self.test.as_str());
        for (index, value) in self.values.iter().enumerate() {
            text.push(if index == 0 { '~' } else { ',' });
            escape(&mut text, value, &['~', ',', ';']);
        }
        text
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '~');
        let property = Property::named(parts.next()?)?;
        let test: Test = parts.next()?.parse().ok()?;
        let values = parts.next().unwrap_or_default().split(',').filter(|value| !value.is_empty());
        let values = values.take(MOST).map(plain).collect();
        Some(Self { property, test, values })
    }
}

/// Writes a text with `%` and two digits for `%` itself and these characters of ASCII.
pub(crate) fn escape(to: &mut String, text: &str, what: &[char]) {
    for c in text.chars() {
        if c == '%' || what.contains(&c) {
            let _ = write!(to, "%{:02x}", u32::from(c));
        } else {
            to.push(c);
        }
    }
}

/// A value as it was before it was written.
fn plain(text: &str) -> String {
    unescape(text).chars().take(MAX_VALUE).collect()
}

/// A text as it was before it was [escaped](escape).
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let code = after.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) => {
                plain.push(char::from(code));
                rest = &after[2..];
            }
            None => {
                plain.push('%');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}
