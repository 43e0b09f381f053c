//! An open room: the document as last committed, the recent log, and who is there.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

use bytes::Bytes;
use domain::{
    Entry, ItemId, Op, Roadmap, UserId,
    wire::{
        MAX_FRAME,
        short::{self, MARK, Writer},
    },
};

use super::{connection::Seat, elsewhere::Elsewhere, growth::Paces, past::Folds, rows::RoomId};

/// The most entries a room keeps in memory for pages that come back.
const RING_ENTRIES: usize = 4_096;

/// The most bytes of them.
const RING_BYTES: usize = 512 * 1024;

/// Frames are cut when they reach this size. A connection keeps a buffer as large as the longest frame it ever sent,
/// and there are many connections.
pub(crate) const FRAME: usize = 16 * 1024;

/// A room that is open in this process.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: RoomId,
    /// What is committed. Only the committer, and whoever loads the room, change it.
    pub(super) committed: tokio::sync::OnceCell<Mutex<Published>>,
    state: Mutex<State>,
    /// What people looked at of its past.
    pub(super) folds: Mutex<Folds>,
    /// How fast people add to it.
    pub(super) paces: Paces,
}

/// A document and its place in the log.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub(super) roadmap: Arc<Roadmap>,
    pub(super) head: u64,
    pub(super) epoch: u64,
    /// The product whose roadmap this is.
    pub(super) product: Arc<str>,
}

/// What pages are told from.
#[derive(Debug)]
pub(super) struct State {
    /// What has been told; a moment behind what is committed. `None` until the room is loaded.
    pub(super) published: Option<Published>,
    pub(super) ring: Ring,
    /// Open pages by the number of their connection.
    pub(super) seats: BTreeMap<u64, Arc<Seat>>,
    /// Open pages in other processes.
    pub(super) elsewhere: Elsewhere,
    /// Writes what open pages are told in short form.
    pub(super) writer: Writer,
    pub(super) used: Instant,
}

impl Room {
    pub(super) fn new(id: RoomId) -> Self {
        Self {
            id,
            committed: tokio::sync::OnceCell::new(),
            paces: Paces::default(),
            state: Mutex::new(State {
                published: None,
                ring: Ring::default(),
                seats: BTreeMap::new(),
                elsewhere: Elsewhere::default(),
                writer: Writer::default(),
                used: Instant::now(),
            }),
            folds: Mutex::default(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// What is committed, by the committer's knowledge.
    pub(super) fn committed(&self) -> Option<Published> {
        self.committed.get().map(|committed| lock(committed).clone())
    }

    pub(super) fn set_committed(&self, published: Published) {
        if let Some(committed) = self.committed.get() {
            *lock(committed) = published;
        }
    }
}

/// A panic while the lock was held leaves nothing half-done that later readers could not bear.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A committed entry as text, ready to be sent: encoded once for everybody.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    pub(super) seq: u64,
    full: Arc<str>,
    /// For those who may not see who votes; only votes differ.
    masked: Option<(UserId, Arc<str>)>,
}

impl Encoded {
    /// Entries with what pages need that do not hold every comment. The roadmap is that of the last entry or a later one: a
    /// comment stays with its item.
    pub(super) fn all(entries: &[Entry], roadmap: &Roadmap) -> Vec<Self> {
        let encode = |entry: &Entry| match entry.op.comment_items(roadmap) {
            items if items.is_empty() => Self::new(entry),
            items => Self::new(&Entry { items, ..entry.clone() }),
        };
        entries.iter().map(encode).collect()
    }

    fn new(entry: &Entry) -> Self {
        let text = |entry: &Entry| -> Arc<str> {
            serde_json::to_string(entry).expect("an entry has nothing that JSON cannot hold").into()
        };
        let vote = matches!(entry.op, Op::Upvote { .. } | Op::WithdrawUpvote { .. });
        Self {
            seq: entry.seq,
            full: text(entry),
            masked: vote.then(|| (entry.actor, text(&entry.masked_for(UserId::NIL)))),
        }
    }

    /// Whether somebody of this audience gets it masked.
    fn is_masked_for(&self, audience: Audience) -> bool {
        match (&self.masked, audience) {
            (None, _) | (_, Audience::Full) => false,
            (Some((voter, _)), Audience::Masked(viewer)) => viewer != Some(*voter),
        }
    }

    fn text_for(&self, audience: Audience) -> &str {
        self.masked.as_ref().filter(|_| self.is_masked_for(audience)).map_or(&self.full, |(_, masked)| masked)
    }

    /// Whether a frame can hold it.
    fn fits(&self) -> bool {
        self.full.len() + short::OPEN.len() + short::CLOSE.len() <= MAX_FRAME
    }

    pub(super) fn voter(&self) -> Option<UserId> {
        self.masked.as_ref().map(|(voter, _)| *voter)
    }

    fn bytes(&self) -> usize {
        self.full.len() + self.masked.as_ref().map_or(0, |(_, masked)| masked.len())
    }
}

/// For whom entries are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Audience {
    /// May see who votes.
    Full,
    /// May not, except for this member's own votes.
    Masked(Option<UserId>),
}

/// Frames of the live channel that carry entries: several up to [`FRAME`] bytes, a longer entry alone. One that is
/// longer than [`MAX_FRAME`] becomes a request to load the document again, and nothing after it is sent.
pub(super) fn frames<'a>(entries: impl IntoIterator<Item = &'a Encoded>, audience: Audience) -> Vec<Bytes> {
    let mut frames = Frames::new(short::OPEN, short::CLOSE);
    for entry in entries {
        if !entry.fits() {
            return frames.end_with(refetch());
        }
        let text = entry.text_for(audience);
        frames.add(text, text.len());
    }
    frames.end()
}

/// As [`frames`], in short form.
pub(super) fn short_frames(entries: &[Encoded], short: &[Short], audience: Audience) -> Vec<Bytes> {
    let mut mark = [0; 4];
    let mut frames = Frames::new(MARK.encode_utf8(&mut mark), "");
    for (entry, short) in entries.iter().zip(short) {
        let masked = short.masked.as_ref().filter(|_| entry.is_masked_for(audience));
        frames.add(masked.unwrap_or(&short.full), entry.text_for(audience).len());
    }
    frames.end()
}

/// Entries put together to frames.
struct Frames<'a> {
    open: &'a str,
    close: &'static str,
    done: Vec<Bytes>,
    frame: String,
    /// Bytes of the frame in plain form.
    plain: usize,
}

impl<'a> Frames<'a> {
    fn new(open: &'a str, close: &'static str) -> Self {
        Self { open, close, done: Vec::new(), frame: String::new(), plain: 0 }
    }

    /// Adds an entry, which has so many bytes in plain form.
    fn add(&mut self, text: &str, plain: usize) {
        let around = short::OPEN.len() + short::CLOSE.len();
        let more = self.frame.len() + 1 + text.len() + self.close.len();
        if !self.frame.is_empty() && (more > FRAME || self.plain + 1 + plain + around > MAX_FRAME) {
            self.cut();
        }
        if self.frame.is_empty() {
            self.frame.push_str(self.open);
        } else {
            self.frame.push(',');
            self.plain += 1;
        }
        self.frame.push_str(text);
        self.plain += plain;
    }

    fn cut(&mut self) {
        if !self.frame.is_empty() {
            self.done.push(Bytes::from(std::mem::take(&mut self.frame) + self.close));
            self.plain = 0;
        }
    }

    fn end(mut self) -> Vec<Bytes> {
        self.cut();
        self.done
    }

    fn end_with(mut self, last: Bytes) -> Vec<Bytes> {
        self.cut();
        self.done.push(last);
        self.done
    }
}

/// An entry as pages of the room are told of it in short form, encoded once for all of them.
#[derive(Debug)]
pub(super) struct Short {
    full: String,
    masked: Option<String>,
}

impl Short {
    /// Entries for pages that had the document before them, in which `known` was the highest number. `None` where a frame cannot hold
    /// one of them: what is not sent to everybody must get no slots.
    pub(super) fn all(
        entries: &[Encoded],
        writer: &mut Writer,
        roadmap: &Roadmap,
        known: u32,
    ) -> Option<Vec<Self>> {
        let number = |id: ItemId| roadmap.item(id).map(|item| item.number).filter(|number| *number <= known);
        let shorten = |entry: &Encoded| {
            let is_told_to_all = entry.masked.is_none();
            let mut write = |text: &str| writer.shorten(text, is_told_to_all, number);
            let full = write(&entry.full);
            Self { full, masked: entry.masked.as_ref().map(|(_, masked)| write(masked)) }
        };
        entries.iter().all(Encoded::fits).then(|| entries.iter().map(shorten).collect())
    }
}

pub(crate) fn refetch() -> Bytes {
    Bytes::from_static(br#""refetch""#)
}

/// The latest entries, for pages that come back after a short while.
#[derive(Debug, Default)]
pub(super) struct Ring {
    entries: VecDeque<Encoded>,
    bytes: usize,
}

impl Ring {
    pub(super) fn push(&mut self, entry: Encoded) {
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while self.entries.len() > RING_ENTRIES || self.bytes > RING_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes();
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The entries after a sequence number, unless some of them are gone already.
    pub(super) fn after(&self, seq: u64) -> Option<impl Iterator<Item = &Encoded>> {
        let first = self.entries.front()?.seq;
        let skip = usize::try_from((seq + 1).checked_sub(first)?).ok()?;
        Some(self.entries.iter().skip(skip))
    }
}

#[cfg(test)]
mod tests {
    use domain::{ClientId, ItemId, Timestamp, wire::ServerMessage};

    use super::*;

    fn entry(seq: u64, op: Op) -> Entry {
        let actor = UserId::new(seq, [1; 10]);
        Entry {
            seq,
            client: ClientId::new(1, [2; 10]),
            cseq: seq,
            actor,
            at: Timestamp(0),
            op,
            items: Vec::new(),
        }
    }

    fn item() -> ItemId {
        ItemId::new(1, [3; 10])
    }

    fn decode(frame: &Bytes) -> ServerMessage {
        serde_json::from_slice(frame).unwrap()
    }

    #[test]
    fn frames_are_what_the_wire_says() {
        let entries =
            [entry(1, Op::DeleteItems { ids: vec![item()] }), entry(2, Op::Upvote { item: item() })];
        let encoded: Vec<_> = entries.iter().map(Encoded::new).collect();
        let full = frames(&encoded, Audience::Full);
        assert_eq!(full.len(), 1);
        assert_eq!(decode(&full[0]), ServerMessage::Entries { entries: entries.to_vec() });
        assert_eq!(decode(&refetch()), ServerMessage::Refetch);
    }

    #[test]
    fn a_vote_keeps_its_author_only_for_those_who_may_know() {
        let vote = entry(1, Op::Upvote { item: item() });
        let encoded = [Encoded::new(&vote)];
        let seen = |audience| match decode(&frames(&encoded, audience)[0]) {
            ServerMessage::Entries { entries } => entries[0].actor,
            other => panic!("{other:?}"),
        };
        assert_eq!(seen(Audience::Full), vote.actor);
        assert_eq!(seen(Audience::Masked(Some(vote.actor))), vote.actor);
        assert_eq!(seen(Audience::Masked(Some(UserId::new(9, [9; 10])))), UserId::NIL);
        assert_eq!(seen(Audience::Masked(None)), UserId::NIL);
    }

    #[test]
    fn a_long_tail_is_cut_into_frames_and_an_entry_too_long_asks_to_load_again() {
        let many =
            |count: u64| Op::DeleteItems { ids: (0..count).map(|n| ItemId::new(n, [4; 10])).collect() };
        let encoded: Vec<_> = (1..=4).map(|seq| Encoded::new(&entry(seq, many(200)))).collect();
        let cut = frames(&encoded, Audience::Full);
        assert_eq!(cut.len(), 2);
        assert!(cut.iter().all(|frame| frame.len() <= FRAME));
        let told = cut.iter().map(|frame| match decode(frame) {
            ServerMessage::Entries { entries } => entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        });
        assert_eq!(told.collect::<Vec<_>>(), [[1, 2], [3, 4]]);

        let encoded: Vec<_> = (1..=2).map(|seq| Encoded::new(&entry(seq, many(3_000)))).collect();
        assert_eq!(frames(&encoded, Audience::Full).len(), 2);

        let encoded: Vec<_> = [3, 10_000, 3]
            .into_iter()
            .enumerate()
            .map(|(n, count)| Encoded::new(&entry(n as u64 + 1, many(count))))
            .collect();
        let cut = frames(&encoded, Audience::Full);
        assert_eq!(cut.len(), 2);
        assert_eq!(decode(&cut[1]), ServerMessage::Refetch);
    }

    #[test]
    fn the_ring_knows_what_it_has_forgotten() {
        let mut ring = Ring::default();
        for seq in 1..=RING_ENTRIES as u64 + 10 {
            ring.push(Encoded { seq, full: "{}".into(), masked: None });
        }
        assert!(ring.after(9).is_none());
        assert_eq!(ring.after(10).unwrap().count(), RING_ENTRIES);
        assert_eq!(ring.after(RING_ENTRIES as u64 + 10).unwrap().count(), 0);
        let long: Arc<str> = "x".repeat(RING_BYTES / 2).into();
        for seq in 0..3 {
            ring.push(Encoded { seq: RING_ENTRIES as u64 + 11 + seq, full: long.clone(), masked: None });
        }
        assert_eq!(ring.entries.len(), 2);
    }
}
