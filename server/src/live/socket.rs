//! One page's connection, from its hello to its good-bye.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code},
};
use backend::{
    BUSY_SECONDS, Backend, Error, Viewer,
    people::{Secret, SessionWatch},
    rooms::{Connection, Cut, Event, Hello, Joined},
};
use domain::wire::{ClientMessage, MAX_DRAGGED, MAX_PUSH, MAX_SMALL, PROTOCOL, Presence, ServerMessage};
use futures::{SinkExt as _, future::BoxFuture};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{FULL_SECONDS, Full, Gate, Holder, Place, pace::Pace};

/// The version pages and server compare: a page of another build is told to reload.
const BUILD: &str = env!("CARGO_PKG_VERSION");

/// A page that is silent for so long is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(20);

/// A page that is silent for so long is gone.
const DEAD_AFTER: Duration = Duration::from_secs(45);

/// A page says hello at once; who does not is no page.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// The shortest time between two pieces of news of what a page's person looks at or drags.
const SHOW_EVERY: Duration = Duration::from_millis(50);

/// So many bytes of a push count like an operation.
const BYTES_PER_TOKEN: usize = 4 * 1024;

/// As many operations a hello counts like: it reads what the page missed.
const HELLO_TOKENS: u32 = 16;

/// The most bytes of a close frame's reason.
const MAX_CLOSE_REASON: usize = 123;

/// How many waiting frames are written before the page is listened to again.
const FRAMES_AT_ONCE: usize = 32;

/// How long a good-bye may take to be read.
const LINGER: Duration = Duration::from_secs(1);

/// How a connection ends.
#[derive(Debug)]
enum End {
    /// The other side is not there any more.
    Gone,
    Bye(Bye),
}

/// The last words to a page.
#[derive(Debug)]
struct Bye {
    code: u16,
    reason: String,
    /// After what time the page should come back; `None` when that makes no sense.
    retry_ms: Option<u32>,
}

fn bye(code: u16, reason: &str, retry_ms: Option<u32>) -> End {
    End::Bye(Bye { code, reason: reason.to_owned(), retry_ms })
}

fn malformed() -> End {
    bye(close_code::UNSUPPORTED, "This page sent something the server does not understand. Reload it.", None)
}

fn not_signed_in() -> End {
    bye(close_code::POLICY, "You are not signed in. Sign in and open the page again.", None)
}

fn stopping() -> End {
    // Pages that lost the same server shall not all come back in the same instant; each adds some time of its own.
    bye(close_code::AWAY, "The server is restarting. The page comes back by itself.", Some(1_000))
}

impl From<Cut> for End {
    fn from(cut: Cut) -> Self {
        match cut {
            Cut::Slow => bye(
                close_code::AGAIN,
                "This page does not keep up with the others. It comes back by itself.",
                Some(0),
            ),
            Cut::Permissions => {
                bye(close_code::POLICY, "Your role has changed. The page comes back by itself.", Some(0))
            }
            Cut::SignedOut => not_signed_in(),
            Cut::Trouble => bye(
                close_code::ERROR,
                "The server could not save just now. The page tries again.",
                Some(1_000),
            ),
            Cut::Full => bye(
                close_code::AGAIN,
                "The server's disk is full. Your changes are kept here and saved as soon as there is space.",
                Some(BUSY_SECONDS * 1_000),
            ),
        }
    }
}

impl From<Full> for End {
    fn from(full: Full) -> Self {
        bye(close_code::AGAIN, full.sentence(), Some(FULL_SECONDS * 1_000))
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy => bye(close_code::AGAIN, &error.to_string(), Some(BUSY_SECONDS * 1_000)),
            Error::Unavailable(_) => bye(close_code::AGAIN, &error.to_string(), Some(1_000)),
            Error::Full(_) => bye(close_code::AGAIN, &error.to_string(), Some(BUSY_SECONDS * 1_000)),
            Error::Internal(_) => {
                tracing::error!(?error, "a live connection failed");
                bye(close_code::ERROR, &error.to_string(), Some(5_000))
            }
            other => bye(close_code::POLICY, &other.to_string(), None),
        }
    }
}

/// Serves one connection until it ends.
pub(super) async fn serve(
    backend: Backend,
    gate: Gate,
    place: Result<Place, Full>,
    secret: Option<Secret>,
    mut socket: WebSocket,
) {
    let mut closing = gate.pass();
    let end = match come_in(&backend, place, secret).await {
        Ok((viewer, session, _place)) => {
            let now = Instant::now();
            let mut page = Page {
                viewer,
                session,
                room: None,
                pushing: None,
                socket: &mut socket,
                pace: gate.pace(),
                heard: now,
                next_ping: now + HELLO_WITHIN,
                held_until: None,
                show_at: now,
                to_show: None,
            };
            page.talk(&mut closing).await
        }
        Err(end) => end,
    };
    if let End::Bye(bye) = end {
        // Who does not listen cannot be told.
        drop(timeout(LINGER, farewell(&mut socket, bye)).await);
    }
}

/// Who it is, the session that ends the connection with it, and the place that is theirs while it is held.
async fn come_in(
    backend: &Backend,
    place: Result<Place, Full>,
    secret: Option<Secret>,
) -> Result<(Viewer, SessionWatch, Place), End> {
    let mut place = place?;
    let secret = secret.ok_or_else(not_signed_in)?;
    let viewer = Box::pin(backend.people().authenticate(&secret)).await?.ok_or_else(not_signed_in)?;
    let session = Box::pin(viewer.watch_session()).await?.ok_or_else(not_signed_in)?;
    place.of(Holder::Board(viewer.member().id))?;
    Ok((viewer, session, place))
}

async fn farewell(socket: &mut WebSocket, bye: Bye) {
    let Bye { code, reason, retry_ms } = bye;
    let close = CloseFrame { code, reason: close_reason(&reason).into() };
    let message = ServerMessage::Bye { reason, retry_ms };
    if socket.send(text(&message)).await.is_err() || socket.send(Message::Close(Some(close))).await.is_err() {
        return;
    }
    // Closing while something lies unread would throw away what was just said.
    while let Some(message) = socket.recv().await {
        if message.is_err() {
            // A frame that is too long cannot be read to its end: leave the page the time to read the reason.
            return std::future::pending().await;
        }
    }
}

/// The beginning of a reason that is too long for a close frame.
fn close_reason(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(MAX_CLOSE_REASON)]
}

fn dragged(presence: &Presence) -> usize {
    presence.dragging.as_ref().map_or(0, |dragging| dragging.items.len())
}

fn text(message: &ServerMessage) -> Message {
    let json = serde_json::to_string(message).expect("a message has nothing that JSON cannot hold");
    Message::Text(json.into())
}

struct Page<'a> {
    viewer: Viewer,
    /// Ends the connection when the person signs out, or the session expires.
    session: SessionWatch,
    /// The room, once the page has said hello.
    room: Option<Connection>,
    /// Operations on their way to the committer. Nothing more is read meanwhile; what others do goes on being told.
    pushing: Option<BoxFuture<'static, Result<(), Error>>>,
    socket: &'a mut WebSocket,
    pace: Pace,
    /// When the page last said anything.
    heard: Instant,
    next_ping: Instant,
    /// The page has sent more than its share; nothing is read until then.
    held_until: Option<Instant>,
    /// When others may next be told what the page's person looks at.
    show_at: Instant,
    to_show: Option<Presence>,
}

impl Page<'_> {
    async fn talk(&mut self, closing: &mut watch::Receiver<bool>) -> End {
        loop {
            if let Err(end) = self.step(closing).await {
                return end;
            }
        }
    }

    async fn step(&mut self, closing: &mut watch::Receiver<bool>) -> Result<(), End> {
        let due = [
            Some(self.next_ping),
            self.dead_at(),
            self.held_until,
            self.to_show.as_ref().map(|_| self.show_at),
        ];
        let due = due.into_iter().flatten().min().unwrap_or(self.next_ping);
        tokio::select! {
            () = stops(closing) => Err(stopping()),
            () = self.session.ended() => Err(not_signed_in()),
            event = next_event(self.room.as_ref()) => match event {
                Event::Frame(frame) => self.send_waiting(frame).await,
                Event::Cut(why) => Err(why.into()),
            },
            pushed = pushed(self.pushing.as_mut()) => {
                self.pushing = None;
                self.heard = Instant::now();
                Ok(pushed?)
            }
            incoming = self.socket.recv(), if self.held_until.is_none() && self.pushing.is_none() => match incoming {
                Some(Ok(message)) => {
                    self.heard = Instant::now();
                    self.hear(message).await
                }
                Some(Err(error)) => {
                    tracing::debug!(%error, "a page sent what no frame can be");
                    Err(bye(
                        close_code::SIZE,
                        "This page sent a frame that is too long or broken. Reload it.",
                        None,
                    ))
                }
                None => Err(End::Gone),
            },
            () = sleep_until(due) => self.tick().await,
        }
    }

    /// When the page is gone unless it says something before. Nobody is silent whom the server does not listen to.
    fn dead_at(&self) -> Option<Instant> {
        let listening = self.held_until.is_none() && self.pushing.is_none();
        listening.then_some(self.heard + DEAD_AFTER)
    }

    async fn tick(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.held_until.is_some_and(|until| until <= now) {
            self.held_until = None;
            self.heard = now;
        }
        if self.show_at <= now
            && let (Some(presence), Some(room)) = (self.to_show.take(), &self.room)
        {
            room.show(presence);
            self.show_at = now + SHOW_EVERY;
        }
        if self.dead_at().is_some_and(|at| at <= now) {
            return Err(End::Gone);
        }
        if self.next_ping > now {
            return Ok(());
        }
        if self.room.is_none() {
            return Err(bye(
                close_code::UNSUPPORTED,
                "This page did not say which board it shows. Reload it.",
                None,
            ));
        }
        let silent = now - self.heard;
        self.next_ping = now + PING_EVERY;
        if silent >= PING_EVERY / 2 {
            self.send(Message::Ping(Bytes::new())).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Gone),
            Message::Binary(_) => return Err(malformed()),
        };
        let message: ClientMessage = serde_json::from_str(&text).map_err(|error| {
            tracing::debug!(%error, "a page sent what no message can be");
            malformed()
        })?;
        let bytes = text.len();
        drop(text);
        if bytes > MAX_SMALL && !matches!(message, ClientMessage::Push { .. }) {
            return Err(malformed());
        }
        match (message, &self.room) {
            (ClientMessage::Hello { protocol, roadmap, client, epoch, have }, _) => {
                self.slow_down(HELLO_TOKENS);
                self.welcome(protocol, Hello { roadmap, client, epoch, have }).await
            }
            (ClientMessage::Push { ops }, Some(room)) if ops.len() <= MAX_PUSH => {
                // An operation may hold thousands of steps: long ones count for several.
                let tokens = u32::try_from(ops.len() + bytes / BYTES_PER_TOKEN).unwrap_or(u32::MAX);
                self.pushing = Some(Box::pin(room.push(ops, bytes)));
                self.slow_down(tokens);
                Ok(())
            }
            (ClientMessage::Presence(presence), Some(_)) if dragged(&presence) <= MAX_DRAGGED => {
                self.slow_down(1);
                self.to_show = Some(presence);
                Ok(())
            }
            (ClientMessage::Ping, Some(room)) => {
                let head = room.head();
                self.slow_down(1);
                self.send(self::text(&ServerMessage::Pong { head })).await
            }
            _ => Err(malformed()),
        }
    }

    /// Counts what the page sent. Who sends too much is read again later.
    fn slow_down(&mut self, tokens: u32) {
        self.held_until = self.pace.take(self.viewer.member().id, tokens, Instant::now());
    }

    /// Gives the page its place in a room. A page whose document could not be continued comes here again.
    async fn welcome(&mut self, protocol: u32, hello: Hello) -> Result<(), End> {
        self.room = None;
        let user = self.viewer.member().id;
        let say = |role, epoch, head, peers| {
            text(&ServerMessage::Welcome {
                protocol: PROTOCOL,
                build: BUILD.to_owned(),
                epoch,
                head,
                user,
                role,
                peers,
            })
        };
        if protocol != PROTOCOL {
            self.send(say(self.viewer.role(), 0, 0, Vec::new())).await?;
            return Err(bye(close_code::POLICY, "This page is of another version. Reload it.", None));
        }
        let Joined { connection, role, head, epoch, peers, tail } = Box::pin(self.viewer.join(hello)).await?;
        self.next_ping = Instant::now() + PING_EVERY;
        self.room = Some(connection);
        self.send(say(role, epoch, head, peers)).await?;
        let tail = tail.into_iter().map(text_of).collect::<Result<Vec<Message>, End>>()?;
        self.send_all(tail).await
    }

    /// Sends a frame, and with it others that wait already: a connection that is told much is written to seldom.
    async fn send_waiting(&mut self, first: Bytes) -> Result<(), End> {
        let mut frames = vec![text_of(first)?];
        while frames.len() < FRAMES_AT_ONCE
            && let Some(frame) = self.room.as_ref().and_then(Connection::ready)
        {
            frames.push(text_of(frame)?);
        }
        self.send_all(frames).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        self.send_all(vec![message]).await
    }

    /// Sends, unless the page reads so slowly that its place is taken away meanwhile.
    async fn send_all(&mut self, messages: Vec<Message>) -> Result<(), End> {
        let socket = &mut *self.socket;
        let sent = timeout(DEAD_AFTER, async {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        });
        let sent = tokio::select! {
            sent = sent => sent,
            why = cut(self.room.as_ref()) => return Err(why.into()),
            () = self.session.ended() => return Err(not_signed_in()),
        };
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}

fn text_of(frame: Bytes) -> Result<Message, End> {
    let text = Utf8Bytes::try_from(frame).map_err(|_| {
        tracing::error!("a frame is no text");
        bye(close_code::ERROR, "Something went wrong on the server.", Some(5_000))
    })?;
    Ok(Message::Text(text))
}

/// Waits until the server stops.
async fn stops(closing: &mut watch::Receiver<bool>) {
    // An error means that there is no server left to wait for.
    drop(closing.wait_for(|closing| *closing).await);
}

/// Waits until operations on their way have arrived.
async fn pushed(pushing: Option<&mut BoxFuture<'static, Result<(), Error>>>) -> Result<(), Error> {
    match pushing {
        Some(pushing) => pushing.await,
        None => std::future::pending().await,
    }
}

/// Waits until a page's place in its room is taken away.
async fn cut(room: Option<&Connection>) -> Cut {
    match room {
        Some(room) => room.cut().await,
        None => std::future::pending().await,
    }
}

/// What comes next for a page that is in a room.
async fn next_event(room: Option<&Connection>) -> Event {
    match room {
        Some(room) => room.next().await,
        None => std::future::pending().await,
    }
}
