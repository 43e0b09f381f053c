//! The program `cairn` as people start it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
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
fn what_cannot_be_served_is_said_in_a_sentence() {
    let folder = tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let (code, _, sentence) = run(&folder, &["serve", "--addr", &addr]);
    assert_eq!(code, Some(1));
    assert!(sentence.contains(&format!("The address {addr} is taken")), "{sentence}");
    let (code, _, sentence) = run(&folder, &["serve", "--addr", "127.0.0.1:0", "--db", "oracle://x"]);
    assert_eq!(code, Some(1));
    assert!(sentence.contains("“oracle://x” is no database address"), "{sentence}");
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
