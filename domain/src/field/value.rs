//! What fields hold, on the wire and as people write it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::{MAX_LINE, MAX_URL};
use crate::FieldKey;

/// The fields of an item that are filled.
pub type Values = BTreeMap<FieldKey, Value>;

/// What a field holds. Which kind it is the field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Also an amount of money, in hundredths.
    Number(i64),
    /// Also a day, a quarter, a person's id, or a choice as it is kept.
    Text(String),
    /// Choices as they are kept.
    Keys(BTreeSet<String>),
    Links(Vec<Link>),
    /// Of a check box that is checked; one that is not is empty.
    Yes,
}

/// An address on the web.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it is called; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub url: String,
}

impl Link {
    pub(super) fn is_right(&self) -> bool {
        let begins = ["https://", "http://", "mailto:"].iter().any(|scheme| self.url.starts_with(scheme));
        begins
            && self.url.len() <= MAX_URL
            && !self.url.contains(|c: char| c.is_whitespace() || c.is_control())
            && (self.name.is_empty() || is_line(&self.name, MAX_LINE))
    }

    /// A line: an address, or a name before one.
    pub(super) fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        let (name, url) = line.rsplit_once(char::is_whitespace).unwrap_or(("", line));
        (!url.is_empty()).then(|| Self { name: name.trim_end().to_owned(), url: url.to_owned() })
    }
}

impl Value {
    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        match self {
            Value::Number(_) | Value::Yes => 8,
            Value::Text(text) => text.len(),
            Value::Keys(keys) => keys.iter().map(String::len).sum(),
            Value::Links(links) => links.iter().map(|link| link.name.len() + link.url.len()).sum(),
        }
    }

    /// The texts of one line in it.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let (text, links) = match self {
            Value::Number(_) | Value::Keys(_) | Value::Yes => (None, &[][..]),
            Value::Text(text) => (Some(&**text), &[][..]),
            Value::Links(links) => (None, &**links),
        };
        text.into_iter().chain(links.iter().map(|link| &*link.name))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => fmt::Display::fmt(number, f),
            Value::Text(text) => f.write_str(text),
            Value::Keys(keys) => {
                for (index, key) in keys.iter().enumerate() {
                    write!(f, "{}{key}", if index > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
            Value::Yes => f.write_str("Yes"),
            Value::Links(links) => {
                for (index, Link { name, url }) in links.iter().enumerate() {
                    let (end, space) =
                        (if index > 0 { "\n" } else { "" }, if name.is_empty() { "" } else { " " });
                    write!(f, "{end}{name}{space}{url}")?;
                }
                Ok(())
            }
        }
    }
}

pub(super) fn is_line(text: &str, max: usize) -> bool {
    !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= max
        && !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// A quarter as it is kept, from `2027-Q1`, `2027 Q1`, `Q1 2027` or `q1/2027`.
pub(crate) fn quarter(text: &str) -> Option<String> {
    let upper = text.trim().to_ascii_uppercase();
    let mut parts = upper.split([' ', '-', '/']).filter(|part| !part.is_empty());
    let (first, second) = (parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, quarter) = if first.starts_with('Q') { (second, first) } else { (first, second) };
    let number = quarter.strip_prefix('Q').filter(|number| matches!(*number, "1" | "2" | "3" | "4"))?;
    let year: u16 = year.parse().ok().filter(|year| (1990..=2199).contains(year))?;
    Some(format!("{year}-Q{number}"))
}

/// An amount in hundredths, from `12500`, `99.5` or `-1 200,00`. What may be thousands to some is refused.
pub(super) fn cents(text: &str) -> Option<i64> {
    let text: String =
        text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’')).collect();
    let (minus, text) = text.strip_prefix('-').map_or((false, &*text), |rest| (true, rest));
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    let cents = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)?;
    Some(if minus { -cents } else { cents })
}

/// An amount as it is typed: hundredths only where there are some.
pub fn amount(cents: i64) -> String {
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    match (cents / 100, cents % 100) {
        (whole, 0) => format!("{sign}{whole}"),
        (whole, part) => format!("{sign}{whole}.{part:02}"),
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Number(number) => serializer.serialize_i64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Keys(keys) => keys.serialize(serializer),
            Value::Yes => serializer.serialize_bool(true),
            Value::Links(links) => links.serialize(serializer),
        }
    }
}

/// By what stands there. Written out, because what `untagged` makes weighs kilobytes in the browser.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;

        impl<'de> Visitor<'de> for AnyValue {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text, true, a list of texts or a list of links")
            }

            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value::Number(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
                i64::try_from(number).map(Value::Number).map_err(E::custom)
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Value, E> {
                Ok(Value::Text(text))
            }

            fn visit_bool<E: serde::de::Error>(self, is: bool) -> Result<Value, E> {
                if is {
                    Ok(Value::Yes)
                } else {
                    Err(E::custom("false is an empty field, which has no value"))
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
                let (mut keys, mut links) = (BTreeSet::new(), Vec::new());
                while let Some(element) = list.next_element()? {
                    match element {
                        Element::Key(key) => drop(keys.insert(key)),
                        Element::Link(link) => links.push(link),
                    }
                }
                match (keys.is_empty(), links.is_empty()) {
                    (false, true) => Ok(Value::Keys(keys)),
                    (true, _) => Ok(Value::Links(links)),
                    (false, false) => Err(A::Error::custom("texts and links in one list")),
                }
            }
        }

        deserializer.deserialize_any(AnyValue)
    }
}

/// What a list holds one of.
enum Element {
    Key(String),
    Link(Link),
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyElement;

        impl<'de> Visitor<'de> for AnyElement {
            type Value = Element;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a link")
            }

            fn visit_str<E>(self, text: &str) -> Result<Element, E> {
                Ok(Element::Key(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, link: A) -> Result<Element, A::Error> {
                Link::deserialize(MapAccessDeserializer::new(link)).map(Element::Link)
            }
        }

        deserializer.deserialize_any(AnyElement)
    }
}
