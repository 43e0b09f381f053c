//! One of several servers is killed, and its pages go on at the others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;
use rand::RngExt as _;
use tokio::{
    sync::{
        mpsc::{UnboundedSender, unbounded_channel},
        watch,
    },
    time::{sleep, timeout},
};

use super::{
    follower::{Follower, enter_all, followers},
    idle::most_connections,
    load::{Load, counted},
    nodes::{Nodes, PATIENCE, SERVERS},
    report::{Figure, Goal},
};
use crate::{
    edits,
    room::{Room, expect_accepted},
    socket::{Door, Socket},
};

/// Pages of all servers, in one room.
const PAGES: usize = 3_000;

/// Between two edits, which go on all the time.
const PACE: Duration = Duration::from_millis(100);

/// How long a page waits before it comes back: at least, and how much more at most. As in the browser.
const WAIT: Duration = Duration::from_millis(125);
const JITTER: Duration = Duration::from_millis(250);

const SETTLE: Duration = Duration::from_secs(3);

pub(super) async fn measure(nodes: &mut Nodes, load: Load) -> Result<Vec<Figure>> {
    nodes.restart(SERVERS).await?;
    let each = load.of(PAGES).min(most_connections()?) / SERVERS;
    let rooms: Vec<Room> = nodes.servers.iter().map(|server| nodes.room.at(server)).collect();
    let pages = enter_all(followers(&rooms, each).await?).await?;
    let others: Vec<Door> = rooms[..SERVERS - 1].iter().map(|room| room.door.clone()).collect();
    let (back, mut resumed) = unbounded_channel();
    let (over, end) = watch::channel(None);
    let staying: Vec<_> = pages
        .into_iter()
        .map(|(page, socket)| tokio::spawn(stay(page, socket, others.clone(), back.clone(), end.clone())))
        .collect();
    sleep(SETTLE).await;
    let writing = Arc::new(AtomicBool::new(true));
    let writer = tokio::spawn(write(rooms[0].clone(), writing.clone()));
    sleep(SETTLE).await;

    let begun = Instant::now();
    nodes.servers[SERVERS - 1].kill().await?;
    let mut last = begun;
    let all = async {
        for _ in 0..each {
            last = resumed.recv().await.context("a page has given up")?;
        }
        anyhow::Ok(())
    };
    timeout(PATIENCE, all).await.context("pages do not come back")??;
    sleep(SETTLE).await;
    writing.store(false, Ordering::Relaxed);
    writer.await.context("the writer panicked")??;
    over.send(Some(nodes.room.snapshot().await?.head)).context("nobody is left")?;
    for stayed in timeout(PATIENCE, try_join_all(staying)).await.context("entries are missing")?? {
        stayed?;
    }
    let name = format!(
        "{} pages on {SERVERS} servers, one of which is killed: its {} are all back after",
        counted(each * SERVERS),
        counted(each)
    );
    let figure = Figure::new("H4", name, "s", Goal::AtMost(12.0), vec![(last - begun).as_secs_f64()]);
    Ok(vec![figure.noting("no entry lost; the database's peak is not measured")])
}

/// Writes somewhat, all the time.
async fn write(room: Room, writing: Arc<AtomicBool>) -> Result<()> {
    let mut rng = edits::fresh(4);
    let mut writer = room.connect(1, &mut rng).await?.remove(0);
    while writing.load(Ordering::Relaxed) {
        writer.push(vec![room.edit(&mut rng)]).await?.iter().try_for_each(expect_accepted)?;
        sleep(PACE).await;
    }
    Ok(())
}

/// Reads until the room's end, which is told when it is known, and goes to another server when its own is gone.
///
/// # Errors
/// When an entry is missing.
async fn stay(
    mut page: Follower,
    mut socket: Socket,
    others: Vec<Door>,
    back: UnboundedSender<Instant>,
    mut end: watch::Receiver<Option<u64>>,
) -> Result<()> {
    let mut rng = edits::fresh(0);
    loop {
        if end.borrow_and_update().is_some_and(|end| page.have >= end) {
            return Ok(());
        }
        let text = tokio::select! {
            changed = end.changed() => {
                changed?;
                continue;
            }
            text = socket.receive_text() => text,
        };
        if let Ok(text) = text {
            page.take(&text)?;
            continue;
        }
        for other in others.iter().cycle().skip(rng.random_range(0..others.len())) {
            sleep(WAIT + JITTER.mul_f64(rng.random())).await;
            page.door = other.clone();
            if let Ok(entered) = page.enter().await {
                socket = entered;
                break;
            }
        }
        back.send(Instant::now())?;
    }
}
