//! One page's connection, from its hello to its good-bye.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, WebSocket, close_code},
};
use backend::{
    Backend, Error, Viewer,
    people::{Secret, SessionWatch},
    rooms::{Hello, Joined},
};
use domain::wire::{
    ClientMessage, Cursor, MAX_DRAGGED, MAX_PUSH, MAX_SMALL, PROTOCOL, Presence, ServerMessage, room_of,
};
use futures::{SinkExt as _, future::BoxFuture};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Full, Gate, Holder, Place,
    end::{Bye, End, bye, malformed, no_room, not_signed_in, other_version, refused, stopping},
    pace::Pace,
    rooms::{self, Rooms, frame_of, text},
};

/// The version pages and server compare: a page of another build is told to reload.
const BUILD: &str = env!("CARGO_PKG_VERSION");

/// A page that is silent for so long is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(20);

/// A page that is silent for so long is gone.
const DEAD_AFTER: Duration = Duration::from_secs(45);

/// A page says hello at once, and again when its last room is closed; who does not is no page.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// So many bytes of a push count like an operation, and so do those of what a page missed.
const BYTES_PER_TOKEN: usize = 4 * 1024;

/// As many operations a hello counts like, whatever it answers.
const HELLO_TOKENS: usize = 8;

/// The most bytes of a close frame's reason.
const MAX_CLOSE_REASON: usize = 123;

/// How many waiting frames are written before the page is listened to again.
const FRAMES_AT_ONCE: usize = 32;

/// How long a good-bye may take to be read.
const LINGER: Duration = Duration::from_secs(1);

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
                rooms: Rooms::default(),
                pushing: None,
                socket: &mut socket,
                pace: gate.pace(),
                heard: now,
                next_ping: now + HELLO_WITHIN,
                held_until: None,
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
    if socket.send(text(0, &message)).await.is_err()
        || socket.send(Message::Close(Some(close))).await.is_err()
    {
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

struct Page<'a> {
    viewer: Viewer,
    /// Ends the connection when the person signs out, or the session expires.
    session: SessionWatch,
    rooms: Rooms,
    /// Operations on their way to the committer. Nothing more is read meanwhile; what others do goes on being told.
    pushing: Option<BoxFuture<'static, Result<(), Error>>>,
    socket: &'a mut WebSocket,
    pace: Pace,
    /// When the page last said anything.
    heard: Instant,
    next_ping: Instant,
    /// The page has sent more than its share; nothing is read until then.
    held_until: Option<Instant>,
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
        let due = [Some(self.next_ping), self.dead_at(), self.held_until, self.rooms.due()];
        let due = due.into_iter().flatten().min().unwrap_or(self.next_ping);
        tokio::select! {
            () = stops(closing) => Err(stopping()),
            () = self.session.ended() => Err(not_signed_in()),
            rung = self.rooms.rung() => self.send_waiting(rung).await,
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
        self.rooms.tick(now);
        if self.dead_at().is_some_and(|at| at <= now) {
            return Err(End::Gone);
        }
        if self.next_ping > now {
            return Ok(());
        }
        if self.rooms.is_empty() {
            return Err(no_room());
        }
        let silent = now - self.heard;
        self.next_ping = now + PING_EVERY;
        if silent >= PING_EVERY / 2 {
            self.send(Message::Ping(Bytes::new())).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        let frame = match message {
            Message::Text(frame) => frame,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Gone),
            Message::Binary(_) => return Err(malformed()),
        };
        let bytes = frame.len();
        let (number, text) = room_of(&frame).ok_or_else(malformed)?;
        let message: ClientMessage = serde_json::from_str(text).map_err(|error| {
            tracing::debug!(%error, "a page sent what no message can be");
            malformed()
        })?;
        drop(frame);
        let fits = match &message {
            ClientMessage::Push { ops } => ops.len() <= MAX_PUSH,
            ClientMessage::Presence(presence) => bytes <= MAX_SMALL && dragged(presence) <= MAX_DRAGGED,
            _ => bytes <= MAX_SMALL,
        };
        if !fits {
            return Err(malformed());
        }
        let message = match message {
            ClientMessage::Hello { protocol, roadmap, client, epoch, have, plain } => {
                return self.welcome(number, protocol, Hello { roadmap, client, epoch, have, plain }).await;
            }
            ClientMessage::Records { protocol, since } => {
                return self.follow_records(number, protocol, since).await;
            }
            message => message,
        };
        let was_closed = self.rooms.was_closed(number);
        let Some(room) = self.rooms.get(number) else {
            // What the page says of a room before it hears that it is closed is of no use, but no fault either.
            self.slow_down(1);
            return if was_closed { Ok(()) } else { Err(malformed()) };
        };
        match message {
            ClientMessage::Push { ops } => {
                // An operation may hold thousands of steps: long ones count for several.
                let tokens = ops.len() + bytes / BYTES_PER_TOKEN;
                let rooms::Source::Room(connection) = &room.source else { return Err(malformed()) };
                self.pushing = Some(Box::pin(connection.push(ops, bytes)));
                self.slow_down(tokens);
            }
            ClientMessage::Presence(presence) => {
                if let rooms::Source::Records(_) = &room.source {
                    return Err(malformed());
                }
                room.show(presence);
                self.slow_down(1);
            }
            ClientMessage::Ping => {
                let head = room.source.head();
                self.slow_down(1);
                self.send(self::text(number, &ServerMessage::Pong { head })).await?;
            }
            ClientMessage::Leave => {
                self.rooms.leave(number);
                self.slow_down(1);
                self.expect_hello();
            }
            ClientMessage::Hello { .. } | ClientMessage::Records { .. } => {}
        }
        Ok(())
    }

    /// Counts what the page sent. Who sends too much is read again later.
    fn slow_down(&mut self, tokens: usize) {
        let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
        self.held_until = self.pace.take(self.viewer.member().id, tokens, Instant::now());
    }

    /// A page without any room soon says hello, or is no page.
    fn expect_hello(&mut self) {
        if self.rooms.is_empty() {
            self.next_ping = Instant::now() + HELLO_WITHIN;
        }
    }

    /// Gives the page its place in a room. A page whose document could not be continued comes here again.
    async fn welcome(&mut self, number: u8, protocol: u32, hello: Hello) -> Result<(), End> {
        self.rooms.leave(number);
        if protocol != PROTOCOL {
            self.send(self.welcome_to(number, None)).await?;
            return Err(other_version());
        }
        let mut joined = match Box::pin(self.viewer.join(hello, self.rooms.bell(number))).await {
            Ok(joined) => joined,
            Err(error) => return self.refuse(number, error).await,
        };
        let tail = std::mem::take(&mut joined.tail);
        let welcome = self.welcome_to(number, Some(&mut joined));
        self.rooms.open(number, rooms::Source::Room(joined.connection));
        self.begin(number, welcome, tail).await
    }

    /// Gives the page its place in the stream of records.
    async fn follow_records(&mut self, number: u8, protocol: u32, since: Option<Cursor>) -> Result<(), End> {
        self.rooms.leave(number);
        let from = |viewer: &Viewer, role, cursor| {
            let (protocol, build, user) = (PROTOCOL, BUILD.to_owned(), viewer.member().id);
            text(number, &ServerMessage::RecordsFrom { protocol, build, user, role, cursor })
        };
        if protocol != PROTOCOL {
            self.send(from(&self.viewer, self.viewer.role(), Cursor::default())).await?;
            return Err(other_version());
        }
        let followed = match Box::pin(self.viewer.follow_records(since, self.rooms.bell(number))).await {
            Ok(followed) => followed,
            Err(error) => return self.refuse(number, error).await,
        };
        let first = from(&self.viewer, followed.role, followed.cursor);
        self.rooms.open(number, rooms::Source::Records(followed.following));
        self.begin(number, first, followed.tail).await
    }

    /// Answers a page that gets no place.
    async fn refuse(&mut self, number: u8, error: Error) -> Result<(), End> {
        if let Error::Unauthenticated(_) = error {
            return Err(not_signed_in());
        }
        self.slow_down(HELLO_TOKENS);
        let closed = self.rooms.close(number, &refused(&error));
        self.expect_hello();
        self.send(closed).await
    }

    /// Answers a page that has its place, and sends it what it missed.
    async fn begin(&mut self, number: u8, first: Message, tail: Vec<Bytes>) -> Result<(), End> {
        self.next_ping = Instant::now() + PING_EVERY;
        let missed: usize = tail.iter().map(Bytes::len).sum();
        self.slow_down(HELLO_TOKENS + missed / BYTES_PER_TOKEN);
        let mut frames = vec![first];
        for frame in tail {
            frames.push(frame_of(number, frame)?);
        }
        self.send_all(frames).await
    }

    /// The answer to a hello; without a place to one of another protocol.
    fn welcome_to(&self, number: u8, joined: Option<&mut Joined>) -> Message {
        let (protocol, build, user) = (PROTOCOL, BUILD.to_owned(), self.viewer.member().id);
        let (mut role, mut epoch, mut head) = (self.viewer.role(), 0, 0);
        let (mut peers, mut slots) = (Vec::new(), Vec::new());
        if let Some(joined) = joined {
            (role, epoch, head) = (joined.role, joined.epoch, joined.head);
            (peers, slots) = (std::mem::take(&mut joined.peers), std::mem::take(&mut joined.slots));
        }
        text(number, &ServerMessage::Welcome { protocol, build, epoch, head, user, role, peers, slots })
    }

    /// Sends what waits, many frames at a time: a connection that is told much is written to seldom.
    async fn send_waiting(&mut self, rung: u64) -> Result<(), End> {
        let frames = self.rooms.waiting(rung, FRAMES_AT_ONCE)?;
        if frames.is_empty() {
            return Ok(());
        }
        self.expect_hello();
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
            end = self.rooms.must_end() => return Err(end),
            () = self.session.ended() => return Err(not_signed_in()),
        };
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
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
