//! Entries in frames as `backend/src/rooms/room.rs` puts them there: once for everybody who may see the same, in plain form or
//! in the short one.

use std::rc::Rc;

use domain::{
    Entry, ItemId, UserId,
    wire::{
        ServerMessage,
        short::{CLOSE, MARK, OPEN, Writer},
    },
};

use crate::{
    sabotage::Sabotage,
    server::{Limits, encode},
};

/// For whom entries are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Audience {
    /// May see who votes.
    Full,
    /// May not, except for the votes of one.
    Masked(Option<UserId>),
}

/// An entry as text: for those who see who votes, and where it differs, with the voter, for the others.
#[derive(Debug)]
pub(crate) struct Encoded {
    full: String,
    masked: Option<(UserId, String)>,
}

impl Encoded {
    pub(crate) fn all(entries: &[Entry]) -> Vec<Self> {
        let text = |entry: &Entry| serde_json::to_string(entry).expect("an entry is plain data");
        let encode = |entry: &Entry| {
            let masked = entry.masked_for(UserId::NIL);
            let differs = masked != *entry;
            Self { full: text(entry), masked: differs.then(|| (entry.actor, text(&masked))) }
        };
        entries.iter().map(encode).collect()
    }

    fn is_masked_for(&self, audience: Audience) -> bool {
        match (&self.masked, audience) {
            (Some((voter, _)), Audience::Masked(viewer)) => viewer != Some(*voter),
            _ => false,
        }
    }
}

/// An entry in short form, for the same two.
#[derive(Debug)]
pub(crate) struct Short {
    full: String,
    masked: Option<String>,
}

impl Short {
    /// `None` where one of them is too long for a frame. `number` says by what number pages know an item.
    pub(crate) fn all(
        entries: &[Encoded],
        writer: &mut Writer,
        number: impl Fn(ItemId) -> Option<u32>,
        limits: Limits,
        sabotage: Option<Sabotage>,
    ) -> Option<Vec<Self>> {
        let shorten = |entry: &Encoded| {
            let for_all = entry.masked.is_none() || sabotage == Some(Sabotage::TraceVotes);
            let mut write = |text: &str| {
                let short = writer.shorten(text, for_all, &number);
                if sabotage == Some(Sabotage::WrongSlot) { with_wrong_slots(&short) } else { short }
            };
            let full = write(&entry.full);
            Self { full, masked: entry.masked.as_ref().map(|(_, masked)| write(masked)) }
        };
        let fit = entries.iter().all(|entry| entry.full.len() <= limits.longest);
        fit.then(|| entries.iter().map(shorten).collect())
    }
}

/// Names each new id by the slot before its own.
fn with_wrong_slots(short: &str) -> String {
    let mut parts = short.split('~');
    let mut wrong = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        match (part[..end].parse::<usize>(), part[end..].strip_prefix('"')) {
            (Ok(slot @ 1..), Some(id)) => {
                wrong += &format!("~{}{}", slot - 1, id.split_once('"').map_or("", |(_, rest)| rest));
            }
            _ => wrong += &format!("~{part}"),
        }
    }
    wrong
}

/// Frames in plain form: several entries up to a size. One that is too long asks for the document, and ends them.
pub(crate) fn plain(entries: &[Encoded], audience: Audience, limits: Limits) -> Vec<Rc<str>> {
    let mut frames = Frames::new(OPEN, CLOSE, limits);
    for entry in entries {
        if entry.full.len() > limits.longest {
            frames.cut();
            frames.done.push(encode(&ServerMessage::Refetch));
            return frames.done;
        }
        let masked = entry.masked.as_ref().filter(|_| entry.is_masked_for(audience));
        frames.add(masked.map_or(&entry.full, |(_, masked)| masked));
    }
    frames.cut();
    frames.done
}

/// The same in short form.
pub(crate) fn short(
    entries: &[Encoded],
    short: &[Short],
    audience: Audience,
    limits: Limits,
) -> Vec<Rc<str>> {
    let mark = MARK.to_string();
    let mut frames = Frames::new(&mark, "", limits);
    for (entry, short) in entries.iter().zip(short) {
        let masked = short.masked.as_ref().filter(|_| entry.is_masked_for(audience));
        frames.add(masked.unwrap_or(&short.full));
    }
    frames.cut();
    frames.done
}

struct Frames<'a> {
    open: &'a str,
    close: &'static str,
    most: usize,
    frame: String,
    done: Vec<Rc<str>>,
}

impl<'a> Frames<'a> {
    fn new(open: &'a str, close: &'static str, limits: Limits) -> Self {
        Self { open, close, most: limits.frame, frame: String::new(), done: Vec::new() }
    }

    fn add(&mut self, text: &str) {
        if self.frame.len() + text.len() > self.most {
            self.cut();
        }
        self.frame += if self.frame.is_empty() { self.open } else { "," };
        self.frame += text;
    }

    fn cut(&mut self) {
        if !self.frame.is_empty() {
            self.done.push((std::mem::take(&mut self.frame) + self.close).into());
        }
    }
}
