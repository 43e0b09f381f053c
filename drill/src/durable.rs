//! `drill durable`: the server runs under strace, and by the trace nothing may leave a socket of its before the disk has it.
//!
//! What this shows is that the server waited, for each operation, until the kernel had said that SQLite's log is on disk as
//! far as the end of the transaction. That the kernel and the disk speak the truth is beyond it.

mod judge;
mod trace;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, ValueEnum};
use domain::{
    ItemChange, Title,
    wire::{Outcome, ServerMessage},
};
use futures::future::try_join_all;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::{sleep, timeout};

use crate::{
    page::lock,
    room::{Room, Writer, answers},
    server::Server,
    socket::Socket,
};
use judge::{Judge, Mark, Verdict, marked};

/// Pages that push at the same time, so that transactions hold operations of several.
const PAGES: usize = 6;

/// The most operations of a push.
const MOST: u32 = 6;

/// The longest pause of a page between two pushes: sometimes the next commit waits already, sometimes nothing does.
const LONGEST_PAUSE: Duration = Duration::from_millis(6);

/// Answers with which it is shown that the judge would notice.
const REHEARSAL: u32 = 60;

/// How long an answer may take, and the end of the trace.
const PATIENCE: Duration = Duration::from_secs(60);

/// Trace the server's calls, and judge that it tells nothing before it is on disk
#[derive(Debug, Args)]
pub(crate) struct Durable {
    /// How many operations to have answered
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..10_000_000))]
    acks: u32,
    /// Break something on purpose; the drill has to fail then
    #[arg(long, value_enum)]
    sabotage: Option<Sabotage>,
    /// Chooses edits; random when left out
    #[arg(long)]
    seed: Option<u64>,
    /// Where to put the server's data; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// What is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sabotage {
    /// The kernel never syncs, and says that it did: as on a server that does not ask
    SkipSyncs,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When anything was told too early, when the trace does not hold all that was answered, or when the judge finds nothing
/// where nothing is synced.
pub(crate) async fn run(arguments: Durable) -> Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..=u64::from(u32::MAX)));
    println!("durable: {} answers of a server under strace, seed {seed}", arguments.acks);
    let folder = arguments.folder.as_deref();
    if arguments.sabotage.is_none() {
        let rehearsal = perform(REHEARSAL, Some(Sabotage::SkipSyncs), seed, folder).await?;
        ensure!(
            rehearsal.early >= usize::try_from(2 * REHEARSAL)?,
            "without any sync only {} of {REHEARSAL} answers and as many entries were found too early",
            rehearsal.early
        );
        println!(
            "with no sync at all: {} answers and entries told too early, as it has to be",
            rehearsal.early
        );
    }
    let begun = Instant::now();
    let verdict = perform(arguments.acks, arguments.sabotage, seed, folder).await?;
    for sentence in &verdict.sentences {
        println!("  fault: {sentence}");
    }
    println!(
        "answers {}  entries {}  transactions {}  syncs of the log {}  new logs {}  told too early {}  time {:.1} s",
        verdict.answered,
        verdict.told,
        verdict.transactions,
        verdict.syncs,
        verdict.restarts,
        verdict.early,
        begun.elapsed().as_secs_f64()
    );
    let acks = usize::try_from(arguments.acks)?;
    ensure!(
        verdict.answered == acks && verdict.told == acks,
        "the trace does not hold everything that was answered and told"
    );
    ensure!(verdict.early == 0, "something was told before it was on disk");
    Ok(())
}

/// Has so many operations answered by a server under strace, and judges the trace.
async fn perform(acks: u32, sabotage: Option<Sabotage>, seed: u64, folder: Option<&Path>) -> Result<Verdict> {
    let mut server = Server::prepare(folder, false)?;
    let trace = server.folder().join("trace");
    let mut strace = vec!["strace".into(), "-D".into(), "-f".into(), "--seccomp-bpf".into(), "-yy".into()];
    strace.extend([
        "-s".into(),
        trace::LONGEST.to_string().into(),
        "-o".into(),
        trace.clone().into_os_string(),
    ]);
    strace.extend(["-e".into(), format!("trace={}", trace::CALLS).into()]);
    if sabotage == Some(Sabotage::SkipSyncs) {
        strace.extend(["-e".into(), "inject=fsync,fdatasync:retval=0".into()]);
    }
    server.run_by(strace);
    server.start().await.context("under strace")?;
    let room = Room::prepare(&server).await?;
    let places = timeout(PATIENCE + Duration::from_millis(20) * acks, push_all(&room, acks, seed))
        .await
        .context("some operations are not answered")??;
    let process = server.pid()?;
    server.stop().await?;
    let judging = Judge::new(&server.folder().join("cairn.db").display().to_string(), places);
    let verdict = tokio::task::spawn_blocking(move || judge(&trace, process, judging)).await??;
    Ok(verdict)
}

/// Several pages push until so many operations were answered. Returns which has which place in the log.
async fn push_all(room: &Room, acks: u32, seed: u64) -> Result<BTreeMap<u64, Mark>> {
    let mut rng = StdRng::seed_from_u64(seed);
    let (next, places) = (Arc::new(AtomicU32::new(1)), Arc::<Mutex<BTreeMap<u64, Mark>>>::default());
    let mut pages = Vec::with_capacity(PAGES);
    for writer in room.connect_plainly(PAGES, &mut rng).await? {
        let pushing = push(
            room.clone(),
            writer,
            StdRng::seed_from_u64(rng.random()),
            next.clone(),
            acks,
            places.clone(),
        );
        pages.push(tokio::spawn(pushing));
    }
    let mut pages: Vec<Writer> = try_join_all(pages).await?.into_iter().collect::<Result<_>>()?;
    let places = std::mem::take(&mut *lock(&places));
    ensure!(places.len() == usize::try_from(acks)?, "two answers tell the same place");
    // Entries follow their answers. They are told as long as somebody listens.
    let (last, _) = places.last_key_value().context("nothing was answered")?;
    listen_until(*last, &mut pages[0].socket).await?;
    Ok(places)
}

async fn listen_until(last: u64, socket: &mut Socket) -> Result<()> {
    loop {
        if let ServerMessage::Entries { entries } = socket.receive().await?
            && entries.iter().any(|entry| entry.seq >= last)
        {
            return Ok(());
        }
    }
}

async fn push(
    room: Room,
    mut writer: Writer,
    mut rng: StdRng,
    next: Arc<AtomicU32>,
    acks: u32,
    places: Arc<Mutex<BTreeMap<u64, Mark>>>,
) -> Result<Writer> {
    loop {
        let count = rng.random_range(1..=MOST);
        let first = next.fetch_add(count, Ordering::Relaxed);
        let mine = first..(first + count).min(acks + 1);
        if mine.is_empty() {
            return Ok(writer);
        }
        let numbered: BTreeMap<u64, Mark> = (writer.last() + 1..).zip(mine.clone()).collect();
        let ops: Result<Vec<_>> = mine
            .map(|mark| Ok(room.set(ItemChange::Title(Title::parse(&marked(mark))?), &mut rng)))
            .collect();
        let message = writer.number(ops?);
        writer.socket.send(&message).await?;
        let mut waiting = numbered.len();
        while waiting > 0 {
            for answer in answers(&writer.socket.receive_text().await?)? {
                let Outcome::Accepted { seq } = answer.outcome else {
                    bail!("an edit was refused: {answer:?}")
                };
                let mark = numbered.get(&answer.cseq).context("an answer to nothing")?;
                lock(&places).insert(seq, *mark);
                waiting -= 1;
            }
        }
        sleep(rng.random_range(Duration::ZERO..LONGEST_PAUSE)).await;
    }
}

/// Judges a trace, once strace has written the end of it.
fn judge(trace: &Path, process: u32, mut judge: Judge) -> Result<Verdict> {
    let begun = Instant::now();
    let (mut file, mut reader) = (BufReader::new(File::open(trace)?), trace::Reader::default());
    let mut line = String::new();
    loop {
        // What strace is about to go on with has no end yet.
        if file.read_line(&mut line)? > 0 && line.ends_with('\n') {
            for event in reader.read(line.trim_end())? {
                if event == trace::Event::Exits(process) {
                    return Ok(judge.close());
                }
                judge.see(&event);
            }
            line.clear();
        } else {
            ensure!(begun.elapsed() < PATIENCE, "the trace has no end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
