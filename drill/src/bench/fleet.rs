//! Many rooms on one server.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use super::{
    follower::{enter_all, followers},
    idle::most_connections,
    load::{Load, counted},
    mebibytes,
    report::{Figure, Goal},
};
use crate::{
    room::Room,
    server::Server,
    session::{Session, http_client},
};

/// A large organisation: so many roadmaps, with so many items each.
const ROOMS: usize = 100;
const ITEMS: usize = 500;

/// How many small roadmaps there may be, each with a single page.
const MANY: usize = 10_000;

/// Rooms made at the same time.
const AT_ONCE: usize = 16;

/// Until all have settled.
const SETTLE: Duration = Duration::from_secs(4);

/// How long unused rooms may stay at most, before we give up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Fills a large organisation's rooms.
pub(super) async fn prepare(server: &Server, session: &Session, load: Load) -> Result<Vec<Room>> {
    create(server, session, "R", load.of(ROOMS), load.of(ITEMS)).await
}

async fn create(
    server: &Server,
    session: &Session,
    key: &str,
    rooms: usize,
    items: usize,
) -> Result<Vec<Room>> {
    let session = Arc::new(session.kept_alive()?);
    let making = (0..rooms).map(|n| {
        let session = session.clone();
        async move { Room::create(server, &session, &format!("{key}{n:05}"), items).await }
    });
    stream::iter(making).buffered(AT_ONCE).try_collect().await.context("rooms cannot be made")
}

/// The memory of a server all of whose rooms are open.
pub(super) async fn memory(server: &mut Server, rooms: &[Room], load: Load) -> Result<Vec<Figure>> {
    let pages = followers(rooms, 1).await?;
    // What was asked so that the pages know where they are is not to be counted.
    server.kill().await?;
    server.start().await?;
    let _pages = enter_all(pages).await?;
    sleep(SETTLE).await;
    let name = format!(
        "Memory with {} open roadmaps of {} items, a page each",
        counted(rooms.len()),
        counted(load.of(ITEMS))
    );
    Ok(vec![Figure::new("P16", name, "MiB", Goal::AtMost(150.0), vec![mebibytes(server.memory()?)])])
}

/// Ten thousand small rooms with a page each, which then all go.
pub(super) async fn many(server: &mut Server, load: Load) -> Result<Vec<Figure>> {
    let count = load.of(MANY).min(most_connections()?);
    let session = Session::found(server).await?;
    let rooms = create(server, &session, "M", count, 0).await?;
    let pages = followers(&rooms, 1).await?;
    server.kill().await?;
    server.start().await?;
    let pages = enter_all(pages).await?;
    sleep(SETTLE).await;
    let memory = mebibytes(server.memory()?);
    ensure!(population(server).await?.rooms == count, "not every room is open");
    let begun = Instant::now();
    drop(pages);
    let gone = async {
        while population(server).await?.rooms > 0 {
            sleep(Duration::from_millis(250)).await;
        }
        anyhow::Ok(begun.elapsed())
    };
    let gone = timeout(PATIENCE, gone).await.context("unused rooms stay in memory")??;
    let name = format!("Memory with {} open rooms, a page each", counted(count));
    Ok(vec![
        Figure::new("H7", name, "MiB", Goal::AtMost(600.0), vec![memory]),
        Figure::new(
            "H7",
            "… the last room has left the memory after",
            "s",
            Goal::AtMost(60.0),
            vec![gone.as_secs_f64()],
        ),
    ])
}

/// What the server says about itself.
#[derive(Debug, Deserialize)]
struct Population {
    rooms: usize,
}

async fn population(server: &Server) -> Result<Population> {
    let answer = http_client()?.get(format!("{}/healthz", server.origin())).send().await?;
    Ok(answer.error_for_status()?.json().await?)
}
