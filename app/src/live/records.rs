//! The stream of records of a page: connects, and after every loss resumes where it was.

use std::{cell::RefCell, rc::Rc};

use domain::{
    Role,
    wire::{ChangedRecord, ClientMessage, Cursor, PROTOCOL, ServerMessage, Topic},
};
use futures::{
    FutureExt as _, SinkExt as _, StreamExt as _,
    channel::mpsc::{self, UnboundedReceiver},
    select_biased,
};
use gloo_events::EventListener;
use gloo_net::websocket::{Message, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use send_wrapper::SendWrapper;

use super::connection::{
    FIRST_WAIT, LONGEST_WAIT, SILENCE, Wake, address, page_build, pause, retry_listeners,
};
use crate::platform;

/// What the stream brings.
#[derive(Debug)]
pub(crate) enum Heard {
    /// The page follows, as somebody of this role. What the stream does not carry may have changed before.
    From(Role),
    /// Records are so now.
    Changed(Vec<ChangedRecord>),
    /// More changed than the stream carries: all records are to be loaded again.
    Refetch,
    /// Members or invitations changed.
    Members,
    /// The inbox of the page's person changed.
    Inbox,
}

/// Follows the stream until it is dropped.
pub(crate) struct Records(SendWrapper<Following>);

struct Following {
    since: Since,
    /// They hold all senders: with them the task ends.
    _listeners: [EventListener; 2],
}

/// As of which event the page has the records.
type Since = Rc<RefCell<Option<Cursor>>>;

impl Records {
    pub(crate) fn follow(since: Option<Cursor>, hear: impl Fn(Heard) + 'static) -> Self {
        let (sender, wakes) = mpsc::unbounded();
        let since = Rc::new(RefCell::new(since));
        let following = Following { since: since.clone(), _listeners: retry_listeners(&sender) };
        leptos::task::spawn_local(run(since, wakes, Box::new(hear)));
        Self(SendWrapper::new(following))
    }

    /// The page has loaded all records again.
    pub(crate) fn loaded(&self, since: Cursor) {
        *self.0.since.borrow_mut() = Some(since);
    }
}

/// How a connection ended: whether the page followed, and after how many milliseconds it comes back if the server had a wish.
struct Lost {
    was_live: bool,
    retry_ms: Option<u32>,
}

async fn run(since: Since, mut wakes: UnboundedReceiver<Wake>, hear: Box<dyn Fn(Heard)>) {
    let mut wait = FIRST_WAIT;
    while let Some(Lost { was_live, retry_ms }) = session(&since, &mut wakes, &hear).await {
        wait = if was_live { FIRST_WAIT } else { (wait * 2).min(LONGEST_WAIT) };
        if !pause(&mut wakes, retry_ms.unwrap_or(wait)).await {
            return;
        }
    }
}

/// One connection. `None` when coming back makes no sense, or the page is left.
async fn session(since: &Since, wakes: &mut UnboundedReceiver<Wake>, hear: &dyn Fn(Heard)) -> Option<Lost> {
    let mut was_live = false;
    let lost = |was_live| Some(Lost { was_live, retry_ms: None });
    let Ok(socket) = WebSocket::open(&address()) else { return lost(false) };
    let (mut sink, stream) = socket.split();
    let mut stream = stream.fuse();
    let mut outgoing = Some(ClientMessage::Records { protocol: PROTOCOL, since: since.borrow().clone() });
    let mut asked = false;
    let mut silence = TimeoutFuture::new(SILENCE).fuse();
    loop {
        if let Some(message) = outgoing.take() {
            let text = serde_json::to_string(&message).expect("messages are plain data");
            if sink.send(Message::Text(text)).await.is_err() {
                return lost(was_live);
            }
        }
        let ask = select_biased! {
            // First: a page that is left hears nothing.
            wake = wakes.next() => match wake {
                None => return None,
                // The connection may have outlived the loss of the network, or not: whoever answers is there.
                Some(_) => was_live,
            },
            incoming = stream.next() => {
                let Some(Ok(Message::Text(text))) = incoming else { return lost(was_live) };
                asked = false;
                silence = TimeoutFuture::new(SILENCE).fuse();
                match serde_json::from_str(&text) {
                    Ok(ServerMessage::RecordsFrom { protocol, build, role, .. })
                        if protocol == PROTOCOL && build == page_build() =>
                    {
                        was_live = true;
                        hear(Heard::From(role));
                    }
                    Ok(ServerMessage::Records { changes }) => {
                        if let Some(last) = changes.last() {
                            *since.borrow_mut() = Some(last.cursor.clone());
                        }
                        hear(Heard::Changed(changes));
                    }
                    Ok(ServerMessage::Refetch) => hear(Heard::Refetch),
                    Ok(ServerMessage::Changed { topic: Topic::Inbox }) => hear(Heard::Inbox),
                    Ok(ServerMessage::Changed { .. }) => hear(Heard::Members),
                    Ok(ServerMessage::Closed { retry_ms, .. } | ServerMessage::Bye { retry_ms, .. }) => {
                        return retry_ms.map(|retry_ms| Lost { was_live, retry_ms: Some(retry_ms) });
                    }
                    Ok(ServerMessage::Pong { .. }) => {}
                    // Of another version.
                    _ => {
                        let _ = platform::window().location().reload();
                        return None;
                    }
                }
                false
            }
            () = silence => {
                if asked {
                    return lost(was_live);
                }
                true
            }
        };
        if ask {
            asked = true;
            silence = TimeoutFuture::new(SILENCE).fuse();
            outgoing = Some(ClientMessage::Ping);
        }
    }
}
