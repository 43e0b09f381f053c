//! Frames gone wrong are refused; they never take the process down. Mangled ones by the thousand are in `tests/bytes.rs`.

use domain::wire::{ClientMessage, ServerMessage, Snapshot};

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("{}{}", r#"{"push":{"ops":[{"cseq":1,"op":"#, r#"{"batch":{"ops":["#.repeat(50_000));
    for frame in [deep, "[".repeat(250_000)] {
        assert!(serde_json::from_str::<ClientMessage>(&frame).is_err());
        assert!(serde_json::from_str::<ServerMessage>(&frame).is_err());
        assert!(serde_json::from_str::<Snapshot>(&frame).is_err());
    }
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
