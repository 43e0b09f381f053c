//! Everybody comes back at once: after the server was killed, or one of several.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, sleep_until, timeout},
};

use super::{
    follower::{Follower, enter_all, followers},
    idle::most_connections,
    load::{Load, counted},
    report::{Figure, Goal},
};
use crate::{edits, room::Room, server::Server, socket::Socket};

const PAGES: usize = 5_000;

/// Within which all of them try.
const WITHIN: Duration = Duration::from_secs(5);

/// Until a page whose attempt failed tries again.
const RETRY: Duration = Duration::from_millis(250);

/// Until everybody has been told of everybody.
const SETTLE: Duration = Duration::from_secs(4);

const PATIENCE: Duration = Duration::from_secs(60);

/// Pages of many rooms lose their server and come back to it within five seconds. While they were away something was written,
/// which they have to be told.
pub(super) async fn measure(server: &mut Server, rooms: &[Room], load: Load) -> Result<Vec<Figure>> {
    let count = load.of(PAGES).min(most_connections()?) / rooms.len() * rooms.len();
    let pages = enter_all(followers(rooms, count / rooms.len()).await?).await?;
    let (back, go) = watch::channel(None);
    let errors = Arc::new(AtomicUsize::new(0));
    let waiting: Vec<JoinHandle<Result<Instant>>> = pages
        .into_iter()
        .zip(0_u32..)
        .map(|((page, socket), nth)| {
            let after = WITHIN * nth / u32::try_from(count).unwrap_or(u32::MAX);
            tokio::spawn(come_back(page, socket, after, go.clone(), errors.clone()))
        })
        .collect();
    sleep(SETTLE).await;
    let before = server.memory()?;
    server.kill().await?;
    server.start().await?;
    let mut rng = edits::fresh(9);
    for room in rooms {
        let mut writer = room.connect(1, &mut rng).await?.remove(0);
        writer.push(vec![room.edit(&mut rng)]).await?;
    }
    let begun = Instant::now();
    back.send(Some(begun)).context("nobody waits for the server")?;
    let resumed = timeout(PATIENCE, try_join_all(waiting)).await.context("pages do not come back")??;
    let mut last = begun;
    for moment in resumed {
        last = last.max(moment?);
    }
    let peak = server.peak_memory()?;
    let name =
        format!("{} pages back within 5 s of a killed server's start: all resumed after", counted(count));
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    Ok(vec![
        Figure::new("P9", name, "s", Goal::AtMost(15.0), vec![(last - begun).as_secs_f64()]),
        Figure::new(
            "P9",
            "… attempts that failed",
            "attempts",
            Goal::AtMost(0.0),
            vec![errors.load(Ordering::Relaxed) as f64],
        ),
        Figure::new(
            "P9",
            "… the server's highest memory, of what it had before",
            "times",
            Goal::AtMost(2.0),
            vec![peak as f64 / before as f64],
        ),
    ])
}

/// Waits for the loss of its connection and for the server, and returns when it has what was written meanwhile.
async fn come_back(
    mut page: Follower,
    mut socket: Socket,
    after: Duration,
    mut go: watch::Receiver<Option<Instant>>,
    errors: Arc<AtomicUsize>,
) -> Result<Instant> {
    while socket.receive_text().await.is_ok() {}
    let begun = go.wait_for(Option::is_some).await?.context("the server is not back")?;
    sleep_until((begun + after).into()).await;
    let wanted = page.have + 1;
    loop {
        match resume(&mut page, wanted).await {
            Ok(socket) => {
                let moment = Instant::now();
                // Stays, as pages do.
                tokio::spawn(stay(socket));
                return Ok(moment);
            }
            Err(_) => {
                errors.fetch_add(1, Ordering::Relaxed);
                sleep(RETRY).await;
            }
        }
    }
}

async fn resume(page: &mut Follower, wanted: u64) -> Result<Socket> {
    let mut socket = page.enter().await?;
    while page.have < wanted {
        page.take(&socket.receive_text().await?)?;
    }
    Ok(socket)
}

async fn stay(mut socket: Socket) {
    while socket.receive_text().await.is_ok() {}
}
