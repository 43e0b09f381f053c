//! Bytes that come from outside, mangled: frames of both sides, documents, what the log keeps, and texts.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::{fmt::Display, str::FromStr};

use domain::{
    Change, ClientId, Context, Date, Document, Email, Entry, ItemId, ItemKey, Op, PersonDays, ProductKey,
    Rank, Replica, Roadmap, Role, Tag, Timestamp, Title, UserId, apply, authorise,
    wire::{ClientMessage, MAX_FRAME, ServerMessage, Snapshot, short::Reader},
};
use fuzz::{Target, feed};
use peak_alloc::PeakAlloc;
use serde::{Serialize, de::DeserializeOwned};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// How many bytes of memory reading a frame may take for each of its own, and in any case.
const MEMORY: (usize, usize) = (8, 4 * 1024);

/// As the first of [`MEMORY`], where it is refused: the refusal quotes it, with up to six bytes for one, in a text that grows by
/// doubling.
const MEMORY_OF_REFUSAL: usize = 24;

/// How often reading a frame may take more before it is what the frame takes.
const READINGS: usize = 5;

/// The longest input, in bytes: less than a frame may have, so that there is time for more of them.
const LONGEST: usize = MAX_FRAME / 32;

const WORDS: [&str; 24] = [
    "create_item",
    "set_item",
    "move_items",
    "batch",
    "reason",
    "beside",
    "after",
    "before",
    "place",
    "fields",
    "tags",
    "title",
    "description",
    "schedule",
    "01938a4e-8000-7000-8000-000000000201",
    "01938a4e-8000-7000-8000-000000000101",
    "00000000-0000-0000-0000-000000000000",
    "first",
    "2026-02-29",
    "\u{200b}",
    "\u{7f}",
    "entries",
    "ops",
    "cseq",
];

fn target(name: &str) -> Target<'_> {
    Target {
        name,
        corpus: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"),
        words: &WORDS,
        longest: LONGEST,
    }
}

/// Reads JSON, and finds that it is written and read again as the same. What came of it, or the words it was refused with.
fn read<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(bytes: &[u8]) -> Result<T, String> {
    let value: T = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let text = serde_json::to_string(&value).unwrap();
    let again: T =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in what was written: {text}"));
    assert_eq!(again, value, "what is read can be written");
    assert_eq!(serde_json::to_string(&again).unwrap(), text, "and is written as the same");
    Ok(value)
}

/// How many bytes were allocated at a time while something was made, by all threads together.
fn memory_of<T>(make: impl FnOnce() -> T) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    drop(make());
    HEAP.peak_usage().saturating_sub(before)
}

/// As [`read`], within the memory a frame may take.
fn read_within_memory<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(
    bytes: &[u8],
) -> Result<T, String> {
    let is_refused = serde_json::from_slice::<T>(bytes).is_err();
    let each = if is_refused { MEMORY_OF_REFUSAL } else { MEMORY.0 };
    let allowed = each * bytes.len() + MEMORY.1;
    // The peak is the whole process's, and the harness allocates beside it: what an input needs, it needs each time.
    let within = (0..READINGS).any(|_| memory_of(|| serde_json::from_slice::<T>(bytes)) <= allowed);
    assert!(within, "{} bytes took more than the {allowed} of memory that are allowed", bytes.len());
    read(bytes)
}

/// The document of the corpus.
fn snapshot() -> Snapshot {
    serde_json::from_str(include_str!("corpus/snapshot/whole.json")).unwrap()
}

/// Does an operation, or refuses it and leaves everything as it was. What takes it back applies, too.
fn do_or_refuse(roadmap: &mut Roadmap, op: &Op, actor: UserId) -> String {
    let before = roadmap.clone();
    let context = Context { actor, at: Timestamp(1) };
    match apply(roadmap, op, &context) {
        Ok(effects) => {
            let document = Document::from(roadmap.clone());
            assert_eq!(Roadmap::from(document), *roadmap, "rows make the same roadmap again");
            if !effects.inverse.is_empty() && effects.inverse.len() <= domain::MAX_THINGS {
                apply(&mut roadmap.clone(), &Op::batch(effects.inverse), &context).unwrap();
            }
            format!("{} changes", "x".repeat(effects.changes.len().min(3)))
        }
        Err(reject) => {
            assert_eq!(*roadmap, before, "a refusal changes nothing");
            reject.to_string()
        }
    }
}

#[test]
fn whatever_a_page_sends_is_understood_or_refused() {
    let start = Roadmap::from(snapshot().document);
    let actor = snapshot().document.items[0].created.by;
    feed(target("client_frame"), |bytes| {
        let message: ClientMessage = match read_within_memory(bytes) {
            Ok(message) => message,
            Err(words) => return words,
        };
        let ClientMessage::Push { ops } = message else { return "no push".to_owned() };
        let mut roadmap = start.clone();
        let mut told = String::new();
        for pushed in &ops {
            told += &match authorise(&roadmap, &pushed.op, actor, Role::Editor) {
                Ok(()) => do_or_refuse(&mut roadmap, &pushed.op, actor),
                Err(reject) => reject.to_string(),
            };
        }
        told
    });
}

#[test]
fn whatever_a_server_sends_leaves_a_page_whole() {
    let actor = snapshot().document.items[0].created.by;
    let client = ClientId::new(1, [4; 10]);
    let mut start = Replica::new(snapshot(), client, actor, Role::Editor);
    start.welcomed(start.epoch());
    let first = start.view().items().next().unwrap().id;
    start.edit(Op::DeleteItems { ids: vec![first] }, Timestamp(2)).unwrap();
    start.take_push().unwrap();
    feed(target("server_frame"), |bytes| {
        let message: ServerMessage = match read_within_memory(bytes) {
            Ok(message) => message,
            Err(words) => return words,
        };
        let mut page = start.clone();
        match message {
            ServerMessage::Entries { mut entries } => {
                // Most are of no use at any other place in the log.
                for (seq, entry) in (page.head() + 1..).zip(&mut entries) {
                    entry.seq = seq;
                }
                let before = page.view().clone();
                let received = page.receive(entries);
                assert!(
                    received.is_ok() || *page.view() == before,
                    "what does not continue it leaves the view"
                );
                assert_eq!(Roadmap::from(Document::from(page.view().clone())), *page.view());
                received.map_or_else(|gap| gap.to_string(), |touched| format!("{}", touched.lane_order))
            }
            ServerMessage::Ack { results } => {
                let (_, refused) = page.acknowledge(results);
                format!("{} refused", "x".repeat(refused.len()))
            }
            ServerMessage::Welcome { epoch, .. } => {
                page.welcomed(epoch);
                assert_eq!(
                    page.take_push().is_some(),
                    epoch == page.epoch(),
                    "only a known server gets what is pending"
                );
                "welcome".to_owned()
            }
            _ => "something else".to_owned(),
        }
    });
}

#[test]
fn whatever_a_short_frame_holds_it_is_read_or_refused() {
    let snapshot = snapshot();
    let author = snapshot.document.items[0].created.by;
    let roadmap = Roadmap::from(snapshot.document);
    feed(target("short_frame"), |bytes| {
        let Ok(frame) = std::str::from_utf8(bytes) else { return "no text".to_owned() };
        let mut reader = Reader::default();
        reader.welcomed(vec![author.0, ClientId::new(1, [4; 10]).0]);
        match reader.read(frame, &roadmap) {
            Ok(Some(plain)) => {
                assert!(plain.len() <= MAX_FRAME.max(frame.len()));
                let message = serde_json::from_str::<ServerMessage>(&plain);
                message.map_or_else(|error| error.to_string(), |_| "a message".to_owned())
            }
            Ok(None) => panic!("the reader has slots"),
            Err(unreadable) => unreadable.to_string(),
        }
    });
}

#[test]
fn any_document_makes_a_roadmap_that_can_be_kept() {
    feed(target("snapshot"), |bytes| {
        let snapshot: Snapshot = match read_within_memory(bytes) {
            Ok(snapshot) => snapshot,
            Err(words) => return words,
        };
        let roadmap = Roadmap::from(snapshot.document);
        assert_eq!(
            Roadmap::from(Document::from(roadmap.clone())),
            roadmap,
            "rows make the same roadmap again"
        );
        let reader = UserId::new(9, [9; 10]);
        let masked = Document::from(roadmap.masked_for(reader));
        assert!(masked.votes.values().all(|votes| votes.voters.iter().all(|voter| *voter == reader)));
        format!(
            "{}, {}",
            "x".repeat(roadmap.lane_order().len().min(3)),
            "x".repeat(masked.items.len().min(3))
        )
    });
}

#[test]
fn what_the_log_keeps_is_applied_or_refused() {
    let start = Roadmap::from(snapshot().document);
    let actor = snapshot().document.items[0].created.by;
    feed(target("stored_operation"), |bytes| match read::<Op>(bytes) {
        Ok(op) => {
            let entry = Entry {
                seq: 1,
                client: ClientId::NIL,
                cseq: 1,
                actor,
                at: Timestamp(1),
                op,
                items: Vec::new(),
            };
            read::<Entry>(&serde_json::to_vec(&entry).unwrap()).unwrap();
            do_or_refuse(&mut start.clone(), &entry.op, actor)
        }
        Err(words) => words,
    });
}

#[test]
fn what_history_keeps_can_be_told() {
    feed(target("stored_changes"), |bytes| match read::<Vec<Change>>(bytes) {
        Ok(changes) => {
            let told: Vec<String> =
                changes.iter().map(|change| change.sentence(|_| "Ann".to_owned())).collect();
            told.into_iter().take(3).collect()
        }
        Err(words) => words,
    });
}

/// A text that can be read is written as what is read as the same.
fn settled<T: FromStr<Err: Display> + Display + PartialEq + std::fmt::Debug>(text: &str) -> String {
    match text.parse::<T>() {
        Ok(value) => {
            let written = value.to_string();
            let again = written.parse::<T>().unwrap_or_else(|error| panic!("{error}: {written:?}"));
            assert_eq!(again, value, "{text:?} became {written:?}");
            "yes".to_owned()
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn texts_are_read_as_what_they_are_written() {
    feed(target("texts"), |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return "no text".to_owned() };
        let mut told = [
            settled::<ProductKey>(text),
            settled::<ItemKey>(text),
            settled::<Email>(text),
            settled::<Tag>(text),
            settled::<Title>(text),
            settled::<Date>(text),
            settled::<PersonDays>(text),
            settled::<ItemId>(text),
            settled::<Role>(text),
        ]
        .map(|told| told.chars().take(12).collect::<String>())
        .concat();
        if let Ok(rank) = Rank::try_from(text.to_owned()) {
            let above = Rank::between(Some(&rank), None).unwrap();
            let below = Rank::between(None, Some(&rank)).unwrap();
            assert!(below < rank && rank < above);
            told += "a rank";
        }
        told
    });
}
