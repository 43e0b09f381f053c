//! How long an edit takes until its author knows that it is kept.
//!
//! Edits come when they are due, whether or not earlier ones have been answered, and their time counts from when they
//! were due: a server that stalls is not spared the edits that would have come meanwhile.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    load::Load,
    report::{Figure, Goal},
};
use crate::{
    edits,
    room::{Room, Writer, answers, expect_accepted},
    server::Server,
    times::quantile,
};

/// What comes before is not counted: connections, caches and branch predictors are still cold.
pub(super) const WARM_UP: usize = 20;

/// How long a run may take beyond the time its edits need.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Edits of all clients together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) clients: usize,
    /// How far two edits are apart.
    pub(super) apart: Duration,
    pub(super) edits: usize,
}

/// 200 edits a second for eight seconds.
const STREAM: Stream = Stream { clients: 50, apart: Duration::from_millis(5), edits: 1_600 };

/// From an edit's due time to the answer that it is on disk.
pub(super) async fn measure(room: &Room, load: Load) -> Result<Vec<Figure>> {
    let (middle, high) = runs(room, STREAM, load).await?;
    Ok(vec![
        Figure::new("P1", "Acknowledged at 200 op/s of 50 clients, p50", "ms", Goal::AtMost(5.0), middle),
        Figure::new("P1", "Acknowledged at 200 op/s of 50 clients, p99", "ms", Goal::AtMost(15.0), high),
    ])
}

/// Edits of one page, one after the other, and how far they are apart: each is a commit of its own.
const LONE: usize = 300;
const LONE_APART: Duration = Duration::from_millis(20);

/// What a lone edit takes the server, in milliseconds of processor time.
pub(super) async fn lone(server: &Server, room: &Room, load: Load) -> Result<Vec<Figure>> {
    let edits = load.of(LONE);
    let mut costs = Vec::new();
    for run in 0..load.runs() {
        let mut rng = edits::fresh(run as u64);
        let mut writer = room.connect(1, &mut rng).await?.remove(0);
        for _ in 0..WARM_UP {
            writer.push(vec![room.edit(&mut rng)]).await?.iter().try_for_each(expect_accepted)?;
        }
        let cpu = server.cpu()?;
        for _ in 0..edits {
            writer.push(vec![room.edit(&mut rng)]).await?.iter().try_for_each(expect_accepted)?;
            tokio::time::sleep(LONE_APART).await;
        }
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        costs.push((server.cpu()? - cpu).as_secs_f64() * 1e3 / edits as f64);
    }
    Ok(vec![Figure::new("", "Server's processor time of a lone edit", "ms", Goal::AtMost(0.6), costs)])
}

/// Each run's p50 and p99, in milliseconds.
pub(super) async fn runs(room: &Room, stream: Stream, load: Load) -> Result<(Vec<f64>, Vec<f64>)> {
    let stream = Stream { edits: WARM_UP + load.of(stream.edits), ..stream };
    let (mut middle, mut high) = (Vec::new(), Vec::new());
    for run in 0..load.runs() {
        let mut times = acknowledge(room, stream, run as u64).await?;
        middle.push(quantile(&mut times, 0.5));
        high.push(quantile(&mut times, 0.99));
    }
    Ok((middle, high))
}

async fn acknowledge(room: &Room, stream: Stream, seed: u64) -> Result<Vec<f64>> {
    let Stream { clients: count, apart, edits } = stream;
    let mut rng = edits::fresh(seed);
    let (measured, mut times) = unbounded_channel();
    let mut inboxes = Vec::with_capacity(count);
    let mut clients = Vec::with_capacity(count);
    for (writer, seed) in room.connect(count, &mut rng).await?.into_iter().zip(0..) {
        let (inbox, due) = unbounded_channel();
        inboxes.push(inbox);
        clients.push(tokio::spawn(edit_when_due(room.clone(), writer, seed, due, measured.clone())));
    }
    drop(measured);
    let clock =
        std::thread::spawn(move || keep_time(edits, apart, |n, due| inboxes[n % count].send(due).is_ok()));
    let mut waited = Vec::with_capacity(edits);
    let all = async {
        while let Some(time) = times.recv().await {
            waited.push(time);
        }
    };
    tokio::time::timeout(apart * u32::try_from(edits)? + PATIENCE, all)
        .await
        .context("answers are missing")?;
    for client in clients {
        client.await.context("a client panicked")??;
    }
    clock.join().map_err(|_| anyhow::anyhow!("the clock panicked"))?;
    ensure!(waited.len() == edits, "{} of {edits} edits were answered", waited.len());
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

/// Calls out each moment at which something is due. A thread of its own: the runtime's clock counts whole milliseconds.
/// Stops when nobody listens any more.
pub(super) fn keep_time(count: usize, apart: Duration, mut call: impl FnMut(usize, Instant) -> bool) {
    let begin = Instant::now() + apart;
    for n in 0..count {
        let due = begin + apart * u32::try_from(n).expect("runs are short");
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if !call(n, due) {
            return;
        }
    }
}
