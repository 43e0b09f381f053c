//! One socket for several rooms: each has a number there, which its frames begin with.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::{Rc, Weak},
};

use domain::wire::{MAX_ROOMS, in_room, room_of};
use futures::{
    FutureExt as _, SinkExt as _, StreamExt as _,
    channel::mpsc::{self, UnboundedReceiver, UnboundedSender},
    select_biased,
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;

use super::{
    Room,
    connection::{Line, SILENCE, address, connect_by},
};

type Incoming = Result<Message, WebSocketError>;

/// After this long without a frame for any room the socket is given up: each room asks more often, and is answered.
const SILENT: u32 = 3 * SILENCE;

/// The socket, while it is open.
type Socket = RefCell<Option<Open>>;

struct Open {
    outgoing: UnboundedSender<Message>,
    /// Where the frames of each room go.
    rooms: HashMap<u8, UnboundedSender<Incoming>>,
}

/// Keeps rooms connected by one socket, until their page is left.
pub(crate) fn connect_all(rooms: &[Room]) {
    debug_assert!(rooms.len() <= usize::from(MAX_ROOMS), "the server has no more numbers");
    let socket = Rc::new(Socket::default());
    for (number, room) in (0..MAX_ROOMS).zip(rooms) {
        let socket = socket.clone();
        connect_by(*room, Box::new(move || line(&socket, number)));
    }
}

/// A room's line: on the socket that is open, or on a new one.
fn line(socket: &Rc<Socket>, number: u8) -> Option<Line> {
    let mut state = socket.borrow_mut();
    if state.is_none() {
        let web = WebSocket::open(&address()).ok()?;
        let (outgoing, frames) = mpsc::unbounded();
        leptos::task::spawn_local(carry(Rc::downgrade(socket), web, frames));
        *state = Some(Open { outgoing, rooms: HashMap::new() });
    }
    let open = state.as_mut()?;
    let (to_room, stream) = mpsc::unbounded();
    open.rooms.insert(number, to_room);
    let is_lost = |_: mpsc::SendError| WebSocketError::ConnectionError;
    let sink = open.outgoing.clone().sink_map_err(is_lost);
    let sink = sink.with(move |message| futures::future::ready(Ok(numbered(number, message))));
    Some(Line { sink: Box::pin(sink), stream: stream.boxed_local() })
}

fn numbered(number: u8, message: Message) -> Message {
    match message {
        Message::Text(text) => Message::Text(in_room(number, &text)),
        message => message,
    }
}

/// Carries frames until the socket is lost, or the page is left.
async fn carry(socket: Weak<Socket>, web: WebSocket, mut frames: UnboundedReceiver<Message>) {
    let (mut sink, stream) = web.split();
    let mut stream = stream.fuse();
    let mut silence = TimeoutFuture::new(SILENT).fuse();
    loop {
        select_biased! {
            incoming = stream.next() => {
                let Some(Ok(Message::Text(text))) = incoming else { break };
                silence = TimeoutFuture::new(SILENT).fuse();
                let Some(socket) = socket.upgrade() else { return };
                if let Some(open) = &*socket.borrow() {
                    hand_out(open, &text);
                }
            }
            frame = frames.next() => {
                let Some(frame) = frame else { return };
                if sink.send(frame).await.is_err() {
                    break;
                }
            }
            () = silence => break,
        }
    }
    // The rooms hear that their lines have ended.
    if let Some(socket) = socket.upgrade() {
        *socket.borrow_mut() = None;
    }
}

/// Gives a frame to its room, and the last one of the connection to all.
fn hand_out(open: &Open, text: &str) {
    let Some((number, frame)) = room_of(text) else { return };
    if frame.starts_with("{\"bye\"") {
        for room in open.rooms.values() {
            let _ = room.unbounded_send(Ok(Message::Text(frame.to_owned())));
        }
    } else if let Some(room) = open.rooms.get(&number) {
        // Nobody misses it where the room has given up its line.
        let _ = room.unbounded_send(Ok(Message::Text(frame.to_owned())));
    }
}
