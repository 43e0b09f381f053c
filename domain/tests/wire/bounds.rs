//! No message of the server grows with what people do beyond a bound.

use domain::{
    Reject,
    wire::{Acked, MAX_FRAME, MAX_PUSH, Outcome, ServerMessage, short::SLOTS},
};

use super::samples;

/// The most bytes of a message. Exhaustive on purpose: a new message does not compile until somebody has bounded it.
fn bound(message: &ServerMessage) -> usize {
    match message {
        // Of what others show there are 8 KiB; `backend` takes care of that.
        ServerMessage::Peers { .. } => 10 * 1024,
        ServerMessage::Welcome { .. } => 10 * 1024 + 39 * SLOTS,
        // A longer entry or record is never sent: pages are asked to load everything.
        ServerMessage::Entries { .. } | ServerMessage::Records { .. } => MAX_FRAME,
        ServerMessage::Ack { .. } => 128 * 1024,
        ServerMessage::Refetch
        | ServerMessage::RecordsFrom { .. }
        | ServerMessage::Changed { .. }
        | ServerMessage::Pong { .. }
        | ServerMessage::Closed { .. }
        | ServerMessage::Bye { .. } => 1024,
    }
}

fn bytes(message: &ServerMessage) -> usize {
    serde_json::to_string(message).unwrap().len()
}

/// A refusal of the same kind with the longest content there can be.
fn longest(reject: Reject) -> Reject {
    // Two bytes for each character that JSON escapes, four for others.
    let title = || "\u{10ffff}".repeat(200);
    match reject {
        Reject::ItemDeleted(_) => Reject::ItemDeleted(title()),
        Reject::ItemNotDeleted(_) => Reject::ItemNotDeleted(title()),
        Reject::LaneDeleted(_) => Reject::LaneDeleted(title()),
        Reject::LaneNotDeleted(_) => Reject::LaneNotDeleted(title()),
        Reject::OutOfOrder { .. } => Reject::OutOfOrder { expected: u64::MAX, got: u64::MAX },
        other => other,
    }
}

#[test]
fn every_message_of_the_server_has_a_bound() {
    for message in samples::server_messages() {
        assert!(bytes(&message) <= bound(&message), "{message:?}");
    }
    for reject in samples::rejects() {
        let outcome = Outcome::Refused(longest(reject));
        let results = vec![Acked { cseq: u64::MAX, outcome }; MAX_PUSH];
        let message = ServerMessage::Ack { results };
        assert!(bytes(&message) <= bound(&message), "{} bytes: {message:?}", bytes(&message));
    }
}
