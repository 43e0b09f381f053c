//! What a server asked of the kernel, as strace writes it down.
//!
//! strace sees every call twice, when it begins and when it ends, and lets the thread go on only afterwards. So whatever a
//! thread does because of what another has done stands later in the trace.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};

/// What strace is asked for: all that makes files durable, and all that sends. Longer data than this is cut, and refused here.
pub(super) const CALLS: &str = "fsync,fdatasync,pwrite64,pwritev,write,writev,sendto,sendmsg";
pub(super) const LONGEST: usize = 1 << 20;

/// A call of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) thread: u32,
    pub(super) kind: Kind,
    /// The file's path, or what strace says of a socket, such as `TCP:[127.0.0.1:3000->127.0.0.1:40312]`.
    pub(super) object: String,
    /// What is written or sent.
    pub(super) data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sync,
    Write,
}

/// What happened, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Begins(Call),
    /// With what it returned; `None` when the call was not made at all, but strace said that it was.
    Ends(Call, Option<i64>),
    /// A thread has ended; the first thread of a process is the last one that ends.
    Exits(u32),
}

/// Reads a trace line by line.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Calls that have begun, by thread.
    open: HashMap<u32, Call>,
}

impl Reader {
    /// What a line tells: nothing, one end of a call, or both.
    ///
    /// # Errors
    /// When strace cut the line short, or writes in a manner that is not known here.
    pub(super) fn read(&mut self, line: &str) -> Result<Vec<Event>> {
        self.events(line)
            .with_context(|| format!("in the trace: {}", line.chars().take(200).collect::<String>()))
    }

    fn events(&mut self, line: &str) -> Result<Vec<Event>> {
        let (thread, rest) = line.split_once(' ').context("no thread")?;
        let (thread, rest) = (thread.parse()?, rest.trim_start());
        if rest.starts_with("+++") {
            return Ok(vec![Event::Exits(thread)]);
        }
        if rest.starts_with("---") {
            return Ok(Vec::new());
        }
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let call = self.open.remove(&thread).context("an end without a beginning")?;
            return Ok(vec![Event::Ends(call, returned(resumed)?)]);
        }
        let call = begun(thread, rest)?;
        if rest.ends_with("<unfinished ...>") {
            self.open.insert(thread, call.clone());
            return Ok(vec![Event::Begins(call)]);
        }
        let end = Event::Ends(call.clone(), returned(rest)?);
        Ok(vec![Event::Begins(call), end])
    }
}

fn begun(thread: u32, text: &str) -> Result<Call> {
    let (name, arguments) = text.split_once('(').context("no call")?;
    let kind = match name {
        "fsync" | "fdatasync" => Kind::Sync,
        _ => Kind::Write,
    };
    // 11</data/cairn.db-wal>, "…", 24, 0) = 24
    let (_, object) = arguments.split_once('<').context("no descriptor")?;
    let end = [">, ", ">) ", "> <", ">(deleted)"].into_iter().filter_map(|end| object.find(end)).min();
    let (object, rest) = object.split_at(end.context("a descriptor without end")?);
    let data = if kind == Kind::Write { strings(rest)? } else { Vec::new() };
    Ok(Call { thread, kind, object: object.to_owned(), data })
}

/// What stands behind the last `=`.
fn returned(text: &str) -> Result<Option<i64>> {
    let (_, value) = text.rsplit_once(" = ").context("no result")?;
    if value.contains("(INJECTED)") {
        return Ok(None);
    }
    let number = value.split_whitespace().next().context("no result")?;
    // A call that was interrupted for good returns `?`.
    Ok(Some(number.parse().unwrap_or(-1)))
}

/// All texts in quotation marks, one after the other: `writev` and `sendmsg` have several.
fn strings(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes().iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'"' {
            continue;
        }
        loop {
            match rest.next().context("a text without end")? {
                b'"' => break,
                b'\\' => {
                    let escape = rest.next().context("a text without end")?;
                    bytes.push(match escape {
                        b'n' => b'\n',
                        b't' => b'\t',
                        b'r' => b'\r',
                        b'v' => 0x0b,
                        b'f' => 0x0c,
                        b'0'..=b'7' => {
                            let mut value = u32::from(escape - b'0');
                            for _ in 0..2 {
                                let Some(digit) = rest.next_if(|next| (b'0'..=b'7').contains(next)) else {
                                    break;
                                };
                                value = value * 8 + u32::from(digit - b'0');
                            }
                            u8::try_from(value).context("an octal number that is no byte")?
                        }
                        b'"' | b'\\' => escape,
                        other => bail!("an unknown escape {:?}", char::from(other)),
                    });
                }
                byte => bytes.push(byte),
            }
        }
        if rest.peek() == Some(&b'.') {
            bail!("a text was cut short");
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(thread: u32, kind: Kind, object: &str, data: &[u8]) -> Call {
        Call { thread, kind, object: object.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn a_call_on_one_line_begins_and_ends() {
        let line = r#"30297 pwrite64(13</d/c.db-wal>, "\0\0002\n\"a\\\377", 7, 201912) = 7"#;
        let expected = call(30297, Kind::Write, "/d/c.db-wal", b"\0\x002\n\"a\\\xff");
        let events = Reader::default().read(line).unwrap();
        assert_eq!(events, [Event::Begins(expected.clone()), Event::Ends(expected, Some(7))]);
    }

    #[test]
    fn a_call_that_others_interrupt_ends_on_a_line_of_its_own() {
        let mut reader = Reader::default();
        let sync = call(7, Kind::Sync, "/d/c.db-wal", b"");
        assert_eq!(
            reader.read("7 fdatasync(13</d/c.db-wal> <unfinished ...>").unwrap(),
            [Event::Begins(sync.clone())]
        );
        let frame = call(8, Kind::Write, "TCP:[127.0.0.1:1->127.0.0.1:2]", b"ab");
        let line = r#"8 sendto(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "ab", 2, MSG_NOSIGNAL, NULL, 0) = 2"#;
        assert_eq!(reader.read(line).unwrap()[0], Event::Begins(frame));
        assert_eq!(reader.read("7 <... fdatasync resumed>)      = 0").unwrap(), [Event::Ends(sync, Some(0))]);
    }

    #[test]
    fn parts_are_put_together() {
        let line =
            r#"8 writev(9<TCP:[1:1->2:2]>, [{iov_base="a\t", iov_len=2}, {iov_base="b", iov_len=1}], 2) = 3"#;
        let expected = call(8, Kind::Write, "TCP:[1:1->2:2]", b"a\tb");
        assert_eq!(Reader::default().read(line).unwrap()[0], Event::Begins(expected));
    }

    #[test]
    fn what_strace_only_pretends_has_not_been_done() {
        let line = "7 fsync(13</d/c.db-wal>)           = 0 (INJECTED)";
        let sync = call(7, Kind::Sync, "/d/c.db-wal", b"");
        assert_eq!(Reader::default().read(line).unwrap()[1], Event::Ends(sync, None));
    }

    #[test]
    fn short_numbers_of_threads_are_filled_up() {
        assert_eq!(Reader::default().read("812   +++ exited with 0 +++").unwrap(), [Event::Exits(812)]);
        assert_eq!(Reader::default().read("812   --- SIGTERM {si_signo=SIGTERM} ---").unwrap(), []);
    }

    #[test]
    fn a_text_that_was_cut_is_refused() {
        let line = r#"8 write(9</d/x>, "ab"..., 20) = 20"#;
        assert!(Reader::default().read(line).is_err());
        assert!(Reader::default().read("+++ nonsense").is_err());
    }
}
