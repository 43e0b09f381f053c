//! `drill backup`: copies of databases of all sizes, while people edit, killed at any moment, on a disk that is full, over files that
//! are there. Whatever a command calls done is opened by a stranger to Cairn's tables and compared with what has to be in it.

mod tables;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::AtomicUsize,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use futures::future::try_join_all;
use rand::{RngExt as _, rngs::StdRng};
use sqlx::Connection as _;
use tokio::{process::Child, time::sleep};

use crate::{
    people::People,
    server::Server,
    small_disk::{SKIPPED, SmallDisk},
};

const MIB: u64 = 1024 * 1024;

/// How long a copy may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Pages that edit meanwhile, and the edits of each before the drill looks whether the copy is done.
const PAGES: usize = 3;
const EDITS: usize = 5;

/// Between two lines that say how far a long drill has come.
const PROGRESS: Duration = Duration::from_secs(20);

/// Make copies of a database under every trouble, and compare each that is called done
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// How many commands to run
    #[arg(long, default_value_t = 500)]
    runs: usize,
    /// How large the database becomes, in MiB
    #[arg(long, default_value_t = 500)]
    largest: u64,
    /// Chooses edits and moments; random when left out
    #[arg(long)]
    seed: Option<u64>,
    /// Where to put the data; the system's folder for temporary files when left out
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Damage each copy before it is compared; the drill has to fail then
    #[arg(long)]
    sabotage: bool,
}

/// What is done to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// Nothing; every row is compared.
    Quiet,
    /// People edit meanwhile.
    Load,
    /// SIGKILL.
    Killed,
    /// SIGTERM.
    Stopped,
    /// The copy goes to a disk that has not enough space.
    Full,
    /// A file has its name.
    Exists,
    /// The copy is read back into a new file.
    Restore,
    /// That is killed.
    RestoreKilled,
    /// Into a database that is there and empty.
    Move,
}

/// In an order in which each of a few runs is another.
const TROUBLES: [Trouble; 12] = [
    Trouble::Quiet,
    Trouble::Load,
    Trouble::Killed,
    Trouble::Full,
    Trouble::Exists,
    Trouble::Restore,
    Trouble::Load,
    Trouble::Stopped,
    Trouble::Move,
    Trouble::Killed,
    Trouble::RestoreKilled,
    Trouble::Load,
];

#[derive(Debug, Default)]
struct Totals {
    runs: BTreeMap<Trouble, usize>,
    /// Called done, and compared.
    done: usize,
    /// Not called done, and nothing was there.
    given_up: usize,
    /// Of what was called done.
    bytes: u64,
    largest: u64,
    /// Called done, and not so; or left behind.
    faults: Vec<String>,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs: usize = self.runs.values().sum();
        write!(
            f,
            "runs {runs}  done and compared {} ({} MiB, the largest {} MiB)  given up {}  false successes and leftovers {}",
            self.done,
            self.bytes / MIB,
            self.largest / MIB,
            self.given_up,
            self.faults.len()
        )
    }
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    well: bool,
    said: String,
}

struct Drill {
    server: Server,
    people: People,
    rng: StdRng,
    sabotage: bool,
    /// Where copies go.
    copies: tempfile::TempDir,
    /// A copy that is whole, for restoring.
    whole: Option<PathBuf>,
    /// How long the latest copy took.
    took: Duration,
    skipped_full: bool,
    totals: Totals,
}

/// Runs the drill and prints what it found.
///
/// # Errors
/// When anything was called done that was not, or was left behind.
pub(crate) async fn run(arguments: Backup) -> Result<()> {
    use rand::SeedableRng as _;

    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..=u64::from(u32::MAX)));
    let begun = Instant::now();
    println!("backup: {} runs, up to {} MiB, seed {seed}", arguments.runs, arguments.largest);
    let mut server = Server::prepare(arguments.folder.as_deref(), true)?;
    server.start().await?;
    let people = People::come(&server, PAGES, seed).await?;
    let copies = match arguments.folder.as_deref() {
        Some(folder) => tempfile::TempDir::with_prefix_in("drill-copies-", folder),
        None => tempfile::TempDir::with_prefix("drill-copies-"),
    };
    let mut drill = Drill {
        server,
        people,
        rng: StdRng::seed_from_u64(seed),
        sabotage: arguments.sabotage,
        copies: copies.context("no folder for copies can be made")?,
        whole: None,
        took: Duration::from_millis(300),
        skipped_full: false,
        totals: Totals::default(),
    };
    let result = drill.runs(arguments.runs, arguments.largest * MIB).await;
    drill.server.kill().await?;
    let troubles: Vec<String> =
        drill.totals.runs.iter().map(|(trouble, runs)| format!("{trouble:?} {runs}")).collect();
    println!("  {}", troubles.join("  "));
    println!("{}  time {:.1} s", drill.totals, begun.elapsed().as_secs_f64());
    for fault in &drill.totals.faults {
        println!("  fault: {fault}");
    }
    result.with_context(|| {
        format!("drill backup --seed {seed}; the server's log ends:\n{}\n", drill.server.last_words())
    })?;
    ensure!(drill.totals.faults.is_empty(), "not everything that was called done is done (--seed {seed})");
    if drill.skipped_full {
        println!("{SKIPPED}backups on a full disk: this user may not mount one");
    }
    Ok(())
}

impl Drill {
    /// The database grows from run to run, each time by the same factor.
    async fn runs(&mut self, runs: usize, largest: u64) -> Result<()> {
        let (mut filler, mut told) = (0, Instant::now());
        let steps = runs.saturating_sub(1).max(1);
        let smallest = self.size()?.max(MIB);
        let factor = (largest as f64 / smallest as f64).max(1.0);
        for run in 0..runs {
            let wanted = smallest as f64 * factor.powf(run as f64 / steps as f64);
            let missing = (wanted as u64).saturating_sub(self.size()?);
            if missing > 0 {
                filler = tables::grow(&self.database(), missing, filler).await?;
            }
            let trouble = TROUBLES[run % TROUBLES.len()];
            let what = || format!("run {run}, {trouble:?}, of {} MiB", wanted as u64 / MIB);
            if let Err(error) = self.run(trouble).await.with_context(what) {
                self.totals.faults.push(format!("{error:#}"));
                // What is left of it would be found again.
                self.clear()?;
            }
            *self.totals.runs.entry(trouble).or_default() += 1;
            if told.elapsed() > PROGRESS {
                println!("  {}", self.totals);
                told = Instant::now();
            }
        }
        Ok(())
    }

    async fn run(&mut self, trouble: Trouble) -> Result<()> {
        let copy = self.copies.path().join("copy.db");
        let restored = self.copies.path().join("restored.db");
        match trouble {
            Trouble::Quiet => self.quiet(&copy).await,
            Trouble::Load => self.under_load(&copy).await,
            Trouble::Killed => self.cut_short(&copy, "-KILL").await,
            Trouble::Stopped => self.cut_short(&copy, "-TERM").await,
            Trouble::Full => self.on_a_full_disk().await,
            Trouble::Exists => self.over_a_file(&copy).await,
            Trouble::Restore => self.restore(&restored, false).await,
            Trouble::RestoreKilled => self.restore(&restored, true).await,
            Trouble::Move => self.move_to_empty(&restored).await,
        }
    }

    async fn quiet(&mut self, copy: &Path) -> Result<()> {
        let expected = self.sums_of(&self.database(), None).await?;
        let since = Instant::now();
        let ended = self.end(self.backup(copy)?).await?;
        self.took = since.elapsed();
        ensure!(ended.well, "a backup fails: {}", ended.said);
        self.is_the_same(copy, &expected, None).await?;
        self.only(&[copy])?;
        self.keep(copy)
    }

    async fn under_load(&mut self, copy: &Path) -> Result<()> {
        let mut source = tables::open(&self.database(), false).await?;
        let before = tables::heads(&mut source).await?;
        let mut child = self.backup(copy)?;
        let made = AtomicUsize::new(0);
        let ended = loop {
            let editing = self.people.pages.iter_mut().map(|page| page.edit(EDITS, &made));
            try_join_all(editing).await.context("people cannot edit")?;
            if child.try_wait()?.is_some() {
                break self.end(child).await?;
            }
        };
        ensure!(ended.well, "a backup fails: {}", ended.said);
        self.damage(copy).await?;
        let mut found = tables::open(copy, true).await?;
        tables::compare_under_load(&mut source, &mut found, &before).await?;
        source.close().await?;
        found.close().await?;
        self.only(&[copy])?;
        // Rows and log belong to one moment.
        let checked = self.server.command(["check", "--db", &address(copy)]).output().await?;
        ensure!(
            checked.status.success(),
            "`cairn check` of it: {}",
            String::from_utf8_lossy(&checked.stderr)
        );
        self.count(copy)?;
        self.keep(copy)
    }

    /// A backup that gets a signal at a random moment: there is no file, or a whole one. The next of that name works.
    async fn cut_short(&mut self, copy: &Path, signal: &str) -> Result<()> {
        let expected = self.sums_of(&self.database(), None).await?;
        let child = self.backup(copy)?;
        let ended = self.signal(child, signal).await?;
        if copy.exists() {
            self.is_the_same(copy, &expected, None).await.with_context(|| format!("exit {}", ended.well))?;
            std::fs::remove_file(copy)?;
        } else {
            ensure!(!ended.well, "a backup is called done, and there is no file: {}", ended.said);
            self.totals.given_up += 1;
        }
        if signal == "-TERM" {
            self.only(&[]).context("after a backup was asked to stop")?;
        }
        let ended = self.end(self.backup(copy)?).await?;
        ensure!(ended.well, "after one that was cut short a backup fails: {}", ended.said);
        self.is_the_same(copy, &expected, None).await?;
        self.only(&[copy])?;
        self.keep(copy)
    }

    async fn on_a_full_disk(&mut self) -> Result<()> {
        let size = self.size()?;
        let share = self.rng.random_range(1..=110);
        let Some(disk) = SmallDisk::mount((size * share / 100).max(64 * 1024))? else {
            self.skipped_full = true;
            return Ok(());
        };
        let copy = disk.path().join("copy.db");
        let expected = self.sums_of(&self.database(), None).await?;
        let ended = self.end(self.backup(&copy)?).await?;
        if ended.well {
            return self.is_the_same(&copy, &expected, None).await;
        }
        ensure!(ended.said.contains("disk is full"), "a full disk is called: {}", ended.said);
        let left = names(disk.path())?;
        ensure!(left.is_empty(), "a backup that fails leaves {left:?}");
        self.totals.given_up += 1;
        Ok(())
    }

    async fn over_a_file(&mut self, copy: &Path) -> Result<()> {
        const PRECIOUS: &str = "somebody's only copy";
        std::fs::write(copy, PRECIOUS)?;
        let ended = self.end(self.backup(copy)?).await?;
        ensure!(!ended.well, "a backup over a file is called done");
        ensure!(ended.said.contains("is there already"), "a file that is there is called: {}", ended.said);
        ensure!(std::fs::read_to_string(copy)? == PRECIOUS, "a file was written over");
        self.only(&[copy])?;
        std::fs::remove_file(copy)?;
        self.totals.given_up += 1;
        Ok(())
    }

    /// What a restore replaces in every roadmap.
    const EPOCH: Option<&str> = Some("roadmap.epoch");

    async fn restore(&mut self, place: &Path, killed: bool) -> Result<()> {
        let whole = self.whole_copy().await?;
        let expected = self.sums_of(&whole, Self::EPOCH).await?;
        if killed {
            let child = self.restoring(&whole, place)?;
            let ended = self.signal(child, "-KILL").await?;
            if place.exists() {
                self.is_the_same(place, &expected, Self::EPOCH).await?;
                std::fs::remove_file(place)?;
            } else {
                ensure!(!ended.well, "a restore is called done, and there is no file: {}", ended.said);
                self.totals.given_up += 1;
            }
        }
        let ended = self.end(self.restoring(&whole, place)?).await?;
        ensure!(ended.well, "a restore fails: {}", ended.said);
        self.is_the_same(place, &expected, Self::EPOCH).await?;
        self.only(&[place, &whole])?;
        std::fs::remove_file(place)?;
        Ok(())
    }

    /// A server has made the place, and nobody has founded a workspace in it.
    async fn move_to_empty(&mut self, place: &Path) -> Result<()> {
        let whole = self.whole_copy().await?;
        let expected = self.sums_of(&whole, Self::EPOCH).await?;
        let mut empty = Server::prepare(self.server.folder().parent(), false)?;
        empty.start().await?;
        empty.stop().await?;
        std::fs::rename(empty.folder().join("cairn.db"), place)?;
        let moving =
            self.server.command(["migrate", "--from", &address(&whole), "--to", &address(place)]).spawn()?;
        let ended = self.end(moving).await?;
        ensure!(ended.well, "a move fails: {}", ended.said);
        self.is_the_same(place, &expected, Self::EPOCH).await?;
        // It keeps a log, and a reader without permission to write leaves one beside it.
        clear(place)?;
        std::fs::remove_file(place)?;
        self.only(&[&whole])
    }

    async fn whole_copy(&mut self) -> Result<PathBuf> {
        if let Some(whole) = &self.whole {
            return Ok(whole.clone());
        }
        let copy = self.copies.path().join("copy.db");
        self.quiet(&copy).await?;
        self.whole.clone().context("a copy was kept")
    }

    /// Compares a copy that was called done.
    async fn is_the_same(
        &mut self,
        copy: &Path,
        expected: &tables::Tables,
        without: Option<&str>,
    ) -> Result<()> {
        self.damage(copy).await?;
        let found = self.sums_of(copy, without).await?;
        tables::compare(expected, &found).context("A FALSE SUCCESS")?;
        self.count(copy)
    }

    fn count(&mut self, copy: &Path) -> Result<()> {
        let bytes = std::fs::metadata(copy)?.len();
        self.totals.done += 1;
        self.totals.bytes += bytes;
        self.totals.largest = self.totals.largest.max(bytes);
        Ok(())
    }

    /// By order only.
    async fn damage(&self, copy: &Path) -> Result<()> {
        if self.sabotage {
            let mut db = tables::open(copy, false).await?;
            sqlx::raw_sql("UPDATE account SET name = 'Somebody' WHERE id = (SELECT MAX(id) FROM account)")
                .execute(&mut db)
                .await?;
            db.close().await?;
        }
        Ok(())
    }

    async fn sums_of(&self, file: &Path, without: Option<&str>) -> Result<tables::Tables> {
        let mut db = tables::open(file, file != self.database()).await?;
        let sums = tables::sums(&mut db, without).await?;
        db.close().await?;
        Ok(sums)
    }

    fn backup(&self, copy: &Path) -> Result<Child> {
        let copy = copy.to_str().context("a path is text")?;
        Ok(self.server.command(["backup", copy, "--db", &address(&self.database())]).spawn()?)
    }

    fn restoring(&self, copy: &Path, place: &Path) -> Result<Child> {
        let copy = copy.to_str().context("a path is text")?;
        Ok(self.server.command(["restore", copy, "--db", &address(place)]).spawn()?)
    }

    /// Sends a signal after a part of the time that the latest copy took, or somewhat later.
    async fn signal(&mut self, child: Child, signal: &str) -> Result<Ended> {
        let pid = child.id().context("a command ended before it was looked at")?.to_string();
        sleep(self.took.mul_f64(self.rng.random_range(0.0..1.1))).await;
        // It may have ended by itself, which is fine.
        let kill = tokio::process::Command::new("kill").args([signal, &pid]).stderr(Stdio::null()).status();
        kill.await?;
        self.end(child).await
    }

    async fn end(&self, child: Child) -> Result<Ended> {
        let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        let output = ended.context("a command does not end")??;
        let said =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        Ok(Ended { well: output.status.success(), said })
    }

    /// Holds a whole copy ready to be restored, in place of an older one.
    fn keep(&mut self, copy: &Path) -> Result<()> {
        let whole = self.copies.path().join("whole.db");
        std::fs::rename(copy, &whole)?;
        self.whole = Some(whole);
        Ok(())
    }

    /// Nothing but these and the copy that is kept may be there.
    fn only(&self, files: &[&Path]) -> Result<()> {
        let mut left = names(self.copies.path())?;
        left.retain(|left| !files.contains(&left.as_path()) && self.whole.as_ref() != Some(left));
        ensure!(left.is_empty(), "left behind: {left:?}");
        Ok(())
    }

    fn clear(&self) -> Result<()> {
        for file in names(self.copies.path())? {
            if self.whole.as_ref() != Some(&file) {
                std::fs::remove_file(file)?;
            }
        }
        Ok(())
    }

    fn database(&self) -> PathBuf {
        self.server.folder().join("cairn.db")
    }

    /// Of the database, with what is in its log only.
    fn size(&self) -> Result<u64> {
        let size = |file: PathBuf| std::fs::metadata(file).map_or(0, |metadata| metadata.len());
        let size = size(self.database()).max(size(self.server.folder().join("cairn.db-wal")));
        if size == 0 {
            bail!("there is no database");
        }
        Ok(size)
    }
}

fn address(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

fn names(folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect()
}

/// Removes what reading left beside a file.
fn clear(file: &Path) -> Result<()> {
    for suffix in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(suffix);
        let beside = PathBuf::from(beside);
        if beside.exists() {
            std::fs::remove_file(beside)?;
        }
    }
    Ok(())
}
