//! What a text may cost. Whatever exceeds a bound is shown as it was typed; nothing is refused.

use std::borrow::Cow;

use domain::MAX_TEXT;

/// The longest text that is read as Markdown, in bytes: of the longest description, whatever its letters.
const MAX_BYTES: usize = 4 * MAX_TEXT;

/// How deep elements lie in one another. What lies deeper is written without its own.
pub(super) const MAX_DEPTH: usize = 32;

/// The most bytes of HTML for each byte of a text, and beside them.
const MAX_GROWTH: usize = 20;
const MAX_OVERHEAD: usize = 1_024;

/// The most markers of lists and quotes that begin one line.
const MAX_MARKERS: usize = 32;

/// The most steps in places where the parser's work is the product of two counts.
const MAX_PRODUCT: usize = 500_000;

/// The most bytes of HTML that may come of a text.
pub(super) fn max_html(text: &str) -> usize {
    text.len().saturating_mul(MAX_GROWTH).saturating_add(MAX_OVERHEAD)
}

/// The text as the parser can read it in time proportional to its length, if it can.
///
/// The parser asks, for each line, whether it continues each of the lists and quotes that are open; looks for a link's title
/// through all lines below; and fills rows with cells up to the width of their table. The markers that begin a line are
/// therefore limited by escaping the next one, and the products of the other counts are.
pub(super) fn readable(text: &str) -> Option<Cow<'_, str>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let columns = text.lines().map(|line| count(line, "|")).max().unwrap_or_default();
    let titles = count(text, "](") + count(text, "]:");
    if lines.saturating_mul(columns.max(titles)) > MAX_PRODUCT {
        return None;
    }
    if text.lines().all(|line| excess(line).is_none()) {
        return Some(Cow::Borrowed(text));
    }
    let mut limited = String::with_capacity(text.len() + lines);
    for line in text.split_inclusive('\n') {
        match excess(line) {
            Some(at) => limited.extend([&line[..at], "\\", &line[at..]]),
            None => limited.push_str(line),
        }
    }
    Some(Cow::Owned(limited))
}

fn count(text: &str, word: &str) -> usize {
    text.matches(word).count()
}

/// Where in a line the first marker stands that is one too many: `>`, `-`, `*`, `+`, or the point after a number.
fn excess(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut markers = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let marker = match byte {
            b' ' | b'\t' => {
                at += 1;
                continue;
            }
            b'>' => at,
            // A line of nothing else is a rule, whatever stands before it.
            b'-' | b'*' if line[at..].bytes().all(|other| other == *byte || other.is_ascii_whitespace()) => {
                return None;
            }
            b'-' | b'*' | b'+' if ends(bytes, at) => at,
            b'0'..=b'9' => {
                let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                let point = at + digits;
                if !matches!(bytes.get(point), Some(b'.' | b')')) || !ends(bytes, point) {
                    return None;
                }
                point
            }
            _ => return None,
        };
        markers += 1;
        if markers > MAX_MARKERS {
            return Some(marker);
        }
        at = marker + 1;
    }
    None
}

/// Whether a list's marker ends at this place, as it does before white space alone.
fn ends(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace)
}
