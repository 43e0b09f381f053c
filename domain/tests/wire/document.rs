//! `docs/PROTOCOL.md` cannot say what is not so: its examples are read, its rules name tests that exist.

use std::{collections::BTreeSet, fs, path::Path};

use domain::{
    Entry, FIELDS, FieldKind, Op, Reject, Roadmap,
    wire::{
        self, ClientMessage, ServerMessage, Snapshot, Thread,
        short::{self, Reader},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::samples;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn document() -> String {
    fs::read_to_string(root().join("docs/PROTOCOL.md")).unwrap()
}

/// Fenced examples with what they are: `json client`, `json op`, …
fn examples(document: &str) -> Vec<(&str, &str)> {
    let fences: Vec<&str> = document.split("\n```").collect();
    assert!(fences.len() % 2 == 1, "every fence is closed");
    fences
        .chunks(2)
        .filter_map(|pair| pair.get(1))
        .filter_map(|fence| fence.split_once('\n'))
        .filter(|(tag, _)| tag.starts_with("json"))
        .collect()
}

/// Reads an example and writes it again: it must be exactly what is sent.
fn check<T: Serialize + DeserializeOwned>(example: &str) -> String {
    let value: Value = serde_json::from_str(example).unwrap_or_else(|error| panic!("{error}: {example}"));
    let message: T = serde_json::from_str(example).unwrap_or_else(|error| panic!("{error}: {example}"));
    assert_eq!(serde_json::to_value(&message).unwrap(), value, "an example is written as it is sent");
    match value {
        Value::String(name) => name,
        value => value.as_object().and_then(|object| object.keys().next().cloned()).unwrap(),
    }
}

#[test]
fn every_example_is_a_message_and_every_message_has_an_example() {
    let document = document();
    let (mut client, mut server, mut ops) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut entries, mut snapshots) = (0, 0);
    for (tag, example) in examples(&document) {
        match tag {
            "json client" => client.extend([check::<ClientMessage>(example)]),
            "json server" => server.extend([check::<ServerMessage>(example)]),
            "json op" => ops.extend(example.lines().map(check::<Op>)),
            "json entry" => {
                check::<Entry>(example);
                entries += 1;
            }
            "json snapshot" => {
                check::<Snapshot>(example);
                snapshots += 1;
            }
            "json thread" => drop(check::<Thread>(example)),
            other => panic!("`{other}` is no kind of example"),
        }
    }
    assert_eq!(client, samples::kinds::<ClientMessage>());
    assert_eq!(server, samples::kinds::<ServerMessage>());
    assert_eq!(ops, samples::kinds::<Op>());
    assert!(entries > 0 && snapshots > 0);
}

#[test]
fn every_refusal_is_explained() {
    let document = document();
    for reject in samples::kinds::<Reject>() {
        assert!(document.contains(&format!("| `{reject}` |")), "{reject} is missing");
    }
}

#[test]
fn limits_are_those_of_the_code() {
    let document = document();
    for (name, limit) in [
        ("MAX_FRAME", wire::MAX_FRAME),
        ("MAX_SMALL", wire::MAX_SMALL),
        ("MAX_DRAGGED", wire::MAX_DRAGGED),
        ("MAX_PUSH", wire::MAX_PUSH),
        ("MAX_ROOMS", usize::from(wire::MAX_ROOMS)),
        ("MAX_PUSH_BYTES", wire::MAX_PUSH_BYTES),
        ("PROTOCOL", wire::PROTOCOL as usize),
        ("SLOTS", short::SLOTS),
        ("MAX_NUMBER", short::MAX_NUMBER as usize),
    ] {
        assert!(document.contains(&format!("| `{name}` | {limit} |")), "{name} is {limit}");
    }
}

/// The example of a short frame is read with the slots of the example of a welcome.
#[test]
fn the_short_example_says_what_the_plain_one_beside_it_does() {
    let document = document();
    let (_, examples) = document.split_once("```short\n").unwrap();
    let (frame, rest) = examples.split_once("\n```").unwrap();
    let (_, plain) = rest.split_once("```json server\n").unwrap();
    let mut reader = Reader::default();
    let welcome = document.lines().find(|line| line.starts_with(r#"{"welcome""#)).unwrap();
    let ServerMessage::Welcome { slots, .. } = serde_json::from_str(welcome).unwrap() else { panic!() };
    reader.welcomed(slots);
    let roadmap = Roadmap::from(samples::snapshot().document);
    assert_eq!(reader.read(frame, &roadmap).unwrap().unwrap(), plain.lines().next().unwrap());
}

#[test]
fn words_are_those_of_the_code() {
    const COLUMNS: usize = 4;
    let cells: Vec<String> =
        short::WORDS.iter().map(|(token, text)| format!("`{token}` | `{text}`")).collect();
    let rows: Vec<String> = cells
        .chunks(COLUMNS)
        .map(|row| format!("| {}{} |", row.join(" | "), " | | ".repeat(COLUMNS - row.len()).trim_end()))
        .collect();
    let head = format!("|{}\n|{}\n", " | |".repeat(COLUMNS), "---|---|".repeat(COLUMNS));
    let table = format!("{head}{}\n\n", rows.join("\n"));
    assert!(document().contains(&table), "the table of words is\n{table}");
}

#[test]
fn fields_are_those_of_the_code() {
    let rows: Vec<String> = FIELDS
        .iter()
        .map(|field| {
            let first = if field.keeps_first { "; keeps its first value" } else { "" };
            format!("| `{}` | {} | {}{first} |", field.key, field.label, holds(&field.kind))
        })
        .collect();
    let table = format!("| field | called | holds |\n|---|---|---|\n{}\n\n", rows.join("\n"));
    assert!(document().contains(&table), "the table of fields is\n{table}");
}

fn holds(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Line => "one line, at most 200 characters".to_owned(),
        FieldKind::Text => "at most 5000 characters".to_owned(),
        FieldKind::Number { min, max, unit } if unit.is_empty() => format!("a number from {min} to {max}"),
        FieldKind::Number { min, max, unit } => format!("a number from {min} to {max}, {unit}"),
        FieldKind::Money => "money".to_owned(),
        FieldKind::Quarter => "a quarter".to_owned(),
        FieldKind::Efforts => "person-days by discipline".to_owned(),
        FieldKind::Choice(choices) => {
            choices.iter().map(|choice| format!("`{}`", choice.key)).collect::<Vec<_>>().join(", ")
        }
        FieldKind::Links => "at most 20 links".to_owned(),
        other => panic!("no field of every roadmap is {other:?}"),
    }
}

/// Rules are numbered without gaps, and each names the test that shows it.
#[test]
fn every_rule_names_a_test_that_exists() {
    let document = document();
    let mut sources = String::new();
    for folder in [
        "domain/src",
        "domain/tests",
        "backend/src",
        "backend/tests",
        "server/src",
        "server/tests",
        "drill/src",
        "simulation/src",
        "simulation/tests",
    ] {
        read_all(&root().join(folder), &mut sources);
    }
    let rules: Vec<&str> = document.lines().filter(|line| line.starts_with("- **R")).collect();
    assert!(rules.len() > 10);
    for (number, rule) in (1..).zip(rules) {
        assert!(rule.starts_with(&format!("- **R{number}** ")), "rule {number} is out of order: {rule}");
        let text = &document[document.find(rule).unwrap()..];
        let text = text.split("\n\n").next().unwrap().split("\n- ").next().unwrap();
        let (_, tests) = text.split_once("Test: ").unwrap_or_else(|| panic!("R{number} names no test"));
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "R{number} names no test");
        for name in names {
            assert!(sources.contains(&format!("fn {name}(")), "R{number} names {name}, which does not exist");
        }
    }
}

fn read_all(folder: &Path, text: &mut String) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            read_all(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
