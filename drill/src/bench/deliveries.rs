//! How many entries a second reach pages, all told, when everybody always has more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use tokio::{task::JoinHandle, time::sleep};

use super::{
    follower::{Follower, enter_all, followers},
    load::{Load, counted},
    report::{Figure, Goal},
    throughput::{CLIENTS, Rush},
};
use crate::{
    edits,
    room::{Room, expect_accepted},
    server::Server,
    socket::Socket,
};

/// Pages that only listen.
const LISTENERS: usize = 200;

const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

/// Cards that are moved one by one, and how far they are apart.
const MOVES: usize = 200;
const APART: Duration = Duration::from_millis(20);

/// After so long everybody has been told of everybody.
const SETTLED: Duration = Duration::from_secs(3);

/// The longest that moves are waited for.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn measure(server: &Server, room: &Room, load: Load) -> Result<Vec<Figure>> {
    let listeners = load.of(LISTENERS);
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    let (mut bytes, mut single) = (Vec::new(), Vec::new());
    let mut cut = 0;
    for _ in 0..load.runs() {
        let pages = Listeners::open(room, listeners).await?;
        let rush = Rush::begin(&vec![room.clone(); CLIENTS]).await?;
        sleep(WARM_UP).await;
        let (begun, before, cpu) = (Instant::now(), pages.heard(), server.cpu()?);
        sleep(MEASURED).await;
        let (took, count) = (begun.elapsed(), pages.heard() - before);
        let cpu = server.cpu()? - cpu;
        rush.end().await?;
        rates.push(count / took.as_secs_f64());
        costs.push(cpu.as_secs_f64() * 1e3 / count * 1e4);
        cut += pages.end();
        let (each, cost) = one_by_one(server, room, listeners, load.of(MOVES)).await?;
        bytes.push(each);
        single.push(cost);
    }
    let pages = counted(listeners);
    let name = format!("Entries delivered per second to {pages} pages of one room");
    let figure = Figure::new("P5", name, "entries/s", Goal::AtLeast(60_000.0), rates);
    let cost = |what| format!("Server's processor time for 10,000 deliveries to {pages} pages, {what}");
    Ok(vec![
        if cut == 0 { figure } else { figure.noting(format!("{cut} times a page was cut as too slow")) },
        Figure::new("", cost("written to as fast as can be"), "ms", Goal::None, costs),
        Figure::new("", cost("one moved card at a time"), "ms", Goal::None, single),
        Figure::new("", "Bytes sent to each reader of a moved card", "bytes", Goal::AtMost(110.0), bytes),
    ])
}

/// Moves one card after the other. What one reader is sent of each, in bytes, and what 10,000 deliveries take the server, in
/// milliseconds.
async fn one_by_one(server: &Server, room: &Room, listeners: usize, moves: usize) -> Result<(f64, f64)> {
    let pages = Listeners::open(room, listeners).await?;
    let mut rng = edits::fresh(listeners as u64);
    let mut writer = room.connect(1, &mut rng).await?.remove(0);
    sleep(SETTLED).await;
    let cpu = server.cpu()?;
    for _ in 0..moves {
        writer.push(vec![room.drop_between(&mut rng)]).await?.iter().try_for_each(expect_accepted)?;
        sleep(APART).await;
    }
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let all = (moves * listeners) as f64;
    let since = Instant::now();
    while pages.heard() < all {
        ensure!(since.elapsed() < PATIENCE, "moves are not told");
        sleep(APART).await;
    }
    let cpu = server.cpu()? - cpu;
    let bytes = pages.bytes();
    pages.end();
    Ok((bytes / all, cpu.as_secs_f64() * 1e3 / all * 1e4))
}

/// Pages that only listen.
struct Listeners {
    reading: Vec<JoinHandle<Result<()>>>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    /// Entries.
    heard: AtomicU64,
    /// Bytes of frames with entries.
    bytes: AtomicU64,
    /// How often a page was cut as too slow.
    cut: AtomicU64,
}

impl Listeners {
    async fn open(room: &Room, count: usize) -> Result<Self> {
        let counts = Arc::<Counts>::default();
        let pages = enter_all(followers(std::slice::from_ref(room), count).await?).await?;
        let reading =
            pages.into_iter().map(|(page, socket)| tokio::spawn(read(page, socket, counts.clone())));
        Ok(Self { reading: reading.collect(), counts })
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of some seconds")]
    fn heard(&self) -> f64 {
        self.counts.heard.load(Ordering::Relaxed) as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of some seconds")]
    fn bytes(&self) -> f64 {
        self.counts.bytes.load(Ordering::Relaxed) as f64
    }

    /// Closes them, and says how often one was cut.
    fn end(self) -> u64 {
        self.reading.iter().for_each(JoinHandle::abort);
        self.counts.cut.load(Ordering::Relaxed)
    }
}

/// Counts what comes. A page that is cut for being slow comes back and goes on from where it was.
async fn read(mut page: Follower, mut socket: Socket, counts: Arc<Counts>) -> Result<()> {
    loop {
        while let Ok(text) = socket.receive_text().await {
            let heard = page.take(&text)?;
            counts.heard.fetch_add(heard, Ordering::Relaxed);
            if heard > 0 {
                counts.bytes.fetch_add(on_the_wire(text.len()), Ordering::Relaxed);
            }
        }
        counts.cut.fetch_add(1, Ordering::Relaxed);
        socket = page.enter().await?;
    }
}

/// The bytes of a frame that a server sends, of so many bytes of text.
fn on_the_wire(text: usize) -> u64 {
    let head = match text {
        0..126 => 2,
        126..65_536 => 4,
        _ => 10,
    };
    text as u64 + head
}
