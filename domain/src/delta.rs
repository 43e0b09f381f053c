//! Changes of a text that many people write at once, letter by letter.
//!
//! A [`Delta`] goes through a text from its beginning to its end: it keeps, inserts and deletes. Two that were made on the
//! same text are [transformed](Delta::transform), each to be done after the other, so that both orders give one text. As one
//! server orders all edits, this is all that is needed (Jupiter: Nichols et al., 1995).

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, SeqAccess, Visitor},
};

use crate::ClientId;

/// The most Unicode scalars a text has that is edited by deltas.
pub const MAX_TEXT: usize = 20_000;

/// The most scalars a change goes through or results in. More than a text has: where two people fill one text at once, what is
/// to be refused has to arrive first.
const MAX_DELTA: usize = 10 * MAX_TEXT;

/// A change of a text, counted in Unicode scalars, over the text's whole length.
///
/// There is one form for each: neighbours are of different kinds, nothing is empty, and what is inserted comes before what
/// is deleted at the same place. As JSON `[5,"new",-3,10]`: keep 5, insert, delete 3, keep the last 10.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Retain(usize),
    Insert(String),
    Delete(usize),
}

impl Delta {
    /// Deletes a text of this length and inserts another.
    pub fn replacing(len: usize, new: &str) -> Self {
        let mut delta = Self::default();
        delta.insert(new);
        delta.delete(len);
        delta
    }

    /// Inserts at the end of a text of this length.
    pub fn appending(len: usize, new: &str) -> Self {
        let mut delta = Self::default();
        delta.retain(len);
        delta.insert(new);
        delta
    }

    fn retain(&mut self, count: usize) {
        match self.0.last_mut() {
            _ if count == 0 => {}
            Some(Piece::Retain(last)) => *last += count,
            _ => self.0.push(Piece::Retain(count)),
        }
    }

    fn insert(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let end = self.0.len() - usize::from(matches!(self.0.last(), Some(Piece::Delete(_))));
        match end.checked_sub(1).and_then(|index| self.0.get_mut(index)) {
            Some(Piece::Insert(last)) => last.push_str(text),
            _ => self.0.insert(end, Piece::Insert(text.to_owned())),
        }
    }

    fn delete(&mut self, count: usize) {
        match self.0.last_mut() {
            _ if count == 0 => {}
            Some(Piece::Delete(last)) => *last += count,
            _ => self.0.push(Piece::Delete(count)),
        }
    }

    /// The length of the text this is a change of.
    pub fn base_len(&self) -> usize {
        let len = |piece: &Piece| match piece {
            Piece::Retain(count) | Piece::Delete(count) => *count,
            Piece::Insert(_) => 0,
        };
        self.0.iter().map(len).sum()
    }

    /// The length of the text it results in.
    pub fn target_len(&self) -> usize {
        let len = |piece: &Piece| match piece {
            Piece::Retain(count) => *count,
            Piece::Insert(text) => text.chars().count(),
            Piece::Delete(_) => 0,
        };
        self.0.iter().map(len).sum()
    }

    /// Whether it leaves every text as it is.
    pub fn is_identity(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Retain(_)))
    }

    /// What it inserts, one thing after the other.
    pub fn inserted(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Insert(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The text after the change; `None` when it was made on a text of another length.
    pub fn apply(&self, text: &str) -> Option<String> {
        let mut rest = text;
        let mut result = String::with_capacity(text.len());
        for piece in &self.0 {
            match piece {
                Piece::Retain(count) => {
                    let (kept, after) = split(rest, *count)?;
                    result.push_str(kept);
                    rest = after;
                }
                Piece::Insert(new) => result.push_str(new),
                Piece::Delete(count) => rest = split(rest, *count)?.1,
            }
        }
        rest.is_empty().then_some(result)
    }

    /// What takes the change of this text back; `None` when it was made on a text of another length.
    pub fn invert(&self, text: &str) -> Option<Delta> {
        let mut rest = text;
        let mut inverse = Delta::default();
        for piece in &self.0 {
            match piece {
                Piece::Retain(count) => {
                    inverse.retain(*count);
                    rest = split(rest, *count)?.1;
                }
                Piece::Insert(new) => inverse.delete(new.chars().count()),
                Piece::Delete(count) => {
                    let (gone, after) = split(rest, *count)?;
                    inverse.insert(gone);
                    rest = after;
                }
            }
        }
        rest.is_empty().then_some(inverse)
    }

    /// This change and then another, as one; `None` when the other was not made on what this one results in.
    pub fn compose(&self, then: &Delta) -> Option<Delta> {
        if self.target_len() != then.base_len() {
            return None;
        }
        let (mut first, mut second) = (Parts::of(self), Parts::of(then));
        let mut both = Delta::default();
        loop {
            match (first.next, second.next) {
                (None, None) => return Some(both),
                (Some(Part::Delete(count)), _) => {
                    both.delete(count);
                    first.take(count);
                }
                (_, Some(Part::Insert(new))) => {
                    both.insert(new);
                    second.take(usize::MAX);
                }
                (Some(a), Some(b)) => {
                    let count = a.len().min(b.len());
                    match (first.take(count), second.take(count)) {
                        (Part::Retain(_), Part::Retain(_)) => both.retain(count),
                        (Part::Retain(_), _) => both.delete(count),
                        (Part::Insert(new), Part::Retain(_)) => both.insert(new),
                        // Inserted by the first, deleted by the second.
                        _ => {}
                    }
                }
                _ => return None,
            }
        }
    }

    /// A change carried over what another page did to the same text, and the other way round: done in either order they give
    /// one text. Where both insert at one place, what the page with the smaller id inserts stands first, whichever came
    /// first, so that what somebody writes on and on there stays together. `None` as with [`Delta::transform`].
    pub fn carry(mine: (ClientId, &Delta), theirs: (ClientId, &Delta)) -> Option<(Delta, Delta)> {
        if mine.0 < theirs.0 {
            return Delta::transform(mine.1, theirs.1);
        }
        Delta::transform(theirs.1, mine.1).map(|(theirs, mine)| (mine, theirs))
    }

    /// Two changes of the same text, each to be done after the other: `earlier` and then the second of what is returned gives
    /// the same as `later` and then the first. Where both insert at one place, what `earlier` inserts stands first. `None`
    /// when they were made on texts of different lengths.
    pub fn transform(earlier: &Delta, later: &Delta) -> Option<(Delta, Delta)> {
        if earlier.base_len() != later.base_len() {
            return None;
        }
        let (mut first, mut second) = (Parts::of(earlier), Parts::of(later));
        let (mut earlier, mut later) = (Delta::default(), Delta::default());
        loop {
            match (first.next, second.next) {
                (None, None) => return Some((earlier, later)),
                (Some(part @ Part::Insert(new)), _) => {
                    earlier.insert(new);
                    later.retain(part.len());
                    first.take(usize::MAX);
                }
                (_, Some(part @ Part::Insert(new))) => {
                    earlier.retain(part.len());
                    later.insert(new);
                    second.take(usize::MAX);
                }
                (Some(a), Some(b)) => {
                    let count = a.len().min(b.len());
                    match (first.take(count), second.take(count)) {
                        (Part::Retain(_), Part::Retain(_)) => {
                            earlier.retain(count);
                            later.retain(count);
                        }
                        (Part::Delete(_), Part::Retain(_)) => earlier.delete(count),
                        (Part::Retain(_), Part::Delete(_)) => later.delete(count),
                        // Both deleted it.
                        _ => {}
                    }
                }
                _ => return None,
            }
        }
    }

    /// Where a caret is after the change. One at which something is inserted stays before it.
    pub fn position(&self, at: usize) -> usize {
        let (mut before, mut after) = (0, 0);
        for piece in &self.0 {
            match piece {
                Piece::Retain(count) if at <= before + count => return after + at - before,
                Piece::Retain(count) => (before, after) = (before + count, after + count),
                Piece::Insert(_) if at == before => return after,
                Piece::Insert(text) => after += text.chars().count(),
                Piece::Delete(count) if at <= before + count => return after,
                Piece::Delete(count) => before += count,
            }
        }
        after
    }

    /// What makes one text of another: by words where that is not too much, so that what did not change is kept.
    pub fn between(old: &str, new: &str) -> Delta {
        let same = |(a, b): &(char, char)| a == b;
        let prefix: usize = old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
        let (start, old, new) = (&old[..prefix], &old[prefix..], &new[prefix..]);
        let ends = old.chars().rev().zip(new.chars().rev());
        let suffix: usize = ends.take_while(same).map(|(c, _)| c.len_utf8()).sum();
        let end = &old[old.len() - suffix..];
        let (old, new) = (&old[..old.len() - suffix], &new[..new.len() - suffix]);

        let mut delta = Delta::default();
        delta.retain(start.chars().count());
        let (old, new) = match (words(old), words(new)) {
            (old, new) if old.len() * new.len() <= MAX_COMPARED => (old, new),
            _ => (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect()),
        };
        delta.between_tokens(&old, &new);
        delta.retain(end.chars().count());
        delta
    }

    /// Keeps a longest common subsequence.
    fn between_tokens(&mut self, old: &[&str], new: &[&str]) {
        let width = new.len() + 1;
        if old.len() * new.len() > MAX_COMPARED {
            self.insert(&new.concat());
            self.delete(old.iter().map(|token| token.chars().count()).sum());
            return;
        }
        // Of what begins at each pair, the most that can be kept.
        let mut kept = vec![0_u32; (old.len() + 1) * width];
        for (i, a) in old.iter().enumerate().rev() {
            for (j, b) in new.iter().enumerate().rev() {
                let either = kept[(i + 1) * width + j].max(kept[i * width + j + 1]);
                kept[i * width + j] = if a == b { kept[(i + 1) * width + j + 1] + 1 } else { either };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < old.len() || j < new.len() {
            if i < old.len() && j < new.len() && old[i] == new[j] {
                self.retain(old[i].chars().count());
                (i, j) = (i + 1, j + 1);
            } else if j == new.len()
                || (i < old.len() && kept[(i + 1) * width + j] >= kept[i * width + j + 1])
            {
                self.delete(old[i].chars().count());
                i += 1;
            } else {
                self.insert(new[j]);
                j += 1;
            }
        }
    }
}

/// The most pairs of words, or of lines, that are compared.
const MAX_COMPARED: usize = 1 << 18;

/// Runs of letters and digits, and everything between them one by one.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let letters = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(letters.max(first.len_utf8()));
        words.push(word);
        rest = after;
    }
    words
}

/// Splits after so many scalars; `None` when there are fewer.
fn split(text: &str, count: usize) -> Option<(&str, &str)> {
    if count == 0 {
        return Some(("", text));
    }
    let (index, last) = text.char_indices().nth(count - 1)?;
    Some(text.split_at(index + last.len_utf8()))
}

/// A piece, or what is left of it.
#[derive(Clone, Copy)]
enum Part<'a> {
    Retain(usize),
    Insert(&'a str),
    Delete(usize),
}

impl Part<'_> {
    fn len(&self) -> usize {
        match self {
            Part::Retain(count) | Part::Delete(count) => *count,
            Part::Insert(text) => text.chars().count(),
        }
    }
}

/// Goes through a delta in steps of any length.
struct Parts<'a> {
    rest: std::slice::Iter<'a, Piece>,
    next: Option<Part<'a>>,
}

impl<'a> Parts<'a> {
    fn of(delta: &'a Delta) -> Self {
        let mut parts = Self { rest: delta.0.iter(), next: None };
        parts.advance();
        parts
    }

    fn advance(&mut self) {
        self.next = self.rest.next().map(|piece| match piece {
            Piece::Retain(count) => Part::Retain(*count),
            Piece::Insert(text) => Part::Insert(text),
            Piece::Delete(count) => Part::Delete(*count),
        });
    }

    /// Takes so much of the next part, or all of it. Nothing is left when there is no part.
    fn take(&mut self, count: usize) -> Part<'a> {
        let part = self.next.unwrap_or(Part::Retain(0));
        let (taken, left) = match part {
            Part::Retain(all) if count < all => (Part::Retain(count), Some(Part::Retain(all - count))),
            Part::Delete(all) if count < all => (Part::Delete(count), Some(Part::Delete(all - count))),
            Part::Insert(text) => match split(text, count) {
                Some((taken, left)) if !left.is_empty() => (Part::Insert(taken), Some(Part::Insert(left))),
                _ => (part, None),
            },
            _ => (part, None),
        };
        match left {
            Some(_) => self.next = left,
            None => self.advance(),
        }
        taken
    }
}

impl Serialize for Delta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl Serialize for Piece {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Piece::Retain(count) => serializer.serialize_u64(*count as u64),
            Piece::Insert(text) => serializer.serialize_str(text),
            Piece::Delete(count) => serializer.serialize_i64(-(*count as i64)),
        }
    }
}

impl<'de> Deserialize<'de> for Delta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(DeltaVisitor)
    }
}

struct DeltaVisitor;

impl<'de> Visitor<'de> for DeltaVisitor {
    type Value = Delta;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a change of a text")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<Delta, A::Error> {
        let mut delta = Delta::default();
        let (mut base, mut target) = (0, 0);
        while let Some(piece) = pieces.next_element::<Piece>()? {
            let loose = matches!(
                (delta.0.last(), &piece),
                (Some(Piece::Retain(_)), Piece::Retain(_))
                    | (Some(Piece::Delete(_)), Piece::Delete(_))
                    | (Some(Piece::Insert(_) | Piece::Delete(_)), Piece::Insert(_))
            );
            match &piece {
                Piece::Retain(count) => (base, target) = (base + count, target + count),
                Piece::Insert(text) => target += text.chars().count(),
                Piece::Delete(count) => base += count,
            }
            if loose || base > MAX_DELTA || target > MAX_DELTA {
                return Err(A::Error::custom("not a change in its one form, or too long"));
            }
            delta.0.push(piece);
        }
        Ok(delta)
    }
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PieceVisitor)
    }
}

struct PieceVisitor;

impl PieceVisitor {
    fn count<E: serde::de::Error>(count: u64) -> Result<usize, E> {
        let count = usize::try_from(count).ok().filter(|count| (1..=MAX_DELTA).contains(count));
        count.ok_or_else(|| E::custom("not a number of characters"))
    }
}

impl Visitor<'_> for PieceVisitor {
    type Value = Piece;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of characters, or a text")
    }

    fn visit_u64<E: serde::de::Error>(self, count: u64) -> Result<Piece, E> {
        Self::count(count).map(Piece::Retain)
    }

    fn visit_i64<E: serde::de::Error>(self, count: i64) -> Result<Piece, E> {
        Self::count(count.unsigned_abs()).map(Piece::Delete)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Piece, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Piece, E> {
        if text.is_empty() { Err(E::custom("nothing is inserted")) } else { Ok(Piece::Insert(text)) }
    }
}

#[cfg(test)]
mod tests;
