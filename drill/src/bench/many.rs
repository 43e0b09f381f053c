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
const CONNECTIONS: usize = 50;

/// How often all rooms are opened at once.
const OPENED: usize = 20;

pub(super) async fn measure(server: &Server, rooms: &[Room], load: Load) -> Result<Vec<Figure>> {
    let rooms = &rooms[..rooms.len().min(ROOMS).min(usize::from(MAX_ROOMS))];
    let mut places = Vec::with_capacity(rooms.len());
    for room in rooms {
        let snapshot = room.snapshot().await?;
        places.push((snapshot.epoch, snapshot.head));
    }
    let mut times = Vec::new();
    for _ in 0..load.of(OPENED) {
        let mut socket = enter(rooms, &places).await?;
        let begun = Instant::now();
        open_others(&mut socket, rooms, &places).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }

    let count = load.of(CONNECTIONS);
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        sockets.push(enter(rooms, &places).await?);
    }
    settle(server).await?;
    let before = server.memory()?;
    for socket in &mut sockets {
        open_others(socket, rooms, &places).await?;
    }
    let reading: Vec<_> = sockets
        .into_iter()
        .map(|mut socket| tokio::spawn(async move { while socket.receive_text().await.is_ok() {} }))
        .collect();
    settle(server).await?;
    let grown = server.memory()?.saturating_sub(before);
    reading.iter().for_each(tokio::task::JoinHandle::abort);
    let others = rooms.len() - 1;
    #[expect(clippy::cast_precision_loss, reason = "memory of a process, and a small count")]
    let each = grown as f64 / (count * others.max(1)) as f64 / 1024.0;
    let opened = format!("{} more rooms opened on a connection, p50 of their last answer", counted(others));
    let memory = format!(
        "Memory per further room of an idle connection, {} of them with {} rooms",
        counted(count),
        counted(rooms.len())
    );
    Ok(vec![
        Figure::new("", opened, "ms", Goal::None, times),
        Figure::new("", memory, "KiB", Goal::AtMost(1.0), vec![each]),
    ])
}

/// A connection with the first room.
async fn enter(rooms: &[Room], places: &[(u64, u64)]) -> Result<Socket> {
    let (room, (epoch, head)) = (rooms.first().context("there are rooms")?, places[0]);
    let client = edits::client(&mut edits::fresh(0));
    let mut socket = room.door.enter(&room.hello(client, epoch, head)).await?;
    socket.welcome().await?;
    Ok(socket)
}

/// Says hello to all the others at once, and waits until each has answered.
async fn open_others(socket: &mut Socket, rooms: &[Room], places: &[(u64, u64)]) -> Result<()> {
    let mut rng = edits::fresh(1);
    let mut waiting = 0;
    for (number, (room, (epoch, head))) in (0..).zip(rooms.iter().zip(places)).skip(1) {
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
