//! A PostgreSQL of one's own, made from the machine's programs in a temporary folder. It ends, and its folder goes, when
//! the process that started it does, however that ends.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::chown,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

/// Whether the machine has PostgreSQL's programs on its PATH.
pub fn is_installed() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("initdb").is_file())
}

/// Makes a cluster and starts it. Returns its address, which names a database that may be used as it is; the user may
/// make others.
///
/// # Errors
/// A sentence, when PostgreSQL is not installed or does not start.
pub fn start() -> Result<String, String> {
    let temporary = tempfile::Builder::new()
        .prefix("cairn-postgres-")
        .tempdir()
        .map_err(|error| format!("no folder for PostgreSQL can be made: {error}"))?;
    let folder = temporary.path().to_owned();
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
    // Before anything else can go wrong: what is returned early ends the server as well.
    let guard = match guard(&child, &folder) {
        Ok(guard) => guard,
        Err(error) => {
            drop(child.kill());
            return Err(error);
        }
    };
    // From here on it is the guard that removes the folder.
    let folder = temporary.keep();
    wait_until_it_listens(port, &mut child, &folder)?;
    // Kept open until this process ends.
    std::mem::forget(guard);
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

/// A small shell waits until what is returned is closed, or this process has gone, however it went. Then it ends the server
/// and removes its folder.
fn guard(server: &Child, folder: &Path) -> Result<ChildStdin, String> {
    let script = format!("read -r _; kill -QUIT {}; sleep 1; rm -rf -- \"$0\"", server.id());
    let mut guard = Command::new("sh")
        .args(["-c", &script])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    guard.stdin.take().ok_or_else(|| "the guard of PostgreSQL has no input".to_owned())
}
