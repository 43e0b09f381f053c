//! How long an edit takes until everybody has it in the document.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use domain::{Replica, Role, wire::ServerMessage};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::{
    latency::{PATIENCE, WARM_UP, keep_time},
    load::{Load, counted},
    report::{Figure, Goal},
};
use crate::{
    edits,
    room::{Room, answers, expect_accepted},
    socket::Socket,
    times::quantile,
};

/// Edits, and how far they are apart.
const TOLD: usize = 200;
const APART: Duration = Duration::from_millis(40);

/// How many pages there are, and how long the slowest may take, in milliseconds.
const PAGES: [(usize, f64); 3] = [(100, 20.0), (500, 35.0), (1_000, 60.0)];

/// From when an edit was due until every page has it in its document.
pub(super) async fn measure(room: &Room, load: Load) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (pages, goal) in PAGES {
        let pages = load.of(pages);
        let (mut middle, mut high) = (Vec::new(), Vec::new());
        for run in 0..load.runs() {
            let mut times = tell(room, pages, WARM_UP + load.of(TOLD), run as u64).await?;
            middle.push(quantile(&mut times, 0.5));
            high.push(quantile(&mut times, 0.99));
        }
        let name = |which: &str| format!("One edit applied by all of {} pages, {which}", counted(pages));
        figures.push(Figure::new("P4", name("p50"), "ms", Goal::None, middle));
        figures.push(Figure::new("P4", name("p99"), "ms", Goal::AtMost(goal), high));
    }
    Ok(figures)
}

async fn tell(room: &Room, pages: usize, told: usize, seed: u64) -> Result<Vec<f64>> {
    let mut rng = edits::fresh(seed);
    let (applied, mut arrivals) = unbounded_channel();
    let mut listeners = Vec::with_capacity(pages);
    let snapshot = room.snapshot().await?;
    for _ in 0..pages {
        let mut replica = Replica::new(snapshot.clone(), edits::client(&mut rng), room.user, Role::Owner);
        let mut socket = room.door.enter(&replica.hello()).await?;
        replica.welcomed(socket.welcome().await?);
        listeners.push(tokio::spawn(listen(replica, socket, applied.clone())));
    }
    let mut writer = room.connect(1, &mut rng).await?.remove(0);
    let (tick, mut due) = unbounded_channel();
    let clock = std::thread::spawn(move || keep_time(told, APART, |_, due| tick.send(due).is_ok()));
    // By place in the log: when it was due, how many have it.
    let mut sent: Vec<Instant> = Vec::with_capacity(told);
    let mut counts = vec![0; told];
    let mut times = Vec::with_capacity(told);
    let run = async {
        while times.len() < told {
            tokio::select! {
                Some(moment) = due.recv() => {
                    let message = writer.number(vec![room.edit(&mut rng)]);
                    sent.push(moment);
                    writer.socket.send(&message).await?;
                }
                Some((seq, moment)) = arrivals.recv() => {
                    let n = usize::try_from(seq - snapshot.head - 1)?;
                    counts[n] += 1;
                    if counts[n] == pages {
                        let moment: Instant = moment;
                        times.push(moment.duration_since(sent[n]).as_secs_f64() * 1e3);
                    }
                }
                text = writer.socket.receive_text() => {
                    answers(&text?)?.iter().try_for_each(expect_accepted)?;
                }
            }
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(APART * u32::try_from(told)? + PATIENCE, run)
        .await
        .context("pages miss edits")??;
    listeners.iter().for_each(tokio::task::JoinHandle::abort);
    clock.join().map_err(|_| anyhow::anyhow!("the clock panicked"))?;
    Ok(times.split_off(WARM_UP))
}

/// A page that applies what it is told, and says when.
async fn listen(
    mut replica: Replica,
    mut socket: Socket,
    applied: UnboundedSender<(u64, Instant)>,
) -> Result<()> {
    loop {
        if let ServerMessage::Entries { entries } = socket.receive_for(replica.confirmed()).await? {
            let before = replica.head();
            replica.receive(entries)?;
            let now = Instant::now();
            for seq in before + 1..=replica.head() {
                applied.send((seq, now))?;
            }
        }
    }
}
