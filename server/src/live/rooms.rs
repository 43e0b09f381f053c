//! The rooms that one page has open on its connection, the stream of records among them.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::ws::{Message, Utf8Bytes, close_code},
};
use backend::{
    Following,
    rooms::{Bell, Bells, Connection, Cut},
};
use domain::wire::{Presence, ServerMessage, in_room};
use tokio::time::Instant;

use super::end::{End, Loss, bye};

/// The shortest time between two pieces of news of what a page's person looks at or drags in one room.
const SHOW_EVERY: Duration = Duration::from_millis(50);

/// The rooms of a connection, by their numbers there.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    bells: Bells,
    open: Vec<(u8, Box<Room>)>,
    /// A bit for each room that may have something to send.
    rung: u64,
    /// The room that something was sent of last: the others come first.
    last: u8,
    /// A bit for each room that the server closed: what the page said before it heard of that is of no use.
    closed: u64,
}

/// What a page has open under a number.
#[derive(Debug)]
pub(super) enum Source {
    Room(Connection),
    /// The stream of records, which needs none of the rest.
    Records(Following),
}

impl Source {
    fn is_cut(&self) -> Option<Cut> {
        match self {
            Self::Room(connection) => connection.is_cut(),
            Self::Records(following) => following.is_cut(),
        }
    }

    fn ready(&self) -> Option<Bytes> {
        match self {
            Self::Room(connection) => connection.ready(),
            Self::Records(following) => following.ready(),
        }
    }

    fn due(&self) -> Option<Instant> {
        match self {
            Self::Room(connection) => connection.due(),
            Self::Records(_) => None,
        }
    }

    /// The number of the last entry or event.
    pub(super) fn head(&self) -> u64 {
        match self {
            Self::Room(connection) => connection.head(),
            Self::Records(following) => following.head(),
        }
    }
}

/// An open room, or the stream.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) source: Source,
    /// When there may be something to send without a bell.
    due: Option<Instant>,
    /// When others may next be told what the page's person looks at.
    show_at: Instant,
    to_show: Option<Box<Presence>>,
}

impl Room {
    /// Shows others what the page's person looks at, when its time has come.
    pub(super) fn show(&mut self, presence: Presence) {
        self.to_show = Some(Box::new(presence));
    }

    fn due(&self) -> Option<Instant> {
        let show = self.to_show.as_ref().map(|_| self.show_at);
        [self.due, show].into_iter().flatten().min()
    }
}

impl Rooms {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn get(&mut self, number: u8) -> Option<&mut Room> {
        self.open.iter_mut().find(|(open, _)| *open == number).map(|(_, room)| &mut **room)
    }

    /// Whether the server closed the room with this number, and the page has not answered to that.
    pub(super) fn was_closed(&self, number: u8) -> bool {
        self.closed & 1 << number != 0
    }

    /// The bell of a room that is to be opened.
    pub(super) fn bell(&self, number: u8) -> Bell {
        self.bells.of(number)
    }

    pub(super) fn open(&mut self, number: u8, source: Source) {
        let room = Room { source, due: None, show_at: Instant::now(), to_show: None };
        if self.open.is_empty() {
            // Most pages have one.
            self.open.reserve_exact(1);
        }
        self.open.push((number, Box::new(room)));
        self.rung |= 1 << number;
    }

    /// The page leaves a room, or is about to take another place there.
    pub(super) fn leave(&mut self, number: u8) {
        self.open.retain(|(open, _)| *open != number);
        self.rung &= !(1 << number);
        self.closed &= !(1 << number);
    }

    /// The server closes a room, open or not: says why, as a frame.
    pub(super) fn close(&mut self, number: u8, why: &ServerMessage) -> Message {
        self.leave(number);
        self.closed |= 1 << number;
        text(number, why)
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        self.open.iter().filter_map(|(_, room)| room.due()).min()
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Instant) {
        for (number, room) in &mut self.open {
            if room.due.is_some_and(|due| due <= now) {
                self.rung |= 1 << *number;
            }
            if room.show_at <= now
                && let Source::Room(connection) = &room.source
                && let Some(presence) = room.to_show.take()
            {
                connection.show(*presence);
                room.show_at = now + SHOW_EVERY;
            }
        }
    }

    /// Waits until a room has something, and returns the bits of those that rang. Can be dropped while waiting.
    pub(super) async fn rung(&self) -> u64 {
        if self.rung == 0 { self.bells.rung().await } else { 0 }
    }

    /// What waits, a frame of each room in turn; at most so many.
    pub(super) fn waiting(&mut self, rung: u64, most: usize) -> Result<Vec<Message>, End> {
        self.rung |= rung;
        let mut messages = Vec::new();
        while messages.len() < most
            && let Some(number) = self.next()
        {
            self.last = number;
            let Some(room) = self.get(number) else {
                self.rung &= !(1 << number);
                continue;
            };
            if let Some(why) = room.source.is_cut() {
                match Loss::from(why) {
                    Loss::End(end) => return Err(end),
                    Loss::Closed(why) => messages.push(self.close(number, &why)),
                }
            } else if let Some(frame) = room.source.ready() {
                messages.push(frame_of(number, frame)?);
            } else {
                room.due = room.source.due();
                self.rung &= !(1 << number);
            }
        }
        Ok(messages)
    }

    /// The room whose turn it is.
    fn next(&self) -> Option<u8> {
        let later = self.rung & (u64::MAX << self.last << 1);
        let turn = if later == 0 { self.rung } else { later };
        (turn != 0).then(|| u8::try_from(turn.trailing_zeros()).expect("there are 64 bits"))
    }

    /// Waits until the connection is to be ended for one of its rooms, for whoever is busy sending. Can be dropped while waiting.
    pub(super) async fn must_end(&mut self) -> End {
        loop {
            for (number, room) in &self.open {
                if self.rung & 1 << *number != 0
                    && let Some(Loss::End(end)) = room.source.is_cut().map(Loss::from)
                {
                    return end;
                }
            }
            self.rung |= self.bells.rung().await;
        }
    }
}

/// A message about a room.
pub(super) fn text(number: u8, message: &ServerMessage) -> Message {
    let json = serde_json::to_string(message).expect("a message has nothing that JSON cannot hold");
    Message::Text(if number == 0 { json.into() } else { in_room(number, &json).into() })
}

/// A frame about a room.
pub(super) fn frame_of(number: u8, frame: Bytes) -> Result<Message, End> {
    let text = Utf8Bytes::try_from(frame).map_err(|_| {
        tracing::error!("a frame is no text");
        bye(close_code::ERROR, "Something went wrong on the server.", Some(5_000))
    })?;
    Ok(Message::Text(if number == 0 { text } else { in_room(number, &text).into() }))
}
