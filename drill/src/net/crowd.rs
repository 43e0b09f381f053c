//! A room full of pages, some of which read slowly: the others must not feel it, and the server must not keep what they do not
//! read.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use domain::{ClientId, Description, ItemChange};
use rand::{SeedableRng as _, rngs::StdRng};
use serde::Deserialize;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

use super::slow;
use crate::{
    edits,
    page::lock,
    room::{Room, Writer, answers, expect_accepted},
    server::Server,
    session::Session,
    socket::Socket,
    times::quantile,
};

/// Pages that edit, and how far the edits of one are apart: fifty a second of all.
const WRITERS: usize = 4;
const APART: Duration = Duration::from_millis(80);

/// Words of a description: so many that what is not read adds up.
const WORDS: (usize, usize) = (160, 320);

/// How long the room is watched in each phase at least, and how many phases there are with slow readers; as many are without.
const PHASE: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(3);
const PAIRS: usize = 2;

/// How long the last entries may take to be everywhere.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was measured, phase by phase.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// The p99 of delivery to everybody else, in milliseconds.
    pub(super) without: Vec<f64>,
    pub(super) with: Vec<f64>,
    /// What the server's memory grew by for each slow reader, in MiB, beyond what it grows by with the log; less than nothing
    /// where it grew less.
    pub(super) growth: Vec<f64>,
    /// How long slow readers were borne, and how long they took to be back, in seconds.
    pub(super) borne: Vec<f64>,
    pub(super) back: Vec<f64>,
    pub(super) deliveries: usize,
}

/// Measures a room of so many pages, with so many slow readers in every second phase. Adds to what was measured before.
///
/// # Errors
/// When a page misses an entry or gets one twice, or a slow reader is not sent away or does not come back.
pub(super) async fn run(
    server: &Server,
    room: &Room,
    pages: usize,
    slow: usize,
    figures: &mut Figures,
) -> Result<()> {
    let slow_one = Session::demo(server, domain::Role::Editor).await?;
    // Not counted: caches, allocators and buffers have to come to their size.
    phase(server, room, pages, 0, &slow_one, WARM_UP).await?;
    for _ in 0..PAIRS {
        let quiet = phase(server, room, pages, 0, &slow_one, PHASE).await?;
        let slowed = phase(server, room, pages, slow, &slow_one, PHASE).await?;
        figures.without.push(quiet.p99);
        figures.with.push(slowed.p99);
        #[expect(clippy::cast_precision_loss, reason = "slow readers are few")]
        figures.growth.push((slowed.grown - quiet.grown * slowed.entries / quiet.entries) / slow as f64);
        figures.borne.extend(slowed.readers.iter().map(|reader| reader.borne.as_secs_f64()));
        figures.back.extend(slowed.readers.iter().map(|reader| reader.back.as_secs_f64()));
        figures.deliveries += quiet.deliveries + slowed.deliveries;
    }
    Ok(())
}

struct Phase {
    p99: f64,
    /// By how much the server's memory grew at most, in MiB, and by how many entries the log.
    grown: f64,
    entries: f64,
    readers: Vec<slow::Fate>,
    deliveries: usize,
}

/// What the pages of a room have in common.
#[derive(Debug, Default)]
struct Board {
    sent: Mutex<HashMap<(ClientId, u64), Instant>>,
    /// How long entries took to pages, in milliseconds.
    times: Mutex<Vec<f64>>,
    /// Somebody who was slow reads again, and has much to read: from here on the drill itself is slow.
    relieved: Arc<AtomicBool>,
    over: AtomicBool,
    head: AtomicU64,
}

async fn phase(
    server: &Server,
    room: &Room,
    pages: usize,
    slow: usize,
    slow_one: &Session,
    least: Duration,
) -> Result<Phase> {
    let mut rng = edits::fresh(0);
    let (board, end) = (Arc::<Board>::default(), watch::Sender::new(None));
    let first = room.snapshot().await?.head;
    let mut listeners = JoinSet::new();
    for page in room.connect_plainly(pages, &mut rng).await? {
        listeners.spawn(listen(page.socket, first, board.clone(), end.subscribe()));
    }
    let mut readers = slow::begin(server, room, slow_one, slow, &board.relieved).await?;
    let mut writers = JoinSet::new();
    for (writer, seed) in room.connect(WRITERS, &mut rng).await?.into_iter().zip(0..) {
        writers.spawn(write(room.clone(), writer, seed, board.clone()));
    }
    let (begun, before, mut fates) = (Instant::now(), server.own_memory()?, Vec::new());
    let mut most = before;
    while begun.elapsed() < least || !readers.is_empty() {
        if !board.relieved.load(Ordering::Relaxed) {
            most = most.max(server.own_memory()?);
        }
        while let Some(fate) = readers.try_join_next() {
            fates.push(fate??);
        }
        if let Some(ended) = writers.try_join_next() {
            ended?.context("a writer stopped")?;
        }
        sleep(Duration::from_millis(20)).await;
    }
    board.over.store(true, Ordering::Relaxed);
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    end.send_replace(Some(board.head.load(Ordering::Relaxed)));
    let all = async {
        while let Some(ended) = listeners.join_next().await {
            ended??;
        }
        anyhow::Ok(())
    };
    timeout(PATIENCE, all).await.context("pages miss entries")??;
    let mut times = std::mem::take(&mut *lock(&board.times));
    let p99 = quantile(&mut times, 0.99);
    #[expect(clippy::cast_precision_loss, reason = "bytes of a process, entries of some seconds")]
    let (grown, entries) =
        ((most - before) as f64 / 1_048_576.0, (board.head.load(Ordering::Relaxed) - first) as f64);
    Ok(Phase { p99, grown, entries, readers: fates, deliveries: times.len() })
}

/// Edits at a steady pace, answered or not, until the phase is over; then waits for the answers.
async fn write(room: Room, mut writer: Writer, seed: u64, board: Arc<Board>) -> Result<()> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut pace = interval(APART);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting = 0;
    loop {
        let over = board.over.load(Ordering::Relaxed);
        if over && waiting == 0 {
            return Ok(());
        }
        tokio::select! {
            _ = pace.tick(), if !over => {
                let text = edits::words(&mut rng, WORDS.0, WORDS.1);
                let change = ItemChange::Description(Description::parse(&text)?);
                let message = writer.number(vec![room.set(change, &mut rng)]);
                lock(&board.sent).insert((writer.client, writer.last()), Instant::now());
                writer.socket.send(&message).await?;
                waiting += 1;
            }
            text = writer.socket.receive_text() => {
                for answer in answers(&text?)? {
                    expect_accepted(&answer)?;
                    waiting -= 1;
                }
            }
        }
    }
}

/// Of an entry, what it takes to know it.
#[derive(Debug, Deserialize)]
struct Known {
    seq: u64,
    client: ClientId,
    cseq: u64,
}

#[derive(Debug, Deserialize)]
struct Entries {
    entries: Vec<Known>,
}

#[derive(Debug, Deserialize)]
struct Frame {
    entries: Entries,
}

/// A page that reads all it is told and finds it without gap or repetition.
async fn listen(
    mut socket: Socket,
    mut head: u64,
    board: Arc<Board>,
    mut end: watch::Receiver<Option<u64>>,
) -> Result<()> {
    while end.borrow_and_update().is_none_or(|end| head < end) {
        let text = tokio::select! {
            text = socket.receive_text() => text?,
            changed = end.changed() => {
                changed?;
                continue;
            }
        };
        let came = Instant::now();
        if !text.starts_with(r#"{"entries""#) {
            ensure!(!text.starts_with(r#"{"bye""#), "a page that reads is sent away: {text}");
            continue;
        }
        let frame: Frame = serde_json::from_str(&text)?;
        for Known { seq, client, cseq } in frame.entries.entries {
            ensure!(seq == head + 1, "a page is told entry {seq} after {head}");
            head = seq;
            board.head.fetch_max(seq, Ordering::Relaxed);
            if let Some(sent) = lock(&board.sent).get(&(client, cseq)).copied()
                && !board.relieved.load(Ordering::Relaxed)
            {
                lock(&board.times).push((came - sent).as_secs_f64() * 1e3);
            }
        }
    }
    Ok(())
}
