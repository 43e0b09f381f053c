//! What pages cost that are open and do nothing, and how many a server can have.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::{task::JoinHandle, time::sleep};

use super::{
    follower::{Follower, enter_all, followers},
    load::{Load, counted},
    report::{Figure, Goal},
};
use crate::{room::Room, server::Server};

/// Pages of one room.
const TOGETHER: [usize; 2] = [1_000, 5_000];

/// Pages of all rooms.
const SPREAD: usize = 10_000;

/// What the list of goals asks to be held.
const HELD: usize = 50_000;

/// Files that are open for other reasons: in the server its database, here the runtime.
const OTHER_FILES: usize = 400;

/// The server has settled when it has had nothing to do for so long: everybody has been told of everybody, and it has let go of
/// what it needed for that.
const SETTLE: Duration = Duration::from_secs(4);

/// The longest that is waited for.
const SETTLE_WITHIN: Duration = Duration::from_secs(120);

/// How much of a processor is nothing.
const NOTHING: f64 = 0.05;

/// Longer than the server waits until it asks a silent page whether it is there.
const IDLE: Duration = Duration::from_secs(25);

/// Memory of pages that are all in one room.
pub(super) async fn together(server: &mut Server, room: &Room, load: Load) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for count in TOGETHER {
        let count = load.of(count);
        let name = format!("Memory per idle connection, {} in one room", counted(count));
        ensure!(most_connections()? > count, "{}", too_few(count)?);
        server.kill().await?;
        server.start().await?;
        let (_pages, each) = open(server, std::slice::from_ref(room), count).await?;
        figures.push(Figure::new("P6", name, "KiB", Goal::AtMost(20.0), vec![each]));
    }
    Ok(figures)
}

/// Memory and time of pages in many rooms, then as many more as can be.
pub(super) async fn spread(server: &Server, rooms: &[Room], load: Load) -> Result<Vec<Figure>> {
    let most = most_connections()?;
    let count = load.of(SPREAD).min(most) / rooms.len() * rooms.len();
    let (mut pages, each) = open(server, rooms, count).await?;
    let idle = load.of(IDLE.as_secs() as usize).max(2) as u64;
    let cpu = server.cpu()?;
    sleep(Duration::from_secs(idle)).await;
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let busy = (server.cpu()? - cpu).as_secs_f64() / idle as f64 / count as f64 * 10_000.0;
    let (shown, across) = (counted(count), rooms.len());
    let memory = format!("Memory per idle connection, {shown} in {across} rooms");
    let cores = format!("Processor time of idle connections, per 10,000, of {shown} in {across} rooms");

    let held = load.of(HELD).min(most) / rooms.len() * rooms.len();
    let more = held.saturating_sub(count) / rooms.len();
    pages.extend(listening(enter_all(followers(rooms, more).await?).await?));
    settle(server).await?;
    let alive = pages.iter().filter(|page| !page.is_finished()).count();
    let limited = most < load.of(HELD) && alive == pages.len();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let (alive, goal) = (alive as f64, load.of(HELD) as f64);
    let goal = if limited { Goal::None } else { Goal::AtLeast(goal) };
    let memory_then = format!("the server has {:.0} MiB then", super::mebibytes(server.memory()?));
    let note = if limited {
        format!("goal ≥ 50,000, but the machine allows {} open files; {memory_then}", open_files()?)
    } else {
        memory_then
    };
    let figure = Figure::new("P8", "Connections held", "", goal, vec![alive]).noting(note);
    Ok(vec![
        Figure::new("P6", memory, "KiB", Goal::AtMost(20.0), vec![each]),
        Figure::new("P7", cores, "cores", Goal::AtMost(0.1), vec![busy]),
        figure,
    ])
}

/// Pages that are open; they go when this is dropped.
#[derive(Debug, Default)]
struct Pages(Vec<JoinHandle<()>>);

/// Opens pages, and tells how much memory the server needs for each, in KiB.
async fn open(server: &Server, rooms: &[Room], count: usize) -> Result<(Pages, f64)> {
    // What the first page of a room needs is not a matter of their number.
    let mut pages = Pages(listening(enter_all(followers(rooms, 1).await?).await?));
    settle(server).await?;
    let before = server.memory()?;
    pages.extend(listening(enter_all(followers(rooms, count / rooms.len()).await?).await?));
    settle(server).await?;
    let after = server.memory()?;
    ensure!(pages.iter().all(|page| !page.is_finished()), "the server closed idle connections");
    #[expect(clippy::cast_precision_loss, reason = "memory of a process, and a small count")]
    Ok((pages, after.saturating_sub(before) as f64 / count as f64 / 1024.0))
}

pub(super) async fn settle(server: &Server) -> Result<()> {
    let begun = std::time::Instant::now();
    while begun.elapsed() < SETTLE_WITHIN {
        let before = server.cpu()?;
        sleep(SETTLE).await;
        if (server.cpu()? - before).as_secs_f64() < SETTLE.as_secs_f64() * NOTHING {
            break;
        }
    }
    Ok(())
}

fn listening(pages: Vec<(Follower, crate::socket::Socket)>) -> Vec<JoinHandle<()>> {
    let read = |(_, mut socket): (_, crate::socket::Socket)| {
        tokio::spawn(async move { while socket.receive_text().await.is_ok() {} })
    };
    pages.into_iter().map(read).collect()
}

/// How many connections this process can have, and the server it starts, which inherits the limit.
pub(super) fn most_connections() -> Result<usize> {
    Ok(open_files()?.saturating_sub(OTHER_FILES))
}

fn too_few(wanted: usize) -> Result<String> {
    Ok(format!("{} open files are allowed, too few for {wanted} connections; see `ulimit -n`", open_files()?))
}

fn open_files() -> Result<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line =
        limits.lines().find_map(|line| line.strip_prefix("Max open files")).context("no such limit")?;
    let soft = line.split_whitespace().next().context("the limit has no number")?;
    Ok(if soft == "unlimited" { usize::MAX } else { soft.parse()? })
}

impl std::ops::Deref for Pages {
    type Target = Vec<JoinHandle<()>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl std::ops::DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
