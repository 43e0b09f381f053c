//! What can be seen in the text of a file.

use super::{Breaches, Source};

/// A file above this length holds more than one subject.
const LINES: usize = 600;

/// Attributes that a content security policy without `unsafe-inline` refuses.
const INLINE_STYLES: [&str; 2] = [" style=\"", " style={\""];

pub(super) fn rust(sources: &[Source]) -> Breaches {
    let mut breaches = Breaches::new();
    for source in sources.iter().filter(|source| source.name.ends_with(".rs")) {
        let name = &source.name;
        let lines = source.text.lines().count();
        if lines > LINES {
            breaches.push(format!("{name}: {lines} lines; above {LINES} a file is split by subject."));
        }
        if name.starts_with("app/src/") {
            find(
                source,
                whole(source),
                &INLINE_STYLES,
                "inline styles are refused by the page's policy",
                &mut breaches,
            );
        }
        if !name.starts_with("backend/") && !name.starts_with("xtask/") {
            find(
                source,
                whole(source),
                &["sea_orm", "sea_query"],
                "entities never leave backend",
                &mut breaches,
            );
        }
        if name.starts_with("backend/src/") {
            let why = "PostgreSQL forgets such a lock while another transaction moves the row; see backend/src/voting/gate.rs";
            find(source, own(source), &["KeyShare"], why, &mut breaches);
        }
        if name.starts_with("domain/src/") && !name.ends_with("tests.rs") {
            let why = "the same inputs must give the same bytes everywhere: fixed point and BTreeMap instead";
            find(source, own(source), &["f32", "f64", "HashMap", "HashSet"], why, &mut breaches);
            let why = "time comes into domain from outside";
            find(source, own(source), &["SystemTime", "Instant", "Timestamp::now"], why, &mut breaches);
        }
    }
    breaches
}

/// Pages take their widths from tokens, so that what stands below each other ends at one edge.
pub(super) fn page_widths(sources: &[Source]) -> Breaches {
    let mut breaches = Breaches::new();
    for source in sources.iter().filter(|source| source.name.starts_with("style/pages/")) {
        for (index, line) in source.text.lines().enumerate() {
            let width = line.trim().strip_prefix("max-width:");
            if width.is_some_and(|width| width.contains("px")) {
                let place = format!("{}:{}", source.name, index + 1);
                breaches.push(format!("{place}: a width of its own; take one of those in style/tokens.css."));
            }
        }
    }
    breaches
}

/// Paths of one machine mean nothing on another.
pub(super) fn machine_paths(sources: &[Source]) -> Breaches {
    // Put together here, so that this file does not find itself.
    let paths = ["work", "root"].map(|folder| format!("/{folder}/"));
    let mut breaches = Breaches::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            // Inside a longer path, or in an address, the same letters are something else.
            let begins = |path: &String| {
                line.match_indices(path.as_str())
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric()))
            };
            if paths.iter().any(begins) {
                breaches.push(format!("{}:{}: names a path of one machine.", source.name, index + 1));
            }
        }
    }
    breaches
}

fn whole(source: &Source) -> &str {
    &source.text
}

/// The file without its tests, which stand at its end or in a file of their own.
pub(super) fn own(source: &Source) -> &str {
    source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

fn find(source: &Source, text: &str, words: &[&str], why: &str, breaches: &mut Breaches) {
    for (index, line) in text.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default();
        for word in words.iter().filter(|word| has_word(line, word)) {
            breaches.push(format!("{}:{}: `{}`: {why}.", source.name, index + 1, word.trim()));
        }
    }
}

/// Whether the word stands in the line and is not part of a longer name.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let joined_before = word.starts_with(part) && line[..at].ends_with(part);
        let joined_after = word.ends_with(part) && line[at + word.len()..].starts_with(part);
        !joined_before && !joined_after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source { name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn each_rule_finds_its_breach() {
        let long = "\n".repeat(LINES + 1);
        for (name, text) in [
            ("domain/src/a.rs", "struct A(f64);"),
            ("domain/src/a.rs", "use std::collections::HashMap;"),
            ("domain/src/a.rs", "#[cfg(test)]\nmod tests;\nuse std::collections::HashMap;"),
            ("domain/src/a.rs", "let now = SystemTime::now();"),
            ("app/src/a.rs", "view! { <p style=\"color: red\"/> }"),
            ("server/src/a.rs", "use sea_orm::Entity;"),
            ("server/src/a.rs", long.as_str()),
        ] {
            assert_eq!(rust(&[source(name, text)]).len(), 1, "{name}: {text:?}");
        }
    }

    #[test]
    fn tests_comments_and_longer_names_are_no_breach() {
        for (name, text) in [
            ("domain/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests { use std::collections::HashMap; }"),
            ("domain/src/a.rs", "// no f64 here"),
            ("domain/src/a.rs", "struct Instantly;"),
            ("backend/src/a.rs", "use sea_orm::Entity;"),
            ("app/src/a.rs", "view! { <p data-style=\"a\" class=\"b\"/> }"),
        ] {
            assert_eq!(rust(&[source(name, text)]), Breaches::new(), "{name}: {text:?}");
        }
    }

    #[test]
    fn pages_have_no_widths_of_their_own() {
        let found = |name: &str, text: &str| page_widths(&[source(name, text)]).len();
        assert_eq!(found("style/pages/a.css", "a {\n  max-width: 420px;\n}"), 1);
        assert_eq!(
            found("style/pages/a.css", "@media (max-width: 640px) { a { max-width: var(--read); } }"),
            0
        );
        assert_eq!(found("style/components/a.css", "  max-width: 420px;"), 0);
    }

    #[test]
    fn machine_paths_are_found_at_their_beginning_only() {
        let path = format!("/{}/x", "work");
        let found = |text: String| machine_paths(&[source("README.md", &text)]).len();
        assert_eq!(found(format!("see {path}")), 1);
        assert_eq!(found(format!("see docs{path}")), 0);
    }
}
