//! Frames gone wrong are refused or read as something else; they never take the process down.

use domain::{
    Document, Roadmap,
    wire::{ClientMessage, ServerMessage, Snapshot},
};

use super::{random::Random, samples};

/// Reads a frame as everything it could be taken for.
fn read(frame: &[u8]) -> usize {
    let mut read = 0;
    if let Ok(message) = serde_json::from_slice::<ClientMessage>(frame) {
        read += 1;
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(
            serde_json::from_str::<ClientMessage>(&text).unwrap(),
            message,
            "what is read can be written"
        );
    }
    if let Ok(message) = serde_json::from_slice::<ServerMessage>(frame) {
        read += 1;
        serde_json::to_string(&message).unwrap();
    }
    if let Ok(snapshot) = serde_json::from_slice::<Snapshot>(frame) {
        read += 1;
        // Rows in any state make some roadmap, which rows make again.
        let roadmap = Roadmap::from(snapshot.document);
        assert_eq!(Roadmap::from(Document::from(roadmap.clone())), roadmap);
    }
    read
}

fn mutate(random: &mut Random, frame: &mut Vec<u8>, other: &[u8]) {
    const SPICE: [&[u8]; 14] = [
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b"null",
        b"-1",
        b"1e999",
        b"18446744073709551616",
        b"\\ud800",
        b"\xff",
        b"\0",
        "\u{202e}é".as_bytes(),
        b"[[[[[[[[[[[[[[[[",
    ];
    let at = random.below(frame.len());
    match random.below(6) {
        0 if !frame.is_empty() => frame[at] ^= 1 << random.below(8),
        1 => frame.truncate(at),
        2 => drop(frame.splice(at..at, SPICE[random.below(SPICE.len())].iter().copied())),
        3 => drop(frame.drain(at..(at + random.below(12)).min(frame.len()))),
        4 if !frame.is_empty() => frame[at] = b'0' + random.below(10) as u8,
        _ => {
            let from = random.below(other.len());
            let piece = &other[from..(from + random.below(40)).min(other.len())];
            drop(frame.splice(at..at, piece.iter().copied()));
        }
    }
}

#[test]
fn mutated_frames_never_panic() {
    let mut frames: Vec<Vec<u8>> = Vec::new();
    frames.extend(samples::client_messages().iter().map(|message| serde_json::to_vec(message).unwrap()));
    frames.extend(samples::server_messages().iter().map(|message| serde_json::to_vec(message).unwrap()));
    frames.extend(samples::ops().into_iter().map(|op| {
        let ops = vec![domain::wire::Pushed { cseq: 1, op }];
        serde_json::to_vec(&ClientMessage::Push { ops }).unwrap()
    }));
    frames.push(serde_json::to_vec(&samples::snapshot()).unwrap());
    assert!(frames.iter().all(|frame| read(frame) > 0));

    let mut random = Random::new(7);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut frame = frames[random.below(frames.len())].clone();
        let other = &frames[random.below(frames.len())];
        for _ in 0..=random.below(3) {
            mutate(&mut random, &mut frame, other);
        }
        match read(&frame) {
            0 => refused += 1,
            _ => accepted += 1,
        }
    }
    assert!(accepted > 500 && refused > 500, "{accepted} were still messages, {refused} were not");
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("{}{}", r#"{"push":{"ops":[{"cseq":1,"op":"#, r#"{"batch":{"ops":["#.repeat(50_000));
    assert_eq!(read(deep.as_bytes()), 0);
    assert_eq!(read("[".repeat(250_000).as_bytes()), 0);
}

#[test]
fn unknown_messages_and_fields_of_pages_are_refused() {
    for frame in [
        r#"{"shout":{}}"#,
        r#"{"hello":{"protocol":1}}"#,
        r#"{"push":{"ops":[],"now":true}}"#,
        r#"{"push":{"ops":[{"cseq":-1,"op":{"upvote":{"item":"01938a4e-8000-7000-8000-000000000201"}}}]}}"#,
        r#"{"push":{"ops":[{"cseq":1,"op":{"upvote":{"item":"201"}}}]}}"#,
        r#"{"push":{"ops":[{"cseq":1,"op":{"create_lane":{"id":"01938a4e-8000-7000-8000-000000000201","name":" ","place":"last"}}}]}}"#,
        "ping",
        "",
        " ",
        "null",
        "\"ping\" \"ping\"",
    ] {
        assert!(serde_json::from_str::<ClientMessage>(frame).is_err(), "{frame}");
    }
}
