//! How many operations a second one room makes durable when everybody always has more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use domain::wire::MAX_PUSH;
use tokio::time::sleep;

use super::{
    RUNS,
    report::{Figure, Goal},
};
use crate::{
    edits,
    room::{Room, Writer, answers, expect_accepted},
    server::Server,
};

/// Each has one full push under way, as the protocol wants it. While a commit takes half of them, the others collect.
const CLIENTS: usize = 8;

const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

pub(super) async fn measure(server: &Server, room: &Room) -> Result<Vec<Figure>> {
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (rate, cost) = saturate(server, room).await?;
        rates.push(rate);
        costs.push(cost);
    }
    Ok(vec![
        Figure::new("Durable operations per second, one room", "op/s", Goal::AtLeast(10_000.0), rates),
        Figure::new("Server's processor time per operation then", "µs", Goal::None, costs),
    ])
}

/// Operations per second, and microseconds of the server's processor time for each.
async fn saturate(server: &Server, room: &Room) -> Result<(f64, f64)> {
    let mut rng = edits::fresh(1);
    let (done, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let pushing: Vec<_> = room
        .connect(CLIENTS, &mut rng)
        .await?
        .into_iter()
        .zip(0..)
        .map(|(writer, seed)| tokio::spawn(push(room.clone(), writer, seed, done.clone(), over.clone())))
        .collect();
    sleep(WARM_UP).await;
    let (begun, before, cpu) = (Instant::now(), done.load(Ordering::Relaxed), server.cpu()?);
    sleep(MEASURED).await;
    let (took, count) = (begun.elapsed(), done.load(Ordering::Relaxed) - before);
    let cpu = server.cpu()? - cpu;
    over.store(true, Ordering::Relaxed);
    for task in pushing {
        task.await.context("a client panicked")??;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of some seconds")]
    let count = count as f64;
    Ok((count / took.as_secs_f64(), cpu.as_secs_f64() * 1e6 / count))
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
