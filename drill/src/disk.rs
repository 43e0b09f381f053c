//! `drill disk`: the disk of the database fills while people edit, and space returns. Nothing that was acknowledged may be missing,
//! everybody who is refused is told why, what was refused is done when there is space, and the server runs on all the while.

use std::{
    sync::atomic::AtomicUsize,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Error, Result, ensure};
use clap::Args;
use domain::Role;
use futures::future::try_join_all;
use rand::RngExt as _;
use tokio::time::{sleep, timeout};

use crate::{
    people::People,
    server::Server,
    session::Session,
    small_disk::{SKIPPED, SmallDisk},
};

/// Room for the database, and for what a round's edits add to SQLite's log before it is moved: where the log itself fills the
/// disk, it cannot be moved any more, and no space has returned.
const BYTES: u64 = 128 * 1024 * 1024;

/// Edits of each page while the disk is full: more than fit into what the log of SQLite holds already.
const EDITS: usize = 400;

/// How long the disk stays full after the first refusal.
const HOLD: Duration = Duration::from_millis(1_500);

/// How long anything may take before the drill says that it hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// What everybody who is refused has to read.
const SENTENCE: &str = "disk is full";

/// Fill the disk of a running server, again and again, and give the space back
#[derive(Debug, Args)]
pub(crate) struct Disk {
    /// How often to fill it
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=50))]
    times: u8,
    /// Pages that edit at the same time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=32))]
    clients: u16,
    /// Chooses edits and moments; random when left out
    #[arg(long)]
    seed: Option<u64>,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When anything acknowledged was lost, somebody was not told why, or the server does not recover.
pub(crate) async fn run(arguments: Disk) -> Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..=u64::from(u32::MAX)));
    println!("disk: full {} times, {} pages, seed {seed}", arguments.times, arguments.clients);
    let Some(disk) = SmallDisk::mount(BYTES)? else {
        println!("{SKIPPED}a full disk: this user may not mount a small one");
        return Ok(());
    };
    let begun = Instant::now();
    // Its log is on the same disk.
    let mut server = Server::prepare(Some(disk.path()), true)?;
    server.start().await?;
    let mut people = People::come(&server, usize::from(arguments.clients), seed).await?;
    let mut told = Told::default();
    let result = rounds(&disk, &server, &mut people, arguments.times, &mut told).await;
    let finished = async {
        server.stop().await?;
        server.check().await
    };
    let checked = finished.await;
    println!(
        "full {}  refused over HTTP {}  pages told {}  longest until all was saved again {:.1} s",
        told.rounds,
        told.requests,
        told.pages,
        told.recovered.as_secs_f64()
    );
    let book = people.report(&format!("time {:.1} s", begun.elapsed().as_secs_f64()));
    result.and_then(|()| checked.map(drop)).and(book).map_err(|error| {
        error.context(format!("drill disk --seed {seed}; the log ends:\n{}\n", server.last_words()))
    })
}

#[derive(Debug, Default)]
struct Told {
    rounds: u8,
    requests: usize,
    pages: usize,
    recovered: Duration,
}

async fn rounds(
    disk: &SmallDisk,
    server: &Server,
    people: &mut People,
    times: u8,
    told: &mut Told,
) -> Result<()> {
    let pid = server.pid()?;
    let owner = Session::demo(server, Role::Owner).await?;
    for round in 0..times {
        let made = AtomicUsize::new(0);
        let but_for = people.rng.random_range(0..200_000);
        disk.fill(but_for)?;
        let editing = try_join_all(people.pages.iter_mut().map(|page| page.edit(EDITS, &made)));
        let full = async {
            told.requests += refused(server, &owner, round).await?;
            sleep(HOLD).await;
            disk.empty()?;
            Ok::<_, Error>(Instant::now())
        };
        let both = async { tokio::try_join!(editing, full) };
        let (_, since) = timeout(PATIENCE, both).await.with_context(|| {
            format!("in round {round} some edits are not answered after space returned")
        })??;
        told.recovered = told.recovered.max(since.elapsed());
        for page in &mut people.pages {
            if let Some(reason) = page.farewell.take() {
                ensure!(reason.contains(SENTENCE), "a page is told: {reason}");
                told.pages += 1;
            }
        }
        timeout(PATIENCE, people.compare(server))
            .await
            .context("the pages do not come to rest")?
            .with_context(|| format!("after round {round}"))?;
        ensure!(server.pid()? == pid, "the server is another");
        // What was refused over HTTP works again.
        owner.create_product(&key('Z', round.into())).await?;
        told.rounds += 1;
    }
    ensure!(told.pages > 0, "no page was told that the disk is full");
    Ok(())
}

/// Writes until the disk is full. Reading goes on, and signing in is refused in a sentence, too. Returns how many were refused.
async fn refused(server: &Server, owner: &Session, round: u8) -> Result<usize> {
    let mut attempts = 0;
    let begun = Instant::now();
    loop {
        let Err(error) = owner.create_product(&key(char::from(b'A' + round % 25), attempts)).await else {
            ensure!(begun.elapsed() < PATIENCE, "the disk does not become full");
            attempts += 1;
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        says_why(&error)?;
        break;
    }
    let mut refused = 1;
    if let Err(error) = Session::demo(server, Role::Viewer).await {
        says_why(&error)?;
        refused += 1;
    }
    for path in ["/", "/healthz"] {
        owner.load(path).await.with_context(|| format!("{path} while the disk is full"))?;
    }
    Ok(refused)
}

fn says_why(error: &Error) -> Result<()> {
    let said = format!("{error:#}");
    ensure!(said.contains("507") && said.contains(SENTENCE), "who is refused is told: {said}");
    Ok(())
}

/// A product's key that no other has.
fn key(first: char, n: u32) -> String {
    let letter = |n: u32| char::from(b'A' + u8::try_from(n % 26).unwrap_or_default());
    [first, letter(n / 676), letter(n / 26), letter(n)].iter().collect()
}
