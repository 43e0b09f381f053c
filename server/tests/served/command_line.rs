//! The program `cairn` as people start it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use tempfile::{TempDir, tempdir};

fn cairn(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    command.current_dir(folder.path()).args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAIRN_")) {
        command.env_remove(name);
    }
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = cairn(folder, arguments).output().expect("cairn runs");
    let text = |bytes| String::from_utf8(bytes).expect("cairn writes text");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn the_help_teaches() {
    let folder = tempdir().unwrap();
    let (code, help, _) = run(&folder, &["--help"]);
    assert_eq!(code, Some(0));
    for word in ["Examples:", "cairn serve --demo", "CAIRN_PUBLIC_URL", "import", "export", "check"] {
        assert!(help.contains(word), "{word} is not in:\n{help}");
    }
    assert!(!Path::new(&folder.path().join("data")).exists(), "asking for help makes nothing");
}

#[test]
fn a_database_that_is_not_there_is_not_made_by_looking_for_it() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("goals.csv"), "Title\nOne\n").unwrap();
    for arguments in
        [&["check"][..], &["export", "--product", "ERP"], &["import", "--product", "ERP", "goals.csv"]]
    {
        let (code, _, sentence) = run(&folder, arguments);
        assert_eq!(code, Some(1));
        assert!(sentence.contains("There is no database at data/cairn.db"), "{sentence}");
    }
    assert!(!folder.path().join("data").exists());
}

#[test]
fn people_are_added_and_the_database_is_checked() {
    let folder = tempdir().unwrap();
    let add = |email, role| run(&folder, &["user", "add", "--email", email, "--name", "Ann", "--role", role]);
    let (code, _, sentence) = add("ann@example.org", "editor");
    assert_eq!(code, Some(1));
    assert!(sentence.contains("owner first"), "{sentence}");

    let (code, said, _) = add("ann@example.org", "owner");
    assert_eq!(code, Some(0));
    assert!(
        said.contains("ann@example.org may now sign in as owner.") && said.contains("Password: "),
        "{said}"
    );
    let (code, _, sentence) = add("ann@example.org", "viewer");
    assert_eq!(code, Some(1));
    assert!(sentence.contains("is a member already"), "{sentence}");
    let (code, _, sentence) = add("ann", "viewer");
    assert_eq!(code, Some(2));
    assert!(sentence.contains("is not an e-mail address"), "{sentence}");

    let (code, figures, _) = run(&folder, &["check"]);
    assert_eq!(code, Some(0));
    assert!(figures.contains("roadmaps") && figures.contains("All is well"), "{figures}");
    let (code, _, sentence) = run(&folder, &["export", "--product", "ERP"]);
    assert_eq!(code, Some(1));
    assert!(sentence.contains("ERP"), "{sentence}");
}

#[test]
fn a_workspace_is_exported_and_imported_somewhere_else() {
    let folder = tempdir().unwrap();
    let (code, _, _) =
        run(&folder, &["user", "add", "--email", "ann@example.org", "--name", "Ann", "--role", "owner"]);
    assert_eq!(code, Some(0));
    let content = |said: &str| said.trim_end().rsplit_once("Content: ").unwrap().1.to_owned();
    let (code, lines, said) = run(&folder, &["export", "--workspace"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(lines.lines().all(|line| line.starts_with("{\"line\":")), "{lines}");
    let (code, _, again) = run(&folder, &["export", "--workspace", "--output", "all.jsonl"]);
    assert_eq!((code, content(&again)), (Some(0), content(&said)));
    assert_eq!(std::fs::read_to_string(folder.path().join("all.jsonl")).unwrap(), lines);

    let import = ["import", "--workspace", "all.jsonl", "--db", "sqlite://other/cairn.db"];
    let (code, imported, errors) = run(&folder, &import);
    assert_eq!((code, content(&imported)), (Some(0), content(&said)), "{errors}");
    let (code, _, sentence) = run(&folder, &import);
    assert_eq!(code, Some(1));
    assert!(sentence.contains("There is a workspace in other/cairn.db already"), "{sentence}");
    for arguments in
        [&["export"][..], &["export", "--workspace", "--product", "ERP"], &["import", "all.jsonl"]]
    {
        assert_eq!(run(&folder, arguments).0, Some(2), "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_served_is_said_in_a_sentence() {
    let folder = tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let (code, _, sentence) = run(&folder, &["serve", "--addr", &addr]);
    assert_eq!(code, Some(1));
    assert!(sentence.contains(&format!("The address {addr} is taken")), "{sentence}");
    let (code, _, sentence) = run(&folder, &["serve", "--addr", "127.0.0.1:0", "--db", "oracle://x"]);
    assert_eq!(code, Some(1));
    assert!(sentence.contains("“oracle://x” isn’t a valid database address"), "{sentence}");
    let (code, _, sentence) = run(&folder, &["check", "--db", "postgres://ann:secret@127.0.0.1:1/cairn"]);
    assert_eq!(code, Some(1));
    assert!(sentence.contains("cannot be reached") && !sentence.contains("secret"), "{sentence}");
}

#[cfg(unix)]
#[test]
fn a_server_says_where_it_is_and_stops_when_asked() {
    let folder = tempdir().unwrap();
    let mut server = cairn(&folder, &["serve", "--addr", "127.0.0.1:0", "--demo"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.starts_with("Cairn is at http://127.0.0.1:"), "{said}");
    let asked = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    let (code, figures, problems) = run(&folder, &["check", "--db", "sqlite://data/demo.db"]);
    assert_eq!(code, Some(0), "{figures}{problems}");
}

/// A server that listens. Its log goes to a file, which takes however much it is. Ended when it is dropped.
#[cfg(unix)]
struct Serving {
    server: Child,
    /// Without a scheme.
    address: String,
}

#[cfg(unix)]
impl Serving {
    fn start(folder: &TempDir, mut command: Command) -> Self {
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let server = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut serving = Self { server, address: String::new() };
        let mut said = String::new();
        BufReader::new(serving.server.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let address = said.trim_end().strip_prefix("Cairn is at http://");
        serving.address = address.expect("it says where it is").to_owned();
        serving
    }

    /// Stops it in order and returns its log.
    fn stop(mut self, folder: &TempDir) -> String {
        assert!(Command::new("kill").arg(self.server.id().to_string()).status().unwrap().success());
        self.server.wait().unwrap();
        std::fs::read_to_string(folder.path().join("log")).unwrap()
    }
}

#[cfg(unix)]
impl Drop for Serving {
    fn drop(&mut self) {
        // After an orderly end there is nothing left to kill.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_for_its_owner_alone_and_a_warning_says_when_it_is_not() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let open_to_all = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", "umask 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_cairn")]).args(arguments);
        command.current_dir(here).stdin(Stdio::null());
        command
    };
    let add = ["user", "add", "--email", "ann@example.org", "--name", "Ann", "--role", "owner"];
    assert!(open_to_all(&add).output().unwrap().status.success());
    let server = Serving::start(&folder, open_to_all(&["serve", "--addr", "127.0.0.1:0"]));
    assert_eq!(mode(&here.join("data")), 0o700);
    for file in ["cairn.db", "cairn.db-wal", "cairn.db-shm", "cairn.secret"] {
        assert_eq!(mode(&here.join("data").join(file)), 0o600, "{file}");
    }
    assert!(open_to_all(&["backup", "kept/friday.db"]).output().unwrap().status.success());
    assert_eq!(mode(&here.join("kept/friday.db")), 0o600);
    assert_eq!(mode(&here.join("kept")), 0o700);
    assert_eq!(server.stop(&folder).matches("chmod").count(), 0, "nothing to warn of");

    let wider =
        Command::new("chmod").args(["644", "data/cairn.db", "data/cairn.secret"]).current_dir(here).status();
    assert!(wider.unwrap().success());
    let server = Serving::start(&folder, cairn(&folder, &["serve", "--addr", "127.0.0.1:0"]));
    let log = server.stop(&folder);
    for file in ["data/cairn.db", "data/cairn.secret"] {
        assert!(log.contains(&format!("Run: chmod 600 {file}")), "{log}");
    }
}

#[cfg(unix)]
#[test]
fn the_log_holds_no_code_and_no_token_however_its_path_is_spelled() {
    let folder = tempdir().unwrap();
    let server = Serving::start(
        &folder,
        cairn(&folder, &["serve", "--addr", "127.0.0.1:0", "--demo", "--log-level", "trace"]),
    );
    let address = server.address.clone();
    const SECRET: &str = "QXZK-WVNP";
    let mut answered = 0;
    for door in [
        "join",
        "invite",
        "JOIN",
        "Invite",
        "%6aoin",
        "jo%69n",
        "./join",
        "x/../join",
        "/join",
        "join/",
        "join;v=1",
        "join%2f",
    ] {
        for path in [
            format!("/{door}/{SECRET}"),
            format!("/{door}/{SECRET}/"),
            format!("/{door}?code={SECRET}"),
            format!("/{door}/x?next=/join/{SECRET}"),
            format!("//{door}/{SECRET}#x"),
            format!("http://example.org/{door}/{SECRET}"),
        ] {
            for method in ["GET", "POST", "HEAD", "DELETE"] {
                let mut stream = TcpStream::connect(&address).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: {address}\r\nReferer: http://{address}/join/{SECRET}\r\n\
                     Cookie: cairn-form={SECRET}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(request.as_bytes()).unwrap();
                let mut answer = Vec::new();
                // A connection that is reset was answered all the same.
                drop(stream.read_to_end(&mut answer));
                answered += usize::from(answer.starts_with(b"HTTP/1.1 "));
            }
        }
    }
    let log = server.stop(&folder);
    assert!(
        answered > 200 && log.matches("answered").count() >= answered,
        "{answered} answers are in the log"
    );
    assert!(log.contains("/join/{code}"), "the route is");
    let found: Vec<&str> = log.lines().filter(|line| line.contains(SECRET)).take(3).collect();
    assert!(found.is_empty(), "{found:#?}");
}
