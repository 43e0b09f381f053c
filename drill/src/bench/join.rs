//! What it takes a page to join a large room: its document, as a browser loads it, and its place on the live channel.

use std::time::Instant;

use anyhow::Result;
use domain::wire::Snapshot;

use super::{
    load::Load,
    report::{Figure, Goal},
};
use crate::{edits, room::Room, server::Server, session::Session};

const KEY: &str = "JOINED";

/// Items on the board that is joined.
const ITEMS: usize = 5_000;

/// What is not counted: the first page brings the room into memory.
const WARM_UP: usize = 3;

const JOINS: usize = 15;

pub(super) async fn measure(server: &Server, session: &Session, load: Load) -> Result<Vec<Figure>> {
    let items = load.of(ITEMS);
    let room = Room::create(server, session, KEY, items).await?;
    let session = session.kept_alive()?;
    let mut rng = edits::fresh(ITEMS as u64);
    let Snapshot { epoch, head, .. } = room.snapshot().await?;
    let (mut times, mut bytes) = (Vec::new(), Vec::new());
    for join in 0..WARM_UP + JOINS {
        let begun = Instant::now();
        let document = session.load_snapshot(room.roadmap).await?;
        room.door.enter(&room.hello(edits::client(&mut rng), epoch, head)).await?.welcome().await?;
        if join >= WARM_UP {
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            #[expect(clippy::cast_precision_loss, reason = "documents are small")]
            bytes.push(document.len() as f64 / 1000.0);
        }
    }
    let name = format!("Join of a room of {items} items");
    Ok(vec![
        Figure::new("", name, "ms", Goal::AtMost(40.0), times),
        Figure::new("", "… bytes of its document as sent", "kB", Goal::AtMost(400.0), bytes),
    ])
}
