//! Messages of the live channel: JSON text frames over one WebSocket. Rules and examples are in `docs/PROTOCOL.md`.

pub mod short;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ClientId, Comment, Document, Entry, ItemId, LaneId, Op, Place, Record, Reject, RoadmapId, Role, TextOf,
    UserId,
};

/// Raised whenever an older page could misunderstand a newer server or the other way round.
pub const PROTOCOL: u32 = 6;

/// The longest frame the server reads, in bytes.
pub const MAX_FRAME: usize = 256 * 1024;

/// The most operations in one push.
pub const MAX_PUSH: usize = 64;

/// The most bytes the operations of one push may take together: a frame less its envelope and the numbers.
pub const MAX_PUSH_BYTES: usize = MAX_FRAME - 4 * 1024;

/// The most bytes of a message that is no push.
pub const MAX_SMALL: usize = 4 * 1024;

/// The most cards a page shows of a drag.
pub const MAX_DRAGGED: usize = 50;

/// The most rooms on one connection, the stream of records counted as one; their numbers begin with 0.
pub const MAX_ROOMS: u8 = 64;

/// The room that a frame is about, and what it says: a frame about another room than 0 begins with the room's number and a
/// colon. `None` when there is no such room.
pub fn room_of(frame: &str) -> Option<(u8, &str)> {
    if !frame.starts_with(|first: char| first.is_ascii_digit()) {
        return Some((0, frame));
    }
    let (number, text) = frame.split_once(':')?;
    // Each room is written in one way.
    let number = number.parse().ok().filter(|room| *room > 0 && !number.starts_with('0'))?;
    (number < MAX_ROOMS).then_some((number, text))
}

/// What is said, as a frame about a room.
pub fn in_room(number: u8, text: &str) -> String {
    if number == 0 { text.to_owned() } else { format!("{number}:{text}") }
}

/// What a page sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Opens a room: always the first frame about it. `have` is the last sequence number the page holds of `epoch`. With `plain` no frame
    /// is in [short form](short).
    Hello {
        protocol: u32,
        roadmap: RoadmapId,
        client: ClientId,
        epoch: u64,
        have: u64,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        plain: bool,
    },
    /// Opens the stream of records under a number, as `hello` opens a room. The page has them as they were at `since`; without it, it
    /// loads them after the answer.
    Records {
        protocol: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Cursor>,
    },
    /// Operations in order. Sent again, under the same numbers, until they are answered.
    Push { ops: Vec<Pushed> },
    /// What this page's person is looking at or dragging. Never stored.
    Presence(Presence),
    /// Asks whether anybody is there.
    Ping,
    /// The page is in the room no more.
    Leave,
}

/// An operation with its number on the page that sends it: 1 for the first, without gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    pub cseq: u64,
    pub op: Op,
}

/// What the server sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerMessage {
    /// Answers `hello`. What the page missed follows in `entries`, unless `refetch` asks for the whole document.
    Welcome {
        protocol: u32,
        build: String,
        epoch: u64,
        head: u64,
        user: UserId,
        role: Role,
        peers: Vec<Peer>,
        /// What [short frames](short) name by their slots from here on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        slots: Vec<Uuid>,
    },
    /// The page's document cannot be continued: load it again over HTTP, keep what is pending, say hello again. Of the stream of
    /// records: load them again; what changes from here on follows.
    Refetch,
    /// Answers `records`. What the page missed follows in `records`, unless `refetch` asks for all of them.
    RecordsFrom { protocol: u32, build: String, user: UserId, role: Role, cursor: Cursor },
    /// Records as changes have left them, in the order of the audit log.
    Records { changes: Vec<ChangedRecord> },
    /// Committed operations in order. The first continues where the page is.
    Entries { entries: Vec<Entry> },
    /// What became of pushed operations. Sent only once they are on disk, and before their entries.
    Ack { results: Vec<Acked> },
    /// Others who came, or look at or drag something else, and connections that left or are not shown any more. No
    /// connection is in both.
    Peers {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        here: Vec<Peer>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<u64>,
    },
    /// Something outside the room or the stream changed: fetch it again.
    Changed { topic: Topic },
    /// The answer to a ping, and where the log is.
    Pong { head: u64 },
    /// The page is not in the room, and why, with a status as HTTP has them. With `retry_ms` it should say hello again after that
    /// time. Its other rooms go on.
    Closed { code: u16, reason: String, retry_ms: Option<u32> },
    /// The server closes the connection, and why. With `retry_ms` the page should come back after that time.
    Bye { reason: String, retry_ms: Option<u32> },
}

/// What became of one pushed operation. The same answer is given to every repetition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acked {
    pub cseq: u64,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is in the log at this place, durably.
    Accepted {
        seq: u64,
    },
    Refused(Reject),
}

/// An event of the workspace's audit log, and that the log is the same up to there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The event's number.
    pub n: u64,
    /// The beginning of its hash, which covers all events before it. Empty before the first.
    pub hash: String,
}

/// A record as an event has left it. Of several events of one record that a page missed, it is told the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRecord {
    pub cursor: Cursor,
    pub kind: String,
    pub record: Record,
}

/// What pages show beside the room or the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Names, roles, who belongs to the workspace; on the stream of records invitations, too.
    Members,
    /// The product's name, stage, whether it is archived.
    Product,
    /// What items of the roadmap depend on, or what depends on them.
    Dependencies,
    /// The inbox of the page's person.
    Inbox,
    /// The ratings of the product's items, or the model they are scored by.
    Scores,
}

/// An open page of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Distinguishes two pages of one person.
    pub connection: u64,
    pub user: UserId,
    pub presence: Presence,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The item whose panel is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dragging: Option<Dragging>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caret: Option<Caret>,
}

/// Where somebody writes, in Unicode scalars of the text as it is confirmed at their page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caret {
    pub text: TextOf,
    pub at: u32,
    /// Where the selection began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
}

/// Cards on their way, and where they would land.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dragging {
    /// At most [`MAX_DRAGGED`].
    pub items: Vec<ItemId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<(LaneId, Place<ItemId>)>,
}

/// Comments of an item as they are at a place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    pub epoch: u64,
    pub seq: u64,
    /// Not deleted, oldest first.
    pub comments: Vec<Arc<Comment>>,
}

/// A room as a page starts from it: the document at `head`, as the reader's role allows, with few of its comments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub roadmap: RoadmapId,
    pub epoch: u64,
    pub head: u64,
    pub document: Document,
}
