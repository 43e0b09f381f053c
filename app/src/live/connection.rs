//! The live channel of a page: connects, resumes after every loss, sends what is pending, and says honestly how it is.

use std::pin::Pin;

use domain::{
    ClientId, Role,
    wire::{
        ClientMessage, PROTOCOL, Presence, ServerMessage, Topic,
        short::{Reader, Unreadable},
    },
};
use futures::{
    FutureExt as _, Sink, SinkExt as _, StreamExt as _,
    channel::mpsc::{self, UnboundedReceiver, UnboundedSender},
    future::{Fuse, FusedFuture as _},
    select_biased,
    stream::LocalBoxStream,
};
use gloo_events::EventListener;
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use super::{Room, device};
use crate::{api, board, platform};

/// How the page is connected, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    Connecting,
    Live,
    Offline,
    /// Signed out or removed from the workspace: coming back makes no sense.
    Closed,
}

/// Why the connection's task should look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    Push,
    Presence,
    /// The network or the page is back: try at once.
    Retry,
}

/// How a connection ended.
enum End {
    /// Try again, after the server's wish if it had one.
    Lost {
        retry_ms: Option<u32>,
        was_live: bool,
    },
    /// Only a new page can go on.
    Reload,
    Closed,
    PageLeft,
}

/// How long the device may take to give out what it kept, in milliseconds. Later than that it keeps nothing of this page, and
/// what it has is taken over by the next.
const DEVICE_PATIENCE: u32 = 3_000;

/// The first and the longest wait before another try, in milliseconds.
pub(super) const FIRST_WAIT: u32 = 250;
pub(super) const LONGEST_WAIT: u32 = 15_000;

/// After this long without a word the server is asked, and after as long again given up.
pub(super) const SILENCE: u32 = 20_000;

/// Presence goes out at most this often, in milliseconds.
const PRESENCE_PACE: u32 = 60;

/// What carries the frames of a room, to the server and from it.
pub(super) struct Line {
    pub(super) sink: Pin<Box<dyn Sink<Message, Error = WebSocketError>>>,
    pub(super) stream: LocalBoxStream<'static, Result<Message, WebSocketError>>,
}

/// Opens what carries the frames of a room; `None` where that fails at once.
pub(super) type Opener = Box<dyn Fn() -> Option<Line>>;

/// A socket of the room's own.
fn own_line() -> Option<Line> {
    let (sink, stream) = WebSocket::open(&address()).ok()?.split();
    Some(Line { sink: Box::pin(sink), stream: stream.boxed_local() })
}

/// Keeps a room connected until its page is left.
pub(crate) fn connect(room: Room) {
    connect_by(room, Box::new(own_line));
}

/// Keeps a room connected by such lines until its page is left.
pub(super) fn connect_by(room: Room, open: Opener) {
    let (sender, wakes) = mpsc::unbounded();
    let client = platform::new_client();
    room.begin(client, sender.clone());
    retry_listeners(&sender).into_iter().for_each(keep);
    let offline = move |_: &web_sys::Event| {
        let _ = room.connection.try_set(Connection::Offline);
    };
    keep(EventListener::new(&platform::window(), "offline", offline));
    leptos::task::spawn_local(async move {
        // First what this device kept: it may be newer than the page, and is sent before anything else. A browser that does not
        // give it out must not keep the page from its server.
        {
            let kept = device::keep(room, client).fuse();
            let patience = TimeoutFuture::new(DEVICE_PATIENCE).fuse();
            futures::pin_mut!(kept, patience);
            select_biased! {
                () = kept => {}
                () = patience => {}
            }
        }
        stay_connected(room, wakes, &open).await;
    });
}

/// Has a connection tried at once when the network or the page is back.
pub(super) fn retry_listeners(sender: &UnboundedSender<Wake>) -> [EventListener; 2] {
    ["online", "focus"].map(|event| {
        let sender = sender.clone();
        let retry = move |_: &web_sys::Event| {
            let _ = sender.unbounded_send(Wake::Retry);
        };
        EventListener::new(&platform::window(), event, retry)
    })
}

/// Ties a listener to the page's owner.
fn keep(listener: EventListener) {
    let listener = send_wrapper::SendWrapper::new(listener);
    on_cleanup(move || drop(listener));
}

async fn stay_connected(room: Room, mut wakes: UnboundedReceiver<Wake>, open: &Opener) {
    let mut wait = FIRST_WAIT;
    loop {
        match session(room, &mut wakes, open).await {
            End::PageLeft => return,
            End::Reload => {
                let _ = platform::window().location().reload();
                return;
            }
            End::Closed => {
                let _ = room.connection.try_set(Connection::Closed);
                return;
            }
            End::Lost { retry_ms, was_live } => {
                if room.connection.try_set(Connection::Offline).is_some() {
                    return;
                }
                wait = if was_live { FIRST_WAIT } else { (wait * 2).min(LONGEST_WAIT) };
                if !pause(&mut wakes, retry_ms.unwrap_or(wait)).await {
                    return;
                }
            }
        }
    }
}

/// Waits for about so many milliseconds before another try, or until it makes sense at once. False when the page is left.
pub(super) async fn pause(wakes: &mut UnboundedReceiver<Wake>, wait: u32) -> bool {
    // Pages that lost the same server must not all come back in the same instant.
    let [a, b] = platform::random();
    let jitter = wait * u32::from(u16::from_le_bytes([a, b])) / u32::from(u16::MAX);
    let mut pause = TimeoutFuture::new(wait / 2 + jitter).fuse();
    loop {
        select_biased! {
            wake = wakes.next() => match wake {
                Some(Wake::Retry) => return true,
                Some(_) => {}
                None => return false,
            },
            () = pause => return true,
        }
    }
}

/// One connection, from hello to its end.
async fn session(room: Room, wakes: &mut UnboundedReceiver<Wake>, open: &Opener) -> End {
    let lost = |was_live| End::Lost { retry_ms: None, was_live };
    // What a page that is gone left may be about comments that this one does not hold.
    if room.lacks_comments() && fresh_document(room).await.is_err() {
        return lost(false);
    }
    let Some(Line { sink, stream }) = open() else { return lost(false) };
    let mut talk = Talk { sink, reader: Reader::default(), known: None };
    let mut stream = stream.fuse();
    let Some(hello) = room.hello() else { return End::PageLeft };
    if talk.say(&hello).await.is_err() {
        return lost(false);
    }
    let mut live = false;
    let mut asked = false;
    let mut silence = TimeoutFuture::new(SILENCE).fuse();
    let mut pace = Fuse::terminated();
    loop {
        let outgoing = select_biased! {
            incoming = stream.next() => {
                let Some(Ok(Message::Text(text))) = incoming else { return lost(live) };
                asked = false;
                silence = TimeoutFuture::new(SILENCE).fuse();
                if live && platform::window().navigator().on_line() {
                    back_again(room);
                }
                match talk.hear(room, &text).await {
                    Next::Say(message) => Some(message),
                    Next::Live => {
                        live = true;
                        // What this person looks at may be older than the connection.
                        let presence = room.presence();
                        (presence != Presence::default()).then_some(ClientMessage::Presence(presence))
                    }
                    Next::Listen => None,
                    Next::End(end) => return end,
                }
            },
            wake = wakes.next() => match wake {
                None => return End::PageLeft,
                Some(Wake::Presence) if pace.is_terminated() => {
                    pace = TimeoutFuture::new(PRESENCE_PACE).fuse();
                    None
                }
                // The connection may have outlived the loss of the network, or not: whoever answers is there.
                Some(Wake::Retry) if live => {
                    asked = true;
                    silence = TimeoutFuture::new(SILENCE).fuse();
                    Some(ClientMessage::Ping)
                }
                Some(_) => None,
            },
            () = pace => live.then(|| ClientMessage::Presence(room.presence())),
            () = silence => {
                if asked {
                    return lost(live);
                }
                asked = true;
                silence = TimeoutFuture::new(SILENCE).fuse();
                Some(ClientMessage::Ping)
            },
        };
        if let Some(message) = outgoing
            && talk.say(&message).await.is_err()
        {
            return lost(live);
        }
        let next = if !live {
            None
        } else if room.sender() == talk.known {
            room.take_push().map(|ops| ClientMessage::Push { ops })
        } else {
            // What a page that is gone left has all been answered: the rest is sent under another name.
            room.hello()
        };
        if let Some(message) = next
            && talk.say(&message).await.is_err()
        {
            return lost(live);
        }
    }
}

/// The page's side of one connection.
struct Talk {
    sink: Pin<Box<dyn Sink<Message, Error = WebSocketError>>>,
    reader: Reader,
    /// As whom the server knows the page.
    known: Option<ClientId>,
}

impl Talk {
    async fn say(&mut self, message: &ClientMessage) -> Result<(), WebSocketError> {
        if let ClientMessage::Hello { client, .. } = message {
            self.known = Some(*client);
            self.reader.said_hello();
        }
        let text = serde_json::to_string(message).expect("messages are plain data");
        self.sink.send(Message::Text(text)).await
    }

    async fn hear(&mut self, room: Room, text: &str) -> Next {
        let plain = match room.with_confirmed(|roadmap| self.reader.read(text, roadmap)) {
            Some(Ok(Some(plain))) => plain,
            Some(Ok(None)) => return Next::Listen,
            // What the page has is not what the server thinks it has.
            Some(Err(Unreadable)) => return say_hello(room),
            None => return Next::End(End::PageLeft),
        };
        let Ok(mut message) = serde_json::from_str(&plain) else { return Next::End(End::Reload) };
        if let ServerMessage::Welcome { slots, .. } = &mut message {
            self.reader.welcomed(std::mem::take(slots));
        }
        answer(room, message).await
    }
}

/// The server said something after the browser had called the network lost.
fn back_again(room: Room) {
    if room.connection.try_get_untracked() == Some(Connection::Offline) {
        let _ = room.connection.try_set(Connection::Live);
    }
}

/// What to do after a message.
enum Next {
    Listen,
    Live,
    Say(ClientMessage),
    End(End),
}

async fn answer(room: Room, message: ServerMessage) -> Next {
    match message {
        ServerMessage::Welcome { protocol, build, epoch, user, role, peers, .. } => {
            let outdated = protocol != PROTOCOL || build != page_build();
            if outdated || user != room.user() || role_changed(room, role) {
                return Next::End(End::Reload);
            }
            room.welcomed(epoch, peers);
            let _ = room.why.try_set(String::new());
            if room.connection.try_set(Connection::Live).is_some() {
                return Next::End(End::PageLeft);
            }
            Next::Live
        }
        ServerMessage::Refetch => match fresh_document(room).await {
            Ok(()) => say_hello(room),
            Err(_) => Next::End(End::Lost { retry_ms: None, was_live: false }),
        },
        ServerMessage::Changed { topic: Topic::Dependencies } => {
            let _ = room.linked.try_update(|changes| *changes += 1);
            Next::Listen
        }
        ServerMessage::Changed { topic: Topic::Scores } => {
            let _ = room.scored.try_update(|changes| *changes += 1);
            Next::Listen
        }
        ServerMessage::Changed { topic: Topic::Inbox } => {
            let _ = room.inbox.try_update(|changes| *changes += 1);
            Next::Listen
        }
        ServerMessage::Changed { .. } => {
            let Some(product) = room.product.try_get_untracked() else { return Next::End(End::PageLeft) };
            let board = board::api::load_board(product.key.to_string(), None).await;
            if room.product.is_disposed() {
                return Next::End(End::PageLeft);
            }
            if let Ok(board) = board {
                if role_changed(room, board.role) {
                    return Next::End(End::Reload);
                }
                room.members.set(board.members);
                room.product.set(board.product);
            }
            Next::Listen
        }
        ServerMessage::Bye { retry_ms: None, .. } | ServerMessage::Closed { retry_ms: None, .. } => {
            // Signed out, or the product does not exist for the person any more.
            let Some(product) = room.product.try_get_untracked() else { return Next::End(End::PageLeft) };
            let key = product.key.to_string();
            let why = match board::api::load_board(key, None).await {
                // Nothing of it stays in sight. What was not sent yet is on the device.
                Err(error) if error.status == 404 => return Next::End(End::Reload),
                Err(error) if !error.is_unauthenticated() => error.sentence,
                _ => String::new(),
            };
            let _ = room.why.try_set(why);
            Next::End(End::Closed)
        }
        // The line is of no use any more.
        ServerMessage::Bye { retry_ms, reason } | ServerMessage::Closed { retry_ms, reason, .. } => {
            let _ = room.why.try_set(reason);
            Next::End(End::Lost { retry_ms, was_live: true })
        }
        ServerMessage::Pong { head } if room.lacks(head) => say_hello(room),
        message => match room.receive(message) {
            Ok(()) => Next::Listen,
            Err(_) => say_hello(room),
        },
    }
}

/// Continues from a fresh document.
async fn fresh_document(room: Room) -> Result<(), api::ApiError> {
    room.replace(board::api::load_snapshot(room.snapshot_id(), room.held_comments()).await?);
    Ok(())
}

fn say_hello(room: Room) -> Next {
    room.hello().map_or(Next::End(End::PageLeft), Next::Say)
}

/// Another role sees another document.
fn role_changed(room: Room, role: Role) -> bool {
    role != room.role()
}

pub(super) fn address() -> String {
    let location = platform::window().location();
    let scheme = if location.protocol().is_ok_and(|scheme| scheme == "https:") { "wss" } else { "ws" };
    format!("{scheme}://{}/live", location.host().unwrap_or_default())
}

/// The build this page came from, as the server wrote it on `<html data-build>`.
pub(super) fn page_build() -> String {
    platform::document()
        .document_element()
        .and_then(|html| html.get_attribute("data-build"))
        .unwrap_or_default()
}
