//! An open board that behaves as the browser's does: edits show at once, are sent until they are answered, and the
//! connection comes back by itself.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, bail};
use domain::{
    Replica, RoadmapId,
    wire::{ClientMessage, Pushed, ServerMessage},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    edits::{self, now},
    ledger::Ledger,
    server::Server,
    session::Session,
    socket::{Door, Socket, plainly},
};

/// The longest pause between two edits of one person, in microseconds.
const PACE: u64 = 4_000;

/// Between two attempts to reach a server that has gone.
const RETRY: Duration = Duration::from_millis(5);

/// How many random edits are tried before it is somebody else's turn.
const TRIES: usize = 20;

/// A page of somebody, and what an outside witness knows of it.
#[derive(Debug)]
pub(crate) struct Page {
    session: Session,
    door: Door,
    roadmap: RoadmapId,
    pub(crate) replica: Replica,
    rng: StdRng,
    ledger: Arc<Mutex<Ledger>>,
    socket: Option<Socket>,
    /// The latest operations that were answered, to be sent once more.
    sent: Vec<Pushed>,
    /// What somebody else tells the page to do, amid its edits.
    orders: Arc<Orders>,
    /// Connections given up but not closed, as by a page that has gone to another network.
    given_up: Vec<Socket>,
    /// A return to the room that is under way, and at which head it is complete.
    returning: Option<(Return, u64)>,
    pub(crate) returns: Vec<Return>,
    /// Why the server ended a connection last, when it said so and the page comes back.
    pub(crate) farewell: Option<String>,
}

/// What a page can be told to do amid its edits.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// Leave the connection as it is and come by another.
    pub(crate) leave: Notify,
    /// Come a second time, and send there what is under way here.
    pub(crate) double: Notify,
}

/// How a page came back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Return {
    /// When it began the attempt that succeeded.
    pub(crate) began: Instant,
    /// When it said hello, on an open WebSocket.
    pub(crate) hello: Instant,
    /// When it had all that the room had when it was welcomed.
    pub(crate) complete: Instant,
}

impl Page {
    /// Loads a board. It connects when it has something to do.
    pub(crate) async fn open(
        server: &Server,
        session: Session,
        key: &str,
        seed: u64,
        ledger: Arc<Mutex<Ledger>>,
    ) -> Result<Self> {
        let board = session.board(key).await?;
        let mut rng = StdRng::seed_from_u64(seed);
        let client = edits::client(&mut rng);
        Ok(Self {
            door: Door::of(server, &session),
            session,
            roadmap: board.product.roadmap,
            replica: Replica::new(board.snapshot, client, board.user, board.role),
            rng,
            ledger,
            socket: None,
            sent: Vec::new(),
            orders: Arc::default(),
            given_up: Vec::new(),
            returning: None,
            returns: Vec::new(),
            farewell: None,
        })
    }

    /// From its next connection on it comes through a proxy.
    pub(crate) fn go_through(&mut self, address: SocketAddr) {
        self.door = self.door.clone().through(address);
    }

    pub(crate) fn orders(&self) -> Arc<Orders> {
        self.orders.clone()
    }

    /// Closes what was given up.
    pub(crate) fn forget(&mut self) {
        self.given_up.clear();
    }

    /// Does random edits and waits until every one of them is answered and confirmed, whatever happens to the server
    /// meanwhile. Counts in `made` as it goes.
    pub(crate) async fn edit(&mut self, edits: usize, made: &AtomicUsize) -> Result<()> {
        self.sent.clear();
        let mut left = edits;
        let mut next = Instant::now();
        while left > 0 || self.replica.pending().next().is_some() {
            if self.socket.is_none() && !self.connect().await? {
                if left > 0 && self.make_edit(made) {
                    left -= 1;
                }
                sleep(RETRY).await;
                continue;
            }
            let Some(socket) = &mut self.socket else { continue };
            let orders = self.orders.clone();
            tokio::select! {
                message = socket.receive_for(self.replica.confirmed()) => self.take(message).await?,
                () = orders.leave.notified() => self.given_up.extend(self.socket.take()),
                () = orders.double.notified() => self.double().await?,
                () = sleep_until(next), if left > 0 => {
                    left -= usize::from(self.make_edit(made));
                    next = Instant::now() + Duration::from_micros(self.rng.random_range(0..PACE));
                }
            }
            self.push().await?;
        }
        Ok(())
    }

    /// Listens until the confirmed document has come to `head`.
    pub(crate) async fn reach(&mut self, head: u64) -> Result<()> {
        while self.replica.head() < head {
            if self.socket.is_none() && !self.connect().await? {
                sleep(RETRY).await;
                continue;
            }
            let Some(socket) = &mut self.socket else { continue };
            let message = socket.receive_for(self.replica.confirmed()).await;
            self.take(message).await?;
        }
        Ok(())
    }

    /// Sends the latest operations once more, although they were answered. The ledger notices any other answer.
    pub(crate) async fn repeat(&mut self) -> Result<()> {
        let Some(last) = self.sent.last().map(|pushed| pushed.cseq) else { return Ok(()) };
        let again = ClientMessage::Push { ops: self.sent.clone() };
        let mut said = false;
        loop {
            // The server may have gone after this page's last edit, unnoticed until now.
            let Some(socket) = &mut self.socket else {
                said = false;
                if !self.connect().await? {
                    sleep(RETRY).await;
                }
                continue;
            };
            if !said {
                said = socket.send(&again).await.is_ok();
            }
            let message = socket.receive_for(self.replica.confirmed()).await;
            let answered = matches!(&message, Ok(ServerMessage::Ack { results })
                if results.iter().any(|answer| answer.cseq == last));
            self.take(message).await?;
            if answered {
                return Ok(());
            }
        }
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn roadmap(&self) -> RoadmapId {
        self.roadmap
    }

    /// Whether one was possible: a stakeholder can do nothing on an empty board.
    fn make_edit(&mut self, made: &AtomicUsize) -> bool {
        let (user, role) = (self.replica.user(), self.replica.role());
        let possible = (0..TRIES).any(|_| {
            let op = edits::random(&mut self.rng, self.replica.view(), user, role);
            self.replica.edit(op, now()).is_ok()
        });
        made.fetch_add(usize::from(possible), Ordering::Relaxed);
        possible
    }

    /// Comes a second time under the same name, and sends there what is not answered here yet.
    async fn double(&mut self) -> Result<()> {
        let Some(last) = self.sent.last().map(|pushed| pushed.cseq) else { return Ok(()) };
        let mut second = self.door.enter(&plainly(self.replica.hello())).await?;
        second.welcome().await?;
        second.send(&ClientMessage::Push { ops: self.sent.clone() }).await?;
        loop {
            if let ServerMessage::Ack { results } = second.receive().await? {
                lock(&self.ledger).answered(self.replica.client(), &results);
                if results.iter().any(|answer| answer.cseq == last) {
                    return Ok(());
                }
            }
        }
    }

    /// Whether it worked.
    async fn connect(&mut self) -> Result<bool> {
        let began = Instant::now();
        let Ok(mut socket) = self.door.enter(&self.replica.hello()).await else { return Ok(false) };
        let hello = Instant::now();
        let Ok((epoch, head)) = socket.welcome_at_head().await else { return Ok(false) };
        self.replica.welcomed(epoch);
        self.socket = Some(socket);
        self.returning = Some((Return { began, hello, complete: hello }, head));
        self.note_return();
        self.push().await?;
        Ok(true)
    }

    async fn push(&mut self) -> Result<()> {
        let Some(socket) = &mut self.socket else { return Ok(()) };
        let Some(ops) = self.replica.take_push() else { return Ok(()) };
        lock(&self.ledger).sent(self.replica.client(), &ops);
        self.sent.clone_from(&ops);
        if socket.send(&ClientMessage::Push { ops }).await.is_err() {
            self.socket = None;
        }
        Ok(())
    }

    async fn take(&mut self, message: Result<ServerMessage>) -> Result<()> {
        match message {
            Ok(ServerMessage::Ack { results }) => {
                lock(&self.ledger).answered(self.replica.client(), &results);
                self.replica.acknowledge(results);
            }
            Ok(ServerMessage::Entries { entries }) => {
                if self.replica.receive(entries).is_err() {
                    self.say_hello().await;
                }
            }
            Ok(ServerMessage::Refetch) => {
                let held = self.replica.held_comments();
                if let Ok(snapshot) = self.session.snapshot_with(self.roadmap, &held).await {
                    self.replica.replace(snapshot);
                    self.say_hello().await;
                } else {
                    self.socket = None;
                }
            }
            Ok(ServerMessage::Welcome { epoch, .. }) => self.replica.welcomed(epoch),
            Ok(
                ServerMessage::Bye { reason, retry_ms: None }
                | ServerMessage::Closed { reason, retry_ms: None, .. },
            ) => {
                bail!("the server sent a page away: {reason}")
            }
            Ok(ServerMessage::Bye { reason, .. } | ServerMessage::Closed { reason, .. }) => {
                self.farewell = Some(reason);
                self.socket = None;
            }
            Err(_) => self.socket = None,
            Ok(_) => {}
        }
        self.note_return();
        Ok(())
    }

    fn note_return(&mut self) {
        if let Some((back, head)) = self.returning
            && self.replica.head() >= head
        {
            self.returns.push(Return { complete: Instant::now(), ..back });
            self.returning = None;
        }
    }

    async fn say_hello(&mut self) {
        if let Some(socket) = &mut self.socket
            && socket.send(&self.replica.hello()).await.is_err()
        {
            self.socket = None;
        }
    }
}

/// A task that panicked while it held the lock has ended the drill anyway.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
