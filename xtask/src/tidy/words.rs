//! Phrases that people do not read here, each with what is written instead.

use super::{
    Breaches, Source,
    sources::{has_word, own},
};

/// In lower case.
const PHRASES: [(&str, &str); 14] = [
    ("put to the vote", "Start a vote"),
    ("waits for the server", "Not sent yet"),
    ("not saved, and taken back", "Not saved"),
    ("changes that need you", "Review changes"),
    ("do again", "Reapply"),
    ("into the bin", "Move to bin"),
    ("take out", "Restore"),
    ("not undone", "Can’t undo"),
    ("because of", "Reason: …"),
    ("at most for one", "Maximum per item"),
    ("go by", "Ranked by …"),
    ("goes by", "Ranked by …"),
    ("is no effort", "isn’t a valid effort"),
    ("anew", "again"),
];

/// Where the texts that people read are written.
const SHOWN: [&str; 4] = ["app/src/", "backend/src/", "domain/src/", "server/src/"];

pub(super) fn check(sources: &[Source]) -> Breaches {
    let mut breaches = Breaches::new();
    for source in sources.iter().filter(|source| is_shown(&source.name)) {
        let text = own(source);
        for (at, literal) in literals(text) {
            let said = as_said(literal);
            for (phrase, instead) in PHRASES.iter().filter(|(phrase, _)| has_word(&said, phrase)) {
                let line = 1 + text[..at].matches('\n').count();
                breaches.push(format!("{}:{line}: `{phrase}` reads badly; write `{instead}`.", source.name));
            }
        }
    }
    breaches
}

fn is_shown(name: &str) -> bool {
    let is_test = name.ends_with("tests.rs") || name.contains("/tests/");
    name.ends_with(".rs") && !is_test && SHOWN.iter().any(|folder| name.starts_with(folder))
}

/// A literal as people read it: on one line, and in lower case.
fn as_said(literal: &str) -> String {
    literal.replace("\\\n", "").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The string literals of Rust source with where they begin. What stands in comments is none.
fn literals(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(['"', '\'', '/', 'r']) {
        at += next;
        let rest = &text[at..];
        let is_name = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let raw = rest.strip_prefix('r').filter(|_| !is_name).map(|rest| rest.trim_start_matches('#'));
        at += if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = raw.filter(|raw| raw.starts_with('"')) {
            // What `r##` begins, `"##` ends.
            let begin = rest.len() - raw.len() + 1;
            let end = format!("\"{}", "#".repeat(begin - 2));
            let length = rest[begin..].find(&end).unwrap_or(rest.len() - begin);
            found.push((at, &rest[begin..begin + length]));
            begin + length + end.len()
        } else if let Some(string) = rest.strip_prefix('"') {
            let length = length_of(string);
            found.push((at, &string[..length]));
            length + 2
        } else if rest.starts_with("'\"'") {
            3
        } else if rest.starts_with("'\\") {
            4
        } else {
            1
        };
        at = at.min(text.len());
    }
    found
}

/// The bytes before the quote that ends a string.
fn length_of(string: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in string.char_indices() {
        match c {
            '"' if !is_escaped => return at,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    string.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> Breaches {
        check(&[Source { name: name.to_owned(), text: text.to_owned() }])
    }

    #[test]
    fn phrases_are_found_in_what_people_read() {
        for text in [
            "view! { <button>\"Put to the vote\"</button> }",
            "let sentence = format!(\"“{text}” is no effort.\");",
            "const A: &str = \"Places goes by \\\n    the sum\";\nlet a = r#\"put “it” into the bin\"#;",
            "#[error(\"Because of: {0}\")]",
            "let quotes = ['\"', '\\'', '\\\\']; let a = \"Anew.\";",
        ] {
            assert!(!found("app/src/a.rs", text).is_empty(), "{text}");
        }
        let breaches =
            found("backend/src/a.rs", "// é\nlet a = \"Do again\";\nlet b = \"Waits for the server\";");
        let read =
            |line, phrase, say| format!("backend/src/a.rs:{line}: `{phrase}` reads badly; write `{say}`.");
        let expected = [read(2, "do again", "Reapply"), read(3, "waits for the server", "Not sent yet")];
        assert_eq!(breaches, expected);
    }

    #[test]
    fn comments_tests_names_and_longer_words_are_no_breach() {
        for (name, text) in [
            ("app/src/a.rs", "// Put to the vote \"anew\".\nlet put_to_the_vote = \"Start a vote\";"),
            ("app/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests { fn a() { \"anew\" } }"),
            ("app/src/tests/a.rs", "\"anew\""),
            ("drill/src/a.rs", "\"anew\""),
            ("app/src/a.rs", "\"Renewed; a manewer\" ; fn anew<'a>(r: &'a str, bar: char) {}"),
            ("app/src/a.rs", "let a = 'r'; let anew = r\"There is no item\"; let b = r;"),
        ] {
            assert_eq!(found(name, text), Breaches::new(), "{name}: {text:?}");
        }
    }
}
