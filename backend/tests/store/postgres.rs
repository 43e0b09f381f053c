//! A PostgreSQL for the length of a test run.

use std::{
    io::Write,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sea_orm::{ConnectionTrait, Database};
use tokio::sync::OnceCell;

/// Says that nothing was tested on PostgreSQL, past the test runner's capture of output.
fn skip(why: &str) {
    let line = format!("SKIPPED: the store suite on PostgreSQL: {why}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("standard output is open");
}

/// Makes a database with all tables, in which nothing is, and returns its address.
pub(super) async fn new_database(story: &str) -> Option<String> {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let server = server().as_deref()?;
    let template = TEMPLATE
        .get_or_init(|| async {
            let template = format!("cairn_{}_template", std::process::id());
            let url = create(server, &template, "template0").await;
            super::make_tables(&url).await;
            template
        })
        .await;
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let story: String = story.chars().take(30).collect();
    Some(create(server, &format!("cairn_{}_{number}_{story}", std::process::id()), template).await)
}

/// Makes a database like another one, which nobody may use meanwhile.
async fn create(server: &str, name: &str, template: &str) -> String {
    let admin = Database::connect(server).await.expect("the test server can be reached");
    let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
    admin.execute_unprepared(&statement).await.expect("a database can be made");
    admin.close().await.expect("the connection closes");
    let (base, _) = server.rsplit_once('/').expect("an address names a database");
    format!("{base}/{name}")
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
