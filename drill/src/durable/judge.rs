//! Whether anything was told before it was on disk, by a trace of the server's calls.
//!
//! Every operation carries a mark of its own in its text, so that the transaction that holds it is recognised in the
//! bytes of SQLite's log, and its entry in the bytes of a socket. A transaction is covered by a sync of the log that began
//! after its last page had been written, and that has returned 0. No socket may be given a mark, or the answer to an
//! operation, before the transaction that holds it is covered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::trace::{Call, Event, Kind};

/// What marks begin with; eight digits follow.
pub(super) const MARK: &str = "drilled-";
const DIGITS: usize = 8;

/// How an answer tells the place of an operation in the log.
const ANSWER: &str = r#""accepted":{"seq":"#;

/// More than any mark or answer has: the end of what was sent is looked at again with what follows.
const OVERLAP: usize = 64;

/// The headers of SQLite's log and of each page in it ("The SQLite Database File Format", 4.1).
const LOG_HEADER: usize = 32;
const PAGE_HEADER: usize = 24;

/// Faults that are told in full.
const SHOWN: usize = 20;

/// An operation that was marked.
pub(super) type Mark = u32;

/// The text of an operation.
pub(super) fn marked(mark: Mark) -> String {
    format!("{MARK}{mark:0DIGITS$}")
}

/// How much of a file was written, and how much of that is on disk, counted in writes.
#[derive(Debug, Default)]
struct File {
    written: u64,
    synced: u64,
}

/// Follows a trace from its beginning.
#[derive(Debug)]
pub(super) struct Judge {
    database: String,
    log: String,
    /// Whose operation has which place in the room's log.
    places: BTreeMap<u64, Mark>,
    files: HashMap<String, File>,
    /// Syncs under way, by thread: what they cover when they are done.
    syncs: HashMap<u32, u64>,
    /// The marks on the pages of the transaction that is being written.
    open: BTreeSet<Mark>,
    /// Whether the next page ends its transaction.
    last_page: bool,
    /// After which write to the log a mark was committed.
    committed: BTreeMap<Mark, u64>,
    /// The end of what was sent, by socket.
    tails: HashMap<String, Vec<u8>>,
    answered: BTreeSet<Mark>,
    told: BTreeSet<Mark>,
    /// Places that were answered to nobody.
    strangers: BTreeSet<u64>,
    pub(super) verdict: Verdict,
}

/// What a trace came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Operations whose answer went to a socket.
    pub(super) answered: usize,
    /// Operations whose text went to a socket.
    pub(super) told: usize,
    pub(super) transactions: usize,
    /// Syncs of SQLite's log that were done.
    pub(super) syncs: usize,
    pub(super) restarts: usize,
    /// Answers and entries that left too early, and beginnings of a new log before the old one was in the file.
    pub(super) early: usize,
    pub(super) sentences: Vec<String>,
}

impl Judge {
    /// For a server on this SQLite file.
    pub(super) fn new(database: &str, places: BTreeMap<u64, Mark>) -> Self {
        Self {
            database: database.to_owned(),
            log: format!("{database}-wal"),
            places,
            files: HashMap::new(),
            syncs: HashMap::new(),
            open: BTreeSet::new(),
            last_page: false,
            committed: BTreeMap::new(),
            tails: HashMap::new(),
            answered: BTreeSet::new(),
            told: BTreeSet::new(),
            strangers: BTreeSet::new(),
            verdict: Verdict::default(),
        }
    }

    pub(super) fn see(&mut self, event: &Event) {
        match event {
            Event::Begins(call) if call.kind == Kind::Sync => {
                let covers = self.files.get(&call.object).map_or(0, |file| file.written);
                self.syncs.insert(call.thread, covers);
            }
            Event::Ends(call, result) if call.kind == Kind::Sync => {
                let covers = self.syncs.remove(&call.thread).unwrap_or_default();
                if *result == Some(0) {
                    let file = self.files.entry(call.object.clone()).or_default();
                    file.synced = file.synced.max(covers);
                    self.verdict.syncs += usize::from(call.object == self.log);
                }
            }
            // What is given to a socket may be on its way at once; what is given to a file is there when the call returns.
            Event::Begins(call) if is_socket(call) => self.sends(call),
            Event::Ends(call, result) if is_socket(call) => self.sent(call, *result),
            Event::Ends(call, _) if call.object == self.log => self.logs(&call.data),
            Event::Ends(call, _) if call.object == self.database => {
                self.files.entry(call.object.clone()).or_default().written += 1;
            }
            _ => {}
        }
    }

    /// The verdict, when the trace has ended.
    pub(super) fn close(mut self) -> Verdict {
        self.verdict.answered = self.answered.len();
        self.verdict.told = self.told.len();
        self.verdict
    }

    /// SQLite writes the header of a page and the page by calls of their own.
    fn logs(&mut self, data: &[u8]) {
        let log = self.files.entry(self.log.clone()).or_default();
        log.written += 1;
        let written = log.written;
        match data.len() {
            LOG_HEADER => self.begins_anew(),
            // The size of the database after the commit, on the last page of a transaction only.
            PAGE_HEADER => self.last_page = data[4..8] != [0; 4],
            _ => {
                self.open.extend(marks(data));
                if std::mem::take(&mut self.last_page) {
                    self.verdict.transactions += 1;
                    for mark in std::mem::take(&mut self.open) {
                        // Later transactions write the same page again; the first is the one that counts.
                        self.committed.entry(mark).or_insert(written);
                    }
                }
            }
        }
    }

    /// What the log held is overwritten from here on, so it has to be in the file.
    fn begins_anew(&mut self) {
        self.verdict.restarts += 1;
        if let Some(file) = self.files.get(&self.database)
            && file.synced < file.written
        {
            self.fault("the log begins anew, but what it held is not on disk in the database".to_owned());
        }
    }

    fn sends(&mut self, call: &Call) {
        let mut data = self.tails.get(&call.object).cloned().unwrap_or_default();
        data.extend_from_slice(&call.data);
        for place in numbers(&data, ANSWER.as_bytes()) {
            match self.places.get(&place).copied() {
                Some(mark) if self.answered.insert(mark) => self.leaves("the answer to", mark),
                Some(_) => {}
                // From before the first that was marked.
                None if self.places.first_key_value().is_none_or(|(first, _)| place < *first) => {}
                None if !self.strangers.insert(place) => {}
                None => self.fault(format!("an answer tells of entry {place}, which was pushed by nobody")),
            }
        }
        for mark in marks(&data) {
            if self.told.insert(mark) {
                self.leaves("the entry of", mark);
            }
        }
    }

    fn sent(&mut self, call: &Call, result: Option<i64>) {
        let sent = result.and_then(|sent| usize::try_from(sent).ok()).unwrap_or(0).min(call.data.len());
        let tail = self.tails.entry(call.object.clone()).or_default();
        tail.extend_from_slice(&call.data[..sent]);
        let from = tail.len().saturating_sub(OVERLAP);
        tail.drain(..from);
    }

    /// Only the first time counts: later ones cannot be earlier.
    fn leaves(&mut self, what: &str, mark: Mark) {
        let synced = self.files.get(&self.log).map_or(0, |log| log.synced);
        match self.committed.get(&mark) {
            Some(commit) if *commit <= synced => {}
            Some(_) => self.fault(format!("{what} {mark} leaves before its transaction is on disk")),
            None => self.fault(format!("{what} {mark} leaves before its transaction is written")),
        }
    }

    fn fault(&mut self, sentence: String) {
        self.verdict.early += 1;
        if self.verdict.sentences.len() < SHOWN {
            self.verdict.sentences.push(sentence);
        }
    }
}

fn is_socket(call: &Call) -> bool {
    call.object.starts_with("TCP") && call.kind == Kind::Write
}

fn marks(data: &[u8]) -> BTreeSet<Mark> {
    let complete = |from: &[u8]| from.len() >= DIGITS && from[..DIGITS].iter().all(u8::is_ascii_digit);
    after(data, MARK.as_bytes())
        .filter(|from| complete(from))
        .filter_map(|from| std::str::from_utf8(&from[..DIGITS]).ok()?.parse().ok())
        .collect()
}

/// The numbers that follow a word. One that may go on behind the end is left for the next look.
fn numbers(data: &[u8], word: &[u8]) -> BTreeSet<u64> {
    let number = |from: &[u8]| {
        let digits = from.iter().position(|byte| !byte.is_ascii_digit())?;
        std::str::from_utf8(&from[..digits]).ok()?.parse().ok()
    };
    after(data, word).filter_map(number).collect()
}

/// What stands behind each occurrence of a word.
fn after<'a>(data: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            // The first byte is searched alone, because that is quick.
            let start = from + data[from..].iter().position(|byte| *byte == word[0])?;
            from = start + 1;
            if data[start..].starts_with(word) {
                return Some(&data[start + word.len()..]);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durable::trace::Reader;

    /// A transaction with operation 1, on two pages; its sync; its answer and its entry.
    const TRACE: &str = r#"5 pwrite64(3</d/c.db-wal>, "7\177\6\202\0-\342\30\0\0\20\0\0\0\0\0&h\347\305y\350xr\1\2\3\4\5\6\7\10", 32, 0) = 32
5 pwrite64(3</d/c.db-wal>, "\0\0\0\1\0\0\0\0&h\347\305y\350xr\1\2\3\4\5\6\7\10", 24, 32) = 24
5 pwrite64(3</d/c.db-wal>, "\r\0\0\0..{\"title\":\"drilled-00000001\"}..", 37, 56) = 37
5 pwrite64(3</d/c.db-wal>, "\0\0\0\2\0\0\0\2&h\347\305y\350xr\1\2\3\4\5\6\7\10", 24, 93) = 24
5 pwrite64(3</d/c.db-wal>, "\r\0\0\0..nothing..", 15, 117) = 15
5 fsync(3</d/c.db-wal>) = 0
6 sendto(9<TCP:[1:1->2:2]>, "..{\"ack\":{\"results\":[{\"cseq\":1,\"outcome\":{\"accepted\":{\"seq\":4}}}]}}", 70, 0, NULL, 0) = 70
6 sendto(9<TCP:[1:1->2:2]>, "..{\"entries\":{\"entries\":[{\"seq\":4,..\"drilled-00000001\"}]}}", 60, 0, NULL, 0) = 60"#;

    fn judge(lines: &[&str]) -> Verdict {
        let (mut judge, mut reader) = (Judge::new("/d/c.db", BTreeMap::from([(4, 1)])), Reader::default());
        for line in lines {
            for event in reader.read(line).unwrap() {
                judge.see(&event);
            }
        }
        judge.close()
    }

    fn lines() -> Vec<&'static str> {
        TRACE.lines().collect()
    }

    #[test]
    fn what_is_synced_before_it_is_told_is_well() {
        let verdict = judge(&lines());
        assert_eq!((verdict.answered, verdict.told, verdict.transactions, verdict.syncs), (1, 1, 1, 1));
        assert_eq!((verdict.early, verdict.restarts), (0, 1));
    }

    #[test]
    fn without_a_sync_answer_and_entry_are_early() {
        let mut lines = lines();
        lines.retain(|line| !line.contains("fsync"));
        assert_eq!(judge(&lines).early, 2);
    }

    #[test]
    fn a_sync_that_failed_or_was_never_made_does_not_count() {
        for result in ["-1 EIO (Input/output error)", "0 (INJECTED)"] {
            let line = format!("5 fsync(3</d/c.db-wal>) = {result}");
            let mut lines = lines();
            lines[5] = &line;
            assert_eq!(judge(&lines).early, 2, "{result}");
        }
    }

    #[test]
    fn a_sync_of_something_else_does_not_count() {
        let mut lines = lines();
        lines[5] = "5 fsync(3</d/c.db>) = 0";
        assert_eq!(judge(&lines).early, 2);
    }

    #[test]
    fn a_sync_counts_when_it_has_returned() {
        let mut lines = lines();
        lines[5] = "5 fsync(3</d/c.db-wal> <unfinished ...>";
        lines.insert(7, "5 <... fsync resumed>) = 0");
        assert_eq!(judge(&lines).early, 1, "the answer left while the sync was under way");
    }

    #[test]
    fn a_sync_covers_what_was_written_before_it_began() {
        let mut lines = lines();
        lines.swap(4, 5);
        assert_eq!(judge(&lines).early, 2, "the last page came after the sync");
        let mut lines = self::lines();
        lines[5] = "5 <... fsync resumed>) = 0";
        lines[4] = r#"7 pwrite64(3</d/c.db-wal>, "\r\0\0\0..nothing..", 15, 117) = 15"#;
        lines.insert(4, "5 fsync(3</d/c.db-wal> <unfinished ...>");
        assert_eq!(judge(&lines).early, 2, "the last page came while the sync was under way");
    }

    #[test]
    fn an_answer_in_two_pieces_is_recognised() {
        let mut lines = lines();
        lines.retain(|line| !line.contains("fsync") && !line.contains("entries"));
        lines[5] = r#"6 sendto(9<TCP:[1:1->2:2]>, "\"outcome\":{\"accep", 70, 0, NULL, 0) = 17"#;
        lines.push(r#"6 sendto(9<TCP:[1:1->2:2]>, "ted\":{\"seq\":4}}}]}}", 60, 0, NULL, 0) = 20"#);
        let verdict = judge(&lines);
        assert_eq!((verdict.answered, verdict.early), (1, 1));
    }

    #[test]
    fn the_log_begins_anew_only_when_the_database_is_on_disk() {
        let mut lines = lines();
        let again = lines[0];
        lines.extend([r#"5 pwrite64(4</d/c.db>, "..", 2, 0) = 2"#, again]);
        assert_eq!(judge(&lines).early, 1);
        lines.insert(9, "5 fsync(4</d/c.db>) = 0");
        assert_eq!(judge(&lines).early, 0);
    }

    #[test]
    fn an_answer_to_nobody_is_a_fault() {
        let mut lines = lines();
        let line = lines[6].replace("\"seq\\\":4", "\"seq\\\":5");
        lines[6] = &line;
        assert_eq!(judge(&lines).early, 1);
    }
}
