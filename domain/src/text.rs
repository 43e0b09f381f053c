//! Texts that are parsed once at the edge and are right from then on.

use std::{fmt, ops::Deref, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Unicode, delta::MAX_TEXT, lower_and_composed};

/// Why a text was refused; the sentence is for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum InvalidText {
    #[error("{0} must not be empty.")]
    Empty(String),
    #[error("{what} may have at most {max} characters; this has {len}. Shorten it.")]
    TooLong { what: String, max: usize, len: usize },
    #[error("{0} must be a single line without control characters.")]
    ControlCharacter(String),
    #[error("{0} must have no control characters.")]
    ControlCharacters(String),
    #[error("“{0}” is not an e-mail address. Write it like name@example.org.")]
    Email(String),
    #[error("“{0}” is not a product key. Use 2 to 10 letters and digits, beginning with a letter, like ERP.")]
    ProductKey(String),
    #[error("“{0}” is not an item's key. Write it like ERP-12.")]
    ItemKey(String),
    #[error("A tag must not contain a comma or semicolon: “{0}”.")]
    Tag(String),
    #[error("“{0}” is not the key of a field.")]
    FieldKey(String),
}

/// Trims, then checks length in characters and, for a single line, control characters.
fn checked(what: &str, text: &str, max: usize, lines: Lines) -> Result<String, InvalidText> {
    let text = text.trim();
    if text.chars().all(is_invisible) {
        return Err(InvalidText::Empty(what.to_owned()));
    }
    let len = text.chars().count();
    if len > max {
        return Err(InvalidText::TooLong { what: what.to_owned(), max, len });
    }
    let allowed = |c: char| match lines {
        Lines::One => !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}'),
        Lines::Many => !c.is_control() || matches!(c, '\n' | '\r' | '\t'),
    };
    if !text.chars().all(allowed) {
        return Err(InvalidText::ControlCharacter(what.to_owned()));
    }
    Ok(text.to_owned())
}

/// Like [`checked`], for a text that need not be there.
fn checked_or_none(what: &str, text: &str, max: usize, lines: Lines) -> Result<String, InvalidText> {
    if text.trim().is_empty() { Ok(String::new()) } else { checked(what, text, max, lines) }
}

/// Checks length and control characters and keeps white space: people are still typing. A line ends with a line feed alone.
fn as_typed(what: &str, text: &str, max: usize) -> Result<String, InvalidText> {
    let text =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
    let len = text.chars().count();
    if len > max {
        return Err(InvalidText::TooLong { what: what.to_owned(), max, len });
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(InvalidText::ControlCharacters(what.to_owned()));
    }
    Ok(text)
}

/// A text in lower case and in one form, also for letters of full width.
fn as_compared(text: &str, unicode: &Unicode) -> String {
    lower_and_composed(&(unicode.compatible)(text), unicode)
}

/// A tag that is in lower case. To put it there takes tables that are large for a browser.
fn tag(text: &str) -> Result<String, InvalidText> {
    let tag = checked("A tag", text, 40, Lines::One)?;
    if tag.contains([',', ';']) { Err(InvalidText::Tag(tag)) } else { Ok(tag) }
}

/// An e-mail address that is in lower case.
fn email(text: &str) -> Result<String, InvalidText> {
    let email = checked("An e-mail address", text, 254, Lines::One)?;
    let shaped = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if shaped && !email.contains(char::is_whitespace) { Ok(email) } else { Err(InvalidText::Email(email)) }
}

/// White space, and characters without width: a text of these alone could be neither seen nor clicked.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Characters that cannot be seen and do something to others, such as turning their direction, or nothing at all. Joiners and
/// marks of direction among them; white space and the selectors of an emoji's form are not.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[derive(Clone, Copy)]
enum Lines {
    One,
    Many,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        text!(@type $(#[$doc])* $name);

        impl $name {
            /// Parses what a person typed. Surrounding white space is dropped, unless it is said above to be kept.
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                let parse: fn(&str) -> Result<String, InvalidText> = $parse;
                parse(text).map(Self)
            }
        }

        text!(@parsed $name);
    };
    // Texts that are put into one form first. That takes tables that are large for a browser, which lends its own.
    ($(#[$doc:meta])* $name:ident, $parse:expr, folded: $fold:expr) => {
        text!(@type $(#[$doc])* $name);

        impl $name {
            /// Parses what a person typed, by what the caller knows of Unicode. Surrounding white space is dropped.
            pub fn parse_by(text: &str, unicode: &Unicode) -> Result<Self, InvalidText> {
                let fold: fn(&str, &Unicode) -> String = $fold;
                Self::folded(&fold(text, unicode))
            }

            fn folded(text: &str) -> Result<Self, InvalidText> {
                let parse: fn(&str) -> Result<String, InvalidText> = $parse;
                parse(text).map(Self)
            }

            /// Parses what a person typed. Surrounding white space is dropped.
            #[cfg(not(target_family = "wasm"))]
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                Self::parse_by(text, &crate::NATIVE)
            }
        }

        #[cfg(not(target_family = "wasm"))]
        text!(@parsed $name);

        // What comes to a browser comes from a server that parsed it.
        #[cfg(target_family = "wasm")]
        impl TryFrom<String> for $name {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                Self::folded(&text)
            }
        }
    };
    (@parsed $name:ident) => {
        const _: () = {
            impl TryFrom<String> for $name {
                type Error = InvalidText;

                fn try_from(text: String) -> Result<Self, InvalidText> {
                    Self::parse(&text)
                }
            }

            impl FromStr for $name {
                type Err = InvalidText;

                fn from_str(text: &str) -> Result<Self, InvalidText> {
                    Self::parse(text)
                }
            }
        };
    };
    (@type $(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

text!(
    /// What identifies a [field](crate::FIELDS) of items: at most 40 small letters, digits, `_` and `-`.
    FieldKey,
    crate::field::key
);
text!(
    /// What a field is called that people made: one line of at most 60 characters.
    FieldLabel,
    |text| checked("A field's name", text, 60, Lines::One)
);
text!(
    /// What an item is called: one line of at most 200 characters.
    Title,
    |text| checked("A title", text, 200, Lines::One)
);
text!(
    /// What a lane is called: one line of at most 60 characters.
    LaneName,
    |text| checked("A lane's name", text, 60, Lines::One)
);
text!(
    /// An item's description in Markdown, at most 20,000 characters; may be empty. As it is typed: surrounding white space is
    /// kept.
    Description,
    |text| as_typed("A description", text, MAX_TEXT)
);
text!(
    /// A comment in Markdown, 1 to 5,000 characters, one of which can be seen. Surrounding white space is kept.
    CommentBody,
    |text| {
        if text.chars().all(is_invisible) {
            return Err(InvalidText::Empty("A comment".to_owned()));
        }
        as_typed("A comment", text, 5_000)
    }
);
text!(
    /// What the organisation is called: one line of at most 80 characters.
    WorkspaceName,
    |text| checked("The workspace's name", text, 80, Lines::One)
);
text!(
    /// A product's name: one line of at most 80 characters.
    ProductName,
    |text| checked("A product's name", text, 80, Lines::One)
);
text!(
    /// What a product is for, in one line of at most 200 characters; may be empty.
    Purpose,
    |text| checked_or_none("A purpose", text, 200, Lines::One)
);
text!(
    /// A person's name: one line of at most 80 characters.
    PersonName,
    |text| checked("A name", text, 80, Lines::One)
);
text!(
    /// What a voting session is called: one line of at most 120 characters.
    VotingTitle,
    |text| checked("A voting session's title", text, 120, Lines::One)
);
text!(
    /// What the voters are asked, at most 500 characters; may be empty.
    Question,
    |text| checked_or_none("A question", text, 500, Lines::Many)
);
text!(
    /// What a segment is called: one line of at most 60 characters.
    SegmentName,
    |text| checked("A segment's name", text, 60, Lines::One)
);
text!(
    /// Where a vote on somebody's behalf comes from, such as “call of 12 March”: one line of at most 200 characters.
    Source,
    |text| checked("A source", text, 200, Lines::One)
);
text!(
    /// Why several things were changed in one step: one line of at most 200 characters.
    Reason,
    |text| checked("A reason", text, 200, Lines::One)
);
text!(
    /// What a moment of a roadmap is called: one line of at most 80 characters.
    BaselineName,
    |text| checked("A baseline's name", text, 80, Lines::One)
);
text!(
    /// The key a row had where it was imported from; a second import finds the item by it.
    SourceKey,
    |text| checked("A key", text, 200, Lines::One)
);
text!(
    /// A word to find items by, at most 40 characters. Compared exactly; kept in lower case and composed form.
    Tag,
    tag,
    folded: lower_and_composed
);
text!(
    /// An e-mail address as an account name, kept in lower case, and with Latin letters where it was typed in full width. Only
    /// its shape is checked.
    Email,
    email,
    folded: as_compared
);
text!(
    /// A product's short key, like `ERP`: begins the keys of its items and its address.
    ProductKey,
    |text| {
        let key = text.trim().to_ascii_uppercase();
        let shaped = (2..=10).contains(&key.len())
            && key.starts_with(|c: char| c.is_ascii_uppercase())
            && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        if shaped { Ok(key) } else { Err(InvalidText::ProductKey(text.trim().to_owned())) }
    }
);

impl Description {
    /// No description yet.
    pub fn empty() -> Self {
        Self(String::new())
    }
}

impl Default for Description {
    fn default() -> Self {
        Self::empty()
    }
}

/// An item's key as people say and type it: `ERP-12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemKey {
    pub product: ProductKey,
    pub number: u32,
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.product, self.number)
    }
}

impl From<ItemKey> for String {
    fn from(key: ItemKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for ItemKey {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        text.parse()
    }
}

impl FromStr for ItemKey {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let wrong = || InvalidText::ItemKey(text.trim().to_owned());
        let (product, number) = text.trim().rsplit_once('-').ok_or_else(wrong)?;
        let product = product.parse().map_err(|_| wrong())?;
        // `parse` alone would take a sign.
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
        Ok(Self { product, number })
    }
}

#[cfg(test)]
mod tests;
