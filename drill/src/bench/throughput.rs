//! How many operations a second are made durable when everybody always has more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use domain::wire::MAX_PUSH;
use tokio::{task::JoinHandle, time::sleep};

use super::{
    load::{Load, counted},
    report::{Figure, Goal},
};
use crate::{
    edits,
    room::{Room, Writer, answers, expect_accepted},
    server::Server,
};

/// Each has one full push under way, as the protocol wants it. While a commit takes half of them, the others collect.
pub(super) const CLIENTS: usize = 8;

const ROOMS: usize = 50;

const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

const ENOUGH: Goal = Goal::AtLeast(10_000.0);

pub(super) async fn one_room(server: &Server, room: &Room, load: Load) -> Result<Vec<Figure>> {
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for _ in 0..load.runs() {
        let (rate, cost) = saturate(server, &vec![room.clone(); CLIENTS]).await?;
        rates.push(rate);
        costs.push(cost);
    }
    Ok(vec![
        Figure::new("P2", "Durable operations per second, one room", "op/s", ENOUGH, rates),
        Figure::new("", "Server's processor time per operation then", "µs", Goal::None, costs),
    ])
}

/// One page in each of fifty rooms.
pub(super) async fn many_rooms(server: &Server, rooms: &[Room], load: Load) -> Result<Vec<Figure>> {
    let rooms = &rooms[..rooms.len().min(ROOMS)];
    let mut rates = Vec::new();
    for _ in 0..load.runs() {
        rates.push(saturate(server, rooms).await?.0);
    }
    let name = format!("Durable operations per second, {} rooms", counted(rooms.len()));
    Ok(vec![Figure::new("P2", name, "op/s", ENOUGH, rates)])
}

/// Operations per second of one page in each of these rooms, and microseconds of the server's processor time for each.
pub(super) async fn saturate(server: &Server, rooms: &[Room]) -> Result<(f64, f64)> {
    let rush = Rush::begin(rooms).await?;
    sleep(WARM_UP).await;
    let (begun, before, cpu) = (Instant::now(), rush.done(), server.cpu()?);
    sleep(MEASURED).await;
    let (took, count) = (begun.elapsed(), rush.done() - before);
    let cpu = server.cpu()? - cpu;
    rush.end().await?;
    #[expect(clippy::cast_precision_loss, reason = "counts of some seconds")]
    let count = count as f64;
    Ok((count / took.as_secs_f64(), cpu.as_secs_f64() * 1e6 / count))
}

/// Pages that always have more to push.
#[derive(Debug)]
pub(super) struct Rush {
    done: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    pushing: Vec<JoinHandle<Result<()>>>,
}

impl Rush {
    /// One page for each room named; a room may be named several times.
    pub(super) async fn begin(rooms: &[Room]) -> Result<Self> {
        let mut rng = edits::fresh(1);
        let (done, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let mut writers = Vec::with_capacity(rooms.len());
        for room in rooms {
            writers.push((room.clone(), room.connect(1, &mut rng).await?.remove(0)));
        }
        let pushing = writers
            .into_iter()
            .zip(0..)
            .map(|((room, writer), seed)| tokio::spawn(push(room, writer, seed, done.clone(), over.clone())));
        let pushing = pushing.collect();
        Ok(Self { done, over, pushing })
    }

    /// How many operations have been acknowledged so far.
    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Waits for the last answers.
    ///
    /// # Errors
    /// When anything was refused.
    pub(super) async fn end(self) -> Result<()> {
        self.over.store(true, Ordering::Relaxed);
        for task in self.pushing {
            task.await.context("a client panicked")??;
        }
        Ok(())
    }
}

async fn push(
    room: Room,
    mut writer: Writer,
    seed: u64,
    done: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
) -> Result<()> {
    let mut rng = edits::fresh(seed);
    while !over.load(Ordering::Relaxed) {
        let message = writer.number((0..MAX_PUSH).map(|_| room.edit(&mut rng)).collect());
        writer.socket.send(&message).await?;
        let mut waiting = MAX_PUSH;
        while waiting > 0 {
            let results = answers(&writer.socket.receive_text().await?)?;
            results.iter().try_for_each(expect_accepted)?;
            waiting -= results.len();
            done.fetch_add(u64::try_from(results.len())?, Ordering::Relaxed);
        }
    }
    Ok(())
}
