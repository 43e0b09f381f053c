//! Addresses that people write into a text as they are: where they begin and end, and where they lead.

use std::ops::Range;

/// How an address begins that needs no brackets.
const BEGINNINGS: [&str; 3] = ["https://", "http://", WWW];

const WWW: &str = "www.";

/// The addresses in a text, in their order. Takes time in proportion to the text.
pub(super) fn bare(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(found) = text[at..].find(['h', 'H', 'w', 'W']) {
            let start = at + found;
            at = start + 1;
            // In the middle of a word, or of another address.
            if text[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || "_-@/.".contains(c)) {
                continue;
            }
            let Some(begin) = BEGINNINGS.into_iter().find(|begin| begins(&text[start..], begin)) else {
                continue;
            };
            at = start + begin.len();
            if let Some(end) = end(text, at) {
                at = end;
                return Some(start..end);
            }
        }
        None
    })
}

/// Whether an address has no scheme because people leave it out: it leads to the web, and not to a page of this site.
pub(super) fn lacks_scheme(address: &str) -> bool {
    begins(address, WWW)
}

fn begins(text: &str, begin: &str) -> bool {
    text.as_bytes().get(..begin.len()).is_some_and(|start| start.eq_ignore_ascii_case(begin.as_bytes()))
}

/// Where an address ends whose host begins at a place: before white space and quotation marks, and before what ends a sentence
/// or closes a bracket that was opened in front of it.
fn end(text: &str, host: usize) -> Option<usize> {
    let rest = &text[host..];
    if !rest.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return None;
    }
    let stops = |c: char| {
        c.is_whitespace() || c.is_control() || "<>\"`“”„«»。、，；！？（）「」『』【】《》".contains(c)
    };
    let mut address = &rest[..rest.find(stops).unwrap_or(rest.len())];
    let count = |bracket: char| address.matches(bracket).count();
    let mut too_many = count(')').saturating_sub(count('('));
    while let Some(last) = address.chars().next_back() {
        let closes = last == ')' && too_many > 0;
        if !closes && !"?!.,:;*_~'’".contains(last) {
            break;
        }
        too_many -= usize::from(closes);
        address = &address[..address.len() - last.len_utf8()];
    }
    Some(host + address.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        bare(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn an_address_ends_before_what_belongs_to_the_sentence() {
        for (text, address) in [
            ("see https://example.org/a?b=c#d.", "https://example.org/a?b=c#d"),
            ("(www.example.org)", "www.example.org"),
            ("https://example.org/wiki/A_(b), and", "https://example.org/wiki/A_(b)"),
            ("“http://localhost:3000/”", "http://localhost:3000/"),
            ("HTTPS://EXAMPLE.ORG!", "HTTPS://EXAMPLE.ORG"),
            ("https://例え.jp/道。次", "https://例え.jp/道"),
            ("見るhttps://example.org/x", "https://example.org/x"),
            ("**https://example.org**", "https://example.org"),
            ("http://[::1]:80/a", "http://[::1]:80/a"),
        ] {
            assert_eq!(found(text), [address], "{text}");
        }
        assert_eq!(found("www.a.org,www.b.org www.c.org"), ["www.a.org,www.b.org", "www.c.org"]);
    }

    #[test]
    fn what_only_looks_like_an_address_is_none() {
        for text in
            ["www.", "https://", "http:// a", "awww.example.org", "me@www.example.org", "https://.", "w"]
        {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
