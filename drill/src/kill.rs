//! `drill kill`: the server is killed again and again in the middle of people's edits, and nothing it acknowledged may
//! be missing afterwards. On PostgreSQL that is struck, too: it crashes, or ends the server's connections, and the server
//! has to find out by itself what became of the commit that was under way.
//!
//! SIGKILL takes the process and its memory, but not what it had handed to the operating system. So this proves that
//! answers, log and rows belong together at any moment; it does not prove that the disk was waited for.

mod blow;

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use domain::{
    Context as Told, Entry, Roadmap, Role, apply,
    wire::{ClientMessage, PROTOCOL, ServerMessage},
};
use futures::future::try_join_all;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::{sleep, timeout};

use blow::{Blow, Blows};

use crate::{
    edits,
    ledger::Ledger,
    page::{Page, lock},
    server::{Keeper, Server},
    session::Session,
    socket::Door,
};

/// The product whose roadmap is edited.
const KEY: &str = "DRILL";

/// Who sits at the pages, in turn. The stakeholder holds a document in which votes are masked.
const ROLES: [Role; 4] = [Role::Owner, Role::Editor, Role::Stakeholder, Role::Editor];

/// How long anything may take before the drill says that it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The data is checked by the server's own means after every fifth kill, and at the end; in a long drill only so often in all,
/// because it is read as a whole every time, and grows.
const CHECK_EVERY: usize = 5;
const CHECKS: usize = 20;

/// Between two lines that say how far a drill has come.
const PROGRESS: Duration = Duration::from_secs(10);

/// The longest wait between the moment chosen for a kill and the kill, so that it hits any stage of a commit.
const LONGEST_DELAY: Duration = Duration::from_millis(8);

/// Faults that are printed in full.
const SHOWN: usize = 20;

/// Kill the server in the middle of edits, restart it, and compare every document
#[derive(Debug, Args)]
pub(crate) struct Kill {
    /// How often to kill the server
    #[arg(long, default_value_t = 20)]
    kills: usize,
    /// Pages that edit at the same time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    clients: u16,
    /// Edits between two kills, of all pages together
    #[arg(long, default_value_t = 150, value_parser = clap::value_parser!(u16).range(10..=1500))]
    edits: u16,
    /// Where the data is; PostgreSQL is struck as well as the server
    #[arg(long, value_enum, default_value = "sqlite")]
    db: Keeper,
    /// Chooses edits and moments; random when left out
    #[arg(long)]
    seed: Option<u64>,
    /// Where to put the server's data; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// A server, the pages on it and their witness.
struct Drill {
    server: Server,
    pages: Vec<Page>,
    ledger: Arc<Mutex<Ledger>>,
    rng: StdRng,
    /// The log's fold, computed here.
    folded: Roadmap,
    head: u64,
    epoch: u64,
    keeper: Keeper,
    blows: Arc<Mutex<Blows>>,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When anything acknowledged was lost, done twice or reordered, when two documents differ, or when it hangs.
pub(crate) async fn run(arguments: Kill) -> Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..=u64::from(u32::MAX)));
    let begun = Instant::now();
    println!(
        "kill: {} times on {:?}, {} edits each, {} pages, seed {seed}",
        arguments.kills, arguments.db, arguments.edits, arguments.clients
    );
    let mut server = Server::prepare_on(arguments.db, arguments.folder.as_deref(), true)?;
    server.start().await?;
    let mut drill = Drill::begin(server, &arguments, seed).await?;
    let (ledger, blows) = (drill.ledger.clone(), drill.blows.clone());
    let result = tokio::select! {
        result = drill.rounds(arguments.kills, usize::from(arguments.edits)) => result,
        never = tell_progress(&ledger, &blows, arguments.kills) => match never {},
    };
    drill.server.kill().await?;
    drill.report(begun.elapsed());
    let verdict = result.and_then(|check| {
        print!("{check}");
        ensure!(lock(&drill.ledger).faults.sentences.is_empty(), "the log is not what was acknowledged");
        Ok(())
    });
    verdict.map_err(|error| {
        let log = drill.server.last_words();
        let folder = drill.server.keep();
        error.context(format!(
            "drill kill --seed {seed}: data kept in {}; its log ends:\n{log}\n",
            folder.display()
        ))
    })
}

impl Drill {
    async fn begin(server: Server, arguments: &Kill, seed: u64) -> Result<Self> {
        let clients = usize::from(arguments.clients);
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let mut rng = StdRng::seed_from_u64(seed);
        let owner = Session::demo(&server, Role::Owner).await?;
        owner.create_product(KEY).await?;
        let snapshot = owner.board(KEY).await?.snapshot;
        let mut pages = Vec::with_capacity(clients);
        for role in ROLES.into_iter().cycle().take(clients) {
            let session = Session::demo(&server, role).await?;
            pages.push(Page::open(&server, session, KEY, rng.random(), ledger.clone()).await?);
        }
        let (head, epoch) = (snapshot.head, snapshot.epoch);
        Ok(Self {
            server,
            pages,
            ledger,
            rng,
            folded: snapshot.document.into(),
            head,
            epoch,
            keeper: arguments.db,
            blows: Arc::default(),
        })
    }

    /// Returns what the last `cairn check` printed.
    async fn rounds(&mut self, kills: usize, edits: usize) -> Result<String> {
        let check_every = CHECK_EVERY.max(kills / CHECKS);
        for round in 1..=kills {
            let check = round.is_multiple_of(check_every);
            self.edit_through_a_kill(check, edits).await.with_context(|| format!("in round {round}"))?;
            timeout(PATIENCE, self.compare())
                .await
                .unwrap_or_else(|_| bail!("the pages do not come to rest"))
                .with_context(|| format!("after kill {round}"))?;
        }
        self.server.kill().await?;
        self.server.check().await
    }

    /// Everybody edits; at a random moment the server, or what is behind it, is struck; it comes back, and everybody's edits
    /// arrive.
    async fn edit_through_a_kill(&mut self, check: bool, edits: usize) -> Result<()> {
        let made = AtomicUsize::new(0);
        let moment = self.rng.random_range(edits / 20..edits - edits / 20);
        let delay = self.rng.random_range(Duration::ZERO..LONGEST_DELAY);
        let blow = Blow::choose(self.keeper, &mut self.rng);
        let (clients, extra) = (self.pages.len(), edits % self.pages.len());
        let editing = self.pages.iter_mut().enumerate().map(|(n, page)| {
            let share = edits / clients + usize::from(n < extra);
            page.edit(share, &made)
        });
        let server = &mut self.server;
        let killing = async {
            while made.load(Ordering::Relaxed) < moment {
                sleep(Duration::from_millis(1)).await;
            }
            sleep(delay).await;
            blow.strike(server).await?;
            if check {
                server.check().await?;
            }
            if blow == Blow::Server {
                server.start().await?;
            }
            anyhow::Ok(())
        };
        let both = async { tokio::try_join!(try_join_all(editing), killing) };
        let what = || format!("some edits are not answered after a blow at {blow:?}");
        timeout(PATIENCE, both).await.with_context(what)?.with_context(what)?;
        lock(&self.blows).count(blow);
        Ok(())
    }

    /// Compares log, ledger, rows and every page, now that everything has been answered.
    async fn compare(&mut self) -> Result<()> {
        for page in &mut self.pages {
            page.repeat().await?;
        }
        let owner = self.pages[0].session().clone();
        let snapshot = owner.snapshot(self.pages[0].roadmap()).await?;
        ensure!(snapshot.epoch == self.epoch, "the room began anew");
        let log = self.log_since(self.head, snapshot.head).await?;
        for entry in &log {
            let told = Told { actor: entry.actor, at: entry.at };
            if let Err(reject) = apply(&mut self.folded, &entry.op, &told) {
                bail!("entry {} does not apply: {reject}", entry.seq);
            }
        }
        self.head = snapshot.head;
        lock(&self.ledger).compare(&log);
        ensure!(
            self.folded == Roadmap::from(snapshot.document),
            "the rows are not what the log says, at entry {}",
            self.head
        );
        for (n, page) in self.pages.iter_mut().enumerate() {
            page.reach(self.head).await?;
            let (user, role) = (page.replica.user(), page.replica.role());
            let expected =
                if role.sees_voters() { self.folded.clone() } else { self.folded.masked_for(user) };
            ensure!(*page.replica.view() == expected, "page {n} ({role}) differs from the log's fold");
            let fresh = page.session().snapshot(page.roadmap()).await?;
            ensure!(
                fresh.head == self.head && Roadmap::from(fresh.document) == expected,
                "a fresh document for page {n} ({role}) differs from the log's fold"
            );
        }
        Ok(())
    }

    /// The log between two places, as a page gets it that was away.
    async fn log_since(&mut self, have: u64, head: u64) -> Result<Vec<Entry>> {
        let witness = &self.pages[0];
        let hello = ClientMessage::Hello {
            protocol: PROTOCOL,
            roadmap: witness.roadmap(),
            client: edits::client(&mut self.rng),
            epoch: self.epoch,
            have,
        };
        let mut socket = Door::of(&self.server, witness.session()).enter(&hello).await?;
        socket.welcome().await?;
        let mut log: Vec<Entry> = Vec::new();
        while log.last().map_or(have, |entry| entry.seq) < head {
            match socket.receive().await? {
                ServerMessage::Entries { entries } => log.extend(entries),
                ServerMessage::Refetch => bail!("the log since {have} is not told"),
                _ => {}
            }
        }
        for (entry, expected) in log.iter().zip(have + 1..) {
            ensure!(entry.seq == expected, "the log has {} where {expected} belongs", entry.seq);
        }
        Ok(log)
    }

    fn report(&self, took: Duration) {
        let ledger = lock(&self.ledger);
        let sentences = &ledger.faults.sentences;
        for sentence in sentences.iter().take(SHOWN) {
            println!("  fault: {sentence}");
        }
        if sentences.len() > SHOWN {
            println!("  and {} more", sentences.len() - SHOWN);
        }
        println!(
            "acked {}  refused {}  resent {}  lost {}  doubled {}  reordered {}  {}  time {:.1} s",
            ledger.accepted,
            ledger.refused,
            ledger.resent,
            ledger.faults.lost,
            ledger.faults.doubled,
            ledger.faults.reordered,
            lock(&self.blows),
            took.as_secs_f64()
        );
    }
}

/// Says now and then how far a long drill has come.
async fn tell_progress(ledger: &Mutex<Ledger>, blows: &Mutex<Blows>, kills: usize) -> Infallible {
    loop {
        sleep(PROGRESS).await;
        let (accepted, faults) = {
            let ledger = lock(ledger);
            (ledger.accepted, ledger.faults.sentences.len())
        };
        println!("  of {kills}: {}  acked {accepted}  faults {faults}", lock(blows));
    }
}
