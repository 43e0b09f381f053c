//! A PostgreSQL for the length of a test run.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Database};

/// Says that nothing was tested on PostgreSQL, past the test runner's capture of output.
fn skip(why: &str) {
    let line = format!("SKIPPED: the store suite on PostgreSQL: {why}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("standard output is open");
}

/// Makes an empty database and returns its address.
pub(super) async fn new_database(story: &str) -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = server().as_deref()?;
    let admin = Database::connect(server).await.expect("the test server can be reached");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let story: String = story.chars().take(30).collect();
    let name = format!("cairn_{}_{number}_{story}", std::process::id());
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database can be made");
    admin.close().await.expect("the connection closes");
    let (base, _) = server.rsplit_once('/').expect("an address names a database");
    Some(format!("{base}/{name}"))
}

/// The address of a server in which databases may be made.
fn server() -> &'static Option<String> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    SERVER.get_or_init(|| {
        if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
            return Some(url);
        }
        match start() {
            Ok(url) => Some(url),
            Err(why) => {
                skip(&why);
                None
            }
        }
    })
}

/// Makes a cluster in a temporary folder and starts it. It ends, and the folder goes, when this process does.
fn start() -> Result<String, String> {
    let folder =
        tempfile::Builder::new().prefix("cairn-postgres-").tempdir().map_err(|e| e.to_string())?.keep();
    let data = folder.join("data");
    // PostgreSQL refuses to run as root.
    let user = unprivileged_user()?;
    if let Some(user) = &user {
        chown(&folder, Some(user.uid), Some(user.gid)).map_err(|error| error.to_string())?;
    }
    let as_user = |program: &str| {
        let mut command = match &user {
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
        command.current_dir(&folder).stdin(Stdio::null());
        command
    };
    let made = as_user("initdb")
        .args(["--username=cairn", "--auth=trust", "--encoding=UTF8", "--no-locale", "--pgdata"])
        .arg(&data)
        .output()
        .map_err(|error| {
            format!("initdb cannot be run ({error}); install PostgreSQL or set TEST_DATABASE_URL")
        })?;
    if !made.status.success() {
        return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let port = free_port();
    let mut server = as_user("postgres");
    server
        .arg("-D")
        .arg(&data)
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-c", "max_connections=400"])
        .arg("-k")
        .arg(&folder)
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("log")).map_err(|error| error.to_string())?);
    let mut child = server.spawn().map_err(|error| format!("postgres cannot be run: {error}"))?;
    wait_until_it_listens(port, &mut child, &folder)?;
    end_with_this_process(&child, &folder)?;
    Ok(format!("postgres://cairn@127.0.0.1:{port}/postgres"))
}

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

fn wait_until_it_listens(port: u16, child: &mut Child, folder: &Path) -> Result<(), String> {
    let end = Instant::now() + Duration::from_secs(30);
    let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
    while Instant::now() < end {
        if child.try_wait().ok().flatten().is_some() {
            return Err(format!("postgres ended: {}", log()));
        }
        let ready = log().contains("database system is ready to accept connections");
        if ready && std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("postgres did not start: {}", log()))
}

/// A small shell waits for this process to go, however it goes, and then ends the server and removes its folder.
fn end_with_this_process(server: &Child, folder: &Path) -> Result<(), String> {
    let folder: PathBuf = folder.to_owned();
    let script = format!("read -r _; kill -QUIT {}; sleep 1; rm -rf -- \"$0\"", server.id());
    let mut guard = Command::new("sh")
        .args(["-c", &script])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    // Kept open until this process ends.
    std::mem::forget(guard.stdin.take());
    Ok(())
}
