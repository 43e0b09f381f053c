use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{ClientId, Entry, ItemChange, Op, Place, Timestamp, UserId, fixture, wire::ServerMessage};

fn client(number: u64) -> ClientId {
    ClientId::new(number, [5; 10])
}

fn entry(seq: u64, op: Op) -> Entry {
    let (client, actor) = (client(seq % 7), fixture::person(1));
    Entry { seq, client, cseq: 3, actor, at: Timestamp(1_795_262_400_000), op, items: Vec::new() }
}

/// A writer and a reader in one room.
#[derive(Default)]
struct Room {
    writer: Writer,
    reader: Reader,
    roadmap: Roadmap,
}

impl Room {
    fn new() -> Self {
        let mut room = Self { roadmap: fixture::roadmap(), ..Self::default() };
        room.reader.welcomed(room.writer.slots());
        room
    }

    fn shorten(&mut self, json: &str, remembers: bool) -> String {
        let number = |id| self.roadmap.item(id).map(|item| item.number);
        format!("{MARK}{}", self.writer.shorten(json, remembers, number))
    }

    fn read(&mut self, frame: &str) -> String {
        self.reader.read(frame, &self.roadmap).unwrap().unwrap().into_owned()
    }

    /// Sends an entry, and returns its frame.
    fn send(&mut self, entry: &Entry) -> String {
        let json = serde_json::to_string(entry).unwrap();
        let frame = self.shorten(&json, true);
        assert_eq!(self.read(&frame), format!("{OPEN}{json}{CLOSE}"));
        frame
    }
}

fn moved() -> Op {
    let place = Place::Beside { after: Some(fixture::item(2)), before: Some(fixture::item(3)) };
    fixture::move_items(&[1], 2, place)
}

#[test]
fn words_are_tokens_that_no_json_has() {
    let tokens: BTreeSet<char> = WORDS.iter().map(|(token, _)| *token).collect();
    assert_eq!(tokens.len(), WORDS.len());
    let json = "{}[],:\"0123456789+-.eE truefalsenull \t\r\n#~\\";
    assert!(tokens.iter().all(|token| token.is_ascii_graphic() && !json.contains(*token)));
    assert!(!json.contains(MARK) && !tokens.contains(&MARK));
    for (letter, text) in WORDS {
        assert_eq!(word(u8::try_from(*letter).unwrap()), Some(*text));
        assert_eq!(token(text), Some(u8::try_from(*letter).unwrap()));
    }
}

#[test]
fn a_moved_card_is_short() {
    let mut room = Room::new();
    let first = room.send(&entry(7, moved()));
    assert!(first.contains("~0\"") && first.contains("~1\"") && first.contains("~2\""), "{first}");
    let second = room.send(&entry(14, moved()));
    assert_eq!(second, "!{S14,C~0,Q3,A~1,T1795262400000,O{M{j[#1],L~2,P{b{>#2,<#3}}}}}");
}

#[test]
fn what_people_write_is_not_touched() {
    let mut room = Room::new();
    for text in ["$ #12 ~5 \" \\ { S14", "\\", "\\\"", "\"~1\"", "é\u{1f600}", "first", "title"] {
        room.send(&entry(1, fixture::set(1, ItemChange::Title(fixture::title(text)))));
    }
    // A text that is an id, too.
    let id = fixture::item(1).to_string();
    for text in [id.clone(), id.to_uppercase(), client(1).to_string()] {
        room.send(&entry(1, fixture::set(1, ItemChange::Title(fixture::title(&text)))));
    }
}

#[test]
fn who_comes_later_knows_the_slots_and_slots_come_round() {
    let mut room = Room::new();
    for number in 0..3 * SLOTS as u64 {
        let entry = Entry { client: client(number), ..entry(number + 1, moved()) };
        room.send(&entry);
        // Everybody uses this one's, and it stays.
        assert!(number == 0 || !room.send(&entry).contains(&entry.actor.to_string()));
        if number % 50 == 0 {
            let mut later = Reader::default();
            later.welcomed(room.writer.slots());
            let json = serde_json::to_string(&entry).unwrap();
            let frame = room.shorten(&json, true);
            let read = later.read(&frame, &room.roadmap).unwrap().unwrap().into_owned();
            assert_eq!(read, format!("{OPEN}{json}{CLOSE}"));
            assert_eq!(room.read(&frame), read);
        }
    }
    assert_eq!(room.writer.slots().len(), SLOTS);
}

#[test]
fn what_is_not_told_to_everybody_leaves_no_trace() {
    let mut room = Room::new();
    room.send(&entry(1, moved()));
    let before = format!("{:?}", room.writer);
    let vote = entry(2, Op::Upvote { item: fixture::item(1) });
    for vote in [vote.clone(), vote.masked_for(UserId::NIL)] {
        let json = serde_json::to_string(&vote).unwrap();
        let frame = room.shorten(&json, false);
        assert_eq!(room.read(&frame), format!("{OPEN}{json}{CLOSE}"));
        assert_eq!(format!("{:?}", room.writer), before);
    }
}

#[test]
fn a_reader_without_slots_waits_and_one_with_others_says_so() {
    let mut room = Room::new();
    room.reader.said_hello();
    assert_eq!(room.reader.read("!{S1}", &room.roadmap), Ok(None));
    assert_eq!(room.reader.read("\"refetch\"", &room.roadmap), Ok(Some("\"refetch\"".into())));
    for frame in
        ["!~0", "!#0", "!#70", "!#", "!~", "!#99999999999999999999", "!\"", "!\"\\\"", "!é", "!~2\"x\""]
    {
        room.reader.welcomed(Vec::new());
        assert_eq!(room.reader.read(frame, &room.roadmap), Err(Unreadable), "{frame}");
        assert_eq!(room.reader.read(frame, &room.roadmap), Ok(None), "{frame}");
    }
}

#[test]
fn a_frame_grows_to_no_more_than_another_may_have() {
    let mut room = Room::new();
    let many = |times: usize| format!("{MARK}[#1{}]", ",#1".repeat(times));
    assert!(room.read(&many(6_000)).len() <= MAX_FRAME);
    assert_eq!(room.reader.read(&many(7_000), &room.roadmap), Err(Unreadable));
    room.reader.welcomed(Vec::new());
    let long = format!("{MARK}\"{}\"", "x".repeat(MAX_FRAME));
    assert_eq!(room.reader.read(&long, &room.roadmap), Err(Unreadable));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn any_title_comes_back(text in "[$#~!\\\\\"0-9A-Za-z{},:\\PC]{1,60}") {
        let Ok(title) = text.parse() else { return Ok(()) };
        let mut room = Room::new();
        let frame = room.send(&entry(1, fixture::set(1, ItemChange::Title(title))));
        let plain = room.read(&frame);
        prop_assert!(serde_json::from_str::<ServerMessage>(&plain).is_ok());
    }

    #[test]
    fn any_frame_is_read_or_refused(frame in "!([$#~\"SCQAT0-9{},:\\PC]|~[0-9]{1,3}|#[0-9]{1,3}){0,80}") {
        let mut room = Room::new();
        if let Ok(Some(plain)) = room.reader.read(&frame, &room.roadmap) {
            prop_assert!(plain.len() <= MAX_FRAME);
        }
    }
}
