//! A PostgreSQL of one's own, made from the machine's programs in a temporary folder. It ends, and its folder goes, when
//! the process that started it does, however that ends.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

/// Whether the machine has PostgreSQL's programs on its PATH.
pub fn is_installed() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("initdb").is_file())
}

/// Makes a cluster and starts it, for the rest of this process. Returns its address, which names a database that may be used
/// as it is; the user may make others.
///
/// # Errors
/// A sentence, when PostgreSQL is not installed or does not start.
pub fn start() -> Result<String, String> {
    let cluster = Cluster::start()?;
    let address = cluster.address();
    // Its guard has to stay until this process ends.
    std::mem::forget(cluster);
    Ok(address)
}

/// A cluster that can be crashed and started again. It ends when dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    user: Option<User>,
    port: u16,
    /// While this is open the server may run.
    _guard: ChildStdin,
}

impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// A sentence, when PostgreSQL is not installed or does not start.
    pub fn start() -> Result<Self, String> {
        let temporary = tempfile::Builder::new()
            .prefix("cairn-postgres-")
            .tempdir()
            .map_err(|error| format!("no folder for PostgreSQL can be made: {error}"))?;
        let folder = temporary.path().to_owned();
        // PostgreSQL refuses to run as root.
        let user = unprivileged_user()?;
        if let Some(user) = &user {
            chown(&folder, Some(user.uid), Some(user.gid)).map_err(|error| error.to_string())?;
        }
        // Before anything can go wrong: what is returned early ends the server as well.
        let cluster = Self { _guard: guard(&folder)?, user, port: free_port(), folder };
        // From here on it is the guard that removes the folder.
        let _ = temporary.keep();
        let made = cluster
            .as_user("initdb")
            .args(["--username=cairn", "--auth=trust", "--encoding=UTF8", "--no-locale", "--pgdata"])
            .arg(cluster.data())
            .output()
            .map_err(|error| {
                format!("initdb cannot be run ({error}); install PostgreSQL or set TEST_DATABASE_URL")
            })?;
        if !made.status.success() {
            return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)));
        }
        cluster.serve()?;
        Ok(cluster)
    }

    /// Where it listens, as a database address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("postgres://cairn@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it listens on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server as a crash does: every process of it at once, without a checkpoint.
    ///
    /// # Errors
    /// A sentence, when it cannot be ended.
    pub fn crash(&self) -> Result<(), String> {
        let ended = self
            .as_user("pg_ctl")
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.data())
            .output()
            .map_err(|error| format!("pg_ctl cannot be run: {error}"))?;
        if ended.status.success() {
            Ok(())
        } else {
            Err(format!("PostgreSQL cannot be ended: {}", String::from_utf8_lossy(&ended.stderr)))
        }
    }

    /// Starts the server, again after a crash, and waits until it listens.
    ///
    /// # Errors
    /// A sentence, when it does not start.
    pub fn serve(&self) -> Result<(), String> {
        let mut server = self.as_user("postgres");
        server
            .arg("-D")
            .arg(self.data())
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-c", "max_connections=400"])
            .arg("-k")
            .arg(&self.folder)
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.log()).map_err(|error| error.to_string())?);
        let mut child = server.spawn().map_err(|error| format!("postgres cannot be run: {error}"))?;
        self.wait_until_it_listens(&mut child)?;
        // Somebody has to ask how it ended, or it would stay in the table of processes.
        std::thread::spawn(move || child.wait());
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn as_user(&self, program: &str) -> Command {
        let mut command = match &self.user {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args([
                    format!("--reuid={}", user.uid),
                    format!("--regid={}", user.gid),
                    "--clear-groups".to_owned(),
                    program.to_owned(),
                ]);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    fn wait_until_it_listens(&self, child: &mut Child) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(30);
        let log = || fs::read_to_string(self.log()).unwrap_or_default();
        while Instant::now() < end {
            if child.try_wait().ok().flatten().is_some() {
                return Err(format!("postgres ended: {}", log()));
            }
            let ready = log().contains("database system is ready to accept connections");
            if ready && std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(format!("postgres did not start: {}", log()))
    }
}

#[derive(Debug)]
struct User {
    uid: u32,
    gid: u32,
}

/// Whom to run PostgreSQL as: nobody else than ourselves, unless that is root.
fn unprivileged_user() -> Result<Option<User>, String> {
    let id = |flag: &str, name: &str| {
        let output = Command::new("id").args([flag, name]).output().map_err(|error| error.to_string())?;
        String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().map_err(|_| format!("no user {name}"))
    };
    let me = Command::new("id").arg("-u").output().map_err(|error| error.to_string())?;
    if String::from_utf8_lossy(&me.stdout).trim() != "0" {
        return Ok(None);
    }
    let name = ["postgres", "nobody"]
        .into_iter()
        .find(|name| id("-u", name).is_ok())
        .ok_or("no user to run it as")?;
    Ok(Some(User { uid: id("-u", name)?, gid: id("-g", name)? }))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A small shell waits until what is returned is closed, or this process has gone, however it went. Then it ends the server
/// that runs in the folder, whichever that is by then, and removes the folder.
fn guard(folder: &Path) -> Result<ChildStdin, String> {
    let script = r#"read -r _; pid=$(head -n 1 "$0/data/postmaster.pid") && kill -QUIT "$pid"; sleep 1; rm -rf -- "$0""#;
    let mut guard = Command::new("sh")
        .args(["-c", script])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    guard.stdin.take().ok_or_else(|| "the guard of PostgreSQL has no input".to_owned())
}
