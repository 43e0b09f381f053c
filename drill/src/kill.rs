//! `drill kill`: the server is killed again and again in the middle of people's edits, and nothing it acknowledged may
//! be missing afterwards. Beside them somebody changes records, and who sees a product, and somebody plans across products. On PostgreSQL that is struck, too: it crashes, or ends the server's connections, and the server
//! has to find out by itself what became of the commit that was under way.
//!
//! SIGKILL takes the process and its memory, but not what it had handed to the operating system. So this proves that
//! answers, log and rows belong together at any moment; it does not prove that the disk was waited for.

mod blow;
mod line;

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use domain::Role;
use futures::future::try_join_all;
use rand::RngExt as _;
use tokio::time::{sleep, timeout};

use crate::{
    ledger::Ledger,
    page::lock,
    people::People,
    planner::Planner,
    records::Clerk,
    server::{Keeper, Server},
    session::Session,
};
use blow::{Blow, Blows};
use line::Line;

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

/// A server and the people on it.
struct Drill {
    server: Server,
    people: People,
    /// Keeps records, and decides who sees a product.
    clerk: Clerk,
    /// Plans across products.
    planner: Planner,
    /// Is not chosen to see it.
    onlooker: Session,
    keeper: Keeper,
    /// To PostgreSQL.
    line: Option<Line>,
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
    let line = match arguments.db {
        Keeper::Sqlite => None,
        Keeper::Postgres => {
            let line = Line::lay(server.database_port()?).await?;
            server.reach_database_by(line.port())?;
            Some(line)
        }
    };
    server.start().await?;
    let people = People::come(&server, usize::from(arguments.clients), seed).await?;
    let (ledger, blows) = (people.ledger.clone(), Arc::<Mutex<Blows>>::default());
    let clerk = Clerk::begin(people.pages[0].session().clone()).await?;
    let planner = Planner::begin(&server, people.pages[0].session().clone(), 1, seed).await?;
    let onlooker = Session::demo(&server, Role::Viewer).await?;
    let (keeper, beside) = (arguments.db, blows.clone());
    let mut drill = Drill { server, people, clerk, planner, onlooker, keeper, line, blows: beside };
    let result = tokio::select! {
        result = drill.rounds(arguments.kills, usize::from(arguments.edits)) => result,
        never = tell_progress(&ledger, &blows, arguments.kills) => match never {},
    };
    drill.server.kill().await?;
    let beside = format!("{}  time {:.1} s", lock(&blows), begun.elapsed().as_secs_f64());
    let book = drill.people.report(&beside).and_then(|()| drill.clerk.report());
    let book = book.and_then(|()| drill.planner.report());
    let verdict = result.and_then(|check| {
        print!("{check}");
        book
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
    /// Returns what the last `cairn check` printed.
    async fn rounds(&mut self, kills: usize, edits: usize) -> Result<String> {
        let check_every = CHECK_EVERY.max(kills / CHECKS);
        for round in 1..=kills {
            let check = round.is_multiple_of(check_every);
            let blow = Blow::of_round(round, self.keeper);
            self.edit_through(blow, check, edits).await.with_context(|| format!("in round {round}"))?;
            timeout(PATIENCE, self.people.compare(&self.server))
                .await
                .unwrap_or_else(|_| bail!("the pages do not come to rest"))
                .with_context(|| format!("after kill {round}"))?;
            self.clerk.compare(&self.server).await.with_context(|| format!("after kill {round}"))?;
            self.clerk.settle();
            self.clerk.compare_access(&self.onlooker).await.with_context(|| format!("after kill {round}"))?;
            self.planner
                .compare(&self.server)
                .await
                .with_context(|| format!("with plans, after kill {round}"))?;
            self.planner.comment(&self.server).await?;
        }
        self.server.kill().await?;
        self.server.check().await
    }

    /// Everybody edits; at a random moment the server, or what is behind it, is struck; it comes back, and everybody's edits
    /// arrive.
    async fn edit_through(&mut self, blow: Blow, check: bool, edits: usize) -> Result<()> {
        let made = AtomicUsize::new(0);
        let people = &mut self.people;
        let moment = people.rng.random_range(edits / 20..edits - edits / 20);
        let delay = people.rng.random_range(Duration::ZERO..LONGEST_DELAY);
        let (clients, extra) = (people.pages.len(), edits % people.pages.len());
        let editing = people.pages.iter_mut().enumerate().map(|(n, page)| {
            let share = edits / clients + usize::from(n < extra);
            page.edit(share, &made)
        });
        let (server, line) = (&mut self.server, self.line.as_ref());
        let killing = async {
            while made.load(Ordering::Relaxed) < moment {
                sleep(Duration::from_millis(1)).await;
            }
            sleep(delay).await;
            blow.strike(server, line).await?;
            if check {
                server.check().await?;
            }
            if blow == Blow::Server {
                server.start().await?;
            }
            anyhow::Ok(())
        };
        let clerk = &self.clerk;
        let both = async {
            tokio::select! {
                both = async { tokio::try_join!(try_join_all(editing), killing) } => both,
                never = clerk.work() => match never {},
            }
        };
        let what = || format!("some edits are not answered after a blow at {blow:?}");
        let planner = &self.planner;
        let edited = async {
            let edited = timeout(PATIENCE, both).await;
            planner.rest();
            edited
        };
        let (edited, ()) = tokio::join!(edited, planner.work());
        edited.with_context(what)?.with_context(what)?;
        lock(&self.blows).count(blow);
        Ok(())
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
