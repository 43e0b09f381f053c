//! People named in a text: `@Anna Berg`.
//!
//! The text holds the name as it was written and nothing else, so that it merges, is searched and exported like any other. Who
//! was meant is stored beside it when the text is committed, and outlives a change of the name.

use std::ops::Range;

/// The most signs of a text that are looked at.
const MOST_SIGNS: usize = 500;

/// The most characters behind a sign while somebody writes a name.
const LONGEST_QUERY: usize = 40;

const SIGN: char = '@';

/// Where a text mentions somebody, with the place of the name among `names`. The longest name wins.
pub fn mentions<'a>(text: &'a str, names: &'a [&'a str]) -> impl Iterator<Item = (Range<usize>, usize)> + 'a {
    let signs = text.match_indices(SIGN).take(MOST_SIGNS).filter(|(at, _)| begins(text, *at));
    signs.filter_map(|(at, sign)| {
        let rest = &text[at + sign.len()..];
        let is_named = |name: &str| {
            let after = rest.strip_prefix(name).filter(|_| !name.is_empty());
            after.is_some_and(|after| !after.starts_with(char::is_alphanumeric))
        };
        let named = names.iter().enumerate().filter(|(_, name)| is_named(name));
        let (index, name) = named.max_by_key(|(_, name)| name.len())?;
        Some((at..at + sign.len() + name.len(), index))
    })
}

/// The name that somebody is writing before a place in a text: where its sign stands, and what is behind that.
pub fn mention_before(text: &str, caret: usize) -> Option<(usize, &str)> {
    let before = text.get(..caret)?;
    let at = before.rfind(SIGN).filter(|at| begins(text, *at))?;
    let query = &before[at + SIGN.len_utf8()..];
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | '\'' | '’');
    let is_name = query.chars().all(fits) && query.chars().count() <= LONGEST_QUERY;
    (is_name && !query.starts_with(' ')).then_some((at, query))
}

/// Whether a sign at this place is no part of a word, as it is in an e-mail address.
fn begins(text: &str, at: usize) -> bool {
    !text[..at].ends_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<&str> {
        let names = ["Anna", "Anna Berg", "Zoë O’Neill", "Bo"];
        mentions(text, &names)
            .map(|(range, index)| {
                assert_eq!(&text[range.start + 1..range.end], names[index]);
                names[index]
            })
            .collect()
    }

    #[test]
    fn the_longest_name_is_meant() {
        assert_eq!(named("@Anna Berg, please. (@Bo) @Zoë O’Neill"), ["Anna Berg", "Bo", "Zoë O’Neill"]);
        assert_eq!(named("@Anna: @Anna Bergson"), ["Anna", "Anna"]);
        assert_eq!(named("@Anna Berg@Bo"), ["Anna Berg"]);
    }

    #[test]
    fn what_only_looks_like_a_name_is_none() {
        assert_eq!(named("me@Anna.org @Annabel @ Anna @anna @"), Vec::<&str>::new());
        assert_eq!(named(&"@Bo ".repeat(MOST_SIGNS + 9)).len(), MOST_SIGNS);
    }

    #[test]
    fn a_name_is_completed_while_it_is_written() {
        assert_eq!(mention_before("Ask @An about", 7), Some((4, "An")));
        assert_eq!(mention_before("Ask @", 5), Some((4, "")));
        assert_eq!(mention_before("Ask @Anna B", 11), Some((4, "Anna B")));
        for (text, caret) in [("me@An", 5), ("@ An", 4), ("@An, so", 7), ("An", 2), ("@Ä", 2), ("@An\nx", 5)]
        {
            assert_eq!(mention_before(text, caret), None, "{text}");
        }
        assert_eq!(mention_before(&format!("@{}", "a".repeat(41)), 42), None);
    }
}
