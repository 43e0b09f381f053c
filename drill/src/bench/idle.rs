//! What a page costs that is open and does nothing.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use domain::wire::Snapshot;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::sleep;

use super::report::{Figure, Goal};
use crate::{edits, room::Room, server::Server};

const CONNECTIONS: usize = 1_000;

/// How many connect at the same time.
const AT_ONCE: usize = 20;

/// Until everybody has been told of everybody, and the server has let go of what it needed for that.
const SETTLE: Duration = Duration::from_secs(4);

pub(super) async fn measure(server: &Server, room: &Room) -> Result<Vec<Figure>> {
    let limit = open_files()?;
    ensure!(
        limit > CONNECTIONS + 100,
        "{limit} open files are allowed, too few for {CONNECTIONS} connections: `ulimit -n 4096`"
    );
    // What the first page needs is not a matter of their number.
    let first = connect(room, 1).await?;
    sleep(SETTLE).await;
    let before = server.memory()?;
    let pages = connect(room, CONNECTIONS).await?;
    sleep(SETTLE).await;
    let (after, cpu) = (server.memory()?, server.cpu()?);
    sleep(SETTLE).await;
    let busy = (server.cpu()? - cpu).as_secs_f64() / SETTLE.as_secs_f64() * 1e3;
    ensure!(pages.iter().chain(&first).all(|page| !page.is_finished()), "the server closed idle connections");
    pages.iter().chain(&first).for_each(tokio::task::JoinHandle::abort);
    #[expect(clippy::cast_precision_loss, reason = "memory of a process, and a small count")]
    let each = after.saturating_sub(before) as f64 / CONNECTIONS as f64 / 1024.0;
    Ok(vec![
        Figure::new("Memory per idle connection at 1,000 in one room", "KiB", Goal::AtMost(20.0), vec![each]),
        Figure::new("Processor time of 1,000 idle connections", "ms/s", Goal::None, vec![busy]),
    ])
}

/// Opens connections that read and say nothing.
async fn connect(room: &Room, count: usize) -> Result<Vec<tokio::task::JoinHandle<()>>> {
    let mut rng = edits::fresh(count as u64);
    let Snapshot { epoch, head, .. } = room.snapshot().await?;
    let hellos: Vec<_> = (0..count).map(|_| room.hello(edits::client(&mut rng), epoch, head)).collect();
    let pages = stream::iter(hellos).map(|hello| async move {
        let mut socket = room.door.enter(&hello).await?;
        socket.welcome().await?;
        anyhow::Ok(tokio::spawn(async move { while socket.receive_text().await.is_ok() {} }))
    });
    pages.buffer_unordered(AT_ONCE).try_collect().await
}

/// How many files this process may have open; the server it starts inherits the limit.
fn open_files() -> Result<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line =
        limits.lines().find_map(|line| line.strip_prefix("Max open files")).context("no such limit")?;
    let soft = line.split_whitespace().next().context("the limit has no number")?;
    Ok(if soft == "unlimited" { usize::MAX } else { soft.parse()? })
}
