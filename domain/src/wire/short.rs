//! The short form of frames that carry entries: the same JSON, with what is frequent in it written as tokens.
//!
//! Outside of its strings JSON has few characters, so that a token there stands for itself. What people wrote is inside of
//! strings, and passes as it is. Names become [words](WORDS), an item of the document its number as `#12`, and other ids a
//! slot as `~5`, which gets its id where it is first used: `~5"01938a4e-…"`. Writer and reader go through the same frames in
//! the same order, and so agree about the slots; who comes later is told of them in `welcome`.

use std::{borrow::Cow, fmt::Write as _};

use uuid::Uuid;

use super::MAX_FRAME;
use crate::{ItemId, Roadmap};

/// What a short frame begins with, and no JSON does. The entries follow, with commas between them.
pub const MARK: char = '!';

/// How many ids the writer and the readers of a room remember at a time.
pub const SLOTS: usize = 128;

/// The highest number by which an item is named.
pub const MAX_NUMBER: u32 = 65_535;

/// What stands before the entries of a frame in plain form.
pub const OPEN: &str = r#"{"entries":{"entries":["#;

/// What stands after them.
pub const CLOSE: &str = "]}}";

/// A quoted id in bytes.
const QUOTED_ID: usize = 38;

macro_rules! words {
    ($($token:literal $text:literal,)*) => {
        /// Tokens, and what each stands for: a name with its quotes, and with the colon where it is a key. Another list is another
        /// [protocol](super::PROTOCOL).
        pub const WORDS: &[(char, &str)] = &[$(($token as char, $text),)*];

        fn word(token: u8) -> Option<&'static str> {
            match token {
                $($token => Some($text),)*
                _ => None,
            }
        }

        fn token(word: &str) -> Option<u8> {
            match word {
                $($text => Some($token),)*
                _ => None,
            }
        }
    };
}

words! {
    b'S' r#""seq":"#,
    b'C' r#""client":"#,
    b'Q' r#""cseq":"#,
    b'A' r#""actor":"#,
    b'T' r#""at":"#,
    b'O' r#""op":"#,
    b'@' r#""items":"#,
    b'N' r#""create_item":"#,
    b'I' r#""set_item":"#,
    b'M' r#""move_items":"#,
    b'D' r#""delete_items":"#,
    b'R' r#""restore_items":"#,
    b'U' r#""upvote":"#,
    b'W' r#""withdraw_upvote":"#,
    b'K' r#""add_comment":"#,
    b'X' r#""edit_text":"#,
    b'B' r#""batch":"#,
    b'i' r#""id":"#,
    b'j' r#""ids":"#,
    b'm' r#""item":"#,
    b'L' r#""lane":"#,
    b'P' r#""place":"#,
    b'b' r#""beside":"#,
    b'>' r#""after":"#,
    b'<' r#""before":"#,
    b'^' r#""first""#,
    b'_' r#""last""#,
    b'G' r#""change":"#,
    b'H' r#""seen":"#,
    b'F' r#""fields":"#,
    b'h' r#""title":"#,
    b'd' r#""description":"#,
    b'k' r#""kind":"#,
    b'q' r#""effort":"#,
    b'z' r#""schedule":"#,
    b'w' r#""start":"#,
    b'x' r#""end":"#,
    b'o' r#""owner":"#,
    b'g' r#""tags":"#,
    b'p' r#""status":"#,
    b'v' r#""values":"#,
    b'V' r#""value":"#,
    b'/' r#""field":"#,
    b'=' r#""to":"#,
    b'c' r#""comment":"#,
    b'y' r#""body":"#,
    b'Y' r#""text":"#,
    b'Z' r#""base":"#,
    b'J' r#""delta":"#,
    b'*' r#""ops":"#,
    b'%' r#""spots":"#,
    b'&' r#""count":"#,
    b'$' r#""00000000-0000-0000-0000-000000000000""#,
}

/// Whether an id under this key comes again soon, and is worth a slot.
fn comes_again(key: u8) -> bool {
    matches!(key, b'C' | b'A' | b'L' | b'o' | b'c')
}

/// The bytes of the string at the beginning of a text, with both quotes. `None` where it does not end.
fn string_len(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Writes the entries of one room in short form.
#[derive(Debug, Default)]
pub struct Writer {
    /// What the readers have in each slot, and when it was used last.
    slots: Vec<(Uuid, u64)>,
    uses: u64,
}

impl Writer {
    /// What who comes now has to know of the slots, in their order.
    pub fn slots(&self) -> Vec<Uuid> {
        self.slots.iter().map(|(id, _)| *id).collect()
    }

    /// Forgets every slot: for a room that nobody reads.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// An entry, or any other JSON as `serde_json` writes it, in short form. `numbers` says by what number an item is known to all
    /// who read it. With `remembers` ids get slots, and every reader has to be sent the result. Without it nothing that comes
    /// later shows which ids were used here.
    pub fn shorten(
        &mut self,
        json: &str,
        remembers: bool,
        numbers: impl Fn(ItemId) -> Option<u32>,
    ) -> String {
        let mut short = String::with_capacity(json.len() / 2);
        let (mut rest, mut key) = (json, 0);
        while let Some(quote) = rest.find('"') {
            let (before, string) = rest.split_at(quote);
            short.push_str(before);
            let Some(len) = string_len(string.as_bytes()) else {
                rest = string;
                break;
            };
            let is_key = string.as_bytes().get(len) == Some(&b':');
            let (text, after) = string.split_at(len + usize::from(is_key));
            rest = after;
            let token = token(text);
            if is_key {
                key = token.unwrap_or_default();
            }
            match token {
                Some(token) => short.push(char::from(token)),
                None if is_key => short.push_str(text),
                None => match quoted_id(text) {
                    Some(id) => self.write_id(&mut short, id, (remembers, comes_again(key)), &numbers),
                    None => short.push_str(text),
                },
            }
        }
        short.push_str(rest);
        short
    }

    fn write_id(
        &mut self,
        short: &mut String,
        id: Uuid,
        (remembers, comes_again): (bool, bool),
        numbers: impl Fn(ItemId) -> Option<u32>,
    ) {
        const FITS: &str = "writing to a string does not fail";
        if let Some(number) = numbers(ItemId(id)).filter(|number| *number <= MAX_NUMBER) {
            write!(short, "#{number}").expect(FITS);
            return;
        }
        let known = self.slots.iter().position(|(known, _)| *known == id);
        let slot = known.or_else(|| (remembers && comes_again).then(|| self.free_slot()));
        if let Some(slot) = slot {
            write!(short, "~{slot}").expect(FITS);
            if remembers {
                self.uses += 1;
                self.slots[slot] = (id, self.uses);
            }
        }
        if known.is_none() {
            push_quoted(short, id);
        }
    }

    /// The slot for a new id: one nobody has used, or the one that was used the longest time ago.
    fn free_slot(&mut self) -> usize {
        if self.slots.len() < SLOTS {
            self.slots.push((Uuid::nil(), 0));
            return self.slots.len() - 1;
        }
        let oldest = self.slots.iter().enumerate().min_by_key(|(_, (_, used))| *used);
        oldest.map_or(0, |(slot, _)| slot)
    }
}

/// The id that a string is, where it is written as it would be here.
fn quoted_id(text: &str) -> Option<Uuid> {
    if text.len() != QUOTED_ID || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    Uuid::try_parse(text.get(1..QUOTED_ID - 1)?).ok()
}

fn push_quoted(text: &mut String, id: Uuid) {
    let mut bytes = Uuid::encode_buffer();
    text.push('"');
    text.push_str(id.hyphenated().encode_lower(&mut bytes));
    text.push('"');
}

/// Reads the frames of one room in short form, from its `welcome` on.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    slots: Option<Vec<Uuid>>,
}

/// A short frame that does not go with what its reader knows: say hello again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a short frame cannot be read")]
pub struct Unreadable;

impl Reader {
    /// The page has said hello: short frames are for what it was before, until it is [welcome](Self::welcomed).
    pub fn said_hello(&mut self) {
        self.slots = None;
    }

    /// The server has answered, with these slots.
    pub fn welcomed(&mut self, slots: Vec<Uuid>) {
        self.slots = Some(slots);
    }

    /// The frame in plain form; `None` where it is of no use, because the page has said hello since. `roadmap` is the confirmed
    /// document.
    ///
    /// # Errors
    /// [`Unreadable`] when it is broken, or made for another document or other slots. Nothing can be read then until another
    /// welcome.
    pub fn read<'a>(
        &mut self,
        frame: &'a str,
        roadmap: &Roadmap,
    ) -> Result<Option<Cow<'a, str>>, Unreadable> {
        let Some(short) = frame.strip_prefix(MARK) else { return Ok(Some(Cow::Borrowed(frame))) };
        let Some(slots) = &mut self.slots else { return Ok(None) };
        let plain = expand(short, slots, roadmap);
        if plain.is_none() {
            self.slots = None;
        }
        plain.map(|plain| Some(Cow::Owned(plain))).ok_or(Unreadable)
    }
}

fn expand(short: &str, slots: &mut Vec<Uuid>, roadmap: &Roadmap) -> Option<String> {
    let bytes = short.as_bytes();
    let mut plain = String::with_capacity(short.len().saturating_mul(4).min(MAX_FRAME));
    plain.push_str(OPEN);
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let end = at - 1 + string_len(bytes.get(at - 1..)?)?;
                plain.push_str(short.get(at - 1..end)?);
                at = end;
            }
            b'#' => {
                if items.is_empty() {
                    items = numbered(roadmap);
                }
                let item = *items.get(digits(bytes, &mut at)?)?;
                if item == ItemId::NIL {
                    return None;
                }
                push_quoted(&mut plain, item.0);
            }
            b'~' => {
                let slot = digits(bytes, &mut at)?;
                if bytes.get(at) == Some(&b'"') {
                    let id = quoted_id(short.get(at..at + QUOTED_ID)?)?;
                    at += QUOTED_ID;
                    if slot == slots.len() && slot < SLOTS {
                        slots.push(id);
                    } else {
                        *slots.get_mut(slot)? = id;
                    }
                }
                push_quoted(&mut plain, *slots.get(slot)?);
            }
            _ if byte.is_ascii() => match word(byte) {
                Some(word) => plain.push_str(word),
                None => plain.push(char::from(byte)),
            },
            _ => return None,
        }
        if plain.len() > MAX_FRAME - CLOSE.len() {
            return None;
        }
    }
    plain.push_str(CLOSE);
    Some(plain)
}

/// The number that begins here.
fn digits(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let (begin, mut number) = (*at, 0);
    while let Some(digit) = bytes.get(*at).filter(|byte| byte.is_ascii_digit()) {
        number = number * 10 + usize::from(digit - b'0');
        *at += 1;
        if number > MAX_NUMBER as usize {
            return None;
        }
    }
    (*at > begin).then_some(number)
}

/// The items by their numbers, and nil for numbers that none has.
fn numbered(roadmap: &Roadmap) -> Vec<ItemId> {
    let mut items = vec![ItemId::NIL; roadmap.last_number().min(MAX_NUMBER) as usize + 1];
    for item in roadmap.items() {
        if let Some(place) = items.get_mut(item.number as usize) {
            *place = item.id;
        }
    }
    items
}

#[cfg(test)]
mod tests;
