//! Pages that read slowly or not at all, until the server sends them away.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use domain::{
    ClientId, UserId,
    wire::{ServerMessage, Snapshot},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};

use super::proxy::{Proxy, Weather};
use crate::{
    edits,
    room::{KEY, Room},
    server::Server,
    session::Session,
    socket::{Door, Socket, plainly},
};

/// What they read, in turn, in bytes a second.
const READS: [usize; 2] = [1_024, 0];

/// How soon a slow reader has to be sent away, and has to be back when it can read again.
pub(super) const SOON: Duration = Duration::from_secs(30);

/// What became of a slow reader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fate {
    /// From when it became slow until others were told that it left.
    pub(super) borne: Duration,
    /// From when it could read again until it had all that the room had.
    pub(super) back: Duration,
}

/// When which connections left the room.
type Departures = BTreeMap<u64, Instant>;

/// So many slow readers come into a room. Each is on its own from then on; the first that reads again says so.
pub(super) async fn begin(
    server: &Server,
    room: &Room,
    session: &Session,
    count: usize,
    relieved: &Arc<AtomicBool>,
) -> Result<JoinSet<Result<Fate>>> {
    let mut readers = JoinSet::new();
    if count == 0 {
        return Ok(readers);
    }
    let mut rng = edits::fresh(1);
    let mut observer = room.connect_plainly(1, &mut rng).await?.remove(0).socket;
    let user = session.board(KEY).await?.user;
    let gone = watch::Sender::new(Departures::new());
    for n in 0..count {
        let proxy = Proxy::open(server.address(), Weather::narrow()).await?;
        let Snapshot { epoch, head, .. } = room.snapshot().await?;
        let client = edits::client(&mut rng);
        let door = Door::of(server, session).through(proxy.address());
        let mut socket = door.enter(&plainly(room.hello(client, epoch, head))).await?;
        socket.welcome().await?;
        let number = arrival(&mut observer, user).await?;
        proxy.read(Some(READS[n % READS.len()]));
        let reader = Reader { room: room.clone(), door, client, epoch, head, relieved: relieved.clone() };
        readers.spawn(reader.suffer(socket, proxy, number, gone.subscribe()));
    }
    tokio::spawn(observe(observer, gone));
    Ok(readers)
}

/// The connection by which this person just came.
async fn arrival(observer: &mut Socket, user: UserId) -> Result<u64> {
    loop {
        if let ServerMessage::Peers { here, .. } = observer.receive().await?
            && let Some(peer) = here.iter().find(|peer| peer.user == user)
        {
            return Ok(peer.connection);
        }
    }
}

/// Notes who leaves, as long as anybody wants to know.
async fn observe(mut observer: Socket, gone: watch::Sender<Departures>) -> Result<()> {
    loop {
        tokio::select! {
            () = gone.closed() => return Ok(()),
            message = observer.receive() => if let ServerMessage::Peers { left, .. } = message? {
                let now = Instant::now();
                gone.send_modify(|gone| gone.extend(left.into_iter().map(|connection| (connection, now))));
            },
        }
    }
}

struct Reader {
    room: Room,
    door: Door,
    client: ClientId,
    epoch: u64,
    head: u64,
    relieved: Arc<AtomicBool>,
}

impl Reader {
    async fn suffer(
        mut self,
        mut socket: Socket,
        proxy: Proxy,
        number: u64,
        mut gone: watch::Receiver<Departures>,
    ) -> Result<Fate> {
        let slow = Instant::now();
        let left = timeout(SOON, gone.wait_for(|gone| gone.contains_key(&number))).await;
        let left = left.context("a slow reader is not sent away")??[&number];
        self.relieved.store(true, Ordering::Relaxed);
        proxy.read(None);
        let again = Instant::now();
        timeout(SOON, self.come_back(&mut socket)).await.context("a slow reader does not come back")??;
        Ok(Fate { borne: left - slow, back: again.elapsed() })
    }

    /// Reads what it was told before it was sent away, then comes anew and reads the rest.
    async fn come_back(&mut self, old: &mut Socket) -> Result<()> {
        while let Ok(message) = old.receive().await {
            if let ServerMessage::Bye { retry_ms: None, reason } = &message {
                bail!("a slow reader is sent away for good: {reason}");
            }
            self.take(message)?;
        }
        loop {
            let hello = plainly(self.room.hello(self.client, self.epoch, self.head));
            let mut socket = self.door.enter(&hello).await?;
            let (_, head) = socket.welcome_at_head().await?;
            while self.head < head {
                match socket.receive().await? {
                    ServerMessage::Refetch => {
                        self.head = self.room.snapshot().await?.head;
                        break;
                    }
                    message => self.take(message)?,
                }
            }
            if self.head >= head {
                return Ok(());
            }
        }
    }

    fn take(&mut self, message: ServerMessage) -> Result<()> {
        if let ServerMessage::Entries { entries } = message {
            for entry in entries {
                let expected = self.head + 1;
                ensure!(
                    entry.seq == expected,
                    "a slow reader is told {} where {expected} belongs",
                    entry.seq
                );
                self.head = entry.seq;
            }
        }
        Ok(())
    }
}
