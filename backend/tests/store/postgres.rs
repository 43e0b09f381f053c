//! A PostgreSQL for the length of a test run.

use std::{
    io::Write,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sea_orm::{ConnectionTrait, Database};

/// Says that nothing was tested on PostgreSQL, past the test runner's capture of output.
fn skip(why: &str) {
    let line = format!("SKIPPED: the store suite on PostgreSQL: {why}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("standard output is open");
}

/// Makes a database, empty or like the one at the address `template`, which nobody may use meanwhile. Returns its address.
pub(super) async fn new_database(story: &str, template: Option<&str>) -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = server().as_deref()?;
    let admin = Database::connect(server).await.expect("the test server can be reached");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let story: String = story.chars().take(30).collect();
    let name = format!("cairn_{}_{number}_{story}", std::process::id());
    let (_, template) = template.and_then(|url| url.rsplit_once('/')).unwrap_or(("", "template1"));
    let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
    admin.execute_unprepared(&statement).await.expect("a database can be made");
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
        match cluster::start() {
            Ok(url) => Some(url),
            Err(why) => {
                skip(&why);
                None
            }
        }
    })
}
