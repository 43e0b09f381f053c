//! The server under test: the real binary, a free port of its own, a folder of its own.

use std::{
    ffi::OsString,
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Error, Result, bail, ensure};
use cluster::Cluster;
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two attempts to reach a server that is starting.
const KNOCK: Duration = Duration::from_millis(1);

/// Lines of the server's log that are shown when it fails.
const LOG_LINES: usize = 20;

/// A `cairn` that can be started, killed, and started again on the same data. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    binary: PathBuf,
    folder: Arc<TempDir>,
    database: String,
    /// The PostgreSQL behind it, where it was made for this server.
    cluster: Option<Arc<Cluster>>,
    address: SocketAddr,
    demo: bool,
    /// It has the limits that it has when nobody sets any, and believes what a proxy says of addresses.
    keeps_limits: bool,
    /// How many of a hundred wake-ups of other processes are lost.
    lost_wakes: u8,
    /// The program that runs it, with its arguments; none as a rule.
    runner: Vec<OsString>,
    child: Option<Child>,
}

/// Where a drilled server keeps its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Keeper {
    Sqlite,
    /// A PostgreSQL made for the drill.
    Postgres,
}

impl Server {
    /// Takes a free port and a fresh folder, below `parent` where one is given. Nothing runs yet.
    pub(crate) fn prepare(parent: Option<&Path>, demo: bool) -> Result<Self> {
        Self::prepare_on(Keeper::Sqlite, parent, demo)
    }

    /// The same on the database of one's choice.
    pub(crate) fn prepare_on(keeper: Keeper, parent: Option<&Path>, demo: bool) -> Result<Self> {
        let folder = new_folder(parent)?;
        let cluster = match keeper {
            Keeper::Sqlite => None,
            Keeper::Postgres => Some(Arc::new(Cluster::start().map_err(Error::msg)?)),
        };
        let database = match &cluster {
            None => format!("sqlite://{}", folder.path().join("cairn.db").display()),
            Some(cluster) => cluster.address(),
        };
        let (folder, address) = (Arc::new(folder), free_address()?);
        Ok(Self {
            binary: binary()?,
            folder,
            database,
            cluster,
            address,
            demo,
            keeps_limits: false,
            lost_wakes: 0,
            runner: Vec::new(),
            child: None,
        })
    }

    /// Another process on the same data. Nothing runs yet.
    pub(crate) fn sibling(&self) -> Result<Self> {
        Ok(Self {
            binary: self.binary.clone(),
            folder: self.folder.clone(),
            database: self.database.clone(),
            cluster: self.cluster.clone(),
            address: free_address()?,
            demo: self.demo,
            keeps_limits: self.keeps_limits,
            lost_wakes: self.lost_wakes,
            runner: Vec::new(),
            child: None,
        })
    }

    /// A server on a copy of this one's data, which must not be running. The copy is on the same disk.
    pub(crate) fn copy(&self) -> Result<Self> {
        let folder = new_folder(self.folder().parent())?;
        copy_files(self.folder(), folder.path())?;
        std::fs::remove_file(folder.path().join(log_name(self.address))).ok();
        let database = format!("sqlite://{}", folder.path().join("cairn.db").display());
        let (folder, address) = (Arc::new(folder), free_address()?);
        Ok(Self {
            binary: self.binary.clone(),
            folder,
            database,
            cluster: None,
            address,
            demo: self.demo,
            keeps_limits: false,
            lost_wakes: 0,
            runner: Vec::new(),
            child: None,
        })
    }

    /// From its next start on the server loses wake-ups.
    pub(crate) fn lose_wakes(&mut self, of_a_hundred: u8) {
        self.lost_wakes = of_a_hundred;
    }

    /// From its next start on it has its own limits, and takes addresses from `X-Forwarded-For`.
    pub(crate) fn keep_limits(&mut self) {
        self.keeps_limits = true;
    }

    /// From its next start on another program runs the server, and becomes it: its process has the server's number.
    pub(crate) fn run_by(&mut self, program_and_arguments: Vec<OsString>) {
        self.runner = program_and_arguments;
    }

    /// Starts the server and waits for its first answer. Returns how long that took.
    pub(crate) async fn start(&mut self) -> Result<Duration> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut words = self.runner.iter().map(OsString::as_os_str).chain([self.binary.as_os_str()]);
        let mut command = Command::new(words.next().context("there is nothing to run")?);
        command.args(words);
        command.args(["serve", "--addr", &self.address.to_string(), "--db", &self.database]);
        command.arg("--secret-file").arg(self.folder().join("cairn.secret"));
        // A drill is faster than any person.
        if self.keeps_limits {
            command.arg("--behind-proxy");
        } else {
            command.args(["--ops-per-second", "0", "--max-boards-per-person", "0"]);
            command.args(["--max-connections", "0", "--requests-per-second", "0"]);
        }
        if self.demo {
            command.arg("--demo");
        }
        if self.lost_wakes > 0 {
            command.env("CAIRN_LOST_WAKES", self.lost_wakes.to_string());
        }
        let begun = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", self.binary.display()))?;
        self.child = Some(child);
        let http = crate::session::http_client()?;
        let first_page = format!("{}/sign-in", self.origin());
        loop {
            if tokio::net::TcpStream::connect(self.address).await.is_ok()
                && let Ok(answer) = http.get(&first_page).send().await
            {
                answer.bytes().await.context("the first answer breaks off")?;
                return Ok(begun.elapsed());
            }
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                bail!("the server ended at once ({status}):\n{}", self.last_words());
            }
            if begun.elapsed() > PATIENCE {
                bail!("the server does not answer after {PATIENCE:?}:\n{}", self.last_words());
            }
            tokio::time::sleep(KNOCK).await;
        }
    }

    /// Ends the server by SIGKILL: it gets no chance to finish anything.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await.context("the server cannot be killed")?;
        }
        Ok(())
    }

    /// Asks the server to end, as an administrator does, and waits until it has.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let pid = self.pid()?.to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().await?;
        ensure!(asked.success(), "the server cannot be asked to end");
        if let Some(mut child) = self.child.take() {
            let ended =
                tokio::time::timeout(PATIENCE, child.wait()).await.context("the server does not end")?;
            ensure!(ended?.success(), "the server ended badly:\n{}", self.last_words());
        }
        Ok(())
    }

    /// Crashes the PostgreSQL that was made for this server, and starts it again.
    pub(crate) async fn crash_database(&self) -> Result<()> {
        let cluster = self.cluster.clone().context("there is no PostgreSQL to crash")?;
        let again = move || cluster.crash().and_then(|()| cluster.serve());
        tokio::task::spawn_blocking(again).await?.map_err(Error::msg)
    }

    /// The port of the PostgreSQL that was made for this server.
    pub(crate) fn database_port(&self) -> Result<u16> {
        Ok(self.cluster.as_ref().context("there is no PostgreSQL of its own")?.port())
    }

    /// From its next start on it reaches PostgreSQL by another port.
    pub(crate) fn reach_database_by(&mut self, port: u16) -> Result<()> {
        let own = format!(":{}/", self.database_port()?);
        self.database = self.database.replace(&own, &format!(":{port}/"));
        Ok(())
    }

    /// Has PostgreSQL end every connection of the program. Returns how many.
    pub(crate) async fn cut_from_database(&self) -> Result<usize> {
        const CUT: &str =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cairn'";
        let mut database = PgConnection::connect(&self.database).await?;
        let cut: Vec<bool> = sqlx::query_scalar(CUT).fetch_all(&mut database).await?;
        database.close().await?;
        Ok(cut.into_iter().filter(|done| *done).count())
    }

    /// Has PostgreSQL say a word within every transaction that writes operations, or not any more. Nobody acts on it: what is
    /// looked at is what saying it costs.
    pub(crate) async fn notify_within(&self, notify: bool) -> Result<()> {
        const BEGIN: &str = "CREATE FUNCTION drill_notify() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM pg_notify('cairn', 'drill'); RETURN NULL; END $$;
            CREATE TRIGGER drill_notify AFTER INSERT ON op_log
            FOR EACH STATEMENT EXECUTE FUNCTION drill_notify()";
        const END: &str = "DROP TRIGGER drill_notify ON op_log; DROP FUNCTION drill_notify()";
        let mut database = PgConnection::connect(&self.database).await?;
        sqlx::raw_sql(if notify { BEGIN } else { END }).execute(&mut database).await?;
        database.close().await?;
        Ok(())
    }

    /// A command of the program under test, which ends with the drill.
    pub(crate) fn command<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    }

    /// Runs `cairn check` on the data and returns what it printed.
    ///
    /// # Errors
    /// When it finds anything wrong.
    pub(crate) async fn check(&self) -> Result<String> {
        let output = Command::new(&self.binary).args(["check", "--db", &self.database]).output().await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("`cairn check` found: {said}{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(said)
    }

    /// Where browsers find it, as in the header `Origin`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder with its data.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Resident memory of the process, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// Of that, what is no file's: without the program itself and the index of SQLite's log.
    pub(crate) fn own_memory(&self) -> Result<u64> {
        self.status("RssAnon:")
    }

    /// The most it ever was.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    /// A line of the process's status, in bytes.
    fn status(&self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kilobytes.with_context(|| format!("{name} is not told"))?.trim().parse::<u64>()? * 1024)
    }

    /// Processor time used so far, by all its threads.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        /// `USER_HZ`, which Linux promises to programs on every machine this runs on.
        const TICKS_PER_SECOND: u64 = 100;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid()?))?;
        // The program's name, in brackets, may hold anything; the fields are counted from behind it.
        let fields = stat.rsplit_once(')').context("/proc/…/stat has another form")?.1;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let ticks: u64 = ticks.sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    pub(crate) fn pid(&self) -> Result<u32> {
        self.child.as_ref().and_then(Child::id).context("the server is not running")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join(log_name(self.address))
    }

    /// Leaves the folder with the data and the log in place, for somebody to look at.
    pub(crate) fn keep(&mut self) -> PathBuf {
        match Arc::get_mut(&mut self.folder) {
            Some(folder) => folder.disable_cleanup(true),
            // Others hold it, too: never let go of it.
            None => std::mem::forget(self.folder.clone()),
        }
        self.folder.path().to_owned()
    }

    /// All of the server's log.
    pub(crate) fn log_text(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.log())?)
    }

    /// The end of the server's log.
    pub(crate) fn last_words(&self) -> String {
        let log = self.log_text().unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}

fn new_folder(parent: Option<&Path>) -> Result<TempDir> {
    let folder = match parent {
        Some(parent) => TempDir::with_prefix_in("drill-", parent),
        None => TempDir::with_prefix("drill-"),
    };
    folder.context("no folder for the server's data can be made")
}

/// Copies the files of a folder, and of the folders in it.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for file in std::fs::read_dir(from)? {
        let file = file?;
        let target = to.join(file.file_name());
        if file.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy_files(&file.path(), &target)?;
        } else {
            std::fs::copy(file.path(), target)?;
        }
    }
    Ok(())
}

fn log_name(address: SocketAddr) -> String {
    format!("server-{}.log", address.port())
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port")?;
    listener.local_addr().context("the free port has no address")
}

/// `CAIRN_BIN`, or the `cairn` that cargo put beside this program.
fn binary() -> Result<PathBuf> {
    let binary = match std::env::var_os("CAIRN_BIN") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name(format!("cairn{}", std::env::consts::EXE_SUFFIX)),
    };
    if !binary.is_file() {
        bail!(
            "{} is not there. Build it with `cargo build -p server`, or name it in CAIRN_BIN.",
            binary.display()
        );
    }
    Ok(binary)
}
