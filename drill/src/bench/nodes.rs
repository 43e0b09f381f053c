//! Several servers on one PostgreSQL.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use domain::{ClientId, wire::ServerMessage};
use futures::future::try_join_all;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    follower::{Follower, enter_all, followers},
    latency::{self, Stream},
    load::Load,
    report::{Figure, Goal},
    throughput::{Rush, saturate},
};
use crate::{
    nodes::{Traffic, deliveries},
    room::Room,
    server::{Keeper, Server},
    socket::Socket,
    times::quantile,
};

/// Why figures are missing where they are.
pub(super) const NO_POSTGRES: &str = "there is no `initdb` on PATH";

/// How many servers there are.
pub(super) const SERVERS: usize = 3;

/// The product to which the servers write while it is looked at when the others hear of it.
const HEARD: &str = "HEARD";

/// Pages that push as much as they can, at each server.
const WRITERS: usize = 3;

/// The rate at which the time of an answer is measured: what PostgreSQL shall be able to do.
const STREAM: Stream = Stream { clients: 10, apart: Duration::from_micros(400), edits: 10_000 };

const MEASURED: Duration = Duration::from_secs(4);

/// How long the last entries may take to be everywhere.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Servers on one database, and a room there.
#[derive(Debug)]
pub(super) struct Nodes {
    pub(super) servers: Vec<Server>,
    pub(super) room: Room,
}

impl Nodes {
    /// Makes a PostgreSQL and starts the first server.
    pub(super) async fn prepare(folder: &Path) -> Result<Self> {
        let mut first = Server::prepare_on(Keeper::Postgres, Some(folder), false)?;
        first.start().await?;
        let room = Room::prepare(&first).await?;
        room.session.create_product(HEARD).await?;
        let mut servers = vec![first];
        for _ in 1..SERVERS {
            servers.push(servers[0].sibling()?);
        }
        Ok(Self { servers, room })
    }

    /// Starts all of them anew, or only the first.
    pub(super) async fn restart(&mut self, servers: usize) -> Result<()> {
        for server in &mut self.servers {
            server.lose_wakes(0);
            server.kill().await?;
        }
        for server in &mut self.servers[..servers] {
            server.start().await?;
        }
        Ok(())
    }

    pub(super) async fn kill(&mut self) -> Result<()> {
        for server in &mut self.servers {
            server.kill().await?;
        }
        Ok(())
    }

    /// One server's throughput and its answers, and what it costs to tell other servers of every commit.
    pub(super) async fn alone(&mut self, load: Load) -> Result<Vec<Figure>> {
        let rooms = vec![self.room.clone(); super::throughput::CLIENTS];
        let (mut told, mut untold, mut within) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..load.runs() {
            for (lost, notify, rates) in
                [(0, false, &mut told), (100, false, &mut untold), (100, true, &mut within)]
            {
                self.restart(0).await?;
                self.servers[0].lose_wakes(lost);
                self.servers[0].start().await?;
                if notify {
                    self.servers[0].notify_within(true).await?;
                }
                rates.push(saturate(&self.servers[0], &rooms).await?.0);
                if notify {
                    self.servers[0].notify_within(false).await?;
                }
            }
        }
        let share = quantile(&mut told, 0.5) / quantile(&mut untold, 0.5) * 100.0;
        self.restart(1).await?;
        let stream = Stream { edits: load.of(STREAM.edits), ..STREAM };
        let (_, high) = latency::runs(&self.room, stream, load).await?;
        Ok(vec![
            Figure::new(
                "P3",
                "Durable operations per second, PostgreSQL, one room",
                "op/s",
                Goal::AtLeast(2_500.0),
                told.clone(),
            ),
            Figure::new(
                "P3",
                "Acknowledged at 2,500 op/s of 10 clients, PostgreSQL, p99",
                "ms",
                Goal::AtMost(25.0),
                high,
            ),
            Figure::new("H3", "Operations per second, other servers woken", "op/s", Goal::None, told),
            Figure::new("H3", "Operations per second, nobody woken", "op/s", Goal::None, untold),
            Figure::new("H3", "The former of the latter", "%", Goal::AtLeast(95.0), vec![share]),
            Figure::new(
                "H3",
                "Operations per second, woken within each transaction instead",
                "op/s",
                Goal::None,
                within,
            ),
        ])
    }

    /// How long an edit takes to the page of another server, with every wake-up and without any.
    pub(super) async fn heard(&mut self, load: Load) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        let traffic = Traffic { edits: u32::try_from(load.of(150))?, pace: 50 };
        for (id, lost, what, middle, high) in [
            ("H1", 0, "An edit told by another server", Some(10.0), 35.0),
            ("H2", 100, "The same with every wake-up lost", None, 1_100.0),
        ] {
            let mut times = deliveries(&mut self.servers, &self.room.session, HEARD, lost, traffic).await?;
            let goal = middle.map_or(Goal::None, Goal::AtMost);
            let (p50, p99) = (quantile(&mut times, 0.5), quantile(&mut times, 0.99));
            figures.push(Figure::new(id, format!("{what}, p50"), "ms", goal, vec![p50]));
            figures.push(Figure::new(id, format!("{what}, p99"), "ms", Goal::AtMost(high), vec![p99]));
        }
        Ok(figures)
    }

    /// All servers write to one room as much as they can.
    pub(super) async fn together(&mut self, load: Load) -> Result<Vec<Figure>> {
        self.restart(SERVERS).await?;
        let rooms: Vec<Room> = self.servers.iter().map(|server| self.room.at(server)).collect();
        let mut rates = Vec::new();
        for _ in 0..load.runs() {
            let (over, end) = watch::channel(None);
            let mut pages = followers(&rooms, 1).await?;
            pages.iter_mut().for_each(|page| page.plain = true);
            let pages = enter_all(pages).await?;
            let listening: Vec<_> = pages
                .into_iter()
                .map(|(page, socket)| tokio::spawn(listen(page, socket, end.clone())))
                .collect();
            let rush = Rush::begin(&vec![rooms.clone(); WRITERS].concat()).await?;
            sleep(Duration::from_secs(1)).await;
            let (begun, before) = (Instant::now(), rush.done());
            sleep(MEASURED).await;
            #[expect(clippy::cast_precision_loss, reason = "counts of some seconds")]
            rates.push((rush.done() - before) as f64 / begun.elapsed().as_secs_f64());
            rush.end().await?;
            let heads = try_join_all(rooms.iter().map(Room::snapshot)).await?;
            let head = heads.iter().map(|snapshot| snapshot.head).max();
            over.send(head).context("nobody listens any more")?;
            let orders =
                timeout(PATIENCE, try_join_all(listening)).await.context("entries are missing")??;
            let orders: Vec<_> = orders.into_iter().collect::<Result<_>>()?;
            ensure!(same_order(&orders), "two servers tell another order");
        }
        let name = "Operations per second to one room, written from 3 servers; the same order everywhere";
        Ok(vec![Figure::new("H5", name, "op/s", Goal::AtLeast(1_000.0), rates)])
    }
}

/// Which operation came at each place of the log.
pub(super) type Order = BTreeMap<u64, (ClientId, u64)>;

/// Whether nowhere two of them differ. One may begin earlier than another, or end later.
pub(super) fn same_order(orders: &[Order]) -> bool {
    let mut all = Order::new();
    orders.iter().flatten().all(|(seq, op)| all.entry(*seq).or_insert(*op) == op)
}

/// Notes in which order everybody's operations come, until the room's end is told.
pub(super) async fn listen(
    mut page: Follower,
    mut socket: Socket,
    mut end: watch::Receiver<Option<u64>>,
) -> Result<Order> {
    let mut order = Order::new();
    loop {
        if end.borrow_and_update().is_some_and(|end| page.have >= end) {
            return Ok(order);
        }
        tokio::select! {
            changed = end.changed() => changed?,
            text = socket.receive_text() => {
                let text = text?;
                if page.take(&text)? > 0
                    && let ServerMessage::Entries { entries } = serde_json::from_str(&text)?
                {
                    order.extend(entries.iter().map(|entry| (entry.seq, (entry.client, entry.cseq))));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_orders_are_the_same_where_both_tell_something() {
        let client = |n| ClientId::new(1, [n; 10]);
        let order = |ops: &[(u64, u8)]| ops.iter().map(|(seq, n)| (*seq, (client(*n), 1))).collect::<Order>();
        assert!(same_order(&[order(&[(3, 1), (4, 2)]), order(&[(4, 2), (5, 1)])]));
        assert!(!same_order(&[order(&[(3, 1), (4, 2)]), order(&[(4, 1), (5, 1)])]));
    }
}
