//! A connection that went silent without an end: how soon the server notices.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use domain::{Replica, Role, wire::ServerMessage};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};

use super::proxy::{Proxy, Weather};
use crate::{edits, server::Server, session::Session, socket::Door};

/// A room of its own, where nothing else happens.
const KEY: &str = "SILENT";

/// Longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(75);

/// Two pages open a room; one goes silent. The task ends when the other is told that it left, with how long that took.
pub(super) async fn begin(server: &Server) -> Result<JoinHandle<Result<Duration>>> {
    let owner = Session::demo(server, Role::Owner).await?;
    owner.create_product(KEY).await?;
    let board = owner.board(KEY).await?;
    let proxy = Proxy::open(server.address(), Weather::default()).await?;
    let mut rng = edits::fresh(0);
    let mut hello =
        || Replica::new(board.snapshot.clone(), edits::client(&mut rng), board.user, board.role).hello();
    let door = Door::of(server, &owner);
    let mut observer = door.enter(&hello()).await?;
    observer.welcome().await?;
    let mut ghost = door.through(proxy.address()).enter(&hello()).await?;
    ghost.welcome().await?;
    let number = loop {
        if let ServerMessage::Peers { here, .. } = observer.receive().await?
            && let Some(peer) = here.first()
        {
            break peer.connection;
        }
    };
    proxy.hold();
    let since = Instant::now();
    Ok(tokio::spawn(async move {
        let noticed = async {
            loop {
                match observer.receive().await? {
                    ServerMessage::Peers { left, .. } if left.contains(&number) => return Ok(since.elapsed()),
                    ServerMessage::Bye { reason, .. } => bail!("the observer was sent away: {reason}"),
                    _ => {}
                }
            }
        };
        let noticed = timeout(PATIENCE, noticed).await.context("the server never notices a silent page")?;
        drop((ghost, proxy));
        noticed
    }))
}
