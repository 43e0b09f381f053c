//! One connection with many rooms, as of a page that shows the roadmaps of many products.

use std::time::Instant;

use anyhow::{Context as _, Result};
use domain::wire::{MAX_ROOMS, ServerMessage, room_of};

use super::{
    idle::settle,
    load::{Load, counted},
    report::{Figure, Goal},
};
use crate::{edits, room::Room, server::Server, socket::Socket};

/// Rooms of each connection.
const ROOMS: usize = 40;

/// Connections that are idle with all of them.
const CONNECTIONS: usize = 100;

/// How often all rooms are opened at once.
const OPENED: usize = 20;

/// A room, with the epoch and the head that it has.
type Place<'a> = (&'a Room, u64, u64);

pub(super) async fn measure(server: &Server, rooms: &[Room], load: Load) -> Result<Vec<Figure>> {
    let mut places: Vec<Place<'_>> = Vec::with_capacity(rooms.len());
    for room in rooms {
        let snapshot = room.snapshot().await?;
        places.push((room, snapshot.epoch, snapshot.head));
    }
    let of_each = places.len().min(ROOMS).min(usize::from(MAX_ROOMS));
    // What the first page of a room needs is not a matter of their number.
    let mut first = Vec::new();
    for some in places.chunks(of_each) {
        first.push(open(some).await?);
    }
    let count = load.of(CONNECTIONS);
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        places.rotate_left(1);
        sockets.push(enter(&places).await?);
    }
    settle(server).await?;
    let before = server.memory()?;
    let back = count % places.len();
    places.rotate_right(back);
    let mut reading = Vec::with_capacity(count);
    for mut socket in sockets {
        places.rotate_left(1);
        open_others(&mut socket, &places[..of_each]).await?;
        reading.push(tokio::spawn(async move { while socket.receive_text().await.is_ok() {} }));
    }
    settle(server).await?;
    let grown = server.memory()?.saturating_sub(before);
    reading.iter().for_each(tokio::task::JoinHandle::abort);
    settle(server).await?;

    let mut times = Vec::new();
    for _ in 0..load.of(OPENED) {
        let mut socket = enter(&places).await?;
        let begun = Instant::now();
        open_others(&mut socket, &places[..of_each]).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let others = of_each - 1;
    #[expect(clippy::cast_precision_loss, reason = "memory of a process, and a small count")]
    let each = grown as f64 / (count * others.max(1)) as f64 / 1024.0;
    let opened = format!("{} more rooms opened on a connection, p50 of their last answer", counted(others));
    let memory = format!(
        "Memory per further room of an idle connection, {} of them with {} of {} rooms",
        counted(count),
        counted(of_each),
        counted(places.len())
    );
    Ok(vec![
        Figure::new("", opened, "ms", Goal::None, times),
        Figure::new("", memory, "KiB", Goal::AtMost(1.0), vec![each]),
    ])
}

/// A connection with all these rooms.
async fn open(places: &[Place<'_>]) -> Result<Socket> {
    let mut socket = enter(places).await?;
    open_others(&mut socket, places).await?;
    Ok(socket)
}

/// A connection with the first of these rooms.
async fn enter(places: &[Place<'_>]) -> Result<Socket> {
    let (room, epoch, head) = *places.first().context("there are rooms")?;
    let client = edits::client(&mut edits::fresh(0));
    let mut socket = room.door.enter(&room.hello(client, epoch, head)).await?;
    socket.welcome().await?;
    Ok(socket)
}

/// Says hello to all the others at once, and waits until each has answered.
async fn open_others(socket: &mut Socket, places: &[Place<'_>]) -> Result<()> {
    let mut rng = edits::fresh(1);
    let mut waiting = 0;
    for (number, (room, epoch, head)) in (0..).zip(places).skip(1) {
        socket.send_in(number, &room.hello(edits::client(&mut rng), *epoch, *head)).await?;
        waiting += 1;
    }
    while waiting > 0 {
        let text = socket.receive_text().await?;
        let (number, text) = room_of(&text).context("a frame is about no room")?;
        if text.starts_with(r#"{"welcome""#) {
            waiting -= usize::from(number > 0);
        } else if let Ok(ServerMessage::Closed { reason, .. }) = serde_json::from_str(text) {
            anyhow::bail!("room {number} is closed: {reason}");
        }
    }
    Ok(())
}
