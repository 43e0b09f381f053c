//! How long an edit takes: until its author knows that it is kept, and until a hundred others have it.
//!
//! Edits come when they are due, whether or not earlier ones have been answered, and their time counts from when they
//! were due: a server that stalls is not spared the edits that would have come meanwhile.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use domain::{Replica, Role, wire::ServerMessage};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    RUNS,
    report::{Figure, Goal},
};
use crate::{
    edits,
    room::{Room, Writer, answers, expect_accepted},
    times::quantile,
};

/// Edits and how far they are apart, of all clients together: 200 a second for eight seconds.
const EDITS: usize = 1_600;
const APART: Duration = Duration::from_millis(5);
const CLIENTS: usize = 50;

/// Edits, how far they are apart, and who gets them.
const TOLD: usize = 200;
const TOLD_APART: Duration = Duration::from_millis(40);
const LISTENERS: usize = 100;

/// What comes before is not counted: connections, caches and branch predictors are still cold.
const WARM_UP: usize = 20;

/// How long a run may take beyond the time its edits need.
const PATIENCE: Duration = Duration::from_secs(30);

/// From an edit's due time to the answer that it is on disk.
pub(super) async fn acknowledged(room: &Room) -> Result<Vec<Figure>> {
    let (mut middle, mut high) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let mut times = acknowledge(room, run as u64).await?;
        middle.push(quantile(&mut times, 0.5));
        high.push(quantile(&mut times, 0.99));
    }
    Ok(vec![
        Figure::new("Acknowledged at 200 op/s of 50 clients, p50", "ms", Goal::AtMost(5.0), middle),
        Figure::new("Acknowledged at 200 op/s of 50 clients, p99", "ms", Goal::AtMost(15.0), high),
    ])
}

async fn acknowledge(room: &Room, seed: u64) -> Result<Vec<f64>> {
    let mut rng = edits::fresh(seed);
    let (measured, mut times) = unbounded_channel();
    let mut inboxes = Vec::with_capacity(CLIENTS);
    let mut clients = Vec::with_capacity(CLIENTS);
    for (writer, seed) in room.connect(CLIENTS, &mut rng).await?.into_iter().zip(0..) {
        let (inbox, due) = unbounded_channel();
        inboxes.push(inbox);
        clients.push(tokio::spawn(edit_when_due(room.clone(), writer, seed, due, measured.clone())));
    }
    drop(measured);
    let clock =
        std::thread::spawn(move || keep_time(EDITS, APART, |n, due| inboxes[n % CLIENTS].send(due).is_ok()));
    let mut waited = Vec::with_capacity(EDITS);
    let all = async {
        while let Some(time) = times.recv().await {
            waited.push(time);
        }
    };
    tokio::time::timeout(APART * u32::try_from(EDITS)? + PATIENCE, all)
        .await
        .context("answers are missing")?;
    for client in clients {
        client.await.context("a client panicked")??;
    }
    clock.join().map_err(|_| anyhow::anyhow!("the clock panicked"))?;
    ensure!(waited.len() == EDITS, "{} of {EDITS} edits were answered", waited.len());
    Ok(waited.split_off(WARM_UP))
}

async fn edit_when_due(
    room: Room,
    mut writer: Writer,
    seed: u64,
    mut due: UnboundedReceiver<Instant>,
    measured: UnboundedSender<f64>,
) -> Result<()> {
    let mut rng = edits::fresh(seed);
    let mut under_way: HashMap<u64, Instant> = HashMap::new();
    let mut more = true;
    while more || !under_way.is_empty() {
        tokio::select! {
            next = due.recv(), if more => match next {
                Some(moment) => {
                    let message = writer.number(vec![room.edit(&mut rng)]);
                    under_way.insert(writer.last(), moment);
                    writer.socket.send(&message).await?;
                }
                None => more = false,
            },
            text = writer.socket.receive_text() => {
                for answer in answers(&text?)? {
                    expect_accepted(&answer)?;
                    let moment = under_way.remove(&answer.cseq).context("an answer to nothing")?;
                    measured.send(moment.elapsed().as_secs_f64() * 1e3)?;
                }
            }
        }
    }
    Ok(())
}

/// From sending an edit until every one of a hundred pages has it in its document.
pub(super) async fn fan_out(room: &Room) -> Result<Vec<Figure>> {
    let (mut middle, mut high) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let mut times = tell(room, run as u64).await?;
        middle.push(quantile(&mut times, 0.5));
        high.push(quantile(&mut times, 0.99));
    }
    Ok(vec![
        Figure::new("One edit applied by all of 100 pages, p50", "ms", Goal::None, middle),
        Figure::new("One edit applied by all of 100 pages, p99", "ms", Goal::AtMost(20.0), high),
    ])
}

async fn tell(room: &Room, seed: u64) -> Result<Vec<f64>> {
    let mut rng = edits::fresh(seed);
    let (applied, mut arrivals) = unbounded_channel();
    let mut listeners = Vec::with_capacity(LISTENERS);
    let snapshot = room.snapshot().await?;
    for _ in 0..LISTENERS {
        let mut replica = Replica::new(snapshot.clone(), edits::client(&mut rng), room.user, Role::Owner);
        let mut socket = room.door.enter(&replica.hello()).await?;
        replica.welcomed(socket.welcome().await?);
        listeners.push(tokio::spawn(listen(replica, socket, applied.clone())));
    }
    let mut writer = room.connect(1, &mut rng).await?.remove(0);
    let (tick, mut due) = unbounded_channel();
    let clock = std::thread::spawn(move || keep_time(TOLD, TOLD_APART, |_, due| tick.send(due).is_ok()));
    // By place in the log: when it was due, how many have it.
    let mut sent: Vec<Instant> = Vec::with_capacity(TOLD);
    let mut counts = vec![0; TOLD];
    let mut times = Vec::with_capacity(TOLD);
    let run = async {
        while times.len() < TOLD {
            tokio::select! {
                Some(moment) = due.recv() => {
                    let message = writer.number(vec![room.edit(&mut rng)]);
                    sent.push(moment);
                    writer.socket.send(&message).await?;
                }
                Some((seq, moment)) = arrivals.recv() => {
                    let n = usize::try_from(seq - snapshot.head - 1)?;
                    counts[n] += 1;
                    if counts[n] == LISTENERS {
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
    tokio::time::timeout(TOLD_APART * u32::try_from(TOLD)? + PATIENCE, run)
        .await
        .context("pages miss edits")??;
    listeners.iter().for_each(tokio::task::JoinHandle::abort);
    clock.join().map_err(|_| anyhow::anyhow!("the clock panicked"))?;
    Ok(times.split_off(WARM_UP))
}

/// A page that applies what it is told, and says when.
async fn listen(
    mut replica: Replica,
    mut socket: crate::socket::Socket,
    applied: UnboundedSender<(u64, Instant)>,
) -> Result<()> {
    loop {
        if let ServerMessage::Entries { entries } = socket.receive().await? {
            let before = replica.head();
            replica.receive(entries)?;
            let now = Instant::now();
            for seq in before + 1..=replica.head() {
                applied.send((seq, now))?;
            }
        }
    }
}

/// Calls out each moment at which something is due. A thread of its own: the runtime's clock counts whole milliseconds.
/// Stops when nobody listens any more.
fn keep_time(count: usize, apart: Duration, mut call: impl FnMut(usize, Instant) -> bool) {
    let begin = Instant::now() + apart;
    for n in 0..count {
        let due = begin + apart * u32::try_from(n).expect("runs are short");
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if !call(n, due) {
            return;
        }
    }
}
