//! A change of what is written is a visible change, and every variant is among the samples.

use std::{collections::BTreeSet, fmt::Debug};

use serde::{Serialize, de::DeserializeOwned};

use super::samples;

/// One line of JSON for each; each is read back as it was, and none is missing.
fn written<T: Serialize + DeserializeOwned + PartialEq + Debug>(samples: &[T]) -> String {
    let lines: Vec<String> = samples
        .iter()
        .map(|sample| {
            let line = serde_json::to_string(sample).unwrap();
            assert_eq!(serde_json::from_str::<T>(&line).unwrap(), *sample, "{line}");
            line
        })
        .collect();
    let shown: BTreeSet<String> = samples.iter().map(samples::kind).collect();
    assert_eq!(shown, samples::kinds::<T>(), "there is a sample of every variant");
    lines.join("\n")
}

#[test]
fn client_messages() {
    insta::assert_snapshot!(written(&samples::client_messages()));
}

#[test]
fn server_messages() {
    insta::assert_snapshot!(written(&samples::server_messages()));
}

#[test]
fn operations() {
    insta::assert_snapshot!(written(&samples::ops()));
}

#[test]
fn item_changes() {
    insta::assert_snapshot!(written(&samples::item_changes()));
}

#[test]
fn places() {
    insta::assert_snapshot!(written(&samples::places()));
}

#[test]
fn refusals() {
    insta::assert_snapshot!(written(&samples::rejects()));
}

#[test]
fn changes() {
    insta::assert_snapshot!(written(&samples::changes()));
}

#[test]
fn roles_and_topics() {
    use domain::wire::Topic;
    insta::assert_snapshot!(written(&domain::Role::ALL));
    insta::assert_snapshot!(written(&[
        Topic::Members,
        Topic::Product,
        Topic::Dependencies,
        Topic::Inbox,
        Topic::Scores
    ]));
}

#[test]
fn snapshot() {
    let snapshot = samples::snapshot();
    let text = serde_json::to_string_pretty(&snapshot).unwrap();
    assert_eq!(serde_json::from_str::<domain::wire::Snapshot>(&text).unwrap(), snapshot);
    insta::assert_snapshot!(text);
}

#[test]
fn sentences_of_the_history() {
    let sentences: Vec<String> =
        samples::changes().iter().map(|change| change.sentence(|_| "Anna".to_owned())).collect();
    insta::assert_snapshot!(sentences.join("\n"));
}

#[test]
fn sentences_of_refusals() {
    let sentences: Vec<String> = samples::rejects().iter().map(ToString::to_string).collect();
    assert!(sentences.iter().all(|sentence| sentence.ends_with('.')));
    insta::assert_snapshot!(sentences.join("\n"));
}
