//! How many entries a second reach pages, all told, when everybody always has more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::time::sleep;

use super::{
    follower::{Follower, enter_all, followers},
    load::{Load, counted},
    report::{Figure, Goal},
    throughput::{CLIENTS, Rush},
};
use crate::{room::Room, socket::Socket};

/// Pages that only listen.
const LISTENERS: usize = 200;

const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

pub(super) async fn measure(room: &Room, load: Load) -> Result<Vec<Figure>> {
    let listeners = load.of(LISTENERS);
    let mut rates = Vec::new();
    let cut = Arc::new(AtomicU64::new(0));
    for _ in 0..load.runs() {
        let heard = Arc::new(AtomicU64::new(0));
        let pages = enter_all(followers(std::slice::from_ref(room), listeners).await?).await?;
        let reading: Vec<_> = pages
            .into_iter()
            .map(|(page, socket)| tokio::spawn(read(page, socket, heard.clone(), cut.clone())))
            .collect();
        let rush = Rush::begin(&vec![room.clone(); CLIENTS]).await?;
        sleep(WARM_UP).await;
        let (begun, before) = (Instant::now(), heard.load(Ordering::Relaxed));
        sleep(MEASURED).await;
        let (took, count) = (begun.elapsed(), heard.load(Ordering::Relaxed) - before);
        rush.end().await?;
        reading.iter().for_each(tokio::task::JoinHandle::abort);
        #[expect(clippy::cast_precision_loss, reason = "counts of some seconds")]
        rates.push(count as f64 / took.as_secs_f64());
    }
    let name = format!("Entries delivered per second to {} pages of one room", counted(listeners));
    let figure = Figure::new("P5", name, "entries/s", Goal::AtLeast(60_000.0), rates);
    let cut = cut.load(Ordering::Relaxed);
    Ok(vec![if cut == 0 { figure } else { figure.noting(format!("{cut} times a page was cut as too slow")) }])
}

/// Counts what comes. A page that is cut for being slow comes back and goes on from where it was.
async fn read(
    mut page: Follower,
    mut socket: Socket,
    heard: Arc<AtomicU64>,
    cut: Arc<AtomicU64>,
) -> Result<()> {
    loop {
        while let Ok(text) = socket.receive_text().await {
            heard.fetch_add(page.take(&text)?, Ordering::Relaxed);
        }
        cut.fetch_add(1, Ordering::Relaxed);
        socket = page.enter().await?;
    }
}
